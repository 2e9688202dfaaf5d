"""Reading the columns of the opened folders in a thread: seconds' worth of work at 100,000 photos."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from culler.domain.changes import Progress
from culler.domain.errors import CullerError
from culler.ui.collection import Prepared, prepared
from culler.ui.worker import JobThread, Task


class Loading(QObject):
    """What was asked for last counts; what it overtook is dropped.

    Signals: loaded(Prepared), failed(sentence).
    """

    loaded = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._threads: dict[int, JobThread] = {}
        self._asked = 0
        self.running = False

    def start(self, workspace: object, folders: Sequence[Path]) -> None:
        """Read these folders' columns."""
        self._asked += 1
        self.running = True
        make = partial(_load, workspace, tuple(folders), self._asked)
        thread = JobThread(Task("Opening the folder", make), self)
        thread.finished_with.connect(self._on_loaded)
        thread.failed.connect(self._on_failed)
        self._threads[self._asked] = thread
        thread.start()

    def close(self) -> None:
        """Wait for its end; nothing is announced any more."""
        self._asked = 0
        self.running = False
        for thread in self._threads.values():
            thread.close()
        self._threads.clear()

    def _on_loaded(self, answer: "_Answer") -> None:
        thread = self._threads.pop(answer.number, None)
        if thread is not None:
            thread.wait()
            thread.deleteLater()
        if answer.number != self._asked:
            return
        self.running = False
        if answer.found is None:
            self.failed.emit(answer.sentence)
        else:
            self.loaded.emit(answer.found)

    def _on_failed(self, sentence: str) -> None:
        """Something nobody expected; the thread is let go of with the others."""
        if self._asked:
            self.running = False
            self.failed.emit(sentence)


@dataclass(frozen=True, slots=True)
class _Answer:
    number: int
    found: Prepared | None = None
    sentence: str = ""


def _load(workspace: Any, folders: tuple[Path, ...], number: int) -> Generator[Progress, None, _Answer]:
    from culler.workflow.rank import load_columns

    yield Progress(0, None)
    try:
        return _Answer(number, prepared(load_columns(workspace, folders)))
    except CullerError as error:
        return _Answer(number, sentence=str(error))
