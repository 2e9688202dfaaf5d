"""Every picture as RGB in sRGB, or in a screen's own colours, eight bits a channel, opaque.

Profiles are applied by LittleCMS; a profile that changes nothing visible is skipped, so that the
common case costs nothing. Transparency is dropped, the colours below it stay: that is what scorers
were trained on, and photographs have none. Any number of threads may call: transforms are built once
and only read afterwards.
"""

import io
import logging
import struct
from collections.abc import Mapping
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
_WITH_PROFILE = ("RGB", "L", "CMYK", "LAB")
# Relative to D50, as the profiles of these names have them (Apple's; Adobe RGB (1998), section 4.3.5).
_P3_COLORANTS = {
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}
_ADOBE_RGB_COLORANTS = {
    b"rXYZ": (0.60974, 0.31111, 0.01947),
    b"gXYZ": (0.20528, 0.62567, 0.06087),
    b"bXYZ": (0.14919, 0.06322, 0.74457),
}
_ADOBE_RGB_GAMMA = 563 / 256

log = logging.getLogger(__name__)


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture as opaque 8-bit RGB in sRGB; `profile` is its ICC profile. The pixels given may be
    changed in place.

    A profile that cannot be read or does not fit the picture's mode counts as absent.
    """
    return to_profile(image, profile, None)


def to_profile(image: Image.Image, profile: bytes | None, target: bytes | None) -> Image.Image:
    """As `to_srgb`, for a screen whose ICC profile is `target` (None: sRGB), straight from the picture's
    own profile: colours that the screen has and sRGB lacks are kept. A target that cannot be used
    counts as sRGB, and is told to the log once."""
    if target is not None and not usable(target):
        target = None
    image = eight_bit(image)
    done, transform = False, None
    if profile and image.mode in _WITH_PROFILE:
        done, transform = _transform(profile, image.mode, target)
    if not done:
        if image.mode == "LAB":
            done, transform = True, _lab_transform(target)
        else:
            image = image if image.mode == "RGB" else image.convert("RGB")
            transform = None if target is None else _transform(_srgb_bytes(), "RGB", target)[1]
    if transform is not None and image.mode == "RGB":
        ImageCms.applyTransform(image, transform, inPlace=True)
    elif transform is not None:
        return ImageCms.applyTransform(image, transform)  # type: ignore[return-value]
    return image if image.mode == "RGB" else image.convert("RGB")


@lru_cache(maxsize=_CACHED_PROFILES)
def usable(target: bytes) -> bool:
    """Whether pictures can be converted into the colours of this ICC profile."""
    try:
        _build(_srgb_bytes(), "RGB", target)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        log.warning("A screen's profile cannot be used (%s); pictures are shown as for sRGB.", error)
        return False
    return True


def is_srgb(profile: bytes | None) -> bool:
    """Whether a picture's profile says what sRGB would; one that cannot be used says nothing."""
    return not profile or _transform(profile, "RGB", None)[1] is None


def shows_srgb(target: bytes) -> bool:
    """Whether sRGB pixels look right on the screen with this ICC profile as they are."""
    return not usable(target) or _transform(_srgb_bytes(), "RGB", target)[1] is None


@lru_cache(maxsize=1)
def display_p3() -> bytes:
    """An ICC profile of Display P3."""
    return _made(_P3_COLORANTS)


@lru_cache(maxsize=1)
def adobe_rgb() -> bytes:
    """An ICC profile of Adobe RGB (1998)."""
    return _made(_ADOBE_RGB_COLORANTS, _ADOBE_RGB_GAMMA)


def _made(colorants: Mapping[bytes, tuple[float, float, float]], gamma: float | None = None) -> bytes:
    """The profile of sRGB with other primaries, and with a plain power as its tone curve."""
    profile = bytearray(_srgb_bytes())
    for at in range(132, 132 + 12 * int.from_bytes(profile[128:132], "big"), 12):
        name, offset = bytes(profile[at : at + 4]), int.from_bytes(profile[at + 4 : at + 8], "big")
        if name in colorants:
            struct.pack_into(">3i", profile, offset + 8, *(round(part * 65536) for part in colorants[name]))
        elif gamma is not None and name in (b"rTRC", b"gTRC", b"bTRC"):
            struct.pack_into(">4s4xH2xi", profile, offset, b"para", 0, round(gamma * 65536))
    return bytes(profile)


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
def _srgb_bytes() -> bytes:
    return _srgb().tobytes()


def _profile(profile: bytes | None) -> ImageCms.ImageCmsProfile:
    return _srgb() if profile is None else ImageCms.ImageCmsProfile(io.BytesIO(profile))


@lru_cache(maxsize=4)
def _lab_transform(target: bytes | None) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), _profile(target), "LAB", "RGB")


@lru_cache(maxsize=_CACHED_PROFILES)
def _transform(
    profile: bytes, mode: str, target: bytes | None
) -> tuple[bool, ImageCms.ImageCmsTransform | None]:
    """Whether pictures of this profile can be converted, and how: None where that changes nothing
    visible."""
    try:
        transform = _build(profile, mode, target)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return False, None
    return True, None if mode != "CMYK" and _changes_nothing(transform, mode) else transform


def _build(profile: bytes, mode: str, target: bytes | None) -> ImageCms.ImageCmsTransform:
    # A screen's black is not quite black: without compensation the shadows below it would be one.
    flags = ImageCms.Flags.NONE
    if target is not None and mode != "CMYK":
        flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    return ImageCms.buildTransform(
        _profile(profile), _profile(target), mode, "RGB", ImageCms.Intent.PERCEPTUAL, flags
    )


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether a ladder of colours comes out within two steps of 255 of plain conversion."""
    if mode not in ("RGB", "L"):
        return False
    steps = np.arange(0, 256, 17, dtype=np.uint8)
    axes = (steps, steps, steps) if mode == "RGB" else (steps,)
    ladder = Image.fromarray(np.stack(np.meshgrid(*axes), axis=-1).reshape(16, -1, len(axes)).squeeze())
    moved = np.asarray(ImageCms.applyTransform(ladder, transform), np.int16)
    return int(np.abs(moved - np.asarray(ladder.convert("RGB"), np.int16)).max()) <= 2
