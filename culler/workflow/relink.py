"""Photos whose folder moved: found again below its new place, with all that is known of them.

By relative path first, else by name anywhere below; and only where the file itself is the one that
is remembered. Reads files, changes the catalog, touches no file.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from culler.catalog import decisions, folders, outcomes, photo_files, photos
from culler.catalog.database import Transaction
from culler.catalog.scopes import Scope
from culler.domain.changes import NO_CHANGES, Changed, Changes, Progress
from culler.domain.decision import UNMARKED
from culler.domain.errors import CullerError
from culler.domain.photo import FileRole, FileStamp, Photo, PhotoFile, PhotoId, folded_name, shown_name
from culler.imaging import formats
from culler.workflow.fingerprints import Fingerprint
from culler.workflow.job import Job
from culler.workflow.walk import REJECTED_FOLDER
from culler.workflow.workspace import Workspace, known_scopes, real_folder

STEP = 50


@dataclass(frozen=True, slots=True)
class NotRelinked:
    """A photo that was not found, and why."""

    photo_id: PhotoId
    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class RelinkReport:
    """Photos found again, and those that were not; `present` are still where they were."""

    relinked: tuple[PhotoId, ...]
    present: int
    left: tuple[NotRelinked, ...]


@dataclass(frozen=True, slots=True)
class KnownFolder:
    """A folder that the catalog knows, how many photos it has there, and whether it is there."""

    path: Path
    photos: int
    is_there: bool


def known_folders(workspace: Workspace) -> tuple[KnownFolder, ...]:
    """Every root, and of those that are there the folders below that are not; what is gone first."""
    with workspace.catalog.read() as tx:
        roots = folders.roots(tx)
        counts = photos.counts_by_directory(tx)
    found: dict[Path, KnownFolder] = {}
    for folder_id, root in roots.items():
        inner = {root / below: count for below, count in counts.get(folder_id, {}).items()}
        is_there = root.is_dir()
        found[root] = KnownFolder(root, sum(inner.values()), is_there)
        gone = sorted(path for path in inner if not path.is_dir()) if is_there else []
        for path in gone:
            top = path
            while not top.parent.is_dir():
                top = top.parent
            if top not in found:
                below = sum(count for other, count in inner.items() if other.is_relative_to(top))
                found[top] = KnownFolder(top, below, False)
    return tuple(sorted(found.values(), key=lambda each: (each.is_there, each.path)))


def relink(workspace: Workspace, old: Path, new: Path) -> Job[RelinkReport]:
    """Look below `new` for the photos remembered below `old`. Raises CullerError for an old folder that
    the catalog does not know and a new one that is none."""
    (scope,) = known_scopes(workspace, [old]) or []
    target = real_folder(new)
    if target == scope.path:
        raise CullerError(f"{new} is the folder that Culler knows already.")
    with workspace.catalog.read() as tx:
        ids = photos.ids_in(tx, [scope], missing=True)
        known = photos.get(tx, ids)
        hashes = outcomes.dhashes(tx, ids)
    gone = [photo for photo in known.values() if not os.path.lexists(photo.path)]
    yield Progress(0, len(gone), "Looking for moved photos")
    found = _Below(target) if gone else None
    done: list[PhotoId] = []
    left: list[NotRelinked] = []
    for start in range(0, len(gone), STEP):
        some = gone[start : start + STEP]
        places = {}
        for photo in some:
            assert found is not None
            place = found.place_of(photo, scope, hashes.get(photo.id))
            if place is None:
                text = f"{photo.name} is not below {target}, or is another picture there."
                left.append(NotRelinked(photo.id, photo.path, text))
            else:
                places[photo.id] = place
        moved = _write(workspace, target, {photo.id: photo for photo in some}, places, left)
        done += moved
        changes = Changes.of(moved, Changed.PHOTOS) if moved else NO_CHANGES
        yield Progress(start + len(some), len(gone), "Looking for moved photos", changes)
    with workspace.catalog.write() as tx:
        folders.drop_empty(tx)
    return RelinkReport(tuple(done), len(known) - len(gone), tuple(left))


class _Below:
    """The files below a folder, by name."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._by_name: dict[str, list[Path]] = {}
        for folder, inner, names in os.walk(target):
            inner[:] = sorted(n for n in inner if not n.startswith(".") and n != REJECTED_FOLDER)
            for name in names:
                if formats.role_of(name) is not None:
                    self._by_name.setdefault(folded_name(name), []).append(Path(folder) / name)

    def place_of(self, photo: Photo, scope: Scope, dhash: int | None) -> Path | None:
        """Where the photo's primary file is now; None where it is not, or not beyond doubt."""
        stamp = photo.files[0].stamp
        print_ = Fingerprint(stamp.size_bytes, stamp.mtime_ns, dhash, photo.facts.taken)
        same = self._target / photo.path.relative_to(scope.path)
        companions = [file for file in photo.files[1:] if file.role is FileRole.RENDERED]

        def fits(path: Path) -> bool:
            beside = path.with_name(companions[0].path(photo.root).name) if companions else None
            return print_.fits(path, beside)

        if fits(same):
            return same
        others = [path for path in self._by_name.get(folded_name(photo.path.name), ()) if path != same]
        fitting = [path for path in others if fits(path)]
        return fitting[0] if len(fitting) == 1 else None


def _write(
    workspace: Workspace,
    target: Path,
    known: dict[PhotoId, Photo],
    places: dict[PhotoId, Path],
    left: list[NotRelinked],
) -> list[PhotoId]:
    if not places:
        return []
    moved: list[PhotoId] = []
    with workspace.catalog.write() as tx:
        scope = folders.add(tx, target)
        for photo_id, place in places.items():
            photo = photos.get(tx, [photo_id])[photo_id]
            paths = [place.parent / file.path(photo.root).name for file in photo.files]
            there = _at(tx, scope, photo_id, paths)
            marks = decisions.decisions_of(tx, [*there, photo_id])
            if any(marks[other] not in (UNMARKED, marks[photo_id]) for other in there):
                text = f"{place} was scanned there before and has other marks; both are kept as they are."
                left.append(NotRelinked(photo_id, known[photo_id].path, text))
                continue
            photos.forget(tx, there)
            photos.relocate(tx, photo_id, scope, paths)
            photos.set_missing(tx, [photo_id], False)
            photo_files.put_files(tx, photo_id, list(_present(scope.root, photo, paths)))
            moved.append(photo_id)
    return moved


def _at(tx: Transaction, scope: Scope, photo_id: PhotoId, paths: Sequence[Path]) -> list[PhotoId]:
    """The catalog's other photos at that place, from a scan of the new folder: whose primary file is the
    photo's, and those that have no files but the photo's."""
    names = [shown_name(path.relative_to(scope.root).as_posix())[0] for path in paths]
    found = photo_files.holders(tx, scope.folder_id, names)
    others = {holder for holder in found.values() if holder != photo_id}
    held = photo_files.files_of(tx, list(others))
    primary = found.get(names[0])
    return [
        other
        for other in others
        if other == primary or {file.relative_path for file in held[other]} <= set(names)
    ]


def _present(root: Path, photo: Photo, paths: Sequence[Path]) -> Iterable[PhotoFile]:
    """The photo's files as they are at their new place: the same pixels with other stamps."""
    for file, path in zip(photo.files, paths, strict=True):
        try:
            found = path.stat()
        except OSError:
            continue  # the next scan will miss it
        relative, raw = shown_name(path.relative_to(root).as_posix())
        yield PhotoFile(file.role, relative, FileStamp(found.st_size, found.st_mtime_ns), raw)
