"""Camera RAW files through LibRaw: the embedded preview first, the sensor's data where there is none.

What LibRaw prints about a file that is cut short never reaches the user; it is itself the sign of a
damaged picture.
"""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rawpy
from PIL import Image

from culler.domain.errors import CullerError
from culler.imaging import limits
from culler.imaging.quiet import quiet

LEAST_PREVIEW_PX = 1280
"""An embedded picture with a shorter long edge is a thumbnail, not a preview."""
# A picture is never squeezed into less: the sensor's data has been cut out of such a file.
_LEAST_BYTES_PER_PIXEL = 0.01
_ORIENTATION_OF_FLIP = {0: 1, 3: 3, 5: 8, 6: 6}


@dataclass(frozen=True, slots=True)
class RawHeader:
    """What a RAW says before anything is decoded. `width` and `height` are upright pixels of the
    finished picture; `jpeg` is its largest embedded JPEG, None where there is none; `bitmap` the
    same where it is not compressed."""

    width: int
    height: int
    orientation: int
    jpeg: bytes | None = None
    bitmap: Image.Image | None = None


def read_header(source: bytes | Path, name: str) -> RawHeader:
    """Size and embedded preview of a RAW, from its bytes or, where it is too large for memory, its path.

    Raises CullerError for what LibRaw does not know.
    """
    with quiet(), _opened(source, name) as raw:
        width, height, orientation = _upright_size(raw)
        jpeg = bitmap = None
        try:
            thumb = raw.extract_thumb()
            if thumb.format is rawpy.ThumbFormat.JPEG:
                jpeg = bytes(thumb.data)
            else:
                bitmap = Image.fromarray(np.asarray(thumb.data))
        except (rawpy.LibRawError, rawpy.NotSupportedError, ValueError, TypeError):
            pass
        return RawHeader(width, height, orientation, jpeg, bitmap)


def develop_raw(
    source: bytes | Path, name: str, half_size: bool, wide: bool = False
) -> tuple[Image.Image, str | None]:
    """The upright picture from the sensor's data, in sRGB or in Display P3 (`wide`), and a sentence
    when the data is damaged.

    `half_size` takes each 2 x 2 cell of the sensor as one pixel: a quarter of the pixels at a tenth
    of the time. Raises CullerError when there is no picture in the file.
    """
    no_picture = (
        f"Cannot read {name}: it holds no preview and its picture data does not decode. "
        "It stays in the list unrated."
    )
    with quiet() as complaints, _opened(source, name) as raw:
        pixels = raw.sizes.raw_width * raw.sizes.raw_height
        if not limits.raw_fits(pixels, half_size):
            raise CullerError(f"Cannot show {name}: its {pixels // 10**6} megapixels take too much memory.")
        if _size_bytes(source) < pixels * _LEAST_BYTES_PER_PIXEL:
            raise CullerError(no_picture)
        try:
            array = raw.postprocess(
                half_size=half_size,
                use_camera_wb=True,
                output_color=rawpy.ColorSpace.P3D65 if wide else rawpy.ColorSpace.sRGB,
                output_bps=8,
            )
        except (rawpy.LibRawError, rawpy.NotSupportedError, ValueError, MemoryError) as error:
            raise CullerError(no_picture) from error
    if array.ndim != 3 or array.shape[2] != 3 or int(array.max()) == int(array.min()):
        raise CullerError(no_picture)
    damaged = f"{name} is damaged: a part of its RAW data is missing." if complaints else None
    return Image.fromarray(array), damaged


@contextmanager
def _opened(source: bytes | Path, name: str) -> Iterator[rawpy.RawPy]:
    raw = rawpy.RawPy()
    try:
        try:
            if isinstance(source, bytes):
                raw.open_buffer(io.BytesIO(source))
            else:
                raw.open_file(os.fspath(source))
        except (rawpy.LibRawError, rawpy.NotSupportedError) as error:
            raise CullerError(
                f"Cannot read {name}: it is damaged, or a RAW type that LibRaw does not know."
            ) from error
        yield raw
    finally:
        raw.close()


def _upright_size(raw: rawpy.RawPy) -> tuple[int, int, int]:
    """Upright width and height, and the EXIF orientation that leads to it."""
    sizes = raw.sizes
    width, height = sizes.iwidth or sizes.width, sizes.iheight or sizes.height
    if sizes.flip in (5, 6):
        width, height = height, width
    return width, height, _ORIENTATION_OF_FLIP.get(sizes.flip, 1)


def _size_bytes(source: bytes | Path) -> int:
    return len(source) if isinstance(source, bytes) else source.stat().st_size
