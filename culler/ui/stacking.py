"""Stacks in a list of photos: a closed one shows its best frame, an open one all frames beside it. No Qt.

Works on rows of columns: an order goes in, the order to show comes out.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from culler.domain.photo import PhotoId
from culler.ranking.columns import RowsById
from culler.ranking.groups import ALONE, KINDS

if TYPE_CHECKING:
    from culler.workflow.standings import Standings

Rows = NDArray[np.intp]


class Stacking:
    """`collapsed`: stacks are closed unless they are `toggled`, which then stand open with their frames
    together. Otherwise all frames are where the order puts them, unless their stack is `toggled`.

    `toggled` are photos whose stacks differ from the rest; all frames of one count.
    """

    def __init__(
        self, standings: "Standings", collapsed: bool, toggled: frozenset[PhotoId] = frozenset()
    ) -> None:
        self.standings = standings
        self.collapsed = collapsed
        differs = np.zeros(len(standings) + 1, bool)
        if toggled:
            there = np.isin(standings.ids, np.fromiter(toggled, np.int64)) & (standings.group_of >= 0)
            differs[standings.group_of[there]] = True
        self._closed = ~differs if collapsed else differs
        self._closed[ALONE] = False
        self._gathered = differs & collapsed
        self._rows = RowsById(standings.ids)
        self._group = np.zeros(0, np.int32)
        self._place = np.zeros(0, np.int32)
        self._by_stack = np.zeros(0, np.intp)  # rows in stacks, stack by stack, who stands for it first

    def align(self, ids: NDArray[np.int64]) -> None:
        """Speak of these columns' rows from now on; photos that came later stand alone."""
        at = self.rows_of(ids)
        known = at >= 0
        self._group = np.where(known, np.append(self.standings.group_of, ALONE)[at], ALONE)
        self._place = np.where(known, np.append(self.standings.place, 0)[at], 0)
        cover = np.where(known, np.append(self.standings.cover, 0)[at], 0)
        stacked = np.flatnonzero(self._group != ALONE)
        self._by_stack = stacked[np.lexsort((cover[stacked], self._group[stacked]))]

    def rows_of(self, ids: NDArray[np.int64]) -> Rows:
        """The photos' rows in the standings, −1 for others."""
        return self._rows.of(ids)

    def row_of(self, photo_id: PhotoId) -> int:
        return int(self._rows.of([photo_id])[0])

    def group_of(self, photo_id: PhotoId | None) -> int:
        """The photo's stack, ALONE without one."""
        row = -1 if photo_id is None else self.row_of(photo_id)
        return ALONE if row < 0 else int(self.standings.group_of[row])

    def is_closed(self, group: int) -> bool:
        return bool(self._closed[group])

    @property
    def closed(self) -> NDArray[np.bool_]:
        """(rows of the aligned columns,) whether the photo's stack is closed."""
        return np.asarray(self._closed[self._group])

    @property
    def position(self) -> NDArray[np.int32]:
        """(rows of the aligned columns,) place in the stack from 1."""
        return self._place

    @property
    def size(self) -> NDArray[np.int32]:
        """(rows of the aligned columns,) frames of the stack, 1 where alone."""
        sizes = np.append(np.diff(self.standings.grouping.starts), 1).astype(np.int32)
        return sizes[self._group]

    @property
    def set_kinds(self) -> NDArray[np.object_]:
        """(rows of the aligned columns,) what a set is called; empty for other photos."""
        grouping = self.standings.grouping
        words = np.array([kind.value if kind.is_set else "" for kind in KINDS], object)
        return np.append(words[grouping.kinds], "")[self._group]

    @property
    def group(self) -> NDArray[np.int32]:
        """(rows of the aligned columns,) each row's stack."""
        return self._group

    def folded(self, rows: Rows) -> Rows:
        """These rows, in this order, with every closed stack as its best frame among them and the frames
        of stacks that stand open behind their best."""
        if not (self._closed.any() or self._gathered.any()):
            return rows
        at = np.full(len(self._group), -1, np.intp)
        at[rows] = np.arange(len(rows))
        # Stack by stack, who stands for it first; of those that are let through, that is the first left.
        present = self._by_stack[at[self._by_stack] >= 0]
        if not len(present):
            return rows
        group = self._group[present]
        first = np.append(True, group[1:] != group[:-1])
        kept = ~self._closed[self._group[rows]]
        kept[at[present[first]]] = True
        if not self._gathered.any():
            return rows[kept]
        sits = np.arange(len(rows))
        together = self._gathered[group]
        tops = at[present[first]][np.cumsum(first) - 1]
        sits[at[present[together]]] = tops[together]
        place = np.where(self._gathered[self._group[rows]], self._place[rows], 0)
        shown = np.flatnonzero(kept)
        return rows[shown[np.lexsort((place[shown], sits[shown]))]]
