"""The grid: equal cells in rows, laid out by arithmetic, so that 100,000 photos cost what 100 do.

Selection, drag, keyboard and accessibility are Qt's own; this class answers its questions about
places, and joins the parts that know more: GridPage (places and moves), grid_selection, PlaceKeeper
(new orders), Sight (what is told of pictures), Glide (the wheel), grid_painting.

A QListView by descent only, because Qt offers screen readers the rows of QListView and its kin but
nothing of other views. None of its layout runs: everything it adds to QAbstractItemView is overridden
here, and where Qt's own part is wanted, QAbstractItemView's is called by name.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyleOptionViewItem, QWidget

from culler.domain.photo import PhotoId
from culler.ui import theme
from culler.ui.glide import NOTCH, Glide
from culler.ui.grid_layout import GridLayout
from culler.ui.grid_page import GridPage, Hint, Move
from culler.ui.grid_painting import Marked, paint_cells
from culler.ui.grid_place import PlaceKeeper
from culler.ui.grid_selection import rows_in, select_only, selection_of_runs, spans
from culler.ui.grid_sight import Sight, plain
from culler.ui.photo_delegate import PhotoDelegate
from culler.ui.photo_drag import drag_of
from culler.ui.photo_model import PhotoModel
from culler.ui.rubber_band import RubberBand, paint_band

Index = QModelIndex | QPersistentModelIndex


class GridView(QListView):
    """Shows a PhotoModel through a PhotoDelegate.

    Signals:
        visible_changed(ids): list of photo ids, those on screen first, then the next and the last page.
        opened(photo_id): double-clicked, or Enter on the current photo.
        current_changed(photo_id): another photo is current; None when there is none.
        cell_width_changed(width): by Ctrl and the wheel, or by `set_cell_width`.
        stack_clicked(photo_id): on the words that a photo's stack has in its corner.
    """

    visible_changed = Signal(list)
    opened = Signal(object)
    current_changed = Signal(object)
    cell_width_changed = Signal(int)
    stack_clicked = Signal(object)

    def __init__(self, model: PhotoModel, delegate: PhotoDelegate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photos = model
        self._cells = delegate
        self._unit = theme.unit(self.fontMetrics())
        self._wanted_width = self._unit * 12
        self._layout = GridLayout(0, 1, QSize(1, 1), 0, 1)
        self._hovered = -1
        self._band = RubberBand()
        self._announced_current: PhotoId | None = None
        self._sight = Sight(model.ids, self._rows_on_screen, self)
        self._sight.changed.connect(self.visible_changed)
        self._glide = Glide(self.verticalScrollBar())

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

        model.layoutAboutToBeChanged.connect(self._glide.stop)
        self._place = PlaceKeeper(self, model)
        model.layoutChanged.connect(self._show_order)
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
        anchor = self._place.anchor()
        self._wanted_width = width
        self.updateGeometries()
        self._place.return_to(anchor)
        self.viewport().update()
        self._sight.tell_soon()
        self.cell_width_changed.emit(width)

    def box_px(self) -> int:
        """The longer side of a picture on screen, in device pixels: what a loader should aim at."""
        box = self._cells.geometry_of(self._layout.cell.width(), self.font()).box
        return round(max(box.width(), box.height()) * self.devicePixelRatioF())

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
        return plain(self._photos.ids()[rows_in(self.selectionModel().selection())])

    @property
    def selected_count(self) -> int:
        return sum(span.height() for span in spans(self.selectionModel().selection()))

    def select_ids(self, ids: Iterable[PhotoId]) -> None:
        """Selects exactly these photos, as far as they are shown."""
        rows = self._photos.rows_of(np.fromiter(ids, np.int64))
        select_only(self.selectionModel(), rows[rows >= 0])

    def visible_ids(self) -> list[PhotoId]:
        """Photos on screen, from the top."""
        first, last = self._rows_on_screen()
        return plain(self._photos.ids()[first : last + 1])

    def first_visible_row(self) -> int:
        return min(self._rows_on_screen()[0], self._photos.rowCount() - 1)

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
            rect = self._page.rect_of(row)
            if rect.intersects(self.viewport().rect()):
                self.viewport().update(rect)

    # Layout

    def updateGeometries(self) -> None:
        before = self._layout.cell
        self._layout = GridLayout.fitted(
            self._photos.rowCount(),
            self.viewport().width(),
            self._wanted_width,
            max(4, round(self._unit * 0.4)),
            lambda width: self._cells.cell_size(width, self.font()),
        )
        if self._layout.cell != before:
            self._sight.tell_anew()
        page = self.viewport().height()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._layout.height - page))
        bar.setPageStep(page)
        bar.setEnabled(bar.maximum() > 0)
        # Three lines to a wheel notch is the usual setting: one notch is then a row of photos.
        bar.setSingleStep(max(1, self._layout.pitch // 3))
        QAbstractItemView.updateGeometries(self)

    def doItemsLayout(self) -> None:
        QAbstractItemView.doItemsLayout(self)
        self._hovered = -1
        self._sight.tell_soon()

    def resizeEvent(self, event: QResizeEvent) -> None:
        anchor = self._place.anchor()
        QAbstractItemView.resizeEvent(self, event)
        self.updateGeometries()
        self._place.return_to(anchor)
        self._sight.tell_soon()

    def visualRect(self, index: Index) -> QRect:
        return self._page.rect_of(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        row = self._page.row_at(point)
        return self._photos.index(row) if row >= 0 else QModelIndex()

    def scrollTo(self, index: Index, hint: Hint = Hint.EnsureVisible) -> None:
        moved = self._page.scroll_to_show(index.row(), hint) if index.isValid() else None
        if moved is not None:
            self._glide.stop()
            self.verticalScrollBar().setValue(self.verticalOffset() + moved)

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
        self._sight.tell_soon()

    @property
    def _page(self) -> GridPage:
        return GridPage(self._layout, self.verticalOffset(), self.viewport().height())

    def _rows_on_screen(self) -> tuple[int, int]:
        return self._page.rows_in(self.viewport().rect())

    # Selection

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """By a rubber band; or by a click or key, from the corner where it began to the one where it
        ended."""
        page = self._page
        banding = self.state() is QAbstractItemView.State.DragSelectingState
        runs = page.runs_touched(rect) if banding else page.runs_between(rect.topLeft(), rect.bottomRight())
        self.selectionModel().select(selection_of_runs(self._photos, runs), command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        region, page = QRegion(), self._page
        first, last = self._rows_on_screen()
        for span in spans(selection):
            for row in range(max(first, span.top()), min(last, span.bottom()) + 1):
                region |= page.rect_of(row)
        return region

    def currentChanged(self, current: Index, previous: Index) -> None:
        QAbstractItemView.currentChanged(self, current, previous)
        if current.isValid() and self.hasFocus():
            self._say(QAccessible.Event.Focus, current.row())
        for index in (current, previous):
            if index.isValid():
                self.viewport().update(self._page.rect_of(index.row()))
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

    # Keys

    def moveCursor(self, action: Move, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        if not self._photos.rowCount():
            return QModelIndex()
        index = self.currentIndex()
        return self._photos.index(self._page.row_after(index.row(), action) if index.isValid() else 0)

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
        if self._stack_at(event.position().toPoint()) is not None:
            self.mousePressEvent(event)
        elif event.button() is Qt.MouseButton.LeftButton and index.isValid():
            self.opened.emit(self._photos.photo_id(index))
        else:
            super().mouseDoubleClickEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QAbstractItemView.mouseMoveEvent(self, event)
        self._hover(-1 if event.buttons() else self._page.row_at(event.position().toPoint()))
        if self.state() is QAbstractItemView.State.DragSelectingState:
            self._band.reach(event.position().toPoint())
            self.viewport().update()

    def _stack_at(self, point: QPoint) -> PhotoId | None:
        """The photo whose stack's words are here."""
        row = self._page.row_at(point)
        if row < 0:
            return None
        rect, cell = self._page.rect_of(row), self._photos.cell(row)
        box = self._cells.stack_box(cell, rect.width(), self.font()).translated(rect.topLeft())
        return cell.photo_id if box.contains(point) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._glide.stop()
        stacked = self._stack_at(event.position().toPoint())
        if (
            stacked is not None
            and event.button() is Qt.MouseButton.LeftButton
            and event.modifiers() == Qt.KeyboardModifier.NoModifier
        ):
            self.set_current(stacked)
            self.stack_clicked.emit(stacked)
            return
        self._band.begin(event.position().toPoint(), self.verticalOffset())
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        banding = self.state() is QAbstractItemView.State.DragSelectingState
        QAbstractItemView.mouseReleaseEvent(self, event)
        if banding:
            self.viewport().update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._sight.tell_anew()
        return super().event(event)

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
                self.set_cell_width(round(self._wanted_width * 1.12 ** (turned / NOTCH)))
            event.accept()
        elif self._glide.takes(event):
            self._glide.turn(event, self._layout.pitch)
            event.accept()
        else:
            QAbstractItemView.wheelEvent(self, event)

    def startDrag(self, actions: Qt.DropAction) -> None:
        ids = self.selected_ids()
        if not ids:
            return
        current = self.current_id()
        thumbnail = None if current is None else self._cells.picture_of(current)
        drag_of(self, self._photos, ids, thumbnail).exec(actions, Qt.DropAction.CopyAction)

    def _hover(self, row: int) -> None:
        if row == self._hovered:
            return
        for changed in (self._hovered, row):
            if changed >= 0:
                self.viewport().update(self._page.rect_of(changed))
        self._hovered = row

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme.cell_colors(self.palette()).ground)  # clipped to the region
        if not self._photos.rowCount():
            return
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        page = self._page
        first, last = page.rows_in(event.rect())
        places = ((row, page.rect_of(row)) for row in range(first, last + 1))
        marked = Marked(self.selectionModel(), self.currentIndex().row(), self._hovered)
        paint_cells(painter, option, self._photos, self._cells, places, event.region(), marked)
        if self.state() is QAbstractItemView.State.DragSelectingState:
            paint_band(painter, self._band.rect(page.offset), self.palette())

    # Telling

    def _show_order(self) -> None:
        self.viewport().update()
        self._sight.tell_soon()
        self._announce_current()

    def _announce_current(self) -> None:
        if self._place.is_between_orders:
            return
        current = self.current_id()
        if current != self._announced_current:
            self._announced_current = current
            self.current_changed.emit(current)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        assert model is self._photos, "a grid keeps the model that it was made with"
        super().setModel(model)

    def dataChanged(self, top_left: Index, bottom_right: Index, roles: Sequence[int] = ()) -> None:
        first, last = self._rows_on_screen()
        if QAccessible.isActive():
            QAbstractItemView.dataChanged(
                self, top_left, bottom_right, roles
            )  # tells whoever reads the screen aloud
        first, last = max(first, top_left.row()), min(last, bottom_right.row())
        if last - first > 2 * self._layout.columns:
            self.viewport().update()
        else:
            for row in range(first, last + 1):
                self.viewport().update(self._page.rect_of(row))
