"""Opens a picture's bytes without decoding it.

Pillow's plug-ins are called by the sniffed format: no other decoder gets a chance to misread the
file, and no process-wide switch of Pillow (its size limit, its tolerance of truncated files) is
touched, which threads would share.
"""

import io
import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from culler.domain.errors import CullerError
from culler.imaging import dcf, limits, sizes
from culler.imaging.containers import (
    Metadata,
    find_metadata,
    orientation_of,
    tiff_block,
)
from culler.imaging.formats import Format

# Pillow warns of, and logs, every oddity of a file; none of it is for the user's terminal.
logging.getLogger("PIL").setLevel(logging.CRITICAL)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

_AVIF_HEAD_BYTES = 1 << 16


@dataclass(slots=True)
class Opened:
    """A picture whose header is read. `size` is as stored; `orientation` is what to apply to the
    decoded pixels, 1 where the decoder turns them itself. `image` is gone once it is decoded: only
    the caller of `decoder.decode` then holds the pixels. `file` is read instead of `data` where it is
    given."""

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
        raise CullerError(f"Cannot read {name}: its {word(format)} data is damaged or incomplete.") from error
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


def too_large(name: str, size: tuple[int, int]) -> str:
    """The sentence for a picture that is refused for the memory it would take."""
    width, height = size
    return (
        f"Cannot show {name}: a picture of {width} x {height} pixels takes more memory than Culler allows "
        "for one photo. It stays in the list unrated."
    )


def word(format: Format) -> str:
    """The format as people write it."""
    return {Format.WEBP: "WebP", Format.JXL: "JPEG XL"}.get(format, format.value.upper())


def _refuse_large(data: bytes, format: Format, name: str) -> None:
    """JPEG XL is decoded while it is opened, and libavif calls what it finds too large damaged: the size
    must be known before that."""
    size = sizes.jxl_size(data) if format is Format.JXL else sizes.avif_size(data)
    if size is not None and not limits.fits_whole(format, size[0] * size[1]):
        raise CullerError(too_large(name, size))
