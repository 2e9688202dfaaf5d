"""The table of actions: keys as photographers expect them, none given twice."""

import pytest

from culler.ui.action_keys import key_names, keys_in, sheet
from culler.ui.action_spec import Preset, Situation
from culler.ui.action_table import ACTIONS

SPECS = {spec.id: spec for spec in ACTIONS}


def keys(action_id: str, preset: Preset = Preset.LIGHTROOM) -> tuple[str, ...]:
    return keys_in(SPECS[action_id], preset)


@pytest.mark.parametrize("view", ["grid", "loupe", "compare", "survey", "pairwise"])
@pytest.mark.parametrize("preset", list(Preset))
def test_no_key_means_two_things_at_once(preset: Preset, view: str) -> None:
    now = Situation(
        ready=True, opened=True, shown=9, targets=1, view=view, stacked=True, suggested=True, in_queue=3
    )
    given = [key for spec in ACTIONS if spec.when(now) for key in keys_in(spec, preset)]
    assert sorted(given) == sorted(set(given))


def test_lightroom_is_the_convention() -> None:
    wanted = {
        "pick": "P", "reject": "X", "unflag": "U", "toggle-flag": "`", "stars-3": "3", "stars-0": "0",
        "fewer-stars": "[", "more-stars": "]", "label-red": "6", "label-blue": "9", "grid": "G", "loupe": "E",
        "compare": "C", "survey": "N", "zoom": "Z", "panels": "Tab", "filter-bar": "\\", "info": "I",
        "full-screen": "F", "lights": "L", "undo": "Ctrl+Z", "redo": "Ctrl+Shift+Z", "export": "Ctrl+E",
        "keys": "?",
    }  # fmt: skip
    assert {action: keys(action)[0] for action in wanted} == wanted
    assert "Del" in keys("reject")
    assert "Space" in keys("zoom")
    assert "Return" in keys("loupe")


def test_photo_mechanic_has_colours_on_digits_and_stars_with_ctrl() -> None:
    assert keys("label-red", Preset.PHOTO_MECHANIC) == ("1",)
    assert keys("stars-1", Preset.PHOTO_MECHANIC) == ("Ctrl+1",)
    assert keys("pick", Preset.PHOTO_MECHANIC)[0] == "T"


def test_darktable_rejects_with_r_and_labels_with_function_keys() -> None:
    assert keys("reject", Preset.DARKTABLE)[0] == "R"
    assert [keys(f"label-{label}", Preset.DARKTABLE) for label in ("red", "purple")] == [("F1",), ("F5",)]
    assert keys("stars-4", Preset.DARKTABLE) == ("4",)


@pytest.mark.parametrize("preset", list(Preset))
def test_the_sheet_lists_every_action_that_has_a_key(preset: Preset) -> None:
    listed = [text for rows in sheet(preset).values() for text, _ in rows]
    assert listed == sorted(listed, key=listed.index)
    assert len(listed) == sum(bool(keys_in(spec, preset)) for spec in ACTIONS)


def test_enter_is_named_once() -> None:
    assert key_names(("E", "Return", "Enter")) == ["E", "Enter"]
