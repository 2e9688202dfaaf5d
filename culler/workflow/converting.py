"""New pictures of photos, made ahead in threads: as many at once as cores and memory allow."""

import os
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from culler.domain.photo import Photo, PhotoId
from culler.imaging import conversion
from culler.imaging.conversion import Recipe
from culler.workflow import develop
from culler.workflow.ahead import stand_back

STEP_S = 0.2
MOST_THREADS = 8
MOST_MEGAPIXELS = 200.0
"""Of the photos in hand together, unless one alone has more: about 2 GB while they are worked on."""
UNKNOWN_MEGAPIXELS = 50.0


class Converting:
    """The pictures are asked for in the order of the photos; close it in the end."""

    def __init__(self, photos: Sequence[Photo], recipe: Recipe) -> None:
        self._recipe = recipe
        self._waiting = deque(photos)
        self._threads = max(1, min(MOST_THREADS, os.cpu_count() or 1))
        self._pool = ThreadPoolExecutor(self._threads, "convert", initializer=stand_back)
        self._in_hand: dict[PhotoId, tuple[Future[bytes], float]] = {}

    def is_ready(self, photo: Photo) -> bool:
        """Whether the photo's picture is made; waits a moment for it."""
        self._fill()
        future, _ = self._in_hand[photo.id]
        return bool(wait([future], STEP_S).done)

    def take(self, photo: Photo) -> bytes:
        """The picture, which is forgotten here. Raises CullerError when the photo cannot be shown."""
        self._fill()
        future, _ = self._in_hand.pop(photo.id)
        return future.result()

    def close(self) -> None:
        """Stop; returns when the photos in hand are through."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _fill(self) -> None:
        held = sum(megapixels for _, megapixels in self._in_hand.values())
        while self._waiting and len(self._in_hand) <= self._threads:
            photo = self._waiting[0]
            megapixels = _megapixels(photo)
            if self._in_hand and held + megapixels > MOST_MEGAPIXELS:
                return
            held += megapixels
            future = self._pool.submit(conversion.convert, photo, self._recipe, develop.companion_of(photo))
            self._in_hand[self._waiting.popleft().id] = (future, megapixels)


def _megapixels(photo: Photo) -> float:
    facts = photo.facts
    if not facts.width or not facts.height:
        return UNKNOWN_MEGAPIXELS
    return facts.width * facts.height / 1e6
