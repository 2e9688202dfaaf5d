"""Which photos are shown: one frozen value of the filter bar, one mask over the columns."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from culler.domain.assessment import Aspect
from culler.domain.decision import ColorLabel, Flag
from culler.domain.levels import Level
from culler.ranking import judgement
from culler.ranking.columns import FLAG_CODES, FOREIGN_LABEL, LABEL_CODES, PhotoColumns


@dataclass(frozen=True, slots=True)
class Filter:
    """Every condition must hold; a condition that is None, empty or False lets everything through.

    `labels` are colour labels, with `foreign_labels` also those in another program's own words.
    `level` is the least likeliest level of `aspect`: FAIR shows what is fair or better, and nothing
    that is not assessed. `only_missing` shows missing photos and no others; without it they are hidden.
    Each word of `text` must occur somewhere in the relative path, case aside. `folder` is a folder id,
    `subfolder` a relative path below it.
    """

    flags: frozenset[Flag] | None = None
    min_stars: int = 0
    max_stars: int = 5
    labels: frozenset[ColorLabel] | None = None
    foreign_labels: bool = False
    level: Level | None = None
    aspect: Aspect = Aspect.QUALITY
    text: str = ""
    only_failed: bool = False
    only_unscored: bool = False
    only_missing: bool = False
    folder: int | None = None
    subfolder: str = ""

    def __bool__(self) -> bool:
        """True when the filter hides anything at all."""
        return self != Filter(aspect=self.aspect)


def searchable(names: NDArray[np.object_]) -> list[str]:
    """Names as `mask` compares them: composed and case-folded. Worth keeping while names last."""
    return [_fold(name) for name in names.tolist()]


def _fold(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


def mask(
    columns: PhotoColumns,
    filter: Filter,
    *,
    names: Sequence[str] | None = None,
    taste: judgement.Levels | None = None,
) -> NDArray[np.bool_]:
    """(n,) True where the photo passes. `names` are `searchable(columns.names)` where the caller
    keeps them; `taste` (n, 5) are the derived levels of the taste aspect."""
    shown = columns.missing.copy() if filter.only_missing else ~columns.missing
    if filter.flags is not None:
        shown &= np.isin(columns.flag, [FLAG_CODES[flag] for flag in filter.flags])
    if filter.min_stars > 0:
        shown &= columns.stars >= filter.min_stars
    if filter.max_stars < 5:
        shown &= columns.stars <= filter.max_stars
    if filter.labels is not None or filter.foreign_labels:
        codes = [LABEL_CODES[label] for label in filter.labels or ()]
        shown &= np.isin(columns.label, codes + [FOREIGN_LABEL] * filter.foreign_labels)
    if filter.level is not None:
        shown &= _at_least(columns, filter.level, filter.aspect, taste)
    if filter.only_failed:
        shown &= columns.failed
    if filter.only_unscored:
        shown &= judgement.unscored(columns)
    if filter.folder is not None:
        shown &= columns.folder == filter.folder
    if filter.subfolder:
        below = filter.subfolder.rstrip("/") + "/"
        shown &= np.fromiter((name.startswith(below) for name in columns.names.tolist()), bool, len(columns))
    for word in _fold(filter.text).split():
        folded = searchable(columns.names) if names is None else names
        shown &= np.fromiter((word in name for name in folded), bool, len(columns))
    return shown


def _at_least(
    columns: PhotoColumns, level: Level, aspect: Aspect, taste: judgement.Levels | None
) -> NDArray[np.bool_]:
    if aspect is Aspect.TASTE:
        if taste is None:
            return np.zeros(len(columns), bool)
        return judgement.likeliest(taste) >= int(level)
    return judgement.likeliest(columns.levels(aspect)) >= int(level)
