"""What only maker notes say of a photo: drive, bracketing, and the rating given on the camera's back.

Undocumented and broken by programs that moved them, so whatever cannot be read is nothing said, and
the bulk path never comes here: a second pass asks for few photos. What each maker's tags mean is in
`imaging.maker_tables`.
"""

import io
import struct
from pathlib import Path
from typing import BinaryIO, TypeVar

from culler.domain.errors import CullerError
from culler.domain.photo import Bracketing, Drive, MakerFacts
from culler.imaging import ciff, containers, values
from culler.imaging.containers import Metadata
from culler.imaging.directories import Directory, Entry, first_directory, read_directory
from culler.imaging.formats import SNIFF_BYTES, Format, sniff
from culler.imaging.maker_tables import BY_MAKE, CANON, CIFF, LAYOUTS, NO_AUTO_BRACKET, Layout, Maker, Says
from culler.imaging.pictures import open_picture

_Word = TypeVar("_Word", Drive, Bracketing)

_MAKE, _DETAILS, _NOTES, _EXPOSURE_MODE = 0x010F, 0x8769, 0x927C, 0xA402
_AUTO_BRACKET = 2
"""An exposure mode of EXIF itself: "a series of frames of the same scene at different exposure"."""
_PANASONIC_JPEG = 0x002E
_PRIVATE = 0xC634
_ADOBE_HEAD = 20
_CR3_HEAD_BYTES = 1 << 20


NOTHING = MakerFacts()


