"""Five levels people understand, and distributions over them.

The scale is that of Q-Align (arXiv 2312.17090): bad 1 … excellent 5. Everything that Culler shows
about a photo's quality follows from five stored logits by the functions here.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """An opinion level; its value is the paper's opinion score."""

    BAD = 1
    POOR = 2
    FAIR = 3
    GOOD = 4
    EXCELLENT = 5

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class LevelDistribution:
    """Five probabilities, BAD … EXCELLENT, normalised on construction.

    Raises ValueError for anything but five finite, non-negative weights with a positive sum.
    """

    probabilities: tuple[float, float, float, float, float]

    def __post_init__(self) -> None:
        weights = tuple(float(weight) for weight in self.probabilities)
        if len(weights) != len(Level):
            raise ValueError(f"a level distribution has five weights, not {len(weights)}")
        if any(not math.isfinite(weight) or weight < 0 for weight in weights):
            raise ValueError(f"level weights are finite and not negative, unlike {weights}")
        largest = max(weights)
        if largest <= 0:
            raise ValueError("level weights have a positive sum")
        # Scaled by the largest first: the sum of subnormal weights would lose their ratios.
        scaled = [weight / largest for weight in weights]
        total = math.fsum(scaled)
        object.__setattr__(self, "probabilities", tuple(weight / total for weight in scaled))

    @classmethod
    def from_logits(cls, logits: Sequence[float]) -> "LevelDistribution":
        """Softmax of five logits, BAD … EXCELLENT, at temperature 1."""
        top = max(logits)
        return cls(tuple(math.exp(logit - top) for logit in logits))  # type: ignore[arg-type]

    @classmethod
    def from_words(cls, weights: Mapping[str, float]) -> "LevelDistribution":
        """From a mapping of level words, as printed by the command line."""
        return cls(tuple(weights[level.word] for level in Level))  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[float]:
        return iter(self.probabilities)

    def __getitem__(self, level: Level) -> float:
        return self.probabilities[level - 1]

    @property
    def mean(self) -> float:
        """Expected level, in [1, 5]."""
        return min(5.0, max(1.0, math.fsum(level * self[level] for level in Level)))

    @property
    def spread(self) -> float:
        """Standard deviation, in levels: how unsure the judge is."""
        mean = self.mean
        return math.sqrt(math.fsum((level - mean) ** 2 * self[level] for level in Level))

    @property
    def likeliest(self) -> Level:
        """The level with most mass; of equals the better one."""
        return max(Level, key=lambda level: (self[level], level))

    def at_least(self, level: Level) -> float:
        """The probability of this level or a better one."""
        return math.fsum(self[other] for other in Level if other >= level)

    def tie(self, other: "LevelDistribution") -> float:
        """The probability that both photos sit on the same level."""
        return math.fsum(a * b for a, b in zip(self, other, strict=True))

    def beats(self, other: "LevelDistribution") -> float:
        """P(a photo judged like this one is better than one judged like `other`), ties split.

        Written as ½ + ½(win − lose): identical distributions give exactly ½, and swapping the two
        gives the exact complement.
        """
        win = lose = 0.0
        for a in Level:
            for b in Level:
                if a > b:
                    win += self[a] * other[b]
                    lose += self[b] * other[a]
        return 0.5 + 0.5 * (win - lose)

    def as_words(self) -> dict[str, float]:
        """{"excellent": p, …, "bad": p}, best level first."""
        return {level.word: self[level] for level in reversed(Level)}
