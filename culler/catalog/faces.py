"""Faces found in photos: where they are, how sharp their eyes are, and which photos were looked at."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert, select

from culler.catalog import embeddings
from culler.catalog.database import Transaction
from culler.catalog.embeddings import Embedded, encoder_key
from culler.catalog.keys import chunks
from culler.catalog.rows import BLOCKING
from culler.catalog.schema import FACE, FAILURE, PHOTO
from culler.domain.assessment import EncoderId
from culler.domain.photo import PhotoId, PhotoKind

FACES = EncoderId("mtcnn-faces", "1")
"""Who finds faces. Its embedding of a photo says that it was looked at: how many faces there are, how sharp
the eyes of those are that stand for their photo (NaN unknown), and for each face whether it does (1, 0)."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class StoredFace:
    """A face in fractions of the upright picture; `sharpness` None where it can't be told, `decides`
    whether it is large and certain enough to stand for its photo."""

    left: float
    top: float
    right: float
    bottom: float
    landmarks: tuple[Point, ...]
    confidence: float
    sharpness: float | None
    decides: bool


def write(tx: Transaction, found: Mapping[tuple[PhotoId, int], Sequence[StoredFace]]) -> None:
    """Store what was found by photo and revision, nothing included; it takes the place of what was there."""
    if not found:
        return
    for ids in chunks(photo_id for photo_id, _ in found):
        tx.execute(delete(FACE).where(FACE.c.photo_id.in_(ids)))
    key = encoder_key(tx, FACES)
    rows = [
        {
            "photo_id": photo_id,
            "encoder_id": key,
            "revision": revision,
            "left": face.left,
            "top": face.top,
            "right": face.right,
            "bottom": face.bottom,
            "landmarks": json.dumps([[round(x, 5), round(y, 5)] for x, y in face.landmarks]),
            "confidence": face.confidence,
            "sharpness": face.sharpness,
        }
        for (photo_id, revision), faces in found.items()
        for face in faces
    ]
    if rows:
        tx.execute(insert(FACE), rows)
    looked = [Embedded(photo_id, revision, _told(faces)) for (photo_id, revision), faces in found.items()]
    embeddings.write(tx, FACES, looked)


def read(tx: Transaction, photo_ids: Iterable[PhotoId]) -> dict[PhotoId, tuple[StoredFace, ...]]:
    """The faces of photos at their present revisions, the largest first; empty where none was found,
    photos that nobody looked at are absent."""
    ids = list(photo_ids)
    looked = embeddings.read(tx, FACES, ids)
    boxes: dict[PhotoId, list[StoredFace]] = {photo_id: [] for photo_id in looked}
    for some in chunks(looked):
        statement = (
            select(FACE)
            .join(PHOTO, (PHOTO.c.id == FACE.c.photo_id) & (PHOTO.c.revision == FACE.c.revision))
            .where(FACE.c.photo_id.in_(some))
            .order_by(FACE.c.id)
        )
        for row in tx.execute(statement):
            place = len(boxes[row.photo_id]) + 2
            told = looked[row.photo_id]
            boxes[row.photo_id].append(
                StoredFace(
                    row.left,
                    row.top,
                    row.right,
                    row.bottom,
                    tuple((float(x), float(y)) for x, y in json.loads(row.landmarks or "[]")),
                    row.confidence,
                    row.sharpness,
                    place < len(told) and bool(told[place]),
                )
            )
    return {photo_id: tuple(faces) for photo_id, faces in boxes.items()}


def eye_sharpness(tx: Transaction, photo_ids: Iterable[PhotoId]) -> dict[PhotoId, float]:
    """How sharp the eyes of the faces that decide are, their mean by area, as ln energy; photos without
    such a face are absent."""
    looked = embeddings.read(tx, FACES, photo_ids)
    return {photo_id: float(told[1]) for photo_id, told in looked.items() if not np.isnan(told[1])}


def pending(tx: Transaction, photo_ids: Iterable[PhotoId]) -> list[PhotoId]:
    """Of these photos, the stills that nobody looked at and that can be read; in the order given."""
    wanted = list(photo_ids)
    settled: set[PhotoId] = set(embeddings.read(tx, FACES, wanted))
    for ids in chunks(wanted):
        clips = select(PHOTO.c.id).where(PHOTO.c.kind == PhotoKind.VIDEO.value, PHOTO.c.id.in_(ids))
        settled.update(tx.execute(clips).scalars())
        failed = (
            select(FAILURE.c.photo_id)
            .join(PHOTO, (PHOTO.c.id == FAILURE.c.photo_id) & (PHOTO.c.revision == FAILURE.c.revision))
            .where(FAILURE.c.photo_id.in_(ids), FAILURE.c.stage.in_(BLOCKING), FAILURE.c.source == "")
        )
        settled.update(tx.execute(failed).scalars())
    return [photo_id for photo_id in wanted if photo_id not in settled]


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


def _told(faces: Sequence[StoredFace]) -> NDArray[np.float32]:
    told = [
        ((face.right - face.left) * (face.bottom - face.top), face.sharpness)
        for face in faces
        if face.decides and face.sharpness is not None
    ]
    area = sum(part for part, _ in told)
    eyes = sum(part * sharpness for part, sharpness in told) / area if area > 0 else np.nan
    return np.array([len(faces), eyes, *(face.decides for face in faces)], np.float32)
