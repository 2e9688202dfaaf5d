"""From the catalog's rows to columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culler.catalog.rows import Rows
from culler.domain.assessment import Aspect
from culler.ranking.columns import (
    BRACKETING_CODES,
    FLAG_CODES,
    FOREIGN_LABEL,
    LABEL_CODES,
    NO_TIME,
    PhotoColumns,
    empty,
    joined,
)

_FLAG_OF = {flag.value: code for flag, code in FLAG_CODES.items()}
_BRACKETING_OF = {None if kind is None else kind.value: code for kind, code in BRACKETING_CODES.items()}
_LABEL_OF = {label.value: code for label, code in LABEL_CODES.items()}

Bodies = dict[tuple[str | None, str | None, str | None], int]


def as_columns(rows: Rows) -> PhotoColumns:
    """The photos as columns, in the order of the rows; within their transaction."""
    bodies: Bodies = {}
    table = joined([_photos(part, bodies) for part in rows.photos])
    by_id = np.argsort(table.ids, kind="stable")
    for part in rows.marks:
        ids, flag, stars, label = zip(*part, strict=True)
        at = by_id[np.searchsorted(table.ids, ids, sorter=by_id)]
        table.flag[at] = [_FLAG_OF[value] for value in flag]
        table.stars[at] = stars
        table.label[at] = [_LABEL_OF.get(value, FOREIGN_LABEL) for value in label]
    for part in rows.failed:
        table.failed[by_id[np.searchsorted(table.ids, [row[0] for row in part], sorter=by_id)]] = True
    for part in rows.assessments:
        for aspect, target in ((Aspect.QUALITY, table.quality), (Aspect.AESTHETICS, table.aesthetics)):
            said = [row for row in part if row[1] == aspect.value]
            if said:
                at = by_id[np.searchsorted(table.ids, [row[0] for row in said], sorter=by_id)]
                target[at] = shares([row[2:] for row in said])
    return table


def shares(logits: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """(n, 5) level probabilities that follow from logits."""
    values = np.array(logits, np.float64)
    weights = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _photos(rows: Sequence[Any], bodies: Bodies) -> PhotoColumns:
    """What the files say; nobody marked or judged them yet."""
    table = empty(len(rows))
    (
        ids, names, folder, taken, make, model, serial, dhash, aperture, exposure, iso, bias, focal, missing,
        damaged, kind, bracketing,
    ) = zip(*rows, strict=True)  # fmt: skip
    table.ids[:] = ids
    table.names[:] = names
    table.folder[:] = folder
    table.taken_us[:] = [NO_TIME if value is None else value for value in taken]
    table.camera[:] = [
        bodies.setdefault(body, len(bodies)) if any(body) else -1
        for body in zip(make, model, serial, strict=True)
    ]
    table.dhash[:] = np.array([value or 0 for value in dhash], np.int64).view(np.uint64)
    table.bias_ev[:] = np.array(bias, np.float32)
    table.focal_mm[:] = np.array(focal, np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):
        stops = 2 * np.log2(np.array(aperture, np.float64)) - np.log2(np.array(exposure, np.float64))
        table.exposure_ev[:] = stops - np.log2(np.array(iso, np.float64) / 100)
    table.exposure_ev[~np.isfinite(table.exposure_ev)] = np.nan
    table.missing[:] = missing
    table.damaged[:] = damaged
    table.video[:] = [value == "video" for value in kind]
    if any(bracketing):
        table.bracketing[:] = [_BRACKETING_OF.get(word, 0) for word in bracketing]
    return table
