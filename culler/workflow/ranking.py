"""Ranked lists for the terminal and for export, from stored distributions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np

from culler.catalog import outcomes
from culler.domain.assessment import Aspect, ScorerId, overall
from culler.domain.levels import LevelDistribution
from culler.domain.photo import PhotoId
from culler.ranking import judgement, order
from culler.ranking.order import SortKey
from culler.workflow import listing, rank, scorers
from culler.workflow.listing import Entry
from culler.workflow.workspace import Workspace, known_scopes


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
    workspace: Workspace,
    roots: Sequence[Path] | None,
    by: RankKey,
    scorer: ScorerId | None,
    top: int | None = None,
) -> tuple[list[Ranked], int]:
    """The scored photos in order, the first `top` of them where that is given, and how many photos have no
    value to be ordered by. Raises CullerError where a taste is asked for and none is in use."""
    ids, unscored = in_order(workspace, roots, by, scorer)
    entries = listing.entries(workspace, ids[:top], scorer)
    if by is RankKey.TASTE:
        entries = _with_taste(workspace, entries, scorer)
    weight = scorers.quality_weight(None if scorer is None else scorer.name)
    values = [value_of(entry.levels, by, weight) for entry in entries]
    places = [
        Ranked(place, value, entry)
        for place, (value, entry) in enumerate(zip(values, entries, strict=True), 1)
        if value is not None
    ]
    return places, unscored


def in_order(
    workspace: Workspace, roots: Sequence[Path] | None, by: RankKey, scorer: ScorerId | None
) -> tuple[list[PhotoId], int]:
    """As `ranked`, by id: a second for 100,000 photos, of which most are not looked at any further."""
    scopes = known_scopes(workspace, None if roots is None else list(roots))
    columns = rank.load_columns(
        workspace, None if scopes is None else [scope.path for scope in scopes], scorer
    )
    columns = columns.take(np.flatnonzero(~columns.missing))
    taste = None
    if by is RankKey.TASTE:
        from culler.workflow.taste import required_levels

        taste = judgement.means(required_levels(workspace, columns, scorer))
    weight = scorers.quality_weight(None if scorer is None else scorer.name)
    valued = ~np.isnan(order.sort_values(columns, SortKey(by.value), weight, taste=taste))
    rows = order.order(columns, SortKey(by.value), True, weight, np.flatnonzero(valued), taste=taste)
    without: list[PhotoId] = columns.ids[~valued].tolist()
    with workspace.catalog.read() as tx:
        failed = outcomes.failures_of(tx, without)
    return columns.ids[rows].tolist(), len(without) - len(failed)


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
