"""Ranked lists for the terminal and for export, from stored distributions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from culler.domain.assessment import Aspect, ScorerId, overall
from culler.domain.levels import LevelDistribution
from culler.ranking.order import natural_key
from culler.workflow import listing, rank, scorers
from culler.workflow.listing import Entry
from culler.workflow.workspace import Workspace


class RankKey(StrEnum):
    """What a list is ordered by, largest first. SPREAD is the standard deviation, in levels, of the
    quality distribution: where the judge is least sure. TASTE is what was learnt from the user's marks."""

    OVERALL = "overall"
    QUALITY = "quality"
    AESTHETICS = "aesthetics"
    SPREAD = "spread"
    TASTE = "taste"


class CompareAspect(StrEnum):
    OVERALL = "overall"
    QUALITY = "quality"
    AESTHETICS = "aesthetics"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A photo and its place, from 1."""

    rank: int
    value: float
    entry: Entry


def ranked(
    workspace: Workspace, roots: Sequence[Path] | None, by: RankKey, scorer: ScorerId | None
) -> tuple[list[Ranked], int]:
    """The scored photos in order, and how many photos have no value to be ordered by. Raises CullerError
    where a taste is asked for and none is in use."""
    weight = scorers.quality_weight(None if scorer is None else scorer.name)
    entries = listing.photos_in(workspace, roots, scorer)
    if by is RankKey.TASTE:
        entries = _with_taste(workspace, entries, scorer)
    valued = [(value_of(entry.levels, by, weight), entry) for entry in entries]
    scored = [(value, entry) for value, entry in valued if value is not None]
    scored.sort(
        key=lambda pair: (-pair[0], pair[1].photo.facts.taken is None, _moment(pair[1]), _name(pair[1]))
    )
    failed = sum(1 for value, entry in valued if value is None and entry.failures)
    places = [Ranked(place, value, entry) for place, (value, entry) in enumerate(scored, 1)]
    return places, len(entries) - len(scored) - failed


def value_of(levels: Mapping[Aspect, LevelDistribution], by: RankKey, quality_weight: float) -> float | None:
    """The number a photo is ordered by; None where the scorer has not said it."""
    match by:
        case RankKey.OVERALL:
            return overall({aspect: said.mean for aspect, said in levels.items()}, quality_weight)
        case RankKey.SPREAD:
            said = levels.get(Aspect.QUALITY) or levels.get(Aspect.AESTHETICS)
            return None if said is None else said.spread
        case _:
            said = levels.get(Aspect(by.value))
            return None if said is None else said.mean


def _with_taste(workspace: Workspace, entries: list[Entry], scorer: ScorerId | None) -> list[Entry]:
    from culler.workflow import taste

    columns = rank.rows(workspace, [entry.photo.id for entry in entries], scorer)
    levels = taste.required_levels(workspace, columns, scorer)
    liked = {
        photo_id: LevelDistribution(tuple(row))
        for photo_id, row in zip(columns.ids.tolist(), levels.tolist(), strict=True)
        if row[0] == row[0]  # photos without an embedding have NaN
    }
    return [
        replace(entry, levels={**entry.levels, Aspect.TASTE: liked[entry.photo.id]})
        if entry.photo.id in liked
        else entry
        for entry in entries
    ]


def _moment(entry: Entry) -> datetime:
    return entry.photo.facts.taken or datetime.min


def _name(entry: Entry) -> str:
    return natural_key(entry.photo.relative_path)
