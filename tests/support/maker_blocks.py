"""Maker notes written by hand: small JPEGs whose notes hold just the tags that a test names.

Laid out as the makers do, from the same public descriptions that the reader follows (ExifTool's), but
from the outside in: nothing here is shared with it.
"""

import struct
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from pictures import picture
from PIL import Image

Values = int | Sequence[int]
Written = Mapping[int, tuple[str, Values]]
"""Values by tag: as 16 bits ("H"), 32 bits ("I"), bytes ("B"), text ("T") or a directory within ("D")."""

_KINDS = {"B": 1, "T": 2, "H": 3, "I": 4, "D": 13}
_CODES = {"T": "B", "D": "I"}


def directory(tags: Written, base: int, order: str = "<") -> bytes:
    """A TIFF directory that begins `base` bytes after what its pointers count from."""
    count = len(tags)
    entries, beyond = b"", b""
    after = base + 2 + 12 * count + 4
    for tag, (code, values) in sorted(tags.items()):
        numbers = [values] if isinstance(values, int) else list(values)
        data = struct.pack(f"{order}{len(numbers)}{_CODES.get(code, code)}", *numbers)
        entries += struct.pack(f"{order}HHI", tag, _KINDS[code], len(numbers))
        if len(data) <= 4:
            entries += data.ljust(4, b"\x00")
        else:
            entries += struct.pack(f"{order}I", after + len(beyond))
            beyond += data + b"\x00" * (len(data) % 2)
    return struct.pack(f"{order}H", count) + entries + b"\x00" * 4 + beyond


def structure(make: str, note: "Note", exposure_mode: int = 0, order: str = "<") -> bytes:
    """An EXIF block: the make, an exposure mode and the maker note."""
    named = make.encode("ascii") + b"\x00"
    details_at = 8 + 2 + 2 * 12 + 4 + len(named) + len(named) % 2
    note_at = details_at + 2 + 2 * 12 + 4
    body = note(note_at, order)
    first = struct.pack(f"{order}H", 2)
    first += struct.pack(f"{order}HHII", 0x010F, 2, len(named), 8 + 2 + 2 * 12 + 4)
    first += struct.pack(f"{order}HHII", 0x8769, 4, 1, details_at) + b"\x00" * 4
    first += named + b"\x00" * (len(named) % 2)
    details = struct.pack(f"{order}H", 2)
    details += struct.pack(f"{order}HHII", 0x927C, 7, len(body), note_at)
    details += struct.pack(f"{order}HHIHH", 0xA402, 3, 1, exposure_mode, 0) + b"\x00" * 4
    mark = b"II*\x00" if order == "<" else b"MM\x00*"
    return mark + struct.pack(f"{order}I", 8) + first + details + body


def adobe_dng(make: str, note: "Note", was_at: int = 5000) -> bytes:
    """The head of a DNG that holds notes as Adobe's converter copies them from another place."""
    named = make.encode("ascii") + b"\x00"
    named += b"\x00" * (len(named) % 2)
    body = note(was_at, "<")
    private = b"Adobe\x00MakN" + struct.pack(">I", len(body) + 6) + b"II" + struct.pack(">I", was_at) + body
    named_at = 8 + 2 + 3 * 12 + 4
    details_at = named_at + len(named)
    private_at = details_at + 2 + 12 + 4
    first = struct.pack("<H", 3)
    first += struct.pack("<HHII", 0x010F, 2, len(named), named_at)
    first += struct.pack("<HHII", 0x8769, 4, 1, details_at)
    first += struct.pack("<HHII", 0xC634, 1, len(private), private_at) + b"\x00" * 4
    details = struct.pack("<HHHIHH", 1, 0xA402, 3, 1, 0, 0) + b"\x00" * 4
    return b"II*\x00" + struct.pack("<I", 8) + first + named + details + private


