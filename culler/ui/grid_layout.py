"""Where the cells of a grid are: equal cells in rows, by arithmetic alone.

All places are in the content's coordinates, from the top of the first row; a view that has scrolled
adds what it has scrolled by.
"""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize

_LONE_ROW_STRETCH = 1.15


@dataclass(frozen=True, slots=True)
class GridLayout:
    """`count` cells of size `cell`, `columns` a row, `gap` between them and around them; the first
    column begins at `left`."""

    count: int
    columns: int
    cell: QSize
    left: int
    gap: int

    @classmethod
    def fitted(
        cls, count: int, page_width: int, wanted_width: int, gap: int, cell_size: Callable[[int], QSize]
    ) -> "GridLayout":
        """As many columns of about the wanted width as the page holds, widened so that rows end
        flush. A lone row is hardly widened: three photos look like three of many."""
        width = page_width - 2 * gap
        columns = max(1, (width + gap) // (wanted_width + gap))
        cell_width = max(16, (width - (columns - 1) * gap) // columns)
        left = gap
        if count < columns:
            cell_width = min(cell_width, round(wanted_width * _LONE_ROW_STRETCH))
        else:
            left += (width - columns * (cell_width + gap) + gap) // 2
        return cls(count, columns, cell_size(cell_width), left, gap)

    @property
    def pitch(self) -> int:
        """From the top of a row of cells to the top of the next."""
        return self.cell.height() + self.gap

    @property
    def height(self) -> int:
        """Of all rows, with the gaps above and below."""
        return -(-self.count // self.columns) * self.pitch + self.gap

    def rect_of(self, row: int) -> QRect:
        line, column = divmod(row, self.columns)
        x = self.left + column * (self.cell.width() + self.gap)
        return QRect(x, self.gap + line * self.pitch, self.cell.width(), self.cell.height())

    def row_at(self, point: QPoint) -> int:
        """The row whose cell holds the point; −1 in gaps and beyond the last cell."""
        line, below = divmod(point.y() - self.gap, self.pitch)
        column, beside = divmod(point.x() - self.left, self.cell.width() + self.gap)
        row = line * self.columns + column
        inside = line >= 0 and 0 <= column < self.columns and row < self.count
        return row if inside and below < self.cell.height() and beside < self.cell.width() else -1

    def rows_between(self, top: int, bottom: int) -> tuple[int, int]:
        """First and last row of the lines that two heights bound, gaps included; first > last where
        there are none."""
        first = max(0, (top - self.gap) // self.pitch) * self.columns
        last = (max(-1, (bottom - self.gap) // self.pitch) + 1) * self.columns - 1
        return first, min(last, self.count - 1)

    def row_away(self, row: int, lines: int) -> int:
        """The row so many lines below (above, if negative) in the same column; a short last line
        gives its last row."""
        line, column = divmod(row, self.columns)
        last_line = (self.count - 1) // self.columns
        return min(self.count - 1, max(0, min(last_line, line + lines)) * self.columns + column)

    def touched(self, rect: QRect) -> list[tuple[int, int]]:
        """Runs of rows, first and last, whose cells the rectangle touches."""
        step = self.cell.width() + self.gap
        first_column = max(0, -(-(rect.left() - self.left - self.cell.width() + 1) // step))
        last_column = min(self.columns - 1, (rect.right() - self.left) // step)
        first_line = max(0, -(-(rect.top() - self.gap - self.cell.height() + 1) // self.pitch))
        last_line = min((self.count - 1) // self.columns, (rect.bottom() - self.gap) // self.pitch)
        if first_column > last_column:
            return []
        runs = [
            (line * self.columns + first_column, min(line * self.columns + last_column, self.count - 1))
            for line in range(first_line, last_line + 1)
        ]
        return [(first, last) for first, last in runs if first <= last]
