"""Test sets for the embedded judge, built from photographs that its training held out.

A ladder of every kind of fault at five severities; noisy copies beside clean ones; portraits with the
face sharp, the background sharp, or nothing sharp; and slight misfocus that a preview hides.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from culler.scoring import faces
from culler.training.degrade import FAULTS, UNSEEN_FAULTS, aperture, developed, linear

Pixels = NDArray[np.uint8]
SEVERITIES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Ladder:
    """One fault of one photograph: the clean picture first, then growing severities."""

    kind: str
    seen: bool
    pictures: tuple[Pixels, ...]


@dataclass(frozen=True, slots=True)
class Portrait:
    """One portrait three ways."""

    face_sharp: Pixels
    background_sharp: Pixels
    all_soft: Pixels


def ladders(clean: Pixels, number: int) -> Iterator[Ladder]:
    """Every kind of fault on one photograph."""
    light = linear(clean)
    for index, (kind, fault) in enumerate({**FAULTS, **UNSEEN_FAULTS}.items()):
        damaged = [
            developed(fault(light, severity, np.random.default_rng((1, number, index))))
            for severity in SEVERITIES
        ]
        yield Ladder(kind, kind in FAULTS, (clean, *damaged))


def noisy_copies(clean: Pixels, number: int) -> tuple[Pixels, ...]:
    """Copies with white noise of growing strength on the developed picture: sharper to a Laplacian."""
    rng = np.random.default_rng((2, number))
    noise = rng.normal(0, 1, clean.shape)
    return tuple(np.clip(clean + noise * sigma, 0, 255).astype(np.uint8) for sigma in (6, 12, 20, 32))


def portraits(clean: Pixels) -> Iterator[Portrait]:
    """The picture as a portrait of its deciding faces, at three apertures, where it has any."""
    people = [face for face in faces.find(clean) if face.decides]
    if not people:
        return
    height, width = clean.shape[:2]
    whole = np.zeros((height, width), np.float32)
    for face in people:
        mask = np.zeros_like(whole)
        centre = int((face.left + face.right) / 2 * width), int((face.top + face.bottom) / 2 * height)
        axes = int((face.right - face.left) * width * 0.85), int((face.bottom - face.top) * height * 0.85)
        cv2.ellipse(mask, centre, axes, 0, 0, 360, 1.0, -1)
        whole = np.maximum(whole, cv2.GaussianBlur(mask, (0, 0), max(axes) * 0.12))
    mask = whole[..., None]
    light = linear(clean)
    for radius in (2.5, 4.0, 6.0):
        soft = np.asarray(
            cv2.filter2D(light, -1, aperture(radius * max(height, width) / 1024, 0, 0.0)), np.float32
        )
        yield Portrait(
            developed(light * mask + soft * (1 - mask)),
            developed(soft * mask + light * (1 - mask)),
            developed(soft),
        )


def misfocused(full: Pixels, radius_px: float) -> Pixels:
    """The full-size picture with a defocus of this radius."""
    light = linear(full)
    return developed(np.asarray(cv2.filter2D(light, -1, aperture(radius_px, 7, 0.3)), np.float32))


def reduced(full: Pixels, long_side: int) -> Pixels:
    """The picture by area, never enlarged."""
    height, width = full.shape[:2]
    scale = long_side / max(height, width)
    if scale >= 1:
        return full
    size = round(width * scale), round(height * scale)
    return np.asarray(cv2.resize(full, size, interpolation=cv2.INTER_AREA), np.uint8)
