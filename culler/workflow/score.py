"""Scoring what is pending: decode ahead in threads, score in batches, one transaction a batch.

The decode that scoring needs also makes thumbnail, preview and hash. Killed at any moment the catalog
holds whole batches, and the next run takes what is missing.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from culler.catalog import assessments, embeddings, photos
from culler.catalog.embeddings import Embedded
from culler.catalog.photos import Decoded
from culler.domain.assessment import Aspect, Assessment, Failure, ScorerId, Stage
from culler.domain.changes import Changed, Changes, Progress
from culler.domain.errors import CullerError
from culler.domain.photo import Photo, PhotoId
from culler.scoring.scorer import DEFAULT_SCORER, PixelSource, Scorer, ScorerOptions, Verdict
from culler.workflow import develop, scorers
from culler.workflow.ahead import Ahead
from culler.workflow.job import Job
from culler.workflow.workspace import Workspace, known_scopes

log = logging.getLogger(__name__)

FLUSH_S = 1.0
"""A batch that is not full waits no longer than this."""
SLOW_BATCH_S = 2.0
"""Batches shrink until one takes no longer than this, so that pause and cancel answer."""


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """What to score and how; picklable. `folders` None means every photo, unless `photo_ids` says which.
    `scorer` is a name of the scorer table or the path of a checkpoint folder."""

    folders: tuple[Path, ...] | None = None
    photo_ids: tuple[PhotoId, ...] | None = None
    scorer: str = DEFAULT_SCORER
    aspects: tuple[Aspect, ...] = (Aspect.QUALITY, Aspect.AESTHETICS)
    device: str = "auto"
    dtype: str | None = None
    batch_size: int | None = None
    adapter: Path | None = None
    recipe: str | None = None
    rescore: bool = False

    @property
    def options(self) -> ScorerOptions:
        return ScorerOptions(
            device=self.device,
            dtype=self.dtype,
            batch_size=self.batch_size,
            adapter=self.adapter,
            recipe=self.recipe,
        )


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """What a run did. `scored` are the photos scored now, `already` counts those scored before, `failed`
    those that cannot be scored, now or before."""

    scorer: ScorerId
    photo_ids: tuple[PhotoId, ...] = ()
    scored: frozenset[PhotoId] = frozenset()
    already: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class _Ready:
    """A photo on its way: prepared pixels, or the reason why there are none."""

    photo: Photo
    prepared: object = None
    decoded: Decoded | None = None
    failure: Failure | None = None


def score(
    workspace: Workspace, request: ScoreRequest, first: Callable[[], Sequence[PhotoId]] = tuple
) -> Job[ScoreReport]:
    """Score what is pending. `first` names the photos wanted soonest and is asked again and again.

    Raises CullerError when the scorer cannot be loaded or a folder is unknown.
    """
    yield Progress(0, None, "Loading the scorer")
    scorer, checkpoint = scorers.load(request.scorer, request.options)
    try:
        report = yield from _score_with(workspace, request, scorer, checkpoint, first)
        return report
    finally:
        scorer.close()


def _score_with(
    workspace: Workspace,
    request: ScoreRequest,
    scorer: Scorer,
    checkpoint: Path | None,
    first: Callable[[], Sequence[PhotoId]],
) -> Job[ScoreReport]:
    aspects = tuple(aspect for aspect in request.aspects if aspect in scorer.aspects)
    if not aspects:
        wanted = ", ".join(request.aspects)
        raise CullerError(f"The scorer {scorer.id.name} does not judge {wanted}.")
    scopes = known_scopes(workspace, request.folders)
    source = str(scorer.id)
    with workspace.catalog.write() as tx:
        assessments.register(
            tx, scorer.id, scorer.encoder, None if checkpoint is None else str(checkpoint), current=True
        )
        ids = list(request.photo_ids) if request.photo_ids is not None else photos.ids_in(tx, scopes)
        if request.rescore:
            assessments.forget(tx, scorer.id, ids, source)
        pending = assessments.pending(tx, ids, scorer.id, aspects, source)
    scored: set[PhotoId] = set()
    failed = 0
    batches = _Batches(scorer)
    ahead = Ahead(workspace, pending, _preparing(workspace, scorer), 2 * scorer.batch_size, first)
    done = 0
    yield Progress(0, len(pending), batches.note)
    try:
        for ready in ahead:
            batches.add(ready)
            if not batches.due(ahead.exhausted):
                if ready is None:
                    yield Progress(done, len(pending), batches.note)
                continue
            outcome = batches.flush()
            changes = _write(workspace, scorer, aspects, outcome)
            good = {item.photo.id for item, verdict in outcome if isinstance(verdict, Verdict)}
            scored |= good
            failed += len(outcome) - len(good)
            done += len(outcome)
            yield Progress(done, len(pending), batches.note, changes)
    finally:
        ahead.close()
    with workspace.catalog.read() as tx:
        broken = len(photos.failures_of(tx, ids))
    return ScoreReport(scorer.id, tuple(ids), frozenset(scored), len(ids) - len(scored) - broken, broken)


def _preparing(workspace: Workspace, scorer: Scorer) -> Callable[[Photo], _Ready]:
    """From a photo's file to prepared pixels; the function runs in any thread and never raises."""

    def prepare(photo: Photo) -> _Ready:
        try:
            if scorer.source is PixelSource.ENCODED:
                image, developed = develop.encoded_preview(workspace, photo)
            else:
                developed = develop.develop(workspace, photo)
                image = developed.preview
            decoded = None if developed is None else develop.decoded(photo, developed)
        except CullerError as error:
            return _Ready(photo, failure=Failure(photo.id, Stage.DECODE, str(error)))
        except Exception as error:
            return _Ready(photo, failure=_unexpected(photo, Stage.DECODE, error))
        try:
            return _Ready(photo, scorer.prepare(image), decoded)
        except Exception as error:
            return _Ready(photo, None, decoded, _unexpected(photo, Stage.SCORE, error))

    return prepare


