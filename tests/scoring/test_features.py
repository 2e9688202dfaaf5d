"""What single features measure."""

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from culler.scoring import features
from culler.scoring.tiles import block_mean, grid, histogram_percentiles, percentiles, tile_max, tile_mean

COFFEE = np.asarray(data.coffee(), np.uint8)


def value(picture: np.ndarray, name: str) -> float:
    return float(features.measure_pixels(np.asarray(picture, np.uint8))[features.names().index(name)])


def test_names_are_unique_and_match_the_vector() -> None:
    assert len(set(features.names())) == len(features.names()) == len(features.measure_pixels(COFFEE))


def test_the_noise_floor_grows_with_noise_and_little_with_detail() -> None:
    noise = np.random.default_rng(0).normal(0, 12, COFFEE.shape)
    noisy = np.clip(COFFEE + noise, 0, 255)
    assert value(noisy, "ln_block_noise_p5") > value(COFFEE, "ln_block_noise_p5") + 2
    sharpened = cv2.addWeighted(COFFEE, 1.5, cv2.GaussianBlur(COFFEE, (0, 0), 1), -0.5, 0)
    assert value(sharpened, "ln_block_noise_p5") < value(noisy, "ln_block_noise_p5") - 1


def test_edges_widen_with_blur_and_not_with_contrast() -> None:
    soft = cv2.GaussianBlur(COFFEE, (0, 0), 2)
    pale = COFFEE * 0.6 + 50
    assert value(soft, "edge_p90") < value(COFFEE, "edge_p90") - 0.3
    assert value(pale, "edge_p90") == pytest.approx(value(COFFEE, "edge_p90"), abs=0.12)


def test_motion_in_one_direction_is_seen_as_such() -> None:
    trail = np.ones((1, 15), np.float32) / 15
    across, round_ = cv2.filter2D(COFFEE, -1, trail), cv2.GaussianBlur(COFFEE, (0, 0), 4)
    assert value(across, "common_direction") > value(round_, "common_direction") + 0.2


def test_the_compression_grid_is_seen() -> None:
    _, packed = cv2.imencode(".jpg", COFFEE, [cv2.IMWRITE_JPEG_QUALITY, 10])
    assert value(cv2.imdecode(packed, cv2.IMREAD_COLOR), "grid_across") > value(COFFEE, "grid_across") + 0.1


def test_shares_of_clipped_pixels_are_shares() -> None:
    half = np.full((128, 256, 3), 120, np.uint8)
    half[:, :64] = 255
    half[:, 64:96] = 0
    assert value(half, "blown_share") == pytest.approx(0.25)
    assert value(half, "black_share") == pytest.approx(0.125)


def test_tiles_cover_any_picture() -> None:
    picture = np.arange(70 * 130, dtype=np.float32).reshape(70, 130)
    assert grid(picture, 64) == (2, 1)
    assert tile_mean(picture, (2, 1)).shape == (1, 2)
    assert tile_mean(picture[:64, :128], (2, 1))[0, 0] == pytest.approx(picture[:64, :64].mean(), rel=1e-5)
    assert block_mean(picture, 8).shape == (8, 16)
    assert tile_max(picture, 16)[1, 2] == picture[16:32, 32:48].max()


def test_percentiles_are_those_of_numpy() -> None:
    values = np.random.default_rng(0).gamma(2, 2, (300, 200)).astype(np.float32)
    at = (5, 50, 97)
    assert list(percentiles("x", values, at).values()) == pytest.approx(
        list(np.percentile(values, at)), rel=1e-4
    )
    coarse = histogram_percentiles("x", values, at, top=64.0, bins=4096)
    assert list(coarse.values()) == pytest.approx(list(np.percentile(values, at)), abs=0.03)
    assert percentiles("x", np.zeros(0, np.float32), (50,)) == {"x_p50": 0.0}


def test_sixteen_bits_are_measured_like_eight() -> None:
    grey = np.asarray(data.camera(), np.uint8)
    deep = features.measure(Image.fromarray(grey.astype(np.uint16) * 257))
    assert deep == pytest.approx(features.measure(Image.fromarray(grey)))
