"""LoRA adapters: merged as their formula says, refused with a sentence."""

import json

import pytest
import torch
from safetensors.torch import save_file

from culler.models.adapter import read_adapter
from culler.models.mplug_owl2.config import CheckpointError
from culler.models.quantised import Quantisation
from culler.models.weights import load_network, open_checkpoint

CPU = torch.device("cpu")
CHANGED = "model.layers.1.self_attn.v_proj.multiway.1"
REPLACED = "model.visual_abstractor.visual_fc.bias"


@pytest.fixture
def parts():
    chance = torch.Generator().manual_seed(9)
    return torch.randn(4, 64, generator=chance), torch.randn(64, 4, generator=chance)


@pytest.fixture
def write(tmp_path, parts):
    def write(form="bin", tensors=None, whole=None, **changes):
        config = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "bias": "none", **changes}
        (tmp_path / "adapter_config.json").write_text(json.dumps(config))
        a, b = parts
        stem = f"base_model.model.{CHANGED}"
        tensors = tensors or {f"{stem}.lora_A.weight": a, f"{stem}.lora_B.weight": b}
        if form == "bin":
            torch.save(tensors, tmp_path / "adapter_model.bin")
        else:
            save_file(tensors, tmp_path / "adapter_model.safetensors")
        if whole is not None:
            torch.save(whole, tmp_path / "non_lora_trainables.bin")
        return tmp_path

    return write


def load(tiny, folder, dtype=torch.float32, how=None):
    return load_network(open_checkpoint(tiny), CPU, dtype, how, read_adapter(folder))


@pytest.mark.parametrize("form", ["bin", "safetensors"])
def test_deltas_and_whole_weights_are_merged(tiny, write, parts, form):
    bias = torch.arange(64.0)
    network = load(tiny, write(form, whole={f"base_model.model.{REPLACED}": bias}))
    before = load_network(open_checkpoint(tiny), CPU, torch.float32).state_dict()
    a, b = parts
    for name, tensor in network.state_dict().items():
        if name == f"{CHANGED}.weight":
            assert torch.allclose(tensor, before[name] + 2 * b @ a, atol=1e-6)
        elif name == REPLACED:
            assert torch.equal(tensor, bias)
        else:
            assert torch.equal(tensor, before[name]), name


def test_merging_is_done_in_float32_before_rounding(tiny, write, parts):
    network = load(tiny, write(), torch.bfloat16)
    a, b = parts
    exact = load_network(open_checkpoint(tiny), CPU, torch.float32).get_parameter(f"{CHANGED}.weight")
    assert torch.equal(network.get_parameter(f"{CHANGED}.weight"), (exact + 2 * b @ a).bfloat16())


def test_merging_comes_before_quantising(tiny, write):
    plain = load_network(open_checkpoint(tiny), CPU, torch.float32, Quantisation.INT8)
    network = load(tiny, write(), how=Quantisation.INT8)
    name = f"{CHANGED}.packed"
    assert not torch.equal(network.get_buffer(name), plain.get_buffer(name))


def test_rank_stabilised_adapters_scale_by_the_root(write):
    assert read_adapter(write(use_rslora=True)).scale == 4.0


def test_the_digest_follows_the_content(write):
    first = read_adapter(write()).digest
    assert read_adapter(write()).digest == first
    assert read_adapter(write(lora_alpha=16)).digest != first


def test_not_an_adapter_folder(tmp_path):
    with pytest.raises(CheckpointError, match="no adapter folder: it has no adapter_config"):
        read_adapter(tmp_path)


def test_a_folder_without_weights(write):
    folder = write()
    (folder / "adapter_model.bin").unlink()
    with pytest.raises(CheckpointError, match="holds no adapter_model"):
        read_adapter(folder)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"peft_type": "IA3"}, "not a plain LoRA"),
        ({"bias": "all"}, "not a plain LoRA"),
        ({"use_dora": True}, "uses use_dora"),
        ({"r": 0}, "no valid rank"),
        ({"lora_alpha": None}, "no valid rank"),
    ],
)
def test_other_kinds_are_refused(write, changes, sentence):
    with pytest.raises(CheckpointError, match=sentence):
        read_adapter(write(**changes))


def test_one_half_alone_is_refused(write, parts):
    with pytest.raises(CheckpointError, match="only one half"):
        read_adapter(write(tensors={f"base_model.model.{CHANGED}.lora_A.weight": parts[0]}))


@pytest.mark.parametrize("form", ["delta", "whole"])
@pytest.mark.parametrize(
    ("name", "sentence"), [("model.nothing", "which the checkpoint lacks"), (None, "shape")]
)
def test_an_adapter_of_another_network_is_refused(tiny, write, parts, form, name, sentence):
    if form == "delta":
        stem = f"base_model.model.{name or 'model.layers.0.mlp.up_proj'}"
        tensors = {f"{stem}.lora_A.weight": parts[0], f"{stem}.lora_B.weight": parts[1]}
        folder = write(tensors=tensors)
    else:
        folder = write(whole={f"base_model.model.{name or REPLACED}": torch.zeros(3)})
    with pytest.raises(CheckpointError, match=sentence):
        load(tiny, folder)
