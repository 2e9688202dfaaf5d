"""A second look at few photos: what only maker notes say of drive, bracketing and the camera's rating.

A job of its own, outside the way of many: for photos that may be brackets or focus stacks, and for
those without a rating by cameras that keep it there. What was read of a photo is kept with its
revision, so that it is asked once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from culler.catalog import decisions, photos, sidecars
from culler.catalog import maker_notes as kept
from culler.domain.changes import Changed, Changes, Progress
from culler.domain.decision import UNMARKED, Decision, Flag
from culler.domain.photo import Bracketing, MakerFacts, Photo, PhotoId
from culler.imaging import maker_notes
from culler.ranking.brackets import LEAST_STEP_EV, says_something
from culler.ranking.groups import KIND_CODES, GroupKind
from culler.workflow import first_marks, groups
from culler.workflow.job import Job
from culler.workflow.workspace import Workspace, known_scopes

NOTE = "Reading maker notes"
STEP = 64
RATING_MAKERS = ("sony", "fujifilm")
"""Whose cameras write the rating given on their back into the maker notes and nowhere else; the others
write it into EXIF or XMP, or know none."""
PROBED_FRAMES = 3
"""A burst of so many frames, whose exposure does not change, may be a focus stack: its first frame is
asked, the others only when that one says so."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The photos worth reading, of which nobody has read the notes: possible brackets and those that
    may hide a rating, all of them; of possible focus stacks the first frame. `followers` are the other
    frames by their first."""

    photo_ids: tuple[PhotoId, ...]
    followers: Mapping[PhotoId, tuple[PhotoId, ...]]


@dataclass(frozen=True, slots=True)
class MakerReport:
    """What was read, by photo; and the photos that got a rating from it."""

    facts: Mapping[PhotoId, MakerFacts]
    rated: tuple[PhotoId, ...]


def candidates(workspace: Workspace, roots: Sequence[Path] | None = None, sets: bool = True) -> Candidates:
    """Ask the catalog which photos to read; without `sets` only those that may hide a rating, which is
    known in a moment. Reads no file."""
    brackets, followers = _grouped_candidates(workspace, roots) if sets else (set(), {})
    scopes = known_scopes(workspace, None if roots is None else list(roots))
    with workspace.catalog.read() as tx:
        hidden = kept.may_hide_a_rating(tx, scopes, RATING_MAKERS)
        grouped = kept.unread(tx, sorted(brackets | followers.keys()))
    wanted = dict.fromkeys([*grouped, *hidden])
    return Candidates(tuple(wanted), {head: followers[head] for head in wanted if head in followers})


def read(workspace: Workspace, roots: Sequence[Path] | None = None, sets: bool = True) -> Job[MakerReport]:
    """Read the maker notes of the candidates and keep what they say. A rating found there becomes the
    photo's first decision, where the user has made none."""
    yield Progress(0, None, NOTE)
    chosen = candidates(workspace, roots, sets)
    facts: dict[PhotoId, MakerFacts] = {}
    rated: list[PhotoId] = []
    wanted = list(chosen.photo_ids)
    queued = set(wanted)
    done = 0
    yield Progress(done, len(wanted), NOTE)
    while done < len(wanted):
        ids = wanted[done : done + STEP]
        said, new, changes = _read_some(workspace, ids)
        facts |= said
        rated += new
        done += len(ids)
        stacked = [head for head in ids if _is_set(said.get(head)) and head in chosen.followers]
        if stacked:
            others = [other for head in stacked for other in chosen.followers[head] if other not in queued]
            queued.update(others)
            wanted += _unread(workspace, others)
        yield Progress(done, len(wanted), NOTE, changes)
    return MakerReport(facts, tuple(rated))


