"""Real encoded photographs, small and drawn: gradients with texture, and camera EXIF."""

from datetime import datetime
from pathlib import Path

import numpy as np
from PIL import Image


def picture(seed: int = 0, size: tuple[int, int] = (96, 64), brightness: float = 0.5) -> Image.Image:
    """A textured picture; equal seeds give equal pixels."""
    rng = np.random.default_rng(seed)
    width, height = size
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    # Equal seeds are one scene; another seed is another one, to the eye and to a perceptual hash.
    waves = rng.uniform(1, 4, (2, 2)) * rng.choice([-1, 1], (2, 2))
    scene = np.sin(2 * np.pi * (waves[0, 0] * across + waves[0, 1] * down + rng.uniform()))
    scene += np.sin(2 * np.pi * (waves[1, 0] * across + waves[1, 1] * down + rng.uniform()))
    ramp = 1 + 0.2 * scene[..., None]
    noise = rng.normal(0, 0.05, (height, width, 3))
    pixels = np.clip((ramp * brightness + noise) * 255, 0, 255).astype(np.uint8)
    return Image.fromarray(pixels)


def write_photo(
    path: Path,
    seed: int = 0,
    size: tuple[int, int] = (96, 64),
    brightness: float = 0.5,
    taken: datetime | None = None,
    orientation: int | None = None,
    rating: int | None = None,
) -> Path:
    """A JPEG (or whatever the suffix says) with camera EXIF."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Canon", "Canon EOS R6"
    if orientation is not None:
        exif[0x0112] = orientation
    if rating is not None:
        exif[0x4746] = rating
    if taken is not None:
        details = exif.get_ifd(0x8769)
        details[0x9003] = taken.strftime("%Y:%m:%d %H:%M:%S")
        details[0x9291] = f"{taken.microsecond // 10000:02}"
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(seed, size, brightness).save(path, quality=90, exif=exif)
    return path


def write_shoot(folder: Path, count: int = 5) -> list[Path]:
    """`count` photos of rising brightness, a minute apart."""
    return [
        write_photo(
            folder / f"IMG_{k + 1:04}.JPG",
            seed=k,
            brightness=(k + 1) / (count + 1),
            taken=datetime(2026, 5, 1, 12, k % 60, 0),
        )
        for k in range(count)
    ]
