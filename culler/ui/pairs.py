"""The questions about one stack: which pair is next, what was answered, when it is enough. No widgets."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from culler.domain.photo import PhotoId
from culler.ranking import questions
from culler.ui.session import Session


@dataclass(frozen=True, slots=True)
class Asked:
    """What to ask now. `left` and `right` are None when enough is known. `best` is the likeliest best
    so far; `is_sure` says that asking stopped because it is sure enough, not because answers would tell
    too little. `left_over` estimates the questions still to come, this one included."""

    left: PhotoId | None
    right: PhotoId | None
    left_over: int
    best: PhotoId
    p_best: float
    is_sure: bool
    answered: int


class Pairs:
    """Answers are stored as they are given, each an undoable edit; skipping is remembered here only."""

    def __init__(self, session: Session, photo_ids: Sequence[PhotoId]) -> None:
        self._session = session
        self.ids = [photo_id for photo_id in photo_ids if session.row_of(photo_id) is not None]
        self._skipped: dict[tuple[PhotoId, PhotoId], int] = {}
        self._sides: dict[PhotoId, int] = {}

    def now(self) -> Asked:
        """The next question, from what is known at this moment."""
        from culler.workflow import groups

        workspace, columns = self._session.workspace, self._session.columns
        weight = self._session.collection.quality_weight
        found = [(photo_id, self._session.row_of(photo_id)) for photo_id in self.ids]
        self.ids = [photo_id for photo_id, row in found if row is not None]
        rows = np.array([row for _, row in found if row is not None], np.intp)
        answers = groups.answers_within(workspace, self.ids)
        place = {photo_id: at for at, photo_id in enumerate(self.ids)}
        skipped = {
            questions.ordered(place[first], place[second]): times
            for (first, second), times in self._skipped.items()
            if first in place and second in place
        }
        within = self._within()
        ranking = groups.rank_rows(columns, rows, weight, answers, within)
        best, p_best = self.ids[ranking.best], float(ranking.p_best[ranking.best])
        asked = groups.question(columns, rows, weight, answers, skipped, within=within)
        if asked is None:
            likeliest = int(np.argmax(ranking.p_best))
            sure = float(ranking.p_best[likeliest]) > questions.SURE_ENOUGH
            return Asked(
                None, None, 0, self.ids[likeliest], float(ranking.p_best[likeliest]), sure, len(answers)
            )
        left, right = self._seated(self.ids[asked.first], self.ids[asked.second])
        return Asked(left, right, asked.left, best, p_best, False, len(answers))

    def prefer(self, winner: PhotoId, loser: PhotoId, tie: bool = False) -> None:
        """Store an answer."""
        from culler.workflow import groups

        self._session.edits.perform(partial(groups.prefer, self._session.workspace, winner, loser, tie))

    def skip(self, first: PhotoId, second: PhotoId) -> None:
        """Ask this pair later, if at all."""
        pair = (min(first, second), max(first, second))
        self._skipped[pair] = self._skipped.get(pair, 0) + 1

    def _within(self) -> NDArray[np.float64] | None:
        """What a closer look adds to the photos' scores, rows as in the columns; None where nobody looked."""
        stacking = self._session.collection.stacking
        if stacking is None or stacking.standings.within is None:
            return None
        rows = stacking.rows_of(self._session.columns.ids)
        return np.append(stacking.standings.within, 0.0)[rows]

    def _seated(self, first: PhotoId, second: PhotoId) -> tuple[PhotoId, PhotoId]:
        """A photo that was just seen keeps its side, so that the eye need not look for it."""
        if self._sides.get(first) == 1 or self._sides.get(second) == 0:
            first, second = second, first
        self._sides = {first: 0, second: 1}
        return first, second
