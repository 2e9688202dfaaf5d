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
from collections.abc import Callable, Iterable, Iterator
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
from culler.imaging import bands, limits
from culler.imaging.containers import (
    Metadata,
    find_metadata,
    orientation_of,
    tiff_block,
)
from culler.imaging.formats import Format
from culler.imaging.large_tiff import Bands
from culler.imaging.limits import Need, Plan
from culler.imaging.quiet import quiet
from culler.imaging.upright import Box, stored_box, turned

# Pillow warns of, and logs, every oddity of a file; none of it is for the user's terminal.
logging.getLogger("PIL").setLevel(logging.CRITICAL)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

_BLOCK_BYTES = 32_000_000
_LEAST_BANDED_PIXELS = 20_000_000
_LEAST_SCAN_BYTES = 64  # fewer hold no recognisable part of a picture
_COEFFICIENT_BYTES = 2  # what a progressive JPEG keeps of every sample
_HEIC_BAND_BYTES = 40_000_000

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
    source = _bands(opened, image)
    need = _need(opened, image, source)
    part = None if box is None else (box[2] - box[0]) * (box[3] - box[1])
    found = limits.plan(need, scale, part, may_reduce)
    if found is None:
        raise CullerError(_too_large(opened.name, opened.size))
    if found.peak_bytes > limits.LARGE_BYTES:
        with _large_decode:
            return _decode(opened, image, found, box, source)
    return _decode(opened, image, found, box, source)


def _decode(
    opened: Opened, image: ImageFile, plan: Plan, box: Box | None, source: "_Source | None"
) -> tuple[Image.Image, str | None]:
    if plan.banded and source is not None:
        return _by_bands(opened, source, plan.scale, box)
    decoded, damaged = _whole(opened, image, plan.scale)
    return (decoded if box is None else decoded.crop(box)), damaged


def _whole(opened: Opened, image: ImageFile, scale: int) -> tuple[Image.Image, str | None]:
    _draft(image, scale)
    # Few calls for the whole file: between the usual 64 KB blocks every thread would queue for the
    # interpreter's lock. Every block is copied twice on its way.
    image.decodermaxblock = max(image.decodermaxblock, min(len(opened.data), _BLOCK_BYTES))
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


@dataclass(frozen=True, slots=True)
class _Source:
    """A picture that can be read by bands: those bands, its size as stored, how its decoder turns it, and
    what one band takes."""

    bands: Iterable[Image.Image]
    size: tuple[int, int]
    orientation: int
    band_bytes: float


def _bands(opened: Opened, image: ImageFile) -> _Source | None:
    """The bands of a picture large enough to need them; None where its format or layout has none."""
    if opened.file is None and opened.size[0] * opened.size[1] < _LEAST_BANDED_PIXELS:
        return None
    if opened.format is Format.HEIC:
        from culler.imaging import heif

        return _Source(heif.bands(opened.data), opened.size, 1, _HEIC_BAND_BYTES)
    # The range of floating-point pixels is known only when all of them are.
    if isinstance(image, TiffImageFile) and not image.mode.startswith("F"):
        try:
            found = Bands(opened.stream, image)
        except (ValueError, KeyError, TypeError, OverflowError, ZeroDivisionError):
            return None
        return _Source(found, found.size, _tiff_orientation(image), found.band_bytes)
    return None


def _by_bands(opened: Opened, source: _Source, scale: int, box: Box | None) -> tuple[Image.Image, str | None]:
    damages: list[Exception] = []

    def whole_ones() -> Iterator[Image.Image]:
        try:
            yield from source.bands
        except Exception as error:  # decoders document no closed list of what they raise
            damages.append(error)

    try:
        if box is None:
            image = bands.reduced(whole_ones(), source.size, scale)
        else:
            image = bands.cut(whole_ones(), stored_box(box, source.orientation, source.size))
    except (ValueError, MemoryError):
        raise CullerError(_nothing_decodes(opened)) from None
    return turned(image, source.orientation), _damage(opened) if damages else None


def _tiff_orientation(image: ImageFile) -> int:
    value = image.getexif().get(0x0112, 1)
    return value if value in range(1, 9) else 1


def _need(opened: Opened, image: ImageFile, source: _Source | None) -> Need:
    turns = opened.orientation != 1 or (opened.format is Format.TIFF and _tiff_orientation(image) != 1)
    copies = 4.0 if turns else 0.0
    if image.mode in ("P", "CMYK", "LAB", "RGBA") or "transparency" in image.info:
        copies += 4  # the same in RGB
    elif image.mode.startswith(("I", "F")):
        copies += 5  # as an array, and in eight bits
    beside = float(len(opened.data) + 2 * min(len(opened.data), _BLOCK_BYTES))
    if isinstance(image, JpegImageFile) and image.info.get("progressive"):
        pixels = opened.size[0] * opened.size[1]
        beside += pixels * _COEFFICIENT_BYTES * _samples(image)
        if opened.data.count(b"\xff\xda") * pixels > limits.MOST_SCAN_PIXELS:
            raise CullerError(_too_large(opened.name, opened.size))
    return Need(
        opened.format,
        opened.size,
        copies,
        beside,
        image.info.get("bit_depth", 8) > 8,
        None if source is None else source.band_bytes,
    )


def _samples(image: JpegImageFile) -> float:
    """Samples a pixel: 3 where colour has full resolution, 1.5 with the usual subsampling."""
    layers = [(across, down) for _, across, down, _ in image.layer]
    most = max((across for across, _ in layers), default=1) * max((down for _, down in layers), default=1)
    return sum(across * down for across, down in layers) / max(1, most)


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
    size = jxl_size(data) if format is Format.JXL else _avif_size(data)
    if size is not None and not limits.fits_whole(format, size[0] * size[1]):
        raise CullerError(_too_large(name, size))


def _avif_size(data: bytes) -> tuple[int, int] | None:
    """The largest extent that the header announces (ISO/IEC 23008-12, 6.5.3): of a grid that is the whole."""
    head = data[:_AVIF_HEAD_BYTES]
    sizes: list[tuple[int, int]] = []
    at = head.find(b"ispe")
    while 0 <= at <= len(head) - 16:
        width, height = (int.from_bytes(head[at + start : at + start + 4], "big") for start in (8, 12))
        sizes.append((width, height))
        at = head.find(b"ispe", at + 4)
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


def jxl_size(data: bytes) -> tuple[int, int] | None:
    """Width and height from a JPEG XL codestream header (ISO/IEC 18181-1, SizeHeader)."""
    start = data.find(b"\xff\x0a", 0, 4096)
    if start < 0 or len(data) < start + 12:
        return None
    bits = int.from_bytes(data[start + 2 : start + 14], "little")

    def take(count: int) -> int:
        nonlocal bits
        value, bits = bits & ((1 << count) - 1), bits >> count
        return value

    small = take(1)

    def length() -> int:
        return (take(5) + 1) * 8 if small else take((9, 13, 18, 30)[take(2)]) + 1

    height = length()
    ratio = take(3)
    if ratio == 0:
        return length(), height
    above, below = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))[ratio - 1]
    return height * above // below, height
