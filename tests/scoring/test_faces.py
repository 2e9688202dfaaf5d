"""Faces on a real portrait that ships with a test dependency (NASA's Eileen Collins, public domain)."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from culler.scoring import faces
from culler.scoring.burst_faces import eyes_across, eyes_differ

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def portrait() -> Pixels:
    return cv2.resize(data.astronaut(), (1024, 1024), interpolation=cv2.INTER_CUBIC)


@pytest.fixture(scope="module")
def face(portrait: Pixels) -> faces.Face:
    return faces.find(portrait)[0]


def test_a_face_is_found_where_it_is(face: faces.Face) -> None:
    assert 0.35 < face.left < face.right < 0.6
    assert 0.1 < face.top < face.bottom < 0.45
    assert face.confidence > 0.99
    assert face.decides


def test_landmarks_lie_as_eyes_nose_and_mouth_do(face: faces.Face) -> None:
    left_eye, right_eye, nose, left_mouth, right_mouth = face.landmarks
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_mouth[0] < right_mouth[0]
    assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])


@pytest.mark.parametrize("turn", [lambda p: p[:, ::-1], lambda p: np.clip(p * 0.5, 0, 255)])
def test_a_face_is_found_mirrored_and_dark(portrait: Pixels, turn: Callable[[Pixels], Pixels]) -> None:
    assert len([f for f in faces.find(np.ascontiguousarray(turn(portrait), np.uint8)) if f.decides]) == 1


def test_pictures_without_people_have_no_face_that_decides() -> None:
    for picture in (data.coffee(), data.rocket(), np.zeros((300, 300, 3), np.uint8)):
        assert not any(face.decides for face in faces.find(picture))


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (39, 600), (700, 41)])
def test_pictures_of_any_shape_are_looked_at(size: tuple[int, int]) -> None:
    assert faces.find(np.full((*size, 3), 90, np.uint8)) == ()


def test_small_faces_do_not_decide(portrait: Pixels) -> None:
    small = cv2.resize(portrait, (300, 300), interpolation=cv2.INTER_AREA)
    assert not any(face.decides for face in faces.find(small))


def test_softer_eyes_are_less_sharp(portrait: Pixels, face: faces.Face) -> None:
    values = [
        faces.eye_sharpness(np.asarray(cv2.GaussianBlur(portrait, (0, 0), sigma), np.uint8), face)
        for sigma in (0.5, 1.5, 3.0, 6.0)
    ]
    assert values == sorted(values, reverse=True)
    assert values[0] - values[-1] > 1.5


def test_noise_is_no_sharpness(portrait: Pixels, face: faces.Face) -> None:
    soft = cv2.GaussianBlur(portrait, (0, 0), 3)
    noise = np.random.default_rng(0).normal(0, 8, soft.shape)
    noisy = np.clip(soft + noise, 0, 255).astype(np.uint8)
    assert faces.eye_sharpness(noisy, face) < faces.eye_sharpness(portrait, face)


def test_a_sharp_background_does_not_save_soft_eyes(portrait: Pixels, face: faces.Face) -> None:
    mask = np.zeros(portrait.shape[:2], np.float32)
    centre = int((face.left + face.right) * 512), int((face.top + face.bottom) * 512)
    cv2.circle(mask, centre, 200, 1.0, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), 10)[..., None]
    soft = cv2.GaussianBlur(portrait, (0, 0), 4)
    portrait_like = (portrait * mask + soft * (1 - mask)).astype(np.uint8)
    back_focus = (soft * mask + portrait * (1 - mask)).astype(np.uint8)
    frames = (portrait_like, back_focus)
    good, bad = eyes_across(frames, [faces.find(frame) for frame in frames])
    assert good is not None and bad is not None
    assert good > bad + 0.5


def test_a_face_the_detector_misses_is_measured_where_it_must_be(portrait: Pixels) -> None:
    soft = np.asarray(cv2.GaussianBlur(portrait, (0, 0), 5), np.uint8)
    good, bad = eyes_across((portrait, soft), [faces.find(portrait), ()])
    assert good is not None and bad is not None
    assert good > bad


def test_closed_eyes_differ_from_the_other_frames(portrait: Pixels, face: faces.Face) -> None:
    closed = portrait.copy()
    for x, y in face.landmarks[:2]:
        place = int(x * 1024), int(y * 1024)
        skin = portrait[place[1] + 34, place[0]].tolist()
        cv2.ellipse(closed, place, (34, 17), 0, 0, 360, skin, -1)
        cv2.ellipse(closed, place, (28, 6), 0, 10, 170, (70, 40, 35), 3)
    brighter = np.clip(portrait * 1.15, 0, 255).astype(np.uint8)
    moved = np.roll(portrait, (6, 9), axis=(0, 1))
    frames = (portrait, closed, brighter, moved)
    assert eyes_differ(frames, [faces.find(frame) for frame in frames]) == (False, True, False, False)


def test_one_frame_alone_cannot_differ(portrait: Pixels) -> None:
    assert eyes_differ((portrait,), [faces.find(portrait)]) == (None,)
    assert eyes_differ((data.coffee(),) * 2, [(), ()]) == (None, None)
