"""Export: which photos, where to, how; first what would happen, then doing it, file by file.

The panels on the left say what is wanted, each as one frozen value; the list on the right shows what the
first files would be called, then what a dry run foresees or the export did.
"""

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QProgressBar,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from culler.domain.changes import Progress
from culler.ui import export_words as words
from culler.ui import theme
from culler.ui.export_choice import Chosen, Queues, What
from culler.ui.export_form_panel import ExportFormPanel
from culler.ui.export_glance import ExportWork, Glance, look
from culler.ui.export_names_panel import ExportNamesPanel
from culler.ui.export_papers_panel import ExportPapersPanel
from culler.ui.export_photos_panel import ExportPhotosPanel
from culler.ui.export_place_panel import ExportPlacePanel
from culler.ui.export_report_list import ExportReportList
from culler.ui.export_settings import ExportSettings
from culler.ui.labels import DimLabel
from culler.ui.latest import Latest
from culler.ui.worker import JobThread, Task
from culler.workflow.export import ExportReport, ExportRequest, Into

FIRST = 12
PAUSE_MS = 150


class ExportDialog(QDialog):
    """`chosen` is what there is to choose from."""

    def __init__(
        self, chosen: Chosen, work: ExportWork, settings: ExportSettings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export")
        self._chosen = chosen
        self._work = work
        self._thread: JobThread | None = None
        self._moved = False
        self._outcome = ""  # of what was done last, until something else is wanted

        self.photos = ExportPhotosPanel(chosen, self)
        self.place = ExportPlacePanel(self)
        self.names = ExportNamesPanel(self)
        self.form = ExportFormPanel(self)
        self.papers = ExportPapersPanel(self)
        self.panels = (self.photos, self.place, self.names, self.form, self.papers)
        self.report = ExportReportList(self)
        self.note = DimLabel(words.NEVER_OVERWRITTEN, self)
        self.note.setWordWrap(True)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.buttons = QDialogButtonBox(self)
        self.try_button = self.buttons.addButton("Dry Run", QDialogButtonBox.ButtonRole.ActionRole)
        self.try_button.setToolTip("List what would happen to every file, without doing it")
        self.export_button = self.buttons.addButton("Export", QDialogButtonBox.ButtonRole.ActionRole)
        self.close_button = self.buttons.addButton(QDialogButtonBox.StandardButton.Close)
        self.close_button.setIcon(QIcon())
        self.try_button.setAutoDefault(False)
        self.close_button.setAutoDefault(False)
        self.export_button.setDefault(True)
        self._lay_out()
        self._restore(settings)

        self._looking = Latest("Looking at the export", self)
        self._looking.found.connect(self._on_glance)
        self._finding = Latest("Looking for suggestions", self)
        self._finding.found.connect(self._on_queues)
        self._finding.failed.connect(self.note.setText)
        self._soon = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._soon.timeout.connect(self._look)
        self.try_button.clicked.connect(lambda: self.start(dry_run=True))
        self.export_button.clicked.connect(lambda: self.start(dry_run=False))
        self.buttons.rejected.connect(self.reject)
        self.report.asked.connect(self._on_asked)
        for panel in self.panels:
            panel.changed.connect(self._on_change)
        self._on_change()
        (self.place.folder if not self.place.folder.text() else self.photos.what).setFocus()

    @property
    def moved(self) -> bool:
        """Whether photos left their folders, so that these must be read again."""
        return self._moved

    @property
    def is_busy(self) -> bool:
        """Whether something is being done or looked at."""
        return (
            self._thread is not None
            or self._soon.isActive()
            or self._looking.is_busy
            or self._finding.is_busy
        )

    def settings(self) -> ExportSettings:
        """What to begin with next time."""
        return ExportSettings(
            self.photos.choice(),
            self.place.remembered(),
            self.names.name(),
            self.form.form(),
            self.papers.papers(),
        )

    def request(self, dry_run: bool = False) -> ExportRequest | None:
        """What is asked for as the dialog stands; None while that is not known. Without a folder, its
        files would go into the user's own."""
        ids = self.photos.ids()
        if ids is None:
            return None
        placing, form = self.place.placing(), self.form.form()
        # A name alone is a folder beside the user's others, not wherever the program was started.
        to = Path(placing.folder) if placing.folder.startswith("~") else Path.home() / placing.folder
        papers = self.papers.paths(to)
        return ExportRequest(
            ids,
            to,
            placing.mode,
            placing.sidecars,
            dry_run=dry_run,
            name=self.names.name(),
            into=placing.into,
            ranked=self.photos.choice().what is What.BEST,
            format=form.target,
            max_side_px=form.max_side_px,
            quality=form.quality,
            metadata=form.metadata,
            members=placing.members,
            csv=papers.get("csv"),
            json=papers.get("json"),
            list=papers.get("list"),
            sheets=tuple(papers[kind] for kind in ("pdf", "html") if kind in papers),
            stacks=self._work.stacks() if placing.into is Into.STACK else None,
        )

    def start(self, dry_run: bool) -> None:
        """Begin the export, or the list of what it would do."""
        request = self.request(dry_run)
        if self._thread is not None or request is None or not self.export_button.isEnabled():
            return
        self._soon.stop()
        if not dry_run:
            self._work.remember(self.settings())
        self.report.show_items("What would happen" if dry_run else "What was done", (), request.to)
        self.bar.setRange(0, 0)
        self.bar.show()
        self.note.setText("Looking at what would happen …" if dry_run else "Exporting …")
        thread = JobThread(Task("The export", partial(self._work.make, request)), self)
        thread.progressed.connect(self._on_progress)
        thread.finished_with.connect(lambda report: self._on_report(report, request))
        thread.failed.connect(self._end)
        thread.stopped.connect(lambda: self._on_stopped(request))
        self._thread = thread
        self._refresh()
        thread.start()

    def reject(self) -> None:
        """Close; a running export is cancelled first and the dialog stays to say so."""
        if self._thread is not None:
            self._thread.cancel()
            return
        super().reject()

    def done(self, result: int) -> None:
        self._close_threads()
        super().done(result)

    def closeEvent(self, event: Any) -> None:
        self._close_threads()
        super().closeEvent(event)

    def _close_threads(self) -> None:
        self._soon.stop()
        self._looking.close()
        self._finding.close()
        if self._thread is not None:
            self._thread.close()
            self._thread = None

    def _lay_out(self) -> None:
        line = theme.unit(self.fontMetrics())
        self.bar.setFixedHeight(max(6, line // 2))
        self.bar.hide()
        form = QWidget(self)
        parts = QVBoxLayout(form)
        parts.setContentsMargins(0, 0, line, 0)
        parts.setSpacing(line)
        for panel in self.panels:
            parts.addWidget(panel)
        parts.addStretch(1)
        self.area = QScrollArea(self)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setWidget(form)
        self.area.setMinimumWidth(min(form.minimumSizeHint().width() + line, line * 32))
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.setChildrenCollapsible(False)
        split.addWidget(self.area)
        split.addWidget(self.report)
        split.setStretchFactor(0, 0)
        split.setStretchFactor(1, 1)
        split.setHandleWidth(line)
        split.setSizes([line * 31, line * 33])
        column = QVBoxLayout(self)
        column.setContentsMargins(line, line, line, line)
        column.setSpacing(line * 2 // 3)
        column.addWidget(split, 1)
        column.addWidget(self.bar)
        column.addWidget(self.note)
        column.addWidget(self.buttons)
        room = self.screen().availableSize()
        self.resize(min(line * 66, room.width() * 19 // 20), min(line * 46, room.height() * 9 // 10))

    def _restore(self, settings: ExportSettings) -> None:
        self.photos.set_choice(settings.choice)
        self.place.set_placing(settings.placing)
        self.names.set_template(settings.template)
        self.form.set_form(settings.form)
        self.papers.set_papers(settings.papers)

    def _on_change(self) -> None:
        converts = bool(self.form.form().format)
        if converts is not self.place.converts:
            self.place.set_converting(converts)  # comes back here
            return
        self._outcome = ""
        self.note.setText(self._advice())
        if self.photos.ids() is None:
            self.photos.say("Looking for suggestions …")
            self._finding.ask(self._chosen.suggest)
        self._soon.start()
        self._refresh()

    def _advice(self) -> str:
        return words.NEVER_OVERWRITTEN if self.place.placing().folder else words.NO_FOLDER

    def _refresh(self) -> None:
        running = self._thread is not None
        ids = self.photos.ids()
        placing = self.place.placing()
        ready = bool(placing.folder) and bool(ids) and self.names.is_fine and not running
        self.area.setEnabled(not running)
        self.try_button.setEnabled(ready)
        self.export_button.setEnabled(ready)
        self.export_button.setText(
            words.button(placing.mode, bool(self.form.form().format), None if ids is None else len(ids))
        )
        self.close_button.setText("Cancel" if running else "Close")

    def _look(self) -> None:
        request = self.request()
        if request is None or self._thread is not None:
            return
        if not self.names.is_fine:
            self.report.show_items(words.names_title(0, FIRST), (), request.to)
            return
        self._looking.ask(partial(look, self._work, request, FIRST))

    def _on_glance(self, glance: Glance) -> None:
        if self._thread is not None or self._soon.isActive() or self._looking.is_busy:
            return  # overtaken
        count = len(glance.request.photo_ids)
        self.photos.say(words.amount(count, glance.space))
        self.report.show_items(words.names_title(count, FIRST), glance.first, glance.request.to)
        room = "" if glance.space is None else words.lack_of_room(glance.space)
        self.note.setText(glance.problem or room or self._advice())

    def _on_queues(self, queues: Queues) -> None:
        self._chosen.queues = queues
        self._on_change()

    def _on_progress(self, progress: Progress) -> None:
        self.bar.setRange(0, progress.total or 0)
        self.bar.setValue(progress.done)
        if progress.total:
            self.note.setText(f"{progress.note}: {progress.done:,} of {progress.total:,}")

    def _on_report(self, report: ExportReport, request: ExportRequest) -> None:
        title = "What would happen" if request.dry_run else "What was done"
        self.report.show_items(title, report.items, report.to)
        self._moved |= any(item.action == "moved" for item in report.items)
        self._end(words.outcome(report, request.dry_run))

    def _on_stopped(self, request: ExportRequest) -> None:
        if request.dry_run:
            self._end("Cancelled. Nothing was done.")
            return
        self._moved |= request.mode == "move"
        self._end("Cancelled. What was exported before stays there; run again, it goes on from here.")

    def _on_asked(self, sentence: str) -> None:
        if self._thread is None:
            self.note.setText(sentence or self._outcome or self._advice())

    def _end(self, sentence: str) -> None:
        if self._thread is not None:
            self._thread.wait()
            self._thread.deleteLater()
            self._thread = None
        self.bar.hide()
        self._outcome = sentence
        self.note.setText(sentence)
        self._refresh()
