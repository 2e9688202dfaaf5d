"""The action table as QActions: keys, menus, what is enabled, and what is told of it."""

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from culler.ui.action_spec import Preset, Situation
from culler.ui.action_table import ACTIONS
from culler.ui.actions import Actions


class Window(QMainWindow):
    """All of the window that "About Culler" asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []

    def show_about(self) -> None:
        self.done.append("about")


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    window = Window()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def actions(window: Window) -> Actions:
    return Actions(window, Preset.LIGHTROOM)


def keys(action: QAction) -> list[str]:
    return [key.toString() for key in action.shortcuts()]


def test_another_preset_gives_other_keys_and_tips(actions: Actions) -> None:
    assert keys(actions["pick"]) == ["P"]
    assert actions["pick"].toolTip() == "Pick (P)"
    actions.set_preset(Preset.PHOTO_MECHANIC)
    assert keys(actions["pick"]) == ["T", "P"]
    assert actions["pick"].toolTip() == "Pick (T, P)"
    assert actions.preset is Preset.PHOTO_MECHANIC


def test_an_action_is_carried_out_and_then_told(actions: Actions, window: Window, qtbot: QtBot) -> None:
    with qtbot.waitSignal(actions.triggered) as triggered:
        actions["about"].trigger()
        assert window.done == ["about"]
    assert triggered.args == ["about"]


def test_every_action_is_in_the_menu_that_its_row_names_in_the_order_of_rows(
    actions: Actions, window: Window
) -> None:
    menus = actions.fill(window.menuBar())
    for name, menu in menus.items():
        shown = [each for each in menu.actions() if not each.isSeparator() and each.menu() is None]
        assert shown == [actions[spec.id] for spec in ACTIONS if spec.menu == name]


def test_a_line_is_drawn_above_rows_that_ask_for_one(actions: Actions, window: Window) -> None:
    rows = actions.fill(window.menuBar())["File"].actions()
    assert rows[rows.index(actions["export"]) - 1].isSeparator()
    assert not rows[rows.index(actions["failures"]) - 1].isSeparator()


def test_one_view_at_a_time_is_checked(actions: Actions) -> None:
    actions["grid"].setChecked(True)
    actions["loupe"].setChecked(True)
    assert not actions["grid"].isChecked()


@pytest.mark.parametrize(("view", "enabled"), [("grid", False), ("welcome", False), ("loupe", True)])
def test_the_grid_keeps_its_arrows(actions: Actions, view: str, enabled: bool) -> None:
    actions.refresh(Situation(ready=True, opened=True, shown=9, targets=1, view=view))
    assert [actions[move].isEnabled() for move in ("next", "previous", "first", "last")] == [enabled] * 4
    assert actions["pick"].isEnabled()


def test_nothing_can_be_marked_where_nothing_is_shown(actions: Actions) -> None:
    actions.refresh(Situation(ready=True))
    assert not actions["pick"].isEnabled()
    assert actions["open"].isEnabled()
