"""Where a file keeps its metadata: the EXIF block, the XMP packet and the size, without pixels.

The readers of EXIF differ in which files they find their block in; found here, the block is the same
for all of them. Each function takes a seekable stream and reads only what it needs; a file cut short
or otherwise broken yields what was found up to there.
"""

import io
import re
import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from culler.imaging.directories import first_directory
from culler.imaging.formats import Format

_EXIF_MARK = b"Exif\x00"
_XMP_MARK = b"http://ns.adobe.com/xap/1.0/\x00"
_RESOURCES_MARK = b"Photoshop 3.0\x00"
_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")  # XMP Specification part 3, 1.2.6
_XMP_PNG_MARK = b"XML:com.adobe.xmp"
_TIFF_MAGIC = (b"II*\x00", b"MM\x00*")
_LARGEST_BLOCK = 16 << 20
"""No metadata block of a photo is larger; a broken length must not make us read the whole file."""


@dataclass(slots=True)
class Metadata:
    """What a file carries beside its pixels. `exif` begins with its TIFF header; `size` is as stored;
    `ciff` is what Canon wrote before EXIF; `resources` are Photoshop's, of a JPEG; `pixels_at` is where
    a JPEG's first scan begins."""

    exif: bytes | None = None
    xmp: bytes | None = None
    size: tuple[int, int] | None = None
    ciff: bytes | None = None
    resources: bytes | None = None
    pixels_at: int | None = None


def find_metadata(file: BinaryIO, format: Format) -> Metadata:
    """The EXIF block and XMP packet of a format whose container we read ourselves; else empty."""
    reader = {
        Format.JPEG: jpeg_metadata,
        Format.MPO: jpeg_metadata,
        Format.PNG: png_metadata,
        Format.WEBP: webp_metadata,
    }.get(format)
    if reader is None:
        return Metadata()
    try:
        return reader(file)
    except (ValueError, IndexError, OverflowError, struct.error):
        return Metadata()


def jpeg_metadata(file: BinaryIO) -> Metadata:
    """From the segments before the first scan."""
    found = Metadata()
    file.seek(2)
    while True:
        marker = _next_marker(file)
        if marker is None or marker in (0xDA, 0xD9):
            found.pixels_at = file.tell() if marker == 0xDA else None
            return found
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:
            continue
        (length,) = struct.unpack(">H", file.read(2).rjust(2, b"\x00"))
        if length < 2:
            return found
        if marker == 0xE0 and length > 16:
            segment = file.read(length - 2)
            if segment[6:14] == b"HEAPJPGM":
                found.ciff = segment
        elif marker == 0xE1:
            _take_app1(found, file.read(length - 2))
        elif marker == 0xED:
            segment = file.read(length - 2)
            if segment.startswith(_RESOURCES_MARK):
                # Resources longer than a segment go on in the next.
                found.resources = (found.resources or b"") + segment[len(_RESOURCES_MARK) :]
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            frame = file.read(length - 2)
            if len(frame) >= 5:
                height, width = struct.unpack_from(">HH", frame, 1)
                found.size = (width, height)
        else:
            file.seek(length - 2, 1)


def _next_marker(file: BinaryIO) -> int | None:
    """The next JPEG marker, past padding and stray bytes; None at the end of the file."""
    byte = file.read(1)
    while byte and byte != b"\xff":
        byte = file.read(1)
    while byte == b"\xff":
        byte = file.read(1)
    return byte[0] if byte else None


def _take_app1(found: Metadata, segment: bytes) -> None:
    if segment.startswith(_EXIF_MARK):
        # Some writers put one zero byte after the mark instead of two, or none of the padding.
        start = next((at for at in (6, 5) if segment[at : at + 4] in _TIFF_MAGIC), None)
        if start is not None and found.exif is None:
            found.exif = segment[start:]
    elif segment.startswith(_XMP_MARK) and found.xmp is None:
        found.xmp = segment[len(_XMP_MARK) :]


def png_metadata(file: BinaryIO) -> Metadata:
    """From the chunks of a PNG: eXIf, ImageMagick's raw profile texts, and the XMP text."""
    found = Metadata()
    file.seek(8)
    while True:
        header = file.read(8)
        if len(header) < 8:
            return found
        length, kind = struct.unpack(">I4s", header)
        if kind in (b"IHDR", b"eXIf", b"iTXt", b"zTXt", b"tEXt") and length <= _LARGEST_BLOCK:
            chunk = file.read(length)
            if kind == b"IHDR" and len(chunk) >= 8:
                width, height = struct.unpack_from(">II", chunk)
                found.size = (width, height)
            elif kind == b"eXIf":
                found.exif = found.exif or tiff_block(chunk)
            else:
                _take_text(found, kind, chunk)
            file.seek(4, 1)
        elif kind == b"IEND":
            return found
        else:
            file.seek(length + 4, 1)


