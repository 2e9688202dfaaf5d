"""Scanning folders: what is new, changed, gone or back, with capture facts, 500 photos a commit.

Nothing is decoded here and nothing is dropped: photos whose files are gone are marked missing. A
second scan of unchanged folders reads no file.
"""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from culler.catalog import decisions, folders, photo_files, photos, scanned, sidecars
from culler.catalog.database import Transaction
from culler.catalog.scanned import Found, Known
from culler.catalog.scopes import Scope
from culler.domain.changes import NO_CHANGES, Changed, Changes, Progress
from culler.domain.photo import FileRole, FileStamp, PhotoFile, PhotoId, PhotoKind, shown_name
from culler.workflow.file_facts import FactsReader, Read
from culler.workflow.job import Job
from culler.workflow.pairing import FoundFile, pair
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


@dataclass(slots=True)
class _Tally:
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    failed: int = 0
    ignored: list[IgnoredFile] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Step:
    """Photos read and not yet written."""

    new: list[Found] = field(default_factory=list)
    other: dict[PhotoId, Found] = field(default_factory=dict)
    new_pixels: set[PhotoId] = field(default_factory=set)
    seen: dict[PhotoId, Known] = field(default_factory=dict)
    """The other ones as the catalog had them when they were compared."""
    back: list[PhotoId] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.new) + len(self.other) + len(self.back)


def scan(workspace: Workspace, roots: Sequence[Path], deep: bool = True) -> Job[ScanReport]:
    """Bring the catalog up to date with these folders, and those inside them where `deep`. Raises
    CullerError for a folder that is none."""
    wanted = [real_folder(root) for root in roots]
    tally = _Tally()
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


def _scan_scope(workspace: Workspace, scope: Scope, tally: _Tally, deep: bool) -> Job[None]:
    note = f"Reading {scope.path.name}"
    with workspace.catalog.read() as tx:
        stamps = scanned.stamps(tx, scope)
    if not deep:
        stamps = {scope.prefix: stamps.get(scope.prefix, {})}
    before = {stamp[0] for directory in stamps.values() for stamp in directory.values()}
    touched: set[PhotoId] = set()
    step, limit, done = _Step(), FIRST_STEP, 0
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
                _collect(item, step)
            if time.monotonic() - moment > PAUSE_S:
                moment = time.monotonic()
                yield Progress(done + walk.unchanged, None, note)
            if len(step) >= limit:
                changes = _write(workspace, scope, step, tally)
                step, limit = _Step(), STEP
                yield Progress(done + walk.unchanged, None, note, changes)
    changes = _write(workspace, scope, step, tally)
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


_Item = tuple[Found, Known | None, bool] | PhotoId
"""A photo to write (with the known one it is, and whether its pixels are new), or one that is back."""


def _compare(
    workspace: Workspace, scope: Scope, directory: Directory, touched: set[PhotoId], tally: _Tally
) -> Iterator[_Item | None]:
    """What is different about one directory, photo by photo; None for an unchanged photo. Photos that
    are still there are added to `touched`."""
    names = [shown_name(directory.below + file.name)[0] for file in directory.files]
    with workspace.catalog.read() as tx:
        ids = photo_files.ids_of_files(tx, scope.folder_id, names)
        known = scanned.known(tx, ids)
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


def _collect(item: _Item, step: _Step) -> None:
    if isinstance(item, int):
        step.back.append(item)
        return
    found, owner, new_pixels = item
    if owner is None:
        step.new.append(found)
        return
    step.other[owner.id] = found
    step.seen[owner.id] = owner
    if new_pixels:
        step.new_pixels.add(owner.id)


def _write(workspace: Workspace, scope: Scope, step: _Step, tally: _Tally) -> Changes:
    if not len(step):
        return NO_CHANGES
    from culler.workflow import first_marks

    said_by_files = {found.relative_path: first_marks.read(scope.root, found) for found in step.new}
    with workspace.catalog.write() as tx:
        step = _as_of_now(tx, scope, step, tally)
        marks = {k: said_by_files[found.relative_path] for k, found in enumerate(step.new)}
        ids = scanned.add(tx, scope.folder_id, step.new)
        heirs = _heirs(tx, scope, step)
        scanned.change(tx, scope.folder_id, step.other, step.new_pixels)
        decisions.inherit(tx, heirs)
        photos.set_missing(tx, step.back, False)
        first = {ids[k]: said for k, said in marks.items() if said != first_marks.FirstMarks()}
        decisions.write_first(tx, {photo_id: said.decision for photo_id, said in first.items()})
        sidecars.remember(tx, {i: (said.decision, said.sidecars) for i, said in first.items()})
    tally.added += len(ids)
    tally.changed += len(step.other)
    tally.failed += sum(found.failure is not None for found in [*step.new, *step.other.values()])
    return Changes.of([*ids, *step.other, *step.back], Changed.PHOTOS)


def _heirs(tx: Transaction, scope: Scope, step: _Step) -> dict[PhotoId, PhotoId]:
    """Photos whose picture becomes a part of another photo → that photo."""
    pictures = {
        file.relative_path: photo_id
        for photo_id, found in step.other.items()
        for file in found.files
        if file.is_picture
    }
    before = photo_files.holders(tx, scope.folder_id, pictures)
    return {part: pictures[path] for path, part in before.items() if part != pictures[path]}


def _as_of_now(tx: Transaction, scope: Scope, step: _Step, tally: _Tally) -> _Step:
    """The step without what another Culler, or the user, has written since it was read, and with every name
    free that its photos need. A new photo whose name a photo without files still has is that photo, come
    back. What was split or joined meanwhile is left to the next scan."""
    named = photos.ids_named(tx, scope.folder_id, [found.relative_path for found in step.new])
    now = {each.id: each for each in scanned.known(tx, {*step.other, *named.values()})}
    taken = photo_files.pinned(tx, scope.folder_id, _paths([*step.new, *step.other.values()]))
    fresh = _Step(back=step.back)
    for found in step.new:
        holder = named.get(found.relative_path)
        if any(path in taken for path in _paths([found])):
            continue
        if holder is None or holder in step.other:
            fresh.new.append(found)
        elif now[holder].files != found.files:
            fresh.other[holder] = found
            fresh.new_pixels.add(holder)
        else:
            tally.unchanged += 1
    for photo_id, found in step.other.items():
        if _made_otherwise(now[photo_id], step.seen[photo_id]) or any(
            taken.get(path, photo_id) != photo_id for path in _paths([found])
        ):
            continue
        if now[photo_id].files != found.files or now[photo_id].missing or now[photo_id].unread:
            fresh.other[photo_id] = found
        else:
            tally.unchanged += 1
    fresh.new_pixels.update(step.new_pixels & set(fresh.other))
    wanted: dict[str, PhotoId | None] = {found.relative_path: None for found in fresh.new}
    wanted |= {found.relative_path: photo_id for photo_id, found in fresh.other.items()}
    photos.make_way(tx, scope.folder_id, wanted)
    return fresh


def _made_otherwise(now: Known, then: Known) -> bool:
    """Whether the user has split or joined the photo's files since."""
    return [file.relative_path for file in now.files if file.pinned] != [
        file.relative_path for file in then.files if file.pinned
    ]


def _paths(found: Sequence[Found]) -> list[str]:
    return [file.relative_path for each in found for file in each.files]
