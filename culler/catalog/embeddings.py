"""Embeddings: feature vectors by encoder, and every photo's look."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, select

from culler.catalog.database import Transaction, new_key
from culler.catalog.keys import CHUNK, chunks
from culler.catalog.schema import EMBEDDING, ENCODER, PHOTO
from culler.domain.assessment import EncoderId
from culler.domain.photo import PhotoId

LOOK = EncoderId("look", "1")
"""The encoder of `imaging.signature.look`: (384,) uint8 for every decoded photo."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A vector to store: 1-D, float16 or float32 (uint8 for looks)."""

    photo_id: PhotoId
    revision: int
    vector: NDArray[np.floating] | NDArray[np.uint8]


def write(tx: Transaction, encoder: EncoderId, embedded: Sequence[Embedded]) -> None:
    """Store vectors, little-endian; the latest per photo and encoder counts."""
    if not embedded:
        return
    key = encoder_key(tx, encoder)
    values = []
    for item in embedded:
        vector = np.ascontiguousarray(item.vector)
        if vector.dtype not in (np.float16, np.float32, np.uint8) or vector.ndim != 1:
            raise ValueError(
                f"an embedding is 1-D float16, float32 or uint8, not {vector.dtype} {vector.shape}"
            )
        if sys.byteorder == "big":
            vector = vector.byteswap()
        values.append(
            {
                "photo_id": item.photo_id,
                "encoder_id": key,
                "revision": item.revision,
                "dtype": str(item.vector.dtype),
                "vector": vector.tobytes(),
            }
        )
    tx.execute(insert(EMBEDDING).prefix_with("OR REPLACE"), values)


def read(
    tx: Transaction, encoder: EncoderId, photo_ids: Iterable[PhotoId]
) -> Mapping[PhotoId, NDArray[np.float32]]:
    """Vectors at the photos' present revisions, float32 (d,); photos without one are absent."""
    return {photo_id: vector.astype(np.float32) for photo_id, vector in _stored(tx, encoder, photo_ids)}


def matrix(tx: Transaction, encoder: EncoderId, photo_ids: Sequence[PhotoId]) -> NDArray[Any] | None:
    """Vectors at the photos' present revisions as (photos, d), of the type they are stored as; zeros for
    photos without one, None where no photo has one. For many photos: `read` takes several times more."""
    found: NDArray[Any] | None = None
    for start in range(0, len(photo_ids), CHUNK):
        row_of = {photo_id: row for row, photo_id in enumerate(photo_ids[start : start + CHUNK], start)}
        for photo_id, vector in _stored(tx, encoder, row_of):
            if found is None:
                found = np.zeros((len(photo_ids), len(vector)), vector.dtype.newbyteorder("="))
            found[row_of[photo_id]] = vector
    return found


def _stored(
    tx: Transaction, encoder: EncoderId, photo_ids: Iterable[PhotoId]
) -> Iterator[tuple[PhotoId, NDArray[Any]]]:
    for ids in chunks(photo_ids):
        statement = (
            select(EMBEDDING.c.photo_id, EMBEDDING.c.dtype, EMBEDDING.c.vector)
            .join(ENCODER, ENCODER.c.id == EMBEDDING.c.encoder_id)
            .join(PHOTO, (PHOTO.c.id == EMBEDDING.c.photo_id) & (PHOTO.c.revision == EMBEDDING.c.revision))
            .where(
                ENCODER.c.name == encoder.name,
                ENCODER.c.version == encoder.version,
                EMBEDDING.c.photo_id.in_(ids),
            )
        )
        for row in tx.execute(statement):
            yield row.photo_id, np.frombuffer(row.vector, np.dtype(row.dtype).newbyteorder("<"))


def encoder_key(tx: Transaction, encoder: EncoderId) -> int:
    """The catalog's key of an encoder, new or known."""
    key = tx.execute(
        select(ENCODER.c.id).where(ENCODER.c.name == encoder.name, ENCODER.c.version == encoder.version)
    ).scalar()
    if key is None:
        key = new_key(tx, insert(ENCODER).values(name=encoder.name, version=encoder.version))
    return int(key)
