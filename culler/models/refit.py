"""A head refitted on a bigger judge's answers: straight lines over the same stored features.

level mean of an aspect = 3 + limit · tanh((w · inputs + b − 3) / limit), with the spread that the bigger
judge's distributions showed; inputs are the standardised features and, last, the shipped head's own level
mean. It replaces the shipped head's answer, never its file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

Array = NDArray[np.float64]

_LIMIT = 2.4
_TRUST = 5.0


@dataclass(frozen=True, slots=True)
class Line:
    """One aspect: weights over the inputs, a constant, and the spread of its levels."""

    weight: Array
    constant: float
    spread: float


@dataclass(frozen=True, slots=True)
class Refit:
    """Lines by aspect over standardised features; `names` are the features', so that a vector of another
    version is refused."""

    names: tuple[str, ...]
    centre: Array
    scale: Array
    lines: Mapping[str, Line]

    def level_means(self, aspect: str, vectors: NDArray[np.floating], shipped: Array) -> Array:
        """(n,) level means of an aspect; `shipped` (n,) are the shipped head's."""
        line = self.lines[aspect]
        return bounded(standardised(vectors, shipped, self.centre, self.scale) @ line.weight + line.constant)


def standardised(vectors: NDArray[np.floating], shipped: Array, centre: Array, scale: Array) -> Array:
    """(n, width + 1) features about 0 in units of their spread, clipped at ±4, and the shipped level mean,
    made large so that a ridge trusts it before it trusts any feature."""
    features = np.clip((np.asarray(vectors, np.float64) - centre) / scale, -4, 4)
    return np.concatenate([features, _TRUST * (np.asarray(shipped, np.float64)[:, None] - 3)], axis=1)


def bounded(levels: Array) -> Array:
    """Level means kept in 0.6 … 5.4 without losing their order."""
    return np.asarray(3 + _LIMIT * np.tanh((levels - 3) / _LIMIT))


def read(path: Path) -> Refit:
    """The refit in a file that `write` made."""
    with safe_open(path, framework="numpy") as file:
        names = tuple((file.metadata() or {})["names"].split())
        tensors = {name: np.asarray(file.get_tensor(name), np.float64) for name in file.keys()}  # noqa: SIM118
    aspects = sorted(name.split(".")[1] for name in tensors if name.startswith("weight."))
    lines = {
        aspect: Line(tensors[f"weight.{aspect}"], *(float(value) for value in tensors[f"rest.{aspect}"]))
        for aspect in aspects
    }
    return Refit(names, tensors["centre"], tensors["scale"], lines)


def write(refit: Refit, path: Path) -> None:
    """Write the refit."""
    tensors: dict[str, Array] = {"centre": refit.centre, "scale": refit.scale}
    for aspect, line in refit.lines.items():
        tensors[f"weight.{aspect}"] = line.weight
        tensors[f"rest.{aspect}"] = np.array([line.constant, line.spread])
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    save_file(whole, path, {"names": " ".join(refit.names)})
