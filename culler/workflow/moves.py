"""A journal of moved files, so that what a crash cut short is finished and what was moved can come back.

Before a photo's files move, the journal says where from and where to, and is synced; afterwards it says
that they have arrived. A journal left open by a crash names at most one photo on its way.
"""

import contextlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from culler.catalog import folders, photos
from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId
from culler.imaging import copying
from culler.workflow.workspace import Workspace

KEPT = 20
"""Journals of each kind that can still be taken back."""


class MoveKind(StrEnum):
    """Why files moved. After an export the catalog follows them; removed photos are missing to it."""

    EXPORT = "export"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Move:
    """One photo's files, where from and where to, the primary one first."""

    photo_id: PhotoId
    files: tuple[tuple[Path, Path], ...]


class Journal:
    """An open journal. Use as a context manager; another process leaves it alone while it is open."""

    def __init__(self, workspace: Workspace, kind: MoveKind) -> None:
        folder = _folder(workspace)
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        self._path = folder / f"{stamp}-{kind.value}.open"
        self._any = False
        self._under_way: set[PhotoId] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = open(self._path, "xb", buffering=0)  # noqa: SIM115 — closed by __exit__
        except OSError as error:
            raise CullerError(f"Cannot keep a journal of moves in {folder}: {error.strerror}.") from error
        _lock(self._file)

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        if self._under_way:
            return  # interrupted in the middle of a photo: the next start finishes it
        if self._any:
            os.replace(self._path, self._path.with_suffix(".done"))
        else:
            self._path.unlink(missing_ok=True)
        kind = self._path.stem.rpartition("-")[2]
        for old in sorted(self._path.parent.glob(f"*-{kind}.done"))[:-KEPT]:
            old.unlink(missing_ok=True)

    def intend(self, move: Move) -> None:
        """Say what is about to move; returns when that is on the disk."""
        _append(self._file, _line(move))
        self._under_way.add(move.photo_id)

    def arrived(self, photo_id: PhotoId) -> None:
        """All of it is where it should be, and the catalog knows."""
        self._any = True
        self._under_way.discard(photo_id)
        _append(self._file, {"arrived": photo_id})

    def given_up(self, photo_id: PhotoId) -> None:
        """None of it has moved after all."""
        self._under_way.discard(photo_id)
        _append(self._file, {"given up": photo_id})


@dataclass(frozen=True, slots=True)
class Story:
    """A journal read back: what was on its way, what arrived and has not come back, and of the latter
    what was on its way back (by photo; there "where to" is home)."""

    path: Path
    kind: MoveKind
    under_way: tuple[Move, ...]
    arrived: tuple[Move, ...]
    coming_back: Mapping[PhotoId, Move]


def settle(workspace: Workspace) -> int:
    """Finish what crashes cut short: photos with some files moved are moved whole, or back where that
    cannot be. How many photos; quick where there is nothing to do."""
    count = 0
    for path in sorted(_folder(workspace).glob("*.open")):
        with contextlib.suppress(OSError), open(path, "r+b", buffering=0) as file:
            if not _lock(file):
                continue  # its process lives
            file.seek(0, os.SEEK_END)
            story = _read(path)
            for move in story.under_way:
                _append(file, {_finish(workspace, story.kind, move): move.photo_id})
                count += 1
            done = _read(path)
        if not path.exists():
            continue
        if done.arrived:
            os.replace(path, path.with_suffix(".done"))
        else:
            path.unlink()
    return count


def latest(workspace: Workspace, kind: MoveKind) -> Story | None:
    """The latest run of this kind of which anything can be brought back."""
    for path in sorted(_folder(workspace).glob(f"*-{kind.value}.done"), reverse=True):
        story = _read(path)
        if story.arrived:
            return story
    return None


