"""The last part of the export dialog: what is written about the photos."""

from dataclasses import dataclass, fields
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from culler.ui.export_rows import Rows, say


@dataclass(frozen=True, slots=True)
class Papers:
    """Which are wanted."""

    csv: bool = False
    json: bool = False
    pdf: bool = False
    html: bool = False
    list: bool = False


_NAMES = {
    "csv": ("Table (CSV)", "culler.csv", "Everything known of each photo, levels included, for spreadsheets"),
    "json": ("Data (JSON)", "culler.json", "The same for programs"),
    "pdf": ("Contact sheet (PDF)", "contact sheet.pdf", "Thumbnails with marks and level bars, for printing"),
    "html": ("Contact sheet (web page)", "contact sheet.html", "The same as one file for any browser"),
    "list": ("List of files", "files.txt", "One path a line, for the import of Lightroom or Capture One"),
}


class ExportPapersPanel(QWidget):
    """Signals: changed()."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        rows = Rows("Lists and sheets", self)
        self.boxes: dict[str, QCheckBox] = {}
        for kind, (title, _, tip) in _NAMES.items():
            box = QCheckBox(title, self)
            box.setToolTip(tip)
            box.toggled.connect(self._on_change)
            self.boxes[kind] = box
        rows.add("", self.boxes["csv"], self.boxes["json"], self.boxes["list"])
        rows.add("", self.boxes["pdf"], self.boxes["html"])
        self.note = rows.add_note()

    def papers(self) -> Papers:
        return Papers(**{kind: box.isChecked() for kind, box in self.boxes.items()})

    def set_papers(self, papers: Papers) -> None:
        for field in fields(Papers):
            with QSignalBlocker(self.boxes[field.name]):
                self.boxes[field.name].setChecked(getattr(papers, field.name))
        self._on_change()

    def paths(self, folder: Path) -> dict[str, Path]:
        """Where the papers that are wanted will be written, by kind."""
        return {kind: folder / _NAMES[kind][1] for kind, box in self.boxes.items() if box.isChecked()}

    def _on_change(self) -> None:
        names = [_NAMES[kind][1] for kind, box in self.boxes.items() if box.isChecked()]
        say(self.note, f"Into the folder: {', '.join(names)}." if names else "")
        self.changed.emit()
