"""The order of photos as a choice of key and end."""

import pytest
from pytestqt.qtbot import QtBot

from culler.ranking.order import SortKey
from culler.ui.sort_choice import SortChoice, end_words


@pytest.fixture
def sort(qtbot: QtBot) -> SortChoice:
    sort = SortChoice()
    qtbot.addWidget(sort)
    return sort


@pytest.mark.parametrize("key", [SortKey.OVERALL, SortKey.QUALITY, SortKey.AESTHETICS, SortKey.TASTE])
def test_judgements_begin_with_the_best_or_the_worst(key: SortKey) -> None:
    assert (end_words(key, True), end_words(key, False)) == ("Best first", "Worst first")


def test_other_orders_name_their_ends() -> None:
    assert end_words(SortKey.TIME, True) == "Latest first"
    assert end_words(SortKey.NAME, False) == "A to Z"
    assert end_words(SortKey.SPREAD, True) == "Least sure first"


def test_it_begins_with_the_earliest_photo(sort: SortChoice) -> None:
    assert sort.key.currentData() == SortKey.TIME
    assert (sort.direction.text(), sort.direction.toolTip()) == ("↑", "Earliest first")


def test_showing_an_order_says_nothing(sort: SortChoice, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(sort.changed):
        sort.set_sort(SortKey.QUALITY, True)
    assert sort.key.currentText() == "Quality"
    assert (sort.direction.text(), sort.direction.accessibleName()) == ("↓", "Best first")


def test_without_taste_photos_that_were_sorted_by_it_are_sorted_by_another_key(
    sort: SortChoice, qtbot: QtBot
) -> None:
    sort.offer_taste(True)
    sort.offer_taste(True)
    sort.key.setCurrentIndex(sort.key.findData(SortKey.TASTE))
    with qtbot.waitSignal(sort.changed) as changed:
        sort.offer_taste(False)
    assert changed.args[0] != SortKey.TASTE
    assert sort.key.findData(SortKey.TASTE) < 0
