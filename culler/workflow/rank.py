"""Order and comparison over the stored distributions: columns for the grid, ranks for the terminal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from culler.catalog import assessments, columns, decisions, faces, folders, outcomes, photos
from culler.catalog.database import Transaction
from culler.domain.assessment import Aspect, Failure, Logits, ScorerId, overall
from culler.domain.decision import Decision
from culler.domain.errors import CullerError
from culler.domain.levels import LevelDistribution
from culler.domain.photo import Photo, PhotoId, PhotoKind
from culler.ranking import judgement
from culler.ranking.columns import PhotoColumns
from culler.ranking.pairwise import Calibration
from culler.scoring.scorer import DEFAULT_SCORER
from culler.workflow import aesthetic_head, listing, scorers
from culler.workflow import faces as looking
from culler.workflow.calibration import calibration
from culler.workflow.column_rows import as_columns, shares
from culler.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class PhotoDetail:
    """Everything known of one photo."""

    photo: Photo
    decision: Decision
    assessments: Mapping[ScorerId, Mapping[Aspect, LevelDistribution]]
    scorer: ScorerId | None
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()
    faces: str = ""  # in a few words; empty where there is none, or nobody looked
    damaged: str = ""  # a sentence where only a part of the picture could be read


@dataclass(frozen=True, slots=True)
class Comparison:
    """How sure the stored distributions are that A is better than B."""

    p_a_better: float
    tie: float
    aspect: str
    scorer: ScorerId
    calibrated: bool = False


def current_scorer(workspace: Workspace, wanted: str | None = None) -> ScorerId | None:
    """The catalog's current scorer, or the latest of the name (or name@version) asked for; None before
    the first score. Raises CullerError for a scorer that never scored here."""
    with workspace.catalog.read() as tx:
        records = assessments.scorers(tx)
    if wanted is None:
        return next((record.scorer for record in records if record.is_current), None)
    for record in records:
        if wanted in (record.scorer.name, str(record.scorer)) or (
            record.checkpoint is not None and Path(wanted).expanduser().absolute() == Path(record.checkpoint)
        ):
            return record.scorer
    raise CullerError(f"The scorer {wanted} has not scored anything here yet.")


def current_source(workspace: Workspace) -> str:
    """What to load to go on scoring as before: the current scorer's name or checkpoint folder."""
    with workspace.catalog.read() as tx:
        record = assessments.current(tx)
    if record is None:
        return DEFAULT_SCORER
    return record.checkpoint or record.scorer.name


def quality_weight(workspace: Workspace, scorer: ScorerId | None = None) -> float:
    """w of overall = w·quality + (1 − w)·aesthetics for a scorer, the current one by default."""
    scorer = scorer or current_scorer(workspace)
    return scorers.quality_weight(None if scorer is None else scorer.name)


def load_columns(
    workspace: Workspace, roots: Sequence[Path] | None = None, scorer: ScorerId | None = None
) -> PhotoColumns:
    """The photos of some folders (None: all) as columns. Folders that the catalog does not know are empty."""
    scorer = scorer or current_scorer(workspace)
    with workspace.catalog.read() as tx:
        scopes = None
        if roots is not None:
            found = [folders.scope_of(tx, Path(root).expanduser().absolute()) for root in roots]
            scopes = [scope for scope in found if scope is not None]
        return _with_head(workspace, tx, scorer, as_columns(columns.read(tx, scorer, scopes)))


def rows(workspace: Workspace, photo_ids: Sequence[PhotoId], scorer: ScorerId | None = None) -> PhotoColumns:
    """Some photos' rows, read again."""
    scorer = scorer or current_scorer(workspace)
    with workspace.catalog.read() as tx:
        found = as_columns(columns.read(tx, scorer, photo_ids=list(photo_ids)))
        return _with_head(workspace, tx, scorer, found)


