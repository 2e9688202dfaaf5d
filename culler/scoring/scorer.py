"""The scorer plug-in point: what every judge offers, and the table of judges.

A `ScorerSpec` names a judge without importing it; `load` returns a loaded `Scorer`, so that an
unloaded one cannot be called.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from culler.domain.assessment import Aspect, EncoderId, Logits, ScorerId


class PixelSource(Enum):
    """Which rendition of the preview a scorer reads (DESIGN, "Pixels").

    PREVIEW is the upright sRGB preview before any encoding, from the one decode at indexing;
    ENCODED is the same preview as its cache file holds it, so that eviction changes nothing.
    """

    PREVIEW = "preview"
    ENCODED = "encoded"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A scorer's answer for one photo: raw logits BAD … EXCELLENT per aspect, and the feature vector
    (float16 or float32, 1-D) of `scorer.encoder`, where it has one. `notes` are short flags for the
    inspector, such as "graphic" or "flat picture"."""

    logits: Mapping[Aspect, Logits]
    embedding: NDArray[np.floating] | None = None
    notes: tuple[str, ...] = ()


class Scorer(Protocol):
    """A loaded judge.

    `prepare` may run in any thread and takes an upright RGB picture (uint8, sRGB) of `source`; what
    it returns is opaque. `score` and `close` run in one thread only. `score` answers in order, one
    verdict a prepared photo, and its answers do not depend on the batch beyond rounding; it raises
    MemoryError (or torch's out-of-memory error) when the batch is too large.
    """

    id: ScorerId
    encoder: EncoderId | None
    aspects: tuple[Aspect, ...]
    source: PixelSource
    batch_size: int

    def prepare(self, image: Image.Image) -> object: ...

    def score(self, batch: Sequence[object]) -> list[Verdict]: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class ScorerOptions:
    """How to load a scorer. None means the scorer's own choice."""

    device: str = "auto"
    dtype: str | None = None
    batch_size: int | None = None
    checkpoint: Path | None = None
    adapter: Path | None = None
    recipe: str | None = None


@dataclass(frozen=True, slots=True)
class ScorerSpec:
    """A judge by name. `target` is "module:function", called as `function(ScorerOptions) -> Scorer`.

    `quality_weight` is w of overall = w·quality + (1 − w)·aesthetics.
    """

    name: str
    title: str
    target: str
    quality_weight: float = 0.5
    licence: str = ""
    size: str = ""
    needs_checkpoint: bool = False
    model_types: tuple[str, ...] = field(default=())  # config.json model_type values it opens

    def load(self, options: ScorerOptions) -> Scorer:
        """The loaded scorer; raises CullerError with a sentence when it cannot be loaded."""
        module, _, function = self.target.partition(":")
        scorer: Scorer = getattr(import_module(module), function)(options)
        return scorer


SCORERS: dict[str, ScorerSpec] = {
    spec.name: spec
    for spec in (
        ScorerSpec(
            name="embedded",
            title="Embedded judge",
            target="culler.scoring.embedded:load",
            quality_weight=0.9,
            licence="Apache-2.0",
            size="ships inside",
        ),
        ScorerSpec(
            name="qalign",
            title="Q-Align (OneAlign)",
            target="culler.scoring.qalign:load",
            licence="MIT on the model card; LLaMA 2 terms of the base model",
            size="16.4 GB",
            needs_checkpoint=True,
            model_types=("mplug_owl2",),
        ),
    )
}
DEFAULT_SCORER = "embedded"