def read_maker_facts(path: Path) -> MakerFacts:
    """Drive, bracketing and in-camera rating from a file's maker notes.

    Never raises for broken metadata; raises OSError when the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(SNIFF_BYTES)
        format = sniff(head, path.name)
        file.seek(0)
        try:
            if head[6:14] == b"HEAPCCDR":
                return _told(_ciff(file.read()), CANON)
            if format is Format.RAW and head[4:12] == b"ftypcrx ":
                return _of_cr3(file.read(_CR3_HEAD_BYTES))
            structure = _structure(file, format, head)
            return NOTHING if structure is None else _of_structure(structure)
        except (CullerError, ValueError, IndexError, OverflowError, struct.error):
            return NOTHING


def _structure(file: BinaryIO, format: Format | None, head: bytes) -> BinaryIO | None:
    """The TIFF structure that holds the notes: the file itself, or a block in it."""
    metadata = Metadata()
    if format in (Format.HEIC, Format.AVIF, Format.JXL):
        metadata = open_picture(file.read(), format, "").metadata
    elif head.startswith(b"FUJIFILM"):
        metadata = containers.raf_metadata(file)
    elif head.startswith(b"IIU\x00"):
        raw = first_directory(file)
        picture = None if raw is None else raw.entries.get(_PANASONIC_JPEG)
        if picture is not None:
            file.seek(picture.at)
            metadata = containers.jpeg_metadata(io.BytesIO(file.read(picture.count)))
    elif format in (Format.RAW, Format.TIFF):
        return file
    elif format is not None:
        metadata = containers.find_metadata(file, format)
    return None if metadata.exif is None else io.BytesIO(metadata.exif)


def _of_structure(file: BinaryIO) -> MakerFacts:
    first = first_directory(file)
    details = None if first is None else first.within(_DETAILS)
    if first is None or details is None:
        return NOTHING
    written = bytes(value & 0xFF for value in first.values(_MAKE)).partition(b"\x00")[0]
    make = next(iter(written.decode("latin-1").lower().split()), "")
    auto_bracket = details.number(_EXPOSURE_MODE) == _AUTO_BRACKET and make not in NO_AUTO_BRACKET
    frame, start = _note(first, details)
    file.seek(max(start, 0))
    mark = file.read(32) if start >= 0 else b""
    for layout in LAYOUTS:
        if mark.startswith(layout.mark):
            return _told(_laid_out(frame, start, mark, layout), layout.maker, auto_bracket)
    if make in BY_MAKE and _NOTES in frame.entries:
        return _told(read_directory(file, start, frame.base, frame.order), BY_MAKE[make], auto_bracket)
    return _told(None, Maker(), auto_bracket)


def _note(first: Directory, details: Directory) -> tuple[Directory, int]:
    """Where the notes begin (-1: nowhere), and the directory whose byte order and pointers they share.

    A DNG holds them among its private data: as they are, or as Adobe's converter copied them, with the
    byte order of the original file and, highest byte first, the place they had there
    (exiftool.org/TagNames/DNG.html).
    """
    note = details.entries.get(_NOTES)
    if note is not None:
        return details, note.at
    private = first.entries.get(_PRIVATE)
    if private is None:
        return details, -1
    first.file.seek(private.at)
    head = first.file.read(_ADOBE_HEAD)
    order = {b"II": "<", b"MM": ">"}.get(head[14:16])
    if not head.startswith(b"Adobe\x00MakN") or order is None or len(head) < _ADOBE_HEAD:
        return details, private.at
    (was_at,) = struct.unpack_from(">I", head, 16)
    start = private.at + _ADOBE_HEAD
    return Directory(first.file, order, start - was_at, {_NOTES: Entry(7, 1, start)}), start


def _laid_out(frame: Directory, start: int, mark: bytes, layout: Layout) -> Directory | None:
    """The directory of notes that begin at `start` with `mark`."""
    if layout.structure_at is not None:
        return first_directory(frame.file, start + layout.structure_at)
    order, at = frame.order, layout.at
    if layout.order_at is not None:
        order = {b"II": "<", b"MM": ">"}.get(mark[layout.order_at : layout.order_at + 2], order)
    if layout.pointer_at is not None:
        order = "<"
        (at,) = struct.unpack_from("<I", mark, layout.pointer_at)
    base = start if layout.own_base else frame.base
    return read_directory(frame.file, start + at, base, order)


def _of_cr3(head: bytes) -> MakerFacts:
    notes = containers.cr3_block(head, b"CMT3")
    return _told(None if notes is None else first_directory(io.BytesIO(notes)), CANON)


def _ciff(data: bytes) -> Directory:
    """Canon's arrays of a CRW file, as if they lay in a directory."""
    found = ciff.values(data)
    joined, entries = b"", {}
    for tag, number in CIFF.items():
        value = found.get(number, b"")
        entries[tag] = Entry(3, len(value) // 2, len(joined))
        joined += value
    return Directory(io.BytesIO(joined), "<", 0, entries)


def _told(notes: Directory | None, maker: Maker, auto_bracket: bool = False) -> MakerFacts:
    """What a maker's tags in its notes say, together with EXIF's own word for an exposure bracket."""
    drive: Drive | None = None
    said: list[Bracketing] = []
    rating: int | None = None
    if notes is not None:
        tags = notes if maker.within is None else notes.within(maker.within)
        if tags is not None:
            drive = next((mode for says in maker.drive if (mode := _meaning(tags, says))), None)
            said = [kind for says in maker.bracketing if (kind := _meaning(tags, says))]
        if maker.rating is not None:
            rating = values.stars(notes.number(maker.rating))
    bracketing = next((kind for kind in said if kind is not Bracketing.NONE), said[0] if said else None)
    if auto_bracket and bracketing in (None, Bracketing.OTHER):
        bracketing = Bracketing.EXPOSURE
    elif auto_bracket and bracketing is Bracketing.NONE:
        bracketing = None  # the two contradict each other: nothing is certain
    return MakerFacts(drive, bracketing, rating)


def _meaning(tags: Directory, says: Says[_Word]) -> _Word | None:
    numbers = tags.values(says.tag)
    if says.place >= len(numbers):
        return None
    if says.where is not None and numbers[says.where[0]] != says.where[1]:
        return None
    return says.meanings.get(numbers[says.place] & says.mask, says.otherwise)