_Outcome = list[tuple[_Ready, Verdict | Failure]]


class _Batches:
    """Collects prepared photos and scores them, as many at once as takes at most SLOW_BATCH_S."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self._waiting: list[_Ready] = []
        self._limit = max(1, scorer.batch_size)
        self._since = time.monotonic()

    @property
    def note(self) -> str:
        device = getattr(self._scorer, "device", None)
        name = self._scorer.id.name
        return f"{name} on {device}" if device else name

    def add(self, ready: _Ready | None) -> None:
        if ready is not None:
            if not self._waiting:
                self._since = time.monotonic()
            self._waiting.append(ready)

    def due(self, last: bool) -> bool:
        """Whether to score what waits: enough, all there is, or waiting for too long."""
        if not self._waiting:
            return False
        return last or len(self._waiting) >= self._limit or time.monotonic() - self._since > FLUSH_S

    def flush(self) -> _Outcome:
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

    def _verdicts(self, batch: Sequence[_Ready]) -> list[Verdict | Failure]:
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
            return [_unexpected(batch[0].photo, Stage.SCORE, error)]


def _write(workspace: Workspace, scorer: Scorer, aspects: Sequence[Aspect], outcome: _Outcome) -> Changes:
    """One batch, one transaction."""
    said: list[Assessment] = []
    vectors: list[Embedded] = []
    good: list[Photo] = []
    decode_failures: list[tuple[Failure, int]] = []
    score_failures: list[tuple[Failure, int]] = []
    for ready, verdict in outcome:
        photo = ready.photo
        if isinstance(verdict, Failure):
            kept = decode_failures if verdict.stage is Stage.DECODE else score_failures
            kept.append((verdict, photo.revision))
            continue
        good.append(photo)
        said += [
            Assessment(photo.id, photo.revision, scorer.id, aspect, verdict.logits[aspect])
            for aspect in aspects
            if aspect in verdict.logits
        ]
        if verdict.embedding is not None:
            vectors.append(Embedded(photo.id, photo.revision, verdict.embedding))
    source = str(scorer.id)
    with workspace.catalog.write() as tx:
        photos.write_decoded(tx, [ready.decoded for ready, _ in outcome if ready.decoded is not None])
        assessments.write(tx, scorer.id, said)
        if scorer.encoder is not None:
            embeddings.write(tx, scorer.encoder, vectors)
        photos.clear_failures(tx, [photo.id for photo in good], [Stage.DECODE])
        photos.write_failures(tx, decode_failures)
        photos.write_failures(tx, score_failures, source)
    changed = [ready.photo.id for ready, _ in outcome]
    return Changes.of(changed, Changed.SCORES, Changed.PIXELS, Changed.FAILURES)


def _unexpected(photo: Photo, stage: Stage, error: Exception) -> Failure:
    """Our bug or a machine out of memory: the photo is left out, the run goes on, the log knows."""
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return Failure(photo.id, stage, f"Not enough memory to judge {photo.name}, even alone.")
    log.error("%s: %s", photo.path, error, exc_info=error)
    kind = type(error).__name__
    return Failure(photo.id, stage, f"{photo.name} could not be judged ({kind}: {error}).")
