"""An official checkpoint folder → a network that is ready to run.

Networks are built on the meta device and given their weights one by one, so that the peak is the
network and one tensor. Everything that can be wrong with the files is found before the first weight
is copied.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from culler.models.adapter import Adapter
from culler.models.mplug_owl2.config import CheckpointError, MPlugOwl2Config
from culler.models.mplug_owl2.model import MPlugOwl2
from culler.models.quantised import Quantisation, quantised_linear
from culler.models.shards import Shard, ends_digest, open_shard, read_json, shard_paths

IGNORED = ".rotary_emb.inv_freq"
"""Buffers of old checkpoints that are recomputed in float32 instead."""
POSITIONS = (".q_pos_embed", ".k_pos_embed")
"""Buffers that base checkpoints lack and that follow from a formula."""
NAMED_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A folder whose config and files are in order as far as their names go."""

    folder: Path
    config: MPlugOwl2Config
    shards: tuple[Path, ...]

    def digest(self) -> str:
        """Over config.json and, per shard, size and both ends; names and place do not matter."""
        parts = [hashlib.sha256((self.folder / "config.json").read_bytes()).hexdigest()]
        parts += [ends_digest(path) for path in self.shards]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def open_checkpoint(folder: Path) -> Checkpoint:
    """Raises CheckpointError with a sentence when the folder is no mPLUG-Owl2 checkpoint."""
    if not folder.is_dir():
        raise CheckpointError(f"{folder} is no folder; give the folder that holds config.json")
    path = folder / "config.json"
    if not path.is_file():
        raise CheckpointError(f"{folder} is no checkpoint folder: it has no config.json")
    try:
        config = MPlugOwl2Config.from_json(read_json(path))
    except CheckpointError as error:
        message = str(error)
        named = message if str(folder) in message else f"{folder} cannot be used: {message}"
        raise CheckpointError(named) from None
    return Checkpoint(folder, config, shard_paths(folder))


def meta_network(config: MPlugOwl2Config) -> MPlugOwl2:
    """The network without weights, for its shapes."""
    with torch.device("meta"):
        return MPlugOwl2(config)


def load_network(
    checkpoint: Checkpoint,
    device: torch.device,
    dtype: torch.dtype,
    quantisation: Quantisation | None = None,
    adapter: Adapter | None = None,
) -> MPlugOwl2:
    """The checkpoint's network on `device`, in `dtype`, in evaluation mode and without gradients.

    `quantisation` stores the decoder's linear weights smaller. `adapter` is merged. Raises
    CheckpointError when a file is damaged, a weight is missing, unexpected or of a wrong shape.
    """
    network = meta_network(checkpoint.config)
    shapes = {name: tensor.shape for name, tensor in network.state_dict().items()}
    shards = [open_shard(path) for path in checkpoint.shards]
    absent = _check(shapes, shards, checkpoint)
    if adapter is not None:
        adapter.check(shapes)
    if absent:
        network.model.visual_abstractor.restore_positions()
        for name in absent:
            _assign(network, name, network.get_buffer(name).to(device, dtype))
    for shard in shards:
        for name in shard.shapes:
            if name not in shapes:
                continue
            weight = shard.read(name)
            if adapter is not None:
                weight = adapter.applied(name, weight)
            # Moved as stored and converted there: half the bytes over the bus.
            weight = weight.to(device).to(dtype) if weight.dtype != dtype else weight.to(device)
            if quantisation is not None and _is_decoder_linear(network, name):
                network.set_submodule(name.removesuffix(".weight"), quantised_linear(weight, quantisation))
            else:
                _assign(network, name, weight)
    if checkpoint.config.decoder.tied_embeddings:
        network.lm_head.weight = network.model.embed_tokens.weight
    return network.eval().requires_grad_(False)


def stored_bytes(config: MPlugOwl2Config, dtype: torch.dtype, quantisation: Quantisation | None) -> int:
    """What the weights take once they are loaded."""
    network = meta_network(config)
    total = 0.0
    small = {Quantisation.INT8: 1.0, Quantisation.NF4: 0.5 + 4 / 64}
    for name, tensor in network.state_dict().items():
        packed = quantisation is not None and _is_decoder_linear(network, name)
        total += tensor.numel() * (small[quantisation] if packed and quantisation else dtype.itemsize)
    return int(total)


def _check(shapes: Mapping[str, torch.Size], shards: Iterable[Shard], checkpoint: Checkpoint) -> set[str]:
    """The position buffers that are to be computed; raises where anything else is not as it should be."""
    found: dict[str, Path] = {}
    unexpected: set[str] = set()
    for shard in shards:
        for name, shape in shard.shapes.items():
            if name not in shapes:
                if not name.endswith(IGNORED):
                    unexpected.add(name)
            elif shape != shapes[name]:
                raise CheckpointError(
                    f"{shard.path} holds {name} as {_sizes(shape)}, where config.json asks for"
                    f" {_sizes(shapes[name])}"
                )
            found[name] = shard.path
    missing = {name for name in shapes if name not in found}
    if checkpoint.config.decoder.tied_embeddings:
        missing.discard("lm_head.weight")
    positions = {name for name in missing if name.endswith(POSITIONS)}
    if missing - positions:
        raise CheckpointError(f"{checkpoint.folder} lacks {_named(missing - positions)}")
    if unexpected:
        raise CheckpointError(
            f"{checkpoint.folder} holds {_named(unexpected)}, which this network does not have"
        )
    return positions


def _named(names: set[str]) -> str:
    shown = ", ".join(sorted(names)[:NAMED_AT_MOST])
    more = len(names) - NAMED_AT_MOST
    return f"{shown} and {more} more weights" if more > 0 else shown


def _sizes(shape: torch.Size) -> str:
    return " × ".join(map(str, shape)) or "a single number"


def _is_decoder_linear(network: MPlugOwl2, name: str) -> bool:
    if not name.startswith("model.layers.") or not name.endswith(".weight"):
        return False
    return isinstance(network.get_submodule(name.removesuffix(".weight")), nn.Linear)


def _assign(network: MPlugOwl2, name: str, value: Tensor) -> None:
    parent, _, leaf = name.rpartition(".")
    module = network.get_submodule(parent)
    is_buffer = leaf in dict(module.named_buffers(recurse=False))
    setattr(module, leaf, value if is_buffer else nn.Parameter(value, requires_grad=False))
