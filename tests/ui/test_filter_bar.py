"""The filter bar: what is clicked becomes one Filter and one order."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from culler.domain.assessment import Aspect
from culler.domain.decision import ColorLabel, Flag
from culler.domain.levels import Level
from culler.ranking.filters import Filter
from culler.ranking.order import SortKey
from culler.ui.filter_bar import FilterBar, count_words

# The offscreen platform warns that it cannot tell anybody the least size of a window.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints", extend=True)

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def bar(qtbot: QtBot) -> FilterBar:
    bar = FilterBar()
    qtbot.addWidget(bar)
    bar.show()
    return bar


def test_flags_add_up(bar: FilterBar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.filter_changed) as changed:
        bar.flags.buttons[Flag.PICK].click()
    assert changed.args == [Filter(flags=frozenset({Flag.PICK}))]
    with qtbot.waitSignal(bar.filter_changed) as changed:
        bar.flags.buttons[Flag.NONE].click()
    assert changed.args == [Filter(flags=frozenset({Flag.PICK, Flag.NONE}))]


def test_clicking_the_same_stars_again_lets_all_through(bar: FilterBar, qtbot: QtBot) -> None:
    third = QPoint(bar.stars.sizeHint().width() * 5 // 10, bar.stars.height() // 2)
    with qtbot.waitSignal(bar.filter_changed) as changed:
        QTest.mouseClick(bar.stars, LEFT, pos=third)
    assert changed.args[0].min_stars == 3
    with qtbot.waitSignal(bar.filter_changed) as changed:
        QTest.mouseClick(bar.stars, LEFT, pos=third)
    assert not changed.args[0]


def test_labels_can_be_several(bar: FilterBar, qtbot: QtBot) -> None:
    side = bar.labels.sizeHint().width() / 5
    for at in (0, 2):
        QTest.mouseClick(bar.labels, LEFT, pos=QPoint(round(side * (at + 0.5)), bar.labels.height() // 2))
    assert bar._filter.labels == {ColorLabel.RED, ColorLabel.GREEN}


def test_the_aspect_is_asked_only_with_a_level(bar: FilterBar, qtbot: QtBot) -> None:
    assert not bar.level.aspect.isVisible()
    with qtbot.waitSignal(bar.filter_changed) as changed:
        bar.level.level.setCurrentIndex(bar.level.level.findData(Level.GOOD))
    assert changed.args == [Filter(level=Level.GOOD)]
    assert bar.level.aspect.isVisible()
    with qtbot.waitSignal(bar.filter_changed) as changed:
        bar.level.aspect.setCurrentIndex(bar.level.aspect.findData(Aspect.AESTHETICS))
    assert changed.args == [Filter(level=Level.GOOD, aspect=Aspect.AESTHETICS)]


def test_scores_are_best_first_and_times_earliest_first(bar: FilterBar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.sort_changed) as changed:
        bar.sort.key.setCurrentIndex(bar.sort.key.findData(SortKey.QUALITY))
    assert changed.args == [SortKey.QUALITY, True]
    with qtbot.waitSignal(bar.sort_changed) as changed:
        bar.sort.direction.click()
    assert changed.args == [SortKey.QUALITY, False]
    with qtbot.waitSignal(bar.sort_changed) as changed:
        bar.sort.key.setCurrentIndex(bar.sort.key.findData(SortKey.NAME))
    assert changed.args == [SortKey.NAME, False]


def test_clearing_clears_everything(bar: FilterBar, qtbot: QtBot) -> None:
    bar.set_filter(Filter(flags=frozenset({Flag.PICK}), min_stars=2, text="paris", level=Level.FAIR))
    bar.set_count(3, 10)
    assert bar.clear.isVisible()
    assert bar.count.text() == "3 of 10"
    with qtbot.waitSignal(bar.filter_changed) as changed:
        bar.clear.click()
    assert not changed.args[0]
    assert bar.text.text() == ""
    assert not bar.flags.buttons[Flag.PICK].isChecked()


def test_the_search_field_shows_its_clear_button_only_with_text(bar: FilterBar, qtbot: QtBot) -> None:
    button = bar.text.findChild(QToolButton)
    assert button is not None
    bar.set_filter(Filter(text="paris"))
    qtbot.waitUntil(button.isVisible)
    bar.clear_filter()
    qtbot.waitUntil(lambda: not button.isVisible())


def test_escape_in_the_search_field_clears_it_and_goes_back(bar: FilterBar, qtbot: QtBot) -> None:
    bar.focus_search()
    QTest.keyClicks(bar.text, "x y")
    with qtbot.waitSignal(bar.left):
        QTest.keyClick(bar.text, Qt.Key.Key_Escape)
    assert bar._filter == Filter()


def test_setting_a_filter_says_nothing(bar: FilterBar, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(bar.filter_changed, wait=300):
        bar.set_filter(Filter(text=Path("a").name, flags=frozenset({Flag.REJECT})))


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((0, 0, 0, False), "0 photos"),
        ((1, 1, 0, False), "1 photo"),
        ((1200, 1200, 0, False), "1,200 photos"),
        ((3, 10, 0, False), "3 of 10"),
        ((3, 10, 2, False), "3 of 10, 2 hidden in stacks"),
        ((2, 10, 0, True), "2 missing"),
    ],
)
def test_photos_are_counted_in_words(counts: tuple[int, int, int, bool], words: str) -> None:
    assert count_words(*counts) == words
