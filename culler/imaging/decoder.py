"""Decodes an opened picture within bounds: whole, reduced or a part of it.

What a decoder wrote before it failed is kept as a damaged picture.
"""

import io
import threading

from PIL import Image, ImageOps
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from culler.domain.errors import CullerError
from culler.imaging import large, limits
from culler.imaging.formats import Format
from culler.imaging.large import Source
from culler.imaging.limits import Plan
from culler.imaging.pictures import Opened, too_large, word
from culler.imaging.quiet import quiet
from culler.imaging.upright import Box

_LEAST_SCAN_BYTES = 64  # fewer hold no recognisable part of a picture

_large_decode = threading.Lock()


def decode(
    opened: Opened, scale: int, box: Box | None = None, *, may_reduce: bool = False
) -> tuple[Image.Image, str | None]:
    """The pixels reduced by about `scale`, or those inside `box`, turned as far as the decoder turns them,
    and a sentence when only a part of them decoded.

    JPEG is reduced while decoding, by up to 8, large HEIC and TIFF by any scale; the rest comes at full
    size. May be called once. Raises CullerError when nothing useful decodes or when memory would not
    suffice; where `may_reduce`, a picture too large for this scale comes smaller instead.
    """
    image, opened.image = opened.image, None
    assert image is not None, "a picture is decoded once"
    source = None
    if opened.file is not None or opened.size[0] * opened.size[1] >= large.LEAST_PIXELS:
        source = large.source_of(opened.format, opened.data, opened.stream, image)
    if large.takes_too_long(image, opened.data):
        raise CullerError(too_large(opened.name, opened.size))
    need = large.need_of(opened.format, opened.data, image, opened.orientation != 1, source)
    part = None if box is None else (box[2] - box[0]) * (box[3] - box[1])
    found = limits.plan(need, scale, part, may_reduce)
    if found is None:
        raise CullerError(too_large(opened.name, opened.size))
    if found.peak_bytes > limits.LARGE_BYTES:
        with _large_decode:
            return _decode(opened, image, found, box, source)
    return _decode(opened, image, found, box, source)


def _decode(
    opened: Opened, image: ImageFile, plan: Plan, box: Box | None, source: Source | None
) -> tuple[Image.Image, str | None]:
    if plan.banded and source is not None:
        return _by_bands(opened, source, plan.scale, box)
    decoded, damaged = _whole(opened, image, plan.scale)
    return (decoded if box is None else decoded.crop(box)), damaged


def _whole(opened: Opened, image: ImageFile, scale: int) -> tuple[Image.Image, str | None]:
    _draft(image, scale)
    # Few calls for the whole file: between the usual 64 KB blocks every thread would queue for the
    # interpreter's lock. Every block is copied twice on its way.
    image.decodermaxblock = max(image.decodermaxblock, min(len(opened.data), limits.BLOCK_BYTES))
    try:
        if opened.format is Format.TIFF:
            with quiet():
                image.load()
        else:
            image.load()
        return image, None
    except (MemoryError, Image.DecompressionBombError):
        raise CullerError(too_large(opened.name, opened.size)) from None
    except Exception:  # decoders document no closed list of what they raise
        salvaged = _salvaged(opened, image, scale)
    if salvaged is None:
        raise CullerError(_nothing_decodes(opened))
    return salvaged, _damage(opened)


def _draft(image: Image.Image, scale: int) -> None:
    if scale > 1 and isinstance(image, JpegImageFile):
        width, height = image.size
        image.draft(None, (max(1, width // scale), max(1, height // scale)))


def _salvaged(opened: Opened, image: ImageFile, scale: int) -> Image.Image | None:
    """What a decoder wrote before it gave up; None when that shows nothing."""
    if isinstance(image, JpegImageFile):
        start = opened.metadata.pixels_at
        if start is None or len(opened.data) - start < _LEAST_SCAN_BYTES:
            return None
        # An end marker lets the decoder finish the rows and scans that it has.
        try:
            image = JpegImageFile(io.BytesIO(opened.data + b"\xff\xd9"))
            _draft(image, scale)
            image.load()
        except Exception:  # the picture below holds what was written until then
            pass
    image.tile = []  # nothing more to load: from here on this is a plain picture in memory
    try:
        if opened.format is Format.TIFF:  # turned at the end of a load, which this one did not reach
            ImageOps.exif_transpose(image, in_place=True)
        lowest_highest = image.convert("RGB").getextrema()
    except Exception:  # not even memory was set up
        return None
    blank = all(low == high for low, high in lowest_highest)  # type: ignore[misc]
    return None if blank else image


def _by_bands(opened: Opened, source: Source, scale: int, box: Box | None) -> tuple[Image.Image, str | None]:
    try:
        image, is_whole = large.put_together(source, scale, box)
    except MemoryError:
        raise CullerError(too_large(opened.name, opened.size)) from None
    except ValueError:
        raise CullerError(_nothing_decodes(opened)) from None
    return image, None if is_whole else _damage(opened)


def _nothing_decodes(opened: Opened) -> str:
    return f"Cannot read {opened.name}: its {word(opened.format)} data is damaged; no part of it decodes."


def _damage(opened: Opened) -> str:
    return f"{opened.name} is damaged: only a part of the picture could be read."
