"""Keep, reject or you decide, for every photo that is not marked yet, with reasons.

Rejects are controlled by what they may cost: so few are suggested that the expected number of keepers
among them stays within a share of all keepers expected. The best of a group is never suggested for
rejection, sets are left whole, and a judge that contradicts itself decides nothing. A suggestion is
never a mark.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from culler.domain.assessment import Aspect
from culler.domain.levels import Level
from culler.domain.photo import PhotoId
from culler.ranking import judgement, keepers
from culler.ranking.columns import PhotoColumns
from culler.ranking.consensus import GroupRanking
from culler.ranking.groups import ALONE, Grouping, GroupKind

Values = NDArray[np.float64]

KEEP_SURE = 0.8
"""P(keeper) from which a photo is suggested for keeping."""
REJECT_AT_MOST = 0.5
"""However large the budget, what is likelier kept than not is no reject."""
CLEARLY_BEATEN = 0.6
SOFTER_BY = 0.85
"""Sharpness below this part of the group's sharpest can be seen."""
CLIPPED_SHARE = 0.03
"""Part of the picture that is clipped from which it is worth a word."""


class SuggestionKind(StrEnum):
    KEEP = "keep"
    REJECT = "reject"
    YOU_DECIDE = "you decide"


class ReasonKind(StrEnum):
    BEST = "best"
    BEATEN = "beaten"
    CLOSE = "close"
    SOFTEST = "softest"
    EYES_CLOSED = "eyes closed"
    EYES_DIFFER = "eyes differ"
    HIGHLIGHTS = "highlights"
    SHADOWS = "shadows"
    LEVEL = "level"
    CONFUSED = "confused"
    UNSCORED = "unscored"
    FAILED = "failed"
    IN_SET = "in set"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: `text` for people, `other` the photo it refers to, `p` the probability it states."""

    kind: ReasonKind
    text: str
    other: PhotoId | None = None
    p: float | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What is suggested for one photo. `confidence` is P(that is what the user would do); for
    you-decide it is how far from even the two are. The weightiest reason comes first."""

    photo_id: PhotoId
    row: int
    kind: SuggestionKind
    confidence: float
    p_keeper: float | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class StoredFacts:
    """Measured facts (n,) that reasons are built from; None where nobody measured.

    `sharpness` positive, comparable within a group, NaN unknown; `eyes` 1 closed, 0 open, −1 can't
    tell; `eyes_differ` True where the eyes look unlike those of the group's other frames;
    `highlights`, `shadows` the clipped part of the picture, NaN unknown.
    """

    sharpness: NDArray[np.floating] | None = None
    eyes: NDArray[np.int8] | None = None
    eyes_differ: NDArray[np.bool_] | None = None
    highlights: NDArray[np.floating] | None = None
    shadows: NDArray[np.floating] | None = None


@dataclass(frozen=True, slots=True)
class Suggestions:
    """`each` has one suggestion for every photo without a flag that is not missing and no video, in
    row order. `expected_lost` keepers are expected among the rejects, of `expected_keepers` in all."""

    each: tuple[Suggestion, ...]
    expected_lost: float
    expected_keepers: float
    is_calibrated: bool


@dataclass(frozen=True, slots=True)
class SuggestionRule:
    """`max_lost_keepers` is the share of all keepers that may be lost to suggested rejects, in
    expectation; `quality_weight` that of the overall score."""

    max_lost_keepers: float = 0.01
    quality_weight: float = 0.5
    calibration: keepers.KeepCalibration = field(default_factory=keepers.KeepCalibration)


