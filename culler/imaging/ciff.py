"""Canon's CIFF: what its cameras wrote before EXIF, as a whole file (CRW) or in a segment of early JPEGs."""

import struct


def text(data: bytes) -> tuple[str | None, str | None, int | None]:
    """Make, model and local seconds since 1970 of Canon's CIFF."""
    found = values(data)
    names = [part.decode("latin-1").strip() for part in found.get(0x080A, b"").split(b"\x00")]
    stamp = found.get(0x180E, b"")
    seconds = struct.unpack_from("<I", stamp)[0] if len(stamp) >= 4 else None
    make, model = ([*names, "", ""])[:2]
    return make or None, model or None, seconds


def values(data: bytes) -> dict[int, bytes]:
    """The short values, by number, of Canon's CIFF heap directories (a CRW file, or a segment of an
    early JPEG).

    Layout: Phil Harvey's description of the Canon raw format, exiftool.org/canon_raw.html.
    """
    found: dict[int, bytes] = {}
    if len(data) >= 14:
        (header,) = struct.unpack_from("<I", data, 2)
        _walk_heap(data, header, len(data), found, depth=0)
    return found


def _walk_heap(data: bytes, start: int, end: int, found: dict[int, bytes], depth: int) -> None:
    if depth > 5 or not 0 <= start < end - 4 or end > len(data):
        return
    (table,) = struct.unpack_from("<I", data, end - 4)
    at = start + table
    if at + 2 > end:
        return
    (count,) = struct.unpack_from("<H", data, at)
    for entry in range(at + 2, min(at + 2 + 10 * count, end - 10), 10):
        tag, size, offset = struct.unpack_from("<HII", data, entry)
        if tag & 0x4000:  # the value lies in the entry itself
            found.setdefault(tag & 0x3FFF, data[entry + 2 : entry + 10])
        elif tag & 0x3800 in (0x2800, 0x3000):
            _walk_heap(data, start + offset, start + offset + size, found, depth + 1)
        elif size <= 4096:
            found.setdefault(tag & 0x3FFF, data[start + offset : start + offset + size])
