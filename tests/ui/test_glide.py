"""A scroll bar that glides, without a view."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QScrollBar
from pytestqt.qtbot import QtBot

from culler.ui.glide import NOTCH, Glide


def wheel(turned: int, pixels: int = 0) -> QWheelEvent:
    return QWheelEvent(
        QPointF(),
        QPointF(),
        QPoint(0, pixels),
        QPoint(0, turned),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )


@pytest.fixture
def bar(qtbot: QtBot) -> QScrollBar:
    bar = QScrollBar()
    qtbot.addWidget(bar)
    bar.setRange(0, 1000)
    return bar


def test_only_whole_notches_of_a_wheel_glide(bar: QScrollBar) -> None:
    glide = Glide(bar)
    assert glide.takes(wheel(NOTCH))
    assert glide.takes(wheel(-2 * NOTCH))
    assert not any(glide.takes(event) for event in (wheel(0), wheel(35), wheel(NOTCH, pixels=12)))


def test_notches_in_quick_succession_add_up(bar: QScrollBar, qtbot: QtBot) -> None:
    glide = Glide(bar)
    for _ in range(3):
        glide.turn(wheel(-NOTCH), 150)
    assert bar.value() < 450
    qtbot.waitUntil(lambda: bar.value() == 450)


def test_it_ends_at_the_end(bar: QScrollBar, qtbot: QtBot) -> None:
    bar.setValue(900)
    Glide(bar).turn(wheel(-NOTCH), 5000)
    qtbot.waitUntil(lambda: bar.value() == 1000)


def test_beyond_the_end_there_is_nothing_to_come_back_from(bar: QScrollBar, qtbot: QtBot) -> None:
    glide = Glide(bar)
    glide.turn(wheel(-NOTCH), 5000)
    glide.turn(wheel(NOTCH), 100)
    qtbot.waitUntil(lambda: bar.value() == 900)


def test_it_can_be_stopped_on_the_way(bar: QScrollBar, qtbot: QtBot) -> None:
    glide = Glide(bar)
    bar.valueChanged.connect(glide.stop)
    with qtbot.waitSignal(bar.valueChanged):
        glide.turn(wheel(-NOTCH), 1000)
    with qtbot.assertNotEmitted(bar.valueChanged, wait=100):
        pass
