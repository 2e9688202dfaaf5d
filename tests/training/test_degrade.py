"""Made faults do what their names say."""

import cv2
import numpy as np
import pytest
from skimage import data

from culler.training.degrade import (
    FAULTS,
    UNSEEN_FAULTS,
    aperture,
    developed,
    hand_path,
    linear,
    overexposure,
    sensor_noise,
    underexposure,
)
from culler.training.likeness import damage, level_after

PHOTO = cv2.resize(np.asarray(data.coffee(), np.uint8), (480, 320), interpolation=cv2.INTER_AREA)
LIGHT = linear(PHOTO)
EVERY = {**FAULTS, **UNSEEN_FAULTS}


def test_development_undoes_linear_light() -> None:
    every_value = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    assert np.abs(developed(linear(every_value)).astype(int) - every_value).max() <= 1


@pytest.mark.parametrize("kind", EVERY)
def test_a_stronger_fault_damages_more(kind: str) -> None:
    weak, strong = (
        damage(PHOTO, developed(EVERY[kind](LIGHT, severity, np.random.default_rng(1))))
        for severity in (0.3, 1)
    )
    assert 0 < weak < strong


@pytest.mark.parametrize("kind", EVERY)
def test_a_fault_repeats_with_its_generator(kind: str) -> None:
    one, other = (EVERY[kind](LIGHT, 0.5, np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(one, other)
    assert one.dtype == np.float32 and one.shape == LIGHT.shape


@pytest.mark.parametrize("blades", [0, 5, 8])
@pytest.mark.parametrize("radius", [0.4, 1.0, 4.7])
def test_an_aperture_keeps_light_and_has_its_size(blades: int, radius: float) -> None:
    kernel = aperture(radius, blades, 0.3)
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    reach = np.ceil(radius) + 1
    away = np.arange(kernel.shape[0]) - reach
    assert (kernel.sum(axis=0) * away**2).sum() <= (radius + 0.5) ** 2


def test_a_hand_path_keeps_light_and_its_length() -> None:
    kernel = hand_path(20, 0.0, np.random.default_rng(2))
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    rows, columns = np.nonzero(kernel > 1e-4)
    assert 18 <= max(np.ptp(rows), np.ptp(columns)) <= 22


def test_exposure_is_a_factor_in_linear_light() -> None:
    assert overexposure(LIGHT, 0.0, np.random.default_rng(0)).mean() > 1.3 * LIGHT.mean()
    dark = underexposure(LIGHT, 0.5, np.random.default_rng(0))
    assert dark.mean() == pytest.approx(LIGHT.mean() * 2**-2.85, rel=0.15)


def test_sensor_noise_grows_with_light_and_keeps_the_colours() -> None:
    grey = np.full((128, 128, 3), 0.05, np.float32)
    bright = np.full((128, 128, 3), 0.5, np.float32)
    dark_noise, bright_noise = (sensor_noise(one, 0.6, np.random.default_rng(0)) for one in (grey, bright))
    assert bright_noise.std() > dark_noise.std()
    assert bright_noise.mean(axis=(0, 1)) == pytest.approx([0.5] * 3, abs=0.03)


def test_levels_fall_with_damage_and_never_below_bad() -> None:
    levels = [level_after(4.5, found) for found in (0, 0.05, 0.15, 1.0)]
    assert levels[0] == 4.5
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] == pytest.approx(1, abs=0.01)
