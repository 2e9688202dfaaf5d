"""The photos a view shows: columns of everything known, and an order over them.

Sorting and filtering replace the order array; the columns stay where they are. Whoever holds a
persistent index (the current photo of a view does) keeps the photo, not the row.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from enum import IntEnum
from typing import Any, NamedTuple

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
from culler.domain.levels import Level
from culler.domain.photo import PhotoId
from culler.ranking.columns import FLAG_CODES, FOREIGN_LABEL, LABEL_CODES, PhotoColumns, RowsById, empty

Index = QModelIndex | QPersistentModelIndex
Levels = tuple[float, float, float, float, float]

_FLAGS = {code: flag for flag, code in FLAG_CODES.items()}
_LABELS: dict[int, ColorLabel | None] = {code: label for label, code in LABEL_CODES.items()}
_LABELS[FOREIGN_LABEL] = None

_MOST_RUNS = 32
"""A patch announces at most so many ranges: past that, one that spans them all is cheaper."""


class Role(IntEnum):
    """What a photo's index answers beside Qt's own roles. Flags and labels come out of Qt as their
    values, which equal the enum's members; a Cell keeps the members themselves."""

    PHOTO_ID = Qt.ItemDataRole.UserRole + 1
    NAME = Qt.ItemDataRole.UserRole + 2
    QUALITY = Qt.ItemDataRole.UserRole + 3  # five probabilities BAD … EXCELLENT, or None
    AESTHETICS = Qt.ItemDataRole.UserRole + 4
    FLAG = Qt.ItemDataRole.UserRole + 5
    STARS = Qt.ItemDataRole.UserRole + 6
    LABEL = Qt.ItemDataRole.UserRole + 7  # None for another program's own word
    FAILED = Qt.ItemDataRole.UserRole + 8
    MISSING = Qt.ItemDataRole.UserRole + 9
    DAMAGED = Qt.ItemDataRole.UserRole + 10
    VIDEO = Qt.ItemDataRole.UserRole + 11
    STACK = Qt.ItemDataRole.UserRole + 12  # (position from 1, size), or None
    GHOST = Qt.ItemDataRole.UserRole + 13  # a suggested Flag; NONE without one
    CELL = Qt.ItemDataRole.UserRole + 14  # all of it at once, for painting
    SET_KIND = Qt.ItemDataRole.UserRole + 15  # "bracket", … for frames of a set; empty for others
    CLOSED = Qt.ItemDataRole.UserRole + 16  # stands for its whole stack
    UNWRITTEN = Qt.ItemDataRole.UserRole + 17  # its marks are in no sidecar yet


class Cell(NamedTuple):
    """What a delegate paints of one photo, in one call instead of thirteen."""

    photo_id: PhotoId
    name: str
    quality: Levels | None
    aesthetics: Levels | None
    flag: Flag
    stars: int
    label: ColorLabel | None
    failed: bool
    missing: bool
    damaged: bool
    video: bool
    stack: tuple[int, int] | None
    ghost: Flag
    set_kind: str = ""
    closed: bool = False
    unwritten: bool = False


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


def spoken(cell: Cell) -> str:
    """What a screen reader says of a photo: 'DSC_0412.NEF, good, 3 stars, picked'."""
    words = [cell.name]
    levels = cell.quality
    if levels is not None:
        words.append(max(Level, key=lambda level: (levels[level - 1], level)).word)
    elif not cell.failed:
        words.append("not scored")
    if cell.stars:
        words.append(f"{cell.stars} star{'s' if cell.stars > 1 else ''}")
    words += {Flag.PICK: ["picked"], Flag.REJECT: ["rejected"], Flag.NONE: []}[cell.flag]
    if cell.flag is Flag.NONE and cell.ghost is not Flag.NONE:
        words.append("suggested pick" if cell.ghost is Flag.PICK else "reject candidate")
    if cell.label is not ColorLabel.NONE:
        words.append("other label" if cell.label is None else f"{cell.label.value} label")
    if cell.stack is not None:
        place, size = cell.stack
        what = cell.set_kind or "stack"
        words.append(f"{what} of {size}, closed" if cell.closed else f"{place} of {size} in {what}")
    states = (
        ("video", cell.video),
        ("missing", cell.missing),
        ("damaged", cell.damaged),
        ("failed", cell.failed),
        ("unwritten", cell.unwritten),
    )
    words += [word for word, holds in states if holds]
    return ", ".join(words)


def _levels(row: NDArray[np.float32]) -> Levels | None:
    values = row.tolist()
    return None if values[0] != values[0] else tuple(values)  # NaN: not assessed
