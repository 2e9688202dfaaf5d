"""Whether a file is the photo that is remembered, though its path or its times changed."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from culler.domain.errors import CullerError
from culler.imaging import decode, exif

FAT_NS = 2_000_000_000
"""Some disks keep times to two seconds."""
NEAR_BITS = 2
"""Of 64: how far hashes of two decodes of one picture, at different reductions, lie apart."""
TELLING_BITS = range(4, 61)
"""Hashes with fewer or more bits set are those of empty pictures, which all look alike."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is remembered of a photo's primary file; None where nobody has read or decoded it."""

    size_bytes: int
    mtime_ns: int
    dhash: int | None = None
    taken: datetime | None = None

    def fits(self, path: Path, companion: Path | None = None) -> bool:
        """Whether the file is that photo: by size and time; where these changed, by its look, and where
        that is not known, by its size and the moment it was taken."""
        try:
            found = path.stat()
        except OSError:
            return False
        same_size = found.st_size == self.size_bytes
        if same_size and abs(found.st_mtime_ns - self.mtime_ns) <= FAT_NS:
            return True
        if self.dhash is not None and self.dhash.bit_count() in TELLING_BITS:
            try:
                look = decode.glance(path, companion).dhash
            except CullerError:
                return False
            return (look ^ self.dhash).bit_count() <= NEAR_BITS
        return same_size and self.taken is not None and self.taken == _taken(path)


def _taken(path: Path) -> datetime | None:
    try:
        format_ = decode.format_of(path)
        return None if format_ is None else exif.read_facts(path, format_).taken
    except (OSError, CullerError):
        return None
