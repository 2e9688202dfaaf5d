"""The decode benchmark, on one small picture of its own."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "qalign_decode.py"


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(SCRIPT))


@pytest.fixture
def folder(tmp_path):
    coarse = np.random.default_rng(2).integers(0, 256, (20, 30, 3), np.uint8)
    picture = Image.fromarray(coarse).resize((2700, 1800), Image.Resampling.BICUBIC)
    picture.save(tmp_path / "large.jpg", quality=92)
    picture.resize((900, 600)).save(tmp_path / "small.jpg")
    return tmp_path


def test_the_preview_moves_pixels_and_levels_a_little(script, folder, tiny, capsys):
    assert script["main"]([str(folder), "--checkpoint", str(tiny), "--device", "cpu"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["photos"], figures["side_px"]) == (1, 56)
    assert 0 < figures["pixel_rms"]["largest"] < 0.05
    assert set(figures["level_mean_change"]) == {"quality", "aesthetics"}


def test_a_folder_of_small_pictures_has_nothing_to_compare(script, folder):
    (folder / "large.jpg").unlink()
    with pytest.raises(SystemExit, match="holds no picture"):
        script["main"]([str(folder)])
