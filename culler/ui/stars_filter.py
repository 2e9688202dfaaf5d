"""Five stars to click: photos with at least so many are shown."""

from PySide6.QtCore import QPointF, QSize, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from culler.ui import theme


class StarsFilter(QWidget):
    """Clicking the same star again lets all through.

    Signals: chosen(int).
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stars = 0
        self._under = 0
        self.setMouseTracking(True)
        self.setToolTip("At least so many stars")
        self.setAccessibleName("Least number of stars")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_stars(self, stars: int) -> None:
        self._stars = stars
        self.setAccessibleDescription(f"{stars} stars or more" if stars else "any number of stars")
        self.update()

    def _side(self) -> int:
        return round(theme.unit(self.fontMetrics()) * 1.05)

    def sizeHint(self) -> QSize:
        return QSize(self._side() * 5, self._side())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        strong = self.palette().color(QPalette.ColorRole.WindowText)
        side = self._side()
        for star in range(1, 6):
            color = QColor(strong)
            color.setAlpha(255 if star <= self._stars else 170 if star <= self._under else 70)
            pixmap = theme.glyph("star", side - 2, color, self.devicePixelRatioF())
            painter.drawPixmap(QPointF((star - 1) * side + 1, 1), pixmap)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._under = min(5, int(event.position().x() // self._side()) + 1)
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._under = 0
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        stars = max(1, min(5, int(event.position().x() // self._side()) + 1))
        self.chosen.emit(0 if stars == self._stars else stars)
