"""What is said over a picture, and when."""

import pytest
from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from culler.ui.picture_note import PATIENCE_MS, PictureNote, paint_note


@pytest.fixture
def note(qapp: QObject) -> PictureNote:
    return PictureNote(qapp)


def test_a_note_goes_before_the_caption_and_leaves_it(note: PictureNote) -> None:
    note.set_caption("The file is damaged.")
    note.say("This is only the preview.")
    assert note.text == "This is only the preview."
    note.say("")
    assert note.text == "The file is damaged."


def test_saying_the_same_again_changes_nothing(note: PictureNote, qtbot: QtBot) -> None:
    note.say("This is only the preview.")
    with qtbot.assertNotEmitted(note.changed):
        note.say("This is only the preview.")


def test_a_long_reading_is_announced_and_forgotten(note: PictureNote, qtbot: QtBot) -> None:
    with qtbot.waitSignal(note.changed):
        note.await_reading()
        assert note.text == ""
    assert "preview" in note.text
    note.forget_reading()
    assert note.text == ""


def test_a_reading_that_nobody_waits_for_any_more_is_not_announced(note: PictureNote, qtbot: QtBot) -> None:
    note.await_reading()
    note.forget_reading()
    with qtbot.assertNotEmitted(note.changed, wait=PATIENCE_MS * 2):
        pass


def test_why_there_is_only_the_preview_stays_said(note: PictureNote, qtbot: QtBot) -> None:
    note.say("This is only the preview.")
    with qtbot.assertNotEmitted(note.changed, wait=PATIENCE_MS * 2):
        note.await_reading()
    note.forget_reading()
    assert note.text == "This is only the preview."


def test_a_note_is_painted_at_the_foot(qapp: QApplication) -> None:
    picture = QImage(400, 300, QImage.Format.Format_RGB32)
    picture.fill(QColor("grey"))
    painter = QPainter(picture)
    paint_note(painter, QRect(0, 0, 400, 300), QFontMetrics(qapp.font()), "This is only the preview.")
    painter.end()
    painted = [
        y for y in range(300) if any(picture.pixelColor(x, y) != QColor("grey") for x in range(0, 400, 5))
    ]
    assert 150 < painted[0] < painted[-1] < 299
