"""Keep, reject or you decide, for the photos of some folders; accepting is one undoable edit."""

from collections.abc import Sequence
from pathlib import Path

from culler.domain.assessment import ScorerId
from culler.domain.changes import Changes
from culler.domain.decision import Flag
from culler.ranking import suggest as suggesting
from culler.ranking.suggest import Suggestion, SuggestionKind, SuggestionRule, Suggestions
from culler.workflow import cull, groups, rank, scorers
from culler.workflow.groups import Grouped
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
    """Suggestions for every photo without a flag, in catalog order."""
    scorer = scorer or rank.current_scorer(workspace)
    found = found or groups.grouped(workspace, roots, scorer=scorer)
    weight = scorers.quality_weight(None if scorer is None else scorer.name)
    rule = SuggestionRule(max_lost_keepers, weight)
    return suggesting.suggest(
        found.columns, found.grouping, rule, rankings=groups.chosen_rankings(workspace, found, weight)
    )


def accept(workspace: Workspace, suggestions: Sequence[Suggestion]) -> Changes:
    """Set the suggested flags, as one undoable edit. You-decides stay without a flag."""
    flags = {each.photo_id: FLAGS[each.kind] for each in suggestions if each.kind in FLAGS}
    return cull.set_flags(workspace, flags, f"Accept {len(flags)} suggestions")
