"""The worker threads of the thumbnail loader: a queue of jobs, and who does them."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize, Qt, QThread, Signal
from PySide6.QtGui import QImage, QImageReader

from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId
from culler.ui.bitmaps import for_screen

Source = Callable[[PhotoId], bytes | None]

_log = logging.getLogger(__name__)


class Stage(IntEnum):
    """How good a picture is; a better one replaces a worse one, never the other way."""

    QUICK = 0
    THUMBNAIL = 1
    LARGE = 2


@dataclass(frozen=True, slots=True)
class Job:
    request: int
    photo_id: PhotoId
    stage: Stage
    target_px: int
    screen: bytes | None = None


class Queue:
    """Jobs in the order they are wanted; waiting for one ends when it is closed."""

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque()
        self._closed = False
        self._changed = threading.Condition()

    def extend(self, jobs: Sequence[Job]) -> None:
        with self._changed:
            self._jobs.extend(jobs)
            self._changed.notify_all()

    def clear(self) -> list[Job]:
        """Takes back what nobody has begun."""
        with self._changed:
            jobs = list(self._jobs)
            self._jobs.clear()
            return jobs

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def take(self) -> Job | None:
        """The next job; waits for one. None when closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or bool(self._jobs))
            return None if self._closed else self._jobs.popleft()


class Worker(QThread):
    """Reads and decodes, one picture at a time.

    Signals:
        answered(job, image): emitted from the worker; image is None where there is none.
    """

    answered = Signal(object, object)

    def __init__(self, queue: Queue, sources: Mapping[Stage, Source | None], parent: QObject) -> None:
        super().__init__(parent)
        self._queue = queue
        self._sources = sources

    def run(self) -> None:
        while (job := self._queue.take()) is not None:
            self.answered.emit(job, self._picture(job))

    def _picture(self, job: Job) -> QImage | None:
        source = self._sources[job.stage]
        assert source is not None
        try:
            encoded = source(job.photo_id)
        except CullerError:
            return None  # the photo's Failure row tells why; the cell shows its badge
        except Exception:
            # A thread must outlive one bad picture; the traceback goes to the log.
            _log.exception("thumbnail source failed for photo %d", job.photo_id)
            return None
        if not encoded:
            return None
        image = decoded(encoded, job.target_px if job.stage is Stage.LARGE else None)
        return None if image is None else for_screen(image, job.screen)


_finding = threading.Lock()


def image_reader(buffer: QBuffer) -> QImageReader:
    """A reader whose decoder is found. Qt finds it under a lock of its own and asks the buffer meanwhile,
    which needs the interpreter; who had that and wanted Qt's lock would wait for ever. So one at a time."""
    with _finding:
        reader = QImageReader(buffer)
        reader.canRead()
    return reader


def decoded(encoded: bytes, longest_px: int | None = None) -> QImage | None:
    """The picture, upright, at most `longest_px` long, ready to become a pixmap; None if unreadable.

    QImageReader lets the interpreter go while it reads; QImage.fromData holds it all the time.
    """
    held = QByteArray(encoded)
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = image_reader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if longest_px is not None and max(size.width(), size.height()) > longest_px:
        reader.setScaledSize(size.scaled(QSize(longest_px, longest_px), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        return None
    return rgb32(image)


def rgb32(image: QImage) -> QImage:
    """As the window paints it; nothing is transparent here."""
    wanted = QImage.Format.Format_RGB32
    return image if image.format() == wanted else image.convertToFormat(wanted)
