"""Embeddings: feature vectors by encoder, and every photo's look."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, select

from culler.catalog.database import Transaction, new_key
from culler.catalog.keys import chunks
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
    found: dict[PhotoId, NDArray[np.float32]] = {}
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
            found[row.photo_id] = np.frombuffer(row.vector, np.dtype(row.dtype).newbyteorder("<")).astype(
                np.float32
            )
    return found


def encoder_key(tx: Transaction, encoder: EncoderId) -> int:
    """The catalog's key of an encoder, new or known."""
    key = tx.execute(
        select(ENCODER.c.id).where(ENCODER.c.name == encoder.name, ENCODER.c.version == encoder.version)
    ).scalar()
    if key is None:
        key = new_key(tx, insert(ENCODER).values(name=encoder.name, version=encoder.version))
    return int(key)
