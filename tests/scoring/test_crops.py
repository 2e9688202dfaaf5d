"""The full-resolution check on frames cut from a photograph that ships with scikit-image."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from culler.scoring import crops
from culler.scoring.crops import Place, Region

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def full() -> Pixels:
    """A photograph of 2,400 × 1,600 px with detail down to the pixel."""
    coffee = cv2.resize(np.asarray(data.coffee(), np.uint8), (2400, 1600), interpolation=cv2.INTER_CUBIC)
    texture = cv2.resize(np.asarray(data.grass(), np.uint8), (512, 512))
    tiled = np.tile(texture, (4, 5))[:1600, :2400, None].astype(np.float32) - 110
    return np.clip(coffee + tiled * 0.4, 0, 255).astype(np.uint8)


def preview(picture: Pixels) -> Pixels:
    return np.asarray(cv2.resize(picture, (1200, 800), interpolation=cv2.INTER_AREA), np.uint8)


def reader(picture: Pixels, seen: list[Region] | None = None) -> Callable[[Region], Pixels]:
    def read(at: Region) -> Pixels:
        if seen is not None:
            seen.append(at)
        return picture[at.top : at.top + at.height, at.left : at.left + at.width]

    return read


def test_slight_misfocus_that_a_preview_hides_shows_at_full_size(full: Pixels) -> None:
    soft = np.asarray(cv2.GaussianBlur(full, (0, 0), 0.9), np.uint8)
    places = crops.sharpest_places(preview(full))
    sharp_frame, soft_frame = (
        crops.measure_frame(reader(picture), 2400, 1600, places) for picture in (full, soft)
    )
    assert all(one > other for one, other in zip(sharp_frame, soft_frame, strict=True))
    scores = crops.burst_scores([3.0, 3.02], [sharp_frame, soft_frame])
    assert scores[0] > scores[1]


def test_a_noisier_frame_is_not_the_sharper_one(full: Pixels) -> None:
    soft = cv2.GaussianBlur(full, (0, 0), 2.5)
    noisy = np.clip(soft + np.random.default_rng(0).normal(0, 10, soft.shape), 0, 255).astype(np.uint8)
    middle = np.s_[400:912, 900:1412]
    assert crops.crop_sharpness(noisy[middle]) < crops.crop_sharpness(full[middle])


def test_three_places_apart_are_looked_at(full: Pixels) -> None:
    places = crops.sharpest_places(preview(full))
    assert len(places) == 3
    for index, one in enumerate(places):
        for other in places[index + 1 :]:
            assert np.hypot((one.x - other.x) * 1200, (one.y - other.y) * 800) >= 0.18 * 1200


def test_regions_stay_inside_the_photo() -> None:
    assert crops.region(Place(0.0, 1.0), 3000, 2000) == Region(0, 2000 - 512, 512, 512)
    assert crops.region(Place(0.5, 0.5), 300, 200) == Region(0, 0, 300, 200)
    moved = crops.region(Place(0.5, 0.5), 3000, 2000, (0.1, 0.0))
    assert moved.left == crops.region(Place(0.5, 0.5), 3000, 2000).left + 300


def test_the_crop_follows_the_scene(full: Pixels) -> None:
    shifted = np.roll(full, (80, -120), axis=(0, 1))
    right, down = crops.drift(preview(full), preview(shifted))
    assert right == pytest.approx(-120 / 2400, abs=0.004)
    assert down == pytest.approx(80 / 1600, abs=0.004)


def test_frames_that_do_not_match_are_not_moved(full: Pixels) -> None:
    other = np.random.default_rng(0).integers(0, 255, (800, 1200, 3), np.uint8)
    assert crops.drift(preview(full), other) == (0.0, 0.0)


def test_unknown_crops_change_nothing() -> None:
    assert crops.burst_scores([3.1, 2.9], [None, None]).tolist() == [3.1, 2.9]
    assert crops.burst_scores([3.1, 2.9, 3.0], [(4.0, 4.0), None, None]).tolist() == [3.1, 2.9, 3.0]


def test_faces_outvote_the_background() -> None:
    background_sharp, face_sharp = (5.0, 5.0, 5.0), (4.0, 4.2, 4.1)
    scores = crops.burst_scores([3.8, 3.4], [background_sharp, face_sharp], [3.0, 5.0])
    assert scores[1] > scores[0]


def test_frames_alike_keep_the_previews_order() -> None:
    scores = crops.burst_scores([3.0, 3.2, 3.1], [(4.0,), (4.0,), (4.0,)])
    assert scores.argsort().tolist() == [0, 2, 1]


def test_many_groups_are_scored_at_once_as_one_by_one() -> None:
    random = np.random.default_rng(0)
    group = np.sort(random.integers(0, 40, 200))
    _, group = np.unique(group, return_inverse=True)
    preview, whole, eyes = (random.normal(3, 1, 200) for _ in range(3))
    whole[random.random(200) < 0.3] = np.nan
    eyes[random.random(200) < 0.5] = np.nan
    together = crops.group_scores(preview, whole, eyes, group)
    for number in range(group.max() + 1):
        rows = np.flatnonzero(group == number)
        told = [None if np.isnan(value) else [float(value)] for value in whole[rows]]
        seen = [None if np.isnan(value) else float(value) for value in eyes[rows]]
        alone = crops.burst_scores(preview[rows].tolist(), told, seen)
        assert together[rows] == pytest.approx(alone, abs=1e-12)


def test_what_is_unknown_moves_nobody() -> None:
    assert crops.burst_scores([3.0, 2.0, 4.0], [None, [5.0], None]).tolist() == [3.0, 2.0, 4.0]


def test_faces_are_most_of_what_sharpness_weighs() -> None:
    """Eyes and background tell the opposite, as loud: the eyes win by their share of the term."""
    scores = crops.burst_scores([3.0, 3.0], [[4.0], [6.0]], [6.0, 4.0])
    faces, whole = crops.FACE_SHARE, 1 - crops.FACE_SHARE
    assert crops.FACE_SHARE >= 0.7
    assert scores[0] - scores[1] == pytest.approx(2 * crops.SHARPNESS_WEIGHT * (faces - whole))
