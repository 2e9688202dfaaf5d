"""Which files of one folder are one photo.

What the user said of a file (it is pinned) comes first. Of the others, one RAW and one JPEG or HEIC of
the same stem are one photo unless their capture times differ; two RAWs, a RAW with both a JPEG and a
HEIC (nobody can tell which of them is the RAW's), or a HEIC and a JPEG without a RAW, are not. A sidecar
belongs to the photo it is named after, `IMG.xmp` by stem or `IMG.CR2.xmp` by full name; where several
photos share the stem, to the file that it names, else rather to a RAW.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from culler.domain.photo import FileRole, FileStamp, folded_name

COMPANION_SUFFIXES = frozenset({"jpg", "jpeg", "jpe", "heic", "heif", "hif"})
"""What a camera writes beside a RAW."""
_RANKS = {FileRole.RAW: 0, FileRole.RENDERED: 1, FileRole.VIDEO: 2}
NOTHING_PINNED: Mapping[str, tuple[int, float]] = {}


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file in a folder: its name as the file system gives it, its role and its stamp."""

    name: str
    role: FileRole
    stamp: FileStamp


def pair(
    files: Iterable[FoundFile],
    taken: Callable[[FoundFile], datetime | None],
    owner: Callable[[FoundFile], str | None],
    pinned: Mapping[str, tuple[int, float]] = NOTHING_PINNED,
) -> tuple[list[tuple[FoundFile, ...]], list[FoundFile]]:
    """The photos of one folder, pinned ones before others, each with its primary file first and its
    sidecars last; and the sidecars that belong to none.

    `pinned` says by name which photo the user put a file into, and its place behind the RAWs. `taken` is
    asked only where a RAW has a companion, `owner` (the extension that a sidecar names, lower case) only
    where several photos share its stem.
    """
    stems: dict[str, list[FoundFile]] = {}
    sidecars: list[FoundFile] = []
    by_hand: dict[int, list[FoundFile]] = {}
    for file in files:
        if file.role is FileRole.SIDECAR:
            sidecars.append(file)
        elif file.name in pinned:
            by_hand.setdefault(pinned[file.name][0], []).append(file)
        else:
            stems.setdefault(_stem(file.name), []).append(file)
    photos = [
        sorted(members, key=lambda file: (file.role is not FileRole.RAW, pinned[file.name][1]))
        for members in by_hand.values()
    ]
    for members in stems.values():
        photos += _photos_of_stem(members, taken)
    orphans = attach(sidecars, photos, owner)
    return [tuple(photo) for photo in photos], orphans


def attach(
    sidecars: Iterable[FoundFile],
    photos: Sequence[list[FoundFile]],
    owner: Callable[[FoundFile], str | None],
) -> list[FoundFile]:
    """Put sidecars behind the files of the photos that they belong to; those that belong to none."""
    named: dict[str, int] = {}
    stems: dict[str, list[tuple[FoundFile, int]]] = {}
    for place, photo in enumerate(photos):
        for file in photo:
            named.setdefault(folded_name(file.name), place)
            stems.setdefault(_stem(file.name), []).append((file, place))
    orphans = []
    for sidecar in sidecars:
        name = _stem(sidecar.name)
        place_ = named.get(name)
        if place_ is None and name in stems:
            place_ = _short_named(sidecar, stems[name], owner)
        if place_ is None:
            orphans.append(sidecar)
        else:
            photos[place_].append(sidecar)
    return orphans


def _short_named(
    sidecar: FoundFile, files: Sequence[tuple[FoundFile, int]], owner: Callable[[FoundFile], str | None]
) -> int | None:
    """The place of the photo that a sidecar of these files' stem belongs to; None where it names a file
    that is not there, and several photos could be taken for it."""
    if len({place for _, place in files}) > 1:
        extension = owner(sidecar)
        if extension is not None:
            return next((place for file, place in files if _suffix(file.name) == extension), None)
    return min(files, key=lambda each: (_RANKS[each[0].role], each[0].name))[1]


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


def _stem(name: str) -> str:
    return folded_name(name.rpartition(".")[0])


def _suffix(name: str) -> str:
    return name.rpartition(".")[2].lower()
