"""How well scores agree with people: rank and linear correlation, pairs, hits, and their uncertainty.

Predictions and truths are 1-D, the same length, higher is better; NaN is refused. What cannot be told
(fewer than two photos, a constant side) is NaN, never a number that looks like one.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Scores beside opinions. `plcc_fitted` and `rmse_fitted` are taken after the four-parameter
    logistic where `fit_converged`, else without it; `ties` counts pairs of equal predictions."""

    n: int
    srcc: float
    krcc: float
    plcc: float
    plcc_fitted: float
    rmse_fitted: float
    fit_converged: bool
    pair_accuracy: float
    ties: int


@dataclass(frozen=True, slots=True)
class Interval:
    """A bootstrap percentile interval around a measured value."""

    value: float
    low: float
    high: float


def agreement(predicted: ArrayLike, truth: ArrayLike) -> Agreement:
    """All correlations of predictions with opinions."""
    one, other = _pair(predicted, truth)
    fitted, converged = logistic_fit(one, other)
    error = float(np.sqrt(np.mean(np.square(fitted - other)))) if len(one) else float("nan")
    counts = np.unique(one, return_counts=True)[1]
    return Agreement(
        n=len(one),
        srcc=srcc(one, other),
        krcc=krcc(one, other),
        plcc=plcc(one, other),
        plcc_fitted=plcc(fitted, other),
        rmse_fitted=error,
        fit_converged=converged,
        pair_accuracy=pair_accuracy(one, other),
        ties=int((counts * (counts - 1) // 2).sum()),
    )


def srcc(predicted: ArrayLike, truth: ArrayLike) -> float:
    """Spearman's rank correlation, ties at their mean rank."""
    one, other = _pair(predicted, truth)
    return plcc(stats.rankdata(one), stats.rankdata(other))


def krcc(predicted: ArrayLike, truth: ArrayLike) -> float:
    """Kendall's tau-b."""
    one, other = _pair(predicted, truth)
    if _constant(one) or _constant(other):
        return float("nan")
    return float(stats.kendalltau(one, other, variant="b").statistic)


def plcc(predicted: ArrayLike, truth: ArrayLike) -> float:
    """Pearson's linear correlation."""
    one, other = _pair(predicted, truth)
    if _constant(one) or _constant(other):
        return float("nan")
    one, other = one - one.mean(), other - other.mean()
    return float(np.clip((one @ other) / np.sqrt((one @ one) * (other @ other)), -1, 1))


def logistic_fit(predicted: ArrayLike, truth: ArrayLike) -> tuple[Scores, bool]:
    """Predictions mapped to the scale of opinions by b2 + (b1 - b2) / (1 + exp(-(z - b3) / |b4|)) on the
    standardised prediction; the raw predictions and False where no fit is found."""
    one, other = _pair(predicted, truth)
    if len(one) < 5 or _constant(one) or _constant(other):
        return one, False
    standard = (one - one.mean()) / one.std()
    start = (float(other.max()), float(other.min()), 0.0, 0.25)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optimize.OptimizeWarning)
            found, _ = optimize.curve_fit(_logistic, standard, other, p0=start, maxfev=20_000)
    except (RuntimeError, ValueError):
        return one, False
    mapped = _logistic(standard, *found)
    return (mapped, True) if np.isfinite(mapped).all() else (one, False)


def pair_accuracy(
    predicted: ArrayLike,
    truth: ArrayLike,
    groups: Sequence[object] | None = None,
    margin: float = 0.0,
) -> float:
    """The share of pairs that predictions order as opinions do, equal predictions counting one half.

    Only pairs whose opinions differ by more than `margin`, and with `groups` only pairs within a group.
    """
    one, other = _pair(predicted, truth)
    right, total = pair_counts(one, other, groups, margin)
    return right / total if total else float("nan")


def pair_counts(
    predicted: ArrayLike, truth: ArrayLike, groups: Sequence[object] | None = None, margin: float = 0.0
) -> tuple[float, int]:
    """Rightly ordered pairs (ties as halves) and all pairs, as `pair_accuracy` counts them."""
    one, other = _pair(predicted, truth)
    right, total = 0.0, 0
    for rows in _rows(len(one), groups):
        for first, row in enumerate(rows[:-1]):
            rest = rows[first + 1 :]
            gap = other[row] - other[rest]
            counted = np.abs(gap) > margin
            agree = np.sign(gap) * np.sign(one[row] - one[rest])
            right += float(((agree[counted] + 1) / 2).sum())
            total += int(counted.sum())
    return right, total


def top_hits(
    predicted: ArrayLike, truth: ArrayLike, groups: Sequence[object], within: float = 0.0, k: int = 1
) -> float:
    """The share of groups (of two photos and more) where one of the k best predictions lies within
    `within` of the best opinion. Predictions that tie for a place share it evenly (k = 1)."""
    one, other = _pair(predicted, truth)
    hits: list[float] = []
    for rows in _rows(len(one), groups):
        if len(rows) < 2:
            continue
        good = other[rows] >= other[rows].max() - within
        if k == 1:
            hits.append(float(good[one[rows] == one[rows].max()].mean()))
        else:
            hits.append(float(good[np.argsort(-one[rows], kind="stable")[:k]].any()))
    return float(np.mean(hits)) if hits else float("nan")


def bootstrap(
    statistic: Callable[[NDArray[np.intp]], float],
    n: int,
    groups: Sequence[object] | None = None,
    draws: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Interval:
    """The value of `statistic(rows)` on all n rows and its percentile interval over resamples.

    With `groups` whole groups are drawn, since photos of one burst are not independent. A resample
    that cannot be told (NaN) is left out.
    """
    rng = np.random.default_rng(seed)
    clusters = None if groups is None else _rows(n, groups)
    value = statistic(np.arange(n))
    drawn: list[float] = []
    for _ in range(draws):
        count = n if clusters is None else len(clusters)
        chosen = rng.integers(0, count, count)
        rows = chosen if clusters is None else np.concatenate([clusters[index] for index in chosen])
        drawn.append(statistic(rows))
    finite = np.array([one for one in drawn if np.isfinite(one)])
    if not finite.size:
        return Interval(value, float("nan"), float("nan"))
    tail = (1 - confidence) / 2
    low, high = np.quantile(finite, (tail, 1 - tail))
    return Interval(value, float(low), float(high))


def _logistic(z: Scores, b1: float, b2: float, b3: float, b4: float) -> Scores:
    exponent = np.clip(-(z - b3) / max(abs(b4), 1e-9), -500, 500)
    return np.asarray(b2 + (b1 - b2) / (1 + np.exp(exponent)))


def _pair(predicted: ArrayLike, truth: ArrayLike) -> tuple[Scores, Scores]:
    one, other = np.asarray(predicted, np.float64), np.asarray(truth, np.float64)
    if one.shape != other.shape or one.ndim != 1:
        raise ValueError(f"predictions {one.shape} and truths {other.shape} are not two equal lists")
    if np.isnan(one).any() or np.isnan(other).any():
        raise ValueError("a prediction or a truth is not a number")
    return one, other


def _constant(values: Scores) -> bool:
    return len(values) < 2 or bool(np.ptp(values) == 0)


def _rows(n: int, groups: Sequence[object] | None) -> list[NDArray[np.intp]]:
    if groups is None:
        return [np.arange(n)]
    if len(groups) != n:
        raise ValueError(f"{len(groups)} group names for {n} photos")
    found: dict[object, list[int]] = {}
    for row, name in enumerate(groups):
        found.setdefault(name, []).append(row)
    return [np.array(rows) for rows in found.values()]
