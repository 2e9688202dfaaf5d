"""Facts that suggestions give as reasons, from what is stored: no photo is decoded for them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from culler.catalog import embeddings, faces
from culler.domain.photo import PhotoId
from culler.ranking.columns import PhotoColumns
from culler.ranking.suggest import StoredFacts
from culler.workflow.workspace import Workspace

CLOSED, OPEN, UNTOLD = 1, 0, -1


def stored_facts(workspace: Workspace, columns: PhotoColumns) -> StoredFacts:
    """Sharpness and clipping where the embedded judge measured a photo, whoever judges now; eyes where
    faces are stored."""
    from culler.scoring import embedded
    from culler.scoring.embedded_facts import measured_facts

    ids = columns.ids.tolist()
    with workspace.catalog.read() as tx:
        found = embeddings.read(tx, embedded.encoder(), ids)
        eyes = faces.eyes_of(tx, ids)
    if not found:
        return StoredFacts(eyes=_eyes(ids, eyes) if eyes else None)
    vectors = np.zeros((len(ids), len(next(iter(found.values())))), np.float32)
    for row, photo_id in enumerate(ids):
        if photo_id in found:
            vectors[row] = found[photo_id]
    measured = measured_facts(vectors)
    return StoredFacts(
        sharpness=measured.sharpness,
        eyes=_eyes(ids, eyes) if eyes else None,
        highlights=measured.highlights,
        shadows=measured.shadows,
    )


def _eyes(ids: Sequence[PhotoId], found: dict[PhotoId, tuple[str | None, ...]]) -> NDArray[np.int8]:
    """Closed as soon as one face's are; open only where every face's are known to be."""

    def of(seen: tuple[str | None, ...]) -> int:
        if "closed" in seen:
            return CLOSED
        return OPEN if seen and None not in seen else UNTOLD

    return np.array([of(found.get(photo_id, ())) for photo_id in ids], np.int8)
