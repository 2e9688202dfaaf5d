"""The rows of the action table that mark photos: flags, stars and colour labels."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from culler.domain.decision import ColorLabel, Flag
from culler.ui.action_spec import ActionSpec, Preset, some_photo

if TYPE_CHECKING:
    from culler.ui.main_window import MainWindow

_PM, _DT = Preset.PHOTO_MECHANIC, Preset.DARKTABLE


def _stars(stars: int) -> Callable[["MainWindow"], object]:
    return lambda window: window.marker.stars(stars)


def _label(label: ColorLabel) -> Callable[["MainWindow"], object]:
    return lambda window: window.marker.label(label)


def _star_actions() -> list[ActionSpec]:
    texts = ["No Stars", "1 Star", *(f"{stars} Stars" for stars in range(2, 6))]
    return [
        ActionSpec(
            f"stars-{stars}",
            "Photo/Stars",
            text,
            (str(stars),),
            _stars(stars),
            some_photo,
            other_keys={_PM: (f"Ctrl+{stars}",)},
        )
        for stars, text in enumerate(texts)
    ]


def _label_actions() -> list[ActionSpec]:
    keys = {
        ColorLabel.RED: ("6", "1", "F1"),
        ColorLabel.YELLOW: ("7", "2", "F2"),
        ColorLabel.GREEN: ("8", "3", "F3"),
        ColorLabel.BLUE: ("9", "4", "F4"),
        ColorLabel.PURPLE: ("", "5", "F5"),
        ColorLabel.NONE: ("", "0", ""),
    }
    return [
        ActionSpec(
            f"label-{label.value}",
            "Photo/Colour Label",
            label.value.capitalize(),
            (lightroom,) if lightroom else (),
            _label(label),
            some_photo,
            other_keys={_PM: (mechanic,)} | ({_DT: (darktable,)} if darktable else {}),
        )
        for label, (lightroom, mechanic, darktable) in keys.items()
    ]


MARK_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "pick",
        "Photo",
        "Pick",
        ("P",),
        lambda w: w.marker.flag(Flag.PICK),
        some_photo,
        other_keys={_PM: ("T", "P")},
    ),
    ActionSpec(
        "reject",
        "Photo",
        "Reject",
        ("X", "Del"),
        lambda w: w.marker.flag(Flag.REJECT),
        some_photo,
        other_keys={_DT: ("R", "X", "Del")},
    ),
    ActionSpec("unflag", "Photo", "Clear Flag", ("U",), lambda w: w.marker.flag(Flag.NONE), some_photo),
    ActionSpec("toggle-flag", "Photo", "Toggle Flag", ("`",), lambda w: w.marker.toggle_flag(), some_photo),
    *_star_actions(),
    ActionSpec(
        "fewer-stars",
        "Photo/Stars",
        "One Star Less",
        ("[",),
        lambda w: w.marker.change_stars(-1),
        some_photo,
        separated=True,
    ),
    ActionSpec(
        "more-stars", "Photo/Stars", "One Star More", ("]",), lambda w: w.marker.change_stars(1), some_photo
    ),
    *_label_actions(),
)
