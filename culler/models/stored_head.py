"""A fitted level head as its file holds it, in NumPy: lists and ranks need no torch for it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

LEAST_PHOTOS = 100
"""Fewer answers than this teach nothing that holds on other photos."""
MOST_COMPARED = 4_000
"""Photos beyond these are left out of the cross-validation by chance."""
TENSORS = ("centre", "scale", "linear.weight", "linear.bias")


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a head and the judge agree on photos that the head did not see, over `photos` of them.

    `srcc` is the rank correlation of level means, `error` the mean distance in levels, and `flat_error`
    what always answering with the average would have.
    """

    photos: int
    srcc: float
    error: float
    flat_error: float

    @property
    def beats_a_guess(self) -> bool:
        return self.error < self.flat_error and self.srcc > 0


@dataclass(frozen=True, slots=True)
class StoredHead:
    """Five logits, BAD … EXCELLENT, from an embedding (width,) of the encoder it was fitted on."""

    centre: NDArray[np.float32]
    scale: NDArray[np.float32]
    weight: NDArray[np.float32]  # (levels, width)
    bias: NDArray[np.float32]
    agreement: Agreement | None

    def logits(self, embeddings: NDArray[np.floating]) -> NDArray[np.float64]:
        """(photos, width) → (photos, levels)."""
        standard = (embeddings.astype(np.float64) - self.centre) / self.scale
        # einsum, unlike a matrix product, adds up the same way for one photo and for many.
        answers: NDArray[np.float64] = np.einsum("pw,lw->pl", standard, self.weight.astype(np.float64))
        return answers + self.bias


def read_head(path: Path, encoder: str) -> StoredHead | None:
    """The head in a file; None when there is none, when it is no such file, or when it was made for
    another encoder's embeddings."""
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="numpy") as file:
            metadata: Mapping[str, str] = file.metadata() or {}
            if metadata.get("encoder") != encoder:
                return None
            centre, scale, weight, bias = (file.get_tensor(name) for name in TENSORS)
    except (OSError, SafetensorError):
        return None
    said = json.loads(metadata.get("agreement", "null"))
    return StoredHead(centre, scale, weight, bias, None if said is None else Agreement(**said))


def head_metadata(encoder: str, agreement: Agreement | None) -> dict[str, str]:
    """What a head's file says beside its numbers."""
    return {"encoder": encoder, "agreement": json.dumps(None if agreement is None else asdict(agreement))}
