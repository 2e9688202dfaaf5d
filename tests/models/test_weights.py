"""Reading checkpoint folders: both forms, and a sentence for everything that can be wrong."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from culler.models.mplug_owl2.abstractor import grid_positions
from culler.models.mplug_owl2.config import CheckpointError
from culler.models.quantised import Quantisation
from culler.models.weights import load_network, open_checkpoint, stored_bytes

CPU = torch.device("cpu")


def load(folder, **options):
    return load_network(open_checkpoint(folder), CPU, torch.float32, **options)


def edit_config(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def edit_shard(folder, change, shard="model-00002-of-00002.safetensors"):
    weights = load_file(folder / shard)
    change(weights)
    save_file(weights, folder / shard)


def states_equal(a, b):
    a, b = a.state_dict(), b.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_both_file_forms_and_old_buffers_give_equal_networks(make_tiny, tiny, tmp_path):
    bins = make_tiny(tmp_path / "bin", form="bin", with_inv_freq=True)
    assert states_equal(load(tiny), load(bins))


def test_a_single_file_needs_no_index(make_tiny, tiny, tmp_path):
    folder = make_tiny(tmp_path / "one")
    shards = sorted(folder.glob("*.safetensors"))
    save_file({k: v for path in shards for k, v in load_file(path).items()}, folder / "model.safetensors")
    for path in [*shards, folder / "model.safetensors.index.json"]:
        path.unlink()
    assert states_equal(load(tiny), load(folder))


def test_a_bin_file_in_the_old_format_can_be_read(make_tiny, tiny, tmp_path):
    folder = make_tiny(tmp_path / "old", form="bin")
    for path in folder.glob("*.bin"):
        torch.save(torch.load(path, weights_only=True), path, _use_new_zipfile_serialization=False)
    assert states_equal(load(tiny), load(folder))


def test_missing_position_buffers_are_computed(make_tiny, tmp_path):
    network = load(make_tiny(tmp_path / "base", with_positions=False))
    buffer = network.model.visual_abstractor.encoder.layers[1].crossattention.attention.k_pos_embed
    assert torch.equal(buffer, grid_positions(4, 48))
    assert buffer[0].eq(0).all()
    # Token 2 is column 1 of row 0: only the half that encodes columns moves.
    assert not torch.equal(buffer[2, :24], buffer[1, :24])
    assert torch.equal(buffer[2, 24:], buffer[1, 24:])


def test_weights_are_on_the_device_in_the_precision_asked_for(tiny):
    network = load_network(open_checkpoint(tiny), CPU, torch.bfloat16)
    assert {tensor.dtype for tensor in network.state_dict().values()} == {torch.bfloat16}
    assert not any(parameter.requires_grad for parameter in network.parameters())


@pytest.mark.parametrize("how", list(Quantisation))
def test_only_the_decoders_products_are_quantised_and_the_size_is_foretold(tiny, how):
    checkpoint = open_checkpoint(tiny)
    network = load_network(checkpoint, CPU, torch.bfloat16, how)
    state = network.state_dict()
    assert state["model.vision_model.encoder.layers.0.mlp.fc1.weight"].dtype == torch.bfloat16
    assert state["lm_head.weight"].dtype == torch.bfloat16
    assert state["model.layers.0.self_attn.k_proj.multiway.1.packed"].dtype in (torch.int8, torch.uint8)
    measured = sum(tensor.nbytes for name, tensor in state.items() if not name.endswith((".pairs", ".scale")))
    foretold = stored_bytes(checkpoint.config, torch.bfloat16, how)
    assert measured <= foretold < 1.1 * measured


def test_not_a_folder(tmp_path):
    with pytest.raises(CheckpointError, match="is no folder"):
        open_checkpoint(tmp_path / "nowhere")


def test_a_folder_without_a_config(tmp_path):
    with pytest.raises(CheckpointError, match=r"no checkpoint folder: it has no config.json"):
        open_checkpoint(tmp_path)


def test_another_model_type_is_named(make_tiny, tmp_path):
    folder = make_tiny(tmp_path)
    edit_config(folder, model_type="llava")
    with pytest.raises(CheckpointError, match="model_type is 'llava', not 'mplug_owl2'"):
        open_checkpoint(folder)


def test_a_config_that_is_no_json(make_tiny, tmp_path):
    folder = make_tiny(tmp_path)
    (folder / "config.json").write_text("{")
    with pytest.raises(CheckpointError, match=r"config.json cannot be read"):
        open_checkpoint(folder)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"num_key_value_heads": 2}, "grouped key/value heads"),
        ({"rope_scaling": {"type": "linear", "factor": 2.0}}, "scaled rotary positions"),
        ({"hidden_act": "gelu"}, "'gelu' instead of 'silu'"),
        ({"visual_config": None}, "no 'visual_config' section"),
        ({"hidden_size": "wide"}, "no number"),
    ],
)
def test_what_is_not_built_is_refused(make_tiny, tmp_path, changes, sentence):
    folder = make_tiny(tmp_path)
    edit_config(folder, **changes)
    with pytest.raises(CheckpointError, match=sentence):
        open_checkpoint(folder)


def test_a_missing_value_is_named(make_tiny, tmp_path):
    folder = make_tiny(tmp_path)
    values = json.loads((folder / "config.json").read_text())
    del values["intermediate_size"]
    (folder / "config.json").write_text(json.dumps(values))
    with pytest.raises(CheckpointError, match="no 'intermediate_size'"):
        open_checkpoint(folder)


def test_no_weights_at_all(make_tiny, tmp_path):
    folder = make_tiny(tmp_path)
    for path in folder.glob("model*"):
        path.unlink()
    with pytest.raises(CheckpointError, match=r"holds no model.safetensors or pytorch_model.bin"):
        open_checkpoint(folder)


def test_a_missing_shard_is_named(make_tiny, tmp_path):
    folder = make_tiny(tmp_path)
    (folder / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"model-00002-of-00002.safetensors is missing"):
        open_checkpoint(folder)


@pytest.mark.parametrize("form", ["safetensors", "bin"])
@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.99])
def test_a_truncated_shard_is_named(make_tiny, tmp_path, form, share):
    folder = make_tiny(tmp_path, form=form)
    shard = sorted(folder.glob(f"*-00002-of-00002.{form}"))[0]
    content = shard.read_bytes()
    shard.write_bytes(content[: int(share * len(content))])
    with pytest.raises(CheckpointError, match=f"{shard.name} is cut short or damaged"):
        load(folder)


def test_a_bin_file_that_would_run_code_is_refused(make_tiny, tmp_path):
    folder = make_tiny(tmp_path, form="bin")
    torch.save({"model.norm.weight": print}, folder / "pytorch_model-00001-of-00002.bin")
    with pytest.raises(CheckpointError, match="cut short or damaged"):
        load(folder)


def test_a_missing_weight_is_named(make_tiny, tmp_path):
    folder = make_tiny(tmp_path)
    edit_shard(folder, lambda weights: weights.pop("model.visual_abstractor.vit_eos"))
    with pytest.raises(CheckpointError, match=r"lacks model\.visual_abstractor\.vit_eos$"):
        load(folder)


def test_many_missing_weights_are_counted(make_tiny, tmp_path):
    folder = make_tiny(tmp_path)
    edit_shard(folder, lambda weights: [weights.pop(name) for name in list(weights) if "layers.1" in name])
    with pytest.raises(CheckpointError, match=r"lacks (\S+ ){3}and \d+ more weights"):
        load(folder)


def test_an_unexpected_weight_is_named(make_tiny, tmp_path):
    folder = make_tiny(tmp_path)
    edit_shard(folder, lambda weights: weights.update(stray=torch.zeros(2)))
    with pytest.raises(CheckpointError, match="holds stray, which this network does not have"):
        load(folder)


def test_a_wrong_shape_is_named_with_both_sizes(make_tiny, tmp_path):
    folder = make_tiny(tmp_path)
    edit_shard(folder, lambda weights: weights.update({"model.norm.weight": torch.zeros(63)}))
    with pytest.raises(CheckpointError, match=r"model\.norm\.weight as 63, where config\.json asks for 64"):
        load(folder)


def test_the_digest_follows_the_content_and_not_the_place(make_tiny, tiny, tmp_path):
    same = make_tiny(tmp_path / "elsewhere")
    digest = open_checkpoint(tiny).digest()
    assert open_checkpoint(same).digest() == digest
    edit_shard(same, lambda weights: weights["model.vision_model.post_layernorm.bias"].mul_(2))
    assert open_checkpoint(same).digest() != digest
    other = make_tiny(tmp_path / "other")
    edit_config(other, rms_norm_eps=1e-5)
    assert open_checkpoint(other).digest() != digest
