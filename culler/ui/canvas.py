"""One photo on neutral grey: fitted, or close up with pan and zoom at the cursor.

The preview stands in until the full picture comes; both cover the same place. What is smaller than its
pixels is scaled well in a thread, and painted roughly until then.
"""

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
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
from culler.ui.glide import NOTCH
from culler.ui.look import FIT, Framing, Look
from culler.ui.photo_pixels import PhotoPixels
from culler.ui.picture_note import PictureNote, paint_note
from culler.ui.scaling import Scaler, Sharp, Wanted

_ROUGH = 2.5
"""Reduced by more than this, a rough picture is painted from the preview."""
_DRAG_PX = 6
"""A press that moves less is a click."""


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
        self._pixels = PhotoPixels()
        self._look = FIT
        self._message = ""
        self._stand_in = QPixmap()
        self._note = PictureNote(self)
        self._note.changed.connect(self.update)
        self._sharp = Sharp(scaler)
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
        return self._note.text

    @property
    def reduction(self) -> int:
        """How many pixels of the photo's width one of the full picture's stands for; 1 for nearly all."""
        return self._pixels.reduction

    def has_preview_of(self, key: object) -> bool:
        return self._pixels.is_of(key)

    def has_whole_of(self, key: object) -> bool:
        return self._pixels.is_of(key) and not self._pixels.full.isNull()

    def clear(self, message: str = "", stand_in: QPixmap | None = None) -> None:
        """Nothing to show yet but perhaps a thumbnail, or a sentence why not."""
        self._pixels.clear()
        self._sharp.forget()
        self._stand_in = QPixmap() if stand_in is None else stand_in
        self._message = message
        self._note.set_caption("")
        self._note.say("")
        self.update()

    def set_preview(self, image: QImage, full_size: QSize, key: object = None) -> None:
        """Another photo, as its preview, or the preview of the one that is shown anew; `key` names it."""
        if self._pixels.set_preview(image, full_size, key):
            self._note.say("")
        self._message = ""
        self._look = self._framing.clamped(self._look)
        self._after_change()

    def set_full(self, image: QImage, key: object = None) -> None:
        """The photo's own pixels, in place of its preview or behind it."""
        self._pixels.set_full(image, key)
        self._message = ""
        self._note.say("")
        self._after_change()

    def refuse_full(self, sentence: str) -> None:
        """The photo's own pixels cannot be had: the preview stays, and says so."""
        if self._pixels.full.isNull():
            self._note.say(f"This is only the preview. {sentence}")

    def set_caption(self, caption: str) -> None:
        """What is to be known of the photo as long as it is shown; a note goes before it."""
        self._note.set_caption(caption)

    def set_look(self, look: Look) -> None:
        """Look like this; says nothing, so that linked views do not answer each other."""
        if look != self._look:
            self._look = self._framing.clamped(look)
            self._after_change()

    def toggle_zoom(self) -> None:
        """Between fitted and 1:1, at the cursor where it is over the photo."""
        if self._look.zoom is not None:
            self._change(FIT)
            return
        cursor = self.mapFromGlobal(QCursor.pos())
        self.zoom_at(QPointF(cursor) if self.rect().contains(cursor) else QPointF(self.rect().center()), 1.0)

    def zoom_at(self, point: QPointF, zoom: float) -> None:
        """Zoom so that what is under `point` stays under it (or as near as the edges allow)."""
        if not self._pixels.size.isEmpty():
            self._change(self._framing.zoomed(self._look, point, zoom))

    def picture_rect(self) -> QRectF:
        """Where the whole photo lies; larger than the widget when close up."""
        return self._framing.rect(self._look)

    @property
    def _framing(self) -> Framing:
        return Framing(self._pixels.size, self.size(), self.devicePixelRatioF())

    def _change(self, look: Look) -> None:
        self._look = look
        self._after_change()
        self.looked.emit(self._look)

    def _after_change(self) -> None:
        self._update_cursor()
        pixels = self._pixels
        if pixels.is_coarse_at(self._framing.zoom(self._look) * pixels.size.width()):
            self._note.await_reading()
            self.full_wanted.emit()
        else:
            self._note.forget_reading()
        self.update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = theme.cell_colors(self.palette())
        painter.fillRect(self.rect(), colors.ground)
        if self._pixels.is_empty:
            self._paint_stand_in(painter)
        else:
            self._paint_photo(painter)
            if self.note:
                paint_note(painter, self.rect(), self.fontMetrics(), self.note)

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
        image = self._pixels.image_for(where.width() * ratio)
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
        wanted = Wanted(self, self._pixels.key, image, _scaled_rect(part, by), place.size())
        sharp = self._sharp.image_of(wanted)
        if sharp is not None:
            sharp.setDevicePixelRatio(ratio)
            painter.drawImage(QPointF(place.topLeft()) / ratio, sharp)
            return
        if zoom < 1 / _ROUGH and not self._pixels.preview.isNull():
            image = self._pixels.preview
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_part(painter, image, where, where.intersected(QRectF(self.rect())))

    def _paint_part(self, painter: QPainter, image: QImage, where: QRectF, seen: QRectF) -> None:
        """What is seen of a picture that lies at `where`."""
        part = _scaled_rect(seen.translated(-where.topLeft()), image.width() / where.width())
        painter.drawImage(seen, image, part)

    def _on_scaled(self, wanted: Wanted, image: QImage) -> None:
        if wanted.who is self:
            self._sharp.take(wanted, image)
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
        if not self._dragged and moved.manhattanLength() < _DRAG_PX:
            return
        self._dragged = True
        if self._press_look.zoom is not None and not self._pixels.size.isEmpty():
            self._change(self._framing.dragged(self._press_look, moved))

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
        notches = event.angleDelta().y() / NOTCH
        if notches and not self._pixels.size.isEmpty():
            self._change(self._framing.wheeled(self._look, event.position(), notches))
            event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._look = self._framing.clamped(self._look)
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
