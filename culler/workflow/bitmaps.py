"""Pixels on their way to a screen: converted into its colours and scaled to what is seen of them.

A bitmap is what screens take: four bytes a pixel (blue, green, red, unused), rows without gaps. The
work is done outside the interpreter's lock, so that a window goes on meanwhile; any thread.
"""

from typing import cast

from PIL import Image

from culler.imaging import color

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the bitmap."""

_REDUCING_GAP = 3.0
"""From this on a first reduction by whole numbers is not to be told from one careful step (Pillow)."""


def for_screen(bitmap: memoryview, size: tuple[int, int], screen: bytes) -> Image.Image | None:
    """An sRGB bitmap as an RGB picture in the colours of the screen with this ICC profile; None where
    it looks right as it is."""
    if color.shows_srgb(screen):
        return None
    return color.to_profile(Image.frombuffer("RGB", size, _data(bitmap), "raw", "BGRX", 0, 1), None, screen)


def scaled(bitmap: memoryview, size: tuple[int, int], box: Box, to: tuple[int, int]) -> Image.Image:
    """A part of a bitmap at another size, every pixel of it weighed in; four channels in their order."""
    whole = Image.frombuffer("RGBX", size, _data(bitmap), "raw", "RGBX", 0, 1)
    return whole.resize(to, Image.Resampling.BICUBIC, box=box, reducing_gap=_REDUCING_GAP)


def is_usable(screen: bytes) -> bool:
    """Whether pictures can be converted into the colours of this ICC profile."""
    return color.usable(screen)


def _data(bitmap: memoryview) -> bytes:
    """As Pillow's types have it; it reads any buffer, without a copy."""
    return cast(bytes, bitmap)
