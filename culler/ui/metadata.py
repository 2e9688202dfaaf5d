"""Marks in sidecars, in the window: what is unwritten, writing, reading, conflicts.

Nothing is written but by an action of the user. How many marks are unwritten is shown, each such photo
carries a pencil, and the window asks once before it closes on marks that were set in it, until it is told
not to.
"""

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QMessageBox

from culler.domain.changes import Changed, Changes
from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId
from culler.ui import sidecar_jobs
from culler.ui.labels import DimLabel, photos_counted
from culler.ui.sidecar_questions import ask_embed, ask_unwritten
from culler.ui.worker import JobThread, Task

if TYPE_CHECKING:
    from culler.ui.main_window import MainWindow

COUNT_PAUSE_MS = 400
UNWRITTEN = "Its marks are not written yet."
SETTLE = "Metadata, Settle Conflicts shows both sides."


class Metadata(QObject):
    """`unwritten` are the photos whose marks are not in their sidecars yet; `quiet` lets the window
    close without a question."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self.unwritten: frozenset[PhotoId] = frozenset()
        self.quiet = False
        self._marked_here = False
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
        settings = window.settings
        for action, chosen in (
            ("sidecars-tell", settings.tell_unwritten),
            ("sidecars-reject", settings.reject_as_rating),
            ("sidecars-long", settings.long_sidecar_names),
        ):
            window.actions_[action].setChecked(chosen)
        session.marked.connect(self._on_marked)
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
        self.do("Writing sidecars", partial(sidecar_jobs.write, options=self._options()), self._on_written)

    def embed(self) -> None:
        """Write marks into the picture files as well, by the user's ExifTool, once that was agreed to."""
        self.do("Looking for ExifTool", sidecar_jobs.tool, self._on_tool)

    def read(self) -> None:
        """Take over what other programs changed in the sidecars, as an edit that can be undone."""
        self.do("Reading sidecars", sidecar_jobs.read, self._on_read)

    def find_conflicts(self) -> None:
        """Look for marks that were changed both here and in a sidecar, and ask which to keep."""
        self.do("Looking at sidecars", sidecar_jobs.look, self._on_looked)

    def show_status(self) -> None:
        """Say how marks and sidecars stand to each other, photo by photo."""
        self.do("Looking at sidecars", sidecar_jobs.look, self._on_status)

    def tell(self, wanted: bool) -> None:
        """Show unwritten marks and ask before leaving them so from now on, or no more."""
        self._window.actions_["sidecars-tell"].setChecked(wanted)
        if wanted != self._window.settings.tell_unwritten:
            self._window.update_settings(tell_unwritten=wanted)
        self._show()

    def choose_how(self) -> None:
        """Remember how marks are to be written."""
        actions = self._window.actions_
        self._window.update_settings(
            reject_as_rating=actions["sidecars-reject"].isChecked(),
            long_sidecar_names=actions["sidecars-long"].isChecked(),
        )

    def do(self, title: str, make: Any, then: Any) -> None:
        """Run a job over the opened folders."""
        session = self._window.session
        folders = session.folders
        if session.workspace is not None and folders:
            task = Task(title, partial(make, session.workspace, folders), folders, then=then)
            session.jobs.add(task, urgent=True)

    def may_close(self) -> bool:
        """Whether the window may close now; asks where marks set in it are unwritten."""
        session, settings = self._window.session, self._window.settings
        if self.quiet or session.workspace is None or not session.folders:
            return True
        if not settings.tell_unwritten or not self._marked_here:
            return True
        from culler.workflow.sidecars import pending

        try:
            self.unwritten = frozenset(pending(session.workspace, session.folders))
        except CullerError:
            return True
        if not self.unwritten:
            return True
        answer, never = ask_unwritten(self._window, len(self.unwritten))
        if never and answer is not QMessageBox.StandardButton.Cancel:
            self.tell(False)
        if answer is QMessageBox.StandardButton.Save:
            self._closing = True
            self.write()
            return False
        return answer is QMessageBox.StandardButton.Discard

    # Inside

    def _options(self) -> dict[str, bool]:
        settings = self._window.settings
        return {"reject_as_rating": settings.reject_as_rating, "long_names": settings.long_sidecar_names}

    def _stay(self) -> None:
        self._closing = False

    def _on_marked(self, changes: Changes) -> None:
        self._marked_here = self._marked_here or bool(changes)
        self._soon.start()

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
        make = partial(sidecar_jobs.pending, session.workspace, session.folders)
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
        self.unwritten = found if isinstance(found, frozenset) else frozenset()
        self._show()

    def _show(self) -> None:
        count, told = len(self.unwritten), self._window.settings.tell_unwritten
        text = "Write Marks to Sidecars" + (f" ({count:,})" if count else "")
        self._window.actions_["sidecars-write"].setText(text)
        self.note.setText(f"{count:,} unwritten")
        self.note.setToolTip(
            f"The marks of {photos_counted(count)} are not in their sidecars yet. Metadata, Write Marks to"
            " Sidecars writes them."
        )
        self.note.setVisible(bool(count) and told)
        self._window.model.set_unwritten(self.unwritten if told else frozenset())

    def _on_written(self, report: Any) -> None:
        self._soon.start()
        actions = Counter(item.action for item in report.items)
        states = Counter(str(item.state) for item in report.items)
        parts = [f"Wrote the marks of {photos_counted(actions['written'])}."]
        if report.items and not actions["written"]:
            parts.clear()
        elif not report.items:
            parts = ["All marks are in their sidecars."]
        if states["conflict"]:
            parts.append(f"{photos_counted(states['conflict'])} changed elsewhere, too: {SETTLE}")
        troubled = [item for item in report.items if item.action == "failed" or item.state == "malformed"]
        if troubled:
            parts.append(f"{photos_counted(len(troubled))} could not be written. {troubled[0].message}")
        self._window.task_line.say(" ".join(parts) or "Nothing was left to write.")
        closing, self._closing = self._closing, False
        if len(troubled) > 1:
            self._list_troubles(troubled)
        if closing and not troubled and not states["conflict"]:
            self.quiet = True
            self._window.close()

    def _list_troubles(self, troubled: list[Any]) -> None:
        self._list(
            troubled,
            "What Could Not Be Written",
            "The marks of these photos are safe in Culler's catalog and stay unwritten. Their sidecars are as"
            " they were.",
        )

    def _on_status(self, report: Any) -> None:
        counts = report.states
        said = ", ".join(f"{count:,} {state.value}" for state, count in counts.items())
        words = f"{photos_counted(len(report.items))}: {said}."
        others = [item for item in report.items if item.state != "in sync"]
        if others:
            self._list(others, "How the Sidecars Stand", words)
        else:
            self._window.task_line.say(
                "All marks are in their sidecars." if report.items else "No photo here."
            )

    def _list(self, items: list[Any], title: str, words: str) -> None:
        """Photos with what is to be said of each; a double click goes there."""
        from culler.ui.failures_dialog import FailuresDialog

        said = [(item.photo_id, item.path.name, item.message or UNWRITTEN) for item in items]
        dialog = FailuresDialog(said, (), self._window, title, words)
        dialog.photo_wanted.connect(self._window.views.go_to)
        dialog.exec()
        dialog.deleteLater()

    def _on_tool(self, found: Any) -> None:
        say = self._window.task_line.say
        count, version = found
        if not version:
            say(
                "Writing into picture files needs ExifTool, which was not found. Install it, or write"
                " sidecars."
            )
            return
        if not count:
            say("No photo here has marks.")
            return
        if ask_embed(self._window, count, version):
            make = partial(sidecar_jobs.write, options=self._options() | {"embed": True})
            self.do("Writing into picture files", make, self._on_written)

    def _on_read(self, report: Any) -> None:
        self._soon.start()
        actions = Counter(item.action for item in report.items)
        states = Counter(str(item.state) for item in report.items)
        parts = [f"Took over the marks of {photos_counted(actions['read'])}."]
        if not actions["read"]:
            parts = ["No other program changed any marks."]
        if states["conflict"]:
            parts.append(f"{photos_counted(states['conflict'])} changed here, too: {SETTLE}")
        malformed = [item for item in report.items if item.state == "malformed"]
        if malformed:
            parts.append(f"{photos_counted(len(malformed))} could not be read. {malformed[0].message}")
        self._window.task_line.say(" ".join(parts))

    def _on_looked(self, report: Any) -> None:
        from culler.ui.conflicts_dialog import ConflictsDialog

        items = [item for item in report.items if item.conflict]
        if not items:
            malformed = [item.message for item in report.items if item.state == "malformed"]
            self._window.task_line.say(" ".join(["There are no conflicts.", *malformed[:1]]))
            return
        dialog = ConflictsDialog(items, self._window.loader, self._window)
        self._window.exec_with_pictures(dialog, [item.photo_id for item in items])
        choices = dialog.choices if dialog.result() else []
        dialog.deleteLater()
        if choices:
            self.do("Settling conflicts", partial(sidecar_jobs.settle, choices=choices), self._on_settled)

    def _on_settled(self, answer: Any) -> None:
        self._soon.start()
        settled, problems = answer
        parts = [f"Settled {photos_counted(settled)}.", *problems[:1]]
        self._window.task_line.say(" ".join(parts))
