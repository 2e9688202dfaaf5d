"""Fast aesthetics: a head that learnt a judge's second answer from its own embeddings stands in for it.

The head is a file for each judge; what it says of a photo is derived from the stored embedding whenever it
is asked for, and never stored. A photo that the judge itself has answered keeps that answer.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from culler.catalog import assessments, embeddings
from culler.catalog.database import Transaction
from culler.catalog.keys import chunks
from culler.domain.assessment import Aspect, EncoderId, Logits, ScorerId
from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId
from culler.models.stored_head import LEAST_PHOTOS, MOST_COMPARED, Agreement, StoredHead, read_head
from culler.scoring.scorer import SCORERS
from culler.workflow.workspace import Workspace

GROWTH = 1.5
"""A head is fitted anew when there are so many times the answers it was fitted on,
until they are MOST_COMPARED."""
MOST_PHOTOS = 20_000
"""Evenly spaced ones are taken of more answers than these."""


@dataclass(frozen=True, slots=True)
class HeadState:
    """How far a judge's head is. `answers` counts the photos with an embedding and the judge's own
    aesthetics; `agreement` is measured on photos left out of the fit, and None while there is no head."""

    answers: int
    agreement: Agreement | None

    @property
    def stands_in(self) -> bool:
        """Whether the head answers instead of the judge."""
        return self.agreement is not None and self.agreement.beats_a_guess

    @property
    def sentence(self) -> str:
        """What a person should know of it."""
        if self.agreement is None:
            return (
                f"Fast aesthetics needs {LEAST_PHOTOS} photos with the judge's own answer to learn from;"
                f" there are {self.answers}. Until then both questions are asked."
            )
        found = self.agreement
        if not found.beats_a_guess:
            return (
                f"A head that learnt from {self.answers:,} of this judge's answers does no better than always"
                " answering the same, so both questions are asked until there is more to learn from."
            )
        return (
            "Aesthetics come from a head that learnt this judge's answers. On"
            f" {found.photos:,} photos left out in turn its order agrees with the judge's to"
            f" {found.srcc:.2f} (rank correlation); it is {found.error:.2f} levels off on average,"
            f" where always answering the same is {found.flat_error:.2f} off."
        )


def state(workspace: Workspace, scorer: ScorerId, encoder: EncoderId) -> HeadState:
    """How far this judge's head is, without fitting anything."""
    head = read_head(_path(workspace, scorer), str(encoder))
    with workspace.catalog.read() as tx:
        count = assessments.count_with_embedding(tx, scorer, Aspect.AESTHETICS, encoder)
    return HeadState(count, None if head is None else head.agreement)


def current_state(workspace: Workspace) -> HeadState | None:
    """How far the current judge's head is; None for a judge that no head stands in for."""
    with workspace.catalog.read() as tx:
        record = assessments.current(tx)
    if record is None or record.encoder is None or record.scorer.name not in SCORERS:
        return None
    if not SCORERS[record.scorer.name].fast_aesthetics:
        return None
    return state(workspace, record.scorer, record.encoder)


def learn(workspace: Workspace, scorer: ScorerId, encoder: EncoderId) -> HeadState:
    """Fit the head where there are enough answers and none was fitted on nearly as many; seconds.

    Raises CullerError when the head cannot be written.
    """
    known = state(workspace, scorer, encoder)
    fitted_on = 0 if known.agreement is None else known.agreement.photos
    if known.answers < max(LEAST_PHOTOS, GROWTH * fitted_on) or fitted_on >= MOST_COMPARED:
        return known
    vectors, targets = _examples(workspace, scorer, encoder)
    if len(vectors) < LEAST_PHOTOS:
        return known
    import torch

    from culler.models.heads import fit_level_head, save_head

    head, agreement = fit_level_head(torch.from_numpy(vectors), torch.from_numpy(targets))
    path = _path(workspace, scorer)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_head(head, path, str(encoder), agreement)
    except OSError as error:
        raise CullerError(
            f"Cannot write what was learnt to {path} ({error.strerror or error}). Make room there, or score"
            " without fast aesthetics."
        ) from error
    return HeadState(known.answers, agreement)


def derived(
    workspace: Workspace, tx: Transaction, scorer: ScorerId | None, photo_ids: Iterable[PhotoId]
) -> dict[PhotoId, Logits]:
    """What the judge's head says of some photos' aesthetics; empty where it has none. Photos without an
    embedding are absent."""
    if scorer is None or not _path(workspace, scorer).is_file():
        return {}
    encoder = next((known.encoder for known in assessments.scorers(tx) if known.scorer == scorer), None)
    head = None if encoder is None else read_head(_path(workspace, scorer), str(encoder))
    if encoder is None or head is None or head.agreement is None or not head.agreement.beats_a_guess:
        return {}
    return dict(_answers(tx, head, encoder, photo_ids))


def _answers(
    tx: Transaction, head: StoredHead, encoder: EncoderId, photo_ids: Iterable[PhotoId]
) -> Iterator[tuple[PhotoId, Logits]]:
    for ids in chunks(photo_ids):
        found = embeddings.read(tx, encoder, ids)
        if found:
            rows = head.logits(np.stack(list(found.values())))
            yield from zip(found, map(_as_logits, rows.tolist()), strict=True)


def _as_logits(row: Sequence[float]) -> Logits:
    bad, poor, fair, good, excellent = row
    return bad, poor, fair, good, excellent


def _examples(
    workspace: Workspace, scorer: ScorerId, encoder: EncoderId
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Embeddings (photos, width) and the judge's level probabilities (photos, levels)."""
    with workspace.catalog.read() as tx:
        logits = assessments.logits_of(tx, scorer, Aspect.AESTHETICS)
        vectors = embeddings.read(tx, encoder, evenly(list(logits), MOST_PHOTOS))
    said = np.array([logits[photo_id] for photo_id in vectors], np.float64).reshape(-1, 5)
    shares = np.exp(said - said.max(axis=1, keepdims=True, initial=-np.inf))
    shares /= shares.sum(axis=1, keepdims=True)
    return np.array(list(vectors.values()), np.float32), shares.astype(np.float32)


def evenly(ids: Sequence[PhotoId], most: int) -> list[PhotoId]:
    """At most so many of some photos, at equal distances."""
    return [ids[at * len(ids) // most] for at in range(most)] if len(ids) > most else list(ids)


def _path(workspace: Workspace, scorer: ScorerId) -> Path:
    name = f"{scorer.name}-{scorer.version}".replace(os.sep, "_")
    return workspace.places.data / "heads" / f"{name}.safetensors"
