"""Thumbnails for views: read and decoded on worker threads, those on screen first.

A view asks for photos in the order it wants them; asking again replaces what has not begun. What is
decoded stays in a cache bounded by bytes. Answers that were overtaken (the photo changed, or was
asked for anew) are dropped by request id.
"""

import os
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, Qt, QThread, Signal
from PySide6.QtGui import QImage, QPixmap

from culler.domain.photo import PhotoId
from culler.ui.thumbnail_worker import Job, Queue, Source, Stage, Worker

CACHE_BYTES = 40 * 2**20
"""Some 240 thumbnails, 6 pages; reading one again takes a millisecond. More, and the window with
100,000 photos would outgrow 300 MB (benchmarks/window_memory.py)."""
_WHEN_WANTED = 2
"""So many times as much may stay of what is asked for now: a large screen full of small pictures."""
THUMBNAIL_PX = 256
"""Long side of a stored thumbnail; asked for more, a view gets previews where there is a source."""
_LARGE_FROM = 1.25
"""A picture shown at more than this times the thumbnail's pixels is worth reading the preview."""

_BLOCK = 64
"""About a screenful: all stages of these photos come before the first of the photos that follow."""


@dataclass(slots=True)
class _Entry:
    pixmap: QPixmap
    stage: Stage
    size_bytes: int
    target_px: int


