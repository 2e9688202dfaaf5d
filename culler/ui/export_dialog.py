"""Export: which photos, where to, how; first what would happen, then doing it, file by file."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QDir, Qt
from PySide6.QtGui import QIcon, QPalette
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from culler.domain.changes import Progress
from culler.domain.photo import PhotoId
from culler.ranking.order import SortKey
from culler.ui import theme
from culler.ui.labels import DimLabel, roomy
from culler.ui.worker import JobThread, Task

MODES = (
    ("copy", "Copy", "The photos stay where they are; every copy is checked."),
    ("move", "Move", "The photos leave their folder once they have arrived whole."),
    ("link", "Link", "No second copy: the folder holds links to the photos."),
)
MOST_ROWS = 5000
NEVER_OVERWRITTEN = "Nothing is ever overwritten: a file that is there already stays as it is."


class ExportDialog(QDialog):
    """`choices` are (title, ids) to export whole; `best` answers the ids of the top n by an aspect.
    `make(request)` makes the export job of a culler.workflow.export.ExportRequest."""

    def __init__(
        self,
        choices: Sequence[tuple[str, tuple[PhotoId, ...]]],
        best: Callable[[int, SortKey], tuple[PhotoId, ...]],
        make: Callable[[Any], Any],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export")
        self._choices = list(choices)
        self._best = best
        self._make = make
        self._thread: JobThread | None = None
        self._moved = False
        line = theme.unit(self.fontMetrics())
        self._line = line

        which = QLabel("Photos", self)
        self.group = QButtonGroup(self)
        buttons = QVBoxLayout()
        buttons.setSpacing(line // 3)
        for at, (title, ids) in enumerate(self._choices):
            button = QRadioButton(f"{title} ({len(ids):,})", self)
            button.setEnabled(bool(ids))
            self.group.addButton(button, at)
            buttons.addWidget(button)
        self.top_button = QRadioButton("Best", self)
        self.group.addButton(self.top_button, len(self._choices))
        self.top_count = QSpinBox(self)
        self.top_count.setRange(1, 1_000_000)
        self.top_count.setValue(20)
        self.top_by = QComboBox(self)
        for key in (SortKey.OVERALL, SortKey.QUALITY, SortKey.AESTHETICS):
            self.top_by.addItem(key.value.capitalize(), key)
        top_row = QHBoxLayout()
        top_row.addWidget(self.top_button)
        top_row.addWidget(self.top_count)
        top_row.addWidget(QLabel("by", self))
        top_row.addWidget(self.top_by)
        top_row.addStretch(1)
        buttons.addLayout(top_row)

        self.to = QLineEdit(self)
        self.to.setPlaceholderText("A folder; it is made if it is not there")
        browse = QPushButton("Choose…", self)
        browse.clicked.connect(self._choose_folder)
        to_row = QHBoxLayout()
        to_row.addWidget(self.to, 1)
        to_row.addWidget(browse)

        self.mode = QComboBox(self)
        for value, title, _ in MODES:
            self.mode.addItem(title, value)
        self.mode_note = DimLabel("", self)
        mode_row = QHBoxLayout()
        mode_row.setSpacing(line)
        mode_row.addWidget(self.mode)
        mode_row.addWidget(self.mode_note, 1)
        self.sidecars = QCheckBox("XMP sidecars go along (with a move they always do)", self)
        self.sidecars.setChecked(True)
        self.csv = QCheckBox("Also a table of scores and marks (culler.csv in the folder)", self)

        grid = QGridLayout()
        grid.setHorizontalSpacing(line)
        grid.setVerticalSpacing(line * 2 // 3)
        grid.addWidget(which, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(buttons, 0, 1)
        grid.addWidget(QLabel("Into", self), 1, 0)
        grid.addLayout(to_row, 1, 1)
        grid.addWidget(QLabel("How", self), 2, 0)
        grid.addLayout(mode_row, 2, 1)
        grid.addWidget(self.sidecars, 3, 1)
        grid.addWidget(self.csv, 4, 1)
        grid.setColumnStretch(1, 1)

        self.list = QTreeWidget(self)
        self.list.setColumnCount(3)
        self.list.setHeaderLabels(["Photo", "What", "Where to"])
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAlternatingRowColors(True)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.list.header().setStretchLastSection(True)
        self.list.setMinimumHeight(line * 10)
        roomy(self.list)
        self.note = DimLabel(NEVER_OVERWRITTEN, self)
        self.note.setWordWrap(True)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(max(6, line // 2))
        self.bar.hide()

        self.buttons = QDialogButtonBox(self)
        self.preview_button = self.buttons.addButton("Preview", QDialogButtonBox.ButtonRole.ActionRole)
        self.preview_button.setToolTip("List what would happen, without doing it")
        self.export_button = self.buttons.addButton("Export", QDialogButtonBox.ButtonRole.ActionRole)
        self.export_button.setDefault(True)
        self.close_button = self.buttons.addButton(QDialogButtonBox.StandardButton.Close)
        self.close_button.setIcon(QIcon())
        self.preview_button.clicked.connect(lambda: self.start(dry_run=True))
        self.export_button.clicked.connect(lambda: self.start(dry_run=False))
        self.buttons.rejected.connect(self.reject)

        column = QVBoxLayout(self)
        column.setContentsMargins(line * 3 // 2, line * 3 // 2, line * 3 // 2, line)
        column.setSpacing(line * 3 // 4)
        column.addLayout(grid)
        column.addWidget(self.list, 1)
        column.addWidget(self.bar)
        column.addWidget(self.note)
        column.addWidget(self.buttons)
        self.resize(line * 42, line * 38)

        self.group.idToggled.connect(lambda *_: self._refresh())
        self.top_count.valueChanged.connect(lambda _: self.top_button.setChecked(True))
        self.top_by.activated.connect(lambda _: self.top_button.setChecked(True))
        self.to.textChanged.connect(lambda _: self._refresh())
        self.mode.currentIndexChanged.connect(lambda _: self._refresh())
        first = next((at for at, (_, ids) in enumerate(self._choices) if ids), len(self._choices))
        self.group.button(first).setChecked(True)
        self._refresh()

    @property
    def moved(self) -> bool:
        """Whether photos left their folders, so that these must be read again."""
        return self._moved

    def chosen_ids(self) -> tuple[PhotoId, ...]:
        """The photos to export as the dialog stands."""
        at = self.group.checkedId()
        if 0 <= at < len(self._choices):
            return self._choices[at][1]
        return self._best(self.top_count.value(), self.top_by.currentData())

    def start(self, dry_run: bool) -> None:
        """Begin the export, or the list of what it would do."""
        from culler.workflow.export import ExportRequest

        if self._thread is not None:
            return
        to = Path(self.to.text().strip()).expanduser()
        request = ExportRequest(
            photo_ids=self.chosen_ids(),
            to=to,
            mode=self.mode.currentData(),
            sidecars=self.sidecars.isChecked(),
            csv=to / "culler.csv" if self.csv.isChecked() else None,
            dry_run=dry_run,
        )
        self.list.clear()
        self.bar.setRange(0, 0)
        self.bar.show()
        self.note.setText("Looking at what would happen …" if dry_run else "Exporting …")
        thread = JobThread(Task("The export", partial(self._make, request)), self)
        thread.progressed.connect(self._on_progress)
        thread.finished_with.connect(lambda report: self._on_report(report, request))
        thread.failed.connect(self._on_failed)
        thread.stopped.connect(lambda: self._end("Cancelled. What was exported before stays there."))
        self._thread = thread
        self._refresh()
        thread.start()

    def reject(self) -> None:
        """Close; a running export is cancelled first and the dialog stays to say so."""
        if self._thread is not None:
            self._thread.cancel()
            return
        super().reject()

    def closeEvent(self, event: Any) -> None:
        if self._thread is not None:
            self._thread.close()
            self._thread = None
        super().closeEvent(event)

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Export into", self.to.text() or QDir.homePath())
        if chosen:
            self.to.setText(chosen)

    def _refresh(self) -> None:
        running = self._thread is not None
        complete = bool(self.to.text().strip()) and self.group.checkedId() >= 0
        self.preview_button.setEnabled(complete and not running)
        self.export_button.setEnabled(complete and not running)
        self.close_button.setText("Cancel" if running else "Close")
        self.mode_note.setText(MODES[self.mode.currentIndex()][2])

    def _on_progress(self, progress: Progress) -> None:
        self.bar.setRange(0, progress.total or 0)
        self.bar.setValue(progress.done)

    def _on_report(self, report: Any, request: Any) -> None:
        items = report.items
        for item in items[:MOST_ROWS]:
            row = QTreeWidgetItem(
                [Path(item.path).name, item.action, item.message or ("" if item.to is None else str(item.to))]
            )
            row.setToolTip(0, str(item.path))
            row.setToolTip(2, row.text(2))
            if item.action == "failed":
                row.setForeground(1, self.palette().color(QPalette.ColorRole.Link))
            self.list.addTopLevelItem(row)
        self.list.resizeColumnToContents(0)
        self.list.setColumnWidth(0, min(self.list.columnWidth(0) + self._line, self._line * 16))
        failed = sum(item.action == "failed" for item in items)
        there = sum(item.action == "exists" for item in items)
        done = len(items) - failed - there
        verb = {"copy": "copied", "move": "moved", "link": "linked"}[request.mode]
        words = [f"{_files(done)} {'would be ' if request.dry_run else ''}{verb}"]
        if there:
            words.append(f"{there:,} there already")
        if failed:
            words.append(f"{failed:,} failed")
        if len(items) > MOST_ROWS:
            words.append(f"the first {MOST_ROWS:,} are listed")
        if request.mode == "move" and not request.dry_run and done:
            self._moved = True
        self._end(", ".join(words) + ".")

    def _on_failed(self, sentence: str) -> None:
        self._end(sentence)

    def _end(self, sentence: str) -> None:
        if self._thread is not None:
            self._thread.wait()
            self._thread.deleteLater()
            self._thread = None
        self.bar.hide()
        self.note.setText(sentence)
        self._refresh()


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
