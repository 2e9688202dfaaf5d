"""LoRA adapters in PEFT's layout, with the whole replaced weights that Q-Align's recipe adds.

An adapter is merged while the checkpoint is read: W + scale · B A in float32, then the network's own
precision (or its quantisation).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from culler.models.mplug_owl2.config import CheckpointError
from culler.models.shards import load_tensors, read_json

PREFIX = "base_model.model."
UNSUPPORTED = ("use_dora", "fan_in_fan_out", "modules_to_save", "rank_pattern", "alpha_pattern")


@dataclass(frozen=True, slots=True)
class Adapter:
    """`deltas` are (A, B) by the name of the weight they change; `replaced` are whole weights."""

    scale: float
    deltas: Mapping[str, tuple[Tensor, Tensor]]
    replaced: Mapping[str, Tensor]
    digest: str
    folder: Path = field(compare=False)

    def check(self, shapes: Mapping[str, torch.Size]) -> None:
        """Raises CheckpointError where the adapter was not made for weights of these shapes."""
        for name, (a, b) in self.deltas.items():
            if name not in shapes:
                raise CheckpointError(f"The adapter {self.folder} changes {name}, which the checkpoint lacks")
            if (b.shape[0], a.shape[1]) != tuple(shapes[name]) or a.shape[0] != b.shape[1]:
                raise CheckpointError(f"The adapter {self.folder} does not fit the shape of {name}")
        for name, tensor in self.replaced.items():
            if name not in shapes:
                raise CheckpointError(f"The adapter {self.folder} holds {name}, which the checkpoint lacks")
            if tensor.shape != shapes[name]:
                raise CheckpointError(f"The adapter {self.folder} does not fit the shape of {name}")

    def applied(self, name: str, weight: Tensor) -> Tensor:
        """The weight with what the adapter changes, in float32 where it changes anything."""
        weight = self.replaced.get(name, weight)
        if name in self.deltas:
            a, b = (part.float() for part in self.deltas[name])
            weight = weight.float() + self.scale * (b @ a).to(weight.device)
        return weight


def read_adapter(folder: Path) -> Adapter:
    """The adapter in a folder; raises CheckpointError with a sentence when it is none Culler can use."""
    config_path = folder / "adapter_config.json"
    if not config_path.is_file():
        raise CheckpointError(f"{folder} is no adapter folder: it has no adapter_config.json")
    config = read_json(config_path)
    scale = _scale(config, folder)
    weights_path = _first_file(folder, "adapter_model.safetensors", "adapter_model.bin")
    if weights_path is None:
        raise CheckpointError(f"{folder} holds no adapter_model.safetensors or adapter_model.bin")
    whole_path = _first_file(folder, "non_lora_trainables.safetensors", "non_lora_trainables.bin")
    replaced = load_tensors(whole_path) if whole_path else {}
    paths = [config_path, weights_path, *([whole_path] if whole_path else [])]
    return Adapter(
        scale=scale,
        deltas=_pairs(load_tensors(weights_path), folder),
        replaced={name.removeprefix(PREFIX): tensor for name, tensor in replaced.items()},
        digest=hashlib.sha256(b"".join(hashlib.sha256(p.read_bytes()).digest() for p in paths)).hexdigest(),
        folder=folder,
    )


def _scale(config: Mapping[str, Any], folder: Path) -> float:
    if config.get("peft_type") != "LORA" or config.get("bias", "none") != "none":
        raise CheckpointError(f"{folder} is not a plain LoRA adapter: {json.dumps(config.get('peft_type'))}")
    for key in UNSUPPORTED:
        if config.get(key):
            raise CheckpointError(f"The adapter {folder} uses {key}, which Culler cannot merge")
    try:
        rank, alpha = int(config["r"]), float(config["lora_alpha"])
        return alpha / (rank**0.5 if config.get("use_rslora") else rank)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        raise CheckpointError(f"The adapter {folder} names no valid rank and alpha") from None


def _pairs(tensors: Mapping[str, Tensor], folder: Path) -> dict[str, tuple[Tensor, Tensor]]:
    halves: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        module, found, rest = name.removeprefix(PREFIX).partition(".lora_")
        if not found or rest[:1] not in ("A", "B"):
            raise CheckpointError(f"The adapter {folder} holds {name}, which is no part of a LoRA")
        halves.setdefault(f"{module}.weight", {})[rest[0]] = tensor
    for name, pair in halves.items():
        if len(pair) != 2:
            raise CheckpointError(f"The adapter {folder} has only one half for {name}")
    return {name: (pair["A"], pair["B"]) for name, pair in halves.items()}


def _first_file(folder: Path, *names: str) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)
