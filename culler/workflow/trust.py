"""The trust report: how well judges agree with the user's own past picks, burst by burst.

Every scorer that has scored here, the taste (each photo by a head that saw none of its session) and two
simple baselines are measured on the same bursts. Nothing is scored or stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from culler.catalog import assessments
from culler.domain.assessment import ScorerId
from culler.domain.changes import Progress
from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId
from culler.ranking import judgement
from culler.ranking.bursts import capture_sequence
from culler.ranking.columns import PhotoColumns
from culler.scoring.scorer import SCORERS
from culler.workflow import groups, listing, rank, scorers, stored_facts, taste
from culler.workflow.calibration import calibration
from culler.workflow.job import Job
from culler.workflow.workspace import Workspace

if TYPE_CHECKING:
    from culler.evaluation.picks import Judge, TrustReport

TASTE = "Your taste"
SHARPNESS = "sharpness alone"
HOLDOUT = 0.2
DRAWS = 1000
TOP_K = 3


@dataclass(frozen=True, slots=True)
class PicksReport:
    """The report and what its rows are. `bursts` (n,) and `kept` (n,) are as the figures count them;
    `current` names the current scorer's judge; `calibrated` the judges whose odds follow the user's
    answers; `taste_note` says how it stands with the taste."""

    trust: "TrustReport"
    photo_ids: tuple[PhotoId, ...]
    paths: tuple[Path, ...]
    bursts: NDArray[np.integer]
    kept: NDArray[np.float64]
    judges: tuple["Judge", ...]
    scorers: Mapping[str, ScorerId]
    current: str | None
    calibrated: frozenset[str]
    taste_note: str

    @property
    def is_empty(self) -> bool:
        return self.trust.is_empty

    @property
    def sentence(self) -> str:
        """What a person should know of it."""
        found = self.trust
        if found.is_empty:
            if not found.marked:
                return "No burst here has a mark yet: pick or star the best of some, and ask again."
            return (
                f"Bursts with marks: {found.marked}. But in none of them some photos were kept and others"
                " were not, so that nothing can be said."
            )
        return (
            f"{found.kept} of {found.photos} photos kept in {found.bursts}"
            f" burst{'s' if found.bursts > 1 else ''}."
        )


def trust_report(
    workspace: Workspace,
    roots: Sequence[Path] | None = None,
    *,
    holdout: float = HOLDOUT,
    draws: int = DRAWS,
    seed: int = 0,
) -> Job[PicksReport]:
    """The report on some folders' bursts (None: all); the taste learns from the whole catalog's marks."""
    from culler.evaluation.picks import Judge, capture_order, kept_by_marks, trust

    yield Progress(0, None, "reading marks")
    current = rank.current_scorer(workspace)
    found = groups.grouped(workspace, roots, scorer=current)
    columns = found.columns
    # Sets are kept whole: they say nothing of which frame is better.
    bursts = np.where(found.grouping.in_set(), -1, found.grouping.group_of)
    kept = kept_by_marks(columns.flag, columns.stars, bursts)
    judges: list[Judge] = []
    by_name: dict[str, ScorerId] = {}
    calibrated = set()
    for scorer in _with_titles(workspace):
        yield Progress(len(judges), None, f"asking {scorer[0]}")
        judge, is_calibrated = _scorer_judge(workspace, columns, *scorer)
        if judge is not None:
            judges.append(judge)
            by_name[judge.name] = scorer[1]
            calibrated |= {judge.name} if is_calibrated else set()
    yield Progress(len(judges), None, "trying the taste")
    levels, note = _taste(workspace, columns, current, holdout, seed)
    if levels is not None:
        judges.append(Judge(TASTE, judgement.means(levels), levels))
    judges.append(capture_order(bursts, capture_sequence(columns)[0]))
    sharpness = stored_facts.stored_facts(workspace, columns).sharpness
    if sharpness is not None:
        judges.append(Judge(SHARPNESS, sharpness.astype(np.float64), is_baseline=True))
    yield Progress(len(judges), None, "resampling bursts")
    report = trust(judges, kept, bursts, k=TOP_K, draws=draws, seed=seed)
    paths = listing.paths(workspace, columns)
    return PicksReport(
        report,
        tuple(columns.ids.tolist()),
        tuple(paths[photo_id] for photo_id in columns.ids.tolist()),
        bursts,
        kept,
        tuple(judges),
        by_name,
        next((name for name, scorer in by_name.items() if scorer == current), None),
        frozenset(calibrated),
        note,
    )


def _with_titles(workspace: Workspace) -> list[tuple[str, ScorerId]]:
    """Every scorer that has scored here by a name of its own, the latest first."""
    with workspace.catalog.read() as tx:
        known = [record.scorer for record in assessments.scorers(tx)]
    latest: set[str] = set()
    named = []
    for scorer in known:
        title = SCORERS[scorer.name].title if scorer.name in SCORERS else scorer.name
        # Older versions of a scorer are told apart by theirs.
        named.append((f"{title} ({scorer.version})" if scorer.name in latest else title, scorer))
        latest.add(scorer.name)
    return named


def _scorer_judge(
    workspace: Workspace, columns: PhotoColumns, title: str, scorer: ScorerId
) -> tuple["Judge | None", bool]:
    """A scorer as a judge of these photos, and whether its odds are calibrated; None where it judged none."""
    from culler.evaluation.picks import Judge

    said = rank.rows(workspace, columns.ids.tolist(), scorer)
    place = {photo_id: row for row, photo_id in enumerate(said.ids.tolist())}
    said = said.take(np.array([place[photo_id] for photo_id in columns.ids.tolist()], np.intp))
    weight = scorers.quality_weight(scorer.name)
    scores = judgement.overall_means(said, weight)
    if np.isnan(scores).all():
        return None, False
    fitted = calibration(workspace, scorer)
    temperature = fitted.temperature if fitted.is_calibrated else 1.0
    parts = [judgement.tempered(part, temperature) for part in (said.quality, said.aesthetics)]
    levels = np.stack(parts, axis=1)
    return Judge(title, scores, levels, weights=(weight, 1.0 - weight)), fitted.is_calibrated


def _taste(
    workspace: Workspace, columns: PhotoColumns, scorer: ScorerId | None, holdout: float, seed: int
) -> tuple[NDArray[np.float64] | None, str]:
    """(n, 5) levels of taste, each photo's by a head that saw none of its session, and a note."""
    from culler.training.taste import held_out_levels

    if scorer is None:
        return None, "Nothing has been scored yet, so that there is no taste to try."
    try:
        gathered = taste.gather(workspace, scorer)
    except CullerError as error:
        return None, str(error)
    sessions = len(np.unique(gathered.examples.sessions))
    if sessions < 2:
        return None, "All marks are of one session; a taste can be tried out on sessions that it did not see."
    held_out = held_out_levels(gathered.examples, holdout, seed)
    place = {photo_id: row for row, photo_id in enumerate(gathered.ids.tolist())}
    levels = np.full((len(columns), 5), np.nan)
    for row, photo_id in enumerate(columns.ids.tolist()):
        if photo_id in place:
            levels[row] = held_out[place[photo_id]]
    if np.isnan(levels).all():
        return None, "The marks of these photos are too few to try a taste on."
    note = (
        f"Taste learns from the marks of {sessions} sessions, and here judges each of them without having"
        " seen it."
    )
    return levels, note
