"""Level columns read as numbers: means, spreads, likeliest levels, confusion, temperature.

Every function takes (n, 5) level probabilities, BAD … EXCELLENT, and answers for all rows at once;
NaN rows (photos that nobody judged) answer NaN, 0 or False. A single photo's numbers are those of
`culler.domain.levels.LevelDistribution`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from culler.ranking.columns import PhotoColumns

Levels = NDArray[np.floating[Any]]
Scores = NDArray[np.float64]
Mask = NDArray[np.bool_]

OPINION_SCORES = np.arange(1.0, 6.0)
CONFUSED_MASS = 0.05
"""A second level with less probability than this is noise at the foot of a sure answer, not a
second opinion."""


def assessed(levels: Levels) -> Mask:
    """Which rows carry a judgement."""
    return np.asarray(~np.isnan(levels[:, 0]))


def means(levels: Levels) -> Scores:
    """Expected level of each row, in [1, 5]; NaN where not assessed."""
    exact: Scores = np.clip(levels.astype(np.float64) @ OPINION_SCORES, 1.0, 5.0)
    return exact


def spreads(levels: Levels) -> Scores:
    """Standard deviation of each row, in levels: how unsure the judge is; NaN where not assessed."""
    exact = levels.astype(np.float64)
    mean = exact @ OPINION_SCORES
    second = exact @ OPINION_SCORES**2
    return np.asarray(np.sqrt(np.maximum(second - mean**2, 0.0)))


def likeliest(levels: Levels) -> NDArray[np.int8]:
    """The level with most mass, 1–5, of equals the better one; 0 where not assessed."""
    known = assessed(levels)
    filled = np.where(known[:, None], levels, 0.0)
    best = 5 - np.argmax(filled[:, ::-1], axis=1)
    return np.where(known, best, 0).astype(np.int8)


def confused(levels: Levels, least_mass: float = CONFUSED_MASS) -> Mask:
    """Rows whose two likeliest levels are not neighbours, the second one with at least `least_mass`.

    Levels of equal mass count as neighbours when any choice among them makes them so: an even
    distribution is ignorance, not confusion.
    """
    if not len(levels):
        return np.zeros(0, bool)
    ranked = np.sort(levels, axis=1)
    first, second = ranked[:, 4:5], ranked[:, 3:4]
    left, right = levels[:, :-1], levels[:, 1:]
    neighbours = (np.maximum(left, right) == first) & (np.minimum(left, right) == second)
    split = ~neighbours.any(axis=1) & (second[:, 0] >= least_mass)
    return np.asarray(split & assessed(levels))


def tempered(levels: Levels, temperature: float) -> Scores:
    """The same judgements at another softmax temperature: probabilities ∝ p^(1/temperature).

    Above 1 the judge is believed less, below 1 more; 1 returns the probabilities themselves.
    """
    if not temperature > 0:
        raise ValueError(f"a temperature is positive, not {temperature}")
    exact = levels.astype(np.float64)
    # Scaled by the largest level first, so that no row underflows to nothing.
    powered = (exact / exact.max(axis=1, keepdims=True, initial=0.0)) ** (1.0 / temperature)
    return np.asarray(powered / powered.sum(axis=1, keepdims=True))


def blended(quality: Scores, aesthetics: Scores, quality_weight: float) -> Scores:
    """w·quality + (1 − w)·aesthetics a row; the one that is there when only one is."""
    both = quality_weight * quality + (1.0 - quality_weight) * aesthetics
    return np.where(np.isnan(quality), aesthetics, np.where(np.isnan(aesthetics), quality, both))


def overall_means(columns: PhotoColumns, quality_weight: float) -> Scores:
    """The overall score of each photo, in [1, 5]; NaN where no aspect is assessed."""
    return blended(means(columns.quality), means(columns.aesthetics), quality_weight)


def overall_spreads(columns: PhotoColumns, quality_weight: float) -> Scores:
    """Standard deviation of the overall score, the two aspects taken as independent."""
    quality, aesthetics = spreads(columns.quality), spreads(columns.aesthetics)
    both = np.hypot(quality_weight * quality, (1.0 - quality_weight) * aesthetics)
    return np.where(np.isnan(quality), aesthetics, np.where(np.isnan(aesthetics), quality, both))


def unscored(columns: PhotoColumns) -> Mask:
    """Photos that no aspect is assessed of; videos are never scored and do not count."""
    judged = assessed(columns.quality) | assessed(columns.aesthetics)
    return np.asarray(~judged & ~columns.video)
