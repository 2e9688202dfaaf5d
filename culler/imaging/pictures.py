"""Opens a picture's bytes without decoding it, and decodes it within bounds.

Pillow's plug-ins are called by the sniffed format: no other decoder gets a chance to misread the
file, and no process-wide switch of Pillow (its size limit, its tolerance of truncated files) is
touched, which threads would share. What a decoder wrote before it failed is kept as a damaged
picture.
"""

import io
import logging
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

from PIL import Image, ImageOps
from PIL.AvifImagePlugin import AvifImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from culler.domain.errors import CullerError
from culler.imaging import dcf, large, limits, sizes
from culler.imaging.containers import (
    Metadata,
    find_metadata,
    orientation_of,
    tiff_block,
)
from culler.imaging.formats import Format
from culler.imaging.large import Source
from culler.imaging.limits import Plan
from culler.imaging.quiet import quiet
from culler.imaging.upright import Box

# Pillow warns of, and logs, every oddity of a file; none of it is for the user's terminal.
logging.getLogger("PIL").setLevel(logging.CRITICAL)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

_LEAST_SCAN_BYTES = 64  # fewer hold no recognisable part of a picture

_AVIF_HEAD_BYTES = 1 << 16

_large_decode = threading.Lock()


@dataclass(slots=True)
class Opened:
    """A picture whose header is read. `size` is as stored; `orientation` is what to apply to the
    decoded pixels, 1 where the decoder turns them itself. `image` is gone once it is decoded: only
    the caller of `decode` then holds the pixels. `file` is read instead of `data` where it is given."""

    image: ImageFile | None
    format: Format
    name: str
    data: bytes
    size: tuple[int, int]
    orientation: int = 1
    metadata: Metadata = field(default_factory=Metadata)
    profile: bytes | None = None
    file: BinaryIO | None = None

    @property
    def stream(self) -> BinaryIO:
        """The file as a whole."""
        return io.BytesIO(self.data) if self.file is None else self.file

    @property
    def upright_size(self) -> tuple[int, int]:
        width, height = self.size
        return (height, width) if self.orientation in (5, 6, 7, 8) else (width, height)


class _Avif(AvifImageFile):
    """An AVIF that opens although its EXIF block is broken."""

    def _open(self) -> None:
        try:
            super()._open()
        except Exception:
            if getattr(self, "_size", (0, 0)) == (0, 0):
                raise
            self.info.pop("exif", None)
            self.seek(0)

    @property
    def turned(self) -> int:
        """The EXIF orientation that its rotation and mirror boxes amount to."""
        return int(self._decoder.get_info()[5])


def open_picture(data: bytes, format: Format, name: str) -> Opened:
    """The picture with its header read. Raises CullerError when it cannot be opened at all, or when
    decoding it would take too much memory."""
    if format in (Format.JXL, Format.AVIF):
        _refuse_large(data, format, name)
    return _opened(data, format, name, lambda: _with_header(data, format, name))


def open_tiff(file: BinaryIO, name: str) -> Opened:
    """As `open_picture`, of a TIFF too large to be read as a whole: its file must stay open."""
    opened = _opened(b"", Format.TIFF, name, lambda: TiffImageFile(file))
    opened.file = file
    return opened


def _opened(data: bytes, format: Format, name: str, header: Callable[[], ImageFile]) -> Opened:
    try:
        image = header()
    except CullerError:
        raise
    except Image.DecompressionBombError as error:
        raise CullerError(
            f"Cannot show {name}: it announces more pixels than Culler allows for one photo."
        ) from error
    except Exception as error:  # decoders document no closed list of what they raise
        raise CullerError(
            f"Cannot read {name}: its {_word(format)} data is damaged or incomplete."
        ) from error
    opened = Opened(image, format, name, data, image.size, profile=image.info.get("icc_profile"))
    opened.metadata = _metadata(opened, image)
    if opened.profile is None and format is Format.JPEG:
        opened.profile = dcf.profile(opened.metadata.exif)
    opened.orientation = _orientation(opened, image)
    return opened


