"""Pictures as the network was trained to see them."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from culler.models.mplug_owl2.config import CheckpointError
from culler.scoring.preprocess import (
    CLIP_MEAN,
    CLIP_STD,
    PixelRecipe,
    normalised,
    read_pixel_recipe,
    square_bytes,
    value_table,
)

RECIPE = PixelRecipe(56)


def picture(width, height, mode="RGB"):
    values = np.random.default_rng(width * height).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(values).convert(mode)


@pytest.mark.parametrize("size", [(56, 56), (90, 60), (33, 70), (1, 40), (5, 3), (57, 58), (301, 199)])
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA"])
def test_pixels_equal_the_plain_way_to_the_last_bit(plain, size, mode):
    image = picture(*size, mode)
    pixels = normalised(torch.from_numpy(square_bytes(image, RECIPE))[None], value_table(RECIPE))[0]
    assert torch.equal(pixels, plain.pixel_values(image, 56, CLIP_MEAN, CLIP_STD))


def test_the_padding_is_the_mean_truncated_and_the_picture_is_in_the_middle():
    square = square_bytes(Image.new("RGB", (56, 29)), RECIPE)
    assert square[:, 0, 0].tolist() == [122, 116, 104]
    assert [row for row in range(56) if not square[:, row].any()] == list(range(13, 42))


def test_published_values_stand_in_for_a_missing_file(tmp_path):
    assert read_pixel_recipe(tmp_path, 448) == PixelRecipe(448, CLIP_MEAN, CLIP_STD)


def write(folder, **values):
    (folder / "preprocessor_config.json").write_text(json.dumps(values))


def test_values_are_read_from_the_file(tmp_path):
    write(tmp_path, size={"shortest_edge": 56}, crop_size=56, image_mean=[0.5, 0.25, 0], image_std=[1, 2, 3])
    recipe = read_pixel_recipe(tmp_path, 56)
    assert recipe == PixelRecipe(56, (0.5, 0.25, 0.0), (1.0, 2.0, 3.0))
    assert recipe.padding == (127, 63, 0)
    assert recipe.text() != RECIPE.text()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"crop_size": 224}, "another picture size"),
        ({"resample": 2}, "another filter than bicubic"),
        ({"image_mean": [0.5, 0.5]}, "three means"),
        ({"image_std": [0, 1, 1]}, "above zero"),
        ({"image_mean": "grey"}, "no number"),
    ],
)
def test_what_is_not_done_is_refused(tmp_path, values, sentence):
    write(tmp_path, **values)
    with pytest.raises(CheckpointError, match=sentence):
        read_pixel_recipe(tmp_path, 56)
