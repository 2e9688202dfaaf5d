"""A judge whose verdicts can be foretold: levels from mean brightness, no weights, no torch."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from culler.domain.assessment import Aspect, EncoderId, ScorerId
from culler.scoring.scorer import PixelSource, ScorerOptions, Verdict


class FakeScorer:
    """Brighter is better. `source`, `batch_size` and what goes wrong can be set on the class."""

    aspects = (Aspect.QUALITY, Aspect.AESTHETICS)
    source = PixelSource.PREVIEW
    batch_size = 4
    largest_batch: int | None = None
    version = "1"

    def __init__(self) -> None:
        self.id = ScorerId("fake", self.version)
        self.encoder: EncoderId | None = EncoderId("fake-brightness", "1")
        self.batches: list[int] = []
        self.closed = False

    def prepare(self, image: Image.Image) -> object:
        assert image.mode == "RGB"
        return float(np.asarray(image).mean()) / 255

    def score(self, batch: Sequence[object]) -> list[Verdict]:
        self.batches.append(len(batch))
        if self.largest_batch is not None and len(batch) > self.largest_batch:
            raise MemoryError(f"no room for {len(batch)}")
        return [self._verdict(float(str(value))) for value in batch]

    def close(self) -> None:
        self.closed = True

    def _verdict(self, brightness: float) -> Verdict:
        level = 1 + 4 * brightness
        quality = tuple(-((k - level) ** 2) for k in range(1, 6))
        wide = tuple(logit / 4 for logit in quality)
        vector = np.array([brightness, 1 - brightness], np.float32)
        return Verdict({Aspect.QUALITY: quality, Aspect.AESTHETICS: wide}, vector)  # type: ignore[dict-item]


loaded: list[FakeScorer] = []


def load(options: ScorerOptions) -> FakeScorer:
    scorer = FakeScorer()
    if options.batch_size:
        scorer.batch_size = options.batch_size
    loaded.append(scorer)
    return scorer


class DarkScorer(FakeScorer):
    """Darker is better."""

    def __init__(self) -> None:
        super().__init__()
        self.id = ScorerId("dark", self.version)

    def _verdict(self, brightness: float) -> Verdict:
        return super()._verdict(1 - brightness)


def load_dark(options: ScorerOptions) -> FakeScorer:
    return DarkScorer()
