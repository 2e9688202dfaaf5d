"""The judge that ships inside: classical measurements, a small head, five levels, no download.

`prepare` measures (about 50 ms of one core); `score` is arithmetic on the vector. The vector is the
embedding, so that levels, flags and refits follow from stored numbers without decoding a photo again.
Quality is trained; aesthetics is a wide guess, since tone and colour say next to nothing of appeal.
"""

import hashlib
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from safetensors import SafetensorError

from culler.domain.assessment import Aspect, EncoderId, Logits, ScorerId
from culler.domain.errors import CullerError
from culler.models import compact, refit
from culler.scoring import features
from culler.scoring.scorer import PixelSource, ScorerOptions, Verdict
from culler.settings import resource

NAME = "embedded"
_RULE = "1"  # goes up when flags, spreads or the appeal rule change
_WEIGHTS = "embedded/weights.safetensors"

_APPEAL_SHARE = 0.35  # of quality's distance from fair: a technically poor photo seldom pleases
_APPEAL_SPREAD = 1.15
_UNSURE_SPREAD = 1.3  # of pictures that this judge was not made for
_UNSURE_SHARE = 0.4
_UNSURE_LEAST = 1.7  # lower, the end of the scale would make a wide distribution narrow


class EmbeddedScorer:
    """A `Scorer`; quality and appeal of a photo from its feature vector."""

    aspects = (Aspect.QUALITY, Aspect.AESTHETICS)
    source = PixelSource.PREVIEW

    def __init__(
        self,
        head: compact.Compact,
        version: str,
        batch_size: int = 64,
        learnt: refit.Refit | None = None,
    ) -> None:
        if head.names != features.names():
            raise CullerError("The embedded judge's weights belong to another version; install Culler again.")
        if learnt is not None and learnt.names != head.names:
            raise CullerError(
                "What the embedded judge learnt here belongs to another version; learn it again."
            )
        self._head = head
        self._learnt = learnt
        self.id = ScorerId(NAME, version)
        self.encoder: EncoderId | None = encoder()
        self.batch_size = batch_size

    def prepare(self, image: Image.Image) -> NDArray[np.float32]:
        """The picture's feature vector."""
        return features.measure(image)

    def score(self, batch: Sequence[object]) -> list[Verdict]:
        """Verdicts of prepared photos."""
        if not batch:
            return []
        vectors = np.stack([np.asarray(vector, np.float32) for vector in batch])
        logits = self.score_embeddings(vectors)
        return [
            Verdict(
                {aspect: _as_logits(rows[index]) for aspect, rows in logits.items()},
                vector,
                notes(vector),
            )
            for index, vector in enumerate(vectors)
        ]

    def score_embeddings(self, vectors: NDArray[np.floating]) -> dict[Aspect, NDArray[np.float64]]:
        """(n, 5) logits per aspect for `(n, width)` stored feature vectors."""
        means = self._head.level_means(vectors)
        unsure = np.array([bool(_UNSURE & set(notes(vector))) for vector in vectors], bool)
        # What it was not made for is never praised, but an empty frame stays below its neighbours.
        wary = np.maximum(np.minimum(means, 3 + _UNSURE_SHARE * (means - 3)), _UNSURE_LEAST)
        quality = np.where(unsure, wary, means)
        appeal = 3 + _APPEAL_SHARE * (quality - 3)
        spread = self._head.constants["spread"]
        answers = {
            Aspect.QUALITY: compact.level_logits(quality, _widened(spread, unsure)),
            Aspect.AESTHETICS: compact.level_logits(appeal, _widened(_APPEAL_SPREAD, unsure)),
        }
        if self._learnt is not None:
            for aspect in set(answers) & set(map(Aspect, self._learnt.lines)):
                base = np.exp(answers[aspect]) @ np.arange(1.0, 6.0)
                means = self._learnt.level_means(aspect.value, vectors, base)
                spread = self._learnt.lines[aspect.value].spread
                answers[aspect] = compact.level_logits(means, _widened(spread, unsure))
        return answers

    def close(self) -> None:
        """Nothing is held."""


def load(options: ScorerOptions) -> EmbeddedScorer:
    """The shipped judge, or with `options.adapter` what it learnt from a bigger one here; raises
    CullerError when a file cannot be read."""
    path = resource(_WEIGHTS)
    digest = hashlib.sha256(path.read_bytes() + f"{features.VERSION}/{_RULE}".encode())
    learnt = None
    if options.adapter is not None:
        try:
            digest.update(options.adapter.read_bytes())
            learnt = refit.read(options.adapter)
        except (OSError, SafetensorError, KeyError) as error:
            raise CullerError(
                f"Cannot read what the embedded judge learnt, {options.adapter}: {error}. "
                "Learn it again, or go back to the shipped judge."
            ) from error
    return EmbeddedScorer(compact.read(path), digest.hexdigest()[:12], options.batch_size or 64, learnt)


@cache
def encoder() -> EncoderId:
    """Who makes the feature vectors: changes with their meaning, not with the head."""
    digest = hashlib.sha256(" ".join((features.VERSION, *features.names())).encode()).hexdigest()
    return EncoderId("embedded-features", digest[:12])


GRAPHIC, FLAT, TINY = "graphic", "flat picture", "very small picture"
_UNSURE = {GRAPHIC, FLAT, TINY}


def notes(vector: NDArray[np.floating]) -> tuple[str, ...]:
    """Short flags of a photo, from its feature vector alone."""
    value = _Values(vector)
    found = {
        TINY: value["ln_short_side"] < np.log(96),
        FLAT: value["gradient_p99.8"] < 1.2,
        GRAPHIC: _is_drawn(value),
        "clipped highlights": value["blown_share"] > 0.05,
        "blocked shadows": value["black_share"] > 0.15,
        "very dark": value["luma_p90"] < 0.22,
        "very bright": value["luma_p10"] > 0.75,
        "black and white": value["chroma_p95"] < 1.5,
        "strong noise": value["ln_block_noise_p5"] > 2.5,
    }
    return tuple(name for name, holds in found.items() if holds)


def _is_drawn(value: "_Values") -> bool:
    """Screens and drawings: most pixels equal their neighbour, or many do beside steps of full contrast
    in few colours. Skies and silhouettes come close to the first bound, never to the second."""
    if value["gradient_p99.8"] < 1.2:
        return False
    few_colours = value["gradient_p99.8"] > 9.3 and value["ln_colours"] < 5.5
    return value["equal_share"] > 0.85 or (value["equal_share"] > 0.5 and few_colours)


class _Values:
    """A feature vector by name."""

    def __init__(self, vector: NDArray[np.floating]) -> None:
        self._vector = vector

    def __getitem__(self, name: str) -> float:
        return float(self._vector[_positions()[name]])


@cache
def _positions() -> dict[str, int]:
    return {name: index for index, name in enumerate(features.names())}


def _widened(spread: float, unsure: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(unsure, max(spread, _UNSURE_SPREAD), spread)


def _as_logits(row: NDArray[np.float64]) -> Logits:
    bad, poor, fair, good, excellent = (float(value) for value in row)
    return bad, poor, fair, good, excellent
