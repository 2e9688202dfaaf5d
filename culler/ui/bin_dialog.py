"""The rejects before they go to the bin: their pictures, how many and how large."""

from typing import Any

from PySide6.QtCore import QLocale, QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from culler.domain.photo import PhotoId
from culler.ui import theme
from culler.ui.labels import DimLabel, heading
from culler.ui.thumbnail_loader import ThumbnailLoader


class BinDialog(QDialog):
    """`listed` is a culler.workflow.removal.RemovalList; accepted when it may go."""

    def __init__(self, listed: Any, loader: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Move Rejects to the Bin")
        self._loader = loader
        line = theme.unit(self.fontMetrics())
        count, files = len(listed.items), listed.file_count
        size = QLocale().formattedDataSize(listed.size_bytes, 1, QLocale.DataSizeFormat.DataSizeSIFormat)
        photos = "1 rejected photo" if count == 1 else f"{count:,} rejected photos"
        self.title = heading(f"{photos}, {size}", self, 1.2)
        others = f"{files:,} files, sidecars and companions among them. " if files > count else ""
        text = f"{others}They go to the system's bin, from where you can bring them back. Nothing is deleted."
        self.text = DimLabel(text, self)
        self.text.setWordWrap(True)
        self.list = QListWidget(self)
        self.list.setViewMode(QListWidget.ViewMode.IconMode)
        self.list.setMovement(QListWidget.Movement.Static)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setUniformItemSizes(True)
        self.list.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setIconSize(QSize(line * 7, line * 5))
        self.list.setGridSize(QSize(line * 8, line * 7))
        self._items: dict[PhotoId, QListWidgetItem] = {}
        for item in listed.items:
            row = QListWidgetItem(item.path.name)
            row.setToolTip("\n".join(str(path) for path, _ in item.files))
            row.setSizeHint(QSize(line * 8, line * 7))
            self._items[item.photo_id] = row
            self.list.addItem(row)
            self._picture(item.photo_id)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.go = buttons.addButton("Move to the Bin", QDialogButtonBox.ButtonRole.AcceptRole)
        for button in buttons.buttons():
            button.setIcon(QIcon())
        cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        cancel.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(line, line, line, line)
        column.setSpacing(line // 2)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addWidget(self.list, 1)
        column.addWidget(buttons)
        self.resize(line * 44, line * 30)
        cancel.setFocus()
        loader.loaded.connect(self._picture)

    def _picture(self, photo_id: PhotoId) -> None:
        row = self._items.get(photo_id)
        pixmap = self._loader.pixmap(photo_id)
        if row is not None and pixmap is not None:
            row.setIcon(QIcon(pixmap))