def detail(workspace: Workspace, photo_id: PhotoId) -> PhotoDetail:
    """Everything known of one photo; raises CullerError when it is gone from the catalog."""
    with workspace.catalog.read() as tx:
        photo = photos.get(tx, [photo_id]).get(photo_id)
        if photo is None:
            raise CullerError("This photo is no longer in the catalog.")
        decision = decisions.decisions_of(tx, [photo_id])[photo_id]
        answers = assessments.answers_of(tx, [photo_id]).get(photo_id, {})
        failures = outcomes.failures_of(tx, [photo_id]).get(photo_id, ())
        damaged = outcomes.damage_of(tx, [photo_id]).get(photo_id, "")
        seen = faces.read(tx, [photo_id]).get(photo_id, ())
        record = assessments.current(tx)
        scorer = None if record is None else record.scorer
        said = {} if scorer is None else answers.get(scorer, {})
        derived: Mapping[PhotoId, Logits] = {}
        if set(said) == {Aspect.QUALITY} and photo.kind is PhotoKind.STILL:
            derived = aesthetic_head.derived(workspace, tx, scorer, [photo_id])
    if scorer is not None and photo_id in derived:
        own = LevelDistribution.from_logits(derived[photo_id])
        answers = {**answers, scorer: {**said, Aspect.AESTHETICS: own}}
    notes = listing.judging_notes(photo, scorer, bool(said), bool(derived))
    return PhotoDetail(photo, decision, answers, scorer, failures, notes, looking.sentence(seen), damaged)


def compare(
    workspace: Workspace, a: PhotoId, b: PhotoId, aspect: Aspect | None = None, scorer: ScorerId | None = None
) -> Comparison:
    """P(A beats B) from stored distributions; `aspect` None weighs quality and aesthetics as "overall"
    does. Raises CullerError when one of the two is not scored."""
    scorer = scorer or current_scorer(workspace)
    if scorer is None:
        raise CullerError("Nothing has been scored yet. Score the photos first.")
    entries = {entry.photo.id: entry for entry in listing.entries(workspace, [a, b], scorer)}
    answers = {photo_id: entry.levels for photo_id, entry in entries.items() if entry.levels}
    named = {photo_id: entry.photo for photo_id, entry in entries.items()}
    for photo_id in (a, b):
        if aspect not in (None, *answers.get(photo_id, {})) or not answers.get(photo_id):
            name = named[photo_id].name if photo_id in named else "The photo"
            raise CullerError(f"{name} has no score by {scorer.name} yet. Score it first.")
    fitted = calibration(workspace, scorer)

    def odds(known: Aspect) -> tuple[float, float]:
        first, second = (_tempered(answers[photo_id][known], fitted) for photo_id in (a, b))
        return first.beats(second), first.tie(second)

    if aspect is not None:
        return Comparison(*odds(aspect), aspect.value, scorer, fitted.is_calibrated)
    weight = scorers.quality_weight(scorer.name)
    weights = {Aspect.QUALITY: weight, Aspect.AESTHETICS: 1 - weight}
    shared = [known for known in weights if known in answers[a] and known in answers[b]]
    if not shared:
        raise CullerError("The two photos were not judged on the same aspect.")
    total = sum(weights[known] for known in shared)
    # Linear in each distribution, so that swapping gives the complement and equals give one half.
    parts = [(weights[known] / total, *odds(known)) for known in shared]
    p = 0.5 + sum(part * (wins - 0.5) for part, wins, _ in parts)
    tie = sum(part * ties for part, _, ties in parts)
    return Comparison(p, tie, "overall", scorer, fitted.is_calibrated)


def _tempered(levels: LevelDistribution, fitted: Calibration) -> LevelDistribution:
    """A distribution believed as far as the user's answers say; as it is while there are too few."""
    if not fitted.is_calibrated:
        return levels
    return LevelDistribution(tuple(p ** (1 / fitted.temperature) for p in levels))


def file_paths(workspace: Workspace, photo_ids: Sequence[PhotoId]) -> list[str]:
    """Every file of some photos, for dragging out."""
    with workspace.catalog.read() as tx:
        return [str(path) for photo in photos.get(tx, photo_ids).values() for path in photo.paths]


def means_of(levels: Mapping[Aspect, LevelDistribution], weight: float) -> dict[str, float]:
    """Means by aspect on 1–5, and "overall"."""
    means = {aspect: distribution.mean for aspect, distribution in levels.items()}
    found = {aspect.value: mean for aspect, mean in means.items()}
    whole = overall(means, weight)
    if whole is not None:
        found["overall"] = whole
    return found


def _with_head(
    workspace: Workspace, tx: Transaction, scorer: ScorerId | None, table: PhotoColumns
) -> PhotoColumns:
    """The columns with what the scorer's head says of stills that it was only asked about quality of."""
    asked = judgement.assessed(table.quality) & ~judgement.assessed(table.aesthetics) & ~table.video
    rows = np.flatnonzero(asked)
    derived = aesthetic_head.derived(workspace, tx, scorer, table.ids[rows].tolist()) if len(rows) else {}
    if derived:
        rows = rows[np.isin(table.ids[rows], list(derived))]
        table.aesthetics[rows] = shares([derived[photo_id] for photo_id in table.ids[rows].tolist()])
    return table
