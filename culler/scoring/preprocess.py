"""An upright picture → the pixels Q-Align was trained on.

Padded to a square with the mean colour, made the network's size by PIL's bicubic filter on bytes,
then normalised. Bytes travel to the device, and a 256-entry table per channel makes the floats there:
the same values, to the last bit, as normalising in NumPy first.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from culler.models.mplug_owl2.config import CheckpointError
from culler.models.shards import read_json

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
DECODE_RULE = "upright sRGB preview as encoded, smallest power-of-two reduction with long edge >= 1280"
RULE = "square padding with truncated mean, bicubic on bytes"


@dataclass(frozen=True, slots=True)
class PixelRecipe:
    """The side of the network's square, and the normalisation per channel, red first."""

    side: int
    mean: tuple[float, ...] = CLIP_MEAN
    std: tuple[float, ...] = CLIP_STD

    @property
    def padding(self) -> tuple[int, ...]:
        """The padding's colour: truncated, not rounded, as in training."""
        return tuple(int(mean * 255) for mean in self.mean)

    def text(self) -> str:
        """Everything about the pixels that shapes a score, for the scorer's version."""
        return f"{DECODE_RULE}; {RULE}; {self.side}; {self.mean}; {self.std}"


def read_pixel_recipe(folder: Path, side: int) -> PixelRecipe:
    """The recipe in a checkpoint's preprocessor_config.json; the published values where there is none.

    Raises CheckpointError when the file asks for something else than this module does.
    """
    path = folder / "preprocessor_config.json"
    if not path.is_file():
        return PixelRecipe(side)
    values = read_json(path)
    for key in ("crop_size", "size"):
        if _side(values.get(key, side)) != side:
            raise CheckpointError(f"{path} asks for another picture size than config.json ({side} px)")
    if values.get("resample", 3) != Image.Resampling.BICUBIC:
        raise CheckpointError(f"{path} asks for another filter than bicubic")
    try:
        mean, std = (
            tuple(float(part) for part in values.get(key, default))
            for key, default in (("image_mean", CLIP_MEAN), ("image_std", CLIP_STD))
        )
    except (TypeError, ValueError):
        raise CheckpointError(f"{path} holds a mean or deviation that is no number") from None
    if len(mean) != 3 or len(std) != 3 or not all(part > 0 for part in std):
        raise CheckpointError(f"{path} does not hold three means and three deviations above zero")
    return PixelRecipe(side, mean, std)


def square_bytes(image: Image.Image, recipe: PixelRecipe) -> NDArray[np.uint8]:
    """An upright picture of any size and mode → (3, side, side) uint8, padded and resized."""
    picture = image if image.mode == "RGB" else image.convert("RGB")
    width, height = picture.size
    longer, side = max(width, height), recipe.side
    across = longer
    if width == longer != side:
        # The filter works across first, then down. Across, the padding's rows would stay what they are:
        # left out, the same bytes come out a quarter sooner.
        picture, across = picture.resize((side, height), Image.Resampling.BICUBIC), side
    if width != height:
        canvas = Image.new("RGB", (across, longer), recipe.padding)
        canvas.paste(picture, ((across - picture.width) // 2, (longer - height) // 2))
        picture = canvas
    if picture.size != (side, side):
        picture = picture.resize((side, side), Image.Resampling.BICUBIC)
    return np.ascontiguousarray(np.asarray(picture).transpose(2, 0, 1))


def value_table(recipe: PixelRecipe) -> Tensor:
    """(3, 256) float32: what each byte of each channel is to the network."""
    scaled = (np.arange(256, dtype=np.uint8) * (1 / 255)).astype(np.float32)
    mean, std = (np.array(part, np.float32)[:, None] for part in (recipe.mean, recipe.std))
    return torch.from_numpy((scaled[None] - mean) / std)


def normalised(pictures: Tensor, table: Tensor) -> Tensor:
    """Bytes (batch, 3, side, side) → the table's values, on the bytes' device."""
    channels = [table[channel][pictures[:, channel].int()] for channel in range(3)]
    return torch.stack(channels, dim=1)


def _side(size: Any) -> Any:
    """Both spellings of a square's side: an old plain number, or a mapping."""
    if isinstance(size, dict):
        return size.get("shortest_edge", size.get("height"))
    return size
