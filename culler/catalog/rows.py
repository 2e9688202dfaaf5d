"""What the grid sorts and filters by, as the driver's plain tuples: fast enough for 100,000 photos, and
without SQLAlchemy, so that the window's first page need not wait for it.

Rows come in parts: 100,000 photos as tuples would be ten times what they are as columns, and memory once
taken for small things is seldom given back.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from culler.catalog.scopes import Scope
from culler.domain.assessment import Stage
from culler.domain.photo import PhotoId

BLOCKING = (Stage.SCAN.value, Stage.DECODE.value, Stage.SCORE.value)
"""The stages whose failure is shown on a photo."""

PART = 4096
"""At most so many rows at once."""

_PHOTOS = (
    "SELECT id, relative_path, folder_id, taken_us, make, model, serial, dhash, aperture, exposure_s, iso,"
    " exposure_bias_ev, focal_mm, missing, damaged IS NOT NULL, kind, bracketing FROM photo"
)
# A photo whose files another one has is none for now; asking costs time for missing ones only.
_WITH_FILES = (
    "(photo.missing = 0"
    " OR EXISTS (SELECT 1 FROM photo_file AS f WHERE f.photo_id = photo.id AND f.position >= 0))"
)
_MARKS = (
    "SELECT decision.photo_id, decision.flag, decision.stars, decision.label"
    " FROM decision JOIN photo ON photo.id = decision.photo_id"
)
_FAILED = (
    "SELECT failure.photo_id FROM failure"
    " JOIN photo ON photo.id = failure.photo_id AND photo.revision = failure.revision"
)
_ASSESSMENTS = (
    "SELECT a.photo_id, a.aspect, a.bad, a.poor, a.fair, a.good, a.excellent FROM assessment AS a"
    " JOIN photo ON photo.id = a.photo_id AND photo.revision = a.revision"
)


Parts = Iterable[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Rows:
    """Plain tuples, in parts. `photos` as (id, relative path, folder id, taken_us, make, model, serial,
    dhash, aperture, exposure, ISO, bias, focal length, missing, damaged, kind, bracketing), in catalog
    order; `marks` (id, flag, stars, label); `assessments` (id, aspect, five logits BAD … EXCELLENT);
    `failed` (id,)."""

    photos: Parts
    marks: Parts
    assessments: Parts
    failed: Parts

    def fetched(self) -> "Rows":
        """The same, for when the transaction is over."""
        return Rows(tuple(self.photos), tuple(self.marks), tuple(self.assessments), tuple(self.failed))


@dataclass(frozen=True, slots=True)
class Where:
    """A condition on the table photo, and its values."""

    text: str = "1"
    values: tuple[Any, ...] = ()


def inside(scope: Scope) -> Where:
    """The photo lies in a scope."""
    if not scope.prefix:
        return Where("photo.folder_id = ?", (scope.folder_id,))
    values = (scope.folder_id, *scope.names)
    return Where("photo.folder_id = ? AND photo.relative_path >= ? AND photo.relative_path < ?", values)


def any_of(conditions: Sequence[Where]) -> Where:
    """The photo meets at least one of some conditions."""
    if not conditions:
        return Where("0")
    text = " OR ".join(f"({where.text})" for where in conditions)
    return Where(f"({text})", tuple(value for where in conditions for value in where.values))


def among(ids: Sequence[PhotoId]) -> Where:
    """The photo is one of these, which are no more than keys.CHUNK."""
    return Where(f"photo.id IN ({', '.join('?' * len(ids))})", tuple(ids))


def read(db: sqlite3.Connection, scorer_key: int | None, conditions: Sequence[Where]) -> Rows:
    """The photos that meet one of some conditions, and whose files no other photo has; no photo may meet
    two. Each part is read when it is asked for, once, within the transaction."""
    blocking = f"failure.stage IN ({', '.join('?' * len(BLOCKING))})"
    judged: Parts = ()
    if scorer_key is not None:
        judged = _parts(db, f"{_ASSESSMENTS} WHERE {{}} AND a.scorer_id = ?", conditions, scorer_key)
    return Rows(
        _parts(db, f"{_PHOTOS} WHERE {{}} ORDER BY id", conditions),
        _parts(db, f"{_MARKS} WHERE {{}}", conditions),
        judged,
        _parts(db, f"{_FAILED} WHERE {{}} AND {blocking}", conditions, *BLOCKING),
    )


def _parts(
    db: sqlite3.Connection, text: str, conditions: Sequence[Where], *values: Any
) -> Iterator[Sequence[Any]]:
    for where in conditions:
        here = f"{where.text} AND {_WITH_FILES}"
        cursor = db.execute(text.format(here), (*where.values, *values))
        try:
            while part := cursor.fetchmany(PART):
                yield part
        finally:
            cursor.close()
