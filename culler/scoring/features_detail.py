"""Detail of a picture: how fine its structure is, how noisy, and in which directions it is blurred.

Everything is read from tiles: energies of octave bands above the noise floor of flat tiles, edge widths
(the gradient at an edge against that of the same edge blurred once more, after Zhuo and Sim 2011), and
the smaller eigenvalue of the structure tensor, which a single edge or a motion trail cannot raise.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from culler.scoring.tiles import (
    Map,
    block_mean,
    grid,
    histogram_percentiles,
    percentiles,
    tile_max,
    tile_mean,
)

_TILE_PX = 64
_FINE_TILE_PX = 32
_EDGE_TILE_PX = 16
_EPSILON = 1e-2  # squared grey levels; below the rounding noise of 8-bit pixels (1/12)
_EDGE_STEP = 6.0  # grey levels a pixel after blurring: weaker edges do not tell their width


def detail(luma: Map) -> dict[str, float]:
    """Named detail features of `(height, width)` luma, 0–255, both sides ≥ 64 px."""
    soft = _blur(luma, 0.8)
    softer = _blur(luma, 1.6)
    half = np.asarray(cv2.resize(luma, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.float32)
    half_softer = _blur(half, 1.6)
    bands = (luma - soft, soft - softer, _blur(half, 0.8) - half_softer, half_softer - _blur(half, 3.2))
    squares = tuple(np.asarray(cv2.multiply(band, band), np.float32) for band in bands)
    tiles, fine_tiles = grid(luma, _TILE_PX), grid(luma, _FINE_TILE_PX)
    energies = tuple(
        tile_mean(square, tiles, 8 // step) for square, step in zip(squares, (1, 1, 2, 2), strict=True)
    )
    fine = tile_mean(squares[0], fine_tiles), tile_mean(squares[1], fine_tiles)
    brightness = tile_mean(luma, tiles)

    lit = (brightness > 6) & (brightness < 249)  # clipped tiles hide their noise
    structure = energies[2] + energies[3]
    noise = tuple(_floor(energy, structure, lit) for energy in energies[:3])
    found: dict[str, float] = {}
    found |= _noise(luma, squares, noise)
    found |= _flat(luma, squares)
    found |= _energies(energies, fine, noise)
    found |= _ratios(energies, structure, noise)
    across, down, sharp = _gradient(luma)
    found |= _edges(sharp, softer, half)
    found |= _halos(luma, softer)
    found |= _tensor(across, down, noise[0])
    found |= _layout(energies, noise)
    return found | _grid(luma)


def _blur(picture: Map, sigma: float) -> Map:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101), np.float32)


def _floor(energy: Map, structure: Map, lit: NDArray[np.bool_]) -> float:
    """Energy of the tiles with least structure: what noise alone puts into this band."""
    chosen = lit if lit.sum() >= 4 else np.ones_like(lit)
    flat = structure[chosen] <= np.percentile(structure[chosen], 10)
    return float(np.median(energy[chosen][flat]))


def _noise(luma: Map, squares: tuple[Map, ...], noise: tuple[float, ...]) -> dict[str, float]:
    blocks = block_mean(squares[0], 8)
    wide = block_mean(squares[1], 8)
    bright = block_mean(luma, 8)
    lit = (bright > 8) & (bright < 247)
    blocks, wide, bright = (
        (blocks[lit], wide[lit], bright[lit])
        if lit.sum() >= 16
        else (blocks.ravel(), wide.ravel(), bright.ravel())
    )
    found = {f"ln_noise{band}": float(np.log(level + _EPSILON)) for band, level in enumerate(noise)}
    found |= percentiles("ln_block_noise", np.log(blocks + _EPSILON), (1, 5, 20))
    found |= percentiles("ln_block_noise_wide", np.log(wide + _EPSILON), (5,))
    return found | _noise_by_brightness(blocks + wide, bright)


def _noise_by_brightness(energy: Map, bright: Map) -> dict[str, float]:
    """The calmest blocks of each quarter of brightness: grain is strong in some tones and weak in others."""
    bounds = np.percentile(bright, (25, 50, 75))
    quarter = np.searchsorted(bounds, bright)
    calm = [
        float(np.percentile(energy[quarter == one], 10)) if (quarter == one).any() else 0.0
        for one in range(4)
    ]
    logs = np.log(np.array(calm) + _EPSILON)
    found = {f"ln_tone_noise{one}": float(value) for one, value in enumerate(logs)}
    return found | {"ln_tone_noise_mean": float(logs.mean()), "ln_tone_noise_most": float(logs.max())}


def _flat(luma: Map, squares: tuple[Map, ...]) -> dict[str, float]:
    """Blocks of 16 px without coarse structure: noise is finer there than a lens can draw; and the share
    of blocks with coarse structure whose detail has been smoothed away."""
    size = grid(luma, 16)
    fine, wide, coarse = (
        tile_mean(square, size, block).ravel() for square, block in zip(squares, (16, 16, 8), strict=False)
    )
    bright = tile_mean(luma, size, 16).ravel()
    lit = (bright > 8) & (bright < 247)
    if lit.sum() >= 8:
        fine, wide, coarse = fine[lit], wide[lit], coarse[lit]
    flat = coarse <= np.percentile(coarse, 30)
    ratio = np.log((fine + 0.05) / (wide + 0.05))
    drawn = coarse > 2.0
    found = percentiles("flat_ratio", ratio[flat], (50, 90))
    found |= percentiles("ln_flat_fine", np.log(fine[flat] + _EPSILON), (50,))
    found |= percentiles("ln_flat_wide", np.log(wide[flat] + _EPSILON), (50,))
    found["smoothed_share"] = float((fine[drawn] < 0.02 * coarse[drawn]).mean()) if drawn.any() else 0.0
    return found


def _energies(energies: tuple[Map, ...], fine: tuple[Map, Map], noise: tuple[float, ...]) -> dict[str, float]:
    found: dict[str, float] = {}
    for band, energy in enumerate(energies):
        found |= percentiles(f"ln_e{band}", np.log(energy + _EPSILON), (10, 25, 50, 75, 90, 97))
    for band in (0, 1):
        clean = np.maximum(fine[band] - 1.3 * noise[band], 0)
        found |= percentiles(f"ln_clean_e{band}", np.log(clean + 0.1), (50, 75, 90, 97, 99.5))
    return found


def _ratios(energies: tuple[Map, ...], structure: Map, noise: tuple[float, ...]) -> dict[str, float]:
    structured = structure >= np.median(structure)
    clean = [np.maximum(energies[band] - noise[band], 0) + 0.1 for band in (0, 1, 2)] + [energies[3] + 0.1]
    found: dict[str, float] = {}
    for band in (0, 1, 2):
        ratio = np.log(clean[band] / clean[band + 1])[structured]
        found |= percentiles(f"r{band}{band + 1}", ratio, (10, 50, 90, 97))
    return found


def _gradient(picture: Map) -> tuple[Map, Map, Map]:
    across = np.asarray(cv2.Scharr(picture, cv2.CV_32F, 1, 0, scale=1 / 32), np.float32)
    down = np.asarray(cv2.Scharr(picture, cv2.CV_32F, 0, 1, scale=1 / 32), np.float32)
    return across, down, np.asarray(cv2.magnitude(across, down), np.float32)


def _edges(sharp: Map, softer: Map, half: Map) -> dict[str, float]:
    """Widths of the strongest edge in each small tile, as ln of gradient over blurred gradient."""
    _, _, blurred = _gradient(softer)
    _, _, half_sharp = _gradient(half)
    _, _, half_blurred = _gradient(_blur(half, 2.0))
    found = histogram_percentiles(
        "gradient", np.asarray(cv2.sqrt(sharp), np.float32), (50, 75, 90, 95, 99, 99.8), top=16.0
    )
    peak, peak_blurred = tile_max(sharp, _EDGE_TILE_PX), tile_max(blurred, _EDGE_TILE_PX)
    strong = peak_blurred > max(_EDGE_STEP / 2, float(np.percentile(peak_blurred, 60)))
    width = np.log((peak[strong] + 0.5) / (peak_blurred[strong] + 0.5))
    found |= percentiles("edge", width, (10, 50, 90, 97))
    weight = peak_blurred[strong]
    found["edge_mean"] = float((width * weight).sum() / weight.sum()) if width.size else 0.0
    found["edge_share"] = float((peak_blurred > _EDGE_STEP).mean())
    tile = _EDGE_TILE_PX
    coarse, coarse_blurred = tile_max(half_sharp, tile), tile_max(half_blurred, tile)
    strong = coarse_blurred > max(_EDGE_STEP / 2, float(np.percentile(coarse_blurred, 60)))
    found |= percentiles(
        "wide_edge", np.log((coarse[strong] + 0.5) / (coarse_blurred[strong] + 0.5)), (10, 50, 90)
    )
    return found


def _halos(luma: Map, softer: Map) -> dict[str, float]:
    """How far luma overshoots at strong edges: ln of its range in small tiles over that of the blurred
    picture; near 0 for a clean step, large where sharpening drew halos."""
    sharp_range = tile_max(luma, _EDGE_TILE_PX) + tile_max(-luma, _EDGE_TILE_PX)
    soft_range = tile_max(softer, _EDGE_TILE_PX) + tile_max(-softer, _EDGE_TILE_PX)
    strong = soft_range > max(30.0, float(np.percentile(soft_range, 80)))
    return percentiles("halo", np.log((sharp_range[strong] + 1) / (soft_range[strong] + 1)), (10, 50, 90))


def _tensor(across: Map, down: Map, noise: float) -> dict[str, float]:
    """Structure-tensor eigenvalues over tiles of 32 px: detail in every direction, and coherence."""
    tiles = grid(across, _FINE_TILE_PX)
    xx, yy, xy = (
        tile_mean(np.asarray(cv2.multiply(one, other), np.float32), tiles)
        for one, other in ((across, across), (down, down), (across, down))
    )
    spread = np.sqrt(np.square(xx - yy) + 4 * np.square(xy))
    large, small = (xx + yy + spread) / 2, np.maximum((xx + yy - spread) / 2, 0)
    clean = np.maximum(small - 0.1 * noise, 0)  # a Scharr step passes about a tenth of white noise's band 0
    found = percentiles("ln_small", np.log(clean + 0.05), (50, 90, 97))
    found |= percentiles("ln_large", np.log(large + 0.05), (50, 90, 97))
    total = xx + yy
    busy = total >= np.percentile(total, 70)
    found |= percentiles("coherence", (spread / (total + 0.5))[busy], (10, 50, 90))
    # One direction for the whole picture: camera shake turns every tile the same way.
    sums = float((xx - yy)[busy].sum()), float(2 * xy[busy].sum())
    found["common_direction"] = float(np.hypot(*sums) / (total[busy].sum() + 1e-6))
    return found


def _layout(energies: tuple[Map, ...], noise: tuple[float, ...]) -> dict[str, float]:
    """Where the sharp tiles lie, and how sharp and lit the sharpest fifth is."""
    sharp = np.maximum(energies[0] - noise[0], 0) + np.maximum(energies[1] - noise[1], 0)
    rows, columns = sharp.shape
    y, x = np.mgrid[0:rows, 0:columns]
    from_centre = np.hypot((y + 0.5) / rows - 0.5, (x + 0.5) / columns - 0.5) / np.hypot(0.5, 0.5)
    weight = np.exp(-np.square(from_centre) * 4)
    top = float(np.percentile(sharp, 97)) + 0.1
    peak = sharp >= np.percentile(sharp, 80)
    ratio = np.log((energies[0] + 0.1) / (energies[1] + 0.1))
    root = np.sqrt(sharp)
    return {
        "sharp_share": float((sharp > 0.1 * top).mean()),
        "sharp_centre": float(((sharp > 0.1 * top) * weight).sum() / weight.sum()),
        "sharp_radius": float((from_centre * root).sum() / (root.sum() + 1e-6)),
        "ln_sharp_centre": float(np.log((sharp * weight).sum() / weight.sum() + 0.1)),
        "ln_sharp_peak": float(np.log(sharp[peak].mean() + 0.1)),
        "ratio_peak": float(ratio[peak].mean()),
        "peak_contrast": float(np.log((sharp[peak].mean() + 0.1) / (np.median(sharp) + 0.1))),
    }


def _grid(luma: Map) -> dict[str, float]:
    """The step that 8 × 8 blocks of strong compression leave, in both directions."""
    return {
        "grid_across": _grid_step(np.abs(luma[:, 1:] - luma[:, :-1]).mean(axis=0)),
        "grid_down": _grid_step(np.abs(luma[1:] - luma[:-1]).mean(axis=1)),
    }


def _grid_step(steps: Map) -> float:
    periods = len(steps) // 8
    phases = np.sort(np.median(steps[: periods * 8].reshape(periods, 8), axis=0))
    return float(np.log((phases[-1] + 0.3) / (phases[:-1].mean() + 0.3)))
