"""Marks inside picture files: read once, and again only when the file is another one than then.

Other programs write ratings into JPEG, TIFF, HEIC and DNG. What is remembered of such a file is its
stamp beside the digest of its packet, so that looking at thousands of unchanged photos opens none.
"""

from dataclasses import dataclass
from pathlib import Path

from culler.catalog.sidecars import Remembered, SidecarRecord
from culler.domain.decision import UNMARKED
from culler.domain.errors import CullerError
from culler.domain.photo import FileRole, FileStamp, Photo, PhotoFile
from culler.imaging import exif, formats
from culler.imaging.xmp import Marks, read_marks
from culler.imaging.xmp_files import Sidecar, digest_of

PICTURES = (FileRole.RAW, FileRole.RENDERED)


@dataclass(frozen=True, slots=True)
class Inside:
    """What the files of a photo hold now: records of all that are worth remembering, and the packets
    that are not those remembered."""

    records: tuple[SidecarRecord, ...] = ()
    changed: tuple[Sidecar, ...] = ()


def packet_marks(path: Path) -> Sidecar | None:
    """The XMP packet inside a picture; None where it has none. `digest` is the packet's alone.

    Raises OSError, and CullerError for a packet that is malformed.
    """
    with open(path, "rb") as opened:
        format_ = formats.sniff(opened.read(formats.SNIFF_BYTES), path.name)
    packet = None if format_ is None else exif.embedded_packet(path, format_)
    if packet is None:
        return None
    return Sidecar(path, packet, digest_of(packet), read_marks(packet, path.name))


def record(relative_path: str, stamp: FileStamp, found: Sidecar | None) -> SidecarRecord:
    """One picture file, to be remembered."""
    digest = "" if found is None else found.digest
    stated = UNMARKED if found is None else found.marks.on(UNMARKED)
    return SidecarRecord(relative_path, f"{stamp.size_bytes}-{stamp.mtime_ns}-{digest}", stated)


def look(photo: Photo, known: Remembered) -> Inside:
    """What the photo's pictures say beyond what is remembered. Never raises: a packet that cannot be read
    says nothing."""
    records: list[SidecarRecord] = []
    changed: list[Sidecar] = []
    for file in photo.files:
        if file.role not in PICTURES:
            continue
        path, before = file.path(photo.root), known.sidecars.get(file.relative_path)
        try:
            status = path.stat()
            stamp = FileStamp(status.st_size, status.st_mtime_ns)
            if not _is_another(photo, file, stamp, before):
                records += [] if before is None else [before]
                continue
            found = packet_marks(path)
        except (OSError, CullerError):
            records += [] if before is None else [before]
            continue
        now = record(file.relative_path, stamp, found)
        records.append(now)
        then = "" if before is None else before.digest.rpartition("-")[2]
        if now.digest.rpartition("-")[2] != then:
            gone = Sidecar(path, b"", "", Marks())
            changed.append(gone if found is None else found)
    return Inside(tuple(records), tuple(changed))


def _is_another(photo: Photo, file: PhotoFile, stamp: FileStamp, before: SidecarRecord | None) -> bool:
    """Whether the file was written to since it was read. One that is not remembered held no marks at
    the first scan; since then a scan has counted a change, or is still to count it."""
    if before is None:
        return photo.revision > 1 or stamp != file.stamp
    return not before.digest.startswith(f"{stamp.size_bytes}-{stamp.mtime_ns}-")
