"""What came of reading photos: what decodes learnt, and why some failed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import bindparam, delete, insert, select, update

from culler.catalog import embeddings
from culler.catalog.database import Transaction, now
from culler.catalog.embeddings import LOOK, Embedded
from culler.catalog.keys import chunks
from culler.catalog.photos import rows
from culler.catalog.schema import FAILURE, PHOTO
from culler.domain.assessment import Failure, Stage
from culler.domain.photo import PhotoId

PASSING = "passing"
"""The source of failures that may pass by themselves (no permission, a disk that is gone): they are
shown, and the photo is tried again every time."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a decode learnt of one revision of a photo."""

    photo_id: PhotoId
    revision: int
    width: int
    height: int
    dhash: int
    look: bytes
    damaged: str | None = None


def write_decoded(tx: Transaction, decoded: Sequence[Decoded]) -> None:
    """Store what decodes learnt, where the photo has not changed since."""
    if not decoded:
        return
    looks = [
        Embedded(photo.photo_id, photo.revision, np.frombuffer(photo.look, np.uint8)) for photo in decoded
    ]
    embeddings.write(tx, LOOK, looks)
    statement = (
        update(PHOTO)
        .where(PHOTO.c.id == bindparam("key"), PHOTO.c.revision == bindparam("at"))
        .values(
            width=bindparam("w"), height=bindparam("h"), dhash=bindparam("hash"), damaged=bindparam("fault")
        )
    )
    values = [
        {
            "key": photo.photo_id,
            "at": photo.revision,
            "w": photo.width,
            "h": photo.height,
            "hash": _signed(photo.dhash),
            "fault": photo.damaged,
        }
        for photo in decoded
    ]
    tx.execute(statement, values)


def undecoded(tx: Transaction, photo_ids: Iterable[PhotoId]) -> list[PhotoId]:
    """Of these photos, those whose present revision has neither been decoded nor failed; in order."""
    wanted = list(photo_ids)
    settled = set(failures_of(tx, wanted, passing=False))
    settled.update(row.id for row in rows(tx, wanted, PHOTO.c.id, PHOTO.c.dhash) if row.dhash is not None)
    return [photo_id for photo_id in wanted if photo_id not in settled]


def dhashes(tx: Transaction, photo_ids: Iterable[PhotoId]) -> dict[PhotoId, int]:
    """The 64-bit hashes of photos that were decoded at their present revision."""
    found = rows(tx, photo_ids, PHOTO.c.id, PHOTO.c.dhash)
    return {row.id: row.dhash % (1 << 64) for row in found if row.dhash is not None}


def damage_of(tx: Transaction, photo_ids: Iterable[PhotoId]) -> dict[PhotoId, str]:
    """What is said of photos of which only a part could be decoded."""
    found = rows(tx, photo_ids, PHOTO.c.id, PHOTO.c.damaged)
    return {row.id: row.damaged for row in found if row.damaged}


def write_failures(tx: Transaction, failures: Iterable[tuple[Failure, int]], source: str = "") -> None:
    """Store why photos failed, with the revision that did; the latest per stage and source counts."""
    values = [
        {
            "photo_id": failure.photo_id,
            "stage": failure.stage.value,
            "source": source,
            "revision": revision,
            "message": failure.message,
            "created_at": now(),
        }
        for failure, revision in failures
    ]
    if values:
        tx.execute(insert(FAILURE).prefix_with("OR REPLACE"), values)


def clear_failures(
    tx: Transaction, photo_ids: Iterable[PhotoId], stages: Sequence[Stage], source: str = ""
) -> None:
    """Forget failures that a later success proves wrong."""
    names = [stage.value for stage in stages]
    for ids in chunks(photo_ids):
        tx.execute(
            delete(FAILURE).where(
                FAILURE.c.photo_id.in_(ids), FAILURE.c.stage.in_(names), FAILURE.c.source == source
            )
        )


def failures_of(
    tx: Transaction, photo_ids: Iterable[PhotoId], passing: bool = True
) -> dict[PhotoId, tuple[Failure, ...]]:
    """The failures that count, by photo (with those that may pass, if wanted); photos without one are
    absent."""
    found: dict[PhotoId, list[Failure]] = {}
    for ids in chunks(photo_ids):
        statement = (
            select(FAILURE.c.photo_id, FAILURE.c.stage, FAILURE.c.message)
            .join(PHOTO, (PHOTO.c.id == FAILURE.c.photo_id) & (PHOTO.c.revision == FAILURE.c.revision))
            .where(FAILURE.c.photo_id.in_(ids))
        )
        if not passing:
            statement = statement.where(FAILURE.c.source != PASSING)
        for row in tx.execute(statement):
            found.setdefault(row.photo_id, []).append(Failure(row.photo_id, Stage(row.stage), row.message))
    return {photo_id: tuple(failures) for photo_id, failures in found.items()}


def _signed(value: int) -> int:
    """64 unsigned bits as SQLite's signed integer."""
    return value - (1 << 64) if value >= 1 << 63 else value
