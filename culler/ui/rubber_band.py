"""The rectangle that a press beside the photos draws over them. Its first corner scrolls with the photos,
its second stays at the cursor."""

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QPainter, QPalette


class RubberBand:
    """Where a band began and how far it goes. Points are the viewport's; `offset` is what the view has
    scrolled by."""

    def __init__(self) -> None:
        self._start = QPoint()
        self._end = QPoint()

    def begin(self, point: QPoint, offset: int) -> None:
        self._start = point + QPoint(0, offset)
        self._end = point

    def reach(self, point: QPoint) -> None:
        self._end = point

    def rect(self, offset: int) -> QRect:
        """The band, in the viewport."""
        return QRect(self._start - QPoint(0, offset), self._end).normalized()


def paint_band(painter: QPainter, band: QRect, palette: QPalette) -> None:
    accent = palette.color(QPalette.ColorRole.Highlight)
    painter.setPen(accent.lighter(130))
    accent.setAlpha(60)
    painter.setBrush(accent)
    painter.drawRect(band.adjusted(0, 0, -1, -1))
