"""One computation in a thread, over and over: whatever was asked for last is answered."""

from collections.abc import Callable, Generator
from functools import partial

from PySide6.QtCore import QObject, Signal

from culler.domain.changes import Progress
from culler.ui.worker import JobThread, Task


class Latest(QObject):
    """Asked while it computes, it computes once more; answers that were overtaken still come, in order.

    Signals: found(answer), failed(sentence).
    """

    found = Signal(object)
    failed = Signal(str)

    def __init__(self, title: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._thread: JobThread | None = None
        self._next: Callable[[], object] | None = None
        self._closed = False

    @property
    def is_busy(self) -> bool:
        return self._thread is not None

    def ask(self, compute: Callable[[], object]) -> None:
        """Have this computed, in a thread of its own."""
        if self._closed:
            return
        if self._thread is not None:
            self._next = compute
            return
        thread = JobThread(Task(self._title, partial(_job, compute)), self)
        thread.finished_with.connect(self._on_found)
        thread.failed.connect(self._on_failed)
        self._thread = thread
        thread.start()

    def close(self) -> None:
        """Wait for the thread to end; nothing is answered any more."""
        self._closed = True
        if self._thread is not None:
            self._thread.close()
            self._thread = None

    def _end(self) -> bool:
        """Whether the thread that reported is still wanted."""
        thread, self._thread = self._thread, None
        if thread is None:
            return False
        thread.wait()
        thread.deleteLater()
        following, self._next = self._next, None
        if following is not None:
            self.ask(following)
        return not self._closed

    def _on_found(self, answer: object) -> None:
        if self._end():
            self.found.emit(answer)

    def _on_failed(self, sentence: str) -> None:
        if self._end():
            self.failed.emit(sentence)


def _job(compute: Callable[[], object]) -> Generator[Progress, None, object]:
    yield Progress(0, None)
    return compute()
