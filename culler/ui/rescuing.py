"""A catalog that cannot be opened: what is wrong, and the way back by the newest sound backup."""

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt

from culler.domain.changes import Progress
from culler.settings import places
from culler.ui.labels import photos_counted
from culler.ui.worker import JobThread, Task

if TYPE_CHECKING:
    from culler.ui.main_window import MainWindow


class Rescuing(QObject):
    """Offers the backup in the window; `reopen` is called once it is in place."""

    def __init__(self, window: "MainWindow", reopen: Callable[[], None]) -> None:
        super().__init__(window)
        self._window = window
        self._reopen = reopen
        self._thread: JobThread | None = None
        self._when = ""
        window.rescue_wanted.connect(self._restore)

    def offer(self, sentence: str) -> None:
        """Say why the catalog is refused, and look for a backup that could take its place."""
        self._window.refuse(sentence)
        self._run("Looking at the backups", _rescue, self._on_found)

    def close(self) -> None:
        """End the thread."""
        if self._thread is not None:
            self._thread.close()
            self._thread = None

    def _run(self, title: str, job: Callable[[], Any], then: Callable[[Any], None]) -> None:
        thread = JobThread(Task(title, job), self)
        thread.finished_with.connect(lambda found: self._end(then, found))
        thread.failed.connect(lambda sentence: self._end(self._window.refuse, sentence))
        self._thread = thread
        thread.start()

    def _end(self, then: Callable[[Any], None], found: Any) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.wait()
            thread.deleteLater()
            then(found)

    def _on_found(self, found: Any) -> None:
        if found is not None:
            self._when = found.when
            self._window.note.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # there is nothing else
            self._window.note.say(
                "Culler's catalog is gone" if found.wrong == "it is gone" else "Culler's catalog is damaged",
                f"{found.catalog}: {found.wrong}.\n\nThere is a sound backup of {found.when}. The damaged "
                "file is kept beside it, and marks set since come back from their mirror.",
                f"Restore the Backup of {found.when}",
            )

    def _restore(self) -> None:
        if self._thread is None:
            self._window.note.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._window.note.say("Restoring the backup …", "", "")
            self._run("Restoring the catalog", _restore, self._on_restored)

    def _on_restored(self, done: Any) -> None:
        said = f"The backup of {self._when} is the catalog now."
        if done.marks:
            said += f" {photos_counted(done.marks)} got newer marks back from their mirror."
        self._window.task_line.say(said)
        self._reopen()


def _rescue() -> Generator[Progress, None, object]:
    from culler.workflow.catalog_care import rescue

    yield Progress(0, None)
    return rescue(places())


def _restore() -> Generator[Progress, None, object]:
    from culler.workflow.catalog_care import restore

    return (yield from restore(places()))
