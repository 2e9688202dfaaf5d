"""The benchmarks of loupe and colours run, on a photo that proves nothing about speed."""

import subprocess
import sys
from pathlib import Path

import pytest
from pictures import write_photo

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return write_photo(tmp_path / "photos" / "a.jpg", size=(1600, 1200))


def printed(script: str, *arguments: object) -> list[str]:
    command = [sys.executable, str(BENCHMARKS / script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def test_the_colours_of_a_screen_are_measured(photo: Path) -> None:
    lines = printed("screen_colors.py", "--photo", photo, "--rounds", 1)
    assert [line[:16].strip() for line in lines] == ["", "thumbnail", "preview", "whole picture"]


def test_stepping_in_the_loupe_is_measured(photo: Path) -> None:
    write_photo(photo.with_name("b.jpg"), seed=1, size=(1600, 1200))
    lines = printed("loupe_steps.py", "--photos", photo.parent, "--pause", 100)
    assert [line[:10].strip() for line in lines] == ["ms", "fitted", "zoom in", "at 1:1", "zoom out"]
