"""How far a scorer may be believed, fitted on the user's own answers and flags."""

import numpy as np
from numpy.typing import NDArray

from culler.catalog import assessments, stacks
from culler.domain.assessment import Aspect, ScorerId
from culler.ranking import judgement, keepers, pairwise
from culler.ranking.columns import PhotoColumns
from culler.ranking.groups import Grouping
from culler.ranking.keepers import KeepCalibration
from culler.ranking.pairwise import Calibration
from culler.workflow.workspace import Workspace


def calibration(workspace: Workspace, scorer: ScorerId) -> Calibration:
    """One temperature for this scorer from the answers about photos it judged; uncalibrated while there
    are too few."""
    with workspace.catalog.read() as tx:
        said = [answer for answer in stacks.answers(tx) if answer.source == "user"]
        ids = {photo_id for answer in said for photo_id in (answer.winner, answer.loser)}
        levels = assessments.levels_of(tx, ids, scorer) if ids else {}
    quality = {
        photo_id: tuple(by_aspect[Aspect.QUALITY])
        for photo_id, by_aspect in levels.items()
        if Aspect.QUALITY in by_aspect
    }
    pairs = [answer for answer in said if answer.winner in quality and answer.loser in quality]
    if not pairs:
        return pairwise.UNCALIBRATED
    return pairwise.fit_temperature(
        np.array([quality[answer.winner] for answer in pairs]),
        np.array([quality[answer.loser] for answer in pairs]),
        np.array([0.5 if answer.tie else 1.0 for answer in pairs]),
    )


def keep_calibration(
    columns: PhotoColumns,
    grouping: Grouping,
    quality_weight: float,
    answered: NDArray[np.intp],
    within: NDArray[np.float64] | None = None,
) -> KeepCalibration:
    """What the user keeps of what the scorer expects to be kept, from the flags on these photos.

    Sets are kept whole and say nothing; groups (`answered`) that the user ranked by answers would say what
    he said himself, not what the scorer did. `within` (n,) is added among the frames of a group alone.
    """
    means = judgement.overall_means(columns, quality_weight)
    spreads = judgement.overall_spreads(columns, quality_weight)
    among = means if within is None else means + within
    raw = keepers.raw_keep(means, spreads, keepers.standing(among, spreads, grouping))
    told = (columns.flag != 0) & ~grouping.in_set() & ~columns.video & ~columns.failed
    told &= ~np.isin(grouping.group_of, answered)
    return keepers.fit_keep(raw[told], columns.flag[told] > 0)
