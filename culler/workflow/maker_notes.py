"""A second look at few files: what only maker notes say of drive, bracketing and the camera's rating.

Reading them costs fifty times what the rest does, so it is a job of its own, run when asked: for
photos that may be brackets, and for those without a rating by cameras that keep it there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from culler.catalog import decisions, outcomes, photos, sidecars
from culler.domain.changes import NO_CHANGES, Changed, Changes, Progress
from culler.domain.decision import UNMARKED, Decision, Flag
from culler.domain.photo import Photo, PhotoId, PhotoKind
from culler.imaging import exif
from culler.imaging.exif import MakerFacts
from culler.ranking.groups import GroupKind
from culler.workflow import groups
from culler.workflow.job import Job
from culler.workflow.workspace import Workspace, known_scopes

STEP = 16
RATING_MAKERS = ("sony", "fujifilm")
"""Whose cameras write the rating given on their back into the maker notes and nowhere else."""
LEAST_STEP_EV = 0.3
"""The smallest exposure step of a bracketing menu, a third of a stop."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The photos worth reading: possible brackets, and those that may hide a rating."""

    brackets: frozenset[PhotoId]
    unrated: frozenset[PhotoId]

    @property
    def all(self) -> tuple[PhotoId, ...]:
        return tuple(sorted(self.brackets | self.unrated))


@dataclass(frozen=True, slots=True)
class MakerReport:
    """What was read, by photo; and the photos that got a rating from it."""

    facts: Mapping[PhotoId, MakerFacts]
    rated: tuple[PhotoId, ...]


def candidates(workspace: Workspace, roots: Sequence[Path] | None = None) -> Candidates:
    """Ask the catalog which photos to read. Reads no file."""
    scopes = known_scopes(workspace, None if roots is None else list(roots))
    with workspace.catalog.read() as tx:
        found = photos.get(tx, photos.ids_in(tx, scopes))
        marks = decisions.decisions_of(tx, found)
    unrated = frozenset(
        photo.id
        for photo in found.values()
        if photo.kind is PhotoKind.STILL
        and photo.facts.camera_rating is None
        and marks[photo.id].stars == 0
        and (photo.facts.make or "").lower().startswith(RATING_MAKERS)
    )
    return Candidates(_bracket_candidates(workspace, roots), unrated)


def read(workspace: Workspace, roots: Sequence[Path] | None = None) -> Job[MakerReport]:
    """Read the maker notes of the candidates. A rating found there becomes the photo's first decision,
    where the user has made none; everything else is only reported."""
    chosen = candidates(workspace, roots)
    with workspace.catalog.read() as tx:
        found = list(photos.get(tx, chosen.all).values())
    facts: dict[PhotoId, MakerFacts] = {}
    rated: list[PhotoId] = []
    yield Progress(0, len(found), "Reading maker notes")
    for start in range(0, len(found), STEP):
        some = found[start : start + STEP]
        said: dict[PhotoId, MakerFacts] = {}
        for photo in some:
            try:
                said[photo.id] = exif.read_maker_facts(photo.path)
            except OSError:
                continue  # the next scan says that it is gone
        facts |= said
        new = _write(workspace, [photo for photo in some if photo.id in said], said)
        rated += new
        changes = Changes.of(new, Changed.MARKS) if new else NO_CHANGES
        yield Progress(start + len(some), len(found), "Reading maker notes", changes)
    return MakerReport(facts, tuple(rated))


def _bracket_candidates(workspace: Workspace, roots: Sequence[Path] | None) -> frozenset[PhotoId]:
    """Brackets, and bursts whose exposure or its compensation changes from frame to frame."""
    grouped = groups.grouped(workspace, roots)
    columns = grouped.columns
    chosen: set[PhotoId] = set()
    for group in grouped.grouping.groups:
        varied = any(
            np.isfinite(values).any() and np.nanmax(values) - np.nanmin(values) >= LEAST_STEP_EV
            for values in (columns.exposure_ev[group.rows], columns.bias_ev[group.rows])
        )
        if group.kind is GroupKind.BRACKET or (group.kind is GroupKind.BURST and varied):
            chosen.update(columns.ids[group.rows].tolist())
    return frozenset(chosen)


def _write(workspace: Workspace, read_: Sequence[Photo], said: Mapping[PhotoId, MakerFacts]) -> list[PhotoId]:
    """Keep the ratings; the photos whose marks changed by them."""
    news = {
        photo.id: rating
        for photo in read_
        if photo.facts.camera_rating is None and (rating := said[photo.id].rating) is not None
    }
    if not news:
        return []
    with workspace.catalog.write() as tx:
        known = sidecars.remembered(tx, news)
        outcomes.set_camera_rating(tx, news)
        first = {photo_id: _decision(rating) for photo_id, rating in news.items()}
        taken = decisions.write_first(tx, first)
        # The camera's own word is in the file already: nothing is pending because of it.
        sidecars.remember(
            tx, {i: (first[i], tuple(known.get(i, sidecars.NOTHING).sidecars.values())) for i in taken}
        )
    return taken


def _decision(rating: int) -> Decision:
    if rating < 0:
        return Decision(Flag.REJECT)
    return replace(UNMARKED, stars=min(rating, 5))
