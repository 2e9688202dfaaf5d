"""The photos of the opened folders as columns, their order, and which of them are shown. No Qt.

Rows are patched in place and new ones put behind the others: while a folder of 100,000 is read, each
step costs what its own photos cost. `sort` then puts everything in its place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from culler.domain.levels import LevelDistribution
from culler.domain.photo import PhotoId
from culler.ranking import filters, judgement, order
from culler.ranking.columns import PhotoColumns, RowsById, empty
from culler.ranking.filters import Filter
from culler.ranking.order import SortKey
from culler.ui.stacking import Stacking


@dataclass(frozen=True, slots=True)
class Prepared:
    """Columns and what takes long to find out about them."""

    columns: PhotoColumns
    rows: RowsById
    ties: order.Precedence


def prepared(columns: PhotoColumns) -> Prepared:
    """Columns, ready to be shown. Any thread."""
    return Prepared(columns, RowsById(columns.ids), order.precedence(columns))


class Collection:
    """`shown` are rows of `columns` as they are shown, `shown_ids` their photos."""

    def __init__(self) -> None:
        self.columns: PhotoColumns = empty()
        self.shown: NDArray[np.intp] = np.zeros(0, np.intp)
        self.shown_ids: NDArray[np.int64] = np.zeros(0, np.int64)
        self.key = SortKey.TIME
        self.descending = False
        self.filter = Filter()
        self.quality_weight = 0.5
        self.stacking: Stacking | None = None
        self.only: frozenset[PhotoId] | None = None  # photos besides which nothing is shown
        self.taste: NDArray[np.float32] | None = None  # (n, 5) levels of the user's taste
        self.passing = 0  # photos that the filter lets through, those inside closed stacks too
        self.unfolded_ids: NDArray[np.int64] = np.zeros(0, np.int64)  # they, in order
        self._sorted: NDArray[np.intp] = np.zeros(0, np.intp)
        self._rows = RowsById(self.columns.ids)
        self._ties: order.Precedence | None = None
        self._searchable: list[str] | None = None

    def __contains__(self, photo_id: PhotoId) -> bool:
        return self._rows.one(photo_id) is not None

    # Questions

    def row_of(self, photo_id: PhotoId) -> int | None:
        """The photo's row in the columns."""
        return self._rows.one(photo_id)

    def place_of(self, photo_id: PhotoId | None) -> int | None:
        """Where in the shown order the photo is; None when it is not shown."""
        if photo_id is None:
            return None
        found = np.flatnonzero(self.shown_ids == photo_id)
        return int(found[0]) if len(found) else None

    def neighbour(self, photo_id: PhotoId | None, step: int) -> PhotoId | None:
        """The photo `step` places further in the shown order, or None past either end."""
        place = self.place_of(photo_id)
        if place is None or not 0 <= place + step < len(self.shown):
            return None
        return int(self.shown_ids[place + step])

    def successor(self, was_ids: NDArray[np.int64], place: int) -> PhotoId | None:
        """The first photo behind `place` of a former order that is still shown, else the last before."""
        candidates = np.concatenate([was_ids[place + 1 :], was_ids[:place][::-1]])
        staying = np.flatnonzero(np.isin(candidates, self.shown_ids))
        return int(candidates[staying[0]]) if len(staying) else None

    def levels_of(self, photo_id: PhotoId) -> LevelDistribution | None:
        """The photo's quality by the current scorer, else its aesthetics; None where not scored."""
        row = self._rows.one(photo_id)
        if row is not None:
            for levels in (self.columns.quality[row], self.columns.aesthetics[row]):
                if not np.isnan(levels[0]):
                    return LevelDistribution(tuple(levels.tolist()))
        return None

    def stand_in(self, photo_id: PhotoId) -> PhotoId | None:
        """The frame that is shown for the photo's closed stack; None without one."""
        row = self._rows.one(photo_id)
        if row is None or self.stacking is None or self.only is not None or not self.stacking.closed[row]:
            return None
        shown = np.flatnonzero(self.stacking.group[self.shown] == self.stacking.group[row])
        return int(self.shown_ids[shown[0]]) if len(shown) else None

    def taste_of(self, photo_id: PhotoId) -> LevelDistribution | None:
        """What the user's taste says of the photo; None where it says nothing."""
        row = self._rows.one(photo_id)
        if row is None or self.taste is None or row >= len(self.taste) or np.isnan(self.taste[row, 0]):
            return None
        return LevelDistribution(tuple(self.taste[row].tolist()))

    def set_taste(self, ids: NDArray[np.int64], levels: NDArray[np.float32] | None) -> None:
        """What the taste says of these photos; of all others nothing."""
        self.taste = None
        if levels is not None:
            rows = self._rows.of(ids)
            self.taste = np.full((len(self.columns), 5), np.nan, np.float32)
            self.taste[rows[rows >= 0]] = levels[rows >= 0]

    def best(self, count: int, key: SortKey) -> tuple[PhotoId, ...]:
        """The best photos by a score, best first, filter aside; those without a score are none."""
        values = order.sort_values(self.columns, key, self.quality_weight)
        rows = order.order(self.columns, key, True, self.quality_weight, ties=self._ties)
        return tuple(self.columns.ids[rows[~np.isnan(values[rows])][:count]].tolist())

    def rows_of(self, ids: NDArray[np.int64] | Sequence[PhotoId]) -> NDArray[np.intp]:
        """The photos' rows in the columns, −1 for those that are not there."""
        return self._rows.of(ids)

    def in_order(self, wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The photos of the rows that are wanted, in the order of the grid, filter and stacks aside."""
        ids: NDArray[np.int64] = self.columns.ids[self._sorted[wanted[self._sorted]]]
        return ids

    # Changes

    def replace(self, found: PhotoColumns | Prepared) -> None:
        """Other photos altogether, sorted and filtered."""
        if isinstance(found, PhotoColumns):
            found = prepared(found)
        was_ids = self.columns.ids
        self.columns, self._rows, self._ties = found.columns, found.rows, found.ties
        self._searchable = None
        self.set_taste(was_ids, self.taste)
        self.stack(self.stacking)
        self.sort()
        self.show()

    def stack(self, stacking: Stacking | None) -> None:
        """Show these stacks from the next `show` on."""
        self.stacking = stacking
        if stacking is not None:
            stacking.align(self.columns.ids)

    def patch(self, part: PhotoColumns, renamed: bool) -> bool:
        """Write these rows into the columns, new ones behind the others; True when there are new ones.
        `renamed` says that names or capture times may be other than before."""
        places = self._rows.of(part.ids)
        known = places >= 0
        for field in fields(PhotoColumns):
            getattr(self.columns, field.name)[places[known]] = getattr(part, field.name)[known]
        if renamed:
            self._ties = self._searchable = None
        if known.all():
            return False
        new = part.take(np.flatnonzero(~known))
        before = len(self.columns)
        self.columns = self.columns.concatenate(new)
        self._rows = RowsById(self.columns.ids)
        self._ties = self._searchable = None
        self.stack(self.stacking)
        if self.taste is not None:
            self.taste = np.concatenate([self.taste, np.full((len(new), 5), np.nan, np.float32)])
        rows = order.order(new, self.key, self.descending, self.quality_weight)
        self._sorted = np.concatenate([self._sorted, rows + before])
        return True

    def drop(self, photo_ids: Iterable[PhotoId]) -> bool:
        """Forget these photos; True where any was here."""
        rows = self.rows_of(np.fromiter(photo_ids, np.int64))
        rows = rows[rows >= 0]
        if not len(rows):
            return False
        stays = np.ones(len(self.columns), bool)
        stays[rows] = False
        self.columns = self.columns.take(np.flatnonzero(stays))
        self._rows = RowsById(self.columns.ids)
        self._sorted = (np.cumsum(stays) - 1)[self._sorted[stays[self._sorted]]]
        if self.taste is not None:
            self.taste = self.taste[stays]
        self._ties = self._searchable = None
        self.stack(self.stacking)
        return True

    def sort(self) -> None:
        """Put every row in its place."""
        if self._ties is None:
            self._ties = order.precedence(self.columns)
        self._sorted = order.order(
            self.columns,
            self.key,
            self.descending,
            self.quality_weight,
            taste=None if self.taste is None else judgement.means(self.taste),
            ties=self._ties,
        )

    def show(self) -> bool:
        """Let the filter through what passes, in the order there is; True when that is another list."""
        if self.filter.text and self._searchable is None:
            self._searchable = filters.searchable(self.columns.names)
        passing = filters.mask(self.columns, self.filter, names=self._searchable)
        if self.only is not None:
            passing &= np.isin(self.columns.ids, np.fromiter(self.only, np.int64, len(self.only)))
        was = self.shown_ids
        self.shown = self._sorted[passing[self._sorted]]
        self.passing = len(self.shown)
        self.unfolded_ids = self.columns.ids[self.shown]
        # What was asked for photo by photo is shown photo by photo.
        if self.stacking is not None and self.only is None:
            self.shown = self.stacking.folded(self.shown)
        self.shown_ids = self.columns.ids[self.shown]
        return not np.array_equal(self.shown_ids, was)
