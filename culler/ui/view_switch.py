"""Four small buttons: grid, loupe, compare, survey."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from culler.ui import theme

VIEWS = (("grid", "Grid (G)"), ("loupe", "Loupe (E)"), ("compare", "Compare (C)"), ("survey", "Survey (N)"))

_SHAPES: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "grid": tuple((x, y, 0.2, 0.2) for y in (0.12, 0.4, 0.68) for x in (0.12, 0.4, 0.68)),
    "loupe": ((0.1, 0.18, 0.8, 0.64),),
    "compare": ((0.08, 0.2, 0.38, 0.6), (0.54, 0.2, 0.38, 0.6)),
    "survey": (
        (0.1, 0.14, 0.36, 0.32),
        (0.54, 0.14, 0.36, 0.32),
        (0.1, 0.54, 0.36, 0.32),
        (0.54, 0.54, 0.36, 0.32),
    ),
}


class ViewSwitch(QWidget):
    """Signals: chosen(name of a view)."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        group = QButtonGroup(self)
        self.buttons: dict[str, QToolButton] = {}
        for view, tip in VIEWS:
            button = QToolButton(self)
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(lambda _checked=False, view=view: self.chosen.emit(view))
            group.addButton(button)
            row.addWidget(button)
            self.buttons[view] = button
        self._dress()

    def set_view(self, view: str) -> None:
        self.buttons[view].setChecked(True)

    def set_enabled(self, enabled: Mapping[str, bool]) -> None:
        for view, button in self.buttons.items():
            button.setEnabled(enabled[view])

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "buttons"):
            self._dress()

    def _dress(self) -> None:
        side = round(theme.unit(self.fontMetrics()) * 1.1)
        strong = self.palette().color(QPalette.ColorRole.ButtonText)
        faint = self.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
        for view, button in self.buttons.items():
            icon = QIcon()
            icon.addPixmap(_drawn(view, side, strong), QIcon.Mode.Normal)
            icon.addPixmap(_drawn(view, side, faint), QIcon.Mode.Disabled)
            button.setIcon(icon)
            button.setIconSize(QSize(side, side))


def _drawn(view: str, side: int, color: QColor) -> QPixmap:
    ratio = 2.0
    pixmap = QPixmap(QSize(side, side) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, max(1.0, side / 14)))
    for x, y, width, height in _SHAPES[view]:
        painter.drawRoundedRect(QRectF(x * side, y * side, width * side, height * side), 1, 1)
    painter.end()
    return pixmap
