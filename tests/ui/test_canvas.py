"""Zoom and pan of one photo, in pixels."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from culler.ui import bitmaps
from culler.ui.canvas import PhotoCanvas
from culler.ui.look import FIT, Look
from culler.ui.scaling import Scaler, Wanted

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
    assert not canvas.has_whole_of("a")
    canvas.set_full(picture(600, 400), "a")
    assert canvas.has_whole_of("a") and not canvas.has_whole_of("b")
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


# Scaled in a thread


def stripes(width: int, height: int) -> QImage:
    """Columns of black and white by turns: grey from afar."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    for x in range(0, width, 2):
        for y in range(height):
            image.setPixelColor(x, y, QColor("white"))
    return image


def shown(canvas: PhotoCanvas, x: int = 100, y: int = 50) -> tuple[int, int, int]:
    ratio = canvas.devicePixelRatioF()
    return canvas.grab().toImage().pixelColor(round(x * ratio), round(y * ratio)).getRgb()[:3]


@pytest.fixture
def scaler(qtbot: QtBot) -> Iterator[Scaler]:
    made = Scaler()
    yield made
    made.close()


@pytest.fixture
def sharp(qtbot: QtBot, scaler: Scaler) -> PhotoCanvas:
    canvas = PhotoCanvas(scaler=scaler)
    qtbot.addWidget(canvas)
    canvas.resize(200, 100)
    canvas.show()
    return canvas


def test_fine_lines_are_grey_from_afar(sharp: PhotoCanvas, scaler: Scaler, qtbot: QtBot) -> None:
    with qtbot.waitSignal(scaler.scaled):
        sharp.set_preview(stripes(700, 300), QSize(700, 300), "a")
        sharp.grab()
    row = [shown(sharp, x)[0] for x in range(60, 140)]
    assert max(row) - min(row) < 12
    assert abs(sum(row) / len(row) - 128) < 6


def test_the_window_paints_at_once_while_a_picture_is_scaled(
    sharp: PhotoCanvas, scaler: Scaler, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    scaled = bitmaps.scaled
    monkeypatch.setattr(bitmaps, "scaled", lambda *parts: gate.wait(5) and scaled(*parts))
    sharp.set_preview(picture(600, 300), QSize(600, 300), "a")
    red, green, _ = shown(sharp)
    assert abs(red - 127) < 4
    assert abs(green - 127) < 4
    with qtbot.waitSignal(scaler.scaled):
        gate.set()
    assert abs(shown(sharp)[0] - 127) < 4


def test_of_many_sizes_asked_for_only_the_last_is_made(
    scaler: Scaler, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, begun = threading.Event(), threading.Event()
    scaled = bitmaps.scaled

    def slow(image: QImage, part: QRectF, size: QSize) -> QImage:
        begun.set()
        gate.wait(5)
        return scaled(image, part, size)

    monkeypatch.setattr(bitmaps, "scaled", slow)
    image, who, sizes = picture(100, 50), object(), []
    scaler.scaled.connect(lambda wanted, _: sizes.append(wanted.size.width()))
    for width in (90, 80, 70, 60):
        scaler.ask(Wanted(who, "a", image, QRectF(image.rect()), QSize(width, width // 2)))
        begun.wait(5)
    gate.set()
    qtbot.waitUntil(lambda: sizes == [90, 60])


def test_the_whole_picture_takes_over_without_getting_rough(
    sharp: PhotoCanvas, scaler: Scaler, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with qtbot.waitSignal(scaler.scaled):
        sharp.set_preview(stripes(150, 75), QSize(600, 300), "a")
        sharp.grab()
    before = sharp.grab().toImage()
    monkeypatch.setattr(scaler, "ask", lambda wanted: None)
    sharp.set_full(picture(600, 300), "a")
    assert sharp.grab().toImage() == before


def test_at_one_to_one_pixels_are_the_photos_own(sharp: PhotoCanvas) -> None:
    sharp.set_full(stripes(600, 300), "a")
    sharp.set_look(Look(1.0, 0.5, 0.5))
    assert {shown(sharp, x)[0] for x in range(60, 140)} == {0, 255}


def test_a_thumbnail_stands_in_until_the_preview_comes(sharp: PhotoCanvas) -> None:
    sharp.clear("", QPixmap.fromImage(picture(60, 40)))
    red, green, _ = shown(sharp)
    assert abs(red - 127) < 10
    assert abs(green - 127) < 10
    assert not sharp.has_preview_of("a")


# What is said over the picture


def test_it_says_that_the_whole_picture_is_being_read(canvas: PhotoCanvas, qtbot: QtBot) -> None:
    canvas.zoom_at(QPointF(100, 50), 1.0)
    assert canvas.note == ""
    qtbot.waitUntil(lambda: "preview" in canvas.note)
    canvas.set_full(picture(600, 400), "a")
    assert canvas.note == ""


def test_it_says_so_where_only_the_preview_can_be_shown(canvas: PhotoCanvas) -> None:
    canvas.zoom_at(QPointF(100, 50), 1.0)
    canvas.refuse_full("Cannot show A.DNG: it takes too much memory.")
    assert canvas.note == "This is only the preview. Cannot show A.DNG: it takes too much memory."
    canvas.set_preview(picture(150, 100), QSize(150, 100), "b")
    assert canvas.note == ""
