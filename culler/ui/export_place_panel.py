"""The second part of the export dialog: where to, and whether the photos stay."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QDir, QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLineEdit, QPushButton, QWidget

from culler.ui.export_rows import Rows, combo, say, select
from culler.workflow.export import Into, Members

_MODES = (
    ("Copy", "copy", "The photos stay; every copy is read back and compared."),
    ("Move", "move", "The photos leave their folders. This can be undone."),
    ("Link", "link", "No second copy: hard links where that can be, else symbolic."),
    ("Hard link", "hardlink", "No second copy: a second name. Needs the same disk."),
    ("Symbolic link", "symlink", "No second copy: a pointer to the photo, which must stay."),
)
_INTO = (
    ("This folder", Into.ONE),
    ("A folder for each number of stars", Into.STARS),
    ("A folder for each flag", Into.FLAG),
    ("A folder for each colour label", Into.LABEL),
    ("A folder for each date", Into.DATE),
    ("A folder for each stack", Into.STACK),
)
_MEMBERS = (
    ("RAW and JPEG", Members.ALL),
    ("only the RAW", Members.RAW),
    ("only the JPEG", Members.RENDERED),
)


@dataclass(frozen=True, slots=True)
class Placing:
    """As ExportRequest has them."""

    folder: str = ""
    into: Into = Into.ONE
    mode: str = "copy"
    sidecars: bool = True
    members: Members = Members.ALL


class ExportPlacePanel(QWidget):
    """Signals: changed()."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._converts = False
        rows = Rows("Where", self)
        self.folder = QLineEdit(self)
        self.folder.setPlaceholderText("A folder; it is made if it is not there")
        self.folder.setMinimumWidth(1)
        browse = QPushButton("Choose…", self)
        browse.setAccessibleName("Choose the folder")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        rows.add("Folder", self.folder, browse, stretch=True)
        self.into = combo(self, _INTO)
        rows.add("Sort into", self.into)
        self.mode = combo(self, [(title, value) for title, value, _ in _MODES])
        self.members = combo(self, _MEMBERS, "Of pairs of RAW and JPEG")
        self.sidecars = QCheckBox("XMP sidecars", self)
        rows.add("How", self.mode)
        self.note = rows.add_note()
        rows.add("Of pairs", self.members, self.sidecars)
        self.why = rows.add_note()
        self.folder.textChanged.connect(self._on_change)
        for box in (self.into, self.mode, self.members):
            box.currentIndexChanged.connect(self._on_change)
        self.sidecars.toggled.connect(self._on_change)
        self.set_placing(Placing())

    def placing(self) -> Placing:
        """What is chosen and can be: new pictures are always copies, a move takes everything along."""
        mode = "copy" if self._converts else self.mode.currentData()
        moves = mode == "move"
        return Placing(
            self.folder.text().strip(),
            Into(self.into.currentData()),
            mode,
            moves or self.sidecars.isChecked(),
            Members.ALL if moves or self._converts else Members(self.members.currentData()),
        )

    def remembered(self) -> Placing:
        """What to begin with next time; nobody should move photos because they once did."""
        mode = self.mode.currentData()
        return Placing(
            self.folder.text().strip(),
            Into(self.into.currentData()),
            "copy" if mode == "move" else mode,
            self.sidecars.isChecked(),
            Members(self.members.currentData()),
        )

    def set_placing(self, placing: Placing) -> None:
        with QSignalBlocker(self.folder), QSignalBlocker(self.sidecars):
            self.folder.setText(placing.folder)
            self.sidecars.setChecked(placing.sidecars)
        select(self.into, placing.into)
        select(self.mode, placing.mode)
        select(self.members, placing.members)
        self._on_change()

    @property
    def converts(self) -> bool:
        """Whether it is known that new pictures are made."""
        return self._converts

    def set_converting(self, converts: bool) -> None:
        """Whether new pictures are made, which can only be copies."""
        self._converts = converts
        self._on_change()

    def _browse(self) -> None:
        start = self.folder.text().strip()
        there = start if start and Path(start).is_dir() else QDir.homePath()
        chosen = QFileDialog.getExistingDirectory(self, "Export into", there)
        if chosen:
            self.folder.setText(QDir.toNativeSeparators(chosen))

    def _on_change(self) -> None:
        moves = not self._converts and self.mode.currentData() == "move"
        self.mode.setEnabled(not self._converts)
        self.members.setEnabled(not moves and not self._converts)
        self.sidecars.setEnabled(not moves and not self._converts)
        self.folder.setToolTip(self.folder.text())
        if self._converts:
            say(self.note, "New pictures are copies; the photos stay as they are.")
            say(self.why, "One new picture of each photo; its metadata goes inside.")
        else:
            say(self.note, _MODES[self.mode.currentIndex()][2])
            say(self.why, "A photo moves with all its files, sidecars too." if moves else "")
        self.changed.emit()
