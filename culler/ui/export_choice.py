"""Which photos an export is about: one frozen choice, and what there is to choose from. No Qt."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from culler.domain.decision import ColorLabel, Flag
from culler.domain.levels import Level
from culler.domain.photo import PhotoId
from culler.ranking.columns import FLAG_CODES
from culler.ranking.filters import Filter, mask
from culler.ranking.order import SortKey
from culler.ranking.suggest import SuggestionKind
from culler.ui.collection import Collection

Ids = tuple[PhotoId, ...]
Queues = Mapping[SuggestionKind, Ids]


class What(StrEnum):
    """The value is what a settings file says."""

    PICKS = "picks"
    SELECTED = "selected"
    SHOWN = "shown"
    UNFOLDED = "unfolded"
    ALL = "all"
    STARS = "stars"
    LABEL = "label"
    LEVEL = "level"
    BEST = "best"
    KEEP = "keep"
    REJECT = "reject"
    YOU_DECIDE = "you decide"


QUEUES = {
    What.KEEP: SuggestionKind.KEEP,
    What.REJECT: SuggestionKind.REJECT,
    What.YOU_DECIDE: SuggestionKind.YOU_DECIDE,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """`stars` and `level` are the least, `label` is the colour; the best are `count` photos by `by`."""

    what: What = What.PICKS
    stars: int = 3
    label: ColorLabel = ColorLabel.GREEN
    level: Level = Level.GOOD
    count: int = 20
    by: SortKey = SortKey.OVERALL


class Chosen:
    """The photos of a session by choice, in the order of the grid, without those whose files are missing.

    `queues` are suggestions that wait for an answer, None where nobody asked for any; `suggest()` finds
    them, slowly, in any thread.
    """

    def __init__(
        self,
        collection: Collection,
        selected: Ids,
        queues: Queues | None = None,
        suggest: Callable[[], Queues] = dict,
    ) -> None:
        self._collection = collection
        self._selected = selected
        self.queues = queues
        self.suggest = suggest

    def ids(self, choice: Choice) -> Ids | None:
        """The photos; None where suggestions must be found first."""
        if choice.what in QUEUES and self.queues is None:
            return None
        columns = self._collection.columns
        match choice.what:
            case What.SELECTED:
                return self._present(np.array(self._selected, np.int64))
            case What.SHOWN:
                return self._present(self._collection.shown_ids)
            case What.UNFOLDED:
                return self._present(self._collection.unfolded_ids)
            case What.BEST:
                best = self._collection.best(len(columns), choice.by)
                return self._present(np.array(best, np.int64))[: choice.count]
            case What.PICKS:
                return self._where(columns.flag == FLAG_CODES[Flag.PICK])
            case What.STARS:
                return self._where(columns.stars >= choice.stars)
            case What.LABEL:
                return self._where(mask(columns, Filter(labels=frozenset({choice.label}))))
            case What.LEVEL:
                return self._where(mask(columns, Filter(level=choice.level)))
            case What.ALL:
                return self._where(np.ones(len(columns), bool))
        assert self.queues is not None
        queue = np.array(self.queues.get(QUEUES[choice.what], ()), np.int64)
        return self._where(np.isin(columns.ids, queue))

    @property
    def is_folded(self) -> bool:
        """Whether closed stacks hide frames that the filter lets through."""
        return len(self._collection.unfolded_ids) > len(self._collection.shown_ids)

    @property
    def is_filtered(self) -> bool:
        """Whether photos are hidden by more than closed stacks."""
        return len(self._collection.unfolded_ids) < len(self._collection.columns)

    def _where(self, wanted: NDArray[np.bool_]) -> Ids:
        return self._present(self._collection.in_order(wanted))

    def _present(self, ids: NDArray[np.int64]) -> Ids:
        columns = self._collection.columns
        missing = columns.ids[columns.missing]
        return tuple(ids[~np.isin(ids, missing)].tolist())
