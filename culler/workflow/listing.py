"""Photos with what is known of them, for lists: the command line's lines, CSV, contact sheets."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from culler.catalog import assessments, decisions, folders, outcomes, photo_files, photos
from culler.domain.assessment import Aspect, Failure, ScorerId
from culler.domain.decision import Decision
from culler.domain.errors import CullerError
from culler.domain.levels import LevelDistribution
from culler.domain.photo import Photo, PhotoId, PhotoKind, shown_name
from culler.ranking.columns import PhotoColumns
from culler.workflow import aesthetic_head, scorers
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.workspace import Workspace, known_scopes

POSTER_NOTE = "judged by its first frame alone"
HEAD_NOTE = "aesthetics from the head that learnt this judge's answers"


@dataclass(frozen=True, slots=True)
class Entry:
    """One photo: itself, its marks, what one scorer says of it, and why it failed. `derived` are the
    levels that follow from its embedding; `notes` say how it was judged where that is not as usual."""

    photo: Photo
    decision: Decision
    levels: Mapping[Aspect, LevelDistribution] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    derived: frozenset[Aspect] = frozenset()
    notes: tuple[str, ...] = ()


def photos_in(
    workspace: Workspace, roots: Sequence[Path] | None, scorer: ScorerId | None = None
) -> list[Entry]:
    """The photos of some folders (None: all) that are not missing, in path order, each once."""
    return entries(workspace, ids_in(workspace, roots), scorer)


def ids_in(workspace: Workspace, roots: Sequence[Path] | None) -> list[PhotoId]:
    """As `photos_in`, by id."""
    scopes = known_scopes(workspace, None if roots is None else list(roots))
    with workspace.catalog.read() as tx:
        return photos.ids_in(tx, scopes)


def entries(
    workspace: Workspace, photo_ids: Sequence[PhotoId], scorer: ScorerId | None = None
) -> list[Entry]:
    """Some photos, in the order given."""
    with workspace.catalog.read() as tx:
        found = photos.get(tx, photo_ids)
        marks = decisions.decisions_of(tx, found)
        levels = {} if scorer is None else assessments.levels_of(tx, found, scorer)
        lacking = [
            photo_id
            for photo_id, said in levels.items()
            if set(said) == {Aspect.QUALITY} and found[photo_id].kind is PhotoKind.STILL
        ]
        derived = aesthetic_head.derived(workspace, tx, scorer, lacking)
        failures = outcomes.failures_of(tx, found)
    result = []
    for photo_id, photo in found.items():
        said = levels.get(photo_id, {})
        own = frozenset[Aspect]()
        if photo_id in derived:
            said = {**said, Aspect.AESTHETICS: LevelDistribution.from_logits(derived[photo_id])}
            own = frozenset({Aspect.AESTHETICS})
        notes = judging_notes(photo, scorer, bool(said), bool(own))
        result.append(Entry(photo, marks[photo_id], said, failures.get(photo_id, ()), own, notes))
    return result


def paths(workspace: Workspace, columns: PhotoColumns) -> dict[PhotoId, Path]:
    """Where these photos are, as shown: names that are not UTF-8 escaped. Quicker than whole photos."""
    with workspace.catalog.read() as tx:
        roots = folders.roots(tx)
    rows = zip(columns.ids.tolist(), columns.folder.tolist(), columns.names.tolist(), strict=True)
    return {photo_id: roots[folder] / name for photo_id, folder, name in rows}


def judging_notes(
    photo: Photo, scorer: ScorerId | None, judged: bool, derived_aesthetics: bool
) -> tuple[str, ...]:
    """How a photo was judged, where that is not as usual."""
    notes = []
    is_clip = photo.kind is PhotoKind.VIDEO
    if judged and is_clip and scorer is not None and not scorers.sees_clips(scorer.name):
        notes.append(POSTER_NOTE)
    if derived_aesthetics:
        notes.append(HEAD_NOTE)
    return tuple(notes)


def inside(workspace: Workspace, roots: Sequence[Path], photo_ids: Sequence[PhotoId]) -> list[PhotoId]:
    """Of some photos, those that lie in these folders."""
    with workspace.catalog.read() as tx:
        scopes = [scope for root in roots if (scope := folders.scope_of(tx, root)) is not None]
        return photos.ids_inside(tx, scopes, photo_ids)


def ids_at(workspace: Workspace, paths: Sequence[Path]) -> list[PhotoId]:
    """The photos that files belong to, whichever member is named; where the catalog does not know them,
    their folders are scanned, without those inside. Raises CullerError for a file that is no photo."""
    found: dict[PhotoId, None] = {}
    for path in paths:
        absolute = Path(os.path.normpath(Path(path).expanduser().absolute()))
        photo_id = _id_at(workspace, absolute)
        if photo_id is None:
            _require(absolute)
            drive(scan(workspace, [absolute.parent], deep=False))
            photo_id = _id_at(workspace, absolute)
        if photo_id is None:
            raise CullerError(f"{path} is not a photo that Culler knows.")
        found[photo_id] = None
    return list(found)


def _require(path: Path) -> None:
    try:
        path.stat()
    except PermissionError as error:
        raise CullerError(f"No permission to look at {path}.") from error
    except OSError as error:
        raise CullerError(f"There is no photo {path}.") from error


def _id_at(workspace: Workspace, path: Path) -> PhotoId | None:
    with workspace.catalog.read() as tx:
        scope = folders.scope_of(tx, path.parent)
        if scope is None:
            return None
        relative = (scope.prefix + "/" if scope.prefix else "") + shown_name(path.name)[0]
        return photo_files.id_at(tx, scope.folder_id, relative)
