"""Faces in a photo, and how sharp their eyes are.

Detection is MTCNN's cascade on a 512-px copy; sharpness is read from the band around the eyes in the
pixels that are given, turned upright and brought to one size, so that frames of a burst compare. What is
too small or too uncertain is "can't tell" (None), never a number. Positions are fractions of the picture.
"""

import math
from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from culler.domain.assessment import EncoderId
from culler.models import faces as networks
from culler.scoring.tiles import Map, block_mean
from culler.settings import resource

ENCODER = EncoderId("mtcnn-faces", "1")
"""Under which faces are stored; the version goes up when boxes or sharpness change their meaning."""

Pixels = NDArray[np.uint8]
Point = tuple[float, float]

_DETECTION_SIDE_PX = 512
_LEAST_FACE_PX = 20  # in the detection picture
_PYRAMID_STEP = 0.709
_ENOUGH = (0.6, 0.7, 0.9)  # P(face) after each stage; the last is stricter than the reference's 0.8
_SURE = 0.97
_LEAST_SURE_FACE_PX = 70  # in the full-size photo; smaller faces do not decide
_LEAST_EYES_APART_PX = 14  # in the picture read for sharpness
_BAND = 112, 48  # the eye band, brought to this size: eyes 48 px apart in its middle
EYES_APART = 48


