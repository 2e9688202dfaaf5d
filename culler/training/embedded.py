"""Training of the embedded judge."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from culler.models import compact
from culler.scoring import features
from culler.training.embedded_terms import fit_terms


@dataclass(frozen=True, slots=True)
class TrainingReport:
    photos: int


def train(
    photos: Path, manifest: Path, out: Path, seed: int = 0, report: Callable[[str], None] = print
) -> TrainingReport:
    """Write the judge's weights, made from the photographs that `manifest` lists below `photos`."""
    with manifest.open(newline="") as file:
        paths = [photos / row["file"] for row in csv.DictReader(file)]
    vectors = np.stack([features.measure(Image.open(path)) for path in paths])
    terms = fit_terms(features.names(), vectors)
    hand = terms(vectors)
    head = compact.Compact(
        features.names(),
        terms,
        vectors.mean(axis=0),
        vectors.std(axis=0) + 1e-3,
        (),
        {
            "hand_mean": float(hand.mean()),
            "hand_deviation": float(hand.std()),
            "learnt_mean": 0.0,
            "learnt_deviation": 1.0,
            "learnt_share": 0.0,
            "slope": 0.75,
            "offset": 0.4,
            "spread": 0.6,
        },
    )
    compact.write(head, out, "Culler's embedded judge")
    return TrainingReport(len(paths))