def _read_some(
    workspace: Workspace, ids: Sequence[PhotoId]
) -> tuple[dict[PhotoId, MakerFacts], list[PhotoId], Changes]:
    """What these photos' notes say, kept; who got marks by it; and what changed."""
    with workspace.catalog.read() as tx:
        found = photos.get(tx, ids)
    said: dict[PhotoId, MakerFacts] = {}
    for photo in found.values():
        try:
            said[photo.id] = maker_notes.read_maker_facts(photo.path)
        except OSError:
            continue  # the next scan says that it is gone
    rated = _write(workspace, found, said)
    telling = [key for key, facts in said.items() if facts.bracketing or facts.drive]
    changes = Changes.of(telling, Changed.FACTS) if telling else Changes()
    return said, rated, changes | Changes.of(rated, Changed.MARKS) if rated else changes


def _write(
    workspace: Workspace, found: Mapping[PhotoId, Photo], said: Mapping[PhotoId, MakerFacts]
) -> list[PhotoId]:
    """Keep what was read; the photos whose marks changed by it."""
    rated = (key for key, facts in said.items() if facts.rating is not None)
    # Whoever cleared the camera's rating in a sidecar has said so: 0 stars are a statement.
    settled = {key for key in rated if first_marks.stated(found[key]).stars is not None}
    with workspace.catalog.write() as tx:
        news = kept.write(tx, {key: (found[key].revision, facts) for key, facts in said.items()})
        if not news:
            return []
        known = sidecars.remembered(tx, news)
        first = {key: _decision(said[key].rating or 0) for key in news if key not in settled}
        taken = decisions.write_first(tx, first)
        # The camera's own word is in the file already: nothing is pending because of it.
        sidecars.remember(
            tx, {i: (first[i], tuple(known.get(i, sidecars.NOTHING).sidecars.values())) for i in taken}
        )
    return taken


def _unread(workspace: Workspace, ids: Iterable[PhotoId]) -> list[PhotoId]:
    with workspace.catalog.read() as tx:
        return kept.unread(tx, ids)


def _is_set(facts: MakerFacts | None) -> bool:
    return facts is not None and facts.bracketing in (Bracketing.FOCUS, Bracketing.EXPOSURE)


def _grouped_candidates(
    workspace: Workspace, roots: Sequence[Path] | None
) -> tuple[set[PhotoId], dict[PhotoId, tuple[PhotoId, ...]]]:
    """Photos of groups that may be brackets, or of which the camera said so in an earlier look that
    ended too soon; and first frames of other bursts with their followers."""
    found = groups.grouped(workspace, roots)
    columns, grouping = found.columns, found.grouping
    if not len(grouping):
        return set(), {}
    kinds, starts = grouping.kinds, grouping.starts
    members = columns.ids[grouping.members]

    def spread(values: NDArray[np.float32]) -> NDArray[np.float32]:
        by_group = values[grouping.members]
        low, high = np.fmin.reduceat(by_group, starts[:-1]), np.fmax.reduceat(by_group, starts[:-1])
        return np.asarray(high - low)

    varied = (spread(columns.exposure_ev) >= LEAST_STEP_EV) | (spread(columns.bias_ev) >= LEAST_STEP_EV)
    moments = np.isin(kinds, [KIND_CODES[GroupKind.BURST], KIND_CODES[GroupKind.SIMILAR]])
    said = np.logical_or.reduceat(says_something(columns, grouping.members), starts[:-1])
    bracket = said | (kinds == KIND_CODES[GroupKind.BRACKET]) | (moments & varied)
    brackets = set(members[np.repeat(bracket, np.diff(starts))].tolist())
    probed = moments & ~bracket & (np.diff(starts) >= PROBED_FRAMES)
    followers = {}
    for group in np.flatnonzero(probed).tolist():
        first, *others = members[starts[group] : starts[group + 1]].tolist()
        followers[first] = tuple(others)
    return brackets, followers


def _decision(rating: int) -> Decision:
    if rating < 0:
        return Decision(Flag.REJECT)
    return replace(UNMARKED, stars=min(rating, 5))
