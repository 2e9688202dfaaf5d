"""P(the user would keep this photo), for every photo at once.

Within a group a keeper is the best of it and good enough; alone it need only be good enough. Until the
user's own marks calibrate it, the estimate is the scorer's, never surer than one in 200.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from culler.ranking.consensus import CHOICE_SD, LEAST_SPREAD, UNKNOWN_SPREAD, GroupRanking, sigmoid
from culler.ranking.groups import Grouping
from culler.ranking.pairwise import normal_cdf

Values = NDArray[np.float64]
Rows = NDArray[np.intp]

GOOD_ENOUGH = 2.5
"""The border between poor and fair, in levels."""
TASTE_SD = 0.5
"""How far one user's border may lie from that, in levels."""
NEVER_SURER = 0.005
ENOUGH_MARKS = 50
ENOUGH_OF_EACH = 10
DRAWS = 512
_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class KeepCalibration:
    """The user's keep rate as a logistic of the raw estimate: logit P = slope · logit raw + offset."""

    slope: float = 1.0
    offset: float = 0.0
    kept: int = 0
    dropped: int = 0

    @property
    def is_calibrated(self) -> bool:
        return self.kept + self.dropped >= ENOUGH_MARKS and min(self.kept, self.dropped) >= ENOUGH_OF_EACH

    def applied(self, raw: Values) -> Values:
        """P(keeper) for raw estimates; the raw ones, kept from certainty, while not calibrated."""
        if not self.is_calibrated:
            return NEVER_SURER + (1.0 - 2 * NEVER_SURER) * raw
        return sigmoid(self.slope * _logit(raw) + self.offset)


@dataclass(frozen=True, slots=True)
class GroupStanding:
    """Each row's standing in its group; for photos alone, that of being the only one.

    `p_best` (n,); `leader` (n,) the row of the group's best (itself where alone); `loses` (n,) is
    P(the leader is preferred to this photo), ½ for the leader itself.
    """

    p_best: Values
    leader: Rows
    loses: Values


def standing(
    means: Values,
    spreads: Values,
    grouping: Grouping,
    rankings: Mapping[int, GroupRanking] | None = None,
    seed: int = 0,
) -> GroupStanding:
    """Who leads each group, from means and spreads (n,) in levels, NaN where unknown.

    `rankings` hold the groups (by index) that were ranked with the user's choices: these go by them.
    """
    n = len(means)
    p_best, leader, loses = np.ones(n), np.arange(n), np.full(n, 0.5)
    starts = grouping.starts
    first = 0
    while first < len(grouping):
        # Whole groups, as many at once as keep the draws small; at least one.
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + _ROWS_AT_ONCE, side="right")) - 1)
        _stand(means, spreads, grouping, (first, last), (p_best, leader, loses), seed)
        first = last
    for group, ranking in (rankings or {}).items():
        rows = grouping.rows(group)
        p_best[rows] = ranking.p_best
        leader[rows] = rows[ranking.best]
        loses[rows] = [ranking.beats(ranking.best, place) for place in range(len(rows))]
    return GroupStanding(p_best, leader, loses)


def _stand(
    means: Values,
    spreads: Values,
    grouping: Grouping,
    groups: tuple[int, int],
    result: tuple[Values, Rows, Values],
    seed: int,
) -> None:
    p_best, leader, loses = result
    begins = grouping.starts[groups[0] : groups[1]] - grouping.starts[groups[0]]
    rows = grouping.members[grouping.starts[groups[0]] : grouping.starts[groups[1]]]
    sizes = np.diff(np.append(begins, len(rows)))
    known = ~np.isnan(means[rows])
    counts = np.add.reduceat(known.astype(np.float64), begins)
    centre = np.add.reduceat(np.where(known, means[rows], 0.0), begins) / np.maximum(counts, 1)
    centre = np.where(counts > 0, centre, 3.0)
    mean = np.where(known, means[rows], np.repeat(centre, sizes))
    spread = np.where(known, np.maximum(spreads[rows], LEAST_SPREAD), UNKNOWN_SPREAD)
    top = np.maximum.reduceat(mean, begins)
    # Of equal means the earliest frame leads.
    at_top = np.flatnonzero(mean == np.repeat(top, sizes))
    group_at = np.repeat(np.arange(len(sizes)), sizes)[at_top]
    _, earliest = np.unique(group_at, return_index=True)
    head = np.repeat(at_top[earliest], sizes)
    leader[rows] = rows[head]
    doubt = np.sqrt(CHOICE_SD**2 + spread**2 + spread[head] ** 2)
    loses[rows] = normal_cdf((mean[head] - mean) / doubt)
    random = np.random.default_rng(seed + groups[0])
    drawn = random.standard_normal((DRAWS, len(rows)), dtype=np.float32)
    drawn = drawn * spread.astype(np.float32) + mean.astype(np.float32)
    best = np.maximum.reduceat(drawn, begins, axis=1)
    p_best[rows] = (drawn == np.repeat(best, sizes, axis=1)).mean(axis=0)


def raw_keep(means: Values, spreads: Values, standing: GroupStanding) -> Values:
    """P(best of its group and good enough) by the scorer alone; NaN where not judged."""
    doubt = np.sqrt(np.maximum(spreads, LEAST_SPREAD) ** 2 + TASTE_SD**2)
    unknown = np.isnan(means)
    good = normal_cdf(np.where(unknown, 0.0, (means - GOOD_ENOUGH) / np.where(unknown, 1.0, doubt)))
    return np.where(unknown, np.nan, good * standing.p_best)


def fit_keep(raw: Values, kept: NDArray[np.bool_]) -> KeepCalibration:
    """The calibration from photos the user marked: their raw estimates, and which were kept.

    A maximum a posteriori logistic fit around the identity, by Newton; photos without an estimate are
    left out. It becomes `is_calibrated` with ENOUGH_MARKS.
    """
    known = ~np.isnan(raw)
    x, y = _logit(raw[known]), kept[known].astype(np.float64)
    design = np.stack([x, np.ones_like(x)], axis=1)
    centre, precision = np.array([1.0, 0.0]), np.diag([4.0, 0.25])
    weights = centre.copy()
    for _ in range(30):
        p = sigmoid(design @ weights)
        gradient = design.T @ (y - p) - precision @ (weights - centre)
        curvature = (design * (p * (1.0 - p))[:, None]).T @ design + precision
        step = np.linalg.solve(curvature, gradient)
        weights = weights + step
        if float(np.abs(step).max()) < 1e-9:
            break
    # Marks that run against the scorer switch its estimate off, they do not turn it upside down.
    slope = max(float(weights[0]), 0.0)
    return KeepCalibration(slope, float(weights[1]), int(y.sum()), int(len(y) - y.sum()))


def _logit(p: Values) -> Values:
    inside = np.clip(p, 1e-4, 1.0 - 1e-4)
    return np.asarray(np.log(inside) - np.log1p(-inside))
