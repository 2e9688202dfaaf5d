"""Five dots to click: photos with any of the chosen colour labels are shown."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from culler.domain.decision import ColorLabel
from culler.ui import theme
from culler.ui.marks_bar import LABELS


class LabelsFilter(QWidget):
    """Signals: chosen(frozenset of ColorLabel); an empty one lets all through."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: frozenset[ColorLabel] = frozenset()
        self._under: ColorLabel | None = None
        self.setMouseTracking(True)
        self.setAccessibleName("Colour labels")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_labels(self, labels: frozenset[ColorLabel]) -> None:
        self._labels = labels
        self.setAccessibleDescription(", ".join(label.value for label in labels) or "any label")
        self.update()

    def _side(self) -> int:
        return round(theme.unit(self.fontMetrics()) * 1.1)

    def sizeHint(self) -> QSize:
        return QSize(self._side() * len(LABELS), self._side())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self._side()
        ring = self.palette().color(QPalette.ColorRole.WindowText)
        for at, label in enumerate(LABELS):
            place = QRectF(at * side, 0, side, side)
            color = theme.label_color(label)
            chosen = label in self._labels
            if not chosen:
                color.setAlpha(200 if label is self._under else 105)
            painter.setPen(QPen(ring, 1.5) if chosen else Qt.PenStyle.NoPen)
            painter.setBrush(color)
            radius = side * (0.34 if chosen else 0.3)
            painter.drawEllipse(place.center(), radius, radius)

    def _at(self, x: float) -> ColorLabel:
        return LABELS[max(0, min(len(LABELS) - 1, int(x // self._side())))]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._under = self._at(event.position().x())
        self.setToolTip(f"{self._under.value.capitalize()} label")
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._under = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.chosen.emit(self._labels ^ {self._at(event.position().x())})
