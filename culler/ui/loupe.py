"""One photo, large: fitted or 1:1, with its marks below and its film data over it."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from culler.domain.levels import LevelDistribution
from culler.domain.photo import PhotoId
from culler.ui import theme
from culler.ui.canvas import PhotoCanvas
from culler.ui.facts import exposure_line, taken_line
from culler.ui.labels import ElidedLabel
from culler.ui.level_bars import paint_strip
from culler.ui.marks_bar import MarksBar
from culler.ui.pictures import FULL_BYTES, Picture, Pictures

AHEAD = (1, -1, 2, -2)
"""Neighbours whose previews are read ahead, the likeliest first."""
CLOSE_AHEAD = 1
"""As many of them at full size, while the photo is looked at closely."""


class InfoOverlay(QWidget):
    """Name, film data and level bar on a dark veil over the picture's corner."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._lines: list[str] = []
        self._levels: LevelDistribution | None = None

    def set_info(self, lines: list[str], levels: LevelDistribution | None) -> None:
        self._lines = [line for line in lines if line]
        self._levels = levels
        metrics = self.fontMetrics()
        pad = _pad(self)
        widest = max((metrics.horizontalAdvance(line) for line in self._lines), default=0)
        around = self.parentWidget()
        room = max(metrics.height() * 12, 0 if around is None else around.width() * 2 // 3)
        self.resize(
            min(room, max(metrics.height() * 10, widest) + 2 * pad + 1),
            round(metrics.height() * (1.2 * len(self._lines) + 0.7)) + 2 * pad,
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._lines:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        line = metrics.height()
        pad = _pad(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 150))
        painter.drawRoundedRect(QRectF(self.rect()), line / 3, line / 3)
        y = float(pad)
        for at, text in enumerate(self._lines):
            painter.setPen(QColor(255, 255, 255, 240 if at == 0 else 185))
            elided = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, self.width() - 2 * pad)
            painter.drawText(QPointF(pad, y + metrics.ascent()), elided)
            y += line * 1.2
        strip = QRectF(pad, y + line * 0.25, self.width() - 2 * pad, max(4.0, line * 0.35))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(255, 255, 255, 40))
        painter.drawRoundedRect(strip, strip.height() / 2, strip.height() / 2)
        if self._levels is not None:
            paint_strip(painter, strip, self._levels, theme.dark_palette())


def _pad(widget: QWidget) -> int:
    return widget.fontMetrics().height() * 2 // 3


class Loupe(QWidget):
    """`thumbnail` answers what is at hand of a photo, to be shown until its preview is.

    Signals: flagged(Flag), starred(int), labelled(ColorLabel) from the marks below the picture."""

    flagged = Signal(object)
    starred = Signal(int)
    labelled = Signal(object)

    def __init__(
        self,
        pictures: Pictures,
        thumbnail: Callable[[PhotoId], QPixmap | None] = lambda _: None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._thumbnail = thumbnail
        self._photo_id: PhotoId | None = None
        self._ahead: list[PhotoId] = []
        self.canvas = PhotoCanvas(self, scaler=pictures.scaler)
        self.overlay = InfoOverlay(self.canvas)
        line = theme.unit(self.fontMetrics())
        self.overlay.move(line, line)
        self.marks = MarksBar(self)
        self.place = QLabel(self)
        self.name = ElidedLabel(self)
        bar = QHBoxLayout()
        bar.setContentsMargins(line, line // 3, line, line // 3)
        bar.addWidget(self.name, 1)
        bar.addWidget(self.marks)
        bar.addWidget(self.place, 1, Qt.AlignmentFlag.AlignRight)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.canvas, 1)
        column.addLayout(bar)
        self.marks.flagged.connect(self.flagged)
        self.marks.starred.connect(self.starred)
        self.marks.labelled.connect(self.labelled)
        self.canvas.full_wanted.connect(self._want_full)
        self.canvas.looked.connect(lambda _look: self._show_zoom())
        pictures.preview_ready.connect(self._on_preview)
        pictures.full_ready.connect(self._on_full)
        pictures.failed.connect(self._on_failed)
        pictures.full_failed.connect(self._on_full_failed)
        self._counted = ""

    @property
    def photo_id(self) -> PhotoId | None:
        return self._photo_id

    def show_photo(self, photo_id: PhotoId | None, ahead: list[PhotoId], counted: str) -> None:
        """Show this photo, get the neighbours ready; `counted` says where in the row it is."""
        same = photo_id == self._photo_id
        if not same:  # where one comes from one goes back to less often than on
            self._ahead = sorted(ahead, key=lambda id_: id_ == self._photo_id)
            self.canvas.set_caption("")
        self._photo_id = photo_id
        self._counted = counted
        self._show_zoom()
        if photo_id is None:
            self._pictures.want([])
            self.canvas.clear()
            self.overlay.hide()
            return
        if not same and self._pictures.preview(photo_id) is None:
            self.canvas.clear("", self._thumbnail(photo_id))
        if not same or self._pictures.preview(photo_id) is None:
            self._pictures.want([photo_id], self._ahead)

    def set_detail(self, detail: Any, levels: LevelDistribution | None) -> None:
        """What is known of the photo (culler.workflow.rank.PhotoDetail)."""
        self.marks.set_decision(detail.decision)
        self.canvas.set_caption(detail.damaged)
        facts = detail.photo.facts
        self.name.setText(detail.photo.name)
        self.name.setToolTip(str(detail.photo.path))
        self.overlay.set_info(
            [detail.photo.name, exposure_line(facts), facts.camera or "", taken_line(facts)], levels
        )

    def set_info_visible(self, visible: bool) -> None:
        self.overlay.setVisible(visible)

    def toggle_zoom(self) -> None:
        self.canvas.toggle_zoom()

    def leave(self) -> None:
        """The loupe is no longer seen: nothing needs to be read for it."""
        self._photo_id = None
        self._pictures.want([])

    def _show_zoom(self) -> None:
        zoom = self.canvas.look.zoom
        shown = "" if zoom is None else f"{zoom * 100:.0f} %   "
        if zoom is not None and self.canvas.reduction > 1:  # too large for memory (imaging.limits)
            shown = f"{zoom * 100:.0f} % of a photo shown at 1/{self.canvas.reduction} size   "
        self.place.setText(shown + self._counted)

    def _want_full(self) -> None:
        if self._photo_id is not None and self.isVisible():
            self._pictures.want_full(self._photo_id)

    def _on_preview(self, photo_id: PhotoId, picture: Picture) -> None:
        if photo_id == self._photo_id and self.isVisible():
            self.canvas.set_preview(picture.image, picture.full_size, photo_id)

    def _on_full(self, photo_id: PhotoId, picture: Picture) -> None:
        if photo_id == self._photo_id and self.isVisible():
            self.canvas.set_full(picture.image, photo_id)
            self._show_zoom()
            # Not where they would drive each other out of memory.
            if picture.image.sizeInBytes() * (1 + CLOSE_AHEAD) <= FULL_BYTES:
                self._pictures.want_full_ahead(self._ahead[:CLOSE_AHEAD])

    def _on_failed(self, photo_id: PhotoId, sentence: str) -> None:
        if photo_id == self._photo_id and self.isVisible() and not self.canvas.has_preview_of(photo_id):
            self.canvas.clear(sentence)

    def _on_full_failed(self, photo_id: PhotoId, sentence: str) -> None:
        if photo_id == self._photo_id and self.isVisible():
            self.canvas.refuse_full(sentence)