def suggest(
    columns: PhotoColumns,
    grouping: Grouping,
    rule: SuggestionRule,
    *,
    rankings: Mapping[int, GroupRanking] | None = None,
    facts: StoredFacts | None = None,
    levels: judgement.Levels | None = None,
    within: Values | None = None,
) -> Suggestions:
    """Suggestions for all unmarked photos.

    `rankings` are those of groups with choices of the user, by group index. `levels` (n, 5) are what
    to judge by instead of the overall score, such as the taste aspect; `within` (n,) what to add to a
    photo's score among the frames of its group alone.
    """
    if levels is None:
        means = judgement.overall_means(columns, rule.quality_weight)
        spreads = judgement.overall_spreads(columns, rule.quality_weight)
    else:
        means, spreads = judgement.means(levels), judgement.spreads(levels)
    among = means if within is None else means + within
    standing = keepers.standing(among, spreads, grouping, rankings)
    p_keeper = rule.calibration.applied(keepers.raw_keep(means, spreads, standing))
    in_set = grouping.in_set()
    confused = _confused(columns, levels)
    judged = ~np.isnan(means) & ~columns.failed
    asked = (columns.flag == 0) & ~columns.missing & ~columns.video
    decidable = asked & judged & ~in_set
    rejected, lost, expected = _affordable(
        p_keeper, decidable, confused, standing.leader, grouping, rule.max_lost_keepers
    )
    kept = decidable & ~confused & (p_keeper >= KEEP_SURE)
    give = _Reasons(columns, grouping, standing, means, facts or StoredFacts())
    each = []
    for row in np.flatnonzero(asked).tolist():
        p = float(p_keeper[row]) if judged[row] else None
        if not judged[row] or in_set[row]:
            kind, confidence = SuggestionKind.YOU_DECIDE, 0.0
        elif rejected[row]:
            kind, confidence = SuggestionKind.REJECT, 1.0 - float(p_keeper[row])
        elif kept[row]:
            kind, confidence = SuggestionKind.KEEP, float(p_keeper[row])
        else:
            kind, confidence = SuggestionKind.YOU_DECIDE, abs(2.0 * float(p_keeper[row]) - 1.0)
        reasons = give.of(row, kind, bool(in_set[row]), bool(judged[row]), bool(confused[row]))
        each.append(Suggestion(int(columns.ids[row]), row, kind, confidence, p, reasons))
    return Suggestions(tuple(each), lost, expected, rule.calibration.is_calibrated)


def _confused(columns: PhotoColumns, levels: judgement.Levels | None) -> NDArray[np.bool_]:
    if levels is not None:
        return judgement.confused(levels)
    return judgement.confused(columns.quality) | judgement.confused(columns.aesthetics)


def _affordable(
    p_keeper: Values,
    decidable: NDArray[np.bool_],
    confused: NDArray[np.bool_],
    leader: NDArray[np.intp],
    grouping: Grouping,
    max_lost: float,
) -> tuple[NDArray[np.bool_], float, float]:
    """The rejects that the budget allows, least likely keepers first; what they are expected to cost,
    and all keepers expected."""
    expected = float(p_keeper[decidable].sum())
    leads = (leader == np.arange(len(p_keeper))) & (grouping.group_of != ALONE)
    open_ = np.flatnonzero(decidable & ~confused & ~leads & (p_keeper < REJECT_AT_MOST))
    cheapest = open_[np.argsort(p_keeper[open_], kind="stable")]
    cost = np.cumsum(p_keeper[cheapest])
    taken = cheapest[cost <= max_lost * expected]
    rejected = np.zeros(len(p_keeper), bool)
    rejected[taken] = True
    return rejected, float(p_keeper[taken].sum()), expected