def _with_header(data: bytes, format: Format, name: str) -> ImageFile:
    plugin = _plugin(format, name)
    try:
        return plugin(io.BytesIO(data))
    except ValueError:
        # libavif refuses a file for its EXIF block alone: without the block it opens.
        if format is not Format.AVIF or b"Exif" not in data[:_AVIF_HEAD_BYTES]:
            raise
        head = data[:_AVIF_HEAD_BYTES].replace(b"Exif", b"skip", 1)
        return plugin(io.BytesIO(head + data[_AVIF_HEAD_BYTES:]))


def _plugin(format: Format, name: str) -> Callable[[io.BytesIO], ImageFile]:
    if format is Format.HEIC:
        from culler.imaging import heif

        return lambda file: heif.opened(file.getvalue())
    if format is Format.JXL:
        try:
            from pillow_jxl.JpegXLImagePlugin import JXLImageFile
        except ImportError:
            raise CullerError(
                f"Cannot read {name}: JPEG XL needs the package pillow-jxl-plugin. Install it and rescan."
            ) from None
        return JXLImageFile
    return _PLUGINS[format]


_PLUGINS: dict[Format, Callable[[io.BytesIO], ImageFile]] = {
    Format.JPEG: JpegImageFile,
    Format.MPO: JpegImageFile,  # its first frame is an ordinary JPEG
    Format.PNG: PngImageFile,
    Format.TIFF: TiffImageFile,
    Format.WEBP: WebPImageFile,
    Format.GIF: GifImageFile,
    Format.AVIF: _Avif,
}


def _metadata(opened: Opened, image: ImageFile) -> Metadata:
    if opened.format in (Format.JPEG, Format.MPO, Format.PNG, Format.WEBP):
        found = find_metadata(io.BytesIO(opened.data), opened.format)
    else:
        block, packet = image.info.get("exif"), image.info.get("xmp")
        found = Metadata(
            exif=tiff_block(block) if isinstance(block, bytes) else None,
            xmp=packet if isinstance(packet, bytes) else None,
        )
    found.size = opened.size
    return found


def _orientation(opened: Opened, image: ImageFile) -> int:
    """What to apply after decoding: nothing where the plug-in turns the picture itself; AVIF says it
    by its own boxes."""
    if opened.format in (Format.HEIC, Format.JXL, Format.GIF, Format.TIFF):
        return 1
    if isinstance(image, _Avif):
        return image.turned
    return orientation_of(opened.metadata, opened.format)


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
        raise CullerError(_too_large(opened.name, opened.size))
    need = large.need_of(opened.format, opened.data, image, opened.orientation != 1, source)
    part = None if box is None else (box[2] - box[0]) * (box[3] - box[1])
    found = limits.plan(need, scale, part, may_reduce)
    if found is None:
        raise CullerError(_too_large(opened.name, opened.size))
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
        raise CullerError(_too_large(opened.name, opened.size)) from None
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
    except (ValueError, MemoryError):
        raise CullerError(_nothing_decodes(opened)) from None
    return image, None if is_whole else _damage(opened)


def _nothing_decodes(opened: Opened) -> str:
    return f"Cannot read {opened.name}: its {_word(opened.format)} data is damaged; no part of it decodes."


def _damage(opened: Opened) -> str:
    return f"{opened.name} is damaged: only a part of the picture could be read."


def _too_large(name: str, size: tuple[int, int]) -> str:
    width, height = size
    return (
        f"Cannot show {name}: a picture of {width} x {height} pixels takes more memory than Culler allows "
        "for one photo. It stays in the list unrated."
    )


def _word(format: Format) -> str:
    return {Format.WEBP: "WebP", Format.JXL: "JPEG XL"}.get(format, format.value.upper())


def _refuse_large(data: bytes, format: Format, name: str) -> None:
    """JPEG XL is decoded while it is opened, and libavif calls what it finds too large damaged: the size
    must be known before that."""
    size = sizes.jxl_size(data) if format is Format.JXL else sizes.avif_size(data)
    if size is not None and not limits.fits_whole(format, size[0] * size[1]):
        raise CullerError(_too_large(name, size))
