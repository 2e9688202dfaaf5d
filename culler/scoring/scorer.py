"""The scorer plug-in point: what every judge offers, and the table of judges.

A `ScorerSpec` names a judge without importing it; `load` returns a loaded `Scorer`, so that an
unloaded one cannot be called.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

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


@runtime_checkable
class JudgesClips(Protocol):
    """A loaded judge that looks at a clip as a whole."""

    def prepare_clip(self, path: Path, name: str) -> object:
        """As `prepare`, from a clip's file; raises CullerError when no frame decodes."""
        ...


@runtime_checkable
class AnswersLess(Protocol):
    """A loaded judge that is quicker when it is asked less."""

    def ask(self, aspects: Sequence[Aspect]) -> None:
        """Answer only these aspects from now on."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a judge will be once it is loaded, and where it will run, in words."""

    scorer: ScorerId
    encoder: EncoderId | None
    device: str


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
    """A judge by name. `target` is "module:function", called as `function(ScorerOptions) -> Scorer`;
    `identify`, where there is one, as `function(ScorerOptions) -> Identity`, which loads no weights.

    `quality_weight` is w of overall = w·quality + (1 − w)·aesthetics. `clip_aspects` is what it says of
    a clip as a whole; a judge that says nothing of clips judges their first frame. `fast_aesthetics`: it
    is quicker when it is asked about quality alone (`AnswersLess`), so that a head may say the rest.
    """

    name: str
    title: str
    target: str
    quality_weight: float = 0.5
    licence: str = ""
    size: str = ""
    needs_checkpoint: bool = False
    model_types: tuple[str, ...] = field(default=())  # config.json model_type values it opens
    identify: str = ""
    clip_aspects: tuple[Aspect, ...] = ()
    fast_aesthetics: bool = False

    def load(self, options: ScorerOptions) -> Scorer:
        """The loaded scorer; raises CullerError with a sentence when it cannot be loaded."""
        scorer: Scorer = _function(self.target)(options)
        return scorer

    def identity(self, options: ScorerOptions) -> Identity | None:
        """Who `load` would give, without loading; None where only loading tells. Raises as `load` does."""
        if not self.identify:
            return None
        identity: Identity = _function(self.identify)(options)
        return identity


def _function(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


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
            identify="culler.scoring.qalign_plan:identify",
            clip_aspects=(Aspect.QUALITY,),
            fast_aesthetics=True,
        ),
    )
}
DEFAULT_SCORER = "embedded"
