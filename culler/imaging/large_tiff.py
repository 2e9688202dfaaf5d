"""A large TIFF a band of rows at a time: some strips, or one row of tiles, as a small TIFF of its own.

Whatever the compression, a strip or tile decodes by itself (TIFF 6.0, sections 3 and 15): copied behind a
directory that announces only them, Pillow decodes them as it does any TIFF. The file is read piece by
piece; it may be larger than memory.
"""

import io
import struct
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from culler.imaging.quiet import quiet

_BAND_BYTES = 32_000_000
_WIDTH, _LENGTH, _ROWS_A_STRIP, _PLANAR = 256, 257, 278, 284
_STRIPS, _STRIP_SIZES, _TILE_WIDTH, _TILE_LENGTH, _TILES, _TILE_SIZES = 273, 279, 322, 323, 324, 325
_BITS, _COMPRESSION = 258, 259
_STRIP_ROWS = 64
_SHORT, _LONG, _UNDEFINED = 3, 4, 7
_CODES = {_SHORT: "H", _LONG: "I", _UNDEFINED: "B"}
# What a decoder must know of the pixels, with the type that libtiff wants it in.
_COPIED = {
    _BITS: _SHORT,
    _COMPRESSION: _SHORT,
    262: _SHORT,  # photometric interpretation
    266: _SHORT,  # fill order
    277: _SHORT,  # samples per pixel
    _PLANAR: _SHORT,
    292: _LONG,  # options of fax compressions
    293: _LONG,
    317: _SHORT,  # predictor
    320: _SHORT,  # colour map
    332: _SHORT,  # ink set
    338: _SHORT,  # extra samples
    339: _SHORT,  # sample format
    347: _UNDEFINED,  # JPEG tables
    530: _SHORT,  # chroma subsampling
}


class Bands:
    """The layout of one TIFF. Raises ValueError where it has none that can be taken apart."""

    def __init__(self, file: BinaryIO, image: TiffImageFile) -> None:
        self._file = file
        tags: Any = image.tag_v2
        self._tags = {tag: _numbers(tags[tag]) for tag in _COPIED if tag in tags}
        self._order = ">" if tags.prefix == b"MM" else "<"
        self.size = int(tags[_WIDTH]), int(tags[_LENGTH])
        self._tiled = _TILES in tags
        offsets, sizes = (_TILES, _TILE_SIZES) if self._tiled else (_STRIPS, _STRIP_SIZES)
        self._offsets, self._sizes = _numbers(tags[offsets]), _numbers(tags[sizes])
        rows = tags[_TILE_LENGTH] if self._tiled else tags.get(_ROWS_A_STRIP, self.size[1])
        self._rows = min(self.size[1], int(rows))
        samples = int(tags.get(277, 1))
        bits = self._tags.get(_BITS, (1,))
        pixel_bits = sum(bits[:samples]) if len(bits) > 1 else bits[0] * samples
        self._planes = samples if int(tags.get(_PLANAR, 1)) == 2 else 1
        if not self._tiled and self._planes == 1 and self._tags.get(_COMPRESSION, (1,)) == (1,):
            self._take_rows_apart(-(-self.size[0] * pixel_bits // 8))
        across = -(-self.size[0] // int(tags[_TILE_WIDTH])) if self._tiled else 1
        self._across, self._down = across, -(-self.size[1] // max(1, self._rows))
        if self._tiled:
            self._tile = (int(tags[_TILE_WIDTH]), int(tags[_TILE_LENGTH]))
        pieces = across * self._down * self._planes
        if min(self.size) < 1 or self._rows < 1 or len(self._offsets) < pieces or len(self._sizes) < pieces:
            raise ValueError("the directory does not name all its strips")
        stored = self.size[0] * pixel_bits // 8
        # Compressed pieces, the pixels as stored, and as Pillow holds them.
        self._row_bytes = 2 * stored + 4 * self.size[0]
        self._step = max(1, _BAND_BYTES // (self._row_bytes * self._rows))
        self.band_bytes = self._row_bytes * min(self.size[1], self._rows * self._step)
        """What one band takes, about."""

    def _take_rows_apart(self, row_bytes: int) -> None:
        """Uncompressed strips can be cut anywhere: some programs write the whole picture as one."""
        if self._rows <= _STRIP_ROWS:
            return
        pieces = []
        for offset, size in zip(self._offsets, self._sizes, strict=False):
            for top in range(0, self._rows, _STRIP_ROWS):
                begins, ends = top * row_bytes, min(size, (top + _STRIP_ROWS) * row_bytes)
                if ends > begins:
                    pieces.append((offset + begins, ends - begins))
        if self._rows % _STRIP_ROWS and len(self._offsets) > 1:
            return  # strips of unequal heights would not be a TIFF
        self._offsets, self._sizes = tuple(at for at, _ in pieces), tuple(size for _, size in pieces)
        self._rows = _STRIP_ROWS

    def __iter__(self) -> Iterator[Image.Image]:
        """The stored rows from above. Raises what Pillow raises for a band that does not decode."""
        for first in range(0, self._down, self._step):
            with quiet():
                band = TiffImageFile(io.BytesIO(self._band(first, min(self._step, self._down - first))))
                band.load()
            yield band

    def _band(self, first: int, count: int) -> bytes:
        rows = min(self.size[1] - first * self._rows, count * self._rows)
        pieces = []
        for plane in range(self._planes):
            begins = (plane * self._down + first) * self._across
            for at in range(begins, begins + count * self._across):
                self._file.seek(self._offsets[at])
                pieces.append(self._file.read(self._sizes[at]))
        entries: dict[int, tuple[int, Sequence[int]]] = {
            tag: (_COPIED[tag], values) for tag, values in self._tags.items()
        }
        entries[_WIDTH], entries[_LENGTH] = (_LONG, (self.size[0],)), (_LONG, (rows,))
        if self._tiled:
            entries[_TILE_WIDTH], entries[_TILE_LENGTH] = ((_LONG, (edge,)) for edge in self._tile)
        else:
            entries[_ROWS_A_STRIP] = (_LONG, (self._rows,))
        offsets, sizes = (_TILES, _TILE_SIZES) if self._tiled else (_STRIPS, _STRIP_SIZES)
        entries[sizes] = (_LONG, [len(piece) for piece in pieces])
        entries[offsets] = (_LONG, [0] * len(pieces))
        at = len(_directory(self._order, entries))
        places = []
        for piece in pieces:
            places.append(at)
            at += len(piece)
        entries[offsets] = (_LONG, places)
        return b"".join((_directory(self._order, entries), *pieces))


def _numbers(value: Any) -> tuple[int, ...]:
    """A tag's value as whole numbers; of bytes each one."""
    return tuple(map(int, value)) if isinstance(value, tuple | list | bytes) else (int(value),)


def _directory(order: str, entries: dict[int, tuple[int, Sequence[int]]]) -> bytes:
    """A TIFF header and its only directory, with the values that do not fit behind it."""
    head = struct.pack(order + "2sHI", b"II" if order == "<" else b"MM", 42, 8)
    head += struct.pack(order + "H", len(entries))
    behind = b""
    start = len(head) + 12 * len(entries) + 4
    for tag, (kind, values) in sorted(entries.items()):
        packed = struct.pack(f"{order}{len(values)}{_CODES[kind]}", *values)
        head += struct.pack(order + "HHI", tag, kind, len(values))
        if len(packed) <= 4:
            head += packed.ljust(4, b"\0")
        else:
            head += struct.pack(order + "I", start + len(behind))
            behind += packed + b"\0" * (len(packed) % 2)
    return head + b"\0\0\0\0" + behind
