"""Learning the embedded judge's head from a bigger judge's distributions over stored features.

No photo is decoded: a ridge regression on the feature vectors and on the shipped judge's own answer, its
strength chosen by cross-validation. The gain is measured out of fold, so that it is what new photos get.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from culler.domain.assessment import Aspect
from culler.models.refit import Line, Refit, bounded, standardised

LEAST_PHOTOS = 100
"""Fewer photos teach less than they unsettle."""

_FOLDS = 5
_STRENGTHS = tuple(float(value) for value in np.logspace(0.5, 4, 15))
_LEVELS = np.arange(1, 6)
_LEAST_SPREAD = 0.4

Vectors = NDArray[np.floating]
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Gain:
    """Agreement with the bigger judge's level means, before and after, on photos held out."""

    n: int
    srcc_before: float
    srcc_after: float
    error_before: float
    error_after: float

    @property
    def is_gain(self) -> bool:
        return self.srcc_after > self.srcc_before


def refit(
    names: tuple[str, ...],
    vectors: Vectors,
    targets: Mapping[Aspect, Vectors],
    before: Mapping[Aspect, Vectors],
    seed: int = 0,
) -> tuple[Refit, dict[Aspect, Gain]]:
    """The refitted head, and what it gains per aspect.

    `vectors` `(n, width)` are stored features; `targets` the bigger judge's `(n, 5)` level probabilities;
    `before` the shipped judge's. Raises ValueError for fewer than 100 photos.
    """
    n = len(vectors)
    if n < LEAST_PHOTOS:
        raise ValueError(f"{n} photos are too few to learn from: {LEAST_PHOTOS} are needed")
    centre = np.asarray(vectors, np.float64).mean(axis=0)
    scale = np.asarray(vectors, np.float64).std(axis=0) + 1e-3
    order = np.random.default_rng(seed).permutation(n)
    lines: dict[str, Line] = {}
    gains: dict[Aspect, Gain] = {}
    for aspect, rows in targets.items():
        probabilities = np.asarray(rows, np.float64)
        shipped = np.asarray(before[aspect], np.float64) @ _LEVELS
        inputs = standardised(vectors, shipped, centre, scale)
        wanted = probabilities @ _LEVELS
        held_out, strength = _out_of_fold(inputs, wanted, order)
        weight, constant = _ridge(inputs, wanted, strength)
        own = np.maximum(probabilities @ np.square(_LEVELS) - np.square(wanted), 0).mean()
        spread = float(np.sqrt(own + np.mean(np.square(held_out - wanted))))
        lines[aspect.value] = Line(weight, constant, max(spread, _LEAST_SPREAD))
        gains[aspect] = Gain(
            n,
            _srcc(shipped, wanted),
            _srcc(held_out, wanted),
            _error(shipped, wanted),
            _error(held_out, wanted),
        )
    return Refit(names, centre, scale, lines), gains


def _out_of_fold(inputs: Array, wanted: Array, order: NDArray[np.intp]) -> tuple[Array, float]:
    """Predictions for photos a fold left out, at the strength that errs least over all folds."""
    folds = np.array_split(order, _FOLDS)
    found: list[tuple[float, float, Array]] = []
    for strength in _STRENGTHS:
        predicted = np.empty(len(wanted))
        for fold in folds:
            rest = np.setdiff1d(order, fold)
            weight, constant = _ridge(inputs[rest], wanted[rest], strength)
            predicted[fold] = bounded(inputs[fold] @ weight + constant)
        found.append((_error(predicted, wanted), strength, predicted))
    _, strength, predicted = min(found, key=lambda one: one[0])
    return predicted, strength


def _ridge(inputs: Array, wanted: Array, strength: float) -> tuple[Array, float]:
    middle, mean = inputs.mean(axis=0), float(wanted.mean())
    centred = inputs - middle
    covariance = centred.T @ centred + strength * np.eye(inputs.shape[1])
    weight = np.linalg.solve(covariance, centred.T @ (wanted - mean))
    return weight, mean - float(middle @ weight)


def _srcc(one: Array, other: Array) -> float:
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(stats.spearmanr(one, other).statistic)


def _error(one: Array, other: Array) -> float:
    return float(np.sqrt(np.mean(np.square(one - other))))
