"""Maps over tiles of a picture, and numbers read from them."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]


Size = tuple[int, int]


def grid(picture: Map, tile_px: int) -> Size:
    """(columns, rows) of tiles of about `tile_px` that cover the picture without a rest."""
    height, width = picture.shape
    return max(1, round(width / tile_px)), max(1, round(height / tile_px))


def tile_mean(picture: Map, size: Size, block_px: int = 8) -> Map:
    """Means over a grid of (columns, rows) tiles; at the right and lower border up to `block_px` − 1
    pixels are left out (whole blocks make this several times as fast)."""
    height, width = picture.shape
    rows, columns = max(1, height // block_px), max(1, width // block_px)
    whole = picture[: rows * block_px, : columns * block_px]
    blocks = np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
    if size == (columns, rows):
        return blocks
    return np.asarray(cv2.resize(blocks, size, interpolation=cv2.INTER_AREA), np.float32)


def block_mean(picture: Map, block_px: int) -> Map:
    """Means over whole blocks of `block_px`."""
    height, width = picture.shape
    return tile_mean(picture, (max(1, width // block_px), max(1, height // block_px)), block_px)


def tile_max(picture: Map, tile_px: int) -> Map:
    """Largest value in each whole tile of `tile_px`; a rest narrower than a tile is left out."""
    height, width = picture.shape
    middle = tile_px // 2
    kernel = np.ones((tile_px, tile_px), np.uint8)
    largest = np.asarray(cv2.dilate(picture, kernel, anchor=(middle, middle)), np.float32)
    rows, columns = height // tile_px, width // tile_px
    return largest[middle : rows * tile_px : tile_px, middle : columns * tile_px : tile_px]


def percentiles(name: str, values: Map, at: Sequence[float]) -> dict[str, float]:
    """Named percentiles of `values`; zeros when there are none."""
    if values.size == 0:
        return {f"{name}_p{point:g}": 0.0 for point in at}
    ordered = np.sort(values, axis=None)
    found = np.interp(np.asarray(at) / 100 * (ordered.size - 1), np.arange(ordered.size), ordered)
    return {f"{name}_p{point:g}": float(value) for point, value in zip(at, found, strict=True)}


def histogram_percentiles(
    name: str, values: Map, at: Sequence[float], top: float, bins: int = 2048
) -> dict[str, float]:
    """Named percentiles of a large picture of values in [0, top), to a resolution of top/bins."""
    counts = cv2.calcHist([values], [0], None, [bins], [0.0, top]).ravel().astype(np.float64)
    total = counts.sum()
    if total == 0:
        return {f"{name}_p{point:g}": 0.0 for point in at}
    found = np.searchsorted(np.cumsum(counts) / total, np.asarray(at) / 100.0)
    return {
        f"{name}_p{point:g}": float(bin_ + 0.5) * top / bins for point, bin_ in zip(at, found, strict=True)
    }