class Returning:
    """A journal that notes how its photos come back. Use as a context manager; when all of them are back,
    it is done with."""

    def __init__(self, story: Story) -> None:
        self._path = story.path
        self._file = open(story.path, "ab", buffering=0)  # noqa: SIM115 — closed by __exit__

    def __enter__(self) -> "Returning":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        if not _read(self._path).arrived:
            os.replace(self._path, self._path.with_suffix(".undone"))

    def intend(self, move: Move) -> None:
        """Say what is about to come back; returns when that is on the disk."""
        _append(self._file, _line(move, "returning"))

    def back(self, photo_id: PhotoId) -> None:
        """All of it is at home, and the catalog knows."""
        _append(self._file, {"back": photo_id})

    def stays(self, photo_id: PhotoId) -> None:
        """None of it has come back after all."""
        _append(self._file, {"stays": photo_id})


def follow(workspace: Workspace, kind: MoveKind, move: Move) -> None:
    """Let the catalog know of a photo that has moved; its marks and scores go with it."""
    with workspace.catalog.write() as tx:
        photo = photos.get(tx, [move.photo_id]).get(move.photo_id)
        if photo is None:
            return
        if kind is MoveKind.REMOVE:
            photos.set_missing(tx, [photo.id], True)
            return
        places = dict(move.files)
        paths = [places.get(path, path) for path in photo.paths]
        target = move.files[0][1].parent
        if photo.path != move.files[0][0] or any(not path.is_relative_to(target) for path in paths):
            return  # followed already, or a file that was not known when it moved
        photos.relocate(tx, photo.id, folders.add(tx, target), paths)


def _finish(workspace: Workspace, kind: MoveKind, move: Move) -> str:
    """Complete one move, or take it back; the word for the journal."""
    try:
        for source, target in move.files:
            if os.path.lexists(source):
                copying.move_file(source, target)
    except CullerError:
        for source, target in move.files:
            if os.path.lexists(target) and not os.path.lexists(source):
                with contextlib.suppress(CullerError):
                    copying.move_file(target, source)
        return "given up"
    follow(workspace, kind, move)
    return "arrived"


def _read(path: Path) -> Story:
    """A line that a crash cut off is left out: what it was about has not begun."""
    moves: dict[PhotoId, Move] = {}
    arrived: dict[PhotoId, Move] = {}
    coming_back: dict[PhotoId, Move] = {}
    for line in path.read_bytes().splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if "moves" in said:
            moves[said["moves"]] = _move(said, "moves")
        elif "arrived" in said:
            if said["arrived"] in moves:
                arrived[said["arrived"]] = moves.pop(said["arrived"])
        elif "given up" in said:
            moves.pop(said["given up"], None)
        elif "back" in said:
            arrived.pop(said["back"], None)
            coming_back.pop(said["back"], None)
        elif "returning" in said:
            coming_back[said["returning"]] = _move(said, "returning")
        elif "stays" in said:
            coming_back.pop(said["stays"], None)
    kind = MoveKind(path.stem.rpartition("-")[2])
    return Story(path, kind, tuple(moves.values()), tuple(arrived.values()), coming_back)


def _move(said: Mapping[str, Any], verb: str) -> Move:
    return Move(said[verb], tuple((Path(source), Path(target)) for source, target in said["files"]))


def _line(move: Move, verb: str = "moves") -> dict[str, object]:
    # Names of raw bytes travel as the escapes of their surrogates.
    return {verb: move.photo_id, "files": [[str(source), str(target)] for source, target in move.files]}


def _append(file: BinaryIO, said: object) -> None:
    try:
        file.write(b"\n" + json.dumps(said).encode("ascii") + b"\n")  # never on a line cut off before
        os.fsync(file.fileno())
    except OSError as error:
        raise CullerError(f"Cannot write the journal of moves: {error.strerror}. Make room first.") from error


def _folder(workspace: Workspace) -> Path:
    return workspace.places.data / "moves"


def _lock(file: BinaryIO) -> bool:
    """Hold the journal until it is closed or the process dies; False where another one holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(1 << 30)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0, os.SEEK_END)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
