"""Several photos tiled as large as they go, to find the one: the others are taken out one by one."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from culler.domain.decision import Decision, Flag
from culler.domain.levels import LevelDistribution
from culler.domain.photo import PhotoId
from culler.ui import theme
from culler.ui.level_bars import paint_strip_with_mean
from culler.ui.pictures import Picture, Pictures

MOST = 24
"""More tiles than this are too small to judge."""


class SurveyView(QWidget):
    """`detail(id)` and `levels(id)` say what is known of a photo.

    Signals: current_changed(photo id), removed(photo id) when one was taken out, opened(photo id).
    """

    current_changed = Signal(object)
    removed = Signal(object)
    opened = Signal(object)

    def __init__(
        self,
        pictures: Pictures,
        detail: Callable[[PhotoId], Any],
        levels: Callable[[PhotoId], LevelDistribution | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._detail = detail
        self._levels = levels
        self._ids: list[PhotoId] = []
        self._details: dict[PhotoId, Any] = {}
        self._images: dict[PhotoId, Picture] = {}
        self._sentences: dict[PhotoId, str] = {}
        self._current: PhotoId | None = None
        self._scaled: dict[PhotoId, tuple[QSize, int, Any]] = {}
        self._under: PhotoId | None = None
        self.setMouseTracking(True)
        pictures.preview_ready.connect(self._on_preview)
        pictures.failed.connect(self._on_failed)

    @property
    def ids(self) -> tuple[PhotoId, ...]:
        return tuple(self._ids)

    @property
    def current(self) -> PhotoId | None:
        return self._current

    def show_photos(self, ids: Sequence[PhotoId], current: PhotoId | None) -> None:
        """Tile these photos; the current one has the ring and takes the marks."""
        self._ids = list(ids)[:MOST]
        self._images = {id_: image for id_, image in self._images.items() if id_ in self._ids}
        self._scaled = {}
        self._sentences = {}
        self.refresh()
        self._pictures.want(self._ids)
        self.set_current(current if current in self._ids else (self._ids[0] if self._ids else None))

    def refresh(self) -> None:
        self._details = {id_: self._detail(id_) for id_ in self._ids}
        self.update()

    def set_current(self, photo_id: PhotoId | None) -> None:
        if photo_id is None or photo_id in self._ids:
            self._current = photo_id
            self.update()
            self.current_changed.emit(photo_id)

    def go(self, by: int) -> None:
        """The tile before or after."""
        if self._current in self._ids:
            at = self._ids.index(self._current) + by
            if 0 <= at < len(self._ids):
                self.set_current(self._ids[at])

    def remove_current(self) -> None:
        if self._current is not None:
            self.remove(self._current)

    def remove(self, photo_id: PhotoId) -> None:
        """Take a photo out of the survey; it keeps its marks. One always stays."""
        if photo_id not in self._ids or len(self._ids) == 1:
            return
        at = self._ids.index(photo_id)
        self._ids.remove(photo_id)
        self._scaled = {}
        if self._current == photo_id:
            self.set_current(self._ids[min(at, len(self._ids) - 1)])
        self.removed.emit(photo_id)
        self.update()

    def leave(self) -> None:
        self._ids = []
        self._images = {}
        self._scaled = {}
        self._pictures.want([])

    # Layout and painting

    def _columns(self) -> int:
        """As many columns as make the tiles largest for photos of 3:2."""
        count = max(1, len(self._ids))

        def side(columns: int) -> float:
            rows = -(-count // columns)
            return min(self.width() / columns / 1.5, self.height() / rows)

        return max(range(1, count + 1), key=side)

    def _tiles(self) -> list[tuple[PhotoId, QRectF]]:
        columns = self._columns()
        rows = -(-len(self._ids) // columns) if self._ids else 1
        gap = theme.unit(self.fontMetrics()) / 2
        width = (self.width() - gap * (columns + 1)) / columns
        height = (self.height() - gap * (rows + 1)) / rows
        tiles = []
        for at, photo_id in enumerate(self._ids):
            row, column = divmod(at, columns)
            in_row = min(columns, len(self._ids) - row * columns)
            shift = (columns - in_row) * (width + gap) / 2
            tiles.append(
                (
                    photo_id,
                    QRectF(gap + column * (width + gap) + shift, gap + row * (height + gap), width, height),
                )
            )
        return tiles

    def _close_box(self, tile: QRectF) -> QRectF:
        side = theme.unit(self.fontMetrics()) * 1.3
        return QRectF(tile.right() - side - 4, tile.top() + 4, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = theme.cell_colors(self.palette())
        painter.fillRect(self.rect(), colors.ground)
        if not self._ids:
            painter.setPen(colors.dim_text)
            painter.drawText(
                self.rect(), Qt.AlignmentFlag.AlignCenter, "Select the photos to survey in the grid."
            )
        for photo_id, tile in self._tiles():
            self._paint_tile(painter, photo_id, tile)

    def _paint_tile(self, painter: QPainter, photo_id: PhotoId, tile: QRectF) -> None:
        colors = theme.cell_colors(self.palette())
        line = theme.unit(self.fontMetrics())
        is_current = photo_id == self._current
        painter.setPen(QPen(colors.current_ring, 2) if is_current else Qt.PenStyle.NoPen)
        painter.setBrush(colors.cell)
        painter.drawRoundedRect(tile.adjusted(1, 1, -1, -1), 4, 4)
        foot = line * 1.6
        room = tile.adjusted(line / 2, line / 2, -line / 2, -foot - line / 3)
        picture = self._images.get(photo_id)
        if picture is not None:
            self._paint_picture(painter, photo_id, picture, room)
        elif photo_id in self._sentences:
            painter.setPen(colors.dim_text)
            painter.drawText(
                room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._sentences[photo_id]
            )
        detail = self._details.get(photo_id)
        if detail is None:
            return
        base = QRectF(tile.left() + line / 2, tile.bottom() - foot, tile.width() - line, foot)
        marks_width = self._paint_marks(painter, detail.decision, base)
        strip_width = min(line * 6, base.width() / 4)
        strip = QRectF(
            base.right() - marks_width - strip_width - line / 2, base.top(), strip_width, base.height()
        )
        paint_strip_with_mean(painter, strip, self._levels(photo_id), self.palette())
        painter.setPen(colors.text if is_current else colors.dim_text)
        name_width = strip.left() - base.left() - line / 2
        name = self.fontMetrics().elidedText(
            detail.photo.name, Qt.TextElideMode.ElideMiddle, round(name_width)
        )
        painter.drawText(base, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        if self._under == photo_id and len(self._ids) > 1:
            box = self._close_box(tile)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().color(QPalette.ColorRole.Button))
            painter.drawEllipse(box)
            painter.setPen(QPen(colors.text, 1.6))
            arm = box.adjusted(*(box.width() * part for part in (0.33, 0.33, -0.33, -0.33)))
            painter.drawLine(arm.topLeft(), arm.bottomRight())
            painter.drawLine(arm.topRight(), arm.bottomLeft())

    def _paint_picture(self, painter: QPainter, photo_id: PhotoId, picture: Picture, room: QRectF) -> None:
        ratio = self.devicePixelRatioF()
        size = picture.image.size()
        wanted = size.scaled((room.size() * ratio).toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        if wanted.width() > size.width() * 2 * ratio:
            wanted = size * 2 * ratio
        kept = self._scaled.get(photo_id)
        key = picture.image.cacheKey()
        if kept is None or kept[:2] != (wanted, key):
            scaled = picture.image.scaled(
                wanted, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            scaled.setDevicePixelRatio(ratio)
            kept = self._scaled[photo_id] = (wanted, key, scaled)
        left = room.center().x() - wanted.width() / ratio / 2
        top = room.center().y() - wanted.height() / ratio / 2
        painter.drawImage(QPointF(round(left * ratio) / ratio, round(top * ratio) / ratio), kept[2])

    def _paint_marks(self, painter: QPainter, decision: Decision, base: QRectF) -> float:
        """Paint from the right; returns the width taken."""
        colors = theme.cell_colors(self.palette())
        side = theme.unit(self.fontMetrics()) * 0.9
        ratio = self.devicePixelRatioF()
        x = base.right()
        y = base.center().y() - side / 2
        for _ in range(decision.stars):
            x -= side
            painter.drawPixmap(QPointF(x, y), theme.glyph("star", round(side), colors.text, ratio))
        if decision.flag is not Flag.NONE:
            x -= side * 1.3
            painter.drawPixmap(
                QPointF(x, y), theme.glyph(f"flag-{decision.flag.value}", round(side), colors.text, ratio)
            )
        if decision.label != "none":
            x -= side * 1.2
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.label_color(_label_of(decision)))
            painter.drawEllipse(QRectF(x, y, side, side).adjusted(2, 2, -2, -2))
        return base.right() - x

    # The mouse and the pictures

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        under = self._at(event.position())
        if under != self._under:
            self._under = under
            self.update()

    def leaveEvent(self, event: object) -> None:
        self._under = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        photo_id = self._at(event.position())
        if photo_id is None:
            return
        tile = dict(self._tiles())[photo_id]
        if len(self._ids) > 1 and self._close_box(tile).contains(event.position()):
            self.remove(photo_id)
        else:
            self.set_current(photo_id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        photo_id = self._at(event.position())
        if photo_id is not None:
            self.opened.emit(photo_id)

    def _at(self, point: QPointF) -> PhotoId | None:
        return next((photo_id for photo_id, tile in self._tiles() if tile.contains(point)), None)

    def _on_preview(self, photo_id: PhotoId, picture: Picture) -> None:
        if photo_id in self._ids:
            self._images[photo_id] = picture
            self.update()

    def _on_failed(self, photo_id: PhotoId, sentence: str) -> None:
        if photo_id in self._ids:
            self._sentences[photo_id] = sentence
            self.update()


def _label_of(decision: Decision) -> Any:
    from culler.domain.decision import ColorLabel

    return ColorLabel(decision.label) if decision.label in set(ColorLabel) else None
