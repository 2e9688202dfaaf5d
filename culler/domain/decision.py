"""What the user decided: flag, stars and colour label are three separate things."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Flag(StrEnum):
    PICK = "pick"
    REJECT = "reject"
    NONE = "none"


class ColorLabel(StrEnum):
    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"
    NONE = "none"


class Facet(StrEnum):
    """The part of a photo that an edit changes."""

    FLAG = "flag"
    STARS = "stars"
    LABEL = "label"


class ByHand(StrEnum):
    """What the user does besides marking: making and parting stacks, answering which photo is better,
    saying which files are one photo."""

    STACK = "stack"
    ANSWER = "answer"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class Decision:
    """The user's marks on one photo. `label` is a ColorLabel's value, or a foreign program's own
    word, kept as it is. `stars` is 0–5."""

    flag: Flag = Flag.NONE
    stars: int = 0
    label: str = ColorLabel.NONE.value

    def __post_init__(self) -> None:
        if not 0 <= self.stars <= 5:
            raise ValueError(f"stars are 0 to 5, not {self.stars}")

    def value(self, facet: Facet) -> str | int:
        """One facet as the undo log keeps it: a Flag's value, a number of stars, a label."""
        value: str | int = self.flag.value if facet is Facet.FLAG else getattr(self, facet.value)
        return value


UNMARKED = Decision()


@dataclass(frozen=True, slots=True)
class Edit:
    """One step of the undo log.

    For a facet of marks: what it was for some photos, and what it became, in stored form (a Flag's
    value, a number of stars, a label). For stacks and answers: whether the stored one (by its key)
    holds, 0 or 1. For files: what each photo is made of (culler.catalog.made_of).
    """

    id: int
    title: str
    facet: Facet | ByHand
    before: Mapping[int, str | int]
    after: Mapping[int, str | int]
    created_at: datetime
