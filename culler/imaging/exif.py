"""What a photo file says of the moment it was taken.

exifread reads first; what it misses or trips over Pillow fills in, then XMP and IPTC. Broken metadata
never raises: a fact that cannot be read is absent. Maker notes are left out here: `imaging.maker_notes`
reads them, in a second pass over few photos.
"""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from PIL import ExifTags, Image

from culler.domain.errors import CullerError
from culler.domain.photo import CaptureFacts
from culler.imaging import ciff, containers, values
from culler.imaging.containers import Metadata
from culler.imaging.directories import first_directory
from culler.imaging.formats import Format
from culler.imaging.packet_facts import with_iptc, with_packet
from culler.imaging.pictures import Opened, open_picture
from culler.imaging.tags import Tags, read_gps, read_tags
from culler.imaging.video import read_clip

_BY_DECODER = (Format.HEIC, Format.AVIF, Format.JXL)
"""Formats whose metadata the decoding library finds; these never raise in it."""
_HEAD_BYTES = 1 << 20
_PACKET = 0x02BC  # XMP Specification part 3, 1.1.2
_LARGEST_PACKET = 16 << 20
_PANASONIC_ISO = 0x17  # in the first directory of an RW2 (ExifTool, PanasonicRaw tags)


def read_facts(source: bytes | Path, format: Format) -> CaptureFacts:
    """The facts in a file or in its bytes; empty ones where the file says nothing.

    Width and height are there where they cost no decoding. Never raises for broken metadata;
    raises OSError when a path cannot be read.
    """
    if format is Format.VIDEO and isinstance(source, Path):
        try:
            return read_clip(source, source.name).facts
        except CullerError:  # the decode will say it
            return CaptureFacts()
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        return _facts_in(file, format)


def facts_from(metadata: Metadata) -> CaptureFacts:
    """The facts of metadata already found, but for the size and how to turn the picture."""
    facts = CaptureFacts()
    if metadata.exif:
        facts = _facts_of_tags(read_tags(io.BytesIO(metadata.exif)))
    if metadata.ciff:
        facts = facts.filled_from(_ciff_facts(metadata.ciff))
    if metadata.xmp:
        facts = with_packet(facts, metadata.xmp)
    return with_iptc(facts, metadata.resources) if metadata.resources else facts


def facts_of(opened: Opened) -> CaptureFacts:
    """The facts of an opened picture, with its upright size."""
    if opened.format is Format.TIFF:
        facts = tiff_facts(opened.stream)
    else:
        facts = replace(facts_from(opened.metadata), orientation=opened.orientation)
    width, height = opened.upright_size
    return replace(facts, width=width, height=height)


def embedded_packet(source: bytes | Path, format: Format) -> bytes | None:
    """The XMP packet inside a file, as written; None where there is none."""
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        if format is Format.RAW:
            return _raw_packet(file)
        if format is Format.TIFF:
            return _packet_of_tiff(file)
        if format in _BY_DECODER:
            try:
                return open_picture(file.read(), format, "").metadata.xmp
            except CullerError:
                return None
        return containers.find_metadata(file, format).xmp


def _facts_in(file: BinaryIO, format: Format) -> CaptureFacts:
    if format is Format.RAW:
        return _raw_facts(file)
    if format is Format.VIDEO:
        return CaptureFacts()  # a clip is read by its path only
    if format in _BY_DECODER:
        try:
            return facts_of(open_picture(file.read(), format, ""))
        except CullerError:  # the decode will say it
            return CaptureFacts()
    if format is Format.TIFF:
        return _sized(tiff_facts(file), _tiff_size(file))
    metadata = containers.find_metadata(file, format)
    orientation = containers.orientation_of(metadata, format)
    return _sized(replace(facts_from(metadata), orientation=orientation), metadata.size)


def _sized(facts: CaptureFacts, stored: tuple[int, int] | None) -> CaptureFacts:
    if stored is None:
        return facts
    width, height = stored if facts.orientation < 5 else stored[::-1]
    return replace(facts, width=width, height=height)


def tiff_facts(file: BinaryIO) -> CaptureFacts:
    """Facts of a file that is a TIFF as a whole, without its size."""
    tags = read_tags(file)
    packet = _packet_of_tiff(file, tags)
    facts = _facts_of_tags(tags)
    return with_packet(facts, packet) if packet else facts


def _ciff_facts(data: bytes) -> CaptureFacts:
    make, model, seconds = ciff.text(data)
    # The camera's clock, counted as if it ran on UTC.
    taken = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None) if seconds else None
    return CaptureFacts(make=make, model=model, taken=taken)


def _raw_facts(file: BinaryIO) -> CaptureFacts:
    head = file.read(16)
    file.seek(0)
    if head.startswith(b"FUJIFILM"):
        return facts_from(containers.raf_metadata(file))
    if _is_cr3(head):
        data = file.read(_HEAD_BYTES)
        # One after the other: the time of the shutter and its fraction are not in the first of them.
        tags: Tags = {}
        for name in (b"CMT1", b"CMT2", b"CMT4"):
            block = containers.cr3_block(data, name)
            if block is not None:
                stream = io.BytesIO(block)
                tags = {**(read_gps(stream) if name == b"CMT4" else read_tags(stream)), **tags}
        packet = containers.cr3_packet(data)
        return with_packet(_facts_of_tags(tags), packet) if packet else _facts_of_tags(tags)
    if head[6:14] == b"HEAPCCDR":
        return _ciff_facts(file.read())
    facts = tiff_facts(_plain_tiff(file, head))
    if head.startswith(b"IIU\x00") and facts.iso is None:
        directory = first_directory(file)
        iso = None if directory is None else values.iso(directory.number(_PANASONIC_ISO))
        facts = replace(facts, iso=iso)
    return facts


