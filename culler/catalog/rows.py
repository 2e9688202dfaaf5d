"""What the grid sorts and filters by, as the driver's plain tuples: fast enough for 100,000 photos, and
without SQLAlchemy, so that the window's first page need not wait for it."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from culler.catalog.scopes import Scope
from culler.domain.assessment import Stage
from culler.domain.photo import PhotoId

BLOCKING = (Stage.SCAN.value, Stage.DECODE.value, Stage.SCORE.value)
"""The stages whose failure is shown on a photo."""

_PHOTOS = (
    "SELECT id, relative_path, folder_id, taken_us, make, model, serial, dhash, aperture, exposure_s, iso,"
    " exposure_bias_ev, focal_mm, missing, damaged IS NOT NULL, kind FROM photo"
)
# A photo whose files another one has is none for now; asking costs time for missing ones only.
_WITH_FILES = "(photo.missing = 0 OR EXISTS (SELECT 1 FROM photo_file AS f WHERE f.photo_id = photo.id))"
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


@dataclass(frozen=True, slots=True)
class Rows:
    """Plain tuples. `photos` as (id, relative path, folder id, taken_us, make, model, serial, dhash,
    aperture, exposure, ISO, bias, focal length, missing, damaged, kind), in catalog order; `marks` (id,
    flag, stars, label); `assessments` (id, aspect, five logits BAD … EXCELLENT); `failed` ids."""

    photos: list[Any]
    marks: list[Any]
    assessments: list[Any]
    failed: list[PhotoId]


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
    two."""
    photos: list[Any] = []
    marks: list[Any] = []
    assessments: list[Any] = []
    failed: list[PhotoId] = []
    blocking = f"failure.stage IN ({', '.join('?' * len(BLOCKING))})"
    for where in conditions:
        here = f"{where.text} AND {_WITH_FILES}"
        photos += _all(db, f"{_PHOTOS} WHERE {here} ORDER BY id", *where.values)
        marks += _all(db, f"{_MARKS} WHERE {here}", *where.values)
        failed += [
            row[0] for row in _all(db, f"{_FAILED} WHERE {here} AND {blocking}", *where.values, *BLOCKING)
        ]
        if scorer_key is not None:
            text = f"{_ASSESSMENTS} WHERE {here} AND a.scorer_id = ?"
            assessments += _all(db, text, *where.values, scorer_key)
    return Rows(photos, marks, assessments, failed)


def _all(db: sqlite3.Connection, text: str, *values: Any) -> list[Any]:
    cursor = db.execute(text, values)
    try:
        return cursor.fetchall()
    finally:
        cursor.close()
