"""Whether everything is in order: what culler doctor says, in a window."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from culler.domain.levels import Level
from culler.ui import theme
from culler.ui.labels import DimLabel, close_box, fit, heading, roomy


class HealthDialog(QDialog):
    """`findings` are culler.workflow.health.Finding, those that want a look first."""

    def __init__(self, findings: Sequence[Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Is Everything in Order?")
        self._findings = sorted(findings, key=lambda finding: finding.sound)
        line = theme.unit(self.fontMetrics())
        troubled = sum(not finding.sound for finding in findings)
        words = "1 thing wants a look" if troubled == 1 else f"{troubled} things want a look"
        self.title = heading(words if troubled else "Everything is in order", self, 1.2)
        note = DimLabel("Nothing was changed by looking. culler doctor says the same in a terminal.", self)
        self.list = QTreeWidget(self)
        self.list.setHeaderLabels(["What", "How it stands"])
        self.list.setRootIsDecorated(False)
        self.list.setWordWrap(True)
        self.list.setUniformRowHeights(False)
        self.list.setSelectionMode(QTreeWidget.SelectionMode.SingleSelection)
        self.list.setIconSize(QSize(line, line))
        roomy(self.list)
        warning = QIcon(
            theme.glyph(
                "warning", line, theme.level_color(Level.POOR, self.palette()), self.devicePixelRatioF()
            )
        )
        for finding in self._findings:
            row = QTreeWidgetItem([finding.subject[:1].upper() + finding.subject[1:], finding.text])
            row.setToolTip(1, finding.text)
            row.setTextAlignment(0, Qt.AlignmentFlag.AlignTop)
            row.setTextAlignment(1, Qt.AlignmentFlag.AlignTop)
            if not finding.sound:
                row.setIcon(0, warning)
            self.list.addTopLevelItem(row)
        header = self.list.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        buttons = close_box(self)
        copy = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        copy.setToolTip("Copy this report as text")
        copy.setIcon(QIcon())
        copy.clicked.connect(self._copy)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setDefault(True)
        close.setFocus()
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(line, line, line, line)
        column.setSpacing(line // 2)
        column.addWidget(self.title)
        column.addWidget(note)
        column.addWidget(self.list, 1)
        column.addWidget(buttons)
        fit(self, line * 52, line * 32)

    def _copy(self) -> None:
        lines = [
            f"{'ok  ' if finding.sound else 'LOOK'}  {finding.subject}: {finding.text}"
            for finding in self._findings
        ]
        QGuiApplication.clipboard().setText("\n".join(lines))