class _Reasons:
    """Words for one photo at a time, from stored facts."""

    def __init__(
        self,
        columns: PhotoColumns,
        grouping: Grouping,
        standing: keepers.GroupStanding,
        means: Values,
        facts: StoredFacts,
    ) -> None:
        self.columns, self.grouping, self.standing = columns, grouping, standing
        self.means, self.facts = means, facts
        self.softest = self._softest()

    def of(
        self, row: int, kind: SuggestionKind, in_set: bool, judged: bool, confused: bool
    ) -> tuple[Reason, ...]:
        group = int(self.grouping.group_of[row])
        if in_set:
            what = self.grouping.kind(group)
            article = "an exposure bracket" if what is GroupKind.BRACKET else f"a {what.value}"
            return (Reason(ReasonKind.IN_SET, f"part of {article}, kept whole"),)
        if self.columns.failed[row]:
            return (Reason(ReasonKind.FAILED, "could not be read or scored"),)
        if not judged:
            return (Reason(ReasonKind.UNSCORED, "not scored yet"),)
        reasons = []
        if confused:
            reasons.append(
                Reason(ReasonKind.CONFUSED, "the judge is confused: two levels apart are likeliest")
            )
        if group != ALONE:
            reasons.append(self._in_group(row, group))
        if kind is not SuggestionKind.KEEP:
            reasons += self._faults(row, group)
        if group == ALONE or kind is not SuggestionKind.YOU_DECIDE:
            reasons.append(self._level(row))
        return tuple(reasons)

    def _in_group(self, row: int, group: int) -> Reason:
        size, p_best = len(self.grouping.rows(group)), float(self.standing.p_best[row])
        leader = int(self.standing.leader[row])
        if leader == row:
            return Reason(ReasonKind.BEST, f"best of {size} with P = {_p(p_best)}", None, p_best)
        p, other = float(self.standing.loses[row]), int(self.columns.ids[leader])
        name = self.columns.names[leader].rpartition("/")[2]
        if p >= CLEARLY_BEATEN:
            return Reason(ReasonKind.BEATEN, f"beaten by {name} with P = {_p(p)}", other, p)
        return Reason(ReasonKind.CLOSE, f"close to {name}: that one is better with P = {_p(p)}", other, p)

    def _faults(self, row: int, group: int) -> list[Reason]:
        facts, found = self.facts, []
        if facts.eyes is not None and facts.eyes[row] == 1:
            found.append(Reason(ReasonKind.EYES_CLOSED, "eyes closed"))
        elif facts.eyes_differ is not None and facts.eyes_differ[row]:
            found.append(Reason(ReasonKind.EYES_DIFFER, "the eyes look unlike those of the other frames"))
        if group != ALONE and self.softest[row]:
            found.append(Reason(ReasonKind.SOFTEST, f"softest of the {self.grouping.kind(group).value}"))
        for kind, share, what in (
            (ReasonKind.HIGHLIGHTS, facts.highlights, "highlights"),
            (ReasonKind.SHADOWS, facts.shadows, "shadows"),
        ):
            if share is not None and share[row] >= CLIPPED_SHARE:
                found.append(Reason(kind, f"{what} clipped in {share[row]:.0%} of the picture"))
        return found

    def _level(self, row: int) -> Reason:
        for aspect in (Aspect.QUALITY, Aspect.AESTHETICS):
            levels = self.columns.levels(aspect)[row : row + 1]
            level = int(judgement.likeliest(levels)[0])
            if level:
                p = float(levels[0, level - 1])
                word = Level(level).word
                return Reason(ReasonKind.LEVEL, f"{aspect.value} judged {word} with P = {_p(p)}", None, p)
        return Reason(ReasonKind.LEVEL, f"judged {self.means[row]:.1f} of 5")

    def _softest(self) -> NDArray[np.bool_]:
        softest = np.zeros(len(self.columns), bool)
        sharpness = self.facts.sharpness
        if sharpness is None or not len(self.grouping):
            return softest
        members, begins = self.grouping.members, self.grouping.starts[:-1]
        sizes = np.diff(self.grouping.starts)
        values = sharpness[members].astype(np.float64)
        low, high = np.fmin.reduceat(values, begins), np.fmax.reduceat(values, begins)
        visible = np.repeat(np.where(low < SOFTER_BY * high, low, np.nan), sizes)
        softest[members[values == visible]] = True
        return softest


def _p(probability: float) -> str:
    """Two digits, never "1.00" or "0.00" for what is not certain."""
    return f"{min(max(probability, 0.01), 0.99):.2f}"
