"""Every picture as RGB in sRGB, eight bits a channel, opaque.

Profiles are applied by LittleCMS; a profile that changes nothing visible is skipped, so that the
common case costs nothing. Transparency is dropped, the colours below it stay: that is what scorers
were trained on, and photographs have none. Any number of threads may call: transforms are built once
and only read afterwards.
"""

import io
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

_OPAQUE = {
    "P": ("RGB",),
    "PA": ("RGB",),
    "1": ("L",),
    "RGBA": ("RGB",),
    "RGBa": ("RGBA", "RGB"),
    "LA": ("L",),
    "La": ("LA", "L"),
}
"""Modes on the way to an opaque one without a palette."""
_CACHED_PROFILES = 32
_STRIP_ROWS = 256


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture as opaque 8-bit RGB in sRGB; `profile` is its ICC profile. The pixels given may be
    changed in place.

    A profile that cannot be read or does not fit the picture's mode counts as absent.
    """
    image = eight_bit(image)
    if profile and image.mode in ("RGB", "L", "CMYK", "LAB"):
        transform = _transform(profile, image.mode)
        if transform is not None and image.mode == "RGB":
            ImageCms.applyTransform(image, transform, inPlace=True)
        elif transform is not None:
            return ImageCms.applyTransform(image, transform)  # type: ignore[return-value]
    if image.mode == "LAB":
        transform = _lab_transform()
        return ImageCms.applyTransform(image, transform)  # type: ignore[return-value]
    return image if image.mode == "RGB" else image.convert("RGB")


def eight_bit(image: Image.Image) -> Image.Image:
    """The same picture in a mode of eight bits a channel that is neither a palette nor transparent."""
    image.info.pop("transparency", None)
    if image.mode in _OPAQUE:
        for mode in _OPAQUE[image.mode]:
            image = image.convert(mode)
        return image
    if image.mode.startswith(("I", "F")):
        return _tones(image)
    return image


def _tones(image: Image.Image) -> Image.Image:
    """Greyscale of more than eight bits in eight, by the range that its numbers are written in.

    Whole numbers fill 16 bits; floating point is read as 0–1 unless it goes beyond. Done in strips:
    arrays of the whole picture would take several times its memory.
    """
    values = np.asarray(image)
    tones = np.empty(values.shape, np.uint8)
    top = max((float(np.nanmax(strip, initial=0.0)) for strip in _strips(values)), default=0.0)
    whole = np.issubdtype(values.dtype, np.integer)
    full = 65535.0 if whole else next((at for at in (1.0, 255.0, 65535.0) if top <= at), top)
    for out, strip in zip(_strips(tones), _strips(values), strict=True):
        scaled = np.nan_to_num(strip.astype(np.float32) * (255.0 / full), posinf=255.0, neginf=0.0)
        np.clip(scaled + 0.5, 0, 255, out=scaled)
        out[...] = scaled
    return Image.fromarray(tones)


def _strips(array: NDArray[Any]) -> list[NDArray[Any]]:
    return [array[row : row + _STRIP_ROWS] for row in range(0, len(array), _STRIP_ROWS)]


@lru_cache(maxsize=1)
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@lru_cache(maxsize=1)
def _lab_transform() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), _srgb(), "LAB", "RGB")


@lru_cache(maxsize=_CACHED_PROFILES)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """From this profile to sRGB; None where that changes nothing visible or cannot be done."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, _srgb(), mode, "RGB", ImageCms.Intent.PERCEPTUAL)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return None if mode != "CMYK" and _changes_nothing(transform, mode) else transform


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether a ladder of colours comes out within two steps of 255 of plain conversion."""
    if mode not in ("RGB", "L"):
        return False
    steps = np.arange(0, 256, 17, dtype=np.uint8)
    axes = (steps, steps, steps) if mode == "RGB" else (steps,)
    ladder = Image.fromarray(np.stack(np.meshgrid(*axes), axis=-1).reshape(16, -1, len(axes)).squeeze())
    moved = np.asarray(ImageCms.applyTransform(ladder, transform), np.int16)
    return int(np.abs(moved - np.asarray(ladder.convert("RGB"), np.int16)).max()) <= 2
