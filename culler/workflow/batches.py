"""Prepared photos gathered into batches, and the verdicts of a scorer on them.

Batches shrink on slow devices and where memory runs out; one photo that cannot be judged takes no other
along.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from culler.catalog.outcomes import Decoded
from culler.domain.assessment import Failure, Stage
from culler.domain.errors import CullerError
from culler.domain.photo import Photo
from culler.scoring.scorer import Scorer, Verdict

log = logging.getLogger(__name__)

FLUSH_S = 1.0
"""A batch that is not full waits no longer than this."""
SLOW_BATCH_S = 2.0
"""Batches shrink until one takes no longer than this, so that pause and cancel answer."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A photo on its way: prepared pixels, or the reason why there are none."""

    photo: Photo
    prepared: object = None
    decoded: Decoded | None = None
    failure: Failure | None = None
    passing: bool = False
    """Whether the reason may pass, so that the photo is tried again the next time."""


Outcome = list[tuple[Ready, Verdict | Failure]]


class Batches:
    """Collects prepared photos and scores them, as many at once as takes at most SLOW_BATCH_S."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self._waiting: list[Ready] = []
        self._limit = max(1, scorer.batch_size)
        self._since = time.monotonic()

    @property
    def note(self) -> str:
        device = getattr(self._scorer, "device", None)
        name = self._scorer.id.name
        return f"{name} on {device}" if device else name

    def add(self, ready: Ready | None) -> None:
        if ready is not None:
            if not self._waiting:
                self._since = time.monotonic()
            self._waiting.append(ready)

    def due(self, last: bool) -> bool:
        """Whether to score what waits: enough, all there is, or waiting for too long."""
        if not self._waiting:
            return False
        return last or len(self._waiting) >= self._limit or time.monotonic() - self._since > FLUSH_S

    def flush(self) -> Outcome:
        """Score what waits; every photo gets a verdict or a failure."""
        batch, self._waiting = self._waiting, []
        good = [ready for ready in batch if ready.failure is None]
        start = time.monotonic()
        verdicts = iter(self._verdicts(good))
        elapsed = time.monotonic() - start
        if elapsed > SLOW_BATCH_S and self._limit > 1:
            self._limit = max(1, int(self._limit * SLOW_BATCH_S / elapsed))
        elif elapsed < SLOW_BATCH_S / 4:
            self._limit = min(self._scorer.batch_size, self._limit * 2)
        return [(ready, ready.failure or next(verdicts)) for ready in batch]

    def _verdicts(self, batch: Sequence[Ready]) -> list[Verdict | Failure]:
        """In one call; where that fails in smaller ones, so that one photo cannot take others along."""
        if not batch:
            return []
        try:
            return list(self._scorer.score([ready.prepared for ready in batch]))
        except CullerError:
            raise
        except Exception as error:
            if len(batch) > 1:
                half = len(batch) // 2
                self._limit = max(1, half)
                return self._verdicts(batch[:half]) + self._verdicts(batch[half:])
            return [unexpected(batch[0].photo, Stage.SCORE, error)]


def unexpected(photo: Photo, stage: Stage, error: Exception) -> Failure:
    """Our bug or a machine out of memory: the photo is left out, the run goes on, the log knows."""
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return Failure(photo.id, stage, f"Not enough memory to judge {photo.name}, even alone.")
    log.error("%s: %s", photo.path, error, exc_info=error)
    kind = type(error).__name__
    return Failure(photo.id, stage, f"{photo.name} could not be judged ({kind}: {error}).")
