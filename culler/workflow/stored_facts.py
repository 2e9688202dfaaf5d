"""Facts that suggestions give as reasons, from what is stored: no photo is decoded for them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from culler.catalog import embeddings, faces
from culler.domain.photo import PhotoId
from culler.ranking.columns import PhotoColumns
from culler.ranking.groups import Grouping
from culler.ranking.suggest import StoredFacts
from culler.workflow import burst_order
from culler.workflow.workspace import Workspace

CLOSED, OPEN, UNTOLD = 1, 0, -1


def stored_facts(
    workspace: Workspace, columns: PhotoColumns, grouping: Grouping | None = None
) -> StoredFacts:
    """Sharpness and clipping where the embedded judge measured a photo, whoever judges now; eyes where
    faces are stored. Given their grouping, frames of a group whose eyes are known are as sharp as these."""
    from culler.scoring import embedded
    from culler.scoring.embedded_facts import measured_facts

    ids = columns.ids.tolist()
    with workspace.catalog.read() as tx:
        found = embeddings.read(tx, embedded.encoder(), ids)
        eyes = faces.eyes_of(tx, ids)
    known_eyes = _eyes(ids, eyes) if eyes else None
    bursts = None if grouping is None else burst_order.burst_facts(workspace, columns, grouping)
    differ = None if bursts is None else bursts.closer.eyes_differ
    if not found:
        return StoredFacts(eyes=known_eyes, eyes_differ=differ)
    vectors = np.zeros((len(ids), len(next(iter(found.values())))), np.float32)
    for row, photo_id in enumerate(ids):
        if photo_id in found:
            vectors[row] = found[photo_id]
    measured = measured_facts(vectors)
    return StoredFacts(
        sharpness=measured.sharpness
        if bursts is None or grouping is None
        else _by_eyes(measured.sharpness, bursts.eyes, grouping),
        eyes=known_eyes,
        eyes_differ=differ,
        highlights=measured.highlights,
        shadows=measured.shadows,
    )


def _by_eyes(
    sharpness: NDArray[np.float64], eyes: NDArray[np.float64], grouping: Grouping
) -> NDArray[np.float64]:
    """Sharpness as amplitude, of the eyes in groups where at least two frames tell theirs: the sharpest
    fifth of such a picture may be its background."""
    result = sharpness.copy()
    for group in np.unique(grouping.group_of[~np.isnan(eyes)]).tolist():
        rows = grouping.rows(group) if group >= 0 else np.zeros(0, np.intp)
        if np.isfinite(eyes[rows]).sum() >= 2:
            result[rows] = np.exp(0.5 * eyes[rows])
    return result


def _eyes(ids: Sequence[PhotoId], found: dict[PhotoId, tuple[str | None, ...]]) -> NDArray[np.int8]:
    """Closed as soon as one face's are; open only where every face's are known to be."""

    def of(seen: tuple[str | None, ...]) -> int:
        if "closed" in seen:
            return CLOSED
        return OPEN if seen and None not in seen else UNTOLD

    return np.array([of(found.get(photo_id, ())) for photo_id in ids], np.int8)
