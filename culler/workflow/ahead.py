"""Photos on their way from disk: worked on ahead in threads, a bounded number at once."""

import contextlib
import os
import random
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

from culler.catalog import photos
from culler.domain.photo import Photo, PhotoId
from culler.workflow.workspace import Workspace

T = TypeVar("T")

STEP_S = 0.2
"""Longest wait without giving the caller a turn."""


class Ahead(Generic[T]):
    """Iterating gives `work(photo)` as it comes, in any order, or None after STEP_S without one.

    At most `bound` results, beside a few per thread, are under way at once. `first` names the photos
    wanted soonest and is asked again and again. `remaining` says which of some photos are still to be
    done: where another Culler did some, the work goes on somewhere else among what is left, so that
    two do not race along the same photos. `work` runs in threads and never raises.
    """

    def __init__(
        self,
        workspace: Workspace,
        pending: Sequence[PhotoId],
        work: Callable[[Photo], T],
        bound: int,
        first: Callable[[], Sequence[PhotoId]] = tuple,
        remaining: Callable[[Sequence[PhotoId]], Sequence[PhotoId]] | None = None,
    ) -> None:
        self._workspace, self._work, self._first, self._remaining = workspace, work, first, remaining
        self._pending = dict.fromkeys(pending)
        self._threads = max(1, min(8, os.cpu_count() or 1))
        self._bound = self._threads * 2 + bound
        self._flying: set[Future[T]] = set()
        self._landed: deque[T] = deque()
        self._loaded: deque[Photo] = deque()
        self._pool = ThreadPoolExecutor(self._threads, "decode", initializer=stand_back)

    @property
    def exhausted(self) -> bool:
        """Whether nothing more will come."""
        return not (self._pending or self._loaded or self._flying or self._landed)

    def __iter__(self) -> "Ahead[T]":
        return self

    def __next__(self) -> T | None:
        self._fill()
        if self._landed:
            return self._landed.popleft()
        if not self._flying:
            raise StopIteration
        landed, self._flying = wait(self._flying, STEP_S, FIRST_COMPLETED)
        self._landed.extend(future.result() for future in landed)
        return self._landed.popleft() if self._landed else None

    def turn_round(self) -> None:
        """Take what is pending from its end."""
        self._pending = dict.fromkeys(reversed(self._pending))

    def close(self) -> None:
        """Stop; returns when the photos in hand are through."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _fill(self) -> None:
        while len(self._flying) + len(self._landed) < self._bound:
            if not self._loaded and not self._load_some():
                return
            if self._loaded:
                self._flying.add(self._pool.submit(self._work, self._loaded.popleft()))

    def _load_some(self) -> bool:
        """Read the next few photos' rows, wanted ones first; False when none are left."""
        ids = self._next_ids()
        if ids and self._remaining is not None and len(left := self._remaining(ids)) < len(ids):
            self._pending = dict.fromkeys(self._remaining(list(self._pending)))
            self._jump()
            ids = list(left) or self._next_ids()
        if ids:
            with self._workspace.catalog.read() as tx:
                self._loaded.extend(photos.get(tx, ids).values())
        return bool(ids)

    def _jump(self) -> None:
        ids = list(self._pending)
        start = random.randrange(len(ids)) if ids else 0
        self._pending = dict.fromkeys([*ids[start:], *ids[:start]])

    def _next_ids(self) -> list[PhotoId]:
        """Take a few photos out of what is pending."""
        count = 2 * self._threads
        ids = [photo_id for photo_id in self._first() if photo_id in self._pending][:count]
        for photo_id in self._pending:
            if len(ids) >= count:
                break
            if photo_id not in ids:
                ids.append(photo_id)
        for photo_id in ids:
            del self._pending[photo_id]
        return ids


def stand_back() -> None:
    """Let the window's thread go first: these threads run at a lower priority where threads have one."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)
