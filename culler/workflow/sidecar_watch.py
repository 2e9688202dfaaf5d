"""Edits that other programs make while a folder is open: noticed by the sidecars' stamps, told, and never
taken over by themselves.

Looking costs a listing of each folder; sidecars are read only where a stamp is another one than before.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from culler.catalog import photos
from culler.domain.changes import Progress
from culler.domain.photo import PhotoId
from culler.imaging.xmp_names import SUFFIX
from culler.workflow import sidecars
from culler.workflow.job import Job
from culler.workflow.sidecars import MarksState
from culler.workflow.workspace import Workspace, known_scopes

Stamp = tuple[int, int]
_NEWS = (MarksState.CHANGED_OUTSIDE, MarksState.CONFLICT)


@dataclass(frozen=True, slots=True)
class Noticed:
    """How the sidecars of some folders are now, to be handed to the next look. `changed` are the photos
    whose marks another program changed, conflicts among them; `absent` the folders that are gone."""

    changed: frozenset[PhotoId] = frozenset()
    conflicts: frozenset[PhotoId] = frozenset()
    absent: tuple[Path, ...] = ()
    stamps: Mapping[Path, Mapping[str, Stamp]] = field(default_factory=dict, repr=False)


def notice(workspace: Workspace, roots: Sequence[Path], before: Noticed | None = None) -> Job[Noticed]:
    """Look what became of the sidecars since `before` (None: since the catalog saw them last). Changes
    nothing; photos that were noticed before stay so until what they say is settled."""
    yield Progress(0, None)
    absent = tuple(root for root in roots if not root.is_dir())
    scopes = known_scopes(workspace, [root for root in roots if root not in absent])
    with workspace.catalog.read() as tx:
        by_folder = photos.stems_by_directory(tx, scopes or [])
    then = {} if before is None else before.stamps
    stamps: dict[Path, Mapping[str, Stamp]] = dict(then)
    asked: set[PhotoId] = set() if before is None else set(before.changed)
    for folder, stems in by_folder.items():
        listed = _listed(folder)
        if listed is None:
            continue  # gone for the moment: its sidecars are not
        known = then.get(folder, {})
        for name in listed.keys() | known.keys():
            if listed.get(name) != known.get(name):
                asked |= _owners(stems, name)
        stamps[folder] = listed
        yield Progress(len(stamps), None)
    changed: set[PhotoId] = set()
    conflicts: set[PhotoId] = set()
    for item in (yield from sidecars.status_of(workspace, sorted(asked))).items:
        if item.state in _NEWS:
            changed.add(item.photo_id)
        if item.state is MarksState.CONFLICT:
            conflicts.add(item.photo_id)
    return Noticed(frozenset(changed), frozenset(conflicts), absent, stamps)


def _listed(folder: Path) -> dict[str, Stamp] | None:
    """The stamps of a folder's sidecars; None where it cannot be looked into."""
    found: dict[str, Stamp] = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.lower().endswith(SUFFIX) and not entry.name.startswith("."):
                    status = entry.stat()
                    found[entry.name] = (status.st_mtime_ns, status.st_size)
    except OSError:
        return None
    return found


def _owners(stems: Mapping[str, Sequence[PhotoId]], name: str) -> set[PhotoId]:
    """The photos that a sidecar of this name could belong to, by either form of the name."""
    long = Path(name[: -len(SUFFIX)])
    found = {*stems.get(long.name.casefold(), ()), *stems.get(long.stem.casefold(), ())}
    return found
