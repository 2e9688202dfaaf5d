"""The rubber band keeps its first corner on the photos."""

from PySide6.QtCore import QPoint, QRect

from culler.ui.rubber_band import RubberBand


def test_the_first_corner_scrolls_with_the_photos_and_the_second_stays_at_the_cursor() -> None:
    band = RubberBand()
    band.begin(QPoint(10, 100), 500)
    band.reach(QPoint(80, 160))
    assert band.rect(500) == QRect(QPoint(10, 100), QPoint(80, 160))
    assert band.rect(540) == QRect(QPoint(10, 60), QPoint(80, 160))


def test_a_band_drawn_upwards_covers_the_same() -> None:
    band = RubberBand()
    band.begin(QPoint(80, 160), 0)
    band.reach(QPoint(10, 100))
    assert band.rect(0) == QRect(QPoint(80, 160), QPoint(10, 100)).normalized()
    assert band.rect(0).contains(QPoint(40, 130))
