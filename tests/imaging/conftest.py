"""Pictures made for the tests: real encoded files with content that tells every corner apart."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

MakePicture = Callable[[int, int], Image.Image]
SavePicture = Callable[..., Path]


def scene(width: int, height: int) -> Image.Image:
    """Red grows to the right, green downwards; the upper left quarter carries blue."""
    across, down = np.meshgrid(np.linspace(0, 220, width), np.linspace(0, 220, height))
    blue = np.zeros((height, width))
    blue[: height // 2, : width // 2] = 200
    return Image.fromarray(np.stack([across, down, blue], axis=-1).astype(np.uint8))


@pytest.fixture
def make_picture() -> MakePicture:
    return scene


@pytest.fixture
def save_picture(tmp_path: Path) -> SavePicture:
    """Saves a picture under a name below tmp_path; further arguments are Pillow's."""

    def save(image: Image.Image, name: str, **options: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path, **options)
        return path

    return save
