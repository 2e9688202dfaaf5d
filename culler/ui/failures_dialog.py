"""What could not be read, and why."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from culler.domain.photo import PhotoId
from culler.ui import theme
from culler.ui.labels import DimLabel, close_box, fit, roomy


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
        title: str = "What Could Not Be Read",
        words: str = "",
    ) -> None:
        """`failed` are (id, name, reason); `ignored` are files that are no photos, with the reason. `words`
        stand above them, in place of those for photos that could not be read."""
        super().__init__(parent)
        self.setWindowTitle(title)
        line = theme.unit(self.fontMetrics())
        self.list = QTreeWidget(self)
        self.list.setColumnCount(2)
        self.list.setHeaderLabels(["Name", "Why"])
        self.list.setWordWrap(True)
        self.list.setAlternatingRowColors(True)
        roomy(self.list)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.list.header().setStretchLastSection(True)
        photos = self._group(f"Photos ({len(failed):,})", bool(failed))
        for photo_id, name, reason in failed:
            row = QTreeWidgetItem([name.rpartition("/")[2], reason])
            row.setTextAlignment(0, Qt.AlignmentFlag.AlignTop)
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
        if words:
            text = words
        elif not failed and not ignored:
            text = "Everything in these folders could be read."
        else:
            text = "These stay in the folder as they are. The photos among them stay in the grid, unrated."
        self.note = DimLabel(text, self)
        self.note.setWordWrap(True)
        buttons = close_box(self)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(line, line, line, line)
        column.addWidget(self.note)
        column.addWidget(self.list, 1)
        column.addWidget(buttons)
        self.list.setColumnWidth(0, line * 16)
        self.list.itemActivated.connect(self._on_activated)
        fit(self, line * 52, line * 26)

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
