"""Scoring what is pending: decode ahead in threads, score in batches, one transaction a batch.

The decode that scoring needs also makes thumbnail, preview and hash. Killed at any moment the catalog
holds whole batches, and the next run takes what is missing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from culler.catalog import assessments, embeddings, outcomes, photos
from culler.catalog.embeddings import Embedded
from culler.domain.assessment import Aspect, Assessment, EncoderId, Failure, ScorerId, Stage
from culler.domain.changes import Changed, Changes, Progress
from culler.domain.errors import CullerError
from culler.domain.photo import Photo, PhotoId, PhotoKind
from culler.models.stored_head import LEAST_PHOTOS
from culler.scoring.scorer import (
    DEFAULT_SCORER,
    AnswersLess,
    JudgesClips,
    PixelSource,
    Scorer,
    ScorerOptions,
    ScorerSpec,
    Verdict,
)
from culler.workflow import aesthetic_head, scorers, turns
from culler.workflow.aesthetic_head import HeadState
from culler.workflow.ahead import Ahead
from culler.workflow.batches import Batches, Outcome, Ready, unexpected
from culler.workflow.job import Job
from culler.workflow.passing import may_pass
from culler.workflow.stored_vectors import JudgesVectors, score_stored
from culler.workflow.workspace import Workspace, known_scopes


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """What to score and how; picklable. `folders` None means every photo, unless `photo_ids` says which.
    `scorer` is a name of the scorer table or the path of a checkpoint folder. `fast_aesthetics` asks the
    judge about quality alone as soon as a head has learnt its aesthetics (aesthetic_head)."""

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
    fast_aesthetics: bool = False

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
    those that cannot be scored, now or before; `head` is there where fast aesthetics was asked for and
    this judge can do it; `device` says where a judge ran that may run elsewhere."""

    scorer: ScorerId
    photo_ids: tuple[PhotoId, ...] = ()
    scored: frozenset[PhotoId] = frozenset()
    already: int = 0
    failed: int = 0
    head: HeadState | None = None
    device: str | None = None


def score(
    workspace: Workspace, request: ScoreRequest, first: Callable[[], Sequence[PhotoId]] = tuple
) -> Job[ScoreReport]:
    """Score what is pending; a judge that is known by its files is not loaded where nothing is. `first`
    names the photos wanted soonest and is asked again and again.

    Raises CullerError when the scorer cannot be loaded or a folder is unknown.
    """
    yield Progress(0, None, "Loading the scorer")
    spec, options = scorers.chosen(workspace, request.scorer, request.options)
    identity = spec.identity(options)
    if identity is not None and not request.rescore:
        task = _task(workspace, request, spec, identity.scorer, identity.encoder)
        if not task.pending:
            _register(workspace, identity.scorer, identity.encoder, options)
            return _report(workspace, task, frozenset())
    scorer = spec.load(options)
    try:
        judged = tuple(aspect for aspect in request.aspects if aspect in scorer.aspects)
        if not judged:
            wanted = ", ".join(request.aspects)
            raise CullerError(f"The scorer {scorer.id.name} does not judge {wanted}.")
        request = replace(request, aspects=judged)
        known_scopes(workspace, request.folders)
        _register(workspace, scorer.id, scorer.encoder, options)
        with turns.first_at(workspace.places.data / "scoring.lock") as alone:
            report = yield from _score_with(workspace, request, spec, scorer, first, alone)
        return report
    finally:
        scorer.close()


@dataclass(slots=True)
class _Task:
    """What a run has to do. `aspects` are asked of stills, `clip_aspects` of clips; `head` changes while
    the judge's answers teach it."""

    scorer: ScorerId
    ids: list[PhotoId]
    aspects: tuple[Aspect, ...]
    clip_aspects: tuple[Aspect, ...]
    pending: list[PhotoId]
    head: HeadState | None


