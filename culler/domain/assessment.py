"""What judges say of photos, and who they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from culler.domain.levels import LevelDistribution
from culler.domain.photo import PhotoId

Logits = tuple[float, float, float, float, float]
"""Five raw logits, BAD … EXCELLENT."""


class Aspect(StrEnum):
    """What is judged. TASTE is derived from the user's picks and never stored."""

    QUALITY = "quality"
    AESTHETICS = "aesthetics"
    TASTE = "taste"


class Stage(StrEnum):
    """Where a photo failed."""

    SCAN = "scan"
    DECODE = "decode"
    SCORE = "score"
    EXPORT = "export"
    SIDECAR = "sidecar"


@dataclass(frozen=True, slots=True)
class ScorerId:
    """A judge. `version` is a digest over weights, recipe, preprocessing, decode rule, precision and
    adapter: assessments of different versions are never mixed."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class EncoderId:
    """Who made an embedding; heads sit on an encoder."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class Assessment:
    """One scorer's answer about one aspect of one revision of a photo."""

    photo_id: PhotoId
    revision: int
    scorer: ScorerId
    aspect: Aspect
    logits: Logits

    @property
    def levels(self) -> LevelDistribution:
        return LevelDistribution.from_logits(self.logits)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a photo could not be read or scored: data to store and show, never an exception."""

    photo_id: PhotoId
    stage: Stage
    message: str


def overall(means: Mapping[Aspect, float], quality_weight: float) -> float | None:
    """w·quality + (1 − w)·aesthetics on the 1–5 scale; the one that is there when only one is."""
    quality, aesthetics = means.get(Aspect.QUALITY), means.get(Aspect.AESTHETICS)
    if quality is None or aesthetics is None:
        return aesthetics if quality is None else quality
    return quality_weight * quality + (1 - quality_weight) * aesthetics
