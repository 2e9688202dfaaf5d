"""What an export would do, or did, file by file: a list that takes any number of lines."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QPalette, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QHeaderView, QTreeView, QVBoxLayout, QWidget

from culler.domain.photo import shown_name
from culler.ui import theme
from culler.ui.labels import heading, roomy
from culler.workflow.export import ExportItem

_HEADINGS = ("Photo", "What", "Where to")
_FAILED = "failed"
_WORDS = {"exists": "there already"}
_NOWHERE = QModelIndex()
_ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.ForegroundRole)


class ReportModel(QAbstractTableModel):
    """Items as rows: the file, what became of it, and where it is, below the target folder, or why not."""

    def __init__(self, palette: QPalette, parent: QWidget) -> None:
        super().__init__(parent)
        self._all: Sequence[ExportItem] = ()
        self._shown: Sequence[ExportItem] = ()
        self._target = Path()
        self.palette = palette

    def set_items(self, items: Sequence[ExportItem], target: Path, only_failed: bool) -> None:
        self.beginResetModel()
        self._all, self._target = items, target
        self._shown = [item for item in items if item.action == _FAILED] if only_failed else items
        self.endResetModel()

    @property
    def has_actions(self) -> bool:
        """Whether there is anything to say of what became of files."""
        return any(item.action for item in self._all)

    def filter(self, only_failed: bool) -> None:
        self.set_items(self._all, self._target, only_failed)

    def sentence(self, row: int) -> str:
        """Why the file of this row failed, in full."""
        return self._shown[row].message

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(_HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADINGS[section]
        return None

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> object:
        if role not in _ROLES or not index.isValid():
            return None
        item, column = self._shown[index.row()], index.column()
        if role == Qt.ItemDataRole.ForegroundRole:
            bad = item.action == _FAILED and column == 1
            return QBrush(theme.problem_color(self.palette)) if bad else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return _text((item.path, item.action, item.message or item.to)[column])
        if column == 1:
            return _WORDS.get(item.action, item.action)
        return _text((item.path.name, "", _reason(item) or self._below(item.to))[column])

    def _below(self, to: Path) -> Path:
        return to.relative_to(self._target) if to != self._target and to.is_relative_to(self._target) else to


class ExportReportList(QWidget):
    """The list with its title, and a box that leaves failures only, where there are any.

    Signals: asked(sentence) about the line that is gone to, empty where there is nothing more to say.
    """

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        line = theme.unit(self.fontMetrics())
        self.title = heading("", self)
        self.only_failed = QCheckBox("Only failures", self)
        self.only_failed.hide()
        self.model = ReportModel(self.palette(), self)
        self.view = QTreeView(self)
        self.view.setModel(self.model)
        self.view.setRootIsDecorated(False)
        self.view.setUniformRowHeights(True)
        self.view.setAlternatingRowColors(True)
        self.view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.view.setAccessibleName("Files of the export")
        header = self.view.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        roomy(self.view)
        top = QHBoxLayout()
        top.addWidget(self.title)
        top.addStretch(1)
        top.addWidget(self.only_failed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(line // 3)
        column.addLayout(top)
        column.addWidget(self.view, 1)
        self._line = line
        self.setMinimumWidth(line * 15)
        self.only_failed.toggled.connect(self.model.filter)
        self.view.selectionModel().currentRowChanged.connect(
            lambda index, _: self.asked.emit(self.model.sentence(index.row()) if index.isValid() else "")
        )

    def show_items(self, title: str, items: Sequence[ExportItem], target: Path) -> None:
        """Show these under a title; the box of failures is there where there are some."""
        failed = sum(item.action == _FAILED for item in items)
        self.title.setText(title)
        self.only_failed.setVisible(0 < failed < len(items))
        self.only_failed.setText(f"Only failures ({failed:,})")
        self.only_failed.setChecked(False)
        self.model.palette = self.palette()
        self.model.set_items(items, target, False)
        self._fit()

    def rows(self) -> list[tuple[str, str, str]]:
        """What the lines say."""
        return [
            tuple(self.model.index(row, column).data() for column in range(3))
            for row in range(self.model.rowCount())
        ]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As wide as the names are, the first within two fifths; without actions there is no such column."""
        self.view.setColumnHidden(1, not self.model.has_actions)
        for column, most in ((0, self.width() * 2 // 5), (1, self._line * 8)):
            self.view.resizeColumnToContents(column)
            self.view.setColumnWidth(column, min(self.view.columnWidth(column) + self._line // 2, most))


def _reason(item: ExportItem) -> str:
    """Why it failed, without what the other columns say: "Cannot copy X to Y: the disk is full." """
    doing, colon, why = item.message.partition(": ")
    return why if colon else doing


def _text(value: object) -> str:
    return shown_name(str(value))[0]
