"""Looking for faces in photos that nobody looked at yet, from the cached preview.

Each photo is looked at once a revision, "none found" included; killed at any moment the catalog holds
whole portions, and the next run takes what is missing.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from culler.catalog import faces, outcomes, photos
from culler.catalog.faces import StoredFace
from culler.catalog.outcomes import Decoded
from culler.domain.assessment import Failure, Stage
from culler.domain.changes import Changed, Changes, Progress
from culler.domain.errors import CullerError
from culler.domain.photo import Photo, PhotoId
from culler.workflow.ahead import Ahead
from culler.workflow.job import Job
from culler.workflow.passing import may_pass
from culler.workflow.workspace import Workspace, known_scopes

if TYPE_CHECKING:
    from culler.scoring.faces import Face

log = logging.getLogger(__name__)

FLUSH_S = 1.0
"""What was found is written down at least this often."""
_AT_ONCE = 4
_LEAST_SIDE_PX = 70
"""No face in a smaller picture can stand for it: the networks need not load."""

SHARP, SOFT = 4.0, 3.3
"""ln energy of the eye band from which eyes are called sharp, and below which soft. Of the deciding faces
in the training photos nine in ten lie above the first; a portrait blurred until detail of four pixels is
gone lies below the second."""


@dataclass(frozen=True, slots=True)
class FacesReport:
    """What a run did. `looked` were looked at now; `photo_ids` are all that were asked for."""

    photo_ids: tuple[PhotoId, ...]
    looked: int = 0
    with_faces: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class _Ready:
    """A photo on its way: its preview's pixels, or why there are none."""

    photo: Photo
    pixels: NDArray[np.uint8] | None = None
    decoded: Decoded | None = None
    failure: Failure | None = None
    passing: bool = False


def find_faces(
    workspace: Workspace,
    folders: Sequence[Path] | None = None,
    first: Callable[[], Sequence[PhotoId]] = tuple,
) -> Job[FacesReport]:
    """Look for faces in the photos of some folders (None: all) that nobody looked at yet; `first` names
    those wanted soonest. Raises CullerError for a folder that the catalog does not know."""
    scopes = known_scopes(workspace, None if folders is None else tuple(folders))
    with workspace.catalog.read() as tx:
        ids = photos.ids_in(tx, scopes)
        wanted = faces.pending(tx, ids)
    if not wanted:
        return FacesReport(tuple(ids))
    yield Progress(0, len(wanted), "")
    ahead = Ahead(workspace, wanted, _preparing(workspace), _AT_ONCE, first, _remaining(workspace))
    portion = _Portion(workspace)
    try:
        for ready in ahead:
            if ready is not None:
                portion.add(ready)
            due = portion.is_due or ahead.exhausted
            changes = portion.write() if due else Changes()
            yield Progress(portion.done, len(wanted), "", changes)
    finally:
        ahead.close()
        portion.write()
    return FacesReport(tuple(ids), portion.done - portion.failed, portion.with_faces, portion.failed)


def faces_of(workspace: Workspace, photo_ids: Sequence[PhotoId]) -> dict[PhotoId, tuple[StoredFace, ...]]:
    """The faces stored of some photos, the largest first; photos that nobody looked at are absent."""
    with workspace.catalog.read() as tx:
        return faces.read(tx, photo_ids)


def seen_in(preview: NDArray[np.uint8], full_width_px: int | None) -> tuple[StoredFace, ...]:
    """The faces in a preview of a photo so wide; a tenth of a second, in one thread at a time."""
    if min(preview.shape[:2]) < _LEAST_SIDE_PX:
        return ()
    from culler.scoring.faces import find  # the networks load where there is something to look at

    return tuple(map(_stored, find(preview, full_width_px)))


