"""Keep, reject or you decide, for the photos of some folders; accepting is one undoable edit."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from culler.domain.assessment import ScorerId
from culler.domain.changes import Changes
from culler.domain.decision import Flag
from culler.ranking import suggest as suggesting
from culler.ranking.columns import PhotoColumns
from culler.ranking.keepers import ENOUGH_MARKS, KeepCalibration
from culler.ranking.suggest import Suggestion, SuggestionKind, SuggestionRule, Suggestions
from culler.workflow import cull, groups, rank, scorers
from culler.workflow.calibration import keep_calibration
from culler.workflow.groups import Grouped
from culler.workflow.stored_facts import stored_facts
from culler.workflow.workspace import Workspace

MAX_LOST_KEEPERS = 0.01

FLAGS = {SuggestionKind.KEEP: Flag.PICK, SuggestionKind.REJECT: Flag.REJECT}


def suggest(
    workspace: Workspace,
    roots: Sequence[Path] | None = None,
    max_lost_keepers: float = MAX_LOST_KEEPERS,
    scorer: ScorerId | None = None,
    found: Grouped | None = None,
) -> Suggestions:
    """Suggestions for every photo without a flag, in catalog order.

    Odds are calibrated on the user's own flags, wherever in the catalog they are, once there are enough.
    """
    scorer = scorer or rank.current_scorer(workspace)
    found = found or groups.grouped(workspace, roots, scorer=scorer)
    weight = scorers.quality_weight(None if scorer is None else scorer.name)
    rule = SuggestionRule(max_lost_keepers, weight, _calibration(workspace, scorer, weight))
    return suggesting.suggest(
        found.columns,
        found.grouping,
        rule,
        rankings=groups.chosen_rankings(workspace, found, weight),
        facts=stored_facts(workspace, found.columns, found.grouping),
        within=found.within,
    )


def accept(workspace: Workspace, suggestions: Sequence[Suggestion]) -> Changes:
    """Set the suggested flags, as one undoable edit. You-decides stay without a flag."""
    flags = {each.photo_id: FLAGS[each.kind] for each in suggestions if each.kind in FLAGS}
    return cull.set_flags(workspace, flags, f"Accept {len(flags)} suggestion{'s' if len(flags) != 1 else ''}")


def _calibration(workspace: Workspace, scorer: ScorerId | None, weight: float) -> KeepCalibration:
    columns = rank.load_columns(workspace, None, scorer)
    flagged = columns.flag != 0
    if flagged.sum() < ENOUGH_MARKS:
        return KeepCalibration()
    # Folders without a flag have nothing to tell; a burst's unflagged frames do.
    columns = columns.take(np.flatnonzero(_near(columns, flagged)))
    found = groups.grouped(workspace, scorer=scorer, columns=columns)
    answered = np.array(list(groups.chosen_rankings(workspace, found, weight)), np.intp)
    return keep_calibration(columns, found.grouping, weight, answered, found.within)


def _near(columns: PhotoColumns, flagged: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Photos in the same directory as a flagged one."""
    places = [
        (folder, name.rpartition("/")[0])
        for folder, name in zip(columns.folder.tolist(), columns.names.tolist(), strict=True)
    ]
    wanted = {place for place, is_flagged in zip(places, flagged.tolist(), strict=True) if is_flagged}
    return np.array([place in wanted for place in places], bool)
