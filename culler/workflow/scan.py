"""Scanning folders: what is new, changed, gone or back, with capture facts, 500 photos a commit.

Nothing is decoded here and nothing is dropped: photos whose files are gone are marked missing. A
second scan of unchanged folders reads no file.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from culler.catalog import decisions, folders, photos, sidecars
from culler.catalog.folders import Scope
from culler.catalog.photos import Found, Known
from culler.domain.changes import NO_CHANGES, Changed, Changes, Progress
from culler.domain.errors import CullerError
from culler.domain.photo import CaptureFacts, FileRole, FileStamp, PhotoFile, PhotoId, PhotoKind, shown_name
from culler.imaging import exif, formats
from culler.workflow import first_marks
from culler.workflow.job import Job
from culler.workflow.pairing import FoundFile, pair
from culler.workflow.workspace import Workspace, real_folder

FIRST_STEP = 60
"""Photos in the first commit: a page of the grid, so that it fills at once."""
STEP = 500
REJECTED_FOLDER = "_Rejected"


@dataclass(frozen=True, slots=True)
class IgnoredFile:
    """A file that is not shown, and why."""

    path: Path
    reason: str


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


@dataclass(slots=True)
class _Tally:
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    failed: int = 0
    ignored: list[IgnoredFile] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Directory:
    """One directory's own files of our kinds; `below` is its path from the root, with a final slash."""

    below: str
    path: Path
    files: list[FoundFile]


@dataclass(frozen=True, slots=True)
class _Step:
    """Photos read and not yet written."""

    new: list[Found] = field(default_factory=list)
    other: dict[PhotoId, Found] = field(default_factory=dict)
    new_pixels: set[PhotoId] = field(default_factory=set)
    back: list[PhotoId] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.new) + len(self.other) + len(self.back)


def scan(workspace: Workspace, roots: Sequence[Path]) -> Job[ScanReport]:
    """Bring the catalog up to date with these folders. Raises CullerError for a folder that is none."""
    wanted = [real_folder(root) for root in roots]
    tally = _Tally()
    for root in wanted:
        with workspace.catalog.write() as tx:
            scope = folders.add(tx, root)
        yield from _scan_scope(workspace, scope, tally)
    return ScanReport(
        tuple(wanted),
        tally.added,
        tally.changed,
        tally.unchanged,
        tally.missing,
        tally.failed,
        tuple(tally.ignored),
    )


def _scan_scope(workspace: Workspace, scope: Scope, tally: _Tally) -> Job[None]:
    note = f"Reading {scope.path.name}"
    with workspace.catalog.read() as tx:
        stamps = photos.stamps(tx, scope)
    before = {photo_id for photo_id, _, _ in stamps.values()}
    touched: set[PhotoId] = set()
    step, limit, done = _Step(), FIRST_STEP, 0
    yield Progress(0, None, note)
    walk = _Walk(scope, stamps, tally.ignored)
    for directory in walk:
        if directory is None:
            yield Progress(done + walk.unchanged, None, note)
            continue
        for item in _compare(workspace, scope, directory, touched, tally):
            done += 1
            if item is not None:
                _collect(item, step)
            if len(step) >= limit:
                changes = _write(workspace, scope, step, tally)
                step, limit = _Step(), STEP
                yield Progress(done + walk.unchanged, None, note, changes)
    changes = _write(workspace, scope, step, tally)
    gone = before - walk.seen - touched
    if gone:
        with workspace.catalog.write() as tx:
            photos.set_missing(tx, gone, True)
        tally.missing += len(gone)
        changes |= Changes.of(gone, Changed.PHOTOS)
    tally.unchanged += len(walk.seen - touched)
    total = done + len(walk.seen)
    yield Progress(total, total, f"Read {scope.path.name}", changes)


