"""The rejects before they go to the bin: their pictures, how many and how large. Each can be spared."""

from typing import Any

from PySide6.QtCore import QLocale, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from culler.domain.photo import PhotoId
from culler.ui import theme
from culler.ui.labels import DimLabel, fit, framed, heading
from culler.ui.thumbnail_loader import ThumbnailLoader


class BinDialog(QDialog):
    """`listed` is a culler.workflow.removal.RemovalList; accepted when those in `chosen` may go."""

    def __init__(self, listed: Any, loader: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Move Rejects to the Bin")
        self._listed, self._loader = listed, loader
        line = theme.unit(self.fontMetrics())
        self.title = heading("", self, 1.2)
        self.text = DimLabel("", self)
        self.text.setWordWrap(True)
        self.list = QListWidget(self)
        self.list.setViewMode(QListWidget.ViewMode.IconMode)
        self.list.setMovement(QListWidget.Movement.Static)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setUniformItemSizes(True)
        self.list.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setIconSize(QSize(line * 9, line * 6))
        self.list.setGridSize(QSize(line * 11, line * 8))
        self.list.setSpacing(0)
        self._items: dict[PhotoId, QListWidgetItem] = {}
        self._pressed: tuple[QListWidgetItem, Qt.CheckState] | None = None
        for item in listed.items:
            row = QListWidgetItem(item.path.name)
            names = "\n".join(str(path) for path, _ in item.files)
            row.setToolTip(f"{names}\n{_size(item.size_bytes)}")
            row.setSizeHint(QSize(line * 11, line * 8))
            row.setFlags(row.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            row.setCheckState(Qt.CheckState.Checked)
            row.setIcon(QIcon(framed(None, self.list.iconSize(), self.devicePixelRatioF())))
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
        fit(self, line * 56, line * 36)
        cancel.setFocus()
        self._refresh()
        self.list.itemChanged.connect(lambda _: self._refresh())
        self.list.itemPressed.connect(self._on_pressed)
        self.list.itemClicked.connect(self._on_clicked)
        loader.loaded.connect(self._picture)

    @property
    def chosen(self) -> frozenset[PhotoId]:
        """The photos that may go."""
        checked = Qt.CheckState.Checked
        return frozenset(id_ for id_, row in self._items.items() if row.checkState() is checked)

    def _on_pressed(self, row: QListWidgetItem) -> None:
        self._pressed = (row, row.checkState())

    def _on_clicked(self, row: QListWidgetItem) -> None:
        """A click anywhere on a photo spares it or lets it go; one on the box itself did so already."""
        if self._pressed == (row, row.checkState()):
            checked = row.checkState() is Qt.CheckState.Checked
            row.setCheckState(Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked)
        self._pressed = None

    def _refresh(self) -> None:
        chosen = self.chosen
        going = [item for item in self._listed.items if item.photo_id in chosen]
        files = sum(len(item.files) for item in going)
        size = _size(sum(item.size_bytes for item in going))
        photos = "1 rejected photo" if len(going) == 1 else f"{len(going):,} rejected photos"
        spared = len(self._items) - len(going)
        self.title.setText(f"{photos}, {size}" if going else "No photo goes")
        others = f"{files:,} files, with the sidecars and companions. " if files > len(going) else ""
        kept = "" if not spared else f"{spared:,} you unticked {'stays' if spared == 1 else 'stay'}. "
        self.text.setText(
            f"{others}{kept}They go to the system's bin and can be brought back from there. "
            "Click a photo to spare it."
        )
        self.go.setEnabled(bool(going))

    def _picture(self, photo_id: PhotoId) -> None:
        row = self._items.get(photo_id)
        pixmap = self._loader.pixmap(photo_id)
        if row is not None and pixmap is not None:
            quiet = QSignalBlocker(self.list)  # a picture is no change of what goes
            row.setIcon(QIcon(framed(pixmap, self.list.iconSize(), self.devicePixelRatioF())))
            quiet.unblock()


def _size(size_bytes: int) -> str:
    return QLocale().formattedDataSize(size_bytes, 1, QLocale.DataSizeFormat.DataSizeSIFormat)
