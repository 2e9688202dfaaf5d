"""How far a damaged picture is from its original, on the scale of opinion levels.

Gradient magnitude similarity (Xue, Zhang, Mou and Bovik 2014, arXiv 1308.3052): its deviation over the
picture agrees with people across kinds of damage, which severities of different faults do not. The mean
is added for damage that is the same everywhere, such as darkness, which a deviation cannot see.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

_STABILITY = 170.0  # the paper's constant for 8-bit luma


def damage(original: NDArray[np.uint8], damaged: NDArray[np.uint8]) -> float:
    """0 for the same picture, about 0.05 for visible and 0.2 for heavy damage."""
    one, other = _gradients(original), _gradients(damaged)
    alike = (2 * one * other + _STABILITY) / (np.square(one) + np.square(other) + _STABILITY)
    return float(alike.std() + 0.15 * (1 - alike.mean()))


def level_after(level: float, found: float) -> float:
    """The level of a picture of `level` after this damage; falls towards bad and never below it."""
    kept = np.exp(-((found / 0.14) ** 1.25))
    return float(1 + (level - 1) * kept)


def _gradients(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    half = cv2.resize(luma, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.float32)
    kernel = np.repeat(np.array([[1, 0, -1]], np.float32) / 3, 3, axis=0)
    across, down = cv2.filter2D(half, -1, kernel), cv2.filter2D(half, -1, kernel.T)
    return np.asarray(cv2.magnitude(across, down), np.float32)