def sentence(found: Sequence[StoredFace]) -> str:
    """The faces of one photo in a few words, such as "2 faces, eyes sharp"; empty where there is none."""
    if not found:
        return ""
    count = f"{len(found)} face{'s' if len(found) > 1 else ''}"
    told = [face.sharpness for face in found if face.decides and face.sharpness is not None]
    if not told:
        return f"{count}, too small or uncertain to judge the eyes"
    best, worst = _word(max(told)), _word(min(told))
    eyes = f"eyes {best}" if best == worst else f"sharpest eyes {best}, softest {worst}"
    return f"{count}, {eyes}"


def _word(sharpness: float) -> str:
    if sharpness >= SHARP:
        return "sharp"
    return "soft" if sharpness < SOFT else "slightly soft"


class _Portion:
    """What was found and is not written yet."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._found: dict[tuple[PhotoId, int], tuple[StoredFace, ...]] = {}
        self._decoded: list[Decoded] = []
        self._failures: list[_Ready] = []
        self._since = time.monotonic()
        self.done = self.failed = self.with_faces = 0

    @property
    def is_due(self) -> bool:
        return time.monotonic() - self._since >= FLUSH_S

    def add(self, ready: _Ready) -> None:
        self.done += 1
        photo = ready.photo
        if ready.decoded is not None:
            self._decoded.append(ready.decoded)
        if ready.pixels is None:
            self.failed += 1
            if ready.failure is not None:
                self._failures.append(ready)
            return
        width = photo.facts.width if ready.decoded is None else ready.decoded.width
        seen = seen_in(ready.pixels, width)
        self.with_faces += bool(seen)
        self._found[photo.id, photo.revision] = seen

    def write(self) -> Changes:
        self._since = time.monotonic()
        if not (self._found or self._decoded or self._failures):
            return Changes()
        with self._workspace.catalog.write() as tx:
            outcomes.write_decoded(tx, self._decoded)
            there = photos.get(tx, [photo_id for photo_id, _ in self._found])
            faces.write(tx, {key: seen for key, seen in self._found.items() if key[0] in there})
            for ready in self._failures:
                assert ready.failure is not None
                source = outcomes.PASSING if ready.passing else ""
                outcomes.write_failures(tx, [(ready.failure, ready.photo.revision)], source)
        # What is said of the photo, and its place in a burst, may be another now.
        told = {photo_id for (photo_id, _), seen in self._found.items() if seen}
        self._found, self._decoded, self._failures = {}, [], []
        return Changes.of(told, Changed.SCORES)


def _preparing(workspace: Workspace) -> Callable[[Photo], _Ready]:
    """From a photo's cached preview to pixels; runs in any thread and never raises."""
    from culler.workflow import develop

    def prepare(photo: Photo) -> _Ready:
        try:
            image, developed = develop.encoded_preview(workspace, photo)
            decoded = None if developed is None else develop.decoded(photo, developed)
            return _Ready(photo, np.asarray(image.convert("RGB")), decoded)
        except CullerError as error:
            failure = Failure(photo.id, Stage.DECODE, str(error))
            return _Ready(photo, failure=failure, passing=may_pass(error))
        except Exception:
            log.exception("Looking for faces in %s stopped at an error in Culler.", photo.name)
            return _Ready(photo)

    return prepare


def _remaining(workspace: Workspace) -> Callable[[Sequence[PhotoId]], list[PhotoId]]:
    def remaining(some: Sequence[PhotoId]) -> list[PhotoId]:
        with workspace.catalog.read() as tx:
            return faces.pending(tx, some)

    return remaining


def _stored(face: "Face") -> StoredFace:
    return StoredFace(
        face.left,
        face.top,
        face.right,
        face.bottom,
        face.landmarks,
        face.confidence,
        face.sharpness,
        face.decides,
    )


def paths_of(workspace: Workspace, photo_ids: Sequence[PhotoId]) -> Mapping[PhotoId, Path]:
    """Where some photos are, for a list of what was found."""
    with workspace.catalog.read() as tx:
        return {photo_id: photo.path for photo_id, photo in photos.get(tx, photo_ids).items()}
