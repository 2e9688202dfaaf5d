"""A closer look within bursts: the same three places of every frame at 100 %, and whose eyes differ.

A preview hides slight misfocus; this reads the originals of groups, once a group, and keeps what it
measured beside the catalog's embeddings. It runs quietly after scores and faces, or when asked for: a full
decode a frame is too much to make anybody wait for a list of groups.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from culler.catalog import embeddings, faces, photos
from culler.catalog.database import Transaction
from culler.catalog.embeddings import Embedded
from culler.catalog.faces import StoredFace
from culler.domain.assessment import EncoderId
from culler.domain.changes import Changed, Changes, Progress
from culler.domain.errors import CullerError
from culler.domain.photo import FileRole, Photo, PhotoId
from culler.ranking import judgement
from culler.ranking.groups import Grouping
from culler.workflow import scorers
from culler.workflow.ahead import Ahead
from culler.workflow.job import Job
from culler.workflow.workspace import Workspace

if TYPE_CHECKING:
    from culler.scoring.crops import Place
    from culler.scoring.faces import Face
    from culler.workflow.groups import Grouped

log = logging.getLogger(__name__)

CLOSER = EncoderId("burst-closer-look", "1")
"""Its vector of a photo: the group's digest (two numbers), the sharpness of three crops, the sharpness of
the eyes, whether the eyes differ (1, 0); NaN for what is not known."""
MOST_FRAMES = 20
"""Of larger groups the preview must do: nobody shoots them to choose one by its focus."""
PLACES = 3
_WIDTH = 2 + PLACES + 2

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Closer:
    """What a closer look found, rows as in the columns. `crops` (n, 3) and `eyes` (n,) are ln energies,
    comparable within a group, NaN unknown; `eyes_differ` (n,) False where it can't be told."""

    crops: NDArray[np.float64]
    eyes: NDArray[np.float64]
    eyes_differ: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CloserReport:
    """What a run did: groups and frames looked at now, and groups that are looked at in all."""

    groups: int = 0
    frames: int = 0
    known: int = 0


def look_closer(workspace: Workspace, found: "Grouped", scorer_name: str | None = None) -> Job[CloserReport]:
    """Measure the frames of every group of 2 to 20 that was not looked at as it is now."""
    grouping, ids = found.grouping, found.columns.ids
    wanted = [group for group in range(len(grouping)) if _is_worth_it(grouping, group)]
    with workspace.catalog.read() as tx:
        stored = _stored(tx, [int(key) for group in wanted for key in ids[grouping.rows(group)]])
    due = [group for group in wanted if _rows_known(ids[grouping.rows(group)].tolist(), stored) is None]
    total = sum(len(grouping.rows(group)) for group in due)
    means = judgement.overall_means(found.columns, scorers.quality_weight(scorer_name))
    done = 0
    for group in due:
        rows = grouping.rows(group)
        yield Progress(done, total)
        changes = yield from _look_at(workspace, ids[rows].tolist(), means[rows], (done, total))
        done += len(rows)
        yield Progress(done, total, "", changes)
    return CloserReport(len(due), done, len(wanted))


def look_closer_in(workspace: Workspace, folders: Sequence[Path]) -> Job[CloserReport]:
    """As `look_closer`, for the groups of some folders as they are when the job begins."""
    from culler.workflow import groups, rank

    yield Progress(0, None)
    scorer = rank.current_scorer(workspace)
    found = groups.grouped(workspace, folders, scorer=scorer)
    return (yield from look_closer(workspace, found, None if scorer is None else scorer.name))


def closer(tx: Transaction, ids: NDArray[np.int64], grouping: Grouping) -> Closer:
    """What is stored of groups as they are now; groups looked at as they were before are unknown."""
    result = Closer(np.full((len(ids), PLACES), np.nan), np.full(len(ids), np.nan), np.zeros(len(ids), bool))
    stored = _stored(tx, ids[grouping.members].tolist())
    for group in range(len(grouping)) if stored else ():
        rows = grouping.rows(group)
        values = _rows_known(ids[rows].tolist(), stored)
        if values is not None:
            result.crops[rows] = values[:, 2 : 2 + PLACES]
            result.eyes[rows] = values[:, -2]
            result.eyes_differ[rows] = values[:, -1] == 1
    return result