class Note:
    """A maker note: `mark`, then a directory whose pointers count from the mark (`own`) or from the
    start of the EXIF block. `within` is a directory inside it, by its tag; `own_structure` begins a
    structure of its own after the mark."""

    def __init__(
        self,
        mark: bytes,
        tags: Written,
        own: bool = False,
        within: tuple[int, Written] | None = None,
        own_structure: bool = False,
    ) -> None:
        self.mark, self.tags, self.own, self.within = mark, dict(tags), own, within
        self.own_structure = own_structure

    def __call__(self, at: int, order: str) -> bytes:
        base = len(self.mark) + (0 if self.own else at)
        if self.own_structure:
            return self.mark + b"MM\x00*\x00\x00\x00\x08" + directory(self.tags, 8, ">")
        if self.within is None:
            return self.mark + directory(self.tags, base, order)
        tag, tags = self.within
        self.tags[tag] = ("D", 0)
        inner_at = base + len(directory(self.tags, base, order))
        self.tags[tag] = ("D", inner_at)
        return self.mark + directory(self.tags, base, order) + directory(tags, inner_at, order)


def canon(tags: Written) -> Note:
    return Note(b"", tags)


def canon_bracketed(mode: int, drive: int = 1) -> Note:
    """Canon notes with a drive mode and a bracket mode (1: exposure, 0: none)."""
    settings, info = [0] * 46, [0] * 10
    # Canon's arrays begin with their own size in bytes.
    settings[0], settings[5], info[0], info[3] = 2 * len(settings), drive, 2 * len(info), mode
    return canon({0x0001: ("H", settings), 0x0093: ("H", info)})


def nikon(tags: Written) -> Note:
    return Note(b"Nikon\x00\x02\x10\x00\x00", tags, own_structure=True)


def sony(tags: Written) -> Note:
    return Note(b"SONY DSC \x00\x00\x00", tags)


def fujifilm(tags: Written) -> Note:
    return Note(b"FUJIFILM\x0c\x00\x00\x00", tags, own=True)


def olympus(settings: Written) -> Note:
    return Note(b"OLYMPUS\x00II\x03\x00", {}, own=True, within=(0x2020, settings))


def om_system(settings: Written) -> Note:
    return Note(b"OM SYSTEM\x00\x00\x00II\x04\x00", {}, own=True, within=(0x2020, settings))


def panasonic(tags: Written) -> Note:
    return Note(b"Panasonic\x00\x00\x00", tags)


def pentax(tags: Written) -> Note:
    return Note(b"PENTAX \x00II", tags, own=True)


def gr(tags: Written) -> Note:
    """A Ricoh that writes Pentax's tags."""
    return Note(b"RICOH\x00II", tags, own=True)


def ricoh(tags: Written) -> Note:
    return Note(b"Ricoh\x00\x00\x00", tags)


def apple(tags: Written) -> Note:
    return Note(b"Apple iOS\x00\x00\x01II", tags, own=True)


def write_noted(path: Path, make: str, note: Note, exposure_mode: int = 0, seed: int = 0) -> Path:
    """A JPEG of that make with these maker notes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(seed).save(path, exif=b"Exif\x00\x00" + structure(make, note, exposure_mode))
    return path


def write_frame(
    path: Path,
    taken: datetime,
    note: Note | None = None,
    make: str = "NIKON CORPORATION",
    exposure_s: float = 0.01,
    bias_ev: float = 0.0,
    seed: int = 0,
    brightness: float = 0.5,
) -> Path:
    """A frame of a series, as its camera writes it. Of notes only those whose pointers count from their
    own beginning (Nikon, Fujifilm, Olympus) survive where Pillow puts them."""
    tags = Image.Exif()
    tags[0x010F], tags[0x0110] = make, "Model 1"
    details = tags.get_ifd(0x8769)
    details[0x9003] = taken.strftime("%Y:%m:%d %H:%M:%S")
    details[0x9291] = f"{taken.microsecond // 1000:03}"
    details[0x829A], details[0x829D], details[0x8827] = exposure_s, 8.0, 100
    details[0x9204] = bias_ev
    if note is not None:
        details[0x927C] = note(0, "<")
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(seed, brightness=brightness).save(path, exif=tags)
    return path
