"""Marks in sidecars, in the window: what is unwritten, writing, reading, conflicts.

Nothing is written but by an action of the user. Whoever has written sidecars once, or asked for
it, is told how many marks are unwritten and asked before the window closes on them.
"""

from collections import Counter
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMessageBox

from culler.domain.changes import Changed, Changes, Progress
from culler.domain.errors import CullerError
from culler.ui.labels import DimLabel, photos_counted
from culler.ui.worker import JobThread, Task

if TYPE_CHECKING:
    from culler.ui.main_window import MainWindow

COUNT_PAUSE_MS = 400


class Metadata(QObject):
    """`unwritten` counts the photos whose marks are not in their sidecars yet; `quiet` lets the window
    close without a question."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self.unwritten = 0
        self.quiet = False
        self._closing = False
        self._thread: JobThread | None = None
        self._soon = QTimer(self, singleShot=True, interval=COUNT_PAUSE_MS)
        self._soon.timeout.connect(self._count)
        self.note = DimLabel("", window.task_line)

    def join(self) -> None:
        """Once the window has all its parts."""
        window, session = self._window, self._window.session
        row = window.task_line.layout()
        if row is not None:
            row.insertWidget(1, self.note)  # type: ignore[attr-defined]
        window.actions_["sidecars-keep"].setChecked(window.settings.keep_sidecars)
        session.marked.connect(lambda _: self._soon.start())
        session.loaded.connect(self._soon.start)
        session.changed.connect(self._on_changed)
        session.jobs.failed.connect(lambda *_: self._stay())
        session.jobs.stopped.connect(lambda *_: self._stay())
        self._show()

    def close(self) -> None:
        """End the thread."""
        self._soon.stop()
        if self._thread is not None:
            self._thread.close()
            self._thread = None

    # What actions do

    def write(self) -> None:
        """Write all marks of the opened folders that are in no sidecar yet."""
        self.keep(True)
        self._do("Writing sidecars", _write, self._on_written)

    def read(self) -> None:
        """Take over what other programs changed in the sidecars, as an edit that can be undone."""
        self._do("Reading sidecars", _read, self._on_read)

    def find_conflicts(self) -> None:
        """Look for marks that were changed both here and in a sidecar, and ask which to keep."""
        self._do("Looking at sidecars", _look, self._on_looked)

    def keep(self, wanted: bool) -> None:
        """Tell of unwritten marks from now on, or no more."""
        self._window.actions_["sidecars-keep"].setChecked(wanted)
        if wanted != self._window.settings.keep_sidecars:
            self._window.update_settings(keep_sidecars=wanted)
        self._show()

    def may_close(self) -> bool:
        """Whether the window may close now; asks where marks are unwritten and the user wants to know."""
        session, settings = self._window.session, self._window.settings
        if self.quiet or session.workspace is None or not session.folders or not settings.keep_sidecars:
            return True
        from culler.workflow.sidecars import pending

        try:
            self.unwritten = len(pending(session.workspace, session.folders))
        except CullerError:
            return True
        if not self.unwritten:
            return True
        answer = self._ask()
        if answer is QMessageBox.StandardButton.Save:
            self._closing = True
            self.write()
            return False
        return answer is QMessageBox.StandardButton.Discard

    # Inside

    def _do(self, title: str, make: Any, then: Any) -> None:
        session = self._window.session
        folders = session.folders
        if session.workspace is not None and folders:
            task = Task(title, partial(make, session.workspace, folders), folders, then=then)
            session.jobs.add(task, urgent=True)

    def _ask(self) -> QMessageBox.StandardButton:
        box = QMessageBox(self._window)
        box.setWindowTitle("Unwritten marks")
        box.setText(f"The marks of {photos_counted(self.unwritten)} are not in their sidecars yet.")
        box.setInformativeText("They are safe in Culler's catalog; other programs see them once written.")
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        for button, text in ((buttons.Save, "Write"), (buttons.Discard, "Leave in the Catalog")):
            box.button(button).setText(text)
        for shown in box.buttons():
            shown.setIcon(QIcon())
        box.setDefaultButton(buttons.Save)
        answer = buttons(box.exec())
        box.deleteLater()
        return answer

    def _stay(self) -> None:
        self._closing = False

    def _on_changed(self, changes: Changes) -> None:
        if Changed.MARKS in changes.facets:
            self._soon.start()

    def _count(self) -> None:
        session = self._window.session
        if session.workspace is None or not session.folders:
            return
        if self._thread is not None:
            self._soon.start()
            return
        make = partial(_pending, session.workspace, session.folders)
        self._thread = JobThread(Task("Counting unwritten marks", make), self)
        self._thread.finished_with.connect(self._on_counted)
        self._thread.failed.connect(self._on_counted)
        self._thread.start()

    def _on_counted(self, found: object) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return
        thread.wait()
        thread.deleteLater()
        self.unwritten = found if isinstance(found, int) else 0
        self._show()

    def _show(self) -> None:
        count = self.unwritten
        text = "Write Marks to Sidecars" + (f" ({count:,})" if count else "")
        self._window.actions_["sidecars-write"].setText(text)
        self.note.setText(f"{count:,} unwritten")
        self.note.setToolTip(f"The marks of {photos_counted(count)} are not in their sidecars yet.")
        self.note.setVisible(bool(count) and self._window.settings.keep_sidecars)

    def _on_written(self, report: Any) -> None:
        self._soon.start()
        actions = Counter(item.action for item in report.items)
        states = Counter(str(item.state) for item in report.items)
        parts = [f"Wrote the marks of {photos_counted(actions['written'])}."]
        if not report.items:
            parts = ["All marks are in their sidecars."]
        if states["conflict"]:
            parts.append(
                f"{photos_counted(states['conflict'])} changed elsewhere too: Metadata, Settle Conflicts."
            )
        failed = [item for item in report.items if item.action == "failed"]
        if failed:
            parts.append(failed[0].message)
        self._window.task_line.say(" ".join(parts))
        closing, self._closing = self._closing, False
        if closing and not failed and not states["conflict"]:
            self.quiet = True
            self._window.close()

    def _on_read(self, report: Any) -> None:
        self._soon.start()
        actions = Counter(item.action for item in report.items)
        states = Counter(str(item.state) for item in report.items)
        sentence = f"Took over the marks of {photos_counted(actions['read'])}."
        if not actions["read"]:
            sentence = "No other program changed any marks."
        if states["conflict"]:
            sentence += f" {photos_counted(states['conflict'])} changed here too: Metadata, Settle Conflicts."
        self._window.task_line.say(sentence)

    def _on_looked(self, report: Any) -> None:
        from culler.ui.conflicts_dialog import ConflictsDialog
        from culler.workflow.sidecars import resolve

        items = [item for item in report.items if item.conflict]
        if not items:
            self._window.task_line.say("There are no conflicts.")
            return
        dialog = ConflictsDialog(items, self._window.loader, self._window)
        self._window.exec_with_pictures(dialog, [item.photo_id for item in items])
        session = self._window.session
        settled = [
            session.perform(partial(resolve, session.workspace, photo_id, keep, sidecar))
            for photo_id, keep, sidecar in (dialog.choices if dialog.result() else ())
        ]
        dialog.deleteLater()
        if settled:
            self._soon.start()
        if settled and all(settled):
            self._window.task_line.say(f"Settled {photos_counted(len(settled))}.")


_Folders = tuple[Path, ...]


def _pending(workspace: Any, folders: _Folders) -> Generator[Progress, None, int]:
    from culler.workflow.sidecars import pending

    yield Progress(0, None)
    return len(pending(workspace, folders))


def _write(workspace: Any, folders: _Folders) -> Generator[Progress, None, object]:
    from culler.workflow import sidecars

    ids = sidecars.pending(workspace, folders)
    return (yield from sidecars.write(workspace, sidecars.WriteRequest(ids)))


def _read(workspace: Any, folders: _Folders) -> Generator[Progress, None, object]:
    from culler.workflow import sidecars

    return (yield from sidecars.read(workspace, sidecars.photos_in(workspace, folders)))


def _look(workspace: Any, folders: _Folders) -> Generator[Progress, None, object]:
    from culler.workflow import sidecars

    return (yield from sidecars.status(workspace, folders))
