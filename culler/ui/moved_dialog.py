"""Where photos were and where they are now."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from culler.ui import theme
from culler.ui.labels import DimLabel, photos_counted


class MovedDialog(QDialog):
    """`known` are culler.workflow.relink.KnownFolder, `lost` the one to begin with. Once accepted, photos
    of `old` are to be looked for below `new`."""

    def __init__(self, known: Sequence[Any], lost: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Find a Moved Folder")
        line = theme.unit(self.fontMetrics())
        text = DimLabel(
            "Culler looks for every photo below the new folder: at the same place, else by its name, and only"
            " where it is the same picture. Marks and scores come along. Files are read, none is touched.",
            self,
        )
        text.setWordWrap(True)
        self.was = QComboBox(self)
        self.was.setAccessibleName("Where the folder was")
        self.was.setMinimumContentsLength(40)
        self.was.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for folder in known:
            state = "" if folder.is_there else ", not there"
            self.was.addItem(f"{folder.path}  ({photos_counted(folder.photos)}{state})", folder.path)
        if lost is not None:
            self.was.setCurrentIndex(max(0, self.was.findData(lost)))
        self.now = QLineEdit(self)
        self.now.setPlaceholderText("The folder that has them now")
        self.now.setAccessibleName("Where the folder is now")
        browse = QPushButton("Choose…", self)
        browse.clicked.connect(self._choose)
        grid = QGridLayout()
        grid.setHorizontalSpacing(line)
        grid.setVerticalSpacing(line * 2 // 3)
        grid.addWidget(QLabel("It was", self), 0, 0)
        grid.addWidget(self.was, 0, 1)
        grid.addWidget(QLabel("It is now", self), 1, 0)
        row = QHBoxLayout()
        row.addWidget(self.now, 1)
        row.addWidget(browse)
        grid.addLayout(row, 1, 1)
        grid.setColumnStretch(1, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.go = buttons.addButton("Find Photos", QDialogButtonBox.ButtonRole.AcceptRole)
        for button in buttons.buttons():
            button.setIcon(QIcon())
        self.go.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(line, line, line, line)
        column.setSpacing(line)
        column.addWidget(text)
        column.addLayout(grid)
        column.addStretch(1)
        column.addWidget(buttons)
        self.resize(line * 44, self.sizeHint().height())
        self.now.textChanged.connect(self._refresh)
        self._refresh()
        self.now.setFocus()

    @property
    def old(self) -> Path | None:
        """Where the photos were."""
        path = self.was.currentData()
        return path if isinstance(path, Path) else None

    @property
    def new(self) -> Path:
        """Where they are now."""
        return Path(self.now.text().strip()).expanduser()

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Where are the photos now?", self.now.text())
        if chosen:
            self.now.setText(chosen)

    def _refresh(self) -> None:
        self.go.setEnabled(self.old is not None and bool(self.now.text().strip()) and self.new.is_dir())
