"""Zoom and pan of one photo, in pixels."""

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from culler.ui.canvas import FIT, Look, PhotoCanvas

LEFT = Qt.MouseButton.LeftButton


def picture(width: int, height: int) -> QImage:
    """Red grows to the right, green downwards."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    for x in range(width):
        for y in range(height):
            image.setPixelColor(x, y, QColor(x * 255 // width, y * 255 // height, 0))
    return image


@pytest.fixture
def canvas(qtbot: QtBot) -> PhotoCanvas:
    canvas = PhotoCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(200, 100)
    canvas.set_preview(picture(150, 100), QSize(600, 400), "a")
    canvas.show()
    return canvas


def test_a_photo_is_fitted_whole_and_centred(canvas: PhotoCanvas) -> None:
    where = canvas.picture_rect()
    assert (where.width(), where.height()) == (150, 100)
    assert where.left() == 25


def test_one_to_one_is_one_pixel_of_the_photo_on_one_of_the_screen(canvas: PhotoCanvas) -> None:
    canvas.zoom_at(QPointF(100, 50), 1.0)
    assert canvas.picture_rect().width() == 600 / canvas.devicePixelRatioF()


def test_a_full_picture_at_half_size_is_shown_as_large_as_the_photo_is(canvas: PhotoCanvas) -> None:
    canvas.zoom_at(QPointF(100, 50), 1.0)
    canvas.set_full(picture(300, 200), "a")
    assert canvas.reduction == 2
    assert canvas.picture_rect().width() == 600 / canvas.devicePixelRatioF()
    canvas.set_full(picture(590, 396), "a")
    assert canvas.reduction == 1


def test_what_is_under_the_cursor_stays_there(canvas: PhotoCanvas) -> None:
    point = QPointF(70, 40)
    before = canvas.picture_rect()
    share = (point.x() - before.left()) / before.width()
    canvas.zoom_at(point, 2.0)
    after = canvas.picture_rect()
    assert (point.x() - after.left()) / after.width() == pytest.approx(share, abs=0.01)


def test_the_edge_of_the_photo_stays_at_the_edge_of_the_view(canvas: PhotoCanvas) -> None:
    canvas.set_look(Look(1.0, 0.0, 0.0))
    assert canvas.picture_rect().topLeft() == QPointF(0, 0)


def test_dragging_pans(canvas: PhotoCanvas, qtbot: QtBot) -> None:
    canvas.set_look(Look(1.0, 0.5, 0.5))
    left = canvas.picture_rect().left()
    QTest.mousePress(canvas, LEFT, pos=QPoint(100, 50))
    QTest.mouseMove(canvas, QPoint(80, 50))
    QTest.mouseRelease(canvas, LEFT, pos=QPoint(80, 50))
    assert canvas.picture_rect().left() == pytest.approx(left - 20, abs=1)
    assert canvas.look.zoom == 1.0


def test_a_click_goes_to_one_to_one_and_back(canvas: PhotoCanvas) -> None:
    QTest.mouseClick(canvas, LEFT, pos=QPoint(100, 50))
    assert canvas.look.zoom == 1.0
    QTest.mouseClick(canvas, LEFT, pos=QPoint(100, 50))
    assert canvas.look == FIT


def test_the_full_picture_is_wanted_only_close_up(canvas: PhotoCanvas, qtbot: QtBot) -> None:
    wanted: list[bool] = []
    canvas.full_wanted.connect(lambda: wanted.append(True))
    canvas.set_preview(picture(300, 200), QSize(600, 400), "b")
    assert not wanted
    with qtbot.waitSignal(canvas.full_wanted):
        canvas.zoom_at(QPointF(100, 50), 1.0)


def test_the_full_picture_takes_the_place_of_the_preview(canvas: PhotoCanvas) -> None:
    canvas.set_look(Look(1.0, 0.5, 0.5))
    before = canvas.picture_rect()
    canvas.set_full(picture(600, 400), "a")
    assert canvas.picture_rect() == before
    shown = canvas.grab().toImage()
    at = QPointF(100, 50) - before.topLeft()
    expected = QColor(int(at.x()) * 255 // 600, int(at.y()) * 255 // 400, 0)
    ratio = canvas.devicePixelRatioF()
    color = shown.pixelColor(round(100 * ratio), round(50 * ratio))
    assert abs(color.red() - expected.red()) <= 2
    assert abs(color.green() - expected.green()) <= 2


def test_small_pictures_are_not_blown_up_beyond_twice(canvas: PhotoCanvas) -> None:
    canvas.set_preview(picture(20, 10), QSize(20, 10), "small")
    assert canvas.picture_rect().width() == 40
