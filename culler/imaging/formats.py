"""Which files are photos, and what is inside them.

A name's extension says whether a file is ours and what it is to its photo, without opening it.
What a file *is* comes from its first bytes; the extension decides only what those cannot tell, such
as which TIFF is a camera's RAW.
"""

import struct
from enum import StrEnum

from culler.domain.photo import FileRole

DECODER_VERSION = "2"
"""Part of every cache key and scorer version: changes whenever the same file gives other pixels."""
SNIFF_BYTES = 4096
"""How many bytes of a file `sniff` wants; it copes with fewer."""


class Format(StrEnum):
    """What a file's content is."""

    JPEG = "jpeg"
    MPO = "mpo"
    PNG = "png"
    TIFF = "tiff"
    WEBP = "webp"
    GIF = "gif"
    AVIF = "avif"
    HEIC = "heic"
    JXL = "jxl"
    RAW = "raw"
    VIDEO = "video"


_RENDERED = "jpg jpeg jpe jfif mpo png tif tiff webp gif avif avifs heic heics heif heifs hif jxl"
# The camera raw types that LibRaw lists, less those that collide with other kinds of file.
_RAW = (
    "3fr ari arw bay braw cap cr2 cr3 crw cs1 dc2 dcr dcs dng drf eip erf fff gpr iiq k25 kc2 kdc "
    "mdc mef mos mrw nef nrw orf ori pef ptx pxn r3d raf raw rw2 rwl rwz sr2 srf srw sti x3f"
)
_VIDEO = "mp4 m4v mov qt avi mkv webm mts m2ts mpg mpeg wmv 3gp insv 360 lrv"

_ROLES = (
    dict.fromkeys(_RENDERED.split(), FileRole.RENDERED)
    | dict.fromkeys(_RAW.split(), FileRole.RAW)
    | dict.fromkeys(_VIDEO.split(), FileRole.VIDEO)
    | {"xmp": FileRole.SIDECAR}
)


def extension(name: str) -> str:
    """The lower-case extension without its dot; empty where there is none."""
    stem, dot, suffix = name.rpartition(".")
    return suffix.lower() if dot and stem.rpartition("/")[2] else ""


def role_of(name: str) -> FileRole | None:
    """What a file of this name is to a photo; None for a file that is not ours.

    Names that begin with `._` are the shadows that macOS leaves on foreign disks, never photos.
    """
    if name.rpartition("/")[2].startswith("._"):
        return None
    return _ROLES.get(extension(name))


def sniff(head: bytes, name: str) -> Format | None:
    """The format that begins with these bytes; None when no photo or clip does.

    `head` is the first SNIFF_BYTES of the file. `name` decides only where content cannot.
    """
    if head.startswith(b"\xff\xd8"):
        return Format.MPO if b"MPF\x00" in head and extension(name) == "mpo" else Format.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Format.PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return Format.GIF
    if head[:4] == b"RIFF":
        return {b"WEBP": Format.WEBP, b"AVI ": Format.VIDEO}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    if head.startswith((b"\xff\x0a", b"\x00\x00\x00\x0cJXL \r\n\x87\n")):
        return Format.JXL
    if head.startswith(_RAW_MAGIC) or head[6:14] in (b"HEAPCCDR", b"HEAPJPGM"):
        return Format.RAW
    if head.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        is_raw = role_of(name) is FileRole.RAW or head[8:10] == b"CR" or _has_dng_version(head)
        return Format.RAW if is_raw else Format.TIFF
    if head.startswith(_VIDEO_MAGIC) or (head[:1] == b"\x47" and head[188:189] == b"\x47"):
        return Format.VIDEO
    # QuickTime files of old cameras begin with a bare atom instead of a file type box.
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip") and role_of(name) is FileRole.VIDEO:
        return Format.VIDEO
    # Some RAW types have no signature at all: the RAW library is asked.
    if head and role_of(name) is FileRole.RAW and not _is_text(head):
        return Format.RAW
    return None


_RAW_MAGIC = (
    b"FUJIFILMCCD-RAW",
    b"IIRO",
    b"IIRS",
    b"MMOR",
    b"IIU\x00",
    b"FOVb",
    b"\x00MRM",
    b"ARRI",
)
_VIDEO_MAGIC = (b"\x1aE\xdf\xa3", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", b"0&\xb2u\x8ef\xcf\x11")
_HEIF_BRANDS = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1", b"mif2")
)
_AVIF_BRANDS = frozenset((b"avif", b"avis"))


def _iso_media(head: bytes) -> Format:
    """AVIF, HEIC, CR3 or a clip: they share one container and differ in brand."""
    end = min(len(head), max(16, int.from_bytes(head[:4], "big")))
    major = head[8:12]
    brands = {major, *(head[at : at + 4] for at in range(16, end - 3, 4))}
    if major == b"crx ":
        return Format.RAW
    # `mif1` names the container only: the compatible brands tell which codec is inside.
    if brands & _AVIF_BRANDS and major not in _HEIF_BRANDS - {b"mif1", b"msf1", b"mif2"}:
        return Format.AVIF
    return Format.HEIC if brands & _HEIF_BRANDS else Format.VIDEO


def _has_dng_version(head: bytes) -> bool:
    """Whether the first directory of a TIFF, so far as it lies in `head`, says that this is a DNG."""
    order = "<" if head[:2] == b"II" else ">"
    if len(head) < 8 or head[2:4] not in (b"*\x00", b"\x00*"):
        return False
    (offset,) = struct.unpack_from(order + "I", head, 4)
    if offset + 2 > len(head):
        return False
    (count,) = struct.unpack_from(order + "H", head, offset)
    starts = range(offset + 2, min(offset + 2 + 12 * count, len(head) - 11), 12)
    return any(struct.unpack_from(order + "H", head, at)[0] == 0xC612 for at in starts)


def _is_text(head: bytes) -> bool:
    return all(byte in b"\t\n\r\f" or byte >= 0x20 for byte in head[:256])