class _Walk:
    """Walks every directory of a scope once, links followed, parents first.

    Iterating gives the directories in which a file is new, changed or gone, and None now and then.
    The others only add the photos they hold to `seen`.
    """

    PAUSE = 5000

    def __init__(
        self, scope: Scope, stamps: dict[str, tuple[PhotoId, int, int]], ignored: list[IgnoredFile]
    ) -> None:
        self._scope, self._stamps, self._ignored = scope, stamps, ignored
        self._counts = Counter(path.rpartition("/")[0] for path in stamps)
        self.seen: set[PhotoId] = set()
        self.unchanged = 0

    def __iter__(self) -> Iterator[_Directory | None]:
        visited: set[tuple[int, int]] = set()
        waiting = [str(self._scope.path)]
        said = 0
        while waiting:
            path = waiting.pop()
            try:
                status = os.stat(path)
                if (status.st_dev, status.st_ino) in visited:
                    continue
                visited.add((status.st_dev, status.st_ino))
                with os.scandir(path) as listing:
                    entries = list(listing)
            except OSError as error:
                self._ignored.append(IgnoredFile(Path(path), f"cannot look into it: {error.strerror}"))
                continue
            relative = Path(path).relative_to(self._scope.root).as_posix()
            below = "" if relative == "." else shown_name(relative)[0] + "/"
            inner, present, others = self._look(entries, below)
            waiting += inner
            if others or len(present) != self._counts[below[:-1]]:
                files = self._files(entries, below, present)
                yield _Directory("" if relative == "." else relative + "/", Path(path), files)
            else:
                self.seen.update(present.values())
                self.unchanged += len(present)
                if self.unchanged - said >= self.PAUSE:
                    said = self.unchanged
                    yield None

    def _look(
        self, entries: list[os.DirEntry[str]], below: str
    ) -> tuple[list[str], dict[str, PhotoId], bool]:
        """Directories inside (last name first), known files that are as before (name → photo), and
        whether a file of ours is not among them."""
        inner: list[str] = []
        present: dict[str, PhotoId] = {}
        others = False
        stamps = self._stamps
        for entry in entries:
            name = entry.name
            try:
                if entry.is_dir():
                    if not name.startswith(".") and name != REJECTED_FOLDER:
                        inner.append(entry.path)
                    continue
                known = stamps.get(below + name)
                if known is not None:
                    status = entry.stat()
                    if status.st_size == known[1] and status.st_mtime_ns == known[2]:
                        present[name] = known[0]
                        continue
            except OSError as error:
                self._ignored.append(IgnoredFile(Path(entry.path), f"cannot look at it: {error.strerror}"))
                continue
            if name.startswith("."):
                continue
            if formats.role_of(name) is None:
                reason = "not a kind of file that holds photos"
                self._ignored.append(IgnoredFile(Path(entry.path), reason))
            else:
                others = True
        inner.sort(reverse=True)
        return inner, present, others

    def _files(
        self, entries: list[os.DirEntry[str]], below: str, present: dict[str, PhotoId]
    ) -> list[FoundFile]:
        """The directory's files of our kinds, by name."""
        files: list[FoundFile] = []
        for entry in sorted(entries, key=lambda entry: entry.name):
            role = formats.role_of(entry.name)
            if role is None or entry.name.startswith("."):
                continue
            try:
                if entry.is_dir():
                    continue
                status = entry.stat()
            except OSError as error:
                self._ignored.append(IgnoredFile(Path(entry.path), f"cannot look at it: {error.strerror}"))
                continue
            files.append(FoundFile(entry.name, role, FileStamp(status.st_size, status.st_mtime_ns)))
        return files


_Item = tuple[Found, Known | None, bool] | PhotoId
"""A photo to write (with the known one it is, and whether its pixels are new), or one that is back."""


