"""What decoding a large picture takes, and decoding it by bands of its rows where its format has them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from culler.imaging import bands, limits
from culler.imaging.formats import Format
from culler.imaging.large_tiff import Bands
from culler.imaging.limits import Need
from culler.imaging.upright import Box, stored_box, turned

LEAST_PIXELS = 20_000_000
"""Smaller pictures need no bands."""
_COEFFICIENT_BYTES = 2  # what a progressive JPEG keeps of every sample
_HEIC_BAND_BYTES = 40_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """A picture that can be read by bands: those bands, its size as stored, how its decoder turns it, and
    what one band takes."""

    bands: Iterable[Image.Image]
    size: tuple[int, int]
    orientation: int
    band_bytes: float


def source_of(format: Format, data: bytes, stream: BinaryIO, image: ImageFile) -> Source | None:
    """The bands of an opened picture; None where its format or layout has none."""
    if format is Format.HEIC:
        from culler.imaging import heif

        return Source(heif.bands(data), image.size, 1, _HEIC_BAND_BYTES)
    # The range of floating-point pixels is known only when all of them are.
    if isinstance(image, TiffImageFile) and not image.mode.startswith("F"):
        try:
            found = Bands(stream, image)
        except (ValueError, KeyError, TypeError, OverflowError, ZeroDivisionError):
            return None
        return Source(found, found.size, _tiff_orientation(image), found.band_bytes)
    return None


def put_together(source: Source, scale: int, box: Box | None) -> tuple[Image.Image, bool]:
    """The picture reduced, or its part inside `box`, as its decoder turns it; and whether all of it was
    read. Raises ValueError where nothing was, MemoryError."""
    damages: list[Exception] = []

    def whole_ones() -> Iterator[Image.Image]:
        try:
            yield from source.bands
        except MemoryError:
            raise  # which says nothing of the file
        except Exception as error:  # decoders document no closed list of what they raise
            damages.append(error)

    if box is None:
        image = bands.reduced(whole_ones(), source.size, scale)
    else:
        image = bands.cut(whole_ones(), stored_box(box, source.orientation, source.size))
    return turned(image, source.orientation), not damages


def need_of(format: Format, data: bytes, image: ImageFile, turns: bool, source: Source | None) -> Need:
    """What decoding an opened picture depends on; `turns` where it is turned after decoding."""
    turns = turns or (format is Format.TIFF and _tiff_orientation(image) != 1)
    copies = 4.0 if turns else 0.0
    if image.mode in ("P", "CMYK", "LAB", "RGBA") or "transparency" in image.info:
        copies += 4  # the same in RGB
    elif image.mode.startswith(("I", "F")):
        copies += 5  # as an array, and in eight bits
    beside = float(len(data) + 2 * min(len(data), limits.BLOCK_BYTES))
    if _is_progressive(image):
        beside += image.width * image.height * _COEFFICIENT_BYTES * _samples(image)
    deep = image.info.get("bit_depth", 8) > 8
    return Need(format, image.size, copies, beside, deep, None if source is None else source.band_bytes)


def takes_too_long(image: ImageFile, data: bytes) -> bool:
    """Whether a progressive JPEG has so many scans that it was made to be slow."""
    pixels = image.width * image.height
    return _is_progressive(image) and data.count(b"\xff\xda") * pixels > limits.MOST_SCAN_PIXELS


def _is_progressive(image: ImageFile) -> bool:
    return isinstance(image, JpegImageFile) and bool(image.info.get("progressive"))


def _tiff_orientation(image: ImageFile) -> int:
    value = image.getexif().get(0x0112, 1)
    return value if value in range(1, 9) else 1


def _samples(image: ImageFile) -> float:
    """Samples a pixel: 3 where colour has full resolution, 1.5 with the usual subsampling."""
    layers = [(across, down) for _, across, down, _ in getattr(image, "layer", ())]
    most = max((across for across, _ in layers), default=1) * max((down for _, down in layers), default=1)
    return float(sum(across * down for across, down in layers) / max(1, most))
