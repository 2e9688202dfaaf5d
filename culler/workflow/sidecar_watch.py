"""Edits that other programs make while a folder is open: noticed by the sidecars' stamps, told, and never
taken over by themselves.

Looking costs a listing of each folder; sidecars are read where a stamp is another one than before, and
understood where their bytes are.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from culler.catalog import decisions, photos
from culler.catalog import sidecars as remembered_sidecars
from culler.catalog.scopes import Scope
from culler.catalog.sidecars import NOTHING
from culler.domain.changes import Progress
from culler.domain.photo import PhotoId, folded_name
from culler.imaging.xmp_files import digest_of
from culler.imaging.xmp_names import SUFFIX
from culler.workflow import sidecars
from culler.workflow.job import Job
from culler.workflow.sidecars import MarksState
from culler.workflow.workspace import Workspace, known_scopes

Stamp = tuple[int, int]
_STEP = 100
"""Sidecars read before the caller has a turn."""
_NEWS = (MarksState.CHANGED_OUTSIDE, MarksState.CONFLICT)


@dataclass(frozen=True, slots=True)
class Noticed:
    """How the sidecars of some folders are now, to be handed to the next look. `changed` are the photos
    whose marks another program changed, conflicts among them; `marked` those whose marks in the catalog are
    others than at the look before, whoever set them; `absent` the folders that are gone."""

    changed: frozenset[PhotoId] = frozenset()
    conflicts: frozenset[PhotoId] = frozenset()
    absent: tuple[Path, ...] = ()
    marked: frozenset[PhotoId] = frozenset()
    latest_mark: str = field(default="", repr=False)
    stamps: Mapping[Path, Mapping[str, Stamp]] = field(default_factory=dict, repr=False)


def notice(
    workspace: Workspace, roots: Sequence[Path], before: Noticed | None = None, rescanned: bool = True
) -> Job[Noticed]:
    """Look what became of the sidecars since `before` (None: since the catalog saw them last). Changes
    nothing; photos that were noticed before stay so until what they say is settled. Without `rescanned`
    the folders are those of `before`, and where nothing happened the catalog is hardly asked."""
    yield Progress(0, None)
    absent = tuple(root for root in roots if not root.is_dir())
    scopes = known_scopes(workspace, [root for root in roots if root not in absent]) or []
    with workspace.catalog.read() as tx:
        marked, latest = decisions.changed_since(tx, "" if before is None else before.latest_mark)
    then = {} if before is None else before.stamps
    directories = _directories(workspace, scopes) if before is None or rescanned else None
    stamps: dict[Path, Mapping[str, Stamp]] = dict(then)
    asked: set[PhotoId] = set() if before is None else set(before.changed)
    for folder in list(then if directories is None else directories):
        listed = _listed(folder)
        if listed is None:
            continue  # gone for the moment: its sidecars are not
        known = then.get(folder, {})
        other = {name for name in listed.keys() | known.keys() if listed.get(name) != known.get(name)}
        if other:
            if directories is None:
                directories = _directories(workspace, scopes)
            stems = _stems(workspace, directories.get(folder))
            yield from _news(workspace, folder, {name: _owners(stems, name) for name in other}, asked)
        stamps[folder] = listed
    changed: set[PhotoId] = set()
    conflicts: set[PhotoId] = set()
    for item in (yield from sidecars.status_of(workspace, sorted(asked))).items:
        if item.state in _NEWS:
            changed.add(item.photo_id)
        if item.state is MarksState.CONFLICT:
            conflicts.add(item.photo_id)
    return Noticed(frozenset(changed), frozenset(conflicts), absent, frozenset(marked), latest, stamps)


def _directories(workspace: Workspace, scopes: Sequence[Scope]) -> dict[Path, Scope]:
    with workspace.catalog.read() as tx:
        return photos.directory_scopes(tx, scopes)


def _stems(workspace: Workspace, directory: Scope | None) -> dict[str, list[PhotoId]]:
    """The photos of a folder by stem; none where the catalog has none there any more."""
    if directory is None:
        return {}
    with workspace.catalog.read() as tx:
        return photos.stems(tx, directory)


def _news(
    workspace: Workspace, folder: Path, touched: Mapping[str, set[PhotoId]], asked: set[PhotoId]
) -> Job[None]:
    """Add the photos to `asked` whose sidecars do not hold the bytes that the catalog remembers of them:
    those that we wrote, or that were only touched, need no closer look."""
    with workspace.catalog.read() as tx:
        remembered = remembered_sidecars.remembered(tx, set().union(*touched.values()))
    for number, (name, owners) in enumerate(touched.items()):
        digest = _digest(folder / name)
        for owner in owners - asked:
            known = remembered.get(owner, NOTHING).sidecars.values()
            if digest is None or digest not in [record.digest for record in known]:
                asked.add(owner)
        if number % _STEP == 0:
            yield Progress(number, None)


def _digest(path: Path) -> str | None:
    try:
        return digest_of(path.read_bytes())
    except OSError:
        return None


def _listed(folder: Path) -> dict[str, Stamp] | None:
    """The stamps of a folder's sidecars; None where it cannot be looked into."""
    found: dict[str, Stamp] = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.lower().endswith(SUFFIX) and not entry.name.startswith("."):
                    with suppress(OSError):  # gone just now, or a link that leads nowhere
                        status = entry.stat()
                        found[entry.name] = (status.st_mtime_ns, status.st_size)
    except OSError:
        return None
    return found


def _owners(stems: Mapping[str, Sequence[PhotoId]], name: str) -> set[PhotoId]:
    """The photos that a sidecar of this name could belong to, by either form of the name."""
    long = Path(name[: -len(SUFFIX)])
    return {*stems.get(folded_name(long.name), ()), *stems.get(folded_name(long.stem), ())}
