"""Which sidecars belong to a photo, and under which name a new one is written.

Both naming forms are known: `IMG.xmp` (Lightroom, Bridge, Capture One, Photo Mechanic, FastRawViewer)
and `IMG.CR2.xmp` (darktable, digiKam).
"""

import unicodedata
from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path

from culler.domain.errors import CullerError
from culler.domain.photo import FileRole
from culler.imaging.formats import role_of
from culler.imaging.xmp import owner
from culler.imaging.xmp_packet import MAX_PACKET_BYTES

SUFFIX = ".xmp"
_RANKS = {FileRole.RAW: 0, FileRole.RENDERED: 1, FileRole.VIDEO: 2}


class Siblings:
    """The files of one folder by name, for quick look-ups; names are compared in NFC, without case."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._by_name: dict[str, list[Path]] = {}
        self._by_stem: dict[str, list[Path]] = {}
        for path in paths:
            self._by_name.setdefault(_folded(path.name), []).append(path)
            if role_of(path.name) in _RANKS:
                self._by_stem.setdefault(_folded(path.stem), []).append(path)

    def named(self, name: str) -> list[Path]:
        """The files of this name; the exactly equal one alone where there is one."""
        paths = self._by_name.get(_folded(name), [])
        exact = [path for path in paths if path.stem == Path(name).stem]
        return exact or paths

    def sharing_stem(self, path: Path) -> list[Path]:
        """The other files, sidecars apart, that have the path's stem."""
        return [other for other in self._by_stem.get(_folded(path.stem), []) if other.name != path.name]


def find(photo_path: Path, siblings: Siblings | Iterable[Path], members: Sequence[Path] = ()) -> list[Path]:
    """The photo's sidecars, the long-named of `photo_path` first, then the short-named.

    `siblings` are the files of its folder, `members` the photo's other files (the JPEG beside a RAW),
    whose sidecars are its own, too. A short-named sidecar is left out where it names another owner
    or, naming none, rather belongs to another photo of the same stem (a RAW goes before a JPEG).
    Short-named sidecars are opened here only where several photos share the stem.
    """
    known = siblings if isinstance(siblings, Siblings) else Siblings(siblings)
    found = known.named(photo_path.name + SUFFIX)
    others = _others(photo_path, known, members)
    for path in known.named(photo_path.stem + SUFFIX):
        claim = _claim(photo_path, path, others, members)
        if claim is _Claim.OWN or (claim is _Claim.SHARED and not found):
            found = [*found, path]
    for member in members:
        found = [*found, *(path for path in known.named(member.name + SUFFIX) if path not in found)]
    return found


def choose(
    photo_path: Path,
    existing: Sequence[Path],
    siblings: Siblings | Iterable[Path],
    prefer_long: bool = False,
    members: Sequence[Path] = (),
) -> Path:
    """The sidecar to write: the first of `existing` (from `find`), else a new name.

    The new name is short, or long where the user prefers it, where another photo has the same stem,
    or where a short-named sidecar of another owner is in the way. A short-named sidecar that several
    photos could claim is read and never written.
    """
    known = siblings if isinstance(siblings, Siblings) else Siblings(siblings)
    members_own = {_folded(member.name + SUFFIX) for member in members}
    for path in _writable(photo_path, existing, known, members):
        if _folded(path.name) not in members_own:
            return path
    short = photo_path.with_name(photo_path.stem + SUFFIX)
    if prefer_long or _others(photo_path, known, members) or known.named(short.name):
        return photo_path.with_name(photo_path.name + SUFFIX)
    return short


def targets(
    photo_path: Path,
    existing: Sequence[Path],
    siblings: Siblings | Iterable[Path],
    prefer_long: bool = False,
    members: Sequence[Path] = (),
) -> list[Path]:
    """Every sidecar to write: the chosen one and all others that exist, so that they stay in agreement."""
    known = siblings if isinstance(siblings, Siblings) else Siblings(siblings)
    chosen = choose(photo_path, existing, known, prefer_long, members)
    return [chosen, *(path for path in _writable(photo_path, existing, known, members) if path != chosen)]


def is_short(photo_path: Path, sidecar: Path) -> bool:
    """Whether the sidecar is named without the photo's extension and should name its owner."""
    return _folded(sidecar.stem) == _folded(photo_path.stem)


def _writable(
    photo_path: Path, existing: Sequence[Path], siblings: Siblings, members: Sequence[Path]
) -> list[Path]:
    """The sidecars that are this photo's alone."""
    others = _others(photo_path, siblings, members)
    return [
        path
        for path in existing
        if not is_short(photo_path, path) or _claim(photo_path, path, others, members) is _Claim.OWN
    ]


class _Claim(Enum):
    """Whose a short-named sidecar is: the photo's, several photos', or another's."""

    OWN = 0
    SHARED = 1
    FOREIGN = 2


def _claim(photo_path: Path, sidecar: Path, others: Sequence[Path], members: Sequence[Path]) -> _Claim:
    if not others:
        return _Claim.OWN
    named = _named_owner(sidecar)
    if named is not None:
        mine = {path.suffix.lstrip(".").lower() for path in (photo_path, *members)}
        return _Claim.OWN if named in mine else _Claim.FOREIGN
    mine_rank, best = _rank(photo_path), min(_rank(other) for other in others)
    if mine_rank == best:
        return _Claim.SHARED
    return _Claim.OWN if mine_rank < best else _Claim.FOREIGN


def _others(photo_path: Path, siblings: Siblings, members: Sequence[Path]) -> list[Path]:
    """The files of other photos with the same stem."""
    own = {member.name for member in members}
    return [path for path in siblings.sharing_stem(photo_path) if path.name not in own]


def _rank(path: Path) -> int:
    """RAW before developed picture before clip: who a sidecar without an owner rather belongs to."""
    role = role_of(path.name)
    return len(_RANKS) if role is None else _RANKS[role]


def _named_owner(sidecar: Path) -> str | None:
    try:
        with open(sidecar, "rb") as file:
            return owner(file.read(MAX_PACKET_BYTES + 1), sidecar.name)
    except (OSError, CullerError):
        return None  # unreadable or malformed: told when it is read


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
