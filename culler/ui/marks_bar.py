"""The marks of one photo as a strip one can read and click: flag, stars, colour label."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from culler.domain.decision import UNMARKED, ColorLabel, Decision, Flag
from culler.ui import theme

LABELS = (ColorLabel.RED, ColorLabel.YELLOW, ColorLabel.GREEN, ColorLabel.BLUE, ColorLabel.PURPLE)


class MarksBar(QWidget):
    """Clicking a mark sets it; clicking the one that is set clears it.

    Signals: flagged(Flag), starred(int), labelled(ColorLabel).
    """

    flagged = Signal(object)
    starred = Signal(int)
    labelled = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._decision = UNMARKED
        self._under: tuple[str, object] | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_decision(self, decision: Decision) -> None:
        self._decision = decision
        self.setAccessibleDescription(
            f"{decision.flag.value} flag, {decision.stars} stars, {decision.label} label"
        )
        self.update()

    def _side(self) -> int:
        return round(theme.unit(self.fontMetrics()) * 1.2)

    def _places(self) -> list[tuple[str, object, QRectF]]:
        """(kind, value, square) of everything one can click."""
        side = self._side()
        gap = side * 0.7
        places: list[tuple[str, object, QRectF]] = []
        x = 0.0
        for flag in (Flag.PICK, Flag.REJECT):
            places.append(("flag", flag, QRectF(x, 0, side, side)))
            x += side * 1.15
        x += gap
        for stars in range(1, 6):
            places.append(("stars", stars, QRectF(x, 0, side, side)))
            x += side
        x += gap
        for label in LABELS:
            places.append(("label", label, QRectF(x, 0, side, side)))
            x += side
        return places

    def sizeHint(self) -> QSize:
        return QSize(round(self._places()[-1][2].right()) + 1, self._side())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strong = self.palette().color(QPalette.ColorRole.WindowText)
        faint = QColor(strong)
        faint.setAlpha(70)
        ratio = self.devicePixelRatioF()
        for kind, value, place in self._places():
            hovered = self._under == (kind, value)
            if kind == "flag":
                assert isinstance(value, Flag)
                is_set = self._decision.flag is value
                name = f"flag-{value.value}" + ("" if is_set else "-outline")
                color = strong if is_set or hovered else faint
                inner = place.adjusted(1, 1, -1, -1)
                painter.drawPixmap(inner.topLeft(), theme.glyph(name, round(inner.width()), color, ratio))
            elif kind == "stars":
                assert isinstance(value, int)
                color = strong if value <= self._decision.stars else faint
                if hovered and value > self._decision.stars:
                    color = QColor(strong)
                    color.setAlpha(150)
                inner = place.adjusted(1, 1, -1, -1)
                painter.drawPixmap(inner.topLeft(), theme.glyph("star", round(inner.width()), color, ratio))
            else:
                assert isinstance(value, ColorLabel)
                self._paint_label(painter, place, value, hovered)

    def _paint_label(self, painter: QPainter, place: QRectF, label: ColorLabel, hovered: bool) -> None:
        is_set = self._decision.label == label.value
        color = theme.label_color(label)
        radius = place.width() * (0.34 if is_set else 0.26)
        ring = QColor(color)
        if not is_set:
            color.setAlpha(255 if hovered else 110)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(place.center(), radius, radius)
        if is_set:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), 1.5))
            painter.drawEllipse(place.center(), radius + 1, radius + 1)
            painter.setPen(QPen(ring, 1))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        under = self._at(event.position())
        if under != self._under:
            self._under = under
            self.setToolTip("" if under is None else _tip(*under))
            self.setCursor(Qt.CursorShape.PointingHandCursor if under else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, event: object) -> None:
        self._under = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        under = self._at(event.position())
        if under is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        kind, value = under
        if kind == "flag":
            self.flagged.emit(Flag.NONE if self._decision.flag is value else value)
        elif kind == "stars":
            self.starred.emit(0 if self._decision.stars == value else value)
        else:
            assert isinstance(value, ColorLabel)
            self.labelled.emit(ColorLabel.NONE if self._decision.label == value.value else value)

    def _at(self, point: QPointF) -> tuple[str, object] | None:
        return next(((kind, value) for kind, value, place in self._places() if place.contains(point)), None)


def _tip(kind: str, value: object) -> str:
    if kind == "flag":
        return "Pick" if value is Flag.PICK else "Reject"
    if kind == "stars":
        return "1 star" if value == 1 else f"{value} stars"
    return f"{str(value).capitalize()} label"
