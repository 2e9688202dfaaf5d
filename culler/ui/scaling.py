"""Scales pictures to what a view shows of them, in a thread: of what a view asks for, only the last."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRectF, QSize, Signal
from PySide6.QtGui import QImage

from culler.ui import bitmaps

log = logging.getLogger(__name__)

_SAME = 1e-3
"""Of a side: the preview's last row may stand for a part of a pixel."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A part of a picture of `photo`, in its own pixels, at a size in pixels of the screen. `who` asks."""

    who: object
    photo: object
    image: QImage
    part: QRectF
    size: QSize

    @property
    def key(self) -> tuple[object, ...]:
        """What makes it another picture."""
        return (self.image.cacheKey(), *self._share(), self.size.width(), self.size.height())

    def covers(self, other: "Wanted") -> bool:
        """Whether the other shows the same part of the same photo at the same size, from however many
        pixels: preview and full picture stand in for each other."""
        return (self.photo, self.size) == (other.photo, other.size) and all(
            abs(mine - theirs) < _SAME for mine, theirs in zip(self._share(), other._share(), strict=True)
        )

    def _share(self) -> tuple[float, ...]:
        """The part as shares of the picture's sides."""
        width, height = max(1, self.image.width()), max(1, self.image.height())
        part = self.part
        return part.left() / width, part.top() / height, part.width() / width, part.height() / height


class Scaler(QObject):
    """Signals: scaled(Wanted, QImage)."""

    scaled = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(1, "scaling")
        self._lock = threading.Lock()
        self._last: dict[object, Wanted] = {}
        self._closed = False

    def ask(self, wanted: Wanted) -> None:
        """Answered by `scaled`, unless the same view asks for something else before it is begun."""
        if self._closed:
            return
        with self._lock:
            self._last[wanted.who] = wanted
        self._pool.submit(self._work, wanted.who)

    def close(self) -> None:
        """Wait for what is being scaled; nothing is answered any more."""
        self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._last.clear()

    def _work(self, who: object) -> None:
        """In the pool's thread."""
        with self._lock:
            wanted = self._last.pop(who, None)
        if wanted is None or self._closed:
            return
        try:
            image = bitmaps.scaled(wanted.image, wanted.part, wanted.size)
        except Exception:
            # What is on screen stays there, a little coarser; the traceback goes to the log.
            log.exception("a picture could not be scaled")
            return
        if not self._closed:
            self.scaled.emit(wanted, image)


class Sharp:
    """One view's side of a scaler: it asks once for what it shows and keeps the last answer. Without a
    scaler there never is one."""

    def __init__(self, scaler: Scaler | None) -> None:
        self._scaler = scaler
        self._asked: tuple[object, ...] = ()
        self._answer: tuple[Wanted, QImage] | None = None

    def take(self, wanted: Wanted, image: QImage) -> None:
        """What the scaler answered to this view."""
        self._answer = (wanted, image)

    def image_of(self, wanted: Wanted) -> QImage | None:
        """That picture if it is there, or one that shows the same; else it is asked for."""
        if self._scaler is not None and self._asked != wanted.key and not wanted.size.isEmpty():
            self._asked = wanted.key
            self._scaler.ask(wanted)
        if self._answer is not None and self._answer[0].covers(wanted):
            return self._answer[1]
        return None

    def forget(self) -> None:
        self._asked, self._answer = (), None
