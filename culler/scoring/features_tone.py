"""Tone and colour of a picture: exposure, clipping, contrast, casts, colourfulness, chroma noise,
and the traces that tell a drawn picture from a photograph."""

import cv2
import numpy as np
from numpy.typing import NDArray

from culler.scoring.tiles import Map, block_mean, percentiles

_WHITE, _MOST = np.array([252.0]), np.array([255.0])


def tone(rgb: NDArray[np.uint8]) -> dict[str, float]:
    """Named tone and colour features of `(height, width, 3)` uint8 sRGB pixels."""
    luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    found = _histogram(np.asarray(luma, np.uint8)) | _channels(rgb)
    size = max(16, rgb.shape[1] // 4), max(16, rgb.shape[0] // 4)
    quarter = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    lab = np.asarray(cv2.cvtColor(quarter.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
    return found | _colour(lab) | _chroma_noise(rgb) | _drawn(rgb)


def _histogram(luma: NDArray[np.uint8]) -> dict[str, float]:
    counts = cv2.calcHist([luma], [0], None, [256], [0, 256]).ravel().astype(np.float64)
    share = counts / counts.sum()
    total = np.cumsum(share)
    points = {
        f"luma_p{point}": float(np.searchsorted(total, point / 100)) / 255 for point in (1, 10, 50, 90, 99)
    }
    levels = np.arange(256) / 255
    mean = float((share * levels).sum())
    deviation = float(np.sqrt((share * np.square(levels - mean)).sum()))
    low, high = int(points["luma_p1"] * 255), int(points["luma_p99"] * 255)
    return points | {
        "luma_mean": mean,
        "luma_deviation": deviation,
        "luma_skew": float((share * (levels - mean) ** 3).sum() / (deviation**3 + 1e-4)),
        "luma_entropy": float(-(share[share > 0] * np.log2(share[share > 0])).sum()),
        "luma_range": points["luma_p99"] - points["luma_p1"],
        "luma_gaps": float((counts[low : high + 1] == 0).mean()),
        "shadow_share": float(total[8]),
        "black_share": float(total[2]),
    }


def _channels(rgb: NDArray[np.uint8]) -> dict[str, float]:
    """Shares of pixels that are clipped in all channels, or in one at least."""
    red, green, blue = cv2.split(rgb)
    count = rgb.shape[0] * rgb.shape[1]
    every, some = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    return {
        "blown_share": cv2.countNonZero(cv2.inRange(every, _WHITE, _MOST)) / count,
        "blown_channel_share": cv2.countNonZero(cv2.inRange(some, _WHITE, _MOST)) / count,
    }


def _colour(lab: NDArray[np.float32]) -> dict[str, float]:
    lightness, red, yellow = lab[..., 0], lab[..., 1], lab[..., 2]
    chroma = np.hypot(red, yellow)
    grey = chroma < 12
    angle = np.arctan2(yellow, red)
    hues, _ = np.histogram(angle[~grey], bins=12, range=(-np.pi, np.pi))
    hue_share = hues / max(1, hues.sum())
    rows, columns = lightness.shape
    middle = lightness[rows // 4 : rows - rows // 4, columns // 4 : columns - columns // 4]
    tiles = block_mean(lightness, 16)
    return {
        "lab_red_mean": float(red.mean()),
        "lab_yellow_mean": float(yellow.mean()),
        "lab_red_deviation": float(red.std()),
        "lab_yellow_deviation": float(yellow.std()),
        "colourfulness": float(np.hypot(red.std(), yellow.std()) + 0.3 * np.hypot(red.mean(), yellow.mean())),
        "chroma_p50": float(np.percentile(chroma, 50)),
        "chroma_p95": float(np.percentile(chroma, 95)),
        "grey_share": float(grey.mean()),
        "grey_cast": float(np.hypot(red[grey].mean(), yellow[grey].mean())) if grey.any() else 0.0,
        "hue_entropy": float(-(hue_share[hue_share > 0] * np.log(hue_share[hue_share > 0])).sum()),
        "lightness_middle": float(middle.mean() - lightness.mean()),
        "lightness_tiles": float(tiles.std()),
        "dark_channel": float(np.percentile(lightness - 0.5 * chroma, 5)),
    }


def _chroma_noise(rgb: NDArray[np.uint8]) -> dict[str, float]:
    """Fine and coarse colour noise in the calmest blocks, in ln of squared grey levels."""
    size = max(16, rgb.shape[1] // 2), max(16, rgb.shape[0] // 2)
    half = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    planes = cv2.split(cv2.cvtColor(half, cv2.COLOR_RGB2YCrCb))
    found: dict[str, float] = {}
    fine = coarse = np.zeros(1, np.float32)
    for plane in planes[1:]:
        values = plane.astype(np.float32)
        soft, softer = cv2.GaussianBlur(values, (0, 0), 1.0), cv2.GaussianBlur(values, (0, 0), 3.0)
        fine = fine + _blocks(values - soft)
        coarse = coarse + _blocks(soft - softer)
    found |= percentiles("ln_chroma_noise", np.log(fine + 0.02), (10, 50))
    return found | percentiles("ln_chroma_blotches", np.log(coarse + 0.02), (10, 50))


def _blocks(values: Map) -> Map:
    return block_mean(np.square(values), 16)


def _drawn(rgb: NDArray[np.uint8]) -> dict[str, float]:
    """Shares of pixels that equal their right neighbour exactly, outside black and white: no lens and
    no sensor does that."""
    step = cv2.absdiff(rgb[:, 1:], rgb[:, :-1])
    red, green, blue = cv2.split(step)
    same = cv2.inRange(cv2.bitwise_or(cv2.bitwise_or(red, green), blue), np.zeros(1), np.zeros(1))
    inside = cv2.inRange(rgb[:, 1:, 1], np.array([5.0]), np.array([250.0]))
    count = cv2.countNonZero(inside)
    packed = (rgb[::4, ::4] >> 3).astype(np.int32)
    codes = packed[..., 0] * 1024 + packed[..., 1] * 32 + packed[..., 2]
    colours = np.count_nonzero(np.bincount(codes.ravel(), minlength=32768))
    return {
        "equal_share": cv2.countNonZero(cv2.bitwise_and(same, inside)) / count if count else 1.0,
        "equal_share_all": cv2.countNonZero(same) / same.size,
        "ln_colours": float(np.log(colours)),
    }
