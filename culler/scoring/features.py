"""What the embedded judge measures: one float32 vector a photo, from the upright preview.

The vector is all that is kept of a picture: levels, flags and every later refit follow from it without
decoding anything. Families: detail (octave bands, edges, gradients), statistics of locally normalised
luma, tone and colour. Sharpness is always read from percentiles over tiles, so that shallow depth of
field is no fault, and a noise floor is measured beside it, so that grain is no detail.
"""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from culler.scoring.features_detail import detail
from culler.scoring.features_statistics import statistics
from culler.scoring.features_tone import tone

VERSION = "1"
"""Goes up with every change of what a number in the vector means."""

LONG_SIDE_PX = 1024
_SHORTEST_PX = 64  # narrower pictures are continued by their border pixels


def measure(image: Image.Image) -> NDArray[np.float32]:
    """The feature vector `(len(names()),)` of an upright sRGB picture, always finite.

    Any size and mode; the picture is reduced by area to a long side of 1024 px, never enlarged.
    """
    if image.mode.startswith("I"):  # Pillow would clip 16-bit greys at 255
        grey = np.asarray(image, np.float64)
        image = Image.fromarray((grey / (257 if grey.max() > 255 else 1)).clip(0, 255).astype(np.uint8))
    return measure_pixels(np.asarray(image.convert("RGB")))


def measure_pixels(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """As `measure`, for `(height, width, 3)` uint8 sRGB pixels."""
    vector = np.array(list(_named(rgb).values()), dtype=np.float32)
    return np.nan_to_num(vector, copy=False, nan=0.0, posinf=0.0, neginf=0.0)


@cache
def names() -> tuple[str, ...]:
    """The name of every number in the vector, in order."""
    return tuple(_named(np.full((_SHORTEST_PX, _SHORTEST_PX, 3), 128, np.uint8)))


def _named(rgb: NDArray[np.uint8]) -> dict[str, float]:
    height, width = rgb.shape[:2]
    reduction = min(1.0, LONG_SIDE_PX / max(height, width))
    working = _working_picture(rgb)
    luma = cv2.cvtColor(working, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return {
        "ln_long_side": float(np.log(max(height, width) * reduction)),
        "ln_short_side": float(np.log(min(height, width) * reduction)),
        **detail(luma),
        **statistics(luma),
        **tone(working),
    }


def _working_picture(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = rgb.shape[:2]
    scale = LONG_SIDE_PX / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        height, width = rgb.shape[:2]
    below, right = max(0, _SHORTEST_PX - height), max(0, _SHORTEST_PX - width)
    if below or right:
        rgb = cv2.copyMakeBorder(rgb, 0, below, 0, right, cv2.BORDER_REPLICATE).astype(np.uint8, copy=False)
    return np.ascontiguousarray(rgb)