def _is_worth_it(grouping: Grouping, group: int) -> bool:
    return not grouping.kind(group).is_set and 2 <= len(grouping.rows(group)) <= MOST_FRAMES


def _stored(tx: Transaction, ids: Sequence[PhotoId]) -> dict[PhotoId, NDArray[np.float32]]:
    return dict(embeddings.read(tx, CLOSER, ids))


def _rows_known(
    ids: Sequence[PhotoId], stored: dict[PhotoId, NDArray[np.float32]]
) -> NDArray[np.float64] | None:
    """(frames, values) of a group; None where a frame has none or was measured in another company."""
    vectors = [stored[photo_id] for photo_id in ids if photo_id in stored]
    digest = _digest(ids)
    if len(vectors) < len(ids) or any(
        len(vector) != _WIDTH or (vector[0], vector[1]) != digest for vector in vectors
    ):
        return None
    return np.array(vectors, np.float64)


def _digest(ids: Sequence[PhotoId]) -> tuple[float, float]:
    """Which frames were compared: 48 bits, as two numbers that float32 holds exactly."""
    found = hashlib.sha256(",".join(map(str, sorted(ids))).encode()).digest()
    return float(int.from_bytes(found[:3], "big")), float(int.from_bytes(found[3:6], "big"))


@dataclass(frozen=True, slots=True)
class _Frame:
    photo: Photo
    preview: Pixels | None
    values: tuple[float, ...] | None = None


def _look_at(
    workspace: Workspace, ids: Sequence[PhotoId], means: NDArray[np.float64], count: tuple[int, int]
) -> Job[Changes]:
    from culler.scoring.crops import drift, sharpest_places

    frames = yield from _each(workspace, ids, _previewed(workspace), count)
    previews = {frame.photo.id: frame.preview for frame in frames if frame.preview is not None}
    photo_of = {frame.photo.id: frame.photo for frame in frames}
    shown = [photo_id for photo_id in ids if photo_id in previews]
    values = {photo_id: np.full(_WIDTH, np.nan, np.float32) for photo_id in photo_of}
    if len(shown) >= 2:
        seen = yield from _faces_in(workspace, shown, previews, photo_of)
        reference = _reference(ids, shown, means, seen)
        alike = [key for key in shown if previews[key].shape == previews[reference].shape]
        if len(alike) >= 2:
            # The best frame of the preview shows where to look.
            places = sharpest_places(previews[reference], seen[reference])
            moved = {key: drift(previews[reference], previews[key]) for key in alike}
            larger = [key for key in alike if _is_larger(photo_of[key], previews[key])]
            measure = _measuring(places, moved)
            if len(larger) >= 2:
                measured = yield from _each(workspace, larger, measure, count)
                for frame in measured:
                    if frame.values is not None:
                        values[frame.photo.id][2 : 2 + len(frame.values)] = frame.values
            _add_eyes(values, alike, previews, seen)
    digest = _digest(ids)
    stored = []
    for photo_id, vector in values.items():
        vector[:2] = digest
        stored.append(Embedded(photo_id, photo_of[photo_id].revision, vector))
    with workspace.catalog.write() as tx:
        there = photos.get(tx, list(values))
        embeddings.write(tx, CLOSER, [item for item in stored if item.photo_id in there])
    return Changes.of(list(values), Changed.SCORES)


def _each(
    workspace: Workspace, ids: Sequence[PhotoId], work: Callable[[Photo], _Frame], count: tuple[int, int]
) -> Job[list[_Frame]]:
    ahead = Ahead(workspace, ids, work, 0)
    frames = []
    try:
        for frame in ahead:
            if frame is not None:
                frames.append(frame)
            yield Progress(*count)
    finally:
        ahead.close()
    return frames


def _previewed(workspace: Workspace) -> Callable[[Photo], _Frame]:
    from culler.workflow import develop  # decoders load only where something is decoded

    def work(photo: Photo) -> _Frame:
        try:
            image, _ = develop.encoded_preview(workspace, photo)
            return _Frame(photo, np.asarray(image.convert("RGB")))
        except CullerError:
            return _Frame(photo, None)  # shown as a failure by whoever scores it
        except Exception:
            log.exception("Looking closer at %s stopped at an error in Culler.", photo.name)
            return _Frame(photo, None)

    return work


