"""What the judge dialog offers the embedded judge to learn."""

import pytest
from pytestqt.qtbot import QtBot

from culler.ui.judge_dialog import JudgeDialog

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints", extend=True)


@pytest.fixture
def dialog(qtbot: QtBot) -> JudgeDialog:
    dialog = JudgeDialog(list, str, str)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_nothing_is_offered_where_there_is_nothing_to_learn(dialog: JudgeDialog) -> None:
    assert not dialog.learn_button.isVisible()
    assert not dialog.shipped_button.isVisible()
    assert not dialog.offer.isVisible()


def test_learning_is_offered_and_wanted_by_a_click(dialog: JudgeDialog, qtbot: QtBot) -> None:
    dialog.offer_learning("qalign has judged 120 photos here.", False)
    assert dialog.offer.isVisible() and "120 photos" in dialog.offer.text()
    assert not dialog.shipped_button.isVisible()
    with qtbot.waitSignal(dialog.learning_wanted, timeout=1000):
        dialog.learn_button.click()
    assert not dialog.isVisible()


def test_what_was_learnt_can_be_given_up(dialog: JudgeDialog, qtbot: QtBot) -> None:
    dialog.offer_learning("", True)
    assert not dialog.learn_button.isVisible()
    with qtbot.waitSignal(dialog.shipped_wanted, timeout=1000):
        dialog.shipped_button.click()
