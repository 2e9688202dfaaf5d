"""Training the judge that ships inside: the whole of it, from photographs whose licence allows it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from culler.training.embedded import TrainingReport


def train_embedded(
    photos: Path, manifest: Path, out: Path, seed: int, say: Callable[[str], None]
) -> "TrainingReport":
    """Train on the photographs that `manifest` names below `photos`; weights go to `out`. Raises
    CullerError when a photograph is missing or is another one than the manifest says."""
    from culler.training.embedded import train

    return train(photos, manifest, out, seed, say)
