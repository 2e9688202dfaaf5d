"""How well level distributions agree with people's, on the scale bad 1 … excellent 5.

Distributions are `(n, 5)`, BAD … EXCELLENT. With mean and spread of opinions a distribution is compared
with the five-level normal; with mean opinions alone, with the level whose equal fifth of the range holds it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

LEVELS = np.arange(1, 6, dtype=np.float64)
_LEAST = 1e-12


@dataclass(frozen=True, slots=True)
class Reliability:
    """One bin of confidence: how sure the judge was there, and how often it was right."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


def normal_levels(means: ArrayLike, spreads: ArrayLike) -> NDArray[np.float64]:
    """(n, 5) mass of normals over the levels, cut at 1.5, 2.5, 3.5 and 4.5."""
    centre = np.asarray(means, np.float64)[:, None]
    width = np.maximum(np.asarray(spreads, np.float64), 1e-3)[:, None]
    below = stats.norm.cdf((np.array([1.5, 2.5, 3.5, 4.5]) - centre) / width)
    ends = np.zeros((len(centre), 1)), np.ones((len(centre), 1))
    return np.asarray(np.diff(np.concatenate([ends[0], below, ends[1]], axis=1), axis=1))


def level_of(opinions: ArrayLike, lowest: float, highest: float) -> NDArray[np.intp]:
    """(n,) column 0 … 4 of the equal fifth of [lowest, highest] that holds each opinion."""
    share = (np.asarray(opinions, np.float64) - lowest) / (highest - lowest)
    return np.clip(np.floor(share * 5), 0, 4).astype(np.intp)


def kl(truth: ArrayLike, predicted: ArrayLike) -> float:
    """Mean Kullback-Leibler divergence of predictions from truths, in nats."""
    p, q = _two(truth, predicted)
    return float((p * np.log(np.maximum(p, _LEAST) / np.maximum(q, _LEAST))).sum(axis=1).mean())


def js(truth: ArrayLike, predicted: ArrayLike) -> float:
    """Mean Jensen-Shannon divergence, in nats (at most ln 2)."""
    p, q = _two(truth, predicted)
    middle = (p + q) / 2
    return (kl(p, middle) + kl(q, middle)) / 2


def w2(truth: ArrayLike, predicted: ArrayLike) -> float:
    """Mean 2-Wasserstein distance of the normals with the distributions' means and spreads."""
    one, other = _moments(truth), _moments(predicted)
    return float(np.hypot(one[0] - other[0], one[1] - other[1]).mean())


def rps(truth: ArrayLike, predicted: ArrayLike) -> float:
    """Mean ranked probability score: squared distance of the cumulative distributions, over 4 cuts."""
    p, q = _two(truth, predicted)
    gap = np.cumsum(p, axis=1)[:, :-1] - np.cumsum(q, axis=1)[:, :-1]
    return float(np.square(gap).sum(axis=1).mean() / 4)


def nll(levels: ArrayLike, predicted: ArrayLike) -> float:
    """Mean negative log likelihood, in nats, of the level columns 0 … 4."""
    rows = np.asarray(predicted, np.float64)
    return float(-np.log(np.maximum(rows[np.arange(len(rows)), np.asarray(levels)], _LEAST)).mean())


def reliability(confidence: ArrayLike, right: ArrayLike, bins: int = 10) -> tuple[Reliability, ...]:
    """Bins of equal width over the confidence 0 … 1; empty ones are left out."""
    sure, hit = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    index = np.clip((sure * bins).astype(int), 0, bins - 1)
    return tuple(
        Reliability(
            number / bins,
            (number + 1) / bins,
            int((index == number).sum()),
            float(sure[index == number].mean()),
            float(hit[index == number].mean()),
        )
        for number in np.unique(index)
    )


def ece(confidence: ArrayLike, right: ArrayLike, bins: int = 10) -> float:
    """Expected calibration error: how far confidence lies from accuracy, weighted by bin."""
    table = reliability(confidence, right, bins)
    total = sum(row.n for row in table)
    return sum(row.n * abs(row.confidence - row.accuracy) for row in table) / total if total else float("nan")


def level_ece(levels: ArrayLike, predicted: ArrayLike, bins: int = 10) -> float:
    """`ece` of the likeliest level."""
    rows = np.asarray(predicted, np.float64)
    return ece(rows.max(axis=1), rows.argmax(axis=1) == np.asarray(levels), bins)


def _two(truth: ArrayLike, predicted: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    p, q = np.asarray(truth, np.float64), np.asarray(predicted, np.float64)
    if p.shape != q.shape or p.ndim != 2 or p.shape[1] != 5:
        raise ValueError(f"level distributions are two (n, 5) tables, not {p.shape} and {q.shape}")
    return p / p.sum(axis=1, keepdims=True), q / q.sum(axis=1, keepdims=True)


def _moments(rows: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    p, _ = _two(rows, rows)
    mean = p @ LEVELS
    return mean, np.sqrt(np.maximum(p @ np.square(LEVELS) - np.square(mean), 0))
