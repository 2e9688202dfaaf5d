"""The full-resolution check of a burst: the same few places of every frame, at 100 %.

A preview hides slight misfocus; three crops of the originals show it. The places are the eyes of faces
that decide, else the sharpest tiles of the reference frame. Everything here is arithmetic on pixels that
readers hand over; who reads, caches and groups is the caller's business.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from culler.scoring.tiles import Map, block_mean, grid, tile_mean

if TYPE_CHECKING:  # importing the networks would load torch, which crops alone do not need
    from culler.scoring.faces import Face

Pixels = NDArray[np.uint8]
Values = NDArray[np.float64]

PLACES = 3
CROP_PX = 512
_LEAST_APART = 0.18  # of the long side: three crops of one twig say no more than one

FACE_SHARE = 0.7
"""Share of the sharpness term that faces decide where there are faces."""
SHARPNESS_WEIGHT = 0.6
"""Levels a unit of ln energy is worth within a burst: half a stop of focus is about two units."""
_MOST_DIFFERENCE = 2.5  # units; beyond, a frame is simply out of focus


@dataclass(frozen=True, slots=True)
class Place:
    """The middle of a crop, as fractions of the upright picture."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle in full-size upright pixels."""

    left: int
    top: int
    width: int
    height: int


RegionReader = Callable[[Region], Pixels]
"""Reads a region of an original: `(height, width, 3)` uint8 sRGB."""


def sharpest_places(
    reference: Pixels, faces: "Sequence[Face]" = (), count: int = PLACES
) -> tuple[Place, ...]:
    """Where to look, from the reference frame's preview: eyes of deciding faces, then sharpest tiles."""
    places = [
        Place((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
        for face in faces
        if face.decides
        for one, other in (face.landmarks[:2],)
    ][:count]
    luma = np.asarray(cv2.cvtColor(reference, cv2.COLOR_RGB2GRAY), np.float32)
    detail = tile_mean(np.square(luma - cv2.GaussianBlur(luma, (0, 0), 1.6)), grid(luma, 48))
    rows, columns = detail.shape
    long_side = max(luma.shape)
    for index in np.argsort(-detail, axis=None):
        if len(places) >= count:
            break
        row, column = divmod(int(index), columns)
        place = Place((column + 0.5) / columns, (row + 0.5) / rows)
        apart = (
            np.hypot((place.x - other.x) * luma.shape[1], (place.y - other.y) * luma.shape[0])
            for other in places
        )
        if all(distance >= _LEAST_APART * long_side for distance in apart):
            places.append(place)
    return tuple(places)


def drift(reference: Pixels, frame: Pixels) -> tuple[float, float]:
    """How far the scene moved from the reference to this frame, as fractions of width and height; (0, 0)
    where the two do not match."""
    size = 256, max(16, round(256 * reference.shape[0] / reference.shape[1]))
    one, other = (
        np.asarray(cv2.resize(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA))
        for picture in (reference, frame)
    )
    window = cv2.createHanningWindow(size, cv2.CV_64F)
    (right, down), match = cv2.phaseCorrelate(one.astype(np.float64), other.astype(np.float64), window)
    if match < 0.1 or abs(right) > size[0] / 4 or abs(down) > size[1] / 4:
        return 0.0, 0.0
    return right / size[0], down / size[1]


def region(
    place: Place, width: int, height: int, moved: tuple[float, float] = (0.0, 0.0), side: int = CROP_PX
) -> Region:
    """The crop around a place of a `width` × `height` photo, moved with the scene, kept inside it."""
    across, down = min(side, width), min(side, height)
    left = round((place.x + moved[0]) * width - across / 2)
    top = round((place.y + moved[1]) * height - down / 2)
    return Region(min(max(left, 0), width - across), min(max(top, 0), height - down), across, down)


def crop_sharpness(crop: Pixels) -> float:
    """ln energy of a crop's detail of one to four pixels above its noise, in its sharpest tenth."""
    luma = np.asarray(cv2.cvtColor(np.ascontiguousarray(crop), cv2.COLOR_RGB2GRAY), np.float32)
    fine, wide = cv2.GaussianBlur(luma, (0, 0), 0.7), cv2.GaussianBlur(luma, (0, 0), 2.0)
    energy: Map = block_mean(np.asarray(np.square(fine - wide), np.float32), 16)
    noise = float(np.percentile(energy, 5))
    best = energy[energy >= np.percentile(energy, 90)]
    return float(np.log(max(float(best.mean()) - noise, 0.0) + 0.5))


def measure_frame(
    read: RegionReader,
    width: int,
    height: int,
    places: Sequence[Place],
    moved: tuple[float, float] = (0.0, 0.0),
) -> tuple[float, ...]:
    """Sharpness of one frame at each place: what to cache for a photo within a group."""
    return tuple(crop_sharpness(read(region(place, width, height, moved))) for place in places)


def burst_scores(
    preview: Sequence[float],
    crops: Sequence[Sequence[float] | None],
    eyes: Sequence[float | None] = (),
) -> NDArray[np.float64]:
    """Scores that order the frames of one burst, in levels: the preview's quality mean, corrected by how
    much sharper a frame's crops and eyes are than the burst's median. What is unknown counts nothing.

    `preview` are quality means; `crops` a frame's values of `measure_frame`, None where not read; `eyes`
    a frame's `decisive_sharpness`.
    """
    whole = [np.nan if values is None else float(np.mean(values)) for values in crops]
    seen = [np.nan if value is None else value for value in eyes] if eyes else [np.nan] * len(preview)
    return group_scores(
        np.asarray(preview, np.float64),
        np.array(whole, np.float64),
        np.array(seen, np.float64),
        np.zeros(len(preview), np.intp),
    )


def group_scores(preview: Values, whole: Values, eyes: Values, group: NDArray[np.intp]) -> Values:
    """As `burst_scores`, for the frames of many groups: `whole` (n,) are means over the crops, `group`
    (n,) numbers the groups from 0; NaN is unknown, but `preview` is known throughout."""
    crops_say, faces_say = _against_median(whole, group), _against_median(eyes, group)
    known = np.isfinite(faces_say)
    mixed = FACE_SHARE * np.nan_to_num(faces_say) + (1 - FACE_SHARE) * np.nan_to_num(crops_say)
    # What the preview says of sharpness may be the background's; faces outvote it.
    middle = _medians(preview, group)
    scores = np.where(known, middle + (1 - FACE_SHARE) * (preview - middle), preview)
    return np.asarray(scores + SHARPNESS_WEIGHT * np.nan_to_num(np.where(known, mixed, crops_say)))


def _against_median(values: Values, group: NDArray[np.intp]) -> Values:
    """How far each is from its group's median; NaN where fewer than two of the group are known."""
    count = np.bincount(group, np.isfinite(values))
    away = np.clip(values - _medians(values, group), -_MOST_DIFFERENCE, _MOST_DIFFERENCE)
    return np.where(count[group] >= 2, away, np.nan)


def _medians(values: Values, group: NDArray[np.intp]) -> Values:
    """(n,) each one's group's median of what is known; NaN where nothing is."""
    if not len(values):
        return values
    by_group = np.lexsort((values, group))  # what is not known comes last
    first = np.searchsorted(group[by_group], np.arange(int(group.max()) + 1))
    count = np.bincount(group, np.isfinite(values)).astype(np.intp)
    ordered = values[by_group]
    low, high = (
        first + np.maximum(count - 1, 0) // 2,
        first + np.minimum(count // 2, np.maximum(count - 1, 0)),
    )
    return np.asarray(((ordered[low] + ordered[high]) / 2)[group])
