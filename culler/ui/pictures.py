"""Previews and full-size pictures for the loupe and its kin: read and decoded in threads, neighbours
ahead of time, kept in memory up to a number of bytes. Late answers nobody waits for are dropped."""

import logging
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize, Signal
from PySide6.QtGui import QImage

from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId
from culler.ui.bitmaps import for_screen, from_pil
from culler.ui.scaling import Scaler
from culler.ui.thumbnail_worker import image_reader, rgb32

log = logging.getLogger(__name__)

PREVIEW_BYTES = 192 << 20
FULL_BYTES = 384 << 20
_NICE = 5
"""Behind painting by so much: of two cores that both decode, painting would get what is left."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels of a photo, and how many the photo itself has."""

    image: QImage
    full_size: QSize


class Pictures(QObject):
    """`load_preview(id, screen)` answers (encoded sRGB bytes, or a PIL picture in the colours of the
    screen with that ICC profile; (width, height) of the photo or None), `load_full(id, screen)` a PIL
    picture in the colours of the screen (None: sRGB); both are called in other threads and may raise
    CullerError. `scaler` is for those who show the pictures.

    Signals: preview_ready(id, Picture), full_ready(id, Picture), failed(id, sentence) where there is
    no preview, full_failed(id, sentence).
    """

    preview_ready = Signal(object, object)
    full_ready = Signal(object, object)
    failed = Signal(object, str)
    full_failed = Signal(object, str)
    _done = Signal(object, object, object, object)

    def __init__(
        self,
        load_preview: Callable[[PhotoId, bytes | None], tuple[Any, tuple[int, int] | None]],
        load_full: Callable[[PhotoId, bytes | None], Any],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._load_preview = load_preview
        self._load_full = load_full
        # Nobody waits for a preview behind whole pictures.
        self._pools = {
            kind: ThreadPoolExecutor(2, f"{kind}s", initializer=_step_back) for kind in ("preview", "full")
        }
        self._previews = _Kept(PREVIEW_BYTES)
        self._fulls = _Kept(FULL_BYTES)
        self._asked: set[tuple[str, PhotoId]] = set()
        self._wanted: set[tuple[str, PhotoId]] = set()
        self._closed = False
        self._screen: bytes | None = None
        self.scaler = Scaler(self)
        self._done.connect(self._on_done)

    def want(
        self, ids: Sequence[PhotoId], ahead: Sequence[PhotoId] = (), full: Sequence[PhotoId] = ()
    ) -> None:
        """These photos are on screen (or will be next, `ahead`); whatever else was asked is forgotten,
        but for the full pictures of photos that stay. Pictures at hand are announced at once."""
        close = {("full", id_) for id_ in ids} & self._wanted
        self._wanted = {("preview", id_) for id_ in (*ids, *ahead)} | {("full", id_) for id_ in full} | close
        for photo_id in ids:
            kept = self._previews.get(photo_id)
            if kept is not None:
                self.preview_ready.emit(photo_id, kept)
        for photo_id in full:
            kept = self._fulls.get(photo_id)
            if kept is not None:
                self.full_ready.emit(photo_id, kept)
        for photo_id in ids:
            self._ask("preview", photo_id)
        for photo_id in full:
            self._ask("full", photo_id)
        for photo_id in ahead:
            self._ask("preview", photo_id)

    def want_full(self, photo_id: PhotoId) -> None:
        """This photo is looked at closely, beside everything wanted already."""
        self._wanted = self._wanted | {("full", photo_id)}
        kept = self._fulls.get(photo_id)
        if kept is not None:
            self.full_ready.emit(photo_id, kept)
        else:
            self._ask("full", photo_id)

    def want_full_ahead(self, ids: Sequence[PhotoId]) -> None:
        """These photos may be looked at closely next."""
        self._wanted = self._wanted | {("full", id_) for id_ in ids}
        for photo_id in ids:
            self._ask("full", photo_id)

    def preview(self, photo_id: PhotoId) -> Picture | None:
        """The preview, when it is at hand."""
        return self._previews.get(photo_id)

    def forget(self, ids: Sequence[PhotoId]) -> None:
        """These photos' files changed; what is wanted of them is read anew and announced."""
        for photo_id in ids:
            self._previews.drop(photo_id)
            self._fulls.drop(photo_id)
        for kind, photo_id in self._wanted:
            if photo_id in ids:
                self._ask(kind, photo_id)

    def set_screen(self, screen: bytes | None) -> None:
        """From now on pictures are in the colours of the screen with this ICC profile (None: sRGB);
        those that are wanted are made anew and announced."""
        if screen == self._screen:
            return
        self._screen = screen
        self._previews.clear()
        self._fulls.clear()
        for kind, photo_id in self._wanted:
            self._ask(kind, photo_id)

    def close(self) -> None:
        """Wait for the pictures being read; none is announced any more."""
        self._closed = True
        self._wanted = set()
        self.scaler.close()
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def _ask(self, kind: str, photo_id: PhotoId) -> None:
        key = (kind, photo_id)
        kept = self._previews if kind == "preview" else self._fulls
        if self._closed or key in self._asked or kept.get(photo_id) is not None:
            return
        self._asked.add(key)
        self._pools[kind].submit(self._work, kind, photo_id)

    def _work(self, kind: str, photo_id: PhotoId) -> None:
        """In a pool thread."""
        answer: object = None
        screen = self._screen
        if (kind, photo_id) in self._wanted:
            try:
                answer = self._read(kind, photo_id, screen)
            except CullerError as error:
                answer = str(error)
            except Exception:
                log.exception("the %s of photo %s could not be made", kind, photo_id)
                answer = "This photo cannot be shown. The log has the details."
        if not self._closed:
            self._done.emit(kind, photo_id, answer, screen)

    def _read(self, kind: str, photo_id: PhotoId, screen: bytes | None) -> Picture:
        if kind == "full":
            image = from_pil(self._load_full(photo_id, screen))
            return Picture(image, image.size())
        found, size = self._load_preview(photo_id, screen)
        image = for_screen(decoded(found), screen) if isinstance(found, bytes) else from_pil(found)
        if image.isNull():
            raise CullerError("The preview of this photo is damaged. Read the folder again.")
        return Picture(image, image.size() if size is None else QSize(*size))

    def _on_done(self, kind: str, photo_id: PhotoId, answer: object, screen: bytes | None) -> None:
        self._asked.discard((kind, photo_id))
        if self._closed:
            return
        if isinstance(answer, Picture) and screen != self._screen:
            answer = None  # made for the screen before
        if isinstance(answer, Picture):
            (self._previews if kind == "preview" else self._fulls).put(photo_id, answer)
        wanted = (kind, photo_id) in self._wanted
        if answer is None and wanted:
            self._ask(kind, photo_id)
        elif wanted and isinstance(answer, Picture):
            (self.preview_ready if kind == "preview" else self.full_ready).emit(photo_id, answer)
        elif wanted:
            (self.failed if kind == "preview" else self.full_failed).emit(photo_id, str(answer))


def _step_back() -> None:
    """This thread lets the window's go first, where the system gives threads priorities of their own."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), os.nice(0) + _NICE)


class _Kept:
    """Pictures by photo, least recently used out, bounded by bytes; the newest always stays."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._pictures: OrderedDict[PhotoId, Picture] = OrderedDict()

    def get(self, photo_id: PhotoId) -> Picture | None:
        found = self._pictures.get(photo_id)
        if found is not None:
            self._pictures.move_to_end(photo_id)
        return found

    def put(self, photo_id: PhotoId, picture: Picture) -> None:
        self.drop(photo_id)
        self._pictures[photo_id] = picture
        self._bytes += picture.image.sizeInBytes()
        while self._bytes > self._most and len(self._pictures) > 1:
            _, old = self._pictures.popitem(last=False)
            self._bytes -= old.image.sizeInBytes()

    def clear(self) -> None:
        self._pictures.clear()
        self._bytes = 0

    def drop(self, photo_id: PhotoId) -> None:
        old = self._pictures.pop(photo_id, None)
        if old is not None:
            self._bytes -= old.image.sizeInBytes()


def decoded(data: bytes) -> QImage:
    """The encoded picture as pixels the screen takes without another conversion; null when damaged."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    image = image_reader(buffer).read()
    return image if image.isNull() else rgb32(image)
