"""Files of tensors: sharded or single, `.safetensors` or `pytorch_model*.bin`, read lazily.

Nothing in a file is executed: `.bin` files are opened with torch's weights-only reader.
"""

import hashlib
import json
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from culler.models.mplug_owl2.config import CheckpointError

SAFETENSORS = ("model.safetensors.index.json", "model.safetensors")
BIN = ("pytorch_model.bin.index.json", "pytorch_model.bin")
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Shard:
    """One open file. `read` gives a tensor on the CPU as it is stored; `shapes` cost no reading."""

    path: Path
    shapes: Mapping[str, torch.Size]
    read: Callable[[str], Tensor]


def shard_paths(folder: Path) -> tuple[Path, ...]:
    """The files that hold a checkpoint's weights, safetensors where there are both kinds.

    Raises CheckpointError when there are none or when one named by the index is not there.
    """
    for index_name, single_name in (SAFETENSORS, BIN):
        index, single = folder / index_name, folder / single_name
        if index.is_file():
            weight_map = read_json(index).get("weight_map")
            if not isinstance(weight_map, Mapping) or not weight_map:
                raise CheckpointError(f"{index} lists no weights")
            names = sorted({str(name) for name in weight_map.values()})
            for name in names:
                if not (folder / name).is_file():
                    raise CheckpointError(f"{folder} is incomplete: {name} is missing")
            return tuple(folder / name for name in names)
        if single.is_file():
            return (single,)
    raise CheckpointError(f"{folder} holds no model.safetensors or pytorch_model.bin, sharded or whole")


def open_shard(path: Path) -> Shard:
    """Raises CheckpointError when the file is cut short or is no file of tensors."""
    try:
        return _open_safetensors(path) if path.suffix == ".safetensors" else _open_bin(path)
    except (SafetensorError, RuntimeError, pickle.UnpicklingError, EOFError, ValueError, OSError) as error:
        raise CheckpointError(
            f"{path} is cut short or damaged ({_first_line(error)}); download it again"
        ) from error


def load_tensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a small file."""
    shard = open_shard(path)
    return {name: shard.read(name) for name in shard.shapes}


def ends_digest(path: Path) -> str:
    """A digest of a file's size, first and last MiB: enough to tell checkpoints apart, quick on
    gigabytes, and the same wherever the file lies."""
    digest = hashlib.sha256(str(path.stat().st_size).encode())
    with path.open("rb") as file:
        digest.update(file.read(MIB))
        file.seek(max(0, path.stat().st_size - MIB))
        digest.update(file.read(MIB))
    return digest.hexdigest()


def read_json(path: Path) -> Mapping[str, Any]:
    """A JSON object; raises CheckpointError when the file holds none."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CheckpointError(f"{path} cannot be read ({_first_line(error)})") from error
    if not isinstance(values, Mapping):
        raise CheckpointError(f"{path} is not a JSON object")
    return values


def _open_safetensors(path: Path) -> Shard:
    # The handle maps the file and lives as long as `read`.
    handle: Any = safe_open(path, framework="pt", device="cpu")
    shapes = {name: torch.Size(handle.get_slice(name).get_shape()) for name in handle.keys()}  # noqa: SIM118
    return Shard(path, shapes, handle.get_tensor)


def _open_bin(path: Path) -> Shard:
    try:
        tensors = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except RuntimeError as error:
        if "mmap" not in str(error):
            raise
        # Files older than torch 1.6 are no zip archives and cannot be mapped.
        tensors = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(tensors, Mapping) or not all(isinstance(t, Tensor) for t in tensors.values()):
        raise ValueError("it holds something else than named tensors")
    return Shard(path, {name: tensor.shape for name, tensor in tensors.items()}, tensors.__getitem__)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
