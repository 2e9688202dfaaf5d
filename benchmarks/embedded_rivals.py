"""What the embedded judge is measured beside: one-line sharpness measures, and BRISQUE.

Each takes `(height, width, 3)` uint8 sRGB pixels and gives a score, higher is better.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Rival = Callable[[Pixels], float]


def laplacian_variance(rgb: Pixels) -> float:
    """Variance of the Laplacian over the whole picture (Pech-Pacheco and others 2000)."""
    return float(_laplacian(rgb).var())


def laplacian_tiles(rgb: Pixels) -> float:
    """The 95th percentile, over tiles of 64 px, of the Laplacian's variance."""
    response = _laplacian(rgb)
    rows, columns = max(1, response.shape[0] // 64), max(1, response.shape[1] // 64)
    tiles = [
        part for band in np.array_split(response, rows) for part in np.array_split(band, columns, axis=1)
    ]
    return float(np.percentile([tile.var() for tile in tiles], 95))


def brisque() -> Rival | None:
    """BRISQUE by the `brisque` package, negated; None where it is not installed."""
    try:
        from brisque import BRISQUE
    except ImportError:
        return None

    class Flat(BRISQUE):  # type: ignore[misc]
        """WORKAROUND(its features hold one-element arrays, which NumPy 2.4 no longer takes for numbers)."""

        def scale_features(self, features: NDArray[np.object_]) -> NDArray[np.float64]:
            flat = [np.asarray(value, np.float64).item() for value in features]
            return np.asarray(super().scale_features(flat))

    judge = Flat(url=False)

    def score(rgb: Pixels) -> float:
        if int(rgb.min()) == int(rgb.max()):
            return -100.0
        found = -float(judge.score(rgb))
        return found if np.isfinite(found) else -100.0

    return score


def _laplacian(rgb: Pixels) -> NDArray[np.float64]:
    return np.asarray(cv2.Laplacian(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.CV_64F))
