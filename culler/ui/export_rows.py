"""The rows of the export dialog's panels: a word on the left, controls on the right, all in line."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QWidget

from culler.ui import theme
from culler.ui.labels import DimLabel, ProblemLabel, heading

LABEL_WIDTH_LINES = 5


class Rows(QGridLayout):
    """A titled group of rows; the words of all groups are equally wide."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        line = theme.unit(parent.fontMetrics())
        self.setContentsMargins(0, 0, 0, 0)
        self.setHorizontalSpacing(line // 2)
        self.setVerticalSpacing(line // 3)
        self.setColumnMinimumWidth(0, line * LABEL_WIDTH_LINES)
        self.setColumnStretch(1, 1)
        self.addWidget(heading(title, parent), 0, 0, 1, 2)

    def add(self, word: str, *controls: QWidget, stretch: bool = False) -> None:
        """A row; with `stretch` the first control takes the room. The word belongs to the first control."""
        row = self.rowCount()
        line = QHBoxLayout()
        line.setSpacing(theme.unit(self._parent.fontMetrics()) // 2)
        for place, control in enumerate(controls):
            line.addWidget(control, 1 if stretch and place == 0 else 0)
        if not stretch:
            line.addStretch(1)
        if word:
            label = QLabel(word, self._parent)
            label.setBuddy(controls[0])
            self.addWidget(label, row, 0, Qt.AlignmentFlag.AlignVCenter)
            for control in controls:
                if not control.accessibleName():
                    control.setAccessibleName(word)
        self.addLayout(line, row, 1)

    def add_note(self, problem: bool = False) -> QLabel:
        """A row for a word of why, or for what is wrong; it takes no room while it is empty."""
        note = ProblemLabel("", self._parent) if problem else DimLabel("", self._parent)
        note.setWordWrap(True)
        note.setMinimumWidth(1)
        note.hide()
        self.addWidget(note, self.rowCount(), 1)
        return note


def say(note: QLabel, text: str) -> None:
    """Show the text, or nothing at all."""
    if note.text() != text:
        note.setText(text)
    note.setVisible(bool(text))


def combo(parent: QWidget, items: Sequence[tuple[str, object]], name: str = "") -> QComboBox:
    """A list of (what it says, what it means) that may be narrower than its longest line."""
    box = QComboBox(parent)
    for text, value in items:
        box.addItem(text, value)
    if name:
        box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    return box


def select(box: QComboBox, value: object) -> bool:
    """Show the item that means this, silently; False where there is none."""
    at = next((k for k in range(box.count()) if box.itemData(k) == value), -1)
    if at < 0:
        return False
    with QSignalBlocker(box):
        box.setCurrentIndex(at)
    return True
