"""EXIF tags of a TIFF structure by name, by two readers behind one function.

exifread reads first; what it misses or trips over Pillow fills in. Nothing here raises for a broken
structure: a tag that cannot be read is absent.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, cast

import exifread
from PIL import Image

# exifread reports every oddity of a file as a warning; none of them is for the user's terminal.
logging.getLogger("exifread").setLevel(logging.CRITICAL)

_MOST_READS = 300_000  # ten times what the longest maker notes of real cameras take

Tags = Mapping[str, Any]
"""Tag values by EXIF name: text, number, bytes where long, or tuple of numbers."""


def read_tags(tiff: BinaryIO) -> Tags:
    """The tags of a TIFF structure by both readers, the first one's value counting."""
    tags = _by_exifread(tiff)
    if "DateTimeOriginal" not in tags or "Model" not in tags:
        tags = {**_by_pillow(tiff), **tags}
    return tags


def bounded(file: BinaryIO) -> BinaryIO:
    """The stream for exifread: it raises ValueError after very many reads.

    WORKAROUND(exifread reads the elements of a field one by one, as many as the file announces: four
    thousand million in a broken one, https://github.com/ianare/exif-py): fuzzing found it.
    """
    return cast(BinaryIO, _Bounded(file))


class _Bounded:
    """What exifread asks of a stream, counted."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = _MOST_READS

    def read(self, size: int = -1) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise ValueError("the metadata announces more than any camera writes")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def _by_exifread(tiff: BinaryIO) -> dict[str, Any]:
    try:
        tiff.seek(0)
        found = exifread.process_file(bounded(tiff), details=False, extract_thumbnail=False)
    except Exception:  # AssertionError, UnicodeDecodeError, IndexError … on real files
        return {}
    tags: dict[str, Any] = {}
    for key, tag in found.items():
        group, _, name = key.partition(" ")
        if group in ("Image", "EXIF", "GPS") and (group != "Image" or name not in tags):
            value = plain(getattr(tag, "values", None))
            if value not in (None, "", ()):
                tags[name] = value
    return tags


_PILLOW_NAMES = {
    0x0100: "ImageWidth",
    0x0101: "ImageLength",
    0x010F: "Make",
    0x0110: "Model",
    0x0112: "Orientation",
    0x0132: "DateTime",
    0x02BC: "ApplicationNotes",
    0x4746: "Rating",
    0x829A: "ExposureTime",
    0x829D: "FNumber",
    0x8827: "ISOSpeedRatings",
    0x9003: "DateTimeOriginal",
    0x9004: "DateTimeDigitized",
    0x9010: "OffsetTime",
    0x9011: "OffsetTimeOriginal",
    0x9012: "OffsetTimeDigitized",
    0x9201: "ShutterSpeedValue",
    0x9204: "ExposureBiasValue",
    0x920A: "FocalLength",
    0x9290: "SubSecTime",
    0x9291: "SubSecTimeOriginal",
    0x9292: "SubSecTimeDigitized",
    0xA431: "BodySerialNumber",
    0xA434: "LensModel",
}
_PILLOW_GPS = {1: "GPSLatitudeRef", 2: "GPSLatitude", 3: "GPSLongitudeRef", 4: "GPSLongitude"}


def _by_pillow(tiff: BinaryIO) -> dict[str, Any]:
    tags: dict[str, Any] = {}

    def take(read: Callable[[], Mapping[int, Any]], names: Mapping[int, str]) -> None:
        try:
            for number, value in dict(read()).items():
                short = plain(value)
                if number in names and short not in (None, "", ()):
                    tags.setdefault(names[number], short)
        except Exception:  # what Pillow raises for a broken directory is not documented
            return

    exif = Image.Exif()
    try:
        tiff.seek(0)
        exif.load_from_fp(tiff)
    except Exception:
        return tags
    take(lambda: exif, _PILLOW_NAMES)
    take(lambda: exif.get_ifd(0x8769), _PILLOW_NAMES)
    take(lambda: exif.get_ifd(0x8825), _PILLOW_GPS)
    return tags


def read_gps(tiff: BinaryIO) -> Tags:
    """The tags of a TIFF structure whose only directory is that of the position, as in Canon's CR3."""
    exif = Image.Exif()
    try:
        tiff.seek(0)
        exif.load_from_fp(tiff)
        found = {name: plain(exif[number]) for number, name in _PILLOW_GPS.items() if number in exif}
    except Exception:  # what Pillow raises for a broken directory is not documented
        return {}
    return found


def plain(value: Any) -> Any:
    """A reader's value as text, number, bytes or tuple of numbers."""
    if isinstance(value, bytes):
        if len(value) > 256:
            return value
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        return value.split("\x00", 1)[0].strip()
    if isinstance(value, list | tuple):
        if len(value) > 256:
            try:
                return bytes(value)
            except (ValueError, TypeError):
                return None
        return tuple(value) if len(value) != 1 else value[0]
    return value