def _compare(
    workspace: Workspace, scope: Scope, directory: _Directory, touched: set[PhotoId], tally: _Tally
) -> Iterator[_Item | None]:
    """What is different about one directory, photo by photo; None for an unchanged photo. Photos that
    are still there are added to `touched`."""
    names = [shown_name(directory.below + file.name)[0] for file in directory.files]
    with workspace.catalog.read() as tx:
        ids = photos.ids_of_files(tx, scope.folder_id, names)
        known = photos.known(tx, ids)
    by_file = {file.relative_path: photo for photo in known for file in photo.files}
    reader = _FactsReader(directory.path)
    groups, orphans = pair(directory.files, reader.taken)
    for orphan in orphans:
        tally.ignored.append(IgnoredFile(directory.path / orphan.name, "a sidecar without its photo"))
    for group in groups:
        files = tuple(_photo_file(directory.below, file) for file in group)
        owner = next((by_file[file.relative_path] for file in files if file.relative_path in by_file), None)
        if owner is not None and owner.id in touched:
            owner = None  # a pair was split: the second part becomes a photo of its own
        if owner is not None:
            touched.add(owner.id)
            if owner.files == files:
                tally.unchanged += 1
                yield owner.id if owner.missing else None
                continue
            new_pixels = _pixels(owner.files) != _pixels(files)
        else:
            new_pixels = True
        facts, failure = reader.read(group[0]) if new_pixels else (CaptureFacts(), None)
        kind = PhotoKind.VIDEO if group[0].role is FileRole.VIDEO else PhotoKind.STILL
        yield Found(files[0].relative_path, kind, files, facts, failure), owner, new_pixels


class _FactsReader:
    """Reads each file of a directory at most once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._read: dict[str, tuple[CaptureFacts, str | None]] = {}

    def taken(self, file: FoundFile) -> datetime | None:
        return self.read(file)[0].taken

    def read(self, file: FoundFile) -> tuple[CaptureFacts, str | None]:
        """A file's capture facts, and the sentence why it cannot be shown, where that is so."""
        if file.name not in self._read:
            self._read[file.name] = _read_facts(self._directory / file.name)
        return self._read[file.name]


def _read_facts(path: Path) -> tuple[CaptureFacts, str | None]:
    name = shown_name(path.name)[0]
    try:
        with open(path, "rb") as file:
            head = file.read(formats.SNIFF_BYTES)
    except OSError as error:
        return CaptureFacts(), f"Cannot read {name}: {error.strerror}. It stays in the list unrated."
    if not head:
        return CaptureFacts(), f"{name} is empty (zero bytes). It stays in the list unrated."
    format_ = formats.sniff(head, path.name)
    if format_ is None:
        return (
            CaptureFacts(),
            f"{name} is not a picture, whatever its name says. It stays in the list unrated.",
        )
    try:
        return exif.read_facts(path, format_), None
    except CullerError as error:
        return CaptureFacts(), str(error)


def _photo_file(below: str, file: FoundFile) -> PhotoFile:
    relative, raw = shown_name(below + file.name)
    return PhotoFile(file.role, relative, file.stamp, raw)


def _pixels(files: tuple[PhotoFile, ...]) -> list[tuple[str, FileStamp]]:
    return [(file.relative_path, file.stamp) for file in files if file.role is not FileRole.SIDECAR]


def _collect(item: _Item, step: _Step) -> None:
    if isinstance(item, int):
        step.back.append(item)
        return
    found, owner, new_pixels = item
    if owner is None:
        step.new.append(found)
        return
    step.other[owner.id] = found
    if new_pixels:
        step.new_pixels.add(owner.id)


def _write(workspace: Workspace, scope: Scope, step: _Step, tally: _Tally) -> Changes:
    if not len(step):
        return NO_CHANGES
    marks = {k: first_marks.read(scope.root, found) for k, found in enumerate(step.new)}
    with workspace.catalog.write() as tx:
        ids = photos.add(tx, scope.folder_id, step.new)
        photos.change(tx, scope.folder_id, step.other, step.new_pixels)
        photos.set_missing(tx, step.back, False)
        first = {ids[k]: said for k, said in marks.items() if said != first_marks.FirstMarks()}
        decisions.write_first(tx, {photo_id: said.decision for photo_id, said in first.items()})
        sidecars.remember(tx, {i: (said.decision, said.sidecars) for i, said in first.items()})
    tally.added += len(ids)
    tally.changed += len(step.other)
    tally.failed += sum(found.failure is not None for found in [*step.new, *step.other.values()])
    return Changes.of([*ids, *step.other, *step.back], Changed.PHOTOS)
