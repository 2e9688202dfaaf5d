"""From the catalog's rows to columns."""

from collections.abc import Sequence

import numpy as np

from culler.catalog.rows import Rows
from culler.domain.assessment import Aspect
from culler.ranking.columns import FLAG_CODES, FOREIGN_LABEL, LABEL_CODES, NO_TIME, PhotoColumns, empty

_FLAG_OF = {flag.value: code for flag, code in FLAG_CODES.items()}
_LABEL_OF = {label.value: code for label, code in LABEL_CODES.items()}


def as_columns(rows: Rows) -> PhotoColumns:
    """The photos as columns, in the order of the rows."""
    table = empty(len(rows.photos))
    if not rows.photos:
        return table
    (
        ids, names, folder, taken, make, model, serial, dhash, aperture, exposure, iso, bias, focal, missing,
        damaged, kind,
    ) = zip(*rows.photos, strict=True)  # fmt: skip
    table.ids[:] = ids
    table.names[:] = names
    table.folder[:] = folder
    table.taken_us[:] = [NO_TIME if value is None else value for value in taken]
    table.camera[:] = _camera_codes(make, model, serial)
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
    row_of = {photo_id: row for row, photo_id in enumerate(ids)}
    for photo_id, flag, stars, label in rows.marks:
        row = row_of[photo_id]
        table.flag[row] = _FLAG_OF[flag]
        table.stars[row] = stars
        table.label[row] = _LABEL_OF.get(label, FOREIGN_LABEL)
    for photo_id in rows.failed:
        table.failed[row_of[photo_id]] = True
    for aspect, target in ((Aspect.QUALITY, table.quality), (Aspect.AESTHETICS, table.aesthetics)):
        said = [row for row in rows.assessments if row[1] == aspect.value]
        if said:
            logits = np.array([row[2:] for row in said], np.float64)
            weights = np.exp(logits - logits.max(axis=1, keepdims=True))
            target[[row_of[row[0]] for row in said]] = weights / weights.sum(axis=1, keepdims=True)
    return table


def _camera_codes(
    make: Sequence[str | None], model: Sequence[str | None], serial: Sequence[str | None]
) -> list[int]:
    """One number a camera body; −1 where the file names none."""
    codes: dict[tuple[str | None, str | None, str | None], int] = {}
    return [
        codes.setdefault(body, len(codes)) if any(body) else -1
        for body in zip(make, model, serial, strict=True)
    ]
