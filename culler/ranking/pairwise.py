"""P(A beats B) from stored level distributions, without another model call.

Shown to people is the discrete form with ties split: P = P(A above B) + ½ P(same level). Written as
½ + ½(win − lose) it gives exactly ½ for identical judgements and the exact complement when the two
are swapped. A sharp distribution is the judge's certainty, not the spread of opinions: one
temperature per scorer, fitted on the user's own picks, makes it a probability; until there are
enough picks it is called uncalibrated.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culler.ranking import judgement

Values = NDArray[np.float64]
Levels = NDArray[np.floating[Any]]

ENOUGH_PICKS = 20
"""Decided pairs below which a fitted temperature is not yet called a calibration."""
TEMPERATURE_PRIOR_SD = 1.0
"""log T is believed to lie within a factor e of 1: picks that all agree (or none) do not run off."""
TEMPERATURE_RANGE = (0.05, 50.0)
LOGISTIC_PER_NORMAL = 1.702
"""Φ(x) ≈ σ(1.702 x) within 0.01 everywhere (Haley 1952)."""
OPINION_SCORES = judgement.OPINION_SCORES


@dataclass(frozen=True, slots=True)
class Comparison:
    """A against B on one aspect: P(A better) with ties split, and the probability of a tie."""

    p_a_better: float
    tie: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """One scorer's temperature, and how it was come by.

    `pairs` are decided pairs it was fitted on; the log-losses (nats a pair) are at temperature 1 and
    at the fitted one, None without pairs.
    """

    temperature: float = 1.0
    pairs: int = 0
    loss_before: float | None = None
    loss_after: float | None = None

    @property
    def is_calibrated(self) -> bool:
        return self.pairs >= ENOUGH_PICKS


UNCALIBRATED = Calibration()


def _win(a: Values, b: Values) -> Values:
    """P(A's level is above B's) along the last axis, whatever its length."""
    below = np.zeros(np.broadcast_shapes(a.shape, b.shape))
    below[..., 1:] = np.cumsum(b, axis=-1)[..., :-1]
    return np.asarray((a * below).sum(axis=-1))


def p_better(a: Levels, b: Levels) -> Values:
    """P(A better than B), ties split, along the last axis; NaN where either is not assessed."""
    exact_a, exact_b = a.astype(np.float64), b.astype(np.float64)
    return np.asarray(0.5 + 0.5 * (_win(exact_a, exact_b) - _win(exact_b, exact_a)))


def tie_mass(a: Levels, b: Levels) -> Values:
    """The probability that A and B sit on the same level, along the last axis."""
    return np.asarray((a.astype(np.float64) * b.astype(np.float64)).sum(axis=-1))


def compare(a: Levels, b: Levels, calibration: Calibration = UNCALIBRATED) -> Comparison:
    """Two single judgements, (5,) each, at the scorer's temperature.

    Raises ValueError when either photo is not assessed.
    """
    both = np.stack([a, b]).astype(np.float64)
    if np.isnan(both).any():
        raise ValueError("a photo that is not assessed cannot be compared")
    if calibration.temperature != 1.0:
        both = judgement.tempered(both, calibration.temperature)
    return Comparison(float(p_better(both[0], both[1])), float(tie_mass(both[0], both[1])))


def overall_distribution(quality: Levels, aesthetics: Levels, quality_weight: float) -> tuple[Values, Values]:
    """The distribution of w·quality + (1 − w)·aesthetics for (n, 5) levels, aspects independent.

    Answers the overall scores that occur, ascending (m,), and each row's probabilities (n, m); an
    aspect that a row lacks is left out of its score.
    """
    scores = quality_weight * OPINION_SCORES[:, None] + (1.0 - quality_weight) * OPINION_SCORES[None, :]
    # Sums that differ by rounding alone are one score.
    values, place = np.unique(
        np.round(np.concatenate([scores.ravel(), OPINION_SCORES]), 9), return_inverse=True
    )
    joint = quality.astype(np.float64)[:, :, None] * aesthetics.astype(np.float64)[:, None, :]
    spread_out = np.zeros((len(quality), len(values)))
    for cell in range(25):
        spread_out[:, place[cell]] += joint[:, cell // 5, cell % 5]
    for present, absent in ((quality, aesthetics), (aesthetics, quality)):
        alone = np.flatnonzero(judgement.assessed(present) & ~judgement.assessed(absent))
        spread_out[alone] = 0.0
        spread_out[np.ix_(alone, place[25:])] = present[alone]
    return values, spread_out


def compare_overall(
    quality: Levels, aesthetics: Levels, quality_weight: float, calibration: Calibration = UNCALIBRATED
) -> Comparison:
    """Two photos on the overall score: rows 0 (A) and 1 (B) of (2, 5) quality and aesthetics.

    Raises ValueError when a photo has neither aspect.
    """
    if not (judgement.assessed(quality) | judgement.assessed(aesthetics)).all():
        raise ValueError("a photo that is not assessed cannot be compared")
    if calibration.temperature != 1.0:
        quality = judgement.tempered(quality, calibration.temperature)
        aesthetics = judgement.tempered(aesthetics, calibration.temperature)
    _, both = overall_distribution(quality, aesthetics, quality_weight)
    return Comparison(float(p_better(both[0], both[1])), float(tie_mass(both[0], both[1])))


def normal_cdf(z: Values) -> Values:
    """Φ, elementwise."""
    return 0.5 * np.asarray(np.frompyfunc(math.erfc, 1, 1)(-z / math.sqrt(2.0)), np.float64)


def thurstone(
    mean_a: Values, variance_a: Values, mean_b: Values, variance_b: Values, choice_sd: float
) -> Values:
    """Φ((μ_A − μ_B)/√(v_A + v_B + s²)): for merging evidence; over-sure when all variances are tiny.

    `choice_sd` is s, the noise of one choice in levels, and positive.
    """
    return normal_cdf((mean_a - mean_b) / np.sqrt(variance_a + variance_b + choice_sd**2))


def pair_log_loss(winners: Levels, losers: Levels, temperature: float, shares: Values | None = None) -> float:
    """Mean −log P(the answer) over m pairs of (m, 5) judgements.

    `shares` (m,) is what part of each answer the first photo got: 1 a win, ½ "the same"; wins when
    None.
    """
    won = np.ones(len(winners)) if shares is None else shares
    p = p_better(judgement.tempered(winners, temperature), judgement.tempered(losers, temperature))
    p = np.clip(p, 1e-9, 1.0 - 1e-9)
    return float(-np.mean(won * np.log(p) + (1.0 - won) * np.log1p(-p)))


def fit_temperature(winners: Levels, losers: Levels, shares: Values | None = None) -> Calibration:
    """The temperature under which the user's answers are likeliest (a maximum a posteriori fit).

    Pairs with a photo that is not assessed are left out. Without any pair: UNCALIBRATED.
    """
    known = judgement.assessed(winners) & judgement.assessed(losers)
    if not known.any():
        return UNCALIBRATED
    winners, losers = winners[known], losers[known]
    won = np.ones(len(winners)) if shares is None else shares[known]

    def cost(log_temperature: float) -> float:
        loss = pair_log_loss(winners, losers, math.exp(log_temperature), won)
        return loss * len(winners) + 0.5 * (log_temperature / TEMPERATURE_PRIOR_SD) ** 2

    low, high = (math.log(bound) for bound in TEMPERATURE_RANGE)
    # The cost may have a second, shallower valley: look everywhere coarsely, then narrow down.
    grid = np.linspace(low, high, 33)
    best = int(np.argmin([cost(float(place)) for place in grid]))
    temperature = math.exp(
        _golden_minimum(cost, float(grid[max(best - 1, 0)]), float(grid[min(best + 1, 32)]))
    )
    return Calibration(
        temperature,
        len(winners),
        pair_log_loss(winners, losers, 1.0, won),
        pair_log_loss(winners, losers, temperature, won),
    )


def _golden_minimum(cost: Callable[[float], float], low: float, high: float) -> float:
    """Where a function with one valley in [low, high] is least, to 1e-6."""
    ratio = (math.sqrt(5.0) - 1.0) / 2.0
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = cost(left), cost(right)
    while high - low > 1e-6:
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = cost(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = cost(right)
    return 0.5 * (low + high)
