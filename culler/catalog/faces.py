"""Faces found in photos: what is stored of their eyes."""

from collections.abc import Iterable

from sqlalchemy import select

from culler.catalog.database import Transaction
from culler.catalog.keys import chunks
from culler.catalog.schema import FACE, PHOTO
from culler.domain.photo import PhotoId


def eyes_of(tx: Transaction, photo_ids: Iterable[PhotoId]) -> dict[PhotoId, tuple[str | None, ...]]:
    """Of each photo's faces at its present revision: open, closed, or None where it can't be told. Photos
    without a face are absent."""
    found: dict[PhotoId, tuple[str | None, ...]] = {}
    for ids in chunks(photo_ids):
        statement = (
            select(FACE.c.photo_id, FACE.c.eyes)
            .join(PHOTO, (PHOTO.c.id == FACE.c.photo_id) & (PHOTO.c.revision == FACE.c.revision))
            .where(FACE.c.photo_id.in_(ids))
            .order_by(FACE.c.id)
        )
        for photo_id, eyes in tx.execute(statement):
            found[photo_id] = (*found.get(photo_id, ()), eyes)
    return found
