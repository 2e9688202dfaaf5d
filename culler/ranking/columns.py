"""Everything the grid sorts, filters and groups by, as NumPy columns: one row a photo.

Loaded once from the catalog, patched row by row as things change; orders and filters are index
arrays over these columns, never copies of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from culler.domain.assessment import Aspect
from culler.domain.decision import ColorLabel, Flag
from culler.domain.photo import Bracketing, PhotoId

FLAG_CODES = {Flag.REJECT: -1, Flag.NONE: 0, Flag.PICK: 1}
LABEL_CODES = {
    label: code
    for code, label in enumerate(
        (
            ColorLabel.NONE,
            ColorLabel.RED,
            ColorLabel.YELLOW,
            ColorLabel.GREEN,
            ColorLabel.BLUE,
            ColorLabel.PURPLE,
        )
    )
}
BRACKETING_CODES = {
    None: 0,
    Bracketing.NONE: 1,
    Bracketing.EXPOSURE: 2,
    Bracketing.FOCUS: 3,
    Bracketing.WHITE_BALANCE: 4,
    Bracketing.OTHER: 5,
}
"""None: nobody has read the maker notes, or they do not say."""
FOREIGN_LABEL = 6
"""Code of a colour label that is some other program's own word."""
NO_TIME = np.iinfo(np.int64).min
"""`taken_us` of a photo whose file names no capture time."""


@dataclass(frozen=True, slots=True)
class PhotoColumns:
    """n photos in catalog order. Arrays share the first axis.

    ids (n,) int64; names (n,) object, str relative paths; folder (n,) int32 folder ids;
    taken_us (n,) int64 camera clock in µs since 1970, NO_TIME where unknown;
    camera (n,) int32, equal for frames of one camera body, −1 unknown;
    dhash (n,) uint64, 0 where not yet decoded;
    exposure_ev (n,) float32, log2 of exposure (2·log2 N − log2 t + …: EV at ISO 100), NaN unknown;
    bias_ev (n,) float32 exposure compensation, NaN unknown;
    focal_mm (n,) float32, NaN unknown;
    bracketing (n,) int8 (BRACKETING_CODES), the camera's own word;
    quality, aesthetics (n, 5) float64, BAD … EXCELLENT, NaN rows where not assessed};
    flag int8 (FLAG_CODES), stars int8 0–5, label int8 (LABEL_CODES, FOREIGN_LABEL);
    failed, missing, damaged, video (n,) bool.
    """

    ids: NDArray[np.int64]
    names: NDArray[np.object_]
    folder: NDArray[np.int32]
    taken_us: NDArray[np.int64]
    camera: NDArray[np.int32]
    dhash: NDArray[np.uint64]
    exposure_ev: NDArray[np.float32]
    bias_ev: NDArray[np.float32]
    focal_mm: NDArray[np.float32]
    bracketing: NDArray[np.int8]
    quality: NDArray[np.float64]
    aesthetics: NDArray[np.float64]
    flag: NDArray[np.int8]
    stars: NDArray[np.int8]
    label: NDArray[np.int8]
    failed: NDArray[np.bool_]
    missing: NDArray[np.bool_]
    damaged: NDArray[np.bool_]
    video: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)

    def levels(self, aspect: Aspect) -> NDArray[np.float64]:
        """(n, 5) float64 level probabilities, NaN rows where not assessed."""
        if aspect is Aspect.QUALITY:
            return self.quality
        if aspect is Aspect.AESTHETICS:
            return self.aesthetics
        raise ValueError(f"no stored column for {aspect}")

    def take(self, rows: NDArray[np.intp]) -> "PhotoColumns":
        """The given rows, in the given order."""
        return replace(self, **{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def concatenate(self, more: "PhotoColumns") -> "PhotoColumns":
        """These rows followed by `more`."""
        return joined([self, more])


def joined(parts: Sequence[PhotoColumns]) -> PhotoColumns:
    """The rows of some columns, one after the other."""
    if not parts:
        return empty()
    names = [field.name for field in fields(PhotoColumns)]
    return PhotoColumns(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


class RowsById:
    """Finds photos in columns: a tenth of what a dictionary takes."""

    def __init__(self, ids: NDArray[np.int64]) -> None:
        self._by_id = np.argsort(ids, kind="stable")
        self._ids = ids[self._by_id]

    def of(self, ids: NDArray[np.int64] | Sequence[PhotoId]) -> NDArray[np.intp]:
        """The photos' rows, −1 for those that are not there."""
        wanted = np.asarray(ids, np.int64)
        if not len(self._ids):
            return np.full(len(wanted), -1, np.intp)
        at = np.minimum(np.searchsorted(self._ids, wanted), len(self._ids) - 1)
        return np.where(self._ids[at] == wanted, self._by_id[at], -1)

    def one(self, photo_id: PhotoId) -> int | None:
        """The photo's row."""
        at = int(self._ids.searchsorted(photo_id))
        return int(self._by_id[at]) if at < len(self._ids) and self._ids[at] == photo_id else None


def empty(n: int = 0) -> PhotoColumns:
    """n rows that know nothing: no time, no levels, no marks."""
    nan = np.full(n, np.nan, np.float32)
    no = np.zeros(n, bool)
    return PhotoColumns(
        ids=np.arange(n, dtype=np.int64),
        names=np.array([""] * n, dtype=object),
        folder=np.zeros(n, np.int32),
        taken_us=np.full(n, NO_TIME, np.int64),
        camera=np.full(n, -1, np.int32),
        dhash=np.zeros(n, np.uint64),
        exposure_ev=nan.copy(),
        bias_ev=nan.copy(),
        focal_mm=nan.copy(),
        bracketing=np.zeros(n, np.int8),
        quality=np.full((n, 5), np.nan, np.float64),
        aesthetics=np.full((n, 5), np.nan, np.float64),
        flag=np.zeros(n, np.int8),
        stars=np.zeros(n, np.int8),
        label=np.zeros(n, np.int8),
        failed=no.copy(),
        missing=no.copy(),
        damaged=no.copy(),
        video=no.copy(),
    )