def _tiff_size(file: BinaryIO) -> tuple[int, int] | None:
    """Stored width and height of a TIFF's first picture; None where they cannot be read."""
    directory = first_directory(file)
    width, height = (None, None) if directory is None else map(directory.number, (0x0100, 0x0101))
    return (width, height) if width and height else None


def _raw_packet(file: BinaryIO) -> bytes | None:
    head = file.read(16)
    file.seek(0)
    if head.startswith(b"FUJIFILM"):
        return containers.raf_metadata(file).xmp
    if _is_cr3(head):
        return containers.cr3_packet(file.read(_HEAD_BYTES))
    return _packet_of_tiff(_plain_tiff(file, head))


def _is_cr3(head: bytes) -> bool:
    return head[4:12] == b"ftypcrx "


def _plain_tiff(file: BinaryIO, head: bytes) -> BinaryIO:
    """The file with a TIFF's magic number: Panasonic's and Olympus' own hide an ordinary one."""
    if head[:2] not in (b"II", b"MM") or head[2:4] in (b"*\x00", b"\x00*"):
        return file
    data = bytearray(file.read())
    data[2:4] = b"*\x00" if head[:2] == b"II" else b"\x00*"
    return io.BytesIO(bytes(data))


# --- from tags to facts ------------------------------------------------------------------------


def _facts_of_tags(tags: Tags) -> CaptureFacts:
    make, model = values.text(tags.get("Make")), values.text(tags.get("Model"))
    taken, offset = _taken(tags, has_camera=bool(make or model))
    orientation = values.whole(tags.get("Orientation"))
    return CaptureFacts(
        orientation=orientation if orientation is not None and 1 <= orientation <= 8 else 1,
        taken=taken,
        utc_offset=offset,
        make=make,
        model=model,
        serial=values.text(tags.get("BodySerialNumber")),
        lens=values.text(tags.get("LensModel")),
        exposure_s=values.positive(tags.get("ExposureTime")),
        aperture=values.positive(tags.get("FNumber")),
        iso=values.iso(tags.get("ISOSpeedRatings")),
        focal_mm=values.positive(tags.get("FocalLength")),
        exposure_bias_ev=values.real(tags.get("ExposureBiasValue")),
        latitude=values.degrees(tags.get("GPSLatitude"), tags.get("GPSLatitudeRef"), "S", 90),
        longitude=values.degrees(tags.get("GPSLongitude"), tags.get("GPSLongitudeRef"), "W", 180),
        camera_rating=values.stars(tags.get("Rating")),
    )


def _taken(tags: Tags, has_camera: bool) -> tuple[datetime | None, timedelta | None]:
    """The capture time and its zone: the shutter's, else the digitiser's.

    The time of the last change stands in only where a camera is named: for a file that never met
    one it is the time of an edit, and would make bursts of unrelated pictures.
    """
    for name, part, zone in (
        ("DateTimeOriginal", "SubSecTimeOriginal", "OffsetTimeOriginal"),
        ("DateTimeDigitized", "SubSecTimeDigitized", "OffsetTimeDigitized"),
        ("DateTime", "SubSecTime", "OffsetTime"),
    ):
        if name == "DateTime" and not has_camera:
            break
        taken = values.moment(values.text(tags.get(name)))
        if taken is not None:
            fraction = re.match(r"\d+", str(tags.get(part, "")).strip())
            if fraction:
                taken = taken.replace(microsecond=int(fraction[0][:6].ljust(6, "0")))
            offset = values.text(tags.get(zone))
            if offset is None and tags.get("DateTime") == tags.get(name):
                # The zone of the last change: the camera's only where nothing has changed since.
                offset = values.text(tags.get("OffsetTime"))
            return taken, values.zone(offset)
    return None, None


# --- the XMP packet inside a file --------------------------------------------------------------


def _packet_of_tiff(file: BinaryIO, tags: Tags | None = None) -> bytes | None:
    """The packet in the first directory: as it lies there, for exifread passes it over; else as a reader
    found it, in a BigTIFF for instance. `tags` are the file's, where they were read already."""
    directory = first_directory(file)
    packet = directory.block(_PACKET, _LARGEST_PACKET) if directory is not None else b""
    if not packet:
        packet = (read_tags(file) if tags is None else tags).get("ApplicationNotes", b"")
    return packet if isinstance(packet, bytes) and packet else None


# --- the embedded thumbnail ----------------------------------------------------------------------


def embedded_thumbnail(data: bytes) -> tuple[bytes, int] | None:
    """The JPEG thumbnail in a JPEG's EXIF block and the orientation to apply; None without one.

    Cheap (well under a millisecond): it shows a grid before anything is decoded.
    """
    block = containers.find_metadata(io.BytesIO(data), Format.JPEG).exif
    if block is None:
        return None
    exif = Image.Exif()
    try:
        exif.load(b"Exif\x00\x00" + block)
        orientation = exif.get(0x0112, 1)
        directory = exif.get_ifd(ExifTags.IFD.IFD1)
        start, length = int(directory[0x0201]), int(directory[0x0202])
    except Exception:  # a broken directory means no thumbnail
        return None
    picture = block[start : start + length]
    if not picture.startswith(b"\xff\xd8") or len(picture) < length:
        return None
    return picture, orientation if orientation is not None and 1 <= orientation <= 8 else 1
