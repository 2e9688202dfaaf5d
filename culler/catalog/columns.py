"""What the grid sorts and filters by, read as plain rows: fast enough for 100,000 photos."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, select

from culler.catalog.assessments import BLOCKING, scorer_key
from culler.catalog.database import Transaction
from culler.catalog.folders import Scope, inside
from culler.catalog.keys import chunks
from culler.catalog.schema import ASSESSMENT, DECISION, FAILURE, PHOTO
from culler.domain.assessment import ScorerId
from culler.domain.photo import PhotoId

PHOTO_COLUMNS = (
    PHOTO.c.id, PHOTO.c.relative_path, PHOTO.c.folder_id, PHOTO.c.taken_us, PHOTO.c.make, PHOTO.c.model,
    PHOTO.c.serial, PHOTO.c.dhash, PHOTO.c.aperture, PHOTO.c.exposure_s, PHOTO.c.iso,
    PHOTO.c.exposure_bias_ev, PHOTO.c.focal_mm, PHOTO.c.missing,
    case((PHOTO.c.damaged.is_not(None), 1), else_=0), PHOTO.c.kind,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rows:
    """Plain tuples. `photos` as PHOTO_COLUMNS, in catalog order; `marks` (id, flag, stars, label);
    `assessments` (id, aspect, five logits BAD … EXCELLENT); `failed` ids."""

    photos: Sequence[Any]
    marks: Sequence[Any]
    assessments: Sequence[Any]
    failed: Sequence[PhotoId]


def read(
    tx: Transaction,
    scorer: ScorerId | None,
    scopes: Sequence[Scope] | None = None,
    photo_ids: Sequence[PhotoId] | None = None,
) -> Rows:
    """Rows of the photos in `scopes` (None: all), or of `photo_ids` where these are given."""
    key = None if scorer is None else scorer_key(tx, scorer)
    conditions: list[Any]
    if photo_ids is not None:
        conditions = [PHOTO.c.id.in_(ids) for ids in chunks(photo_ids)]
    elif scopes is not None:
        conditions = [inside(scope) for scope in scopes]
    else:
        conditions = [True]
    photos: list[Any] = []
    marks: list[Any] = []
    assessments: list[Any] = []
    failed: list[PhotoId] = []
    for condition in conditions:
        photos += _all(tx, select(*PHOTO_COLUMNS).where(condition).order_by(PHOTO.c.id))
        marks += _all(
            tx,
            select(DECISION.c.photo_id, DECISION.c.flag, DECISION.c.stars, DECISION.c.label)
            .join(PHOTO, PHOTO.c.id == DECISION.c.photo_id)
            .where(condition),
        )
        failed += [
            row[0]
            for row in _all(
                tx,
                select(FAILURE.c.photo_id)
                .join(PHOTO, (PHOTO.c.id == FAILURE.c.photo_id) & (PHOTO.c.revision == FAILURE.c.revision))
                .where(condition, FAILURE.c.stage.in_(BLOCKING)),
            )
        ]
        if key is not None:
            a = ASSESSMENT.c
            assessments += _all(
                tx,
                select(a.photo_id, a.aspect, a.bad, a.poor, a.fair, a.good, a.excellent)
                .join(PHOTO, (PHOTO.c.id == a.photo_id) & (PHOTO.c.revision == a.revision))
                .where(condition, a.scorer_id == key),
            )
    return Rows(photos, marks, assessments, failed)


def _all(tx: Transaction, statement: Select[Any]) -> Sequence[Any]:
    return tx.execute(statement).all()
