"""Every photo's standing in its stack, for a grid: place from the best, how sure, what kind of stack.

Computed for all stacks at once; only those that somebody answered questions about are ranked one by
one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from culler.domain.assessment import ScorerId
from culler.domain.photo import PhotoId
from culler.ranking import judgement, keepers
from culler.ranking.bursts import DEFAULT_KNOBS, Knobs
from culler.ranking.columns import PhotoColumns
from culler.ranking.consensus import GroupRanking
from culler.ranking.groups import ALONE, Grouping, GroupKind, gather
from culler.workflow import groups, rank, scorers
from culler.workflow.groups import Grouped
from culler.workflow.workspace import Workspace

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Standings:
    """Stacks of some photos, rows aligned with `ids` (n,).

    `within` is as in `groups.Grouped`. `place` (n,) counts from 1, best first; frames of a set and of a
    stack nobody judged stay as they were taken; 0 where alone. The frame of least `cover` (n,) stands
    for its stack: the best, and of a set the one that looks best. `size` (n,) is the stack's. `p_best`
    (n,) is P(the best of its stack), NaN where there is no best.
    """

    ids: NDArray[np.int64]
    grouping: Grouping
    within: NDArray[np.float64] | None
    place: NDArray[np.int32]
    cover: NDArray[np.int32]
    size: NDArray[np.int32]
    p_best: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.grouping)

    @property
    def group_of(self) -> NDArray[np.int32]:
        """(n,) each row's stack, ALONE without one."""
        return self.grouping.group_of

    def kind(self, group: int) -> GroupKind:
        return self.grouping.kind(group)

    def members(self, group: int) -> list[PhotoId]:
        """The stack's photos, best first."""
        rows = self.grouping.rows(group)
        ordered: list[PhotoId] = self.ids[rows[np.argsort(self.place[rows], kind="stable")]].tolist()
        return ordered


def standings(
    workspace: Workspace, columns: PhotoColumns, knobs: Knobs = DEFAULT_KNOBS, scorer: ScorerId | None = None
) -> Standings:
    """The stacks of these photos by what the current scorer expects and the user chose."""
    scorer = scorer or rank.current_scorer(workspace)
    present = columns.take(np.flatnonzero(~columns.missing))
    found = groups.grouped(workspace, knobs=knobs, scorer=scorer, columns=present)
    weight = scorers.quality_weight(None if scorer is None else scorer.name)
    return _standing(found, weight, groups.chosen_rankings(workspace, found, weight))


def nobody() -> Standings:
    """No photos, no stacks."""
    nothing = gather(np.zeros(0, np.intp), np.zeros(0, np.int64), np.zeros(0, np.int8), set())
    none = np.zeros(0, np.int32)
    return Standings(np.zeros(0, np.int64), nothing, None, none, none, none, np.zeros(0))


def _standing(found: Grouped, weight: float, rankings: dict[int, GroupRanking]) -> Standings:
    columns, grouping = found.columns, found.grouping
    means = judgement.overall_means(columns, weight)
    if found.within is not None:
        means = means + found.within
    spreads = judgement.overall_spreads(columns, weight)
    size, place = _sizes(grouping), np.zeros(len(columns), np.int32)
    cover = place.copy()
    stacked = grouping.group_of != ALONE
    p_best = np.full(len(columns), np.nan)
    if stacked.any():
        rankings = {g: ranking for g, ranking in rankings.items() if not grouping.kind(g).is_set}
        stands = keepers.standing(means, spreads, grouping, rankings)
        whole = grouping.in_set()
        known = _known(grouping, means, rankings)
        p_best = np.where(stacked & ~whole & known, stands.p_best, np.nan)
        place[grouping.members] = _places(grouping, np.where(whole, np.nan, means), rankings)
        cover[grouping.members] = _places(grouping, means, rankings)
    return Standings(columns.ids, grouping, found.within, place, cover, size, p_best)


def _sizes(grouping: Grouping) -> NDArray[np.int32]:
    sizes = np.append(np.diff(grouping.starts), 1).astype(np.int32)
    return sizes[grouping.group_of]


def _known(
    grouping: Grouping, means: NDArray[np.float64], rankings: dict[int, GroupRanking]
) -> NDArray[np.bool_]:
    """(n,) whether anything is known of anybody in the photo's stack."""
    judged = np.zeros(len(grouping) + 1, bool)
    judged[grouping.group_of[~np.isnan(means)]] = True
    judged[list(rankings)] = True
    judged[ALONE] = False
    return judged[grouping.group_of]


def _places(
    grouping: Grouping, means: NDArray[np.float64], rankings: dict[int, GroupRanking]
) -> NDArray[np.int32]:
    """(members,) places from 1 within each stack. Photos nobody judged come behind those that were."""
    members = grouping.members
    sizes = np.diff(grouping.starts)
    group = np.repeat(np.arange(len(sizes)), sizes)
    # Stable: what is equal or unknown stays in order of capture.
    best_first = np.lexsort((-means[members], group))
    places = np.empty(len(members), np.int32)
    places[best_first] = np.arange(len(members)) - np.repeat(grouping.starts[:-1], sizes) + 1
    for index, ranking in rankings.items():
        first = int(grouping.starts[index])
        places[first + ranking.order] = np.arange(1, len(ranking) + 1)
    return places
