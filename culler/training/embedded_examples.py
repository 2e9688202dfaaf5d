"""Examples for the embedded judge: damaged copies of photographs, measured and labelled.

Every photograph gives its clean picture and damaged ones, at one of a few sizes; labels come from how far
a copy is from its original (`likeness`), so that different faults share one scale. One photograph
in five is held out by its name: no copy of it is ever trained on.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from culler.scoring import features
from culler.training.degrade import (
    FAULTS,
    Fault,
    Linear,
    back_focus,
    developed,
    linear,
    recompressed,
    shallow,
)
from culler.training.likeness import damage, level_after

_SIZES = (features.LONG_SIDE_PX, 768, 640, 512)
_FAULTS_A_PHOTO = 7
SEVERITIES = (0.0, 0.25, 0.5, 0.75, 1.0)
CLEAN = "clean"

# How much of the measured damage opinions take away: gradients overstate faults of tone and mild
# sharpening, and people hold softness around a subject for no fault but a soft subject for a great one.
_TOLL = {
    "underexposure": 0.6,
    "overexposure": 0.6,
    "haze": 0.6,
    "sharpening": 0.7,
    "shallow": 0.05,
    "back focus": 1.8,
    "subject motion": 1.1,
}

_ORDER = tuple(FAULTS)  # optics, motion, exposure noise and processing come in this order in a camera


@dataclass(frozen=True, slots=True)
class Examples:
    """n measured pictures. `drop` is the share of quality (0 … 1) that damage took; `scene` is equal for
    copies of one photograph."""

    vectors: NDArray[np.float32]
    drop: NDArray[np.float32]
    severity: NDArray[np.float32]
    scene: NDArray[np.int32]
    kind: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.kind)


def held_out(file: str) -> bool:
    """Whether a photograph, by its name in the manifest, is kept from training."""
    return hashlib.sha256(file.encode()).digest()[0] % 5 == 0


def training_examples(
    paths: Sequence[Path], seed: int, report: Callable[[str], None], workers: int | None = None
) -> Examples:
    """Copies for training of every photograph."""
    return _collect(paths, partial(_training_copies, seed=seed), report, workers)


_Copy = tuple[str, float, float, NDArray[np.float32]]  # kind, severity, drop, vector


def _collect(
    paths: Sequence[Path],
    copies: Callable[[tuple[int, Path]], list[_Copy]],
    report: Callable[[str], None],
    workers: int | None,
) -> Examples:
    found: list[tuple[int, _Copy]] = []
    with ExitStack() as stack:
        run: Callable[..., Iterable[list[_Copy]]] = map
        if workers != 1:
            # Spawned: a fork of a process that has threads may hang.
            spawn = get_context("spawn")
            run = stack.enter_context(ProcessPoolExecutor(workers, mp_context=spawn)).map
        for index, made in enumerate(run(copies, enumerate(paths))):
            found += [(index, copy) for copy in made]
            if (index + 1) % 25 == 0 or index + 1 == len(paths):
                report(f"measured {len(found)} pictures of {index + 1} of {len(paths)} photographs")
    return Examples(
        vectors=np.stack([copy[3] for _, copy in found]),
        drop=np.array([copy[2] for _, copy in found], np.float32),
        severity=np.array([copy[1] for _, copy in found], np.float32),
        scene=np.array([scene for scene, _ in found], np.int32),
        kind=tuple(copy[0] for _, copy in found),
    )


def _training_copies(numbered: tuple[int, Path], seed: int) -> list[_Copy]:
    number, path = numbered
    rng = np.random.default_rng((seed, number))
    clean = reduced(path, _SIZES[number % len(_SIZES)])
    plan: list[tuple[str, float, Fault]] = []
    for kind in sorted(rng.permutation(list(FAULTS))[:_FAULTS_A_PHOTO]):
        plan += [(str(kind), one, FAULTS[kind]) for one in (rng.uniform(0, 0.5), rng.uniform(0.5, 1))]
    plan += [("shallow", rng.uniform(0, 1), shallow), ("back focus", rng.uniform(0, 1), back_focus)]
    for _ in range(2):
        first, second = sorted(rng.choice(len(_ORDER), 2, replace=False))
        names = _ORDER[first], _ORDER[second]
        plan.append((" + ".join(names), float(rng.uniform(0, 0.7)), _both(*names)))
    made = [_measured(clean, recompressed(clean, int(rng.integers(92, 98))), CLEAN, 0.0)]
    for kind, severity, fault in plan:
        picture = developed(fault(linear(clean), float(severity), rng))
        if rng.uniform() < 0.7:  # as files come from cameras: a mild grid is no fault
            picture = recompressed(picture, int(rng.integers(86, 98)))
        made.append(_measured(clean, picture, kind, float(severity)))
    return made


def _both(first: str, second: str) -> Fault:
    def mixed(light: Linear, severity: float, rng: np.random.Generator) -> Linear:
        return FAULTS[second](FAULTS[first](light, severity, rng), severity, rng)

    return mixed


def _measured(clean: NDArray[np.uint8], picture: NDArray[np.uint8], kind: str, severity: float) -> _Copy:
    cv2.setNumThreads(1)  # photographs run side by side already
    found = damage(clean, picture) * _TOLL.get(kind, 1.0)
    return kind, severity, 1 - (level_after(2.0, found) - 1), features.measure_pixels(picture)


def reduced(path: Path, long_side: int) -> NDArray[np.uint8]:
    """The photograph as sRGB pixels with this long side, never enlarged."""
    with Image.open(path) as image:
        rgb = np.asarray(image.convert("RGB"))
    height, width = rgb.shape[:2]
    scale = long_side / max(height, width)
    if scale >= 1:
        return rgb
    size = round(width * scale), round(height * scale)
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