def _task(
    workspace: Workspace,
    request: ScoreRequest,
    spec: ScorerSpec,
    scorer: ScorerId,
    encoder: EncoderId | None,
) -> _Task:
    scopes = known_scopes(workspace, request.folders)
    head = None
    both = {Aspect.QUALITY, Aspect.AESTHETICS} <= set(request.aspects)
    if request.fast_aesthetics and spec.fast_aesthetics and both and encoder is not None:
        head = aesthetic_head.learn(workspace, scorer, encoder)
    aspects = _asked(request, head)
    clip_aspects = aspects
    if spec.clip_aspects:
        clip_aspects = tuple(aspect for aspect in request.aspects if aspect in spec.clip_aspects)
    with workspace.catalog.read() as tx:
        ids = list(request.photo_ids) if request.photo_ids is not None else photos.ids_in(tx, scopes)
        pending = assessments.pending(tx, ids, scorer, aspects, str(scorer), clip_aspects)
    if head is not None and not head.stands_in:
        # What the head learns from first is spread over all, not the first scene of the evening.
        examples = aesthetic_head.evenly(pending, 2 * LEAST_PHOTOS)
        pending = list(dict.fromkeys([*examples, *pending]))
    return _Task(scorer, ids, aspects, clip_aspects, pending, head)


def _asked(request: ScoreRequest, head: HeadState | None) -> tuple[Aspect, ...]:
    if head is None or not head.stands_in:
        return request.aspects
    return tuple(aspect for aspect in request.aspects if aspect is not Aspect.AESTHETICS)


def _register(
    workspace: Workspace, scorer: ScorerId, encoder: EncoderId | None, options: ScorerOptions
) -> None:
    checkpoint = None if options.checkpoint is None else str(options.checkpoint)
    with workspace.catalog.write() as tx:
        assessments.register(tx, scorer, encoder, checkpoint, current=True)


def _report(workspace: Workspace, task: _Task, scored: frozenset[PhotoId]) -> ScoreReport:
    with workspace.catalog.read() as tx:
        broken = len(outcomes.failures_of(tx, task.ids))
    already = len(task.ids) - len(scored) - broken
    return ScoreReport(task.scorer, tuple(task.ids), scored, already, broken, task.head)


def _score_with(
    workspace: Workspace,
    request: ScoreRequest,
    spec: ScorerSpec,
    scorer: Scorer,
    first: Callable[[], Sequence[PhotoId]],
    alone: bool,
) -> Job[ScoreReport]:
    if request.rescore:
        with workspace.catalog.write() as tx:
            ids = (
                list(request.photo_ids)
                if request.photo_ids is not None
                else photos.ids_in(tx, known_scopes(workspace, request.folders))
            )
            assessments.forget(tx, scorer.id, ids, str(scorer.id))
    task = _task(workspace, request, spec, scorer.id, scorer.encoder)
    _ask(scorer, task.aspects)
    scored: set[PhotoId] = set()
    if isinstance(scorer, JudgesVectors) and scorer.encoder is not None and not request.rescore:
        scored |= yield from score_stored(workspace, scorer, task.pending, task.aspects)
        task.pending = [photo_id for photo_id in task.pending if photo_id not in scored]
    batches = Batches(scorer)
    prepare = _preparing(workspace, scorer, bool(spec.clip_aspects))
    ahead = Ahead(workspace, task.pending, prepare, 2 * scorer.batch_size, first, _remaining(workspace, task))
    if not alone:
        ahead.turn_round()  # another Culler began at the beginning: meet it once
    done = 0
    yield Progress(0, len(task.pending), batches.note)
    try:
        for ready in ahead:
            batches.add(ready)
            if not batches.due(ahead.exhausted):
                if ready is None:
                    yield Progress(done, len(task.pending), batches.note)
                continue
            outcome = batches.flush()
            changes = _write(workspace, scorer, request.aspects, outcome)
            scored |= {item.photo.id for item, verdict in outcome if isinstance(verdict, Verdict)}
            done += len(outcome)
            yield Progress(done, len(task.pending), batches.note, changes)
            if task.head is not None and not task.head.stands_in and scorer.encoder is not None:
                task.head = aesthetic_head.learn(workspace, scorer.id, scorer.encoder)
                task.aspects = _asked(request, task.head)
                _ask(scorer, task.aspects)
                if task.head.stands_in:
                    told = Changes.of(task.ids, Changed.SCORES)
                    yield Progress(done, len(task.pending), batches.note, told)
    finally:
        ahead.close()
    return replace(_report(workspace, task, frozenset(scored)), device=getattr(scorer, "device", None))


