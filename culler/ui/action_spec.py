"""What a row of the table of actions is: who may press it when, and with which keys."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from culler.ui.main_window import MainWindow


class Preset(StrEnum):
    """Whose keys the fingers know."""

    LIGHTROOM = "lightroom"
    PHOTO_MECHANIC = "photo-mechanic"
    DARKTABLE = "darktable"

    @property
    def words(self) -> str:
        return {"lightroom": "Lightroom", "photo-mechanic": "Photo Mechanic", "darktable": "darktable"}[
            self.value
        ]


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides which actions make sense now."""

    ready: bool = False  # the catalog is open
    opened: bool = False  # folders are shown
    shown: int = 0  # photos the filter lets through
    targets: int = 0  # photos a mark would land on
    selected: int = 0  # photos selected in the grid
    several_files: bool = False  # the photo in focus has more than one picture file
    view: str = "welcome"
    stacked: bool = False  # the photo in focus is in a stack
    closed: bool = False  # the photo in focus stands for a stack
    suggested: bool = False  # there are suggestions not yet decided on
    in_queue: int = 0  # of those, the ones in the queue that is shown and can be accepted


When = Callable[[Situation], bool]


def always(_: Situation) -> bool:
    return True


def ready(situation: Situation) -> bool:
    return situation.ready


def opened(situation: Situation) -> bool:
    return situation.opened


def some_photo(situation: Situation) -> bool:
    return situation.targets > 0


def two_photos(situation: Situation) -> bool:
    return situation.shown > 1


def some_shown(situation: Situation) -> bool:
    return situation.shown > 0


def picture_view(situation: Situation) -> bool:
    if situation.view == "grid":
        return situation.targets > 0
    return situation.view in ("loupe", "compare", "pairwise")


def stepping(situation: Situation) -> bool:
    return situation.targets > 0 and situation.view != "pairwise"


def in_stack(situation: Situation) -> bool:
    return situation.stacked and situation.targets > 0


def pairing(situation: Situation) -> bool:
    return situation.view == "pairwise"


def suggested(situation: Situation) -> bool:
    return situation.suggested


def queued(situation: Situation) -> bool:
    return situation.in_queue > 0


def comparing(situation: Situation) -> bool:
    return situation.view == "compare"


def surveying(situation: Situation) -> bool:
    return situation.view == "survey"


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One row of the table. `keys` are Lightroom's; `other_keys` those of presets that differ. A menu
    is "Photo" or, for a submenu, "Photo/Stars". `separated` draws a line above it."""

    id: str
    menu: str
    text: str
    keys: tuple[str, ...]
    do: Callable[["MainWindow"], object]
    when: When = always
    checkable: bool = False
    other_keys: Mapping[Preset, tuple[str, ...]] = field(default_factory=dict)
    separated: bool = False
    group: str = ""
