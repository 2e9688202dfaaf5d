"""HEIC and HEIF through pi_heif (libheif): opened without what it trips over, and the pixels of large
ones a band of rows at a time, as the codec wrote them."""

import io
from collections.abc import Iterator

import pi_heif
from pi_heif.as_plugin import HeifImageFile
from PIL import Image

# Auxiliary pictures (depth, gain maps) are not looked at; their descriptions are read from C, unchecked.
pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False

_BAND_ROWS = 256
_NOT_ASCII = bytes(byte if byte < 0x80 else 0x3F for byte in range(256))


def opened(data: bytes) -> HeifImageFile:
    """The picture with its header read. What it raises for a broken file is not documented."""
    return HeifImageFile(io.BytesIO(harmless(data)))


def bands(data: bytes) -> Iterator[Image.Image]:
    """The stored rows from above, some at a time, in the mode that the plug-in gives. The codec's own
    buffer is the only copy of the whole."""
    file = pi_heif.open_heif(harmless(data), convert_hdr_to_8bit=True, hdr_to_16bit=True, remove_stride=False)
    pixels, stride = memoryview(file.data), file.stride  # decodes here
    width, height = file.size
    for top in range(0, height, _BAND_ROWS):
        rows = min(_BAND_ROWS, height - top)
        part = bytes(pixels[top * stride : (top + rows) * stride])
        yield Image.frombuffer(file.mode, (width, rows), part, "raw", file.mode, stride, 1)


def harmless(data: bytes) -> bytes:
    """The file with question marks for what is not ASCII in its items' types and names.

    WORKAROUND(pi_heif 1.4 makes Python text of them without a check, and dies with the whole process,
    https://github.com/bigcat88/pillow_heif): fuzzing found it.
    """
    meta = _box(data, b"meta")
    if meta is None:
        return data
    start, end = meta
    wanted: list[tuple[int, int]] = []
    at = data.find(b"infe", start, end)
    while at >= 0:
        # After the type: version and flags, an identity of 2 or 4 bytes, 2 bytes of protection.
        text = at + (14 if data[at + 4 : at + 5] == b"\x03" else 12)
        stop = min(end, at - 4 + int.from_bytes(data[at - 4 : at], "big"))
        if stop > text and not data[text:stop].isascii():
            wanted.append((text, stop))
        at = data.find(b"infe", at + 4, end)
    if not wanted:
        return data
    copy = bytearray(data)
    for text, stop in wanted:
        copy[text:stop] = copy[text:stop].translate(_NOT_ASCII)
    return bytes(copy)


def _box(data: bytes, kind: bytes) -> tuple[int, int] | None:
    """Where the first top-level box of a kind begins and ends (ISO/IEC 14496-12, 4.2)."""
    at = 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        if data[at + 4 : at + 8] == kind:
            return at, min(len(data), at + length) if length else len(data)
        if length < 8:
            return None
        at += length
    return None
