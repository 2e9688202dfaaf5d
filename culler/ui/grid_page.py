"""The part of a grid that is on screen: which photo is where, and where keys and scrolling lead, as numbers.

All places are in the viewport's coordinates; GridLayout knows those of the content.
"""

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QAbstractItemView

from culler.ui.grid_layout import GridLayout

Hint = QAbstractItemView.ScrollHint
Move = QAbstractItemView.CursorAction

_SIDEWAYS = {Move.MoveLeft: -1, Move.MovePrevious: -1, Move.MoveRight: 1, Move.MoveNext: 1}


@dataclass(frozen=True, slots=True)
class GridPage:
    """A layout scrolled by `offset`, of which `height` is seen; logical pixels."""

    layout: GridLayout
    offset: int
    height: int

    def rect_of(self, row: int) -> QRect:
        return self.layout.rect_of(row).translated(0, -self.offset)

    def row_at(self, point: QPoint) -> int:
        """The row whose cell holds the point; −1 beside the cells."""
        return self.layout.row_at(point + QPoint(0, self.offset))

    def rows_in(self, area: QRect) -> tuple[int, int]:
        """First and last row of the lines that an area touches; first > last where there are none."""
        return self.layout.rows_between(area.top() + self.offset, area.bottom() + self.offset)

    def runs_touched(self, band: QRect) -> list[tuple[int, int]]:
        """What a rubber band takes: runs of rows, first and last."""
        return self.layout.touched(band.normalized().translated(0, self.offset))

    def runs_between(self, one: QPoint, other: QPoint) -> list[tuple[int, int]]:
        """What a click or key takes: the run from one photo to the other, as text is selected; only
        the photo at one of the points where the other has none."""
        ends = sorted(row for row in (self.row_at(one), self.row_at(other)) if row >= 0)
        return [(ends[0], ends[-1])] if ends else []

    def row_after(self, row: int, move: Move) -> int:
        """Where a key leads from a row; there are rows."""
        last = self.layout.count - 1
        if move in (Move.MoveHome, Move.MoveEnd):
            return 0 if move is Move.MoveHome else last
        if move in _SIDEWAYS:
            return max(0, min(last, row + _SIDEWAYS[move]))
        page = max(1, self.height // self.layout.pitch)
        lines = {Move.MoveUp: -1, Move.MoveDown: 1, Move.MovePageUp: -page}.get(move, page)
        return self.layout.row_away(row, lines)

    def scroll_to_show(self, row: int, hint: Hint) -> int | None:
        """By how much to scroll so that the row's cell is where the hint wants it, with its gaps; None
        where it is in sight and that is enough."""
        rect, gap = self.rect_of(row), self.layout.gap
        top, bottom = rect.top() - gap, rect.bottom() + 1 + gap - self.height
        if hint is Hint.PositionAtCenter:
            return rect.center().y() - self.height // 2
        if hint is Hint.PositionAtTop or (
            hint is Hint.EnsureVisible and (top < 0 or rect.height() > self.height)
        ):
            return top
        return bottom if hint is Hint.PositionAtBottom or bottom > 0 else None
