"""The embedded judge learns from a bigger one: its head is fitted anew on the bigger judge's levels.

What is learnt is a file beside the catalog and a judge of its own version; the shipped head is never
touched, and going back is removing the file. Levels of both follow from stored feature vectors.
"""

import contextlib
import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from culler.catalog import assessments, embeddings, photos
from culler.domain.assessment import Aspect, EncoderId, ScorerId
from culler.domain.changes import Progress
from culler.domain.errors import CullerError
from culler.scoring.scorer import DEFAULT_SCORER, ScorerOptions
from culler.workflow import scorers
from culler.workflow.aesthetic_head import evenly
from culler.workflow.job import Job
from culler.workflow.stored_vectors import score_stored
from culler.workflow.workspace import Workspace

if TYPE_CHECKING:
    from culler.models.refit import Refit
    from culler.scoring.embedded import EmbeddedScorer
    from culler.training.refit import Gain

_ASPECTS = (Aspect.QUALITY, Aspect.AESTHETICS)
LEAST_PHOTOS = 100
MOST_PHOTOS = 20_000
GROWTH = 1.5
"""Learning again is offered when there are so many times the photos it was learnt from."""


LEAST_GAIN = 0.5
"""In rank correlation, times the root of the number of photos: half a standard error of one correlation."""


@dataclass(frozen=True, slots=True)
class RefitOffer:
    """A bigger judge that the embedded one could learn from, and how many of its photos have features."""

    teacher: ScorerId
    photos: int

    @property
    def sentence(self) -> str:
        return (
            f"{self.teacher.name} has judged {self.photos:,} photos here. The embedded judge can learn from"
            " them in seconds, and go back at any time."
        )


@dataclass(frozen=True, slots=True)
class RefitReport:
    """What came of it. `gains` are measured on photos left out in turn; `learnt` is the judge that learnt,
    None where nothing was gained and the shipped head stays."""

    teacher: ScorerId
    photos: int
    gains: "Mapping[Aspect, Gain]"
    learnt: ScorerId | None

    @property
    def sentence(self) -> str:
        """What a person should know of it."""
        told = "; ".join(
            f"{aspect.value} agrees to {gain.srcc_after:.2f} (before: {gain.srcc_before:.2f})"
            for aspect, gain in self.gains.items()
        )
        measured = (
            f"On {self.photos:,} photos, each left out in turn, the order by {told} with {self.teacher.name}"
        )
        if self.learnt is None:
            return f"{measured} (rank correlation). That is no gain to rely on: the shipped head stays."
        return f"{measured} (rank correlation). The embedded judge goes by what it learnt."


def offers(workspace: Workspace) -> list[RefitOffer]:
    """Every other judge there is enough to learn from, the one with most photos first."""
    with workspace.catalog.read() as tx:
        others = [known.scorer for known in assessments.scorers(tx) if known.scorer.name != DEFAULT_SCORER]
        if not others:
            return []
        from culler.scoring.embedded import encoder  # the measurements' modules, which take a moment

        counts = {
            scorer: assessments.count_with_embedding(tx, scorer, Aspect.QUALITY, encoder())
            for scorer in others
        }
    enough = [RefitOffer(scorer, count) for scorer, count in counts.items() if count >= LEAST_PHOTOS]
    return sorted(enough, key=lambda offer: -offer.photos)


def offer(workspace: Workspace) -> RefitOffer | None:
    """What the window should offer: the best teacher, unless it was learnt from on nearly as many photos."""
    best = next(iter(offers(workspace)), None)
    if best is None:
        return None
    learnt_from, count = _learnt_from(workspace)
    known = learnt_from == str(best.teacher) and best.photos < GROWTH * count
    return None if known else best


def has_learnt(workspace: Workspace) -> bool:
    """Whether the embedded judge goes by something else than the shipped head."""
    return any((workspace.places.data / "heads").glob("embedded-refit-*.safetensors"))


def refit(workspace: Workspace, teacher: ScorerId | None = None) -> Job[RefitReport]:
    """Learn from a judge (the one with most photos) and use what was learnt where that is a gain.

    Raises CullerError when there is too little to learn from or the head cannot be written.
    """
    from culler.models import refit as heads
    from culler.scoring import embedded, features
    from culler.training import refit as training

    if teacher is None:
        found = next(iter(offers(workspace)), None)
        if found is None:
            raise CullerError(
                f"No other judge has judged {LEAST_PHOTOS} photos that the embedded one has measured. Score"
                " the same photos with both, then learn."
            )
        teacher = found.teacher
    if teacher.name == DEFAULT_SCORER:
        raise CullerError("The embedded judge cannot learn from itself. Name another scorer.")
    yield Progress(0, None, "reading answers")
    vectors, targets = _examples(workspace, teacher, embedded.encoder())
    if not targets:
        raise CullerError(
            f"{teacher.name} and the embedded judge have fewer than {LEAST_PHOTOS} photos in common. Score"
            " more photos with both, then learn."
        )
    yield Progress(0, None, f"learning from {len(vectors):,} photos")
    shipped = embedded.load(ScorerOptions())
    before = {aspect: _shares(rows) for aspect, rows in shipped.score_embeddings(vectors).items()}
    head, gains = training.refit(features.names(), vectors, targets, before)
    better = {aspect.value for aspect, gain in gains.items() if _is_worth_it(gain)}
    if not better:
        return RefitReport(teacher, len(vectors), gains, None)
    lines = {name: line for name, line in head.lines.items() if name in better}
    former = _learnt_scorer(workspace)
    path = scorers.refit_path(workspace)
    try:
        _replace(path, heads.Refit(head.names, head.centre, head.scale, lines))
        known = {aspect.value: asdict(gain) for aspect, gain in gains.items()}
        text = json.dumps({"teacher": str(teacher), "photos": len(vectors), "gains": known})
        path.with_suffix(".json").write_text(text, "utf-8")
    except OSError as error:
        raise CullerError(
            f"Cannot write what was learnt to {path} ({error.strerror or error}). Make room there, and learn"
            " it again."
        ) from error
    learnt = embedded.load(ScorerOptions(adapter=path))
    yield from _take_over(workspace, learnt, former)
    return RefitReport(teacher, len(vectors), gains, learnt.id)


