"""Scanning folders: what is new, changed, gone or back, with capture facts, 500 photos a commit.

Nothing is decoded here and nothing is dropped: photos whose files are gone are marked missing. A
second scan of unchanged folders reads no file.
"""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from culler.catalog import folders, photo_files, photos, scanned
from culler.catalog.scanned import Found, Known
from culler.catalog.scopes import Scope
from culler.domain.changes import Changed, Changes, Progress
from culler.domain.photo import FileRole, FileStamp, PhotoFile, PhotoId, PhotoKind, shown_name
from culler.workflow.file_facts import FactsReader, Read
from culler.workflow.job import Job
from culler.workflow.pairing import FoundFile, pair
from culler.workflow.scan_step import Item, Step, Tally, write
from culler.workflow.walk import Directory, IgnoredFile, Walk, passed_over
from culler.workflow.workspace import Workspace, real_folder

FIRST_STEP = 60
"""Photos in the first commit: a page of the grid, so that it fills at once."""
STEP = 500
PAUSE_S = 0.2
"""The longest work without giving the caller a turn."""


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a scan found. Counts are photos; `ignored` are files that are no photos."""

    folders: tuple[Path, ...]
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    failed: int = 0
    ignored: tuple[IgnoredFile, ...] = ()

    @property
    def total(self) -> int:
        return self.added + self.changed + self.unchanged

    @property
    def troubles(self) -> tuple[IgnoredFile, ...]:
        """Folders and files that could not be looked at, for a reason that somebody should know."""
        return tuple(ignored for ignored in self.ignored if ignored.trouble)


def scan(workspace: Workspace, roots: Sequence[Path], deep: bool = True) -> Job[ScanReport]:
    """Bring the catalog up to date with these folders, and those inside them where `deep`. Raises
    CullerError for a folder that is none."""
    wanted = [real_folder(root) for root in roots]
    tally = Tally()
    for root in wanted:
        with workspace.catalog.write() as tx:
            scope = folders.add(tx, root)
        yield from _scan_scope(workspace, scope, tally, deep)
    return ScanReport(
        tuple(wanted),
        tally.added,
        tally.changed,
        tally.unchanged,
        tally.missing,
        tally.failed,
        tuple(tally.ignored),
    )


def _scan_scope(workspace: Workspace, scope: Scope, tally: Tally, deep: bool) -> Job[None]:
    note = f"Reading {scope.path.name}"
    with workspace.catalog.read() as tx:
        stamps = scanned.stamps(tx, scope)
    if not deep:
        stamps = {scope.prefix: stamps.get(scope.prefix, {})}
    before = {stamp[0] for directory in stamps.values() for stamp in directory.values()}
    touched: set[PhotoId] = set()
    step, limit, done = Step(), FIRST_STEP, 0
    moment = time.monotonic()
    yield Progress(0, None, note)
    walk = Walk(scope, stamps, tally.ignored, deep)
    for directory in walk:
        if directory is None:
            yield Progress(done + walk.unchanged, None, note)
            continue
        for item in _compare(workspace, scope, directory, touched, tally):
            done += 1
            if item is not None:
                step.add(item)
            if time.monotonic() - moment > PAUSE_S:
                moment = time.monotonic()
                yield Progress(done + walk.unchanged, None, note)
            if len(step) >= limit:
                changes = write(workspace, scope, step, tally)
                step, limit = Step(), STEP
                yield Progress(done + walk.unchanged, None, note, changes)
    changes = write(workspace, scope, step, tally)
    gone = _gone(workspace, scope, before - walk.seen - touched, walk.blind)
    if gone:
        with workspace.catalog.write() as tx:
            photos.set_missing(tx, gone, True)
        tally.missing += len(gone)
        changes |= Changes.of(gone, Changed.PHOTOS)
    tally.unchanged += len(walk.seen - touched)
    total = done + len(walk.seen)
    yield Progress(total, total, f"Read {scope.path.name}", changes)


def _gone(workspace: Workspace, scope: Scope, unseen: set[PhotoId], blind: Sequence[str]) -> set[PhotoId]:
    """Of photos that a walk did not meet, those that are not there any more: not those in a directory
    that could not be looked into, and not those in one that only a walk from inside it looks into."""
    if not unseen:
        return unseen
    with workspace.catalog.read() as tx:
        known = scanned.known(tx, unseen)
    return {photo.id for photo in known if not _out_of_sight(scope, photo, tuple(blind))}


def _out_of_sight(scope: Scope, photo: Known, blind: tuple[str, ...]) -> bool:
    if not photo.files:
        return False
    path = photo.relative_path
    if blind and path.startswith(blind):
        return True
    inside = path[len(scope.prefix) :].split("/")[:-1]
    return any(passed_over(name) for name in inside) and os.path.lexists(photo.files[0].path(scope.root))


def _compare(
    workspace: Workspace, scope: Scope, directory: Directory, touched: set[PhotoId], tally: Tally
) -> Iterator[Item | None]:
    """What is different about one directory, photo by photo; None for an unchanged photo. Photos that
    are still there are added to `touched`."""
    names = [shown_name(directory.below + file.name)[0] for file in directory.files]
    with workspace.catalog.read() as tx:
        holders = photo_files.holders(tx, scope.folder_id, names)
        known = scanned.known(tx, set(holders.values()))
    owners = _Owners(directory, known)
    reader = FactsReader(directory.path)
    groups, orphans = pair(directory.files, reader.taken, reader.owner, owners.pinned)
    for orphan in orphans:
        tally.ignored.append(IgnoredFile(directory.path / orphan.name, "a sidecar without its photo"))
    for group in groups:
        files = tuple(_photo_file(directory.below, file, file.name in owners.pinned) for file in group)
        owner = owners.of(files)
        if owner is not None and owner.id in touched:
            owner = None  # a pair was split: the second part becomes a photo of its own
        if owner is not None:
            touched.add(owner.id)
            again = owner.unread and not reader.read(group[0]).passing
            if owner.files == files and not again:
                tally.unchanged += 1
                yield owner.id if owner.missing else None
                continue
            new_pixels = again or _pixels(owner.files) != _pixels(files)
        else:
            new_pixels = True
        read = reader.read(group[0]) if new_pixels else Read()
        kind = PhotoKind.VIDEO if group[0].role is FileRole.VIDEO else PhotoKind.STILL
        found = Found(files[0].relative_path, kind, files, read.facts, read.failure, read.passing)
        yield found, owner, new_pixels


class _Owners:
    """Which known photo each file of a directory belongs to; `pinned` is what the user said, by name."""

    def __init__(self, directory: Directory, known: Sequence[Known]) -> None:
        names = {shown_name(directory.below + file.name)[0]: file.name for file in directory.files}
        self._by_file = {file.relative_path: photo for photo in known for file in photo.files}
        self.pinned: dict[str, tuple[PhotoId, float]] = {}
        for photo in known:
            places: dict[str, float] = {f.relative_path: k for k, f in enumerate(photo.files) if f.pinned}
            # A file that was away goes before the one that has its place now.
            places |= {path: place - 0.5 for path, place in photo.absent.items()}
            self._by_file |= dict.fromkeys(photo.absent, photo)
            self.pinned |= {names[p]: (photo.id, place) for p, place in places.items() if p in names}
        self._with_picture = {
            photo.id
            for photo in known
            for file in photo.files
            if file.is_picture and file.relative_path in names
        }

    def of(self, files: Sequence[PhotoFile]) -> Known | None:
        """Whom these files belonged to, by their pictures; by a sidecar only where its photo has none of
        its pictures left."""
        found = [
            (file, self._by_file[file.relative_path]) for file in files if file.relative_path in self._by_file
        ]
        by_picture = (photo for file, photo in found if file.is_picture)
        return next(by_picture, None) or next(
            (photo for _, photo in found if photo.id not in self._with_picture), None
        )


def _photo_file(below: str, file: FoundFile, pinned: bool) -> PhotoFile:
    relative, raw = shown_name(below + file.name)
    return PhotoFile(file.role, relative, file.stamp, raw, pinned)


def _pixels(files: tuple[PhotoFile, ...]) -> list[tuple[str, FileStamp]]:
    return [(file.relative_path, file.stamp) for file in files if file.is_picture]
