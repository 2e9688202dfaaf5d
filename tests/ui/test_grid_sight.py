"""Which photos are said to be in sight, and when."""

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from culler.ui.grid_sight import Sight, in_sight

IDS = np.arange(100, 200)


def test_the_page_comes_first_then_the_next_then_the_last_from_its_end() -> None:
    assert in_sight(IDS, 10, 12) == [110, 111, 112, 113, 114, 115, 109, 108, 107]


def test_at_the_ends_there_is_less_to_say() -> None:
    assert in_sight(IDS, 0, 2) == [100, 101, 102, 103, 104, 105]
    assert in_sight(IDS, 98, 99) == [198, 199, 197, 196]
    assert in_sight(IDS[:0], 0, -1) == []


@pytest.fixture
def rows() -> list[int]:
    """First and last row on screen; to be changed."""
    return [0, 2]


@pytest.fixture
def sight(qapp: QObject, rows: list[int]) -> Sight:
    return Sight(lambda: IDS, lambda: (rows[0], rows[1]), qapp)


def test_what_is_in_sight_is_told_once(sight: Sight, rows: list[int], qtbot: QtBot) -> None:
    told: list[list[int]] = []
    sight.changed.connect(told.append)
    with qtbot.waitSignal(sight.changed):
        sight.tell_soon()
        sight.tell_soon()
    with qtbot.assertNotEmitted(sight.changed, wait=60):
        sight.tell_soon()
    rows[:] = [3, 5]
    with qtbot.waitSignal(sight.changed):
        sight.tell_soon()
    assert [ids[0] for ids in told] == [100, 103]


def test_what_was_told_is_told_anew_where_its_pictures_are_too_small(sight: Sight, qtbot: QtBot) -> None:
    with qtbot.waitSignal(sight.changed):
        sight.tell_soon()
    with qtbot.waitSignal(sight.changed):
        sight.tell_anew()
