"""The photos a view shows: columns of everything known, and an order over them.

Sorting and filtering replace the order array; the columns stay where they are. Whoever holds a
persistent index (the current photo of a view does) keeps the photo, not the row.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QUrl,
)

from culler.domain.decision import ColorLabel, Flag
from culler.domain.photo import PhotoId
from culler.ranking.columns import FLAG_CODES, FOREIGN_LABEL, LABEL_CODES, PhotoColumns, RowsById, empty
from culler.ui.photo_cell import Cell, Levels, Role, spoken

Index = QModelIndex | QPersistentModelIndex

_FLAGS = {code: flag for flag, code in FLAG_CODES.items()}
_LABELS: dict[int, ColorLabel | None] = {code: label for label, code in LABEL_CODES.items()}
_LABELS[FOREIGN_LABEL] = None

_MOST_RUNS = 32
"""A patch announces at most so many ranges: past that, one that spans them all is cheaper."""


_FIELD_OF_ROLE = {Role[name.upper()]: at for at, name in enumerate(Cell._fields)}


class PhotoModel(QAbstractListModel):
    """`paths` names the files of photos, for dragging them out of the window."""

    def __init__(
        self, paths: Callable[[Sequence[PhotoId]], list[str]], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._paths = paths
        self._columns = empty()
        self._rows = RowsById(self._columns.ids)
        self._order = np.empty(0, np.intp)
        self._row_of_column = np.empty(0, np.intp)
        self._stack_position: NDArray[np.integer[Any]] | None = None
        self._stack_size: NDArray[np.integer[Any]] | None = None
        self._set_kinds: NDArray[np.object_] | None = None
        self._stacks_closed: NDArray[np.bool_] | None = None
        self._ghosts: NDArray[np.int8] | None = None
        self._unwritten: frozenset[PhotoId] = frozenset()

    # What is shown

    @property
    def columns(self) -> PhotoColumns:
        return self._columns

    @property
    def order(self) -> NDArray[np.intp]:
        """Rows of `columns`, as they are shown."""
        return self._order

    def ids(self) -> NDArray[np.int64]:
        """The photos as they are shown."""
        return self._columns.ids[self._order]

    def photo_id(self, index: Index) -> PhotoId:
        return int(self._columns.ids[self._order[index.row()]])

    def row_of(self, photo_id: PhotoId) -> int:
        """The photo's row, −1 where it is not shown."""
        return int(self.rows_of([photo_id])[0])

    def rows_of(self, ids: Sequence[PhotoId] | NDArray[np.int64]) -> NDArray[np.intp]:
        """The photos' rows, −1 for those that are not shown."""
        at = self._rows.of(ids)
        if not len(self._row_of_column):
            return np.full(len(at), -1, np.intp)
        return np.where(at >= 0, self._row_of_column[at], -1)

    def index_of(self, photo_id: PhotoId) -> QModelIndex:
        """The photo's index, invalid where it is not shown."""
        row = self.row_of(photo_id)
        return self.index(row) if row >= 0 else QModelIndex()

    # Changing it

    def set_columns(self, columns: PhotoColumns, order: NDArray[np.intp] | None = None) -> None:
        """Other columns, in their own order unless told another. Photos of both keep their indexes;
        stacks and suggestions are forgotten."""
        self._relayout(columns, np.arange(len(columns), dtype=np.intp) if order is None else order)

    def set_order(self, order: NDArray[np.intp]) -> None:
        """Shows these rows of the columns, in this order, and no others."""
        self._relayout(self._columns, order)

    def set_stacks(
        self,
        position: NDArray[np.integer[Any]],
        size: NDArray[np.integer[Any]],
        set_kinds: NDArray[np.object_] | None = None,
        closed: NDArray[np.bool_] | None = None,
    ) -> None:
        """Places in stacks, aligned with the columns: position from 1, size 0 or 1 where alone;
        `set_kinds` names the sets among them, `closed` says which stacks one frame stands for."""
        self._stack_position, self._stack_size = position, size
        self._set_kinds, self._stacks_closed = set_kinds, closed
        self._announce(0, len(self._order) - 1)

    def set_ghosts(self, codes: NDArray[np.int8] | None) -> None:
        """Suggested flags as FLAG_CODES, aligned with the columns; shown until a key accepts them."""
        self._ghosts = codes
        self._announce(0, len(self._order) - 1)

    def set_unwritten(self, photo_ids: frozenset[PhotoId]) -> None:
        """The photos whose marks are in no sidecar yet; they carry a pencil."""
        if photo_ids != self._unwritten:
            self._unwritten = photo_ids
            self._announce(0, len(self._order) - 1)

    def patch(self, subset: PhotoColumns) -> None:
        """Replaces the rows of these photos, in place. Photos that the columns lack are ignored."""
        at = self._rows.of(subset.ids)
        known = at >= 0
        at = at[known]
        if not len(at):
            return
        fresh = {}
        for field in fields(PhotoColumns):
            column = getattr(self._columns, field.name)
            if not column.flags.writeable:
                column = fresh[field.name] = column.copy()
            column[at] = getattr(subset, field.name)[known]
        if fresh:
            self._columns = replace(self._columns, **fresh)
        rows = np.unique(self._row_of_column[at])
        rows = rows[rows >= 0]
        if not len(rows):
            return
        breaks = np.flatnonzero(np.diff(rows) > 1) + 1
        if len(breaks) >= _MOST_RUNS:
            breaks = breaks[:0]
        for run in np.split(rows, breaks):
            self._announce(int(run[0]), int(run[-1]))

    # Qt's side

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's own signature
        return 0 if parent.isValid() else len(self._order)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsDragEnabled
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = index.row()
        if not 0 <= row < len(self._order):
            return None
        if role == Role.CELL:
            return self.cell(row)
        if role == Role.PHOTO_ID:
            return int(self._columns.ids[self._order[row]])
        if role in _FIELD_OF_ROLE:
            return self.cell(row)[_FIELD_OF_ROLE[Role(role)]]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(row).name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(self.cell(row))
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._columns.names[self._order[row]]
        return None

    def cell(self, row: int) -> Cell:
        """Everything to paint in a row."""
        columns = self._columns
        at = self._order[row]
        stack, set_kind, closed = None, "", False
        if self._stack_size is not None and self._stack_position is not None and self._stack_size[at] > 1:
            stack = (int(self._stack_position[at]), int(self._stack_size[at]))
            set_kind = "" if self._set_kinds is None else self._set_kinds[at]
            closed = self._stacks_closed is not None and bool(self._stacks_closed[at])
        return Cell(
            int(columns.ids[at]),
            columns.names[at].rpartition("/")[2],
            _levels(columns.quality[at]),
            _levels(columns.aesthetics[at]),
            _FLAGS[int(columns.flag[at])],
            int(columns.stars[at]),
            _LABELS[int(columns.label[at])],
            bool(columns.failed[at]),
            bool(columns.missing[at]),
            bool(columns.damaged[at]),
            bool(columns.video[at]),
            stack,
            Flag.NONE if self._ghosts is None else _FLAGS[int(self._ghosts[at])],
            set_kind,
            closed,
            int(columns.ids[at]) in self._unwritten,
        )

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        return self.mime_of([self.photo_id(index) for index in indexes])

    def mime_of(self, ids: Sequence[PhotoId]) -> QMimeData:
        """The files of these photos, as other programs take them when dropped."""
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(path) for path in self._paths(ids)])
        return mime

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    # Inside

    def _relayout(self, columns: PhotoColumns, order: NDArray[np.intp]) -> None:
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        held_ids = self.ids()[[index.row() for index in held]] if held else np.empty(0, np.int64)
        if columns is not self._columns:
            self._columns = columns
            self._rows = RowsById(columns.ids)
            self._stack_position = self._stack_size = None
            self._set_kinds = self._stacks_closed = self._ghosts = None
        self._order = np.asarray(order, np.intp)
        self._row_of_column = np.full(len(columns), -1, np.intp)
        self._row_of_column[self._order] = np.arange(len(self._order))
        if held:
            now = [self.index(int(row)) if row >= 0 else QModelIndex() for row in self.rows_of(held_ids)]
            self.changePersistentIndexList(held, now)
        self.layoutChanged.emit()

    def _announce(self, first: int, last: int) -> None:
        if first <= last:
            self.dataChanged.emit(self.index(first), self.index(last))


def _levels(row: NDArray[np.float32]) -> Levels | None:
    values = row.tolist()
    return None if values[0] != values[0] else tuple(values)  # NaN: not assessed
