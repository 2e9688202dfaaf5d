"""Statistics of locally normalised luma (MSCN, after Mittal, Moorthy and Bovik 2012) at three scales.

Natural photographs give these coefficients and the products of neighbours typical shapes; blur, noise
and compression bend them, each in its own way. Shapes are kept as moments, which need no fit.
"""

import cv2
import numpy as np

from culler.scoring.tiles import Map, percentiles

_WINDOW_SIGMA = 7 / 6


def statistics(luma: Map) -> dict[str, float]:
    """Named statistics of `(height, width)` luma at scales 1, 1/2 and 1/8."""
    found: dict[str, float] = {}
    for scale in (1, 2, 8):
        size = max(8, luma.shape[1] // scale), max(8, luma.shape[0] // scale)
        picture = (
            luma
            if scale == 1
            else np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.float32)
        )
        found |= {f"{name}_at{scale}": value for name, value in _one_scale(picture).items()}
    return found


def _one_scale(luma: Map) -> dict[str, float]:
    mean = cv2.GaussianBlur(luma, (7, 7), _WINDOW_SIGMA)
    square = cv2.GaussianBlur(cv2.multiply(luma, luma), (7, 7), _WINDOW_SIGMA)
    deviation = np.sqrt(np.maximum(square - cv2.multiply(mean, mean), 0))
    normal = np.asarray((luma - mean) / (deviation + 1), np.float32)
    first, second, _ = _moments(normal)
    found = {"mscn_variance": float(np.log(second + 1e-3)), "mscn_shape": first * first / (second + 1e-6)}
    rows, columns = normal.shape
    neighbours = {
        "across": (normal[:, :-1], normal[:, 1:]),
        "down": (normal[:-1], normal[1:]),
        "diagonal": (normal[:-1, :-1], normal[1:, 1:]),
        "other": (normal[:-1, 1:], normal[1:, :-1]),
    }
    for name, (one, other) in neighbours.items():
        size, energy, mean_product = _moments(np.asarray(cv2.multiply(one, other), np.float32))
        found[f"mscn_{name}_mean"] = mean_product / (second + 1e-3)
        found[f"mscn_{name}_skew"] = mean_product / (size + 1e-4)
        found[f"mscn_{name}_shape"] = size * size / (energy + 1e-6)
    sample = np.log(deviation[:: max(1, rows // 128), :: max(1, columns // 128)] + 0.3)
    return found | percentiles("ln_contrast", sample, (10, 50, 90))


def _moments(values: Map) -> tuple[float, float, float]:
    """Mean of |values|, of values², and of values."""
    count = values.size
    values = np.ascontiguousarray(values)
    return (
        cv2.norm(values, cv2.NORM_L1) / count,
        cv2.norm(values, cv2.NORM_L2SQR) / count,
        float(cv2.mean(values)[0]),
    )
