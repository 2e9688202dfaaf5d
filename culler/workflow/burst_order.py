"""What a closer look changes within a group: sharper crops and sharper eyes weigh beside the preview.

Only the embedded judge's order is corrected: it sees a preview of 1,024 px. Where two frames have faces
that decide, their eyes are FACE_SHARE of what sharpness weighs (culler.scoring.crops); a unit of ln energy
is worth SHARPNESS_WEIGHT levels. Equal frames get equal corrections, so that ties stay ties.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from culler.catalog import faces
from culler.domain.assessment import ScorerId
from culler.ranking import judgement
from culler.ranking.columns import PhotoColumns
from culler.ranking.groups import Grouping
from culler.scoring.scorer import DEFAULT_SCORER
from culler.workflow import crops, scorers
from culler.workflow.crops import Closer
from culler.workflow.workspace import Workspace

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BurstFacts:
    """What is known of frames within their groups, rows as in the columns. `eyes` (n,) is ln energy, NaN
    unknown: from the closer look, else from each photo's own faces."""

    closer: Closer
    eyes: Values


def burst_facts(workspace: Workspace, columns: PhotoColumns, grouping: Grouping) -> BurstFacts:
    """What is stored of these groups; nothing is decoded."""
    ids = columns.ids
    with workspace.catalog.read() as tx:
        closer = crops.closer(tx, ids, grouping)
        own = faces.eye_sharpness(tx, ids[grouping.members].tolist())
    eyes = closer.eyes.copy()
    for row in grouping.members.tolist() if own else ():
        if np.isnan(eyes[row]):
            eyes[row] = own.get(int(ids[row]), np.nan)
    return BurstFacts(closer, eyes)


def corrections(
    workspace: Workspace, columns: PhotoColumns, grouping: Grouping, scorer: ScorerId | None
) -> Values | None:
    """(n,) levels to add to a photo's overall score among the frames of its group; None where nothing is
    known, or another judge than the embedded one is asked."""
    if scorer is None or scorer.name != DEFAULT_SCORER or not len(grouping):
        return None
    facts = burst_facts(workspace, columns, grouping)
    if np.isnan(facts.eyes).all() and np.isnan(facts.closer.crops).all():
        return None
    from culler.scoring.crops import group_scores

    means = judgement.overall_means(columns, scorers.quality_weight(scorer.name))
    rows = grouping.members[~np.isnan(means[grouping.members]) & ~grouping.in_set()[grouping.members]]
    _, group = np.unique(grouping.group_of[rows], return_inverse=True)
    known = ~np.isnan(facts.closer.crops[rows])
    total = np.where(known, facts.closer.crops[rows], 0).sum(axis=1)
    whole = np.where(known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), np.nan)
    result = np.zeros(len(columns))
    result[rows] = group_scores(means[rows], whole, facts.eyes[rows], group) - means[rows]
    return result
