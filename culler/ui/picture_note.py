"""What is said over a picture: that this is only the preview, and why; or what is to be known of it."""

from PySide6.QtCore import QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter

PATIENCE_MS = 200
"""Before it is said that the whole picture is being read."""
_READING = "Showing the preview while the whole picture is read …"


class PictureNote(QObject):
    """A note of the moment, else the caption that stays as long as the photo.

    Signals: changed() when `text` may be another.
    """

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._note = ""
        self._caption = ""
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(lambda: self.say(_READING))

    @property
    def text(self) -> str:
        return self._note or self._caption

    def say(self, note: str) -> None:
        """Instead of what was said, or was going to be; an empty note lets the caption show."""
        self._patience.stop()
        if note != self._note:
            self._note = note
            self.changed.emit()

    def set_caption(self, caption: str) -> None:
        if caption != self._caption:
            self._caption = caption
            self.changed.emit()

    def await_reading(self) -> None:
        """Says that the whole picture is being read if that takes long, and if nothing else is said."""
        if not self._note:
            self._patience.start()

    def forget_reading(self) -> None:
        """Nobody waits for the whole picture any more."""
        self._patience.stop()
        if self._note == _READING:
            self.say("")


def paint_note(painter: QPainter, area: QRect, metrics: QFontMetrics, text: str) -> None:
    """White on a dark pill at the foot of the area."""
    line = metrics.height()
    wrap = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
    needed = metrics.boundingRect(area.adjusted(2 * line, line, -2 * line, -2 * line), wrap, text)
    pill = QRect(0, 0, needed.width() + 2 * line, needed.height() + line)
    pill.moveCenter(QPoint(area.center().x(), 0))
    pill.moveBottom(area.bottom() - line)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 170))
    painter.drawRoundedRect(pill, line / 3, line / 3)
    painter.setPen(QColor(255, 255, 255, 235))
    painter.drawText(pill.adjusted(line // 2, 0, -line // 2, 0), wrap, text)
