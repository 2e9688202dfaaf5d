"""Jobs in threads: one at a time, in order, with pause and cancel; no thread outlives its queue.

A job is a generator of `Progress` (culler.workflow.job); a `Task` says how to make it. Signals are
declared on QThread objects that live in the window's thread, so that slots run there.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from culler.domain.changes import Progress
from culler.domain.errors import CullerError
from culler.ui.memory import give_back

log = logging.getLogger(__name__)

JobFactory = Callable[[], Generator[Progress, None, object]]


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A job to do. `title` is what the task line says while it runs. A `resumable` job loses nothing
    when it is stopped and begun again, so an urgent task may go before it at any moment."""

    title: str
    make: JobFactory
    folders: tuple[Path, ...] = ()
    resumable: bool = False
    then: Callable[[object], None] | None = None
    quiet: bool = False


class JobThread(QThread):
    """Drives one job to its end, its cancellation or its failure.

    Signals: progressed(Progress); and, last, one of finished_with(result), failed(sentence), stopped().
    """

    progressed = Signal(object)
    finished_with = Signal(object)
    failed = Signal(str)
    stopped = Signal()

    def __init__(self, task: Task, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.task = task
        self._stop = threading.Event()
        self._go = threading.Event()
        self._go.set()

    def run(self) -> None:
        from culler.workflow.job import drive

        try:
            result = drive(self.task.make(), self.progressed.emit, self._stop.is_set, self._hold)
        except CullerError as error:
            self.failed.emit(str(error))
        except Exception:
            log.exception("%s stopped unexpectedly", self.task.title)
            self.failed.emit(f"{self.task.title} stopped at an error in Culler. The log has the details.")
        else:
            if result is None and self._stop.is_set():
                self.stopped.emit()
            else:
                self.finished_with.emit(result)
        give_back()

    def _hold(self) -> None:
        """Called between steps, in the job's thread: returns at once unless paused."""
        self._go.wait()

    @property
    def paused(self) -> bool:
        return not self._go.is_set()

    def pause(self) -> None:
        """Hold the job at its next step."""
        self._go.clear()

    def resume(self) -> None:
        self._go.set()

    def cancel(self) -> None:
        """Ask the job to end at its next step; what it committed stays."""
        self._stop.set()
        self._go.set()

    def close(self) -> None:
        """Cancel and wait for the end: at most one step."""
        self.cancel()
        self.wait()


class JobQueue(QObject):
    """Tasks one after the other.

    Signals: started(Task), progressed(Progress), finished(Task, result), failed(Task, sentence),
    stopped(Task) when cancelled, paused(bool), emptied() when nothing is left to do.
    """

    started = Signal(object)
    progressed = Signal(object)
    finished = Signal(object, object)
    failed = Signal(object, str)
    stopped = Signal(object)
    paused = Signal(bool)
    emptied = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[Task] = deque()
        self._thread: JobThread | None = None
        self._put_back = False
        self._closed = False

    @property
    def running(self) -> Task | None:
        return None if self._thread is None else self._thread.task

    @property
    def waiting(self) -> tuple[Task, ...]:
        return tuple(self._waiting)

    @property
    def is_paused(self) -> bool:
        return self._thread is not None and self._thread.paused

    def add(self, task: Task, urgent: bool = False) -> None:
        """Do this after everything else; when urgent, before it. A running task that is resumable
        gives way to an urgent one and goes on afterwards."""
        if self._closed:
            return
        if urgent:
            place = sum(1 for other in self._waiting if not other.resumable)
            self._waiting.insert(place, task)
        else:
            self._waiting.insert(self._before_quiet(task), task)
        running = self._thread
        gives_way = running is not None and running.task.resumable and (urgent or running.task.quiet)
        if running is not None and gives_way and not task.quiet:
            self._put_back = True
            running.cancel()
        self._next()

    def _before_quiet(self, task: Task) -> int:
        """Where a task goes that is not urgent: last, quiet ones behind all others."""
        quiet = 0 if task.quiet else sum(1 for other in self._waiting if other.quiet)
        return len(self._waiting) - quiet

    def pause(self) -> None:
        if self._thread is not None and not self._thread.paused:
            self._thread.pause()
            self.paused.emit(True)

    def resume(self) -> None:
        if self._thread is not None and self._thread.paused:
            self._thread.resume()
            self.paused.emit(False)

    def cancel(self) -> None:
        """End the running task; the next one begins."""
        if self._thread is not None:
            self._put_back = False
            self._thread.cancel()

    def clear(self) -> None:
        """End the running task and forget the waiting ones."""
        self._waiting.clear()
        self.cancel()

    def close(self) -> None:
        """Forget everything and wait for the running thread to end; nothing starts afterwards."""
        self._closed = True
        self._waiting.clear()
        if self._thread is not None:
            self._thread.close()
            self._thread = None

    def _next(self) -> None:
        if self._closed or self._thread is not None:
            return
        if not self._waiting:
            self.emptied.emit()
            return
        thread = JobThread(self._waiting.popleft(), self)
        self._thread = thread
        thread.progressed.connect(self.progressed)
        thread.finished_with.connect(self._on_finished)
        thread.failed.connect(self._on_failed)
        thread.stopped.connect(self._on_stopped)
        self.started.emit(thread.task)
        thread.start()

    def _end(self) -> Task | None:
        """The task whose thread just reported its last; None after `close`."""
        thread, self._thread = self._thread, None
        if thread is None:
            return None
        thread.wait()
        thread.deleteLater()
        return thread.task

    def _on_finished(self, result: object) -> None:
        task = self._end()
        if task is None:
            return
        self._put_back = False
        self.finished.emit(task, result)
        if task.then is not None:
            task.then(result)
        self._next()

    def _on_failed(self, sentence: str) -> None:
        task = self._end()
        if task is None:
            return
        self._put_back = False
        self.failed.emit(task, sentence)
        self._next()

    def _on_stopped(self) -> None:
        task = self._end()
        if task is None:
            return
        if self._put_back:
            self._put_back = False
            urgent = sum(1 for other in self._waiting if not other.resumable)
            self._waiting.insert(self._before_quiet(task) if task.quiet else urgent, task)
        else:
            self.stopped.emit(task)
        self._next()
