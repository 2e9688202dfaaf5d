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
    from culler.scoring.crops import burst_scores

    means = judgement.overall_means(columns, scorers.quality_weight(scorer.name))
    result = np.zeros(len(columns))
    for group in range(len(grouping)):
        rows = grouping.rows(group)
        rows = rows[~np.isnan(means[rows])]
        if grouping.kind(group).is_set or len(rows) < 2:
            continue
        seen = [_known(values) for values in facts.closer.crops[rows]]
        eyes = [None if np.isnan(value) else float(value) for value in facts.eyes[rows]]
        if any(value is not None for value in (*seen, *eyes)):
            result[rows] = burst_scores(means[rows].tolist(), seen, eyes) - means[rows]
    return result


def _known(values: Values) -> list[float] | None:
    known = values[~np.isnan(values)]
    return known.tolist() if len(known) else None