def reset(workspace: Workspace) -> Job[bool]:
    """Go back to the shipped head; False when nothing was learnt. Levels follow from stored vectors."""
    from culler.scoring import embedded

    path = scorers.refit_path(workspace)
    former = _learnt_scorer(workspace)
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise CullerError(f"Cannot remove {path}: {error.strerror or error}.") from error
    with contextlib.suppress(OSError):
        path.with_suffix(".json").unlink()
    yield from _take_over(workspace, embedded.load(ScorerOptions()), former)
    return True


def _take_over(workspace: Workspace, judge: "EmbeddedScorer", former: ScorerId | None) -> Job[None]:
    """Have this version of the embedded judge say what it can from stored vectors, and put it in the place
    of the others; the version that was learnt before is forgotten."""
    with workspace.catalog.write() as tx:
        current = assessments.current(tx)
        takes_over = current is not None and current.scorer.name == DEFAULT_SCORER
        assessments.register(tx, judge.id, judge.encoder, None, current=False)
        ids = photos.ids_in(tx, None, missing=True)
        pending = assessments.pending(tx, ids, judge.id, judge.aspects, str(judge.id))
    yield from score_stored(workspace, judge, pending, judge.aspects)
    with workspace.catalog.write() as tx:
        if takes_over:
            assessments.set_current(tx, judge.id)
        if former is not None and former != judge.id:
            assessments.drop(tx, former)


def _is_worth_it(gain: "Gain") -> bool:
    """Whether the order agrees better by more than chance would often make it, and is no further off."""
    least = LEAST_GAIN / math.sqrt(gain.n)
    return gain.srcc_after - gain.srcc_before > least and gain.error_after < gain.error_before


def _learnt_scorer(workspace: Workspace) -> ScorerId | None:
    """The version of the embedded judge that is learnt now."""
    from culler.scoring import embedded

    path = scorers.refit_path(workspace)
    if not path.is_file():
        return None
    try:
        return embedded.load(ScorerOptions(adapter=path)).id
    except CullerError:
        return None  # it cannot be read: it never judged


def _learnt_from(workspace: Workspace) -> tuple[str, int]:
    path = scorers.refit_path(workspace)
    try:
        known = json.loads(path.with_suffix(".json").read_text("utf-8"))
        return (str(known["teacher"]), int(known["photos"])) if path.is_file() else ("", 0)
    except (OSError, ValueError, KeyError, TypeError):
        return "", 0


def _examples(
    workspace: Workspace, teacher: ScorerId, encoder: EncoderId
) -> tuple[NDArray[np.float32], dict[Aspect, NDArray[np.float64]]]:
    """Features (n, width) and the teacher's probabilities (n, 5) by aspect; no aspect where n is too small.

    Where the teacher was mostly asked about quality alone, that is all there is to learn."""
    with workspace.catalog.read() as tx:
        said = {aspect: assessments.logits_of(tx, teacher, aspect) for aspect in _ASPECTS}
        every = sorted({photo_id for answers in said.values() for photo_id in answers})
        there = embeddings.read(tx, encoder, evenly(every, MOST_PHOTOS))
    known = {aspect: there.keys() & answers.keys() for aspect, answers in said.items()}
    known = {aspect: ids for aspect, ids in known.items() if len(ids) >= LEAST_PHOTOS}
    common = set.intersection(*map(set, known.values())) if known else set()
    if known and len(common) < LEAST_PHOTOS:
        most = max(known, key=lambda aspect: len(known[aspect]))
        known, common = {most: known[most]}, set(known[most])
    ids = sorted(common)
    vectors = np.array([there[photo_id] for photo_id in ids], np.float32)
    return vectors, {aspect: _shares([said[aspect][key] for key in ids]) for aspect in known}


def _shares(logits: "Sequence[Sequence[float]] | NDArray[np.float64]") -> NDArray[np.float64]:
    rows = np.asarray(logits, np.float64).reshape(-1, 5)
    shares = np.exp(rows - rows.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _replace(path: Path, head: "Refit") -> None:
    from culler.models.refit import write

    partial = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        write(head, partial)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
