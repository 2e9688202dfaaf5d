"""The search field tells what is typed, and keeps the keys that it needs."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from culler.ui.search_field import TYPING_PAUSE_MS, SearchField


@pytest.fixture
def field(qtbot: QtBot) -> SearchField:
    field = SearchField()
    qtbot.addWidget(field)
    field.show()
    return field


def test_what_is_typed_is_told_once_when_the_typing_pauses(field: SearchField, qtbot: QtBot) -> None:
    told: list[str] = []
    field.searched.connect(told.append)
    with qtbot.waitSignal(field.searched):
        QTest.keyClicks(field, "paris 2")
    assert told == ["paris 2"]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Down])
def test_leaving_tells_at_once_what_was_typed_and_then_that_it_is_left(
    field: SearchField, key: Qt.Key
) -> None:
    told: list[str] = []
    field.searched.connect(told.append)
    field.left.connect(lambda: told.append("left"))
    QTest.keyClicks(field, "x")
    QTest.keyClick(field, key)
    assert told == ["x", "left"]


def test_what_is_shown_from_outside_is_not_told(field: SearchField, qtbot: QtBot) -> None:
    QTest.keyClicks(field, "x")
    with qtbot.assertNotEmitted(field.searched, wait=TYPING_PAUSE_MS * 2):
        field.show_text("paris")
    assert field.text() == "paris"


def test_keys_of_a_text_are_no_shortcuts_and_those_with_ctrl_may_be(field: SearchField) -> None:
    def is_kept(key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers)
        event.ignore()
        QApplication.sendEvent(field, event)
        return event.isAccepted()

    assert is_kept(Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier)
    assert is_kept(Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    assert not is_kept(Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
