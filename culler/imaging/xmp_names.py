"""Which sidecars belong to a photo, and under which name a new one is written.

Both naming forms are known: `IMG.xmp` (Lightroom, Bridge, Capture One, Photo Mechanic, FastRawViewer)
and `IMG.CR2.xmp` (darktable, digiKam).
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path

from culler.domain.errors import CullerError
from culler.domain.photo import FileRole, folded_name
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
            self._by_name.setdefault(folded_name(path.name), []).append(path)
            if role_of(path.name) in _RANKS:
                self._by_stem.setdefault(folded_name(path.stem), []).append(path)

    def named(self, name: str) -> list[Path]:
        """The files of this name; the exactly equal one alone where there is one."""
        paths = self._by_name.get(folded_name(name), [])
        exact = [path for path in paths if path.stem == Path(name).stem]
        return exact or paths

    def sharing_stem(self, path: Path) -> list[Path]:
        """The other files, sidecars apart, that have the path's stem."""
        return [other for other in self._by_stem.get(folded_name(path.stem), []) if other.name != path.name]


def find(photo_path: Path, siblings: Siblings | Iterable[Path], members: Sequence[Path] = ()) -> list[Path]:
    """The photo's sidecars, the long-named of `photo_path` first, then the short-named.

    `siblings` are the files of its folder, `members` the photo's other files (the JPEG beside a RAW, a
    picture of another name that the user joined), whose sidecars are its own, too. A short-named sidecar
    is left out where it names another owner or, naming none, rather belongs to another photo of the same
    stem (a RAW goes before a JPEG). Short-named sidecars are opened here only where several photos share
    the stem.
    """
    known = siblings if isinstance(siblings, Siblings) else Siblings(siblings)
    found = known.named(photo_path.name + SUFFIX)
    for path in (photo_path, *_of_other_stems(photo_path, members)):
        others = _others(path, known, photo_path, members)
        for sidecar in known.named(path.stem + SUFFIX):
            claim = _claim(path, sidecar, others, (photo_path, *members))
            if claim is _Claim.OWN or (claim is _Claim.SHARED and not found):
                found = [*found, *([sidecar] if sidecar not in found else [])]
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
    """The sidecar to write: the first of `existing` (from `find`) that is the primary file's, else a new
    name.

    The new name is short, or long where the user prefers it, where another photo has the same stem,
    or where a short-named sidecar of another owner is in the way. A short-named sidecar that several
    photos could claim is read and never written.
    """
    known = siblings if isinstance(siblings, Siblings) else Siblings(siblings)
    stem = folded_name(photo_path.stem)
    members_own = {folded_name(member.name + SUFFIX) for member in members}
    members_own |= {folded_name(m.stem + SUFFIX) for m in members if folded_name(m.stem) != stem}
    for path in _writable(photo_path, existing, known, members):
        if folded_name(path.name) not in members_own:
            return path
    short = photo_path.with_name(photo_path.stem + SUFFIX)
    if prefer_long or _others(photo_path, known, photo_path, members) or known.named(short.name):
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


def owner_of(photo_path: Path, sidecar: Path, members: Sequence[Path] = ()) -> Path | None:
    """The file of the photo that a short-named sidecar should name as its owner; None for a long name,
    which says it already."""
    stem = folded_name(sidecar.stem)
    return next((path for path in (photo_path, *members) if folded_name(path.stem) == stem), None)


def _writable(
    photo_path: Path, existing: Sequence[Path], siblings: Siblings, members: Sequence[Path]
) -> list[Path]:
    """The sidecars that are this photo's alone."""
    own = []
    for sidecar in existing:
        path = owner_of(photo_path, sidecar, members)
        if path is None:
            own.append(sidecar)
            continue
        others = _others(path, siblings, photo_path, members)
        if _claim(path, sidecar, others, (photo_path, *members)) is _Claim.OWN:
            own.append(sidecar)
    return own


def _of_other_stems(photo_path: Path, members: Sequence[Path]) -> list[Path]:
    """Of the members, the first of every stem that is not the photo's."""
    found = {folded_name(member.stem): member for member in reversed(members)}
    found.pop(folded_name(photo_path.stem), None)
    return [member for member in members if found.get(folded_name(member.stem)) is member]


class _Claim(Enum):
    """Whose a short-named sidecar is: the photo's, several photos', or another's."""

    OWN = 0
    SHARED = 1
    FOREIGN = 2


def _claim(path: Path, sidecar: Path, others: Sequence[Path], files: Sequence[Path]) -> _Claim:
    """Whose a sidecar of this stem is, seen from the photo of these files; `others` have the stem, too."""
    if not others:
        return _Claim.OWN
    named = named_owner(sidecar)
    if named is not None:
        stem = folded_name(path.stem)
        mine = {file.suffix.lstrip(".").lower() for file in files if folded_name(file.stem) == stem}
        return _Claim.OWN if named in mine else _Claim.FOREIGN
    mine_rank = min(_rank(file) for file in files if folded_name(file.stem) == folded_name(path.stem))
    best = min(_rank(other) for other in others)
    if mine_rank == best:
        return _Claim.SHARED
    return _Claim.OWN if mine_rank < best else _Claim.FOREIGN


def _others(path: Path, siblings: Siblings, photo_path: Path, members: Sequence[Path]) -> list[Path]:
    """The files of other photos with the path's stem."""
    own = {photo_path.name, *(member.name for member in members)}
    return [other for other in siblings.sharing_stem(path) if other.name not in own]


def _rank(path: Path) -> int:
    """RAW before developed picture before clip: who a sidecar without an owner rather belongs to."""
    role = role_of(path.name)
    return len(_RANKS) if role is None else _RANKS[role]


def named_owner(sidecar: Path) -> str | None:
    """The extension of the file that a sidecar says it belongs to; None where it does not say."""
    try:
        with open(sidecar, "rb") as file:
            return owner(file.read(MAX_PACKET_BYTES + 1), sidecar.name)
    except (OSError, CullerError):
        return None  # unreadable or malformed: told when it is read
