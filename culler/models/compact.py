"""The embedded judge's head: a few hand-weighted terms and a small network over one feature vector.

score = z(Σ w·clip((t − m)/s, low, high)) + the networks' mean correction, which is bounded;
level mean = 3 + limit · tanh((slope · score + offset) / limit), so order is kept up to the ends.
NumPy alone: fifteen thousand parameters need nothing more, and importing torch would cost a second.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

Array = NDArray[np.float32]
Vectors = NDArray[np.floating]

_BOUNDS = (1.5, 2.5, 3.5, 4.5)
_LEAST_MASS = 1e-6
LIMIT = 2.4
"""Level means stay in 3 ± this."""
CORRECTION = 4.0
"""In deviations of the monotone part."""
REACH = 5.0
"""Inputs further from the examples, in their deviations, count as if they were this far."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Monotone terms: each is weight · clip((feature − centre) / scale, low, high)."""

    feature: NDArray[np.int64]
    weight: Array
    centre: Array
    scale: Array
    low: Array
    high: Array

    def __call__(self, vectors: Vectors) -> NDArray[np.float64]:
        """(n,) sums for `(n, width)` feature vectors."""
        values = (vectors[:, self.feature].astype(np.float64) - self.centre) / self.scale
        return np.asarray(np.clip(values, self.low, self.high) @ self.weight.astype(np.float64))


@dataclass(frozen=True, slots=True)
class Network:
    """A perceptron with plain ReLU layers: weights `(in, out)` and biases, first layer first."""

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]

    def __call__(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) answers for `(n, width)` inputs."""
        hidden = inputs
        for depth, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            hidden = hidden @ weight.astype(np.float64) + bias
            if depth + 1 < len(self.weights):
                hidden = np.maximum(hidden, 0)
        return hidden[:, 0]


@dataclass(frozen=True, slots=True)
class Compact:
    """The whole head. `constants` holds the scalars named in the formula above."""

    names: tuple[str, ...]
    terms: Terms
    centre: Array
    scale: Array
    networks: tuple[Network, ...]
    constants: Mapping[str, float]

    def hand(self, vectors: Vectors) -> NDArray[np.float64]:
        """(n,) the monotone part, standardised on the training photographs."""
        return (self.terms(vectors) - self.constants["hand_mean"]) / self.constants["hand_deviation"]

    def learnt(self, vectors: Vectors) -> NDArray[np.float64]:
        """(n,) the networks' mean correction of the monotone part, within ±`CORRECTION`; zeros where there
        is no network."""
        if not self.networks:
            return np.zeros(len(vectors))
        inputs = np.clip((vectors.astype(np.float64) - self.centre) / self.scale, -REACH, REACH)
        answers = [CORRECTION * np.tanh(network(inputs) / CORRECTION) for network in self.networks]
        return np.asarray(np.mean(answers, axis=0))

    def score(self, vectors: Vectors) -> NDArray[np.float64]:
        """(n,) the judge's raw scale, about standard normal on everyday photographs."""
        return self.hand(vectors) + self.learnt(vectors)

    def level_means(self, vectors: Vectors) -> NDArray[np.float64]:
        """(n,) quality on the 1–5 scale."""
        line = self.constants["slope"] * self.score(vectors) + self.constants["offset"]
        return 3 + LIMIT * np.tanh(line / LIMIT)


def level_logits(means: NDArray[np.float64], spreads: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 5) log probabilities of the five levels under normals of these means and spreads, whose mass
    is cut at 1.5, 2.5, 3.5 and 4.5."""
    below = [_normal_below((bound - means) / spreads) for bound in _BOUNDS]
    edges = np.stack([np.zeros_like(means), *below, np.ones_like(means)], axis=1)
    mass = np.maximum(np.diff(edges, axis=1), 0) + _LEAST_MASS
    return np.asarray(np.log(mass / mass.sum(axis=1, keepdims=True)))


def read(path: Path) -> Compact:
    """The head in a safetensors file that `write` made."""
    with safe_open(path, framework="numpy") as file:
        about = json.loads((file.metadata() or {})["head"])
        tensors = {name: np.asarray(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118
    terms = Terms(
        tensors["terms.feature"].astype(np.int64),
        *(tensors[f"terms.{name}"] for name in ("weight", "centre", "scale", "low", "high")),
    )
    networks: list[Network] = []
    while f"network{len(networks)}.weight0" in tensors:
        prefix = f"network{len(networks)}."
        depth = sum(name.startswith(prefix + "weight") for name in tensors)
        networks.append(
            Network(
                tuple(tensors[f"{prefix}weight{layer}"] for layer in range(depth)),
                tuple(tensors[f"{prefix}bias{layer}"] for layer in range(depth)),
            )
        )
    names, constants = tuple(about["names"]), about["constants"]
    return Compact(names, terms, tensors["centre"], tensors["scale"], tuple(networks), constants)


def write(head: Compact, path: Path, note: str) -> None:
    """Write the head; the same head always makes the same bytes."""
    tensors: dict[str, NDArray[np.generic]] = {
        "centre": head.centre,
        "scale": head.scale,
        "terms.feature": head.terms.feature,
        **{
            f"terms.{name}": getattr(head.terms, name)
            for name in ("weight", "centre", "scale", "low", "high")
        },
    }
    for index, network in enumerate(head.networks):
        for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
            tensors[f"network{index}.weight{layer}"] = weight
            tensors[f"network{index}.bias{layer}"] = bias
    about = {"note": note, "names": head.names, "constants": dict(head.constants)}
    # One entry: safetensors writes several in no fixed order.
    metadata = {"head": json.dumps(about, sort_keys=True, ensure_ascii=False)}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, path, metadata)


def terms(names: Sequence[str], rows: Sequence[tuple[str, float, float, float, float, float]]) -> Terms:
    """Terms from rows of (feature name, weight, centre, scale, low, high)."""
    columns = list(zip(*rows, strict=True))
    feature = np.array([names.index(name) for name in columns[0]], np.int64)
    return Terms(feature, *(np.array(column, np.float32) for column in columns[1:]))


def _normal_below(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in values.ravel()]).reshape(
        values.shape
    )