def _remaining(workspace: Workspace, task: _Task) -> Callable[[Sequence[PhotoId]], list[PhotoId]]:
    """Which of some photos nobody has scored meanwhile."""

    def remaining(some: Sequence[PhotoId]) -> list[PhotoId]:
        with workspace.catalog.read() as tx:
            return assessments.pending(
                tx, some, task.scorer, task.aspects, str(task.scorer), task.clip_aspects
            )

    return remaining


def _ask(scorer: Scorer, aspects: tuple[Aspect, ...]) -> None:
    if isinstance(scorer, AnswersLess) and set(aspects) != set(scorer.aspects):
        scorer.ask(aspects)


def _preparing(workspace: Workspace, scorer: Scorer, clips_as_a_whole: bool) -> Callable[[Photo], Ready]:
    """From a photo's file to prepared pixels; the function runs in any thread and never raises."""

    from culler.workflow import develop  # decoders load only where something is decoded

    def prepare(photo: Photo) -> Ready:
        try:
            if scorer.source is PixelSource.ENCODED:
                image, developed = develop.encoded_preview(workspace, photo)
            else:
                developed = develop.develop(workspace, photo)
                image = developed.preview
            decoded = None if developed is None else develop.decoded(photo, developed)
        except CullerError as error:
            failure = Failure(photo.id, Stage.DECODE, str(error))
            return Ready(photo, failure=failure, passing=may_pass(error))
        except Exception as error:
            return Ready(photo, failure=unexpected(photo, Stage.DECODE, error))
        try:
            if clips_as_a_whole and photo.kind is PhotoKind.VIDEO and isinstance(scorer, JudgesClips):
                return Ready(photo, scorer.prepare_clip(photo.path, photo.name), decoded)
            return Ready(photo, scorer.prepare(image), decoded)
        except CullerError as error:
            return Ready(photo, None, decoded, Failure(photo.id, Stage.SCORE, str(error)))
        except Exception as error:
            return Ready(photo, None, decoded, unexpected(photo, Stage.SCORE, error))

    return prepare


def _write(workspace: Workspace, scorer: Scorer, aspects: Sequence[Aspect], outcome: Outcome) -> Changes:
    """One batch, one transaction."""
    said: list[Assessment] = []
    vectors: list[Embedded] = []
    good: list[Photo] = []
    source = str(scorer.id)
    failed: dict[str, list[tuple[Failure, int]]] = {"": [], outcomes.PASSING: [], source: []}
    for ready, verdict in outcome:
        photo = ready.photo
        if isinstance(verdict, Failure):
            of_decode = outcomes.PASSING if ready.passing else ""
            kept = of_decode if verdict.stage is Stage.DECODE else source
            failed[kept].append((verdict, photo.revision))
            continue
        good.append(photo)
        said += [
            Assessment(photo.id, photo.revision, scorer.id, aspect, verdict.logits[aspect])
            for aspect in aspects
            if aspect in verdict.logits
        ]
        if verdict.embedding is not None:
            vectors.append(Embedded(photo.id, photo.revision, verdict.embedding))
    with workspace.catalog.write() as tx:
        outcomes.write_decoded(tx, [ready.decoded for ready, _ in outcome if ready.decoded is not None])
        assessments.write(tx, scorer.id, said)
        if scorer.encoder is not None:
            embeddings.write(tx, scorer.encoder, vectors)
        ids = [photo.id for photo in good]
        outcomes.clear_failures(tx, ids, [Stage.DECODE])
        outcomes.clear_failures(tx, ids, [Stage.SCAN, Stage.DECODE], outcomes.PASSING)
        for kept, failures in failed.items():
            outcomes.write_failures(tx, failures, kept)
    changed = [ready.photo.id for ready, _ in outcome]
    return Changes.of(changed, Changed.SCORES, Changed.PIXELS, Changed.FAILURES)
