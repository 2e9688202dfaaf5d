"""The two knobs that stacks are found with, in a small popover: turning them regroups at once."""

import math

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from culler.ranking.bursts import DEFAULT_KNOBS, Knobs
from culler.ui import theme
from culler.ui.labels import DimLabel, heading

TURNING_PAUSE_MS = 60
LEAST_GAP_S, MOST_GAP_S = 0.25, 60.0
_STEPS = 100


class StackKnobs(QFrame):
    """Signals: turned(Knobs)."""

    turned = Signal(object)

    def __init__(self, knobs: Knobs, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        line = theme.unit(self.fontMetrics())
        self.gap = _slider("Time between frames of one stack", self)
        self.alike = _slider("How alike frames must look", self)
        self.gap_words = DimLabel("", self)
        self.alike_words = DimLabel("", self)
        for words in (self.gap_words, self.alike_words):
            words.setMinimumWidth(words.fontMetrics().horizontalAdvance("very much alike"))
        self.found = DimLabel("", self)
        self.defaults = QPushButton("Reset", self)
        self.defaults.setAutoDefault(False)
        grid = QGridLayout()
        grid.setHorizontalSpacing(line * 2 // 3)
        grid.setVerticalSpacing(line // 2)
        for row, (title, slider, words) in enumerate(
            (("Time apart", self.gap, self.gap_words), ("Likeness", self.alike, self.alike_words))
        ):
            grid.addWidget(QLabel(title, self), row, 0)
            grid.addWidget(slider, row, 1)
            grid.addWidget(words, row, 2)
        grid.setColumnStretch(1, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.found, 1)
        foot.addWidget(self.defaults)
        column = QVBoxLayout(self)
        column.setContentsMargins(line, line * 2 // 3, line, line * 2 // 3)
        column.setSpacing(line * 2 // 3)
        column.addWidget(heading("What makes a stack", self))
        column.addLayout(grid)
        column.addLayout(foot)
        self._pause = QTimer(self, singleShot=True, interval=TURNING_PAUSE_MS)
        self._pause.timeout.connect(lambda: self.turned.emit(self.knobs()))
        self.set_knobs(knobs)
        for slider in (self.gap, self.alike):
            slider.valueChanged.connect(self._on_turned)
        self.defaults.clicked.connect(lambda: self.set_knobs(DEFAULT_KNOBS))

    def knobs(self) -> Knobs:
        """As the sliders stand. The gap goes up in equal ratios."""
        share = self.gap.value() / _STEPS
        gap_s = LEAST_GAP_S * (MOST_GAP_S / LEAST_GAP_S) ** share
        return Knobs(round(gap_s, 1 if gap_s < 10 else 0), self.alike.value() / _STEPS)

    def set_knobs(self, knobs: Knobs) -> None:
        share = math.log(max(knobs.gap_s, LEAST_GAP_S) / LEAST_GAP_S) / math.log(MOST_GAP_S / LEAST_GAP_S)
        self.gap.setValue(round(share * _STEPS))
        self.alike.setValue(round(knobs.similarity * _STEPS))
        self._say()

    def set_found(self, stacks: int, photos: int) -> None:
        """How many stacks there are now, and how many photos are in them."""
        self.found.setText(
            "No stacks" if not stacks else f"{stacks:,} stack{'s' if stacks > 1 else ''} of {photos:,} photos"
        )

    def show_below(self, place: QPoint) -> None:
        """Open with the top right corner at a place of the screen, in full sight."""
        self.adjustSize()
        self.resize(max(self.width(), theme.unit(self.fontMetrics()) * 24), self.height())
        room = self.screen().availableGeometry()
        left = max(room.left(), min(place.x(), room.right()) - self.width())
        self.move(left, min(place.y(), room.bottom() - self.height()))
        self.show()
        self.gap.setFocus()

    def _on_turned(self) -> None:
        self._say()
        self._pause.start()

    def _say(self) -> None:
        knobs = self.knobs()
        self.gap_words.setText(f"up to {knobs.gap_s:g} s")
        words = ("hardly alike", "somewhat alike", "alike", "much alike", "very much alike")
        self.alike_words.setText(words[min(4, int(knobs.similarity * 5))])


def _slider(name: str, parent: QWidget) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal, parent)
    slider.setRange(0, _STEPS)
    slider.setPageStep(10)
    slider.setAccessibleName(name)
    slider.setToolTip(name)
    return slider
