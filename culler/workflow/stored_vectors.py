"""Judging photos from the feature vectors that are stored of them: no photo is decoded."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from culler.catalog import assessments, embeddings, photos
from culler.catalog.keys import CHUNK
from culler.domain.assessment import Aspect, Assessment, EncoderId, Logits, ScorerId
from culler.domain.changes import Changed, Changes, Progress
from culler.domain.photo import PhotoId
from culler.workflow.job import Job
from culler.workflow.workspace import Workspace


@runtime_checkable
class JudgesVectors(Protocol):
    """A loaded judge whose answers follow from its encoder's vectors alone."""

    id: ScorerId
    encoder: EncoderId | None

    def score_embeddings(self, vectors: NDArray[np.floating]) -> dict[Aspect, NDArray[np.float64]]:
        """(n, 5) logits per aspect for (n, width) vectors."""
        ...


def score_stored(
    workspace: Workspace, scorer: JudgesVectors, photo_ids: Sequence[PhotoId], aspects: Sequence[Aspect]
) -> Job[frozenset[PhotoId]]:
    """Store what a judge says of those of these photos that have a vector at their present revision; they
    are the result. Seconds for a hundred thousand."""
    assert scorer.encoder is not None
    scored: set[PhotoId] = set()
    for start in range(0, len(photo_ids), CHUNK):
        some = photo_ids[start : start + CHUNK]
        with workspace.catalog.read() as tx:
            found = embeddings.read(tx, scorer.encoder, some)
            revisions = {key: photo.revision for key, photo in photos.get(tx, list(found)).items()}
        if not found:
            continue
        answers = scorer.score_embeddings(np.stack(list(found.values())))
        said = [
            Assessment(photo_id, revisions[photo_id], scorer.id, aspect, _as_logits(row))
            for aspect in aspects
            if aspect in answers
            for photo_id, row in zip(found, answers[aspect].tolist(), strict=True)
            if photo_id in revisions
        ]
        with workspace.catalog.write() as tx:
            there = photos.get(tx, list(found))
            assessments.write(tx, scorer.id, [item for item in said if item.photo_id in there])
        scored |= found.keys()
        changes = Changes.of(list(found), Changed.SCORES)
        yield Progress(start + len(some), len(photo_ids), "from stored measurements", changes)
    return frozenset(scored)


def _as_logits(row: Sequence[float]) -> Logits:
    bad, poor, fair, good, excellent = row
    return bad, poor, fair, good, excellent
