"""The sheet of keys, made from the table of actions."""

from collections.abc import Mapping, Sequence

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

Sheet = Mapping[str, Sequence[tuple[str, Sequence[str]]]]


class KeySheet(QDialog):
    """Every action that has a key, by menu, in three columns."""

    COLUMNS = 3

    def __init__(self, sheet: Sheet, preset: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Keys ({preset})")
        line = theme.unit(self.fontMetrics())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(line * 2, line * 2, line * 2, line)
        whole.setSpacing(line)
        columns = QHBoxLayout()
        columns.setSpacing(line * 3)
        whole.addLayout(columns)
        for groups in _balanced(sheet, self.COLUMNS):
            column = QVBoxLayout()
            column.setSpacing(line // 2)
            for title, rows in groups:
                column.addWidget(heading(title, self))
                grid = QGridLayout()
                grid.setHorizontalSpacing(line)
                grid.setVerticalSpacing(line // 4)
                grid.setColumnStretch(0, 1)
                for at, (text, keys) in enumerate(rows):
                    grid.addWidget(QLabel(text, self), at, 0)
                    caps = QHBoxLayout()
                    caps.setSpacing(line // 4)
                    caps.addStretch(1)
                    for key in keys:
                        caps.addWidget(KeyCap(key, self))
                    grid.addLayout(caps, at, 1)
                column.addLayout(grid)
                column.addSpacing(line // 2)
            column.addStretch(1)
            columns.addLayout(column)
        hint = DimLabel(
            "A key sets its mark; pressing it twice changes nothing. With Caps Lock on, a mark goes on to the"
            " next photo.",
            self,
        )
        buttons = close_box(self)
        buttons.rejected.connect(self.reject)
        foot = QHBoxLayout()
        foot.addWidget(hint, 1)
        foot.addWidget(buttons)
        whole.addLayout(foot)


class KeyCap(QLabel):
    """A key's name, drawn like a key."""

    def __init__(self, key: str, parent: QWidget) -> None:
        super().__init__(key, parent)
        line = theme.unit(self.fontMetrics())
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        # The sheet asks the palette, so that a change of scheme dresses it anew.
        self.setStyleSheet(
            f"QLabel {{ border: 1px solid palette(light); border-radius: {line // 4}px;"
            f" background: palette(button); padding: 1px {line // 4}px; }}"
        )
        # Asked for once dressed: a narrow window takes no room from a key.
        self.ensurePolished()
        self.setMinimumWidth(max(round(line * 1.5), self.sizeHint().width()))


def _balanced(sheet: Sheet, columns: int) -> list[list[tuple[str, Sequence[tuple[str, Sequence[str]]]]]]:
    """The groups in so many columns of about the same height, in their order."""
    heights = {title: len(rows) + 2 for title, rows in sheet.items()}
    target = sum(heights.values()) / columns
    found: list[list[tuple[str, Sequence[tuple[str, Sequence[str]]]]]] = [[]]
    height = 0
    for title, rows in sheet.items():
        if height and height + heights[title] / 2 > target and len(found) < columns:
            found.append([])
            height = 0
        found[-1].append((title, rows))
        height += heights[title]
    return found
