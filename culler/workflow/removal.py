"""Rejects to the system's bin: only what was listed, only what is still a reject and unchanged.

Nothing is deleted. Where a disk has no bin, photos go to a folder `_Rejected` beside them, which scans
leave out. They can be brought back from there, and from the bin where the system says where they lie.
"""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from culler.catalog import decisions, photos
from culler.domain.changes import NO_CHANGES, Changed, Changes, Progress
from culler.domain.decision import Decision, Flag
from culler.domain.errors import CullerError
from culler.domain.photo import FileRole, FileStamp, Photo, PhotoId
from culler.imaging import bin, copying, placing, xmp_names
from culler.workflow import moves, moving_back
from culler.workflow.job import Job
from culler.workflow.moves import Journal, Move, MoveKind
from culler.workflow.moving_back import MovedBack
from culler.workflow.sidecar_looks import Folders, members_of
from culler.workflow.walk import REJECTED_FOLDER
from culler.workflow.workspace import Workspace, known_scopes

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reject as it is shown before it goes: all its files and how each looked then."""

    photo_id: PhotoId
    files: tuple[tuple[Path, FileStamp], ...]

    @property
    def path(self) -> Path:
        return self.files[0][0]

    @property
    def size_bytes(self) -> int:
        return sum(stamp.size_bytes for _, stamp in self.files)


@dataclass(frozen=True, slots=True)
class RemovalList:
    """What would be removed, to be shown and agreed to."""

    items: tuple[Candidate, ...]

    @property
    def size_bytes(self) -> int:
        return sum(item.size_bytes for item in self.items)

    @property
    def file_count(self) -> int:
        return sum(len(item.files) for item in self.items)


@dataclass(frozen=True, slots=True)
class Removed:
    """What became of one photo: binned, set aside (into `to`), or kept, with the reason."""

    photo_id: PhotoId
    path: Path
    action: str
    to: Path | None = None
    message: str = ""


def rejects(workspace: Workspace, roots: Sequence[Path] | None = None) -> RemovalList:
    """The photos flagged as rejects in some folders (None: all) that are there. Changes nothing."""
    scopes = known_scopes(workspace, None if roots is None else list(roots))
    with workspace.catalog.read() as tx:
        ids = photos.ids_in(tx, scopes)
        marks = decisions.decisions_of(tx, ids)
        found = photos.get(tx, [i for i in ids if marks[i].flag is Flag.REJECT])
    folders = Folders()
    items = (_candidate(photo, folders) for photo in found.values())
    return RemovalList(tuple(item for item in items if item is not None))


def remove(workspace: Workspace, listed: RemovalList) -> Job[tuple[Removed, ...]]:
    """Remove the photos of a list that was shown. One that is no reject any more, or any of whose files
    changed since, stays; a photo goes with all its files or not at all."""
    done: list[Removed] = []
    yield Progress(0, len(listed.items), "Removing rejects")
    with Journal(workspace, MoveKind.REMOVE) as journal:
        for item in listed.items:
            outcome = _remove(workspace, journal, item)
            done.append(outcome)
            gone = outcome.action != "kept"
            changes = Changes.of([item.photo_id], Changed.PHOTOS) if gone else NO_CHANGES
            yield Progress(len(done), len(listed.items), "Removing rejects", changes)
    return tuple(done)


def can_undo(workspace: Workspace) -> int:
    """How many photos of the latest removal can be brought back: from `_Rejected`, and from the bin where
    the system lets us."""
    return moving_back.can_undo(workspace, MoveKind.REMOVE)


def undo(workspace: Workspace) -> Job[tuple[MovedBack, ...]]:
    """Bring back what the latest removal took. Raises CullerError when there is nothing."""
    moves.settle(workspace)
    if not can_undo(workspace):
        raise CullerError(
            "There is no removal to take back. What went to the system's bin earlier can be restored there."
        )
    return moving_back.undo(workspace, MoveKind.REMOVE)


def _candidate(photo: Photo, folders: Folders) -> Candidate | None:
    """A photo with its files as they are; None where one of its pictures is gone."""
    siblings = folders.siblings(photo.path.parent)
    members = members_of(photo)
    found = xmp_names.find(photo.path, siblings, members)
    # A sidecar that other photos of the same stem share stays with them.
    own = set(xmp_names.targets(photo.path, found, siblings, members=members))
    stays = [file.path(photo.root) for file in photo.files if file.role is FileRole.SIDECAR]
    paths = [path for path in photo.paths if path not in stays or path in own]
    paths += [path for path in found if path in own and path not in paths]
    try:
        return Candidate(photo.id, tuple((path, _stamp(path)) for path in paths))
    except OSError:
        return None


def _stamp(path: Path) -> FileStamp:
    found = path.stat()
    return FileStamp(found.st_size, found.st_mtime_ns)


def _remove(workspace: Workspace, journal: Journal, item: Candidate) -> Removed:
    reason = _why_not(workspace, item)
    if reason:
        return Removed(item.photo_id, item.path, "kept", message=f"{item.path.name} stays: {reason}")
    placed, left = _binned([path for path, _ in item.files])
    if left:
        return _set_aside(workspace, journal, item, placed, left)
    known = tuple((path, place) for path, place in placed if place is not None)
    if len(known) == len(placed):
        move = Move(item.photo_id, known)
        journal.intend(move)
        moves.follow(workspace, MoveKind.REMOVE, move)
        journal.arrived(item.photo_id)
    else:
        with workspace.catalog.write() as tx:
            photos.set_missing(tx, [item.photo_id], True)
    return Removed(item.photo_id, item.path, "binned")


def _why_not(workspace: Workspace, item: Candidate) -> str:
    """Why a listed photo must stay after all; "" where it may go. Asked anew just before it goes."""
    with workspace.catalog.read() as tx:
        photo = photos.get(tx, [item.photo_id]).get(item.photo_id)
        marks = decisions.decisions_of(tx, [item.photo_id]).get(item.photo_id, Decision())
    if photo is None or photo.missing:
        return "it is no longer in the catalog."
    if marks.flag is not Flag.REJECT:
        return "it is not a reject any more."
    now = _candidate(photo, Folders())
    if now is None or now.files != item.files:
        return "its files changed since it was listed. List the rejects again."
    return ""


def _binned(paths: Sequence[Path]) -> tuple[list[tuple[Path, Path | None]], list[Path]]:
    """Put files into the system's bin: where each lies there, as far as is known, and those that it did
    not take. The primary one goes last: killed before, a photo is still there and still a reject."""
    if not paths or not bin.exists_for(paths[0]):
        return [], list(paths)
    placed: list[tuple[Path, Path | None]] = []
    for left in range(len(paths), 0, -1):
        try:
            placed.insert(0, (paths[left - 1], bin.put(paths[left - 1])))
        except OSError as error:
            log.info("no bin for %s: %s", paths[left - 1], error)
            return placed, list(paths[:left])
    return placed, []


def _set_aside(
    workspace: Workspace,
    journal: Journal,
    item: Candidate,
    placed: Sequence[tuple[Path, Path | None]],
    left: Sequence[Path],
) -> Removed:
    """Put what the bin did not take into `_Rejected`; what it took (`placed`) comes back where that fails."""
    folder = item.path.parent / REJECTED_FOLDER
    number = 1
    while any(os.path.lexists(_target(folder, path, number)) for path in left):
        number += 1
    binned = tuple((path, place) for path, place in placed if place is not None)
    aside = [(path, _target(folder, path, number)) for path in left]
    move = Move(item.photo_id, (*aside, *binned))
    journal.intend(move)
    gone = list(binned)
    for source, target in aside:
        try:
            copying.move_file(source, target)
        except CullerError as error:
            for back, there in reversed(gone):
                copying.move_file(there, back)
                bin.taken_out(there)
            journal.given_up(item.photo_id)
            return Removed(item.photo_id, item.path, "kept", message=str(error))
        gone.append((source, target))
    moves.follow(workspace, MoveKind.REMOVE, move)
    journal.arrived(item.photo_id)
    placing.sync_folder(folder)
    return Removed(item.photo_id, item.path, "set aside", folder)


def _target(folder: Path, path: Path, number: int) -> Path:
    stem, dot, suffixes = path.name.partition(".")
    return folder / (path.name if number == 1 else f"{stem} ({number}){dot}{suffixes}")
