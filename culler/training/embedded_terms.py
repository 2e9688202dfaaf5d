"""The monotone terms of the embedded judge: chosen by hand, centred and scaled on lawful photographs.

Signs and weights say what every photographer agrees on (detail in the sharpest places is good, grain and
coarse colour noise are not) and keep the judge right where its training had no example.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from culler.models.compact import Terms, terms

_SPREAD = {
    # detail above the noise floor, in the sharpest places
    "ln_clean_e0_p90": (0.7, -4, 6),
    "ln_clean_e0_p97": (0.7, -4, 6),
    "ln_clean_e1_p97": (0.6, -4, 6),
    "gradient_p99": (1.0, -4, 6),
    "r01_p97": (0.2, -4, 1),
    "r12_p90": (0.2, -4, 1),
    # blur in one direction, grain, colour noise
    "coherence_p50": (-0.1, -4, 6),
    "ln_block_noise_p5": (-0.5, -4, 6),
    "ln_chroma_noise_p10": (-0.2, -4, 6),
}
"""name: (weight, low, high), with centre and scale from the training photographs."""

_HINGES = (
    # name, weight, where the fault begins, how far it goes
    ("ln_block_noise_p5", -0.9, 0.5, 1.0),
    ("blown_share", -0.15, 0.03, 0.08),
    ("black_share", -0.15, 0.08, 0.15),
    ("luma_p50", -0.15, 0.70, 0.10),
    ("luma_p50", 0.15, 0.15, 0.06),
    ("luma_range", 0.15, 0.50, 0.15),
    ("grid_across", -0.15, 0.25, 0.25),
    ("r01_p97", -0.15, 1.2, 0.4),
)
"""Faults that count only beyond a bound; a positive weight is for a lower bound."""


def fit_terms(names: Sequence[str], vectors: NDArray[np.float32]) -> Terms:
    """The terms, with centre (median) and scale (standard deviation) over `(n, width)` vectors."""
    rows: list[tuple[str, float, float, float, float, float]] = []
    for name, (weight, least, most) in _SPREAD.items():
        values = vectors[:, names.index(name)].astype(np.float64)
        rows.append((name, weight, float(np.median(values)), float(values.std()), least, most))
    for name, weight, begins, reach in _HINGES:
        low, high = (0.0, 6.0) if weight < 0 else (-6.0, 0.0)
        rows.append((name, weight, begins, reach, low, high))
    return terms(names, rows)