def _measuring(
    places: "Sequence[Place]", moved: dict[PhotoId, tuple[float, float]]
) -> Callable[[Photo], _Frame]:
    def work(photo: Photo) -> _Frame:
        try:
            return _Frame(photo, None, _measured(photo, places, moved[photo.id]))
        except CullerError:
            return _Frame(photo, None)
        except Exception:
            log.exception("Looking closer at %s stopped at an error in Culler.", photo.name)
            return _Frame(photo, None)

    return work


def _measured(photo: Photo, places: "Sequence[Place]", moved: tuple[float, float]) -> tuple[float, ...]:
    """The crops' sharpness, from one decode of the rectangle around them."""
    from culler.imaging import decode
    from culler.scoring.crops import crop_sharpness, region
    from culler.workflow import develop

    width, height = photo.facts.width or 0, photo.facts.height or 0
    whole = None
    if photo.files[0].role is FileRole.RAW:
        # The sensor's size is not always the developed picture's.
        whole = decode.full(photo.path, develop.companion_of(photo))
        width, height = whole.size
    at = [region(place, width, height, moved) for place in places]
    left, top = min(one.left for one in at), min(one.top for one in at)
    right, bottom = max(one.left + one.width for one in at), max(one.top + one.height for one in at)
    if whole is None:
        part = decode.region(photo.path, (left, top, right, bottom), develop.companion_of(photo))
    else:
        part = whole.crop((left, top, right, bottom))
    found = []
    for one in at:
        x, y = one.left - left, one.top - top
        crop = part.crop((x, y, x + one.width, y + one.height)).convert("RGB")
        found.append(crop_sharpness(np.asarray(crop)))
    return tuple(found)


def _is_larger(photo: Photo, preview: Pixels) -> bool:
    """Whether the original shows more than the preview did."""
    return bool(max(photo.facts.width or 0, photo.facts.height or 0) > max(preview.shape[:2]))


def _faces_in(
    workspace: Workspace,
    shown: Sequence[PhotoId],
    previews: dict[PhotoId, Pixels],
    photo_of: dict[PhotoId, Photo],
) -> "Job[dict[PhotoId, tuple[Face, ...]]]":
    """Every frame's faces: those stored, and the others looked for now."""
    from culler.workflow.faces import seen_in

    with workspace.catalog.read() as tx:
        known = faces.read(tx, shown)
    missing = [photo_id for photo_id in shown if photo_id not in known]
    for photo_id in missing:
        known[photo_id] = seen_in(previews[photo_id], photo_of[photo_id].facts.width)
        yield Progress(0, None)
    if missing:
        with workspace.catalog.write() as tx:
            faces.write(tx, {(key, photo_of[key].revision): known[key] for key in missing})
    if not any(known.values()):
        return {photo_id: () for photo_id in shown}
    return {photo_id: tuple(map(_as_face, known[photo_id])) for photo_id in shown}


def _as_face(face: StoredFace) -> "Face":
    from culler.scoring.faces import Face

    return Face(
        face.left,
        face.top,
        face.right,
        face.bottom,
        face.landmarks,
        face.confidence,
        face.sharpness,
        face.decides,
    )


def _reference(
    ids: Sequence[PhotoId],
    shown: Sequence[PhotoId],
    means: NDArray[np.float64],
    seen: "dict[PhotoId, tuple[Face, ...]]",
) -> PhotoId:
    """The best frame by its preview; where there are faces that decide, among those that show them."""
    with_faces = [key for key in shown if any(face.decides for face in seen[key])]
    score = dict(zip(ids, np.nan_to_num(means, nan=0.0).tolist(), strict=True))
    return max(with_faces or shown, key=lambda key: score[key])


def _add_eyes(
    values: dict[PhotoId, NDArray[np.float32]],
    alike: Sequence[PhotoId],
    previews: dict[PhotoId, Pixels],
    seen: "dict[PhotoId, tuple[Face, ...]]",
) -> None:
    if not any(face.decides for key in alike for face in seen[key]):
        return
    from culler.scoring.burst_faces import eyes_across, eyes_differ

    pixels, found = [previews[key] for key in alike], [seen[key] for key in alike]
    told = zip(alike, eyes_across(pixels, found), eyes_differ(pixels, found), strict=True)
    for key, sharpness, differ in told:
        values[key][-2] = np.nan if sharpness is None else sharpness
        values[key][-1] = np.nan if differ is None else float(differ)
