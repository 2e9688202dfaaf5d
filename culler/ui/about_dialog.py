"""What this is, and where it keeps its things."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from culler.ui import theme
from culler.ui.labels import DimLabel, close_box, heading


class AboutDialog(QDialog):
    """What this is, and where it keeps its things."""

    def __init__(
        self, version: str, places: Sequence[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Culler")
        line = theme.unit(self.fontMetrics())
        icon = QLabel(self)
        icon.setPixmap(theme.app_icon().pixmap(line * 5, line * 5))
        title = heading("Culler", self, 1.7)
        words = QLabel(
            f"Version {version}\n\nCulls photographs by level distributions one can look into. "
            "Works offline; no telemetry; originals are never changed. Apache License 2.0.",
            self,
        )
        words.setWordWrap(True)
        head = QHBoxLayout()
        head.setSpacing(line * 2)
        head.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        text = QVBoxLayout()
        text.addWidget(title)
        text.addWidget(words)
        head.addLayout(text, 1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(line)
        grid.setVerticalSpacing(line // 3)
        grid.setColumnStretch(1, 1)
        for at, (name, place) in enumerate(places):
            label = DimLabel(name, self)
            value = QLabel(place, self)
            value.setWordWrap(True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(label, at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, at, 1)
        buttons = close_box(self)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(line * 2, line * 2, line * 2, line)
        column.setSpacing(line)
        column.addLayout(head)
        column.addLayout(grid)
        column.addWidget(buttons)
        self.setMinimumWidth(line * 34)
