"""Marks that were changed both in Culler and in a sidecar, side by side, to be chosen from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QSizePolicy,
    QSpacerItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from culler.domain.decision import Facet
from culler.domain.photo import PhotoId
from culler.ui import theme
from culler.ui.labels import DimLabel, fit, framed, roomy
from culler.ui.thumbnail_loader import ThumbnailLoader

Keep = Literal["ours", "theirs"]
LATER, OURS, FIRST_SIDECAR = range(3)


class ConflictsDialog(QDialog):
    """`items` are culler.workflow.sidecars.SidecarStatus in conflict. After it was accepted `choices` are
    (photo, whose marks to keep, the sidecar meant)."""

    def __init__(self, items: Sequence[Any], loader: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settle Conflicts")
        self._items, self._loader = items, loader
        self._rows: dict[PhotoId, QTreeWidgetItem] = {}
        self.boxes: list[QComboBox] = []
        line = theme.unit(self.fontMetrics())
        text = DimLabel(
            "The marks of these photos were changed in Culler and in a sidecar. Nothing is written or taken"
            " over until you choose; what you decide later stays as it is on both sides.",
            self,
        )
        text.setWordWrap(True)
        self.list = QTreeWidget(self)
        self.list.setHeaderLabels(["Photo", "In Culler", "In the sidecar", "Keep"])
        self.list.setRootIsDecorated(False)
        self.list.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setIconSize(QSize(line * 5, line * 4))
        roomy(self.list)
        for item in items:
            self._add(item)
        header = self.list.header()
        header.setStretchLastSection(False)
        for column in range(4):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        buttons = QDialogButtonBox(self)
        self.all_ours = buttons.addButton("Keep All of Culler's", QDialogButtonBox.ButtonRole.ActionRole)
        self.all_theirs = buttons.addButton(
            "Take All of the Sidecars'", QDialogButtonBox.ButtonRole.ActionRole
        )
        self.settle: QPushButton = buttons.addButton("Settle", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton("Later", QDialogButtonBox.ButtonRole.RejectRole)
        self.settle.setDefault(True)
        self.all_ours.clicked.connect(lambda: self._choose_all(OURS))
        self.all_theirs.clicked.connect(lambda: self._choose_all(FIRST_SIDECAR))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(line, line, line, line)
        column_.setSpacing(line // 2)
        column_.addWidget(text)
        column_.addWidget(self.list, 1)
        column_.addWidget(buttons)
        fit(self, line * 54, line * 28)
        self._refresh()
        if self.boxes:
            self.boxes[0].setFocus()
        loader.loaded.connect(self._picture)

    @property
    def choices(self) -> list[tuple[PhotoId, Keep, Path | None]]:
        """What was chosen, photo by photo; those left for later are absent."""
        found: list[tuple[PhotoId, Keep, Path | None]] = []
        for item, box in zip(self._items, self.boxes, strict=True):
            if box.currentIndex() == OURS:
                found.append((item.photo_id, "ours", None))
            elif box.currentIndex() >= FIRST_SIDECAR:
                found.append((item.photo_id, "theirs", box.currentData()))
        return found

    def _add(self, item: Any) -> None:
        ours = _said(item.ours.flag.value, item.ours.stars, item.ours.label, item.conflict)
        said = [(side.path, _said(side.flag, side.stars, side.label, item.conflict)) for side in item.theirs]
        several = len(said) > 1
        theirs = "\n".join(f"{path.name}: {words}" if several else words for path, words in said)
        row = QTreeWidgetItem([item.path.name, ours, theirs or "nothing"])
        row.setToolTip(0, str(item.path))
        self.list.addTopLevelItem(row)
        row.setIcon(0, QIcon(framed(None, self.list.iconSize(), self.devicePixelRatioF())))
        self._rows[item.photo_id] = row
        self._picture(item.photo_id)
        box = QComboBox(self.list)
        box.addItem("Decide later")
        box.addItem("Culler's")
        for path, _ in said or [(None, "")]:
            box.addItem(f"{path.name}'s" if several and path is not None else "The sidecar's", path)
        box.setAccessibleName(f"Whose marks to keep of {item.path.name}")
        box.currentIndexChanged.connect(self._refresh)
        self.boxes.append(box)
        around = QWidget(self.list)  # or the box would stretch to the picture's height
        inner = QHBoxLayout(around)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(box, 0, Qt.AlignmentFlag.AlignVCenter)
        rim = theme.unit(self.fontMetrics()) // 2  # what the cell takes for its own padding
        inner.addSpacerItem(QSpacerItem(rim, 0, QSizePolicy.Policy.Maximum))
        self.list.setItemWidget(row, 3, around)

    def _choose_all(self, index: int) -> None:
        for box in self.boxes:
            box.setCurrentIndex(index)

    def _refresh(self) -> None:
        count = len(self.choices)
        self.settle.setEnabled(count > 0)
        photos = "1 Photo" if count == 1 else f"{count:,} Photos"
        self.settle.setText(f"Settle {photos}" if count else "Settle")

    def _picture(self, photo_id: PhotoId) -> None:
        row = self._rows.get(photo_id)
        pixmap = self._loader.pixmap(photo_id)
        if row is not None and pixmap is not None:
            row.setIcon(0, QIcon(framed(pixmap, self.list.iconSize(), self.devicePixelRatioF())))


def _said(flag: Any, stars: Any, label: Any, facets: Sequence[Facet]) -> str:
    """The marks in conflict, in words: "picked, 3 stars"."""
    words = []
    if Facet.FLAG in facets:
        words.append({"pick": "picked", "reject": "rejected"}.get(str(flag), "no flag"))
    if Facet.STARS in facets:
        words.append("no stars" if not stars else f"{stars} star{'' if stars == 1 else 's'}")
    if Facet.LABEL in facets:
        name = getattr(label, "value", label)
        words.append("no label" if name in (None, "none", "") else f"{name} label")
    return ", ".join(words)
