"""Directories of a TIFF structure by the numbers of their tags, values read on demand.

For what no reader of EXIF knows by name: maker notes, whose directories lie anywhere in the file,
count their pointers from anywhere, and are broken by programs that moved them. Whatever does not lie
in the file is absent.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

_MOST_TAGS = 512
_MOST_VALUES = 256
_CODES = {1: "B", 2: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 13: "I"}
"""The TIFF types of whole numbers, text and undefined bytes, as struct codes; others are not read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one tag's values lie: `at` is a place in the file."""

    kind: int
    count: int
    at: int


@dataclass(frozen=True, slots=True)
class Directory:
    """Tags of one directory. Their pointers, and those of directories within, count from `base`."""

    file: BinaryIO
    order: str
    base: int
    entries: Mapping[int, Entry]

    def values(self, tag: int) -> tuple[int, ...]:
        """The tag's numbers (of text, its bytes), the first few hundred; none where it is absent or
        holds something else."""
        entry = self.entries.get(tag)
        code = None if entry is None else _CODES.get(entry.kind)
        if entry is None or code is None:
            return ()
        count = min(entry.count, _MOST_VALUES)
        data = _read(self.file, entry.at, count * struct.calcsize(code))
        whole = len(data) // struct.calcsize(code)
        return struct.unpack(f"{self.order}{whole}{code}", data[: whole * struct.calcsize(code)])

    def block(self, tag: int, most: int) -> bytes:
        """The tag's bytes, whole; none where it is absent, no bytes, cut short or longer than `most`."""
        entry = self.entries.get(tag)
        if entry is None or entry.kind not in (1, 2, 7) or entry.count > most:
            return b""
        data = _read(self.file, entry.at, entry.count)
        return data if len(data) == entry.count else b""

    def number(self, tag: int) -> int | None:
        """The tag's first number."""
        return next(iter(self.values(tag)), None)

    def within(self, tag: int) -> "Directory | None":
        """The directory that a tag points to, or that its bytes are."""
        entry = self.entries.get(tag)
        if entry is None:
            return None
        at = entry.at if entry.kind == 7 else self.base + (self.number(tag) or 0)
        return read_directory(self.file, at, self.base, self.order)


def read_directory(file: BinaryIO, at: int, base: int, order: str) -> Directory | None:
    """The directory at a place of the file; None where there is none. `order` ("<" or ">") is what the
    structure around it uses; a directory that makes sense only the other way round is read so."""
    head = _read(file, at, 2)
    if len(head) < 2:
        return None
    for likely in (order, "<" if order == ">" else ">"):
        (count,) = struct.unpack(f"{likely}H", head)
        if 0 < count <= _MOST_TAGS:
            break
    else:
        return None
    entries: dict[int, Entry] = {}
    table = _read(file, at + 2, 12 * count)
    for k in range(len(table) // 12):
        tag, kind, number = struct.unpack_from(f"{likely}HHI", table, 12 * k)
        size = number * struct.calcsize(_CODES.get(kind, "Q"))
        place = at + 2 + 12 * k + 8
        if size > 4:
            place = base + struct.unpack_from(f"{likely}I", table, 12 * k + 8)[0]
        entries.setdefault(tag, Entry(kind, number, place))
    return Directory(file, likely, base, entries)


def first_directory(file: BinaryIO, base: int = 0) -> Directory | None:
    """The first directory of the TIFF structure that begins at `base`, whatever its magic number."""
    head = _read(file, base, 8)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        return None
    return read_directory(file, base + struct.unpack(f"{order}I", head[4:])[0], base, order)


def _read(file: BinaryIO, at: int, size: int) -> bytes:
    if at < 0:
        return b""
    file.seek(at)
    return file.read(size)
