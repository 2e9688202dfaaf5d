"""The grid: equal cells in rows, laid out by arithmetic, so that 100,000 photos cost what 100 do.

Selection, drag, keyboard and accessibility are Qt's own; this class answers its questions about
places. When the order changes, the current photo stays where it is on screen.

A QListView by descent only, because Qt offers screen readers the rows of QListView and its kin but
nothing of other views. None of its layout runs: everything it adds to QAbstractItemView is overridden
here, and where Qt's own part is wanted, QAbstractItemView's is called by name.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractItemModel,
    QEasingCurve,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QDrag,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyleOptionViewItem, QWidget

from culler.domain.photo import PhotoId
from culler.ui import theme
from culler.ui.photo_delegate import PhotoDelegate
from culler.ui.photo_model import PhotoModel

Index = QModelIndex | QPersistentModelIndex
Hint = QAbstractItemView.ScrollHint
Move = QAbstractItemView.CursorAction

_WHEEL_MS = 140
_VISIBLE_AFTER_MS = 12
"""Scrolling announces what is visible at most so often."""
_NOTCH = 120
"""Eighths of a degree that one step of a mouse wheel turns (QWheelEvent.angleDelta)."""


class GridView(QListView):
    """Shows a PhotoModel through a PhotoDelegate.

    Signals:
        visible_changed(ids): list of photo ids, those on screen first, then the next and the last page.
        opened(photo_id): double-clicked, or Enter on the current photo.
        current_changed(photo_id): another photo is current; None when there is none.
        cell_width_changed(width): by Ctrl and the wheel, or by `set_cell_width`.
    """

    visible_changed = Signal(list)
    opened = Signal(object)
    current_changed = Signal(object)
    cell_width_changed = Signal(int)

    def __init__(self, model: PhotoModel, delegate: PhotoDelegate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photos = model
        self._cells = delegate
        self._unit = theme.unit(self.fontMetrics())
        self._wanted_width = self._unit * 12
        self._columns = 1
        self._cell = QSize(1, 1)
        self._left = 0
        self._gap = max(4, round(self._unit * 0.4))
        self._hovered = -1
        self._band_start = QPoint()
        self._band_end = QPoint()
        self._empty = ("", "")
        self._kept: _Place | None = None
        self._announced: list[PhotoId] = []
        self._announced_current: PhotoId | None = None
        self._notice = QTimer(self, singleShot=True, interval=_VISIBLE_AFTER_MS)
        self._notice.timeout.connect(self._announce_visible)
        self._glide = QVariantAnimation(self)
        self._glide.setDuration(_WHEEL_MS)
        self._glide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._glide.valueChanged.connect(self._glide_to)

        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there: a bar that came and went would change the number of columns.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFrameShape(QAbstractItemView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setAccessibleName("Photos")
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

        # Before Qt's own selection model hears of a new order, or it would hold every selected photo.
        model.layoutAboutToBeChanged.connect(self._keep_place)
        model.layoutChanged.connect(self._return_to_place)
        self.setModel(model)
        self.setItemDelegate(delegate)

    # What the window asks

    def cell_width(self) -> int:
        """The wished width of a cell; true cells are a little wider, so that rows end flush."""
        return self._wanted_width

    def cell_width_range(self) -> tuple[int, int]:
        """The narrowest and widest cell, for a slider."""
        return self._unit * 6, self._unit * 32

    def set_cell_width(self, width: int) -> None:
        """Cells about so many logical pixels wide. What is in the middle stays there."""
        least, most = self.cell_width_range()
        width = max(least, min(most, width))
        if width == self._wanted_width:
            return
        place = self._place()
        self._wanted_width = width
        self.updateGeometries()
        if place is not None:
            self._put_back(place)
        self.viewport().update()
        self._notice.start()
        self.cell_width_changed.emit(width)

    def box_px(self) -> int:
        """The longer side of a picture on screen, in device pixels: what a loader should aim at."""
        box = self._cells.geometry_of(self._cell.width(), self.font()).box
        return round(max(box.width(), box.height()) * self.devicePixelRatioF())

    def set_empty_state(self, title: str, hint: str = "") -> None:
        """What to say while there is nothing to show."""
        self._empty = (title, hint)
        if not self._photos.rowCount():
            self.viewport().update()

    def current_id(self) -> PhotoId | None:
        index = self.currentIndex()
        return self._photos.photo_id(index) if index.isValid() else None

    def set_current(self, photo_id: PhotoId, *, select: bool = True) -> None:
        """Makes this photo the current one and shows it; nothing happens if it is filtered out."""
        index = self._photos.index_of(photo_id)
        if not index.isValid():
            return
        flag = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flag.ClearAndSelect if select else flag.NoUpdate)

    def selected_ids(self) -> list[PhotoId]:
        """Selected photos, as they are shown."""
        return _plain(self._photos.ids()[self._selected_rows()])

    def select_ids(self, ids: Iterable[PhotoId]) -> None:
        """Selects exactly these photos, as far as they are shown."""
        rows = self._photos.rows_of(np.fromiter(ids, np.int64))
        self._select_rows(rows[rows >= 0])

    def visible_ids(self) -> list[PhotoId]:
        """Photos on screen, from the top."""
        first, last = self._rows_between(0, self.viewport().height())
        return _plain(self._photos.ids()[first : last + 1])

    def step(self, by: int) -> None:
        """Makes the photo `by` places further the current and only selected one."""
        count = self._photos.rowCount()
        if not count:
            return
        index = self.currentIndex()
        row = max(0, min(count - 1, index.row() + by)) if index.isValid() else 0
        self.setCurrentIndex(self._photos.index(row))

    def update_photo(self, photo_id: PhotoId) -> None:
        """Repaints a photo if it is on screen; a loader's `loaded` goes here."""
        row = self._photos.row_of(photo_id)
        if row >= 0:
            rect = self._rect_of(row)
            if rect.intersects(self.viewport().rect()):
                self.viewport().update(rect)

    # Layout

    def updateGeometries(self) -> None:
        width = self.viewport().width() - 2 * self._gap
        self._columns = max(1, (width + self._gap) // (self._wanted_width + self._gap))
        cell_width = max(16, (width - (self._columns - 1) * self._gap) // self._columns)
        if self._photos.rowCount() < self._columns:
            # A lone row is not stretched: three photos look like three of many.
            cell_width = min(cell_width, round(self._wanted_width * 1.15))
        self._cell = self._cells.cell_size(cell_width, self.font())
        used = self._columns * (cell_width + self._gap) - self._gap
        self._left = self._gap + ((width - used) // 2 if self._photos.rowCount() >= self._columns else 0)
        lines = -(-self._photos.rowCount() // self._columns)
        page = self.viewport().height()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, lines * self._pitch + self._gap - page))
        bar.setPageStep(page)
        bar.setEnabled(bar.maximum() > 0)
        # Three lines to a wheel notch is the usual setting: one notch is then a row of photos.
        bar.setSingleStep(max(1, self._pitch // 3))
        QAbstractItemView.updateGeometries(self)

    def doItemsLayout(self) -> None:
        QAbstractItemView.doItemsLayout(self)
        self._hovered = -1
        self._notice.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        place = self._place()
        QAbstractItemView.resizeEvent(self, event)
        self.updateGeometries()
        if place is not None:
            self._put_back(place)
        self._notice.start()

    def visualRect(self, index: Index) -> QRect:
        return self._rect_of(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        row = self._row_at(point)
        return self._photos.index(row) if row >= 0 else QModelIndex()

    def scrollTo(self, index: Index, hint: Hint = Hint.EnsureVisible) -> None:
        if not index.isValid():
            return
        rect = self._rect_of(index.row())
        page = self.viewport().height()
        bar = self.verticalScrollBar()
        top, bottom = rect.top() - self._gap, rect.bottom() + 1 + self._gap - page
        if hint is Hint.PositionAtCenter:
            moved = rect.center().y() - page // 2
        elif hint is Hint.PositionAtTop or (hint is Hint.EnsureVisible and (top < 0 or rect.height() > page)):
            moved = top
        elif hint is Hint.PositionAtBottom or bottom > 0:
            moved = bottom
        else:
            return
        self._glide.stop()
        bar.setValue(bar.value() + moved)

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: Index) -> bool:
        return False

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        if self.state() is QAbstractItemView.State.DragSelectingState:
            self.viewport().update()  # or the band would be moved along with the photos
        else:
            self.viewport().scroll(0, dy)
        self._hovered = -1
        self._notice.start()

    @property
    def _pitch(self) -> int:
        """From the top of a row of cells to the top of the next."""
        return self._cell.height() + self._gap

    def _rect_of(self, row: int) -> QRect:
        line, column = divmod(row, self._columns)
        return QRect(
            self._left + column * (self._cell.width() + self._gap),
            self._gap + line * self._pitch - self.verticalScrollBar().value(),
            self._cell.width(),
            self._cell.height(),
        )

    def _row_at(self, point: QPoint) -> int:
        """The row whose cell holds the point; −1 in gaps and beyond the last photo."""
        y = point.y() + self.verticalScrollBar().value() - self._gap
        x = point.x() - self._left
        line, below = divmod(y, self._pitch)
        column, beside = divmod(x, self._cell.width() + self._gap)
        inside = (
            0 <= column < self._columns
            and line >= 0
            and below < self._cell.height()
            and beside < self._cell.width()
        )
        row = line * self._columns + column
        return row if inside and row < self._photos.rowCount() else -1

    def _rows_between(self, top: int, bottom: int) -> tuple[int, int]:
        """First and last row of the model with a place between two heights of the viewport."""
        offset = self.verticalScrollBar().value() - self._gap
        first = max(0, (top + offset) // self._pitch) * self._columns
        last = (max(-1, (bottom + offset) // self._pitch) + 1) * self._columns - 1
        return first, min(last, self._photos.rowCount() - 1)

    # Selection

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """A rubber band takes what it touches; a click or key takes the run of photos from the
        corner where it began to the one where it ended, as text is selected."""
        if self.state() is QAbstractItemView.State.DragSelectingState:
            self.selectionModel().select(self._touched(rect.normalized()), command)
            return
        ends = sorted(
            row
            for row in (
                self._row_at(QPoint(rect.left(), rect.top())),
                self._row_at(QPoint(rect.right(), rect.bottom())),
            )
            if row >= 0
        )
        selection = QItemSelection()
        if ends:
            selection.select(self._photos.index(ends[0]), self._photos.index(ends[-1]))
        self.selectionModel().select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        region = QRegion()
        first, last = self._rows_between(0, self.viewport().height())
        for span in _spans(selection):
            for row in range(max(first, span.top()), min(last, span.bottom()) + 1):
                region |= self._rect_of(row)
        return region

    def currentChanged(self, current: Index, previous: Index) -> None:
        QAbstractItemView.currentChanged(self, current, previous)
        if current.isValid() and self.hasFocus():
            self._say(QAccessible.Event.Focus, current.row())
        for index in (current, previous):
            if index.isValid():
                self.viewport().update(self._rect_of(index.row()))
        self._announce_current()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        QAbstractItemView.selectionChanged(self, selected, deselected)
        for event, selection in (
            (QAccessible.Event.SelectionAdd, selected),
            (QAccessible.Event.SelectionRemove, deselected),
        ):
            if selection.size():
                self._say(event, selection.at(0).top())

    def _say(self, event: QAccessible.Event, row: int) -> None:
        if QAccessible.isActive():
            said = QAccessibleEvent(self, event)
            said.setChild(row)
            QAccessible.updateAccessibility(said)

    def _touched(self, rect: QRect) -> QItemSelection:
        selection = QItemSelection()
        first_line = self._rows_between(rect.top(), rect.top())[0] // self._columns
        last_line = self._rows_between(rect.bottom(), rect.bottom())[1] // self._columns
        columns = [
            column
            for column in range(self._columns)
            if self._left + column * (self._cell.width() + self._gap) <= rect.right()
            and self._left + column * (self._cell.width() + self._gap) + self._cell.width() > rect.left()
        ]
        last_row = self._photos.rowCount() - 1
        for line in range(first_line, last_line + 1) if columns else ():
            first = line * self._columns + columns[0]
            last = min(line * self._columns + columns[-1], last_row)
            if (
                first <= last
                and self._rect_of(first).top() <= rect.bottom()
                and self._rect_of(first).bottom() >= rect.top()
            ):
                selection.select(self._photos.index(first), self._photos.index(last))
        return selection

    def _selected_rows(self) -> NDArray[np.intp]:
        spans = [
            np.arange(span.top(), span.bottom() + 1) for span in _spans(self.selectionModel().selection())
        ]
        return np.unique(np.concatenate(spans)) if spans else np.empty(0, np.intp)

    def _select_rows(self, rows: NDArray[np.intp]) -> None:
        selection = QItemSelection()
        rows = np.unique(rows)
        if len(rows):
            for run in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1):
                selection.select(self._photos.index(int(run[0])), self._photos.index(int(run[-1])))
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    # Keys

    def moveCursor(self, action: Move, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        count = self._photos.rowCount()
        if not count:
            return QModelIndex()
        index = self.currentIndex()
        if not index.isValid():
            return self._photos.index(0)
        row = index.row()
        page = max(1, self.viewport().height() // self._pitch) * self._columns
        if action is Move.MoveHome:
            row = 0
        elif action is Move.MoveEnd:
            row = count - 1
        elif action in (Move.MoveLeft, Move.MovePrevious):
            row -= 1
        elif action in (Move.MoveRight, Move.MoveNext):
            row += 1
        else:
            by = {Move.MoveUp: -self._columns, Move.MoveDown: self._columns, Move.MovePageUp: -page}.get(
                action, page
            )
            row = self._row_away(row, by, count)
        return self._photos.index(max(0, min(count - 1, row)))

    def _row_away(self, row: int, by: int, count: int) -> int:
        """Up or down in the same column; a short last row takes its last photo."""
        column = row % self._columns
        last_line = (count - 1) // self._columns
        line = max(0, min(last_line, row // self._columns + by // self._columns))
        return min(count - 1, line * self._columns + column)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        ):
            current = self.current_id()
            if current is not None:
                self.opened.emit(current)
                return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are the window's shortcuts; they never search for a name."""

    # Mouse

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and index.isValid():
            self.opened.emit(self._photos.photo_id(index))
        else:
            super().mouseDoubleClickEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QAbstractItemView.mouseMoveEvent(self, event)
        self._hover(-1 if event.buttons() else self._row_at(event.position().toPoint()))
        if self.state() is QAbstractItemView.State.DragSelectingState:
            self._band_end = event.position().toPoint()
            self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._glide.stop()
        self._band_start = event.position().toPoint() + QPoint(0, self.verticalOffset())
        self._band_end = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        banding = self.state() is QAbstractItemView.State.DragSelectingState
        QAbstractItemView.mouseReleaseEvent(self, event)
        if banding:
            self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.PaletteChange):
            self._unit = theme.unit(self.fontMetrics())
            self.updateGeometries()
            self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if turned:
                self.set_cell_width(round(self._wanted_width * 1.12 ** (turned / _NOTCH)))
            event.accept()
            return
        if not event.pixelDelta().isNull() or turned % _NOTCH or not turned:
            QAbstractItemView.wheelEvent(self, event)  # a touchpad is smooth already
            return
        bar = self.verticalScrollBar()
        gliding = self._glide.state() is QVariantAnimation.State.Running
        start = self._glide.endValue() if gliding else bar.value()
        end = max(bar.minimum(), min(bar.maximum(), start - turned // _NOTCH * self._pitch))
        self._glide.stop()
        self._glide.setStartValue(bar.value())
        self._glide.setEndValue(end)
        self._glide.start()
        event.accept()

    def startDrag(self, actions: Qt.DropAction) -> None:
        ids = self.selected_ids()
        if not ids:
            return
        drag = QDrag(self)
        drag.setMimeData(self._photos.mime_of(ids))
        picture = self._drag_picture(len(ids))
        drag.setPixmap(picture)
        drag.setHotSpot(QPoint(self._unit, self._unit))
        drag.exec(actions, Qt.DropAction.CopyAction)

    def _drag_picture(self, count: int) -> QPixmap:
        """The photo that is dragged, small, with the number of all."""
        index = self.currentIndex()
        ratio = self.devicePixelRatioF()
        side = self._unit * 6
        drawn = QPixmap(QSize(side, side) * ratio)
        drawn.setDevicePixelRatio(ratio)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        thumbnail = self._cells.picture_of(self._photos.photo_id(index)) if index.isValid() else None
        if thumbnail is not None:
            size = thumbnail.size().scaled(QSize(side, side), Qt.AspectRatioMode.KeepAspectRatio)
            painter.drawPixmap(QRect(QPoint(0, 0), size), thumbnail)
        else:
            painter.fillRect(0, 0, side, side * 2 // 3, theme.cell_colors(self.palette()).box)
        if count > 1:
            text = f"{count:,}"
            width = self.fontMetrics().horizontalAdvance(text) + self._unit
            pill = QRect(0, 0, width, round(self._unit * 1.4))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().color(QPalette.ColorRole.Highlight))
            painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
            painter.setPen(QColor("#ffffff"))
            painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()
        return drawn

    def _hover(self, row: int) -> None:
        if row == self._hovered:
            return
        for changed in (self._hovered, row):
            if changed >= 0:
                self.viewport().update(self._rect_of(changed))
        self._hovered = row

    def _glide_to(self, value: int) -> None:
        self.verticalScrollBar().setValue(value)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        ground = theme.cell_colors(self.palette()).ground
        region = event.region()
        painter.fillRect(event.rect(), ground)  # clipped to the region
        if not self._photos.rowCount():
            self._paint_empty(painter)
            return
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        plain = QStyle.StateFlag.State_Enabled
        chosen = self.selectionModel()
        has_selection = chosen.hasSelection()
        current = self.currentIndex().row()
        area = event.rect()
        first, last = self._rows_between(area.top(), area.bottom())
        index_at, paint = self._photos.index, self._cells.paint
        for row in range(first, last + 1):
            rect = self._rect_of(row)
            if not region.intersects(rect):
                continue
            index = index_at(row)
            state = plain
            if has_selection and chosen.isSelected(index):
                state |= QStyle.StateFlag.State_Selected
            if row == current:
                state |= QStyle.StateFlag.State_HasFocus
            if row == self._hovered:
                state |= QStyle.StateFlag.State_MouseOver
            option.rect = rect
            option.state = state
            paint(painter, option, index)
        if self.state() is QAbstractItemView.State.DragSelectingState:
            self._paint_band(painter)

    def _paint_band(self, painter: QPainter) -> None:
        band = QRect(self._band_start - QPoint(0, self.verticalOffset()), self._band_end).normalized()
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        painter.setPen(accent.lighter(130))
        accent.setAlpha(60)
        painter.setBrush(accent)
        painter.drawRect(band.adjusted(0, 0, -1, -1))

    def _paint_empty(self, painter: QPainter) -> None:
        title, hint = self._empty
        if not title:
            return
        colors = theme.cell_colors(self.palette())
        area = self.viewport().rect()
        side = self._unit * 5
        heading = QFont(self.font())
        heading.setPointSizeF(heading.pointSizeF() * 1.55 if heading.pointSizeF() > 0 else 14)
        heading.setWeight(QFont.Weight.DemiBold)
        painter.setFont(heading)
        line = painter.fontMetrics().height()
        width = min(area.width() - 2 * self._unit, self._unit * 34)
        left = area.center().x() - width // 2
        wrap = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        top = area.center().y() - (side + line + self._unit * 4) // 2
        mark = theme.glyph("photos", side, colors.dim_text, self.devicePixelRatioF())
        painter.setOpacity(0.75)
        painter.drawPixmap(area.center().x() - side // 2, top, mark)
        painter.setOpacity(1.0)
        top += side + self._unit
        painter.setPen(colors.text)
        drawn = painter.drawText(QRect(left, top, width, line * 3), wrap, title)
        painter.setFont(self.font())
        painter.setPen(colors.dim_text)
        top = top + max(line, drawn.height() if isinstance(drawn, QRect) else line) + self._unit // 2
        painter.drawText(QRect(left, top, width, self._unit * 8), wrap, hint)

    # Keeping one's place

    def _place(self) -> "_Place | None":
        """The photo to hold on to: the current one if it is on screen, else the first that is."""
        if not self._photos.rowCount():
            return None
        page = self.viewport().rect()
        index = self.currentIndex()
        if index.isValid() and self._rect_of(index.row()).intersects(page):
            row = index.row()
        elif self.verticalScrollBar().value() == 0:
            return None
        else:
            row = min(self._rows_between(0, 0)[0], self._photos.rowCount() - 1)
        return _Place(self._photos.photo_id(self._photos.index(row)), self._rect_of(row).center().y())

    def _put_back(self, place: "_Place") -> None:
        """Scrolls until the photo is at its old height; fully in sight if it was the current one."""
        index = self._photos.index_of(place.photo_id)
        if not index.isValid():
            return
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + self._rect_of(index.row()).center().y() - place.height)
        if index.row() == self.currentIndex().row():
            self.scrollTo(index)

    def _keep_place(self) -> None:
        self._glide.stop()
        ids = self._photos.ids()
        place = self._place()
        row = self.currentIndex().row()
        self._kept = _Place(-1, 0) if place is None else place
        self._kept.selected = ids[self._selected_rows()]
        if row >= 0:
            self._kept.current = int(ids[row])
            # Whatever took the place of a photo that goes: the next that stays, else the last before.
            self._kept.successors = np.concatenate([ids[row:], ids[:row][::-1]])
        # Cleared for now, unannounced: Qt would turn each selected photo into an index of its own.
        chosen = self.selectionModel()
        if len(self._kept.selected):
            chosen.blockSignals(True)
            chosen.select(QItemSelection(), QItemSelectionModel.SelectionFlag.Clear)
            chosen.blockSignals(False)

    def _return_to_place(self) -> None:
        kept, self._kept = self._kept, None
        self.updateGeometries()
        self.viewport().update()
        self._notice.start()
        if kept is None:
            return
        model, chosen = self._photos, self.selectionModel()
        flag = QItemSelectionModel.SelectionFlag
        current = -1
        if kept.current is not None and len(kept.successors):
            rows = model.rows_of(kept.successors)
            left = np.flatnonzero(rows >= 0)
            current = int(rows[left[0]]) if len(left) else -1
        gone = current >= 0 and model.row_of(kept.current or 0) < 0
        if gone:
            chosen.setCurrentIndex(model.index(current), flag.NoUpdate)
        rows = model.rows_of(kept.selected)
        rows = rows[rows >= 0]
        if not len(rows) and len(kept.selected) and current >= 0:
            rows = np.array([current])
        if len(kept.selected):
            self._select_rows(rows)
            if not len(rows):
                # Cleared unannounced above, so that this would pass for no change.
                chosen.selectionChanged.emit(QItemSelection(), QItemSelection())
        if gone and self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())
        elif kept.photo_id >= 0:
            self._put_back(kept)
        self._announce_current()

    # Telling

    def _announce_visible(self) -> None:
        first, last = self._rows_between(0, self.viewport().height())
        page = max(0, last + 1 - first)
        ids = self._photos.ids()
        near = [
            ids[first : last + 1],
            ids[last + 1 : last + 1 + page],
            ids[max(0, first - page) : first][::-1],
        ]
        wanted = _plain(np.concatenate(near))
        if wanted != self._announced:
            self._announced = wanted
            self.visible_changed.emit(wanted)

    def _announce_current(self) -> None:
        if self._kept is not None:
            return  # between two orders: rows mean nothing now
        current = self.current_id()
        if current != self._announced_current:
            self._announced_current = current
            self.current_changed.emit(current)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        assert model is self._photos, "a grid keeps the model that it was made with"
        super().setModel(model)

    def dataChanged(self, top_left: Index, bottom_right: Index, roles: Sequence[int] = ()) -> None:
        first, last = self._rows_between(0, self.viewport().height())
        if QAccessible.isActive():
            QAbstractItemView.dataChanged(
                self, top_left, bottom_right, roles
            )  # tells whoever reads the screen aloud
        first, last = max(first, top_left.row()), min(last, bottom_right.row())
        if last - first > 2 * self._columns:
            self.viewport().update()
        else:
            for row in range(first, last + 1):
                self.viewport().update(self._rect_of(row))


def _plain(ids: NDArray[np.int64]) -> list[PhotoId]:
    return [int(photo_id) for photo_id in ids]


def _spans(selection: QItemSelection) -> list[QItemSelectionRange]:
    return [selection.at(at) for at in range(selection.size())]


class _Place:
    """What to find again after the order has changed."""

    def __init__(self, photo_id: PhotoId, height: int) -> None:
        self.photo_id = photo_id
        self.height = height
        self.current: PhotoId | None = None
        self.selected: NDArray[np.int64] = np.empty(0, np.int64)
        self.successors: NDArray[np.int64] = np.empty(0, np.int64)
