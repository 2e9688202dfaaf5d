"""A mirror of all marks beside the catalog's backups, so that a lost catalog loses no mark.

It is renewed by itself: when the window closes and, at most once an hour, after work in the terminal.
A mirror is a file of marks like any other (culler.workflow.marks_file), of every folder there is.
"""

import contextlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from culler.catalog import backup, decisions
from culler.domain.changes import NO_CHANGES, Progress
from culler.domain.errors import CullerError
from culler.settings import Places
from culler.workflow.job import Job
from culler.workflow.workspace import Workspace

KEPT = 5
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class MirrorReport:
    """What a mirror gave back: photos that took marks, those that had them already, those with other marks
    set since (kept), paths for which there is no photo, and folders that are not there."""

    mirror: Path
    restored: int
    equal: int
    kept: tuple[Path, ...]
    unknown: tuple[str, ...]
    absent: tuple[Path, ...]


def existing(places: Places) -> list[Path]:
    """The mirrors there are, oldest first."""
    return sorted(backup.folder_of(places.catalog).glob("marks-*.json"))


def best(places: Places) -> Path | None:
    """The mirror to restore from: the newest, unless it has less than half of the largest one's marks, as
    when a catalog was lost and begun anew."""
    mirrors = existing(places)
    if not mirrors:
        return None
    largest = max(mirrors, key=lambda path: path.stat().st_size)
    is_whole = mirrors[-1].stat().st_size * 2 >= largest.stat().st_size
    return mirrors[-1] if is_whole else largest


def saved_at(mirror: Path) -> datetime | None:
    """When a mirror was made; None for a file that is none."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return datetime.fromisoformat(_header(mirror)["saved"])
    return None


def renew(workspace: Workspace, older_than_s: float = 0.0) -> Path | None:
    """Write a new mirror where marks changed since the newest, and that one is old enough; None where
    there was nothing to do. Raises CullerError where it cannot be written."""
    mirrors = existing(workspace.places)
    newest = mirrors[-1] if mirrors else None
    if newest is not None and time.time() - newest.stat().st_mtime < older_than_s:
        return None
    with workspace.catalog.read() as tx:
        state = decisions.state(tx)
    if state is None or (newest is not None and _state_of(newest) == state):
        return None
    from culler.workflow import marks_file

    moment = datetime.now(UTC)
    path = backup.folder_of(workspace.places.catalog) / f"marks-{moment:%Y%m%d-%H%M%S-%f}.json"
    marks_file.write_all(workspace, path, state, moment)
    _thin(existing(workspace.places))
    return path


def renew_quietly(workspace: Workspace, older_than_s: float = 0.0) -> None:
    """The same where nobody waits for it: what fails is tried again the next time."""
    with contextlib.suppress(CullerError, OSError):
        renew(workspace, older_than_s)


def restore(workspace: Workspace, replace: bool = False, mirror: Path | None = None) -> Job[MirrorReport]:
    """Give the photos of all folders in a mirror (None: the best) their marks back, as undoable edits. Marks
    that the user set here since are kept, unless `replace`; those that files brought along are not.

    Raises CullerError where there is no mirror.
    """
    mirror = mirror or best(workspace.places)
    if mirror is None:
        raise CullerError("There is no mirror of marks yet. Culler makes one when its window closes.")
    from culler.workflow import marks_file
    from culler.workflow.scan import scan

    roots = marks_file.roots_in(mirror)
    there = [root for root in roots if root.is_dir()]
    yield Progress(0, None, "Reading folders")
    if there:
        yield from scan(workspace, there)
        report = yield from marks_file.load(workspace, mirror, there, replace, by_hand_only=True)
    else:
        report = marks_file.LoadReport((), 0, (), ())
    yield Progress(1, 1, "Restoring marks", NO_CHANGES)
    absent = tuple(root for root in roots if root not in there)
    return MirrorReport(mirror, len(report.restored), report.equal, report.kept, report.unknown, absent)


def _thin(mirrors: Sequence[Path]) -> None:
    """Keep the newest, and the largest there ever was: should a catalog be lost and begun anew, the
    mirrors of the new one must not push out those of the old."""
    sizes = {path: path.stat().st_size for path in mirrors}
    largest = max(mirrors, key=sizes.__getitem__)
    for path in mirrors[:-KEPT]:
        if path != largest:
            path.unlink(missing_ok=True)


def _state_of(mirror: Path) -> str | None:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return str(_header(mirror)["state"])
    return None


def _header(mirror: Path) -> dict[str, str]:
    """The first line, which says everything but the photos."""
    with open(mirror, encoding="utf-8") as file:
        header: dict[str, str] = json.loads(file.readline() + "]}")
    return header
