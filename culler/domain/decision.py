"""What the user decided: flag, stars and colour label are three separate things."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from culler.domain.photo import PhotoId


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


UNMARKED = Decision()


@dataclass(frozen=True, slots=True)
class Edit:
    """One step of the undo log: what a facet of some photos was, and what it became.

    Values are the facet's stored form: a Flag's value, a number of stars, a label.
    """

    id: int
    title: str
    facet: Facet
    before: Mapping[PhotoId, str | int]
    after: Mapping[PhotoId, str | int]
    created_at: datetime
