"""The same faces across the frames of a burst: whose eyes are sharp, and whose eyes differ.

A face that the detector misses in a soft frame is looked for where the scene's drift puts it, so that
soft frames are not spared. Whether eyes are open nobody here knows; that they differ from the other
frames can be seen, and is only ever said of faces that are large and certain.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from culler.scoring.crops import drift
from culler.scoring.faces import EYES_APART, Face, Pixels, eye_band, eye_sharpness
from culler.scoring.tiles import Map

_ALIKE = 0.75  # correlation of two eye bands below which they show something else
_SEARCH_PX = 6
_EYE_PX = 28, 18  # around each eye, in the band


def eyes_across(frames: Sequence[Pixels], faces: Sequence[Sequence[Face]]) -> tuple[float | None, ...]:
    """How sharp the deciding faces' eyes are in every frame, for `crops.burst_scores`; None throughout
    where no face decides. `frames` are previews of one size, `faces` what `faces.find` saw in each."""
    reference = _reference(faces)
    if reference is None:
        return (None,) * len(frames)
    deciding = [face for face in faces[reference] if face.decides]
    found: list[float | None] = []
    for frame, seen in zip(frames, faces, strict=True):
        placed = _placed(deciding, seen, frames[reference], frame)
        values = [(face.area, eye_sharpness(frame, face)) for face in placed]
        known = [(area, value) for area, value in values if value is not None]
        total = math.fsum(area for area, _ in known)
        found.append(math.fsum(area * value for area, value in known) / total if total else None)
    return tuple(found)


def eyes_differ(frames: Sequence[Pixels], faces: Sequence[Sequence[Face]]) -> tuple[bool | None, ...]:
    """Whether the eyes of a frame's largest deciding face look unlike those of most other frames; None
    where it can't be told: no such face, not found in this frame, or fewer than two frames to compare."""
    reference = _reference(faces)
    if reference is None:
        return (None,) * len(frames)
    main = max((face for face in faces[reference] if face.decides), key=lambda face: face.area)
    bands: list[Map | None] = []
    for frame, seen in zip(frames, faces, strict=True):
        moved = drift(frames[reference], frame)
        matched = _match(_moved(main, moved), [face for face in seen if face.decides])
        bands.append(None if matched is None else eye_band(frame, matched))
    known = [index for index, band in enumerate(bands) if band is not None]
    if len(known) < 2:
        return (None,) * len(frames)
    alike = {
        (one, other): _likeness(bands[one], bands[other]) >= _ALIKE
        for one in known
        for other in known
        if one != other
    }
    answers: list[bool | None] = [None] * len(frames)
    for one in known:
        agreeing = sum(alike[one, other] for other in known if other != one)
        answers[one] = agreeing * 2 < len(known) - 1
    return tuple(answers)


def _reference(faces: Sequence[Sequence[Face]]) -> int | None:
    """The frame whose deciding faces cover most."""
    areas = [math.fsum(face.area for face in seen if face.decides) for seen in faces]
    best = max(range(len(areas)), key=areas.__getitem__, default=None)
    return best if best is not None and areas[best] > 0 else None


def _placed(
    deciding: Sequence[Face], seen: Sequence[Face], reference: Pixels, frame: Pixels
) -> tuple[Face, ...]:
    moved = drift(reference, frame)
    expected = [_moved(face, moved) for face in deciding]
    return tuple(_match(face, seen) or face for face in expected)


def _moved(face: Face, by: tuple[float, float]) -> Face:
    return replace(
        face,
        left=face.left + by[0],
        right=face.right + by[0],
        top=face.top + by[1],
        bottom=face.bottom + by[1],
        landmarks=tuple((x + by[0], y + by[1]) for x, y in face.landmarks),
    )


def _match(expected: Face, seen: Sequence[Face]) -> Face | None:
    """The face that is about there and about as large."""
    size = expected.right - expected.left
    best: tuple[float, Face] | None = None
    for face in seen:
        ratio = (face.right - face.left) / size if size > 0 else 0.0
        away = math.hypot(face.left + face.right - expected.left - expected.right,
                          face.top + face.bottom - expected.top - expected.bottom) / 2  # fmt: skip
        if 0.6 < ratio < 1.6 and away < 0.8 * size and (best is None or away < best[0]):
            best = away, face
    return best[1] if best else None


def _likeness(one: Map | None, other: Map | None) -> float:
    """Correlation of the less alike of two frames' eyes, each at its best shift, softened so that focus
    counts little."""
    assert one is not None and other is not None
    mine, theirs = (np.asarray(cv2.GaussianBlur(band, (0, 0), 1.2), np.float32) for band in (one, other))
    rows, columns = mine.shape
    found: list[float] = []
    for middle in ((columns - EYES_APART) // 2, (columns + EYES_APART) // 2):
        top, left = rows // 2 - _EYE_PX[1] // 2, middle - _EYE_PX[0] // 2
        eye = np.ascontiguousarray(mine[top : top + _EYE_PX[1], left : left + _EYE_PX[0]])
        around = theirs[
            top - _SEARCH_PX : top + _EYE_PX[1] + _SEARCH_PX,
            left - _SEARCH_PX : left + _EYE_PX[0] + _SEARCH_PX,
        ]
        found.append(float(cv2.matchTemplate(np.ascontiguousarray(around), eye, cv2.TM_CCOEFF_NORMED).max()))
    return min(found)
