"""AVIF and HEIC that name their colours by code points instead of a profile, as sRGB or Display P3.

Code points: ITU-T H.273. Wide primaries (Display P3, BT.2020) are converted; the light of HDR
pictures (PQ, HLG; ITU-R BT.2100) is brought down to what a screen without HDR shows, reference white
(203 cd/m², ITU-R BT.2408) a little below white, highlights rolled off.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_HEAD_BYTES = 1 << 16
_PQ, _HLG = 16, 18
_REFERENCE_WHITE = 203.0
_HLG_PEAK = 1000.0
_KNEE = 0.6  # below this part of white, tones stay as they are
_SIGNAL_STEPS = 8191
_STRIP_ROWS = 64  # bounds the memory of a full-size picture

# Linear RGB of these primaries to linear sRGB, white D65 (from their chromaticities, H.273 table 2).
_TO_SRGB: dict[int, tuple[tuple[float, float, float], ...]] = {
    9: ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187)),
    12: ((1.2249, -0.2247, 0.0), (-0.0420, 1.0419, 0.0), (-0.0197, -0.0786, 1.0979)),
}
# The same to linear Display P3.
_TO_P3: dict[int, tuple[tuple[float, float, float], ...]] = {
    1: ((0.8225, 0.1775, 0.0), (0.0332, 0.9669, 0.0), (0.0171, 0.0724, 0.9108)),
    9: ((1.3436, -0.2822, -0.0614), (-0.0653, 1.0758, -0.0105), (0.0028, -0.0196, 1.0168)),
}


@dataclass(frozen=True, slots=True)
class ColorCoding:
    """H.273 code points of a picture's primaries and transfer function."""

    primaries: int
    transfer: int


def color_coding(data: bytes) -> ColorCoding | None:
    """What the first `colr` box of kind `nclx` says; None where there is none near the start."""
    at = data.find(b"colrnclx", 0, _HEAD_BYTES)
    if at < 0 or at + 12 > len(data):
        return None
    return ColorCoding(
        int.from_bytes(data[at + 8 : at + 10], "big"), int.from_bytes(data[at + 10 : at + 12], "big")
    )


def to_srgb(image: Image.Image, coding: ColorCoding | None) -> Image.Image:
    """An RGB picture of this coding in sRGB; the picture itself where that changes nothing."""
    if coding is None or not is_special(coding):
        return image
    return _converted(image, coding, _TO_SRGB)


def to_p3(image: Image.Image, coding: ColorCoding) -> Image.Image:
    """An RGB picture of a special coding in Display P3: the same light, less of its colours lost."""
    if coding.primaries == 12 and coding.transfer not in (_PQ, _HLG):
        return image
    return _converted(image, coding, _TO_P3)


def is_special(coding: ColorCoding) -> bool:
    """Whether pictures of this coding look different from sRGB."""
    return coding.primaries in _TO_SRGB or coding.transfer in (_PQ, _HLG)


def _converted(
    image: Image.Image, coding: ColorCoding, matrices: Mapping[int, tuple[tuple[float, float, float], ...]]
) -> Image.Image:
    pixels = np.array(image)
    light_of = _light(np.arange(256) / 255, coding.transfer).astype(np.float32)
    matrix = np.array(matrices.get(coding.primaries, np.eye(3)), np.float32).T
    for row in range(0, len(pixels), _STRIP_ROWS):
        strip = pixels[row : row + _STRIP_ROWS]
        light = light_of[strip]
        if coding.transfer == _HLG:
            light = _displayed(light)
        light = light @ matrix
        if coding.transfer in (_PQ, _HLG):
            light = _rolled_off(light)
        np.clip(light, 0, 1, out=light)
        strip[...] = _signals()[(light * _SIGNAL_STEPS + 0.5).astype(np.int32)]
    return Image.fromarray(pixels)


@lru_cache(maxsize=1)
def _signals() -> NDArray[np.uint8]:
    """The sRGB signal of _SIGNAL_STEPS + 1 evenly spaced lights."""
    light = np.arange(_SIGNAL_STEPS + 1) / _SIGNAL_STEPS
    signal = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(signal * 255 + 0.5, np.uint8)


def _light(signal: NDArray[np.float64], transfer: int) -> NDArray[np.float64]:
    """Linear light with reference white at 1; of HLG that of the scene, 0 to 1."""
    if transfer == _PQ:
        root = signal ** (1 / 78.84375)
        ratio = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
        return np.asarray(10000 * ratio ** (1 / 0.1593017578125) / _REFERENCE_WHITE)
    if transfer == _HLG:
        upper = (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12
        return np.where(signal <= 0.5, signal**2 / 3, upper)
    return np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)


def _displayed(scene: NDArray[np.float32]) -> NDArray[np.float32]:
    """HLG's light on a screen of 1000 cd/m², from that of the scene (BT.2100, system gamma 1.2)."""
    luminance = scene @ np.array((0.2627, 0.6780, 0.0593), np.float32)
    return np.asarray(scene * (luminance[..., None] ** 0.2 * (_HLG_PEAK / _REFERENCE_WHITE)), np.float32)


def _rolled_off(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Light above the knee approaches white instead of passing it; hues stay, by the largest channel."""
    top = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
    room = 1 - _KNEE
    kept = np.where(top <= _KNEE, top, _KNEE + room * (1 - np.exp((_KNEE - top) / room)))
    return np.asarray(light * (kept / top), np.float32)