@dataclass(frozen=True, slots=True)
class Face:
    """A face; `landmarks` are left eye, right eye, nose, left and right mouth corner as they lie in the
    picture. `sharpness` is ln of the eye band's finest energy above noise, None where it can't be told;
    `decides` says whether the face is large and certain enough to stand for its photo."""

    left: float
    top: float
    right: float
    bottom: float
    landmarks: tuple[Point, ...]
    confidence: float
    sharpness: float | None = None
    decides: bool = False

    @property
    def area(self) -> float:
        """Share of the picture."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)


def find(rgb: Pixels, full_width_px: int | None = None) -> tuple[Face, ...]:
    """Faces of an upright picture, the largest first, with the sharpness of their eyes in these pixels.

    `full_width_px` is the photo's own width where `rgb` is a preview of it. Runs in any one thread.
    """
    width = full_width_px or rgb.shape[1]
    found = []
    for face in detect(rgb):
        sharpness = eye_sharpness(rgb, face)
        large = (face.right - face.left) * width >= _LEAST_SURE_FACE_PX
        decides = large and face.confidence >= _SURE and sharpness is not None
        found.append(replace(face, sharpness=sharpness, decides=decides))
    return tuple(sorted(found, key=lambda face: face.area, reverse=True))


def eye_band(rgb: Pixels, face: Face) -> Map | None:
    """The luma around the eyes, upright, at 112 × 48 px; None where the eyes are too close together.

    Small bands are enlarged, so sharpness of frames compares only at equal face sizes, as in a burst.
    """
    height, width = rgb.shape[:2]
    (left_x, left_y), (right_x, right_y) = face.landmarks[:2]
    left = np.array([left_x * width, left_y * height])
    right = np.array([right_x * width, right_y * height])
    apart = float(np.hypot(*(right - left)))
    if apart < _LEAST_EYES_APART_PX:
        return None
    # Reduced by area first: a warp alone would alias.
    reduction = max(1, int(apart / EYES_APART))
    middle = (left + right) / 2
    reach = int(apart * 2)
    x0, y0 = max(0, int(middle[0]) - reach), max(0, int(middle[1]) - reach)
    x1, y1 = min(width, int(middle[0]) + reach), min(height, int(middle[1]) + reach)
    if x1 - x0 < 2 * reduction or y1 - y0 < 2 * reduction:
        return None
    luma = cv2.cvtColor(np.ascontiguousarray(rgb[y0:y1, x0:x1]), cv2.COLOR_RGB2GRAY)
    size = (x1 - x0) // reduction, (y1 - y0) // reduction
    luma = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
    angle = math.degrees(math.atan2(right[1] - left[1], right[0] - left[0]))
    centre = (float(middle[0] - x0) / reduction, float(middle[1] - y0) / reduction)
    turn = cv2.getRotationMatrix2D(centre, angle, EYES_APART * reduction / apart)
    turn[:, 2] += np.array([_BAND[0] / 2, _BAND[1] / 2]) - np.array(centre)
    band = cv2.warpAffine(
        luma.astype(np.float32), turn, _BAND, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(band, np.float32)


def eye_sharpness(rgb: Pixels, face: Face) -> float | None:
    """ln of the energy of the eye band's finest detail above its noise; None where it can't be told."""
    band = eye_band(rgb, face)
    return None if band is None else band_sharpness(band)


def band_sharpness(band: Map) -> float:
    """ln of the energy of detail of one to three pixels in the sharpest fifth of a band, above noise."""
    fine = band - cv2.GaussianBlur(band, (0, 0), 1.4)
    energy = block_mean(np.square(fine), 8)
    noise = float(np.percentile(energy, 10))
    best = energy[energy >= np.percentile(energy, 80)]
    return float(np.log(max(float(best.mean()) - noise, 0.0) + 0.1))


def detect(rgb: Pixels) -> list[Face]:
    """Faces with landmarks and confidence alone."""
    height, width = rgb.shape[:2]
    if min(height, width) < 2 * _LEAST_FACE_PX:
        return []
    scale = min(1.0, _DETECTION_SIDE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.float32)
    boxes = _candidates(small)
    boxes = _refined(small, boxes)
    boxes, points, sure = _placed(small, boxes)
    unit = np.array([size[0], size[1]], np.float64)
    found = []
    for box, marks, confidence in zip(boxes, points, sure, strict=True):
        corners = np.clip(box.reshape(2, 2) / unit, 0, 1)
        landmarks = tuple((float(x), float(y)) for x, y in marks / unit)
        left, top, right, bottom = (float(value) for value in corners.ravel())
        found.append(Face(left, top, right, bottom, landmarks, float(confidence)))
    return found


@cache
def _networks() -> networks.FaceNetworks:
    return networks.read(resource("embedded/faces.safetensors"))


def _tensor(pictures: NDArray[np.float32]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray((pictures - 127.5) / 128).transpose(0, 3, 1, 2))


def _candidates(picture: NDArray[np.float32]) -> NDArray[np.float64]:
    """Boxes `(n, 5)` (left, top, right, bottom, P) of the proposal network over a pyramid."""
    height, width = picture.shape[:2]
    scale, found = 12 / _LEAST_FACE_PX, []
    while min(height, width) * scale >= 12:
        size = math.ceil(width * scale), math.ceil(height * scale)
        level = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
        with torch.inference_mode():
            shifts, sure = _networks().proposal(_tensor(level[None]))
        faces = sure[0].numpy()
        rows, columns = np.nonzero(faces > _ENOUGH[0])
        corner = np.stack([columns, rows], axis=1) * 2.0 + 1
        shift = shifts[0].numpy()[:, rows, columns].T * 12
        box = np.concatenate([corner, corner + 11], axis=1) + shift
        level_boxes = np.concatenate([box / scale, faces[rows, columns][:, None]], axis=1)
        found.append(level_boxes[_kept(level_boxes, 0.5)])
        scale *= _PYRAMID_STEP
    boxes = np.concatenate(found) if found else np.zeros((0, 5))
    return boxes[_kept(boxes, 0.7)]


def _refined(picture: NDArray[np.float32], boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    if not len(boxes):
        return boxes
    boxes = _square(boxes)
    with torch.inference_mode():
        shifts, sure = _networks().refine(_tensor(_crops(picture, boxes, 24)))
    boxes = _shifted(boxes, shifts.numpy(), sure.numpy())
    boxes = boxes[boxes[:, 4] > _ENOUGH[1]]
    return boxes[_kept(boxes, 0.7)]


def _placed(
    picture: NDArray[np.float32], boxes: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    if not len(boxes):
        return np.zeros((0, 4)), np.zeros((0, 5, 2)), np.zeros(0)
    boxes = _square(boxes)
    with torch.inference_mode():
        shifts, marks, sure = _networks().output(_tensor(_crops(picture, boxes, 48)))
    size = (boxes[:, 2:4] - boxes[:, :2])[:, None, :]
    points = marks.numpy().reshape(-1, 2, 5).transpose(0, 2, 1) * size + boxes[:, None, :2]
    boxes = _shifted(boxes, shifts.numpy(), sure.numpy())
    good = np.nonzero(boxes[:, 4] > _ENOUGH[2])[0]
    good = good[_kept(boxes[good], 0.5, of_smaller=True)]
    return boxes[good, :4], points[good], boxes[good, 4]


def _shifted(
    boxes: NDArray[np.float64], shifts: NDArray[np.float32], sure: NDArray[np.float32]
) -> NDArray[np.float64]:
    size = np.tile(boxes[:, 2:4] - boxes[:, :2], 2)
    return np.concatenate([boxes[:, :4] + shifts * size, sure[:, None]], axis=1).astype(np.float64)


def _square(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    middle = (boxes[:, :2] + boxes[:, 2:4]) / 2
    half = (boxes[:, 2:4] - boxes[:, :2]).max(axis=1, keepdims=True) / 2
    return np.concatenate([middle - half, middle + half, boxes[:, 4:]], axis=1)


def _crops(picture: NDArray[np.float32], boxes: NDArray[np.float64], side: int) -> NDArray[np.float32]:
    """Square crops at one size; what lies outside the picture is middle grey, as in training."""
    crops = np.empty((len(boxes), side, side, 3), np.float32)
    for crop, (left, top, right, _, _) in zip(crops, boxes, strict=True):
        scale = side / max(1.0, right - left)
        move = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
        flags = cv2.INTER_LINEAR
        crop[:] = cv2.warpAffine(picture, move, (side, side), flags=flags, borderValue=(127.5, 127.5, 127.5))
    return crops


def _kept(boxes: NDArray[np.float64], limit: float, of_smaller: bool = False) -> NDArray[np.intp]:
    """Rows that stay when boxes that overlap a better one by more than `limit` go."""
    order = np.argsort(-boxes[:, 4], kind="stable")
    area = np.maximum(boxes[:, 2] - boxes[:, 0], 0) * np.maximum(boxes[:, 3] - boxes[:, 1], 0)
    kept: list[int] = []
    while len(order):
        best, order = order[0], order[1:]
        kept.append(int(best))
        low = np.maximum(boxes[best, :2], boxes[order, :2])
        high = np.minimum(boxes[best, 2:4], boxes[order, 2:4])
        shared = np.prod(np.maximum(high - low, 0), axis=1)
        smaller = np.minimum(area[best], area[order])
        whole = smaller if of_smaller else area[best] + area[order] - shared
        order = order[shared <= limit * np.maximum(whole, 1e-9)]
    return np.array(kept, np.intp)
