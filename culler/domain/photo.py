"""A photo is what the camera took once: one or several files, and what they say of the moment."""

import os
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path

PhotoId = int


def shown_name(name: str) -> tuple[str, bytes | None]:
    """A file-system name as people see it, and its true bytes where these are not UTF-8."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raw = os.fsencode(name)
        return raw.decode("utf-8", "backslashreplace"), raw
    return name, None


def folded_name(name: str) -> str:
    """A file name for comparing with others: disks differ in whether they keep case and composed letters."""
    return unicodedata.normalize("NFC", name).casefold()


class FileRole(StrEnum):
    """What a file is to its photo."""

    RAW = "raw"
    RENDERED = "rendered"
    SIDECAR = "sidecar"
    VIDEO = "video"


class PhotoKind(StrEnum):
    STILL = "still"
    VIDEO = "video"


class Drive(StrEnum):
    """What one press of the shutter did."""

    SINGLE = "single"
    CONTINUOUS = "continuous"
    SELF_TIMER = "self-timer"
    REMOTE = "remote"


class Bracketing(StrEnum):
    """What the camera itself varied from frame to frame. NONE: it says that it varied nothing. OTHER:
    something else (flash, sensitivity, colour), or it does not say what."""

    NONE = "none"
    EXPOSURE = "exposure"
    FOCUS = "focus"
    WHITE_BALANCE = "white balance"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells that a file changed, without reading it."""

    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """One file of a photo.

    `relative_path` is POSIX-style below the folder root, as shown to people (bytes that are not
    UTF-8 escaped); `raw_name` holds the true relative path in bytes where the two differ. `pinned`
    says that the user put the file into its photo, which no scan takes back; sidecars never are, they
    follow the file that they are named after.
    """

    role: FileRole
    relative_path: str
    stamp: FileStamp
    raw_name: bytes | None = None
    pinned: bool = False

    @property
    def name(self) -> str:
        return self.relative_path.rpartition("/")[2]

    @property
    def is_picture(self) -> bool:
        """Whether it shows something: a sidecar does not."""
        return self.role is not FileRole.SIDECAR

    def path(self, root: Path) -> Path:
        """The file itself, below its folder root."""
        if self.raw_name is None:
            return root / self.relative_path
        return root / os.fsdecode(self.raw_name)


@dataclass(frozen=True, slots=True)
class CaptureFacts:
    """What the file says of the moment it was taken; None where it says nothing.

    `taken` is the camera's clock, naive, with sub-seconds; `utc_offset` is its zone where known.
    `width` and `height` are upright pixels of the full-size picture. `drive` and `bracketing` come from
    maker notes, which few photos are asked for: None also where nobody looked.
    """

    width: int | None = None
    height: int | None = None
    orientation: int = 1
    taken: datetime | None = None
    utc_offset: timedelta | None = None
    make: str | None = None
    model: str | None = None
    serial: str | None = None
    lens: str | None = None
    exposure_s: float | None = None
    aperture: float | None = None
    iso: int | None = None
    focal_mm: float | None = None
    exposure_bias_ev: float | None = None
    latitude: float | None = None
    longitude: float | None = None
    camera_rating: int | None = None
    drive: Drive | None = None
    bracketing: Bracketing | None = None

    @property
    def camera(self) -> str | None:
        """Make and model without the make said twice."""
        if not self.model:
            return self.make or None
        said = {word.lower() for word in (self.make or "").split()}
        if not self.make or self.model.split()[0].lower() in said:
            return self.model
        return f"{self.make} {self.model}"

    @property
    def taken_at(self) -> datetime | None:
        """The moment with its zone, where the file names one."""
        if self.taken is None or self.utc_offset is None:
            return self.taken
        return self.taken.replace(tzinfo=timezone(self.utc_offset))

    def filled_from(self, other: "CaptureFacts") -> "CaptureFacts":
        """These facts, with what is missing taken from `other`."""
        gaps = {
            name: getattr(other, name)
            for name in self.__slots__
            if getattr(self, name) is None and getattr(other, name) is not None
        }
        if self.orientation == 1 and other.orientation != 1:
            gaps["orientation"] = other.orientation
        return replace(self, **gaps) if gaps else self


@dataclass(frozen=True, slots=True)
class MakerFacts:
    """What only maker notes say; None where they do not."""

    drive: Drive | None = None
    bracketing: Bracketing | None = None
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as the catalog knows it; `files` has the primary file first."""

    id: PhotoId
    root: Path
    relative_path: str
    revision: int
    kind: PhotoKind
    files: tuple[PhotoFile, ...]
    facts: CaptureFacts = field(default_factory=CaptureFacts)
    missing: bool = False

    @property
    def path(self) -> Path:
        """The file that stands for the photo: the RAW where there is one."""
        return self.files[0].path(self.root)

    @property
    def name(self) -> str:
        return self.relative_path.rpartition("/")[2]

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file of the photo, the primary one first."""
        return tuple(file.path(self.root) for file in self.files)

    @property
    def pictures(self) -> tuple[PhotoFile, ...]:
        """Its files without the sidecars, the primary one first."""
        return tuple(file for file in self.files if file.is_picture)

    def file(self, role: FileRole) -> PhotoFile | None:
        """The photo's file in this role, or None."""
        return next((file for file in self.files if file.role is role), None)
