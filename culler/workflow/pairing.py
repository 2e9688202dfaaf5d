"""Which files of one folder are one photo.

One RAW and one JPEG or HEIC of the same stem are one photo unless their capture times differ; two
RAWs, or a HEIC and a JPEG without a RAW, are not. A sidecar belongs to the photo it is named after,
`IMG.xmp` by stem or `IMG.CR2.xmp` by full name.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from culler.domain.photo import FileRole, FileStamp

COMPANION_SUFFIXES = frozenset({"jpg", "jpeg", "jpe", "heic", "heif", "hif"})
"""What a camera writes beside a RAW."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file in a folder: its name as the file system gives it, its role and its stamp."""

    name: str
    role: FileRole
    stamp: FileStamp


def pair(
    files: Iterable[FoundFile], taken: Callable[[FoundFile], datetime | None]
) -> tuple[list[tuple[FoundFile, ...]], list[FoundFile]]:
    """The photos of one folder, each with its primary file first and its sidecars last, and the sidecars
    that belong to none. `taken` is asked only where a RAW has a companion."""
    stems: dict[str, list[FoundFile]] = {}
    sidecars: list[FoundFile] = []
    for file in files:
        if file.role is FileRole.SIDECAR:
            sidecars.append(file)
        else:
            stems.setdefault(_stem(file.name), []).append(file)
    photos: list[list[FoundFile]] = []
    for members in stems.values():
        photos += _photos_of_stem(members, taken)
    orphans = [sidecar for sidecar in sidecars if not _attach(sidecar, photos, stems)]
    return [tuple(photo) for photo in photos], orphans


def _photos_of_stem(
    members: list[FoundFile], taken: Callable[[FoundFile], datetime | None]
) -> list[list[FoundFile]]:
    raws = [file for file in members if file.role is FileRole.RAW]
    companions = [file for file in members if _suffix(file.name) in COMPANION_SUFFIXES]
    if len(raws) == 1 and len(companions) == 1 and _same_moment(taken(raws[0]), taken(companions[0])):
        pair_ = [raws[0], companions[0]]
        return [pair_] + [[file] for file in members if file not in pair_]
    return [[file] for file in members]


def _same_moment(a: datetime | None, b: datetime | None) -> bool:
    """To the second: one of the two files may lack the fraction."""
    return a is None or b is None or a.replace(microsecond=0) == b.replace(microsecond=0)


def _attach(sidecar: FoundFile, photos: list[list[FoundFile]], stems: dict[str, list[FoundFile]]) -> bool:
    named = _fold(sidecar.name.rpartition(".")[0])
    for photo in photos:
        if any(_fold(file.name) == named for file in photo if file.role is not FileRole.SIDECAR):
            photo.append(sidecar)
            return True
    if named not in stems:
        return False
    rank = {FileRole.RAW: 0, FileRole.RENDERED: 1, FileRole.VIDEO: 2}
    owner = min(stems[named], key=lambda file: (rank[file.role], file.name))
    next(photo for photo in photos if owner in photo).append(sidecar)
    return True


def _stem(name: str) -> str:
    return _fold(name.rpartition(".")[0])


def _suffix(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
