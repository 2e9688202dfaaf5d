"""Small dialogs: the sheet of keys, what could not be read, about."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from culler.domain.photo import PhotoId
from culler.ui import theme
from culler.ui.labels import DimLabel, heading

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
            "A key sets its mark; pressing it twice changes nothing. Caps Lock goes on after a mark.", self
        )
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
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
        self.setMinimumWidth(round(line * 1.5))
        # The sheet asks the palette, so that a change of scheme dresses it anew.
        self.setStyleSheet(
            f"QLabel {{ border: 1px solid palette(light); border-radius: {line // 4}px;"
            f" background: palette(button); padding: 1px {line // 4}px; }}"
        )


class FailuresDialog(QDialog):
    """What could not be read, with the reason.

    Signals: photo_wanted(photo id) on a double click.
    """

    photo_wanted = Signal(object)

    def __init__(
        self,
        failed: Sequence[tuple[PhotoId, str, str]],
        ignored: Sequence[tuple[Path, str]],
        parent: QWidget | None = None,
    ) -> None:
        """`failed` are (id, name, reason); `ignored` are files that are no photos, with the reason."""
        super().__init__(parent)
        self.setWindowTitle("What could not be read")
        line = theme.unit(self.fontMetrics())
        self.list = QTreeWidget(self)
        self.list.setColumnCount(2)
        self.list.setHeaderLabels(["Name", "Why"])
        self.list.setWordWrap(True)
        self.list.setAlternatingRowColors(True)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.list.header().setStretchLastSection(True)
        photos = self._group(f"Photos ({len(failed):,})", bool(failed))
        for photo_id, name, reason in failed:
            row = QTreeWidgetItem([name.rpartition("/")[2], reason])
            row.setData(0, Qt.ItemDataRole.UserRole, photo_id)
            row.setToolTip(0, name)
            row.setToolTip(1, reason)
            photos.addChild(row)
        others = self._group(f"Other files ({len(ignored):,})", bool(ignored))
        for path, reason in ignored[:5000]:
            row = QTreeWidgetItem([path.name, reason])
            row.setToolTip(0, str(path))
            others.addChild(row)
        photos.setExpanded(True)
        others.setExpanded(not failed)
        if not failed and not ignored:
            text = "Everything in these folders could be read."
        else:
            text = "These stay in the folder as they are. The photos among them stay in the grid, unrated."
        self.note = DimLabel(text, self)
        self.note.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(line, line, line, line)
        column.addWidget(self.note)
        column.addWidget(self.list, 1)
        column.addWidget(buttons)
        self.list.setColumnWidth(0, line * 16)
        self.list.itemActivated.connect(self._on_activated)
        self.resize(line * 52, line * 26)

    def _group(self, title: str, shown: bool) -> QTreeWidgetItem:
        group = QTreeWidgetItem([title])
        self.list.addTopLevelItem(group)
        group.setFirstColumnSpanned(True)
        group.setHidden(not shown)
        return group

    def _on_activated(self, row: QTreeWidgetItem) -> None:
        photo_id = row.data(0, Qt.ItemDataRole.UserRole)
        if photo_id is not None:
            self.photo_wanted.emit(int(photo_id))
            self.accept()


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
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(line * 2, line * 2, line * 2, line)
        column.setSpacing(line)
        column.addLayout(head)
        column.addLayout(grid)
        column.addWidget(buttons)
        self.setMinimumWidth(line * 34)


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