def _take_text(found: Metadata, kind: bytes, chunk: bytes) -> None:
    keyword, _, rest = chunk.partition(b"\x00")
    if kind == b"iTXt" and keyword == _XMP_PNG_MARK and found.xmp is None:
        compressed, rest = rest[:1] == b"\x01", rest[2:]
        text = rest.split(b"\x00", 2)[-1]
        found.xmp = _inflate(text) if compressed else text
    elif keyword in (b"Raw profile type exif", b"Raw profile type APP1", b"Raw profile type xmp"):
        inflated = _inflate(rest[1:]) if kind == b"zTXt" else rest
        # A newline, the profile's name, its length, then hexadecimal in lines.
        lines = (inflated or b"").split(b"\n")[3:]
        try:
            profile = bytes.fromhex(b"".join(lines).decode("ascii"))
        except ValueError:
            return
        if profile.startswith(_EXIF_MARK) or profile[:4] in _TIFF_MAGIC:
            found.exif = found.exif or tiff_block(profile)
        else:
            found.xmp = found.xmp or profile.removeprefix(_XMP_MARK)


def _inflate(data: bytes) -> bytes | None:
    try:
        return zlib.decompressobj().decompress(data, _LARGEST_BLOCK)
    except zlib.error:
        return None


def webp_metadata(file: BinaryIO) -> Metadata:
    """From the chunks of a WebP."""
    found = Metadata()
    file.seek(12)
    while True:
        header = file.read(8)
        if len(header) < 8:
            return found
        kind, length = struct.unpack("<4sI", header)
        if kind in (b"VP8X", b"VP8 ", b"VP8L") and found.size is None:
            frame = file.read(min(length, 10))
            found.size = _webp_size(kind, frame)
            file.seek(length - len(frame) + (length & 1), 1)
        elif kind in (b"EXIF", b"XMP ") and length <= _LARGEST_BLOCK:
            chunk = file.read(length)
            if kind == b"EXIF":
                found.exif = tiff_block(chunk)
            else:
                found.xmp = chunk
            file.seek(length & 1, 1)
        else:
            file.seek(length + (length & 1), 1)


def _webp_size(kind: bytes, frame: bytes) -> tuple[int, int] | None:
    """RFC 9649: the canvas, or the size of the only frame."""
    if len(frame) < 10:
        return None
    if kind == b"VP8X":
        return int.from_bytes(frame[4:7], "little") + 1, int.from_bytes(frame[7:10], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(frame[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", frame, 6)
    return width & 0x3FFF, height & 0x3FFF


def raf_metadata(file: BinaryIO) -> Metadata:
    """From the JPEG inside a Fujifilm RAF."""
    file.seek(84)
    header = file.read(8)
    if len(header) < 8:
        return Metadata()
    start, length = struct.unpack(">II", header)
    file.seek(start)
    return jpeg_metadata(io.BytesIO(file.read(min(length, _LARGEST_BLOCK))))


def cr3_block(head: bytes, name: bytes) -> bytes | None:
    """The TIFF block of that name in a Canon CR3; CMT3 holds the maker notes."""
    at = head.find(name)
    if at < 4:
        return None
    (length,) = struct.unpack_from(">I", head, at - 4)
    return tiff_block(head[at + 4 : at - 4 + length])


def cr3_packet(head: bytes) -> bytes | None:
    """The XMP packet of a Canon CR3, where the camera keeps its rating."""
    at = head.find(_XMP_UUID)
    if at < 8 or head[at - 4 : at] != b"uuid":
        return None
    (length,) = struct.unpack_from(">I", head, at - 8)
    return head[at + len(_XMP_UUID) : at - 8 + length] or None


def tiff_block(block: bytes) -> bytes | None:
    """An EXIF block from its TIFF header on; None when there is none near its start."""
    starts = (block.find(magic, 0, 32) for magic in _TIFF_MAGIC)
    start = min((at for at in starts if at >= 0), default=None)
    return None if start is None else block[start:]


def orientation_of(metadata: Metadata, format: Format) -> int:
    """The EXIF orientation, 1–8; that of the XMP packet for a PNG without an EXIF block, since some
    programs turn PNGs in no other way. Anything that is no orientation is 1."""
    value: int | None = None
    if metadata.exif:
        directory = first_directory(io.BytesIO(metadata.exif))
        value = None if directory is None else directory.number(0x0112)
    elif format is Format.PNG and metadata.xmp:
        text = packet_value(metadata.xmp, b"tiff:Orientation")
        value = int(text) if text and text.isdecimal() else None
    return value if value in range(1, 9) else 1  # type: ignore[return-value]


def packet_value(packet: bytes, name: bytes) -> str | None:
    """A simple property of an XMP packet, as attribute or element, or the first item of a list; None when
    absent. `name` is a regular expression with its usual prefix.

    Written for speed in the bulk path and for packets that are not well-formed; marks proper are
    read by `imaging.xmp`.
    """
    element = rb"\s*>\s*(?:<rdf:(?:Seq|Bag|Alt)\s*>\s*<rdf:li[^>]*>\s*)?([^<]*?)\s*<"
    found = re.search(rb"\b" + name + rb"(?:\s*=\s*[\"']([^\"']*)[\"']|" + element + rb")", packet)
    if found is None:
        return None
    return (found[1] if found[1] is not None else found[2]).decode("utf-8", "replace").strip()
