"""Scanning folders: what is new, changed, gone or back, with capture facts, 500 photos a commit.

Nothing is decoded here and nothing is dropped: photos whose files are gone are marked missing. A
second scan of unchanged folders reads no file.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from culler.catalog import decisions, folders, photos
from culler.catalog.folders import Scope
from culler.catalog.photos import Found, Known
from culler.domain.changes import NO_CHANGES, Changed, Changes, Progress
from culler.domain.decision import Decision
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
    """One directory's own files, sub-path relative to the scope's root."""

    relative: str
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
    with workspace.catalog.read() as tx:
        known = photos.known(tx, scope)
    by_file = {file.relative_path: photo for photo in known for file in photo.files}
    seen: set[PhotoId] = set()
    step, limit, done = _Step(), FIRST_STEP, 0
    yield Progress(0, None, f"Reading {scope.path.name}")
    for directory in _walk(scope, tally.ignored):
        for item in _compare(directory, by_file, seen, tally):
            if item is not None:
                _collect(item, step)
            done += 1
            if len(step) >= limit:
                changes = _write(workspace, scope, step, tally)
                step, limit = _Step(), STEP
                yield Progress(done, None, f"Reading {scope.path.name}", changes)
            elif done % 2000 == 0:
                yield Progress(done, None, f"Reading {scope.path.name}")
    changes = _write(workspace, scope, step, tally)
    gone = [photo.id for photo in known if photo.id not in seen and not photo.missing]
    if gone:
        with workspace.catalog.write() as tx:
            photos.set_missing(tx, gone, True)
        tally.missing += len(gone)
        changes |= Changes.of(gone, Changed.PHOTOS)
    yield Progress(done, done, f"Read {scope.path.name}", changes)


_Item = tuple[Found, Known | None, bool] | PhotoId
"""A photo to write (with the known one it is, and whether its pixels are new), or one that is back."""


def _compare(
    directory: _Directory, by_file: dict[str, Known], seen: set[PhotoId], tally: _Tally
) -> Iterator[_Item | None]:
    """What is different about one directory, photo by photo; None for an unchanged photo."""
    below = f"{directory.relative}/" if directory.relative else ""
    known_here = _unchanged(directory, below, by_file)
    if known_here is not None:
        for photo in known_here:
            seen.add(photo.id)
            tally.unchanged += 1
            yield photo.id if photo.missing else None
        return
    reader = _FactsReader(directory.path)
    groups, orphans = pair(directory.files, reader.taken)
    for orphan in orphans:
        tally.ignored.append(IgnoredFile(directory.path / orphan.name, "a sidecar without its photo"))
    for group in groups:
        files = tuple(_photo_file(below, file) for file in group)
        owner = next((by_file[file.relative_path] for file in files if file.relative_path in by_file), None)
        if owner is not None and owner.id in seen:
            owner = None  # a pair was split: the second part becomes a photo of its own
        if owner is not None:
            seen.add(owner.id)
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


def _unchanged(directory: _Directory, below: str, by_file: dict[str, Known]) -> list[Known] | None:
    """The known photos of a directory whose every file is as the last scan left it; else None."""
    found: dict[PhotoId, Known] = {}
    stamps: dict[str, FileStamp] = {}
    for file in directory.files:
        relative = shown_name(below + file.name)[0]
        photo = by_file.get(relative)
        if photo is None:
            return None
        found[photo.id] = photo
        stamps[relative] = file.stamp
    for photo in found.values():
        if any(stamps.get(file.relative_path) != file.stamp for file in photo.files):
            return None
    return list(found.values())


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


def _walk(scope: Scope, ignored: list[IgnoredFile]) -> Iterator[_Directory]:
    """Every directory of a scope that holds files of ours, each once, links followed; parents first."""
    visited: set[tuple[int, int]] = set()
    waiting = [scope.path]
    while waiting:
        path = waiting.pop()
        try:
            status = os.stat(path)
            if (status.st_dev, status.st_ino) in visited:
                continue
            visited.add((status.st_dev, status.st_ino))
            with os.scandir(path) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            ignored.append(IgnoredFile(path, f"cannot look into it: {error.strerror}"))
            continue
        files: list[FoundFile] = []
        inner: list[Path] = []
        for entry in entries:
            if entry.name.startswith(".") or entry.name == REJECTED_FOLDER:
                continue
            try:
                if entry.is_dir():
                    inner.append(Path(entry.path))
                    continue
                role = formats.role_of(entry.name)
                if role is None:
                    ignored.append(IgnoredFile(Path(entry.path), "not a kind of file that holds photos"))
                    continue
                status = entry.stat()
            except OSError as error:
                ignored.append(IgnoredFile(Path(entry.path), f"cannot look at it: {error.strerror}"))
                continue
            files.append(FoundFile(entry.name, role, FileStamp(status.st_size, status.st_mtime_ns)))
        waiting += reversed(inner)
        if files:
            relative = path.relative_to(scope.root).as_posix()
            yield _Directory("" if relative == "." else relative, path, files)


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
        first: dict[PhotoId, Decision] = {ids[k]: decision for k, decision in marks.items()}
        decisions.write_first(tx, first)
    tally.added += len(ids)
    tally.changed += len(step.other)
    tally.failed += sum(found.failure is not None for found in [*step.new, *step.other.values()])
    return Changes.of([*ids, *step.other, *step.back], Changed.PHOTOS)
