"""Bringing back what an export or a removal moved, photo by photo; nothing is overwritten.

What is about to come back is noted first, so that a photo that a crash tore apart comes back whole when
it is asked for again.
"""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from culler.catalog import folders, photo_files, photos
from culler.domain.changes import Changed, Changes, Progress
from culler.domain.errors import CullerError
from culler.domain.photo import Photo, PhotoId, shown_name
from culler.imaging import bin, copying, naming
from culler.workflow import moves
from culler.workflow.job import Job
from culler.workflow.moves import Move, MoveKind, Returning
from culler.workflow.walk import REJECTED_FOLDER
from culler.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class MovedBack:
    """One file that came back, or why its photo could not: then `message` says it."""

    photo_id: PhotoId
    path: Path
    to: Path
    message: str = ""


def can_undo(workspace: Workspace, kind: MoveKind) -> int:
    """How many photos `undo` would bring back."""
    story = moves.latest(workspace, kind)
    return 0 if story is None else len(story.arrived)


def undo(workspace: Workspace, kind: MoveKind) -> Job[tuple[MovedBack, ...]]:
    """Bring back what the latest such run moved, photo by photo; a photo comes back whole or not at all.
    Nothing is overwritten. Raises CullerError when there is nothing to bring back."""
    moves.settle(workspace)
    story = moves.latest(workspace, kind)
    if story is None:
        raise CullerError("There is no move to take back.")
    items: list[MovedBack] = []
    total = len(story.arrived)
    yield Progress(0, total, "Moving back")
    with Returning(story) as journal:
        for done, move in enumerate(reversed(story.arrived), 1):
            begun = story.coming_back.get(move.photo_id)
            items += _bring_back(workspace, kind, move, begun, journal)
            yield Progress(done, total, "Moving back", Changes.of([move.photo_id], Changed.PHOTOS))
    return tuple(items)


def _bring_back(
    workspace: Workspace, kind: MoveKind, move: Move, begun: Move | None, journal: Returning
) -> list[MovedBack]:
    """`begun` is what a crash cut short: what of it is at home already stays there."""
    with workspace.catalog.read() as tx:
        photo = photos.get(tx, [move.photo_id]).get(move.photo_id)
    if begun is not None:
        plan = list(begun.files)
    else:
        plan = [(target, source) for source, target in move.files if os.path.lexists(target)]
        if photo is not None and kind is MoveKind.EXPORT:
            plan = _plan_of(photo, move) or plan
        problem = _dealt_out(workspace, kind, move, photo) or _why_not(plan, move)
        if problem:
            source, target = move.files[0]
            return [MovedBack(move.photo_id, target, source, problem)]
        journal.intend(Move(move.photo_id, tuple(plan)))
    items: list[MovedBack] = []
    for at, home in plan:
        try:
            if begun is None or os.path.lexists(at):
                copying.move_file(at, home)
        except CullerError as error:
            for item in reversed(items):
                copying.move_file(item.to, item.path)
            journal.stays(move.photo_id)
            return [MovedBack(move.photo_id, at, home, str(error))]
        items.append(MovedBack(move.photo_id, at, home))
    if kind is MoveKind.REMOVE:
        for at, _ in plan:
            bin.taken_out(at)
            if at.parent.name == REJECTED_FOLDER:
                with contextlib.suppress(OSError):
                    at.parent.rmdir()  # where it is empty now
    with workspace.catalog.write() as tx:
        if kind is MoveKind.REMOVE:
            photos.set_missing(tx, [move.photo_id], False)
        elif photo is not None and photo.paths == tuple(at for at, _ in plan):
            if photo.id not in photo_files.files_of(tx, [photo.id]):
                # A scan made its files a part of another photo meanwhile.
                photos.take_files(tx, photo.id, folders.add(tx, plan[0][0].parent), photo.paths)
                photos.set_missing(tx, [photo.id], False)
            scope = folders.add(tx, plan[0][1].parent)
            photos.relocate(tx, photo.id, scope, [home for _, home in plan])
    journal.back(move.photo_id)
    return items


def _plan_of(photo: Photo, move: Move) -> list[tuple[Path, Path]]:
    """Where each of the photo's present files comes from; one that joined it since goes along."""
    home, at = move.files[0]
    if photo.path != at:
        return []
    origins = {target: source for source, target in move.files}
    stems = {target.stem: source.stem for target, source in reversed(origins.items())}

    def origin(path: Path) -> Path:
        stem = naming.stem_in(path.name, stems) or at.stem
        return home.with_name(naming.renamed(path.name, stem, stems[stem]))

    return [(path, origins.get(path) or origin(path)) for path in photo.paths if os.path.lexists(path)]


def _dealt_out(workspace: Workspace, kind: MoveKind, move: Move, photo: Photo | None) -> str:
    """Why what the user has split or joined since must be taken back first."""
    targets = [target for _, target in move.files]
    if photo is None or kind is not MoveKind.EXPORT:
        return ""
    with workspace.catalog.read() as tx:
        scope = folders.scope_of(tx, targets[0].parent)
        if scope is None:
            return ""
        here = f"{scope.prefix}/" if scope.prefix else ""
        names = {here + shown_name(target.name)[0] for target in targets}
        pinned = photo_files.pinned(tx, scope.folder_id, names)
    elsewhere = any(holder != photo.id for holder in pinned.values())
    others = any(file.pinned and file.path(photo.root) not in targets for file in photo.pictures)
    if elsewhere or others:
        return f"{targets[0].name} was split or joined since it was moved. Take that back first."
    return ""


def _why_not(plan: Sequence[tuple[Path, Path]], move: Move) -> str:
    name = move.files[0][0].name
    if not any(at == move.files[0][1] for at, _ in plan):
        return f"{name} is no longer where it was moved to ({move.files[0][1].parent}); it is left alone."
    taken = next((home for _, home in plan if os.path.lexists(home)), None)
    if taken is not None:
        return f"{name} stays where it is: there is another file {taken} now."
    return ""
