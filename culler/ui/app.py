"""Starts the window: paints first, imports what is heavy afterwards, and ends without loose ends."""

import gc
import logging
import signal
import socket
import sys
import threading
from collections.abc import Generator, Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal
from PySide6.QtWidgets import QApplication

from culler.domain.changes import Progress
from culler.settings import Settings, places
from culler.ui import theme
from culler.ui.main_window import MainWindow
from culler.ui.rescuing import Rescuing
from culler.ui.session import Session
from culler.ui.worker import JobThread, Task

log = logging.getLogger(__name__)

SETTINGS_FILE = "settings.json"
INTERRUPTED = 130
SWITCH_S = 0.001
"""How long a busy thread may keep the interpreter from the window's (benchmarks/ui_responsiveness.py)."""
PATIENCE_MS = 250
"""Longest that opening the catalog waits for the pictures of the first page."""


def run(folders: Sequence[Path]) -> int:
    """Open the window on these folders (none: the welcome page); returns the exit code when it closes."""
    sys.setswitchinterval(SWITCH_S)
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("Culler")
    app.setApplicationDisplayName("Culler")
    app.setDesktopFileName("culler")
    _log_to(places().logs)
    settings_file = places().config / SETTINGS_FILE
    settings = Settings.load(settings_file)
    theme.apply(app, settings.theme if settings.theme in set(theme.Scheme) else theme.Scheme.SYSTEM)
    app.setWindowIcon(theme.app_icon())
    session = Session()
    window = MainWindow(session, settings, settings_file)
    unexpected = _Unexpected(window)
    interrupt = _Interrupt(window)
    start = Start(window, session, folders)
    window.first_painted.connect(_collect_from_now_on)
    window.first_painted.connect(start.begin)
    window.closed.connect(start.close)
    if not (folders and session.show_early(folders)):
        window.expect(folders)
    window.restore_place()
    window.show()
    try:
        code = app.exec()
    finally:
        interrupt.restore()
        unexpected.restore()
        if session.workspace is not None or session.jobs.running is not None:
            window.metadata.quiet = True
            window.close()
    return INTERRUPTED if interrupt.came else code


def _collect_from_now_on() -> None:
    """Look for garbage, but not among what the window is made of, which stays until it closes."""
    gc.freeze()
    gc.enable()


class Start(QObject):
    """Opens the catalog in a thread once the window is painted, then the folders.

    Signals: done() when the window can be used or says why not.
    """

    done = Signal()

    def __init__(self, window: MainWindow, session: Session, folders: Sequence[Path]) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._folders = list(folders)
        self._thread: JobThread | None = None
        self._rescuing = Rescuing(window, self._open)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._open)

    def begin(self) -> None:
        """The window is painted. Where it shows photos already their pictures come first, for a
        moment: imports would hold them up."""
        if self._session.folders:
            self._patience.start()
            self._window.loader.loaded.connect(self._look)
            self._look()
        else:
            self._open()

    def _look(self) -> None:
        visible = self._window.grid.visible_ids()
        if self._patience.isActive() and all(map(self._window.loader.pixmap, visible)):
            self._patience.stop()
            self._open()

    def _open(self) -> None:
        thread = JobThread(Task("Opening the catalog", _open), self)
        thread.finished_with.connect(self._on_open)
        thread.failed.connect(self._on_refused)
        self._thread = thread
        thread.start()

    def close(self) -> None:
        """The window closed; an opening under way ends first."""
        self._patience.stop()
        self._rescuing.close()
        if self._thread is not None:
            self._thread.close()
            self._thread = None

    def _on_open(self, workspace: Any) -> None:
        if self._thread is None:
            workspace.close()
            return
        self._thread.wait()
        self._session.attach(workspace)
        self._window.set_ready()
        if self._folders:
            self._session.open(self._folders)
            self._window.views.show_page()
        self.done.emit()

    def _on_refused(self, sentence: str) -> None:
        if self._thread is not None:
            self._thread.wait()
            self._rescuing.offer(sentence)
        self.done.emit()


def _open() -> Generator[Progress, None, object]:
    """A job of one step: the heavy imports, those that the window is about to need too, and the catalog."""
    import culler.workflow.pixels
    import culler.workflow.rank
    import culler.workflow.scan  # noqa: F401
    from culler.workflow.workspace import open_workspace

    yield Progress(0, None, "Opening the catalog")
    return open_workspace()


class _Interrupt:
    """Ctrl-C, or being told to end, closes the window. Python sees signals only between its own steps;
    the wake-up socket makes Qt give it one."""

    def __init__(self, window: MainWindow) -> None:
        self.came = False
        self._window = window
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, window)
        self._notifier.activated.connect(self._drain)
        self._former_fd = -1
        self._former: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            self._former_fd = signal.set_wakeup_fd(self._writer.fileno())
            for number in (signal.SIGINT, signal.SIGTERM):
                self._former[number] = signal.signal(number, self._on_signal)

    def restore(self) -> None:
        self._notifier.setEnabled(False)
        for number, handler in self._former.items():
            signal.signal(number, handler)
        if self._former:
            signal.set_wakeup_fd(self._former_fd)
        self._reader.close()
        self._writer.close()

    def _drain(self) -> None:
        try:
            self._reader.recv(64)
        except OSError:
            return

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        self._window.metadata.quiet = True
        self._window.close()


class _Unexpected:
    """An exception nobody expected goes to the log with its traceback, and a sentence to the window."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._former = sys.excepthook
        sys.excepthook = self._on_exception

    def restore(self) -> None:
        sys.excepthook = self._former

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        log.critical("unexpected", exc_info=(kind, error, trace))
        self._former(kind, error, trace)
        self._window.session.said.emit("Something in Culler went wrong. The log has the details.")


def _log_to(folder: Path) -> None:
    """Keep warnings and errors in a file, two of 1 MB at most."""
    root = logging.getLogger("culler")
    if any(isinstance(handler, RotatingFileHandler) for handler in root.handlers):
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / "culler.log", maxBytes=1 << 20, backupCount=1, encoding="utf-8", delay=True
        )
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.setLevel(logging.INFO)
    root.addHandler(handler)
