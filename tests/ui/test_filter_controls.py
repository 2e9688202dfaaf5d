"""The controls of the filter bar, each alone: what they show, and that showing says nothing."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from culler.domain.assessment import Aspect
from culler.domain.decision import ColorLabel, Flag
from culler.domain.levels import Level
from culler.ui.flags_filter import FlagsFilter
from culler.ui.labels_filter import LabelsFilter
from culler.ui.level_filter import LevelFilter
from culler.ui.stars_filter import StarsFilter

LEFT = Qt.MouseButton.LeftButton


def strength(flags: FlagsFilter, flag: Flag) -> int:
    button = flags.buttons[flag]
    image = button.icon().pixmap(button.iconSize()).toImage()
    return max(image.pixelColor(x, y).alpha() for x in range(image.width()) for y in range(image.height()))


def test_chosen_flags_are_strong_and_the_others_faint(qtbot: QtBot) -> None:
    flags = FlagsFilter()
    qtbot.addWidget(flags)
    with qtbot.assertNotEmitted(flags.chosen):
        flags.set_flags(frozenset({Flag.PICK}))
    assert strength(flags, Flag.PICK) == 255
    assert strength(flags, Flag.REJECT) < 140


def test_the_last_flag_clicked_away_leaves_none_chosen(qtbot: QtBot) -> None:
    flags = FlagsFilter()
    qtbot.addWidget(flags)
    flags.set_flags(frozenset({Flag.REJECT}))
    with qtbot.waitSignal(flags.chosen) as chosen:
        flags.buttons[Flag.REJECT].click()
    assert chosen.args == [frozenset()]


def test_stars_tell_how_many_are_wanted_to_whoever_cannot_see_them(qtbot: QtBot) -> None:
    stars = StarsFilter()
    qtbot.addWidget(stars)
    stars.set_stars(3)
    assert stars.accessibleDescription() == "3 stars or more"
    stars.set_stars(0)
    assert stars.accessibleDescription() == "any number of stars"


def test_a_click_beyond_the_last_star_is_on_it(qtbot: QtBot) -> None:
    stars = StarsFilter()
    qtbot.addWidget(stars)
    stars.resize(stars.sizeHint().width() + 40, stars.sizeHint().height())
    with qtbot.waitSignal(stars.chosen) as chosen:
        QTest.mouseClick(stars, LEFT, pos=QPoint(stars.width() - 1, 3))
    assert chosen.args == [5]


def test_a_label_clicked_again_is_no_longer_chosen(qtbot: QtBot) -> None:
    labels = LabelsFilter()
    qtbot.addWidget(labels)
    labels.set_labels(frozenset({ColorLabel.RED, ColorLabel.BLUE}))
    with qtbot.waitSignal(labels.chosen) as chosen:
        QTest.mouseClick(labels, LEFT, pos=QPointF(3, 3).toPoint())
    assert chosen.args == [frozenset({ColorLabel.BLUE})]


def test_an_aspect_is_told_with_its_level(qapp: QApplication, qtbot: QtBot) -> None:
    levels = LevelFilter()
    qtbot.addWidget(levels)
    with qtbot.assertNotEmitted(levels.chosen):
        levels.set_level(Level.GOOD, Aspect.AESTHETICS)
    assert not levels.aspect.isHidden()
    with qtbot.waitSignal(levels.chosen) as chosen:
        levels.level.setCurrentIndex(levels.level.findData(Level.FAIR))
    assert chosen.args == [Level.FAIR, Aspect.AESTHETICS]
    levels.set_level(None, Aspect.AESTHETICS)
    assert levels.aspect.isHidden()
