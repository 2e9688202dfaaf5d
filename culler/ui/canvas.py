"""One photo on neutral grey: fitted, or close up with pan and zoom at the cursor.

Zoom counts device pixels per pixel of the photo, so that 1.0 is the true 1:1 on any screen. The
preview stands in until the full picture comes; both cover the same place. What is smaller than its
pixels is scaled well in a thread, and painted roughly until then.
"""

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QCursor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from culler.ui import theme
from culler.ui.scaling import Scaler, Wanted

MAX_ZOOM = 8.0
MAX_FIT_ZOOM = 2.0
"""Small pictures are fitted by enlarging them, but not into a blur."""
PATIENCE_MS = 200
"""Before it is said that the whole picture is being read."""
_ROUGH = 2.5
"""Reduced by more than this, a rough picture is painted from the preview."""
_READING = "Showing the preview while the whole picture is read …"


@dataclass(frozen=True, slots=True)
class Look:
    """How a photo is looked at: `zoom` None fits it; else (x, y) of the photo, from 0 to 1, is in the
    middle of the view."""

    zoom: float | None = None
    x: float = 0.5
    y: float = 0.5


FIT = Look()


class PhotoCanvas(QWidget):
    """Signals: looked(Look) after the user zoomed or panned; full_wanted() when the preview is too
    coarse for what is seen; pressed() on any mouse press; double_clicked()."""

    looked = Signal(object)
    full_wanted = Signal()
    pressed = Signal()
    double_clicked = Signal()

    def __init__(
        self, parent: QWidget | None = None, click_zooms: bool = True, scaler: Scaler | None = None
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(64, 64)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._click_zooms = click_zooms
        self._preview = QImage()
        self._full = QImage()
        self._size = QSize()
        self._look = FIT
        self._message = ""
        self._key: object = None
        self._scaler = scaler
        self._sharp: tuple[Wanted, QImage] | None = None
        self._asked: tuple[object, ...] = ()
        self._stand_in = QPixmap()
        self._note = ""
        self._caption = ""
        self._waits = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._waits.timeout.connect(lambda: self._say(_READING))
        if scaler is not None:
            scaler.scaled.connect(self._on_scaled)
        self._press: QPoint | None = None
        self._press_look = FIT
        self._dragged = False
        self._update_cursor()

    # What is shown

    @property
    def look(self) -> Look:
        return self._look

    @property
    def note(self) -> str:
        """What is said over the picture; empty where all its pixels are there."""
        return self._note or self._caption

    def has_preview_of(self, key: object) -> bool:
        return self._key == key and not (self._preview.isNull() and self._full.isNull())

    def clear(self, message: str = "", stand_in: QPixmap | None = None) -> None:
        """Nothing to show yet but perhaps a thumbnail, or a sentence why not."""
        self._preview = self._full = QImage()
        self._size = QSize()
        self._sharp, self._asked = None, ()
        self._key = None
        self._caption = ""
        self._stand_in = QPixmap() if stand_in is None else stand_in
        self._message = message
        self._say("")
        self.update()

    def set_preview(self, image: QImage, full_size: QSize, key: object = None) -> None:
        """Another photo, as its preview, or the preview of the one that is shown anew; `key` names it."""
        if key is None or key != self._key or self._full.isNull():
            self._full = QImage()
            self._size = full_size
            if not full_size.isValid() or full_size.isEmpty():
                self._size = image.size()
        if key is None or key != self._key:
            self._say("")
        self._key = key
        self._preview = image
        self._message = ""
        self._look = self._clamped(self._look)
        self._after_change()

    @property
    def reduction(self) -> int:
        """How many pixels of the photo's width one of the full picture's stands for; 1 for nearly all."""
        wide = 0 if self._full.isNull() else self._full.width()
        return max(1, round(self._size.width() / wide)) if wide else 1

    def set_full(self, image: QImage, key: object = None) -> None:
        """The photo's own pixels, in place of its preview or behind it."""
        if key != self._key:
            self._key = key
            self._preview, self._size = QImage(), QSize()
        self._full = image
        if self.reduction == 1:  # else too large for memory: these pixels stand for several each
            self._size = image.size()
        self._message = ""
        self._say("")
        self._after_change()

    def refuse_full(self, sentence: str) -> None:
        """The photo's own pixels cannot be had: the preview stays, and says so."""
        if self._full.isNull():
            self._say(f"This is only the preview. {sentence}")

    def set_caption(self, caption: str) -> None:
        """What is to be known of the photo as long as it is shown; a note goes before it."""
        if caption != self._caption:
            self._caption = caption
            self.update()

    def set_look(self, look: Look) -> None:
        """Look like this; says nothing, so that linked views do not answer each other."""
        if look != self._look:
            self._look = self._clamped(look)
            self._after_change()

    def toggle_zoom(self) -> None:
        """Between fitted and 1:1, at the cursor where it is over the photo."""
        if self._look.zoom is not None:
            self._change(FIT)
            return
        cursor = self.mapFromGlobal(QCursor.pos())
        self.zoom_at(QPointF(cursor) if self.rect().contains(cursor) else QPointF(self.rect().center()), 1.0)

    # Geometry, in logical pixels of this widget

    def scale(self) -> float:
        """Logical pixels per pixel of the photo."""
        return (self._fit_zoom() if self._look.zoom is None else self._look.zoom) / self.devicePixelRatioF()

    def picture_rect(self) -> QRectF:
        """Where the whole photo lies; larger than the widget when close up."""
        scale = self.scale()
        width, height = self._size.width() * scale, self._size.height() * scale
        if self._look.zoom is None:
            left, top = (self.width() - width) / 2, (self.height() - height) / 2
        else:
            left = self.width() / 2 - self._look.x * width
            top = self.height() / 2 - self._look.y * height
        ratio = self.devicePixelRatioF()
        return QRectF(round(left * ratio) / ratio, round(top * ratio) / ratio, width, height)

    def _fit_zoom(self) -> float:
        if self._size.isEmpty():
            return 1.0
        ratio = self.devicePixelRatioF()
        fit = min(self.width() / self._size.width(), self.height() / self._size.height()) * ratio
        return min(fit, MAX_FIT_ZOOM * ratio)

    def _clamped(self, look: Look) -> Look:
        """No further out than fitted; the photo's edge never leaves the view's edge inwards."""
        if look.zoom is None or self._size.isEmpty():
            return look
        zoom = min(look.zoom, MAX_ZOOM)
        scale = zoom / self.devicePixelRatioF()

        def middle(at: float, extent: int, view: int) -> float:
            half = view / 2 / max(1e-6, extent * scale)
            return 0.5 if half >= 0.5 else min(1 - half, max(half, at))

        return Look(
            zoom,
            middle(look.x, self._size.width(), self.width()),
            middle(look.y, self._size.height(), self.height()),
        )

    def zoom_at(self, point: QPointF, zoom: float) -> None:
        """Zoom so that what is under `point` stays under it (or as near as the edges allow)."""
        if self._size.isEmpty():
            return
        where = self.picture_rect()
        x = (point.x() - where.left()) / where.width()
        y = (point.y() - where.top()) / where.height()
        if not (0 <= x <= 1 and 0 <= y <= 1):
            x, y, point = 0.5, 0.5, QPointF(self.rect().center())
        scale = zoom / self.devicePixelRatioF()
        centre_x = x + (self.width() / 2 - point.x()) / (self._size.width() * scale)
        centre_y = y + (self.height() / 2 - point.y()) / (self._size.height() * scale)
        self._change(Look(zoom, centre_x, centre_y))

    def _change(self, look: Look) -> None:
        self._look = self._clamped(look)
        self._after_change()
        self.looked.emit(self._look)

    def _after_change(self) -> None:
        self._update_cursor()
        if not self._preview.isNull() and self._full.isNull():
            needed = self.scale() * self.devicePixelRatioF() * self._size.width()
            if needed > self._preview.width() * 1.05 and self._size.width() > self._preview.width():
                if not self._note:
                    self._waits.start()
                self.full_wanted.emit()
            elif self._note == _READING:
                self._say("")
        self.update()

    def _say(self, note: str) -> None:
        self._waits.stop()
        if note != self._note:
            self._note = note
            self.update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = theme.cell_colors(self.palette())
        painter.fillRect(self.rect(), colors.ground)
        if self._preview.isNull() and self._full.isNull():
            self._paint_stand_in(painter)
        else:
            self._paint_photo(painter)
            if self.note:
                self._paint_note(painter)

    def _paint_stand_in(self, painter: QPainter) -> None:
        """A thumbnail where the photo will be, or the sentence why there is none."""
        if self._message:
            margin = theme.unit(self.fontMetrics()) * 2
            painter.setPen(theme.cell_colors(self.palette()).dim_text)
            painter.drawText(
                self.rect().adjusted(margin, margin, -margin, -margin),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self._message,
            )
        elif not self._stand_in.isNull() and self._look.zoom is None:
            where = QRectF(QPointF(), self._stand_in.size().scaled(self.size(), _KEEP).toSizeF())
            where.moveCenter(QRectF(self.rect()).center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(where, self._stand_in, QRectF(self._stand_in.rect()))

    def _paint_photo(self, painter: QPainter) -> None:
        where = self.picture_rect()
        ratio = self.devicePixelRatioF()
        image = self._preview
        if image.isNull() or (image.width() < where.width() * ratio and not self._full.isNull()):
            image = self._full
        zoom = where.width() * ratio / image.width()
        if self._look.zoom is not None and zoom > 1 - 1e-6:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, 1 + 1e-6 < zoom < 4)
            self._paint_part(painter, image, where, where.intersected(QRectF(self.rect())))
            return
        # Whole pixels of the screen, so that nothing is resampled once more.
        seen = QRectF(where.topLeft() * ratio, where.size() * ratio)
        room = QRect(0, 0, round(self.width() * ratio), round(self.height() * ratio))
        place = QRect(
            round(seen.left()), round(seen.top()), max(1, round(seen.width())), max(1, round(seen.height()))
        ).intersected(room)
        part = QRectF(place.translated(-seen.topLeft().toPoint()))
        by = image.width() / seen.width()
        wanted = Wanted(self, self._key, image, _scaled_rect(part, by), place.size())
        if self._scaler is not None and self._asked != wanted.key and not place.isEmpty():
            self._asked = wanted.key
            self._scaler.ask(wanted)
        if self._sharp is not None and self._sharp[0].covers(wanted):
            self._sharp[1].setDevicePixelRatio(ratio)
            painter.drawImage(QPointF(place.topLeft()) / ratio, self._sharp[1])
            return
        if zoom < 1 / _ROUGH and not self._preview.isNull():
            image = self._preview
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_part(painter, image, where, where.intersected(QRectF(self.rect())))

    def _paint_part(self, painter: QPainter, image: QImage, where: QRectF, seen: QRectF) -> None:
        """What is seen of a picture that lies at `where`."""
        part = _scaled_rect(seen.translated(-where.topLeft()), image.width() / where.width())
        painter.drawImage(seen, image, part)

    def _paint_note(self, painter: QPainter) -> None:
        metrics = self.fontMetrics()
        line = metrics.height()
        wrap = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
        room = self.rect().adjusted(2 * line, line, -2 * line, -2 * line)
        text = metrics.boundingRect(room, wrap, self.note)
        pill = QRect(0, 0, text.width() + 2 * line, text.height() + line)
        pill.moveCenter(QPoint(self.rect().center().x(), 0))
        pill.moveBottom(self.rect().bottom() - line)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 170))
        painter.drawRoundedRect(pill, line / 3, line / 3)
        painter.setPen(QColor(255, 255, 255, 235))
        painter.drawText(pill.adjusted(line // 2, 0, -line // 2, 0), wrap, self.note)

    def _on_scaled(self, wanted: Wanted, image: QImage) -> None:
        if wanted.who is self:
            self._sharp = (wanted, image)
            self.update()

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()
        if event.button() is Qt.MouseButton.LeftButton:
            self._press = event.position().toPoint()
            self._press_look = self._look
            self._dragged = False
            self._update_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            return
        moved = event.position().toPoint() - self._press
        if not self._dragged and moved.manhattanLength() < 6:
            return
        self._dragged = True
        start = self._press_look
        if start.zoom is None or self._size.isEmpty():
            return
        scale = self.scale()
        self._change(
            Look(
                start.zoom,
                start.x - moved.x() / (self._size.width() * scale),
                start.y - moved.y() / (self._size.height() * scale),
            )
        )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._press is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        self._press = None
        self._update_cursor()
        if self._dragged or not self._click_zooms:
            return
        if self._look.zoom is None:
            self.zoom_at(event.position(), 1.0)
        else:
            self._change(FIT)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.double_clicked.emit()
        if self._click_zooms:
            self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        if not steps or self._size.isEmpty():
            return
        fit = self._fit_zoom()
        zoom = (fit if self._look.zoom is None else self._look.zoom) * 1.25**steps
        if zoom <= fit * 1.001 and steps < 0:
            self._change(FIT)
        else:
            self.zoom_at(event.position(), min(MAX_ZOOM, zoom))
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._look = self._clamped(self._look)
        self._after_change()

    def _update_cursor(self) -> None:
        if self._look.zoom is None:
            shape = Qt.CursorShape.ArrowCursor
        elif self._press is not None:
            shape = Qt.CursorShape.ClosedHandCursor
        else:
            shape = Qt.CursorShape.OpenHandCursor
        self.setCursor(shape)


_KEEP = Qt.AspectRatioMode.KeepAspectRatio


def _scaled_rect(rect: QRectF, by: float) -> QRectF:
    return QRectF(rect.left() * by, rect.top() * by, rect.width() * by, rect.height() * by)
