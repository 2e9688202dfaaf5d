"""Jobs: generators that yield `Progress` and return their result, and the one loop that drives them.

Closing a job cancels it (clean-up is its `finally`), not resuming it pauses it. A job never yields
while it holds a transaction, a lock or torch's inference mode.
"""

import time
from collections import deque
from collections.abc import Callable, Generator
from typing import TypeVar

from culler.domain.changes import Progress

T = TypeVar("T")
Job = Generator[Progress, None, T]


def drive(
    job: Job[T],
    on_progress: Callable[[Progress], None] = lambda progress: None,
    stop: Callable[[], bool] = lambda: False,
    pause: Callable[[], None] = lambda: None,
) -> T | None:
    """Run a job to its result; None when `stop` said so between two steps.

    `pause` is called between steps and returns when the job may go on.
    """
    try:
        while True:
            try:
                progress = next(job)
            except StopIteration as finished:
                return finished.value  # type: ignore[no-any-return]
            on_progress(progress)
            pause()
            if stop():
                return None
    finally:
        job.close()


class Pace:
    """How fast a job goes and how long it will take, from its steps over the last half minute."""

    WINDOW_S = 30.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._steps: deque[tuple[float, int]] = deque()
        self._total: int | None = None

    def step(self, progress: Progress) -> None:
        """Take note of a step."""
        moment = self._clock()
        if self._steps and progress.done < self._steps[-1][1]:
            self._steps.clear()  # another phase began to count
        self._steps.append((moment, progress.done))
        while len(self._steps) > 2 and moment - self._steps[0][0] > self.WINDOW_S:
            self._steps.popleft()
        self._total = progress.total

    def hold(self) -> None:
        """Forget the past: the job was paused."""
        self._steps.clear()

    @property
    def rate(self) -> float | None:
        """Items per second; None while it cannot be told."""
        if len(self._steps) < 2:
            return None
        (start, first), (end, last) = self._steps[0], self._steps[-1]
        return (last - first) / (end - start) if end > start and last > first else None

    @property
    def seconds_left(self) -> float | None:
        """None while it cannot be told."""
        rate = self.rate
        if rate is None or self._total is None:
            return None
        return max(0.0, (self._total - self._steps[-1][1]) / rate)
