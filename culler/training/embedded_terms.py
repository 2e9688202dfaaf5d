"""The monotone terms of the embedded judge: a few for sharpness set by hand, and hinges for faults.

The signs say what every photographer agrees on: detail in the sharpest places is good, grain, halos,
blocks, clipping and haze are not. The hinges begin where ordinary photographs end, so that they are silent
for those; their weights are learnt, but never with the wrong sign. A network that may bend anything learns
from made faults that sharp pictures are suspect; these terms cannot.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from culler.models.compact import Terms, terms
from culler.training.embedded_examples import CLEAN, Examples

_ENOUGH = 1.5  # deviations above the middle photograph: sharper than that is no better
_SHARPNESS = {
    # name: weight, low, high; centre and scale come from undamaged photographs
    "ln_clean_e0_p90": (0.7, -4, _ENOUGH),
    "ln_clean_e0_p97": (0.7, -4, _ENOUGH),
    "ln_clean_e1_p97": (0.6, -4, _ENOUGH),
    "gradient_p99": (1.0, -4, _ENOUGH),
    "r01_p97": (0.2, -4, 1),
    "r12_p90": (0.2, -4, 1),
    "sharp_radius": (-0.25, -2, 2),
    "coherence_p50": (-0.1, -4, 6),
    "ln_block_noise_p5": (-0.5, -4, 6),
    "ln_chroma_noise_p10": (-0.2, -4, 6),
}

_TOO_HIGH = (
    "ln_block_noise_p5",
    "ln_tone_noise_mean",
    "ln_tone_noise_most",
    "ln_flat_fine_p50",
    "ln_flat_wide_p50",
    "flat_ratio_p50",
    "flat_ratio_p90",
    "ln_chroma_noise_p10",
    "ln_chroma_noise_p50",
    "ln_chroma_blotches_p10",
    "halo_p50",
    "halo_p90",
    "edge_p97",
    "r01_p97",
    "smoothed_share",
    "equal_share",
    "grid_across",
    "grid_down",
    "blown_share",
    "blown_channel_share",
    "black_share",
    "luma_p1",
    "luma_p50",
    "dark_channel",
    "common_direction",
    "coherence_p50",
)
_TOO_LOW = (
    "luma_p50",
    "luma_p99",
    "luma_range",
    "luma_deviation",
    "ln_colours",
    "ln_contrast_p50_at8",
    "ln_contrast_p90_at8",
    "edge_mean",
    "edge_p90",
    "wide_edge_p50",
    "ratio_peak",
)
_GRAIN = ("ln_block_noise_p5", "ln_tone_noise_mean", "ln_tone_noise_most")
_STRONG, _WEAK = 0.3, 0.15
"""Most that a hinge may weigh: made faults of tone and processing outweigh their part in real frames."""
_BEGINS = 85  # percentile of undamaged photographs where a hinge sets in
_FURTHEST = 5.0
_LEAST_WEIGHT = 0.02
_SHARE = 0.02  # of pairs: how much a unit of weight costs


def fit_terms(names: Sequence[str], examples: Examples) -> Terms:
    """The terms, with hinges weighted so that copies of one photograph fall into the order of their
    damage."""
    clean = examples.vectors[np.array([kind == CLEAN for kind in examples.kind])].astype(np.float64)
    rows: list[tuple[str, float, float, float, float, float]] = []
    for name, (weight, least, most) in _SHARPNESS.items():
        values = clean[:, names.index(name)]
        rows.append((name, weight, float(np.median(values)), float(values.std()), least, most))
    sharpness = terms(names, rows)(examples.vectors)
    hinges = [_hinge(names, clean, name, -1.0) for name in _TOO_HIGH]
    hinges += [_hinge(names, clean, name, 1.0) for name in _TOO_LOW]
    faults = np.stack([terms(names, [hinge])(examples.vectors) for hinge in hinges], axis=1)
    weights = _weights(sharpness, faults, [hinge[0] for hinge in hinges], examples)
    rows += [
        (name, sign * float(weight), begins, reach, low, high)
        for (name, sign, begins, reach, low, high), weight in zip(hinges, weights, strict=True)
        if weight >= _LEAST_WEIGHT
    ]
    return terms(names, rows)


def _hinge(
    names: Sequence[str], clean: NDArray[np.float64], name: str, sign: float
) -> tuple[str, float, float, float, float, float]:
    """A term that is 0 up to its bound and falls beyond; `sign` −1 for too high, 1 for too low."""
    values = clean[:, names.index(name)]
    middle, begins = np.percentile(values, (50, _BEGINS if sign < 0 else 100 - _BEGINS))
    reach = max(float(abs(begins - middle)), 0.25 * float(values.std()), 1e-3)
    low, high = (0.0, _FURTHEST) if sign < 0 else (-_FURTHEST, 0.0)
    return name, sign, float(begins), reach, low, high


def _weights(
    sharpness: NDArray[np.float64],
    faults: NDArray[np.float64],
    hinges: Sequence[str],
    examples: Examples,
) -> NDArray[np.float64]:
    """Weights of the faults, none negative, by logistic regression over pairs of copies; small ones are
    preferred."""
    better, worse = _pairs(examples)
    gap = (sharpness[better] - sharpness[worse]) / sharpness.std()
    gaps = faults[better] - faults[worse]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = 2 * (gap + gaps @ weights)
        wrong = 1 / (1 + np.exp(np.clip(margin, -60, 60)))
        value = float(np.logaddexp(0, -margin).mean() + _SHARE * np.square(weights).sum())
        return value, -2 * gaps.T @ wrong / len(gap) + 2 * _SHARE * weights

    limits = np.array([_STRONG if name in _GRAIN else _WEAK for name in hinges]) / sharpness.std()
    start = limits / 2
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, most) for most in limits])
    # Rounded: the last digits depend on how arrays lie in memory.
    return np.asarray(np.round(found.x * sharpness.std(), 3))


def _pairs(examples: Examples) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of all pairs of one photograph's copies that differ in damage, the better first."""
    better: list[NDArray[np.intp]] = []
    worse: list[NDArray[np.intp]] = []
    for number in np.unique(examples.scene):
        rows = np.nonzero(examples.scene == number)[0]
        drop = examples.drop[rows]
        one, other = np.nonzero(drop[:, None] < drop[None, :] - 0.05)
        better.append(rows[one])
        worse.append(rows[other])
    return np.concatenate(better), np.concatenate(worse)
