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

from PIL import Image, ImageOps
from PIL.AvifImagePlugin import AvifImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from culler.domain.errors import CullerError
from culler.imaging.containers import (
    Metadata,
    find_metadata,
    orientation_of,
    tiff_block,
)
from culler.imaging.formats import Format
from culler.imaging.quiet import quiet

# Pillow warns of, and logs, every oddity of a file; none of it is for the user's terminal.
logging.getLogger("PIL").setLevel(logging.CRITICAL)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

MEMORY_LIMIT_BYTES = 1_250_000_000
"""What decoding one picture may take at its peak; the process stays below 1.5 GB with it."""
LARGE_BYTES = 400_000_000
"""Decodes that take more run one at a time."""

# Bytes a pixel at the peak of a full decode, measured as resident memory on large files: Pillow's own
# RGB is 4; the others hold the codec's planes and a copy of its output beside it.
_PEAK_BYTES_PER_PIXEL = {
    Format.JPEG: 4,
    Format.MPO: 4,
    Format.PNG: 4,
    Format.TIFF: 6,
    Format.GIF: 5,
    Format.WEBP: 17,
    Format.HEIC: 8,
    Format.AVIF: 14,
    Format.JXL: 12,
}
_COEFFICIENT_BYTES = 6  # three components of int16: what a progressive JPEG keeps of every pixel
_LEAST_SCAN_BYTES = 64  # fewer hold no recognisable part of a picture
_MOST_SCAN_PIXELS = 3_000_000_000  # scans times pixels of a progressive JPEG, some ten seconds

_AVIF_HEAD_BYTES = 1 << 16

_large_decode = threading.Lock()


@dataclass(slots=True)
class Opened:
    """A picture whose header is read. `size` is as stored; `orientation` is what to apply to the
    decoded pixels, 1 where the decoder turns them itself. `image` is gone once it is decoded: only
    the caller of `decode` then holds the pixels."""

    image: ImageFile | None
    format: Format
    name: str
    data: bytes
    size: tuple[int, int]
    orientation: int = 1
    metadata: Metadata = field(default_factory=Metadata)
    profile: bytes | None = None

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
    if format is Format.JXL:
        _refuse_large_jxl(data, name)
    try:
        image = _with_header(data, format, name)
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
        from pi_heif.as_plugin import HeifImageFile

        opener: Callable[[io.BytesIO], ImageFile] = HeifImageFile
        return opener
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


def decode(opened: Opened, scale: int) -> tuple[Image.Image, str | None]:
    """The stored pixels reduced by about `scale`, and a sentence when only a part of them decoded.

    Only JPEG is reduced while decoding, by up to 8; the rest comes at full size. May be called once.
    Raises CullerError when nothing useful decodes or memory would not suffice.
    """
    image, opened.image = opened.image, None
    assert image is not None, "a picture is decoded once"
    peak = _peak_bytes(opened, image, scale)
    if peak > MEMORY_LIMIT_BYTES:
        raise CullerError(_too_large(opened.name, opened.size))
    if peak > LARGE_BYTES:
        with _large_decode:
            return _decode(opened, image, scale)
    return _decode(opened, image, scale)


def _decode(opened: Opened, image: ImageFile, scale: int) -> tuple[Image.Image, str | None]:
    _draft(image, scale)
    # One call for the whole file: between the usual 64 KB blocks every thread would queue for the
    # interpreter's lock.
    image.decodermaxblock = max(image.decodermaxblock, len(opened.data))
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
        raise CullerError(
            f"Cannot read {opened.name}: its {_word(opened.format)} data is damaged; no part of it decodes."
        )
    return salvaged, f"{opened.name} is damaged: only a part of the picture could be read."


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


def _peak_bytes(opened: Opened, image: ImageFile, scale: int) -> int:
    width, height = opened.size
    pixels = width * height
    each = _PEAK_BYTES_PER_PIXEL[opened.format]
    tiff_turns = opened.format is Format.TIFF and image.getexif().get(0x0112, 1) != 1
    if tiff_turns or (scale == 1 and opened.orientation != 1):
        each += 4  # the turned copy
    if image.mode == "P" or "transparency" in image.info:
        each += 4  # the same in full colour
    elif image.mode.startswith(("I", "F")):
        each += 5  # as an array, and in eight bits
    if not isinstance(image, JpegImageFile):
        return pixels * each
    peak = pixels * each // min(scale, 8) ** 2
    if image.info.get("progressive"):
        peak += pixels * _COEFFICIENT_BYTES
        if opened.data.count(b"\xff\xda") * pixels > _MOST_SCAN_PIXELS:
            raise CullerError(_too_large(opened.name, opened.size))
    return peak


def _too_large(name: str, size: tuple[int, int]) -> str:
    width, height = size
    return (
        f"Cannot show {name}: a picture of {width} x {height} pixels takes more memory than Culler allows "
        "for one photo. It stays in the list unrated."
    )


def _word(format: Format) -> str:
    return {Format.WEBP: "WebP", Format.JXL: "JPEG XL"}.get(format, format.value.upper())


def _refuse_large_jxl(data: bytes, name: str) -> None:
    """The JPEG XL plug-in decodes while it opens: the size must be known before that."""
    size = jxl_size(data)
    if size is not None and size[0] * size[1] * _PEAK_BYTES_PER_PIXEL[Format.JXL] > MEMORY_LIMIT_BYTES:
        raise CullerError(_too_large(name, size))


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