class ThumbnailLoader(QObject):
    """`load` and the other sources give encoded picture bytes, upright, or None where there are none
    (yet); they are called on worker threads and may take their time. `quick` may be worse and is
    shown until `load` has answered; `large` is asked for pictures that are shown larger than a
    thumbnail.

    Signals:
        loaded(photo_id): there is a picture, or a better one than before.
    """

    loaded = Signal(object)

    def __init__(
        self,
        load: Source,
        quick: Source | None = None,
        large: Source | None = None,
        *,
        cache_bytes: int = CACHE_BYTES,
        threads: int | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._sources: dict[Stage, Source | None] = {
            Stage.QUICK: quick,
            Stage.THUMBNAIL: load,
            Stage.LARGE: large,
        }
        self._cache_bytes = cache_bytes
        self._cached: OrderedDict[PhotoId, _Entry] = OrderedDict()
        self._held_bytes = 0
        self._rank: dict[PhotoId, int] = {}
        self._absent: set[tuple[PhotoId, Stage]] = set()
        self._target_px = THUMBNAIL_PX
        self._screen: bytes | None = None
        self._queue = Queue()
        self._last_request = 0
        self._current: dict[tuple[PhotoId, Stage], int] = {}
        count = threads or max(1, min(4, (os.cpu_count() or 2) - 1))
        self._workers = [Worker(self._queue, self._sources, self) for _ in range(count)]
        for worker in self._workers:
            worker.answered.connect(self._take, Qt.ConnectionType.QueuedConnection)
            worker.start(QThread.Priority.LowPriority)
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.close)

    def pixmap(self, photo_id: PhotoId) -> QPixmap | None:
        """The best picture that is there now, without waiting; None while there is none."""
        entry = self._cached.get(photo_id)
        if entry is None:
            return None
        self._cached.move_to_end(photo_id)
        return entry.pixmap

    def request(self, ids: Sequence[PhotoId]) -> None:
        """Fetches these photos, the first first, instead of all asked before that has not begun."""
        self._rank = {photo_id: rank for rank, photo_id in enumerate(ids)}
        for job in self._queue.clear():
            self._current.pop((job.photo_id, job.stage), None)
        self._queue.extend(
            [
                self._job(photo_id, stage)
                for first in range(0, len(ids), _BLOCK)
                for stage in self._stages()
                for photo_id in ids[first : first + _BLOCK]
                if self._lacks(photo_id, stage)
            ]
        )

    def set_target_px(self, pixels: int) -> None:
        """Says how long the longer side of a picture is on screen, in device pixels."""
        # In steps, so that dragging a slider does not read everything anew at each of its pixels.
        self._target_px = -(-max(1, pixels) // 128) * 128

    def set_screen(self, screen: bytes | None) -> None:
        """Pictures are wanted in the colours of the screen with this ICC profile (None: sRGB). Those at
        hand are shown until they are converted; ask for what is on screen."""
        if screen == self._screen:
            return
        self._screen = screen
        for photo_id in [photo_id for photo_id in self._cached if photo_id not in self._rank]:
            self._held_bytes -= self._cached.pop(photo_id).size_bytes
        self.invalidate(list(self._cached))
        self._current.clear()

    def invalidate(self, ids: Iterable[PhotoId]) -> None:
        """The pictures of these photos changed: late answers are dropped, and asking asks again.
        What is cached is still shown until something newer is there."""
        for photo_id in ids:
            for stage in Stage:
                self._current.pop((photo_id, stage), None)
                self._absent.discard((photo_id, stage))
            entry = self._cached.get(photo_id)
            if entry is not None:
                entry.stage, entry.target_px = Stage.QUICK, 0

    def clear(self) -> None:
        """Forgets every picture and every request."""
        self._queue.clear()
        self._rank.clear()
        self._current.clear()
        self._absent.clear()
        self._cached.clear()
        self._held_bytes = 0

    @property
    def cache_bytes(self) -> int:
        return self._cache_bytes

    @property
    def held_bytes(self) -> int:
        """What the cached pictures take: no more than the bound, or twice that where all are wanted now."""
        return self._held_bytes

    def close(self) -> None:
        """Ends the threads; returns when what they had begun is done."""
        self._queue.close()
        self.clear()
        for worker in self._workers:
            worker.wait()
        self._workers = []

    def _stages(self) -> tuple[Stage, ...]:
        large = self._sources[Stage.LARGE] is not None and self._target_px > _LARGE_FROM * THUMBNAIL_PX
        return (Stage.QUICK, Stage.THUMBNAIL, Stage.LARGE) if large else (Stage.QUICK, Stage.THUMBNAIL)

    def _lacks(self, photo_id: PhotoId, stage: Stage) -> bool:
        if (
            self._sources[stage] is None
            or (photo_id, stage) in self._absent
            or (photo_id, stage) in self._current
        ):
            return False
        entry = self._cached.get(photo_id)
        if entry is None:
            return True
        if stage is Stage.LARGE:
            return entry.stage < stage or entry.target_px < self._target_px
        return entry.stage < stage

    def _job(self, photo_id: PhotoId, stage: Stage) -> Job:
        self._last_request += 1
        self._current[photo_id, stage] = self._last_request
        return Job(self._last_request, photo_id, stage, self._target_px, self._screen)

    def _take(self, job: Job, image: QImage | None) -> None:
        key = (job.photo_id, job.stage)
        if self._current.get(key) != job.request:
            return
        del self._current[key]
        if image is None or image.isNull():
            self._absent.add(key)
            return
        old = self._cached.get(job.photo_id)
        if old is not None and (old.stage, old.target_px) > (job.stage, job.target_px):
            return
        pixmap = QPixmap.fromImage(image)
        self._keep(job.photo_id, _Entry(pixmap, job.stage, image.sizeInBytes(), job.target_px))
        if job.photo_id in self._cached:
            self.loaded.emit(job.photo_id)

    def _keep(self, photo_id: PhotoId, entry: _Entry) -> None:
        old = self._cached.pop(photo_id, None)
        if old is not None:
            self._held_bytes -= old.size_bytes
        self._cached[photo_id] = entry
        self._held_bytes += entry.size_bytes
        while self._held_bytes > self._cache_bytes and len(self._cached) > 1:
            unwanted = next((photo_id for photo_id in self._cached if photo_id not in self._rank), None)
            if unwanted is None:
                break
            self._held_bytes -= self._cached.pop(unwanted).size_bytes
        # Where all are wanted, the one that was wanted last goes: a page ahead never drives out what is
        # on screen.
        while self._held_bytes > _WHEN_WANTED * self._cache_bytes and len(self._cached) > 1:
            last = max(self._cached, key=self._rank.__getitem__)
            self._held_bytes -= self._cached.pop(last).size_bytes
