"""What other programs do while a folder is open: changed sidecars are told of, never taken over by
themselves, and a folder that is gone or back again is noticed."""

from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QToolButton

from culler.domain.changes import Changed, Changes, Progress
from culler.ui.labels import photos_counted
from culler.ui.worker import JobThread, Task

if TYPE_CHECKING:
    from culler.ui.main_window import MainWindow

EVERY_MS = 20_000
AFTER_SCAN_MS = 1_500


class Outside(QObject):
    """Looks when the window comes to the front, after every reading of the folders, and now and then."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._thread: JobThread | None = None
        self._folders: tuple[Path, ...] = ()
        self._noticed: Any = None
        self._rescanned = True  # there may be photos and folders that the last look did not know
        self.note = QToolButton(window.task_line)
        self.note.setAutoRaise(True)
        self.note.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.note.clicked.connect(self._settle)
        self.note.hide()
        self._soon = QTimer(self, singleShot=True, interval=AFTER_SCAN_MS)
        self._soon.timeout.connect(self._on_rescanned)
        self._often = QTimer(self, interval=EVERY_MS)
        self._often.timeout.connect(self.look)

    def join(self) -> None:
        """Once the window has all its parts."""
        row = self._window.task_line.layout()
        if row is not None:
            row.insertWidget(1, self.note)  # type: ignore[attr-defined]
        self._window.session.jobs.emptied.connect(self._soon.start)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.applicationStateChanged.connect(self._on_state)
        self._often.start()

    def close(self) -> None:
        """End the thread."""
        self._soon.stop()
        self._often.stop()
        if self._thread is not None:
            self._thread.close()
            self._thread = None

    def look(self) -> None:
        """See what changed, unless something is under way."""
        session = self._window.session
        if session.workspace is None or not session.folders:
            return
        if self._thread is not None or session.jobs.running is not None or not self._window.isVisible():
            return
        if session.folders != self._folders:
            self._folders, self._noticed = session.folders, None
        make = partial(_notice, session.workspace, session.folders, self._noticed, self._rescanned)
        self._rescanned = False
        self._thread = JobThread(Task("Looking what other programs did", make), self)
        self._thread.finished_with.connect(self._on_noticed)
        self._thread.failed.connect(self._on_noticed)
        self._thread.start()

    def _on_rescanned(self) -> None:
        self._rescanned = True
        self.look()

    def _on_state(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive:
            self.look()

    def _on_noticed(self, found: Any) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return
        thread.wait()
        thread.deleteLater()
        session = self._window.session
        if isinstance(found, str) or session.folders != self._folders:
            self._rescanned = True  # what this look was to find is left to the next one
            return
        before, self._noticed = self._noticed, found
        if found.marked:  # maybe in another window of Culler
            session.apply(Changes.of(found.marked, Changed.MARKS))
        was_absent = () if before is None else before.absent
        for root in found.absent:
            if root not in was_absent:
                self._window.task_line.say(
                    f"{root} is not there any more. Is its disk connected? Marks you set now are kept."
                )
        back = [root for root in was_absent if root not in found.absent]
        if back:
            self._window.task_line.say(f"{back[0]} is back.", lasting=True)
            session.rescan()
        self._show()

    def _show(self) -> None:
        count = len(self._noticed.changed)
        conflicts = len(self._noticed.conflicts)
        self.note.setText(f"{count:,} changed elsewhere")
        tip = f"Another program changed the marks of {photos_counted(count)}. Click to take them over."
        if conflicts:
            tip += f" {photos_counted(conflicts)} changed here, too: you choose."
        self.note.setToolTip(tip)
        self.note.setVisible(bool(count))

    def _settle(self) -> None:
        """Take over what only the others changed, then ask about the rest."""
        conflicts = bool(self._noticed and self._noticed.conflicts)
        if self._noticed and self._noticed.changed - self._noticed.conflicts:
            self._window.metadata.read()
        if conflicts:
            self._window.metadata.find_conflicts()


def _notice(
    workspace: Any, folders: tuple[Path, ...], before: Any, rescanned: bool
) -> Generator[Progress, None, object]:
    from culler.workflow.sidecar_watch import notice

    return (yield from notice(workspace, folders, before, rescanned))
