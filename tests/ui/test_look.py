"""Zoom and pan as numbers: a photo of 600 × 400 in a view of 200 × 100, on ordinary and on dense screens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize

from culler.ui.look import FIT, MAX_ZOOM, Framing, Look


def framing(width: int = 600, height: int = 400, ratio: float = 1.0) -> Framing:
    return Framing(QSize(width, height), QSize(200, 100), ratio)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_a_fitted_photo_lies_whole_in_the_middle(ratio: float) -> None:
    assert framing(ratio=ratio).rect(FIT) == QRectF(25, 0, 150, 100)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_one_to_one_is_a_pixel_of_the_screen_and_not_of_the_window(ratio: float) -> None:
    assert framing(ratio=ratio).rect(Look(1.0)).width() == pytest.approx(600 / ratio)


def test_a_small_photo_is_fitted_by_doubling_it_and_no_more() -> None:
    assert framing(20, 10).rect(FIT).width() == 40
    assert framing(20, 10, ratio=2.0).rect(FIT).width() == 40


def test_no_photo_at_all_has_a_zoom() -> None:
    nothing = Framing(QSize(), QSize(200, 100), 1.0)
    assert nothing.fit_zoom == 1.0
    assert nothing.clamped(Look(3.0, 7, 7)) == Look(3.0, 7, 7)


def test_edges_stay_at_the_views_edges() -> None:
    at = framing()
    assert at.rect(at.clamped(Look(1.0, 0, 0))).topLeft() == QPointF(0, 0)
    assert at.rect(at.clamped(Look(1.0, 1, 1))).bottomRight() == QPointF(200, 100)


def test_a_photo_smaller_than_the_view_stays_in_the_middle() -> None:
    assert framing(60, 40).clamped(Look(1.0, 0, 1)) == Look(1.0, 0.5, 0.5)


def test_nobody_comes_closer_than_the_closest() -> None:
    assert framing().clamped(Look(100.0)).zoom == MAX_ZOOM


@given(st.floats(30, 170), st.floats(5, 95), st.floats(1, MAX_ZOOM), st.sampled_from([1.0, 1.5, 2.0]))
def test_what_is_under_the_point_stays_there_but_for_rounding(
    x: float, y: float, zoom: float, ratio: float
) -> None:
    at = Framing(QSize(6000, 4000), QSize(200, 100), ratio)
    before = at.rect(FIT)
    after = at.rect(at.zoomed(FIT, QPointF(x, y), zoom))
    share_x, share_y = (x - before.left()) / before.width(), (y - before.top()) / before.height()
    # Photos' edges go before; and whole device pixels may be off by one.
    if after.left() < -1 and after.right() > 201:
        assert after.left() + share_x * after.width() == pytest.approx(x, abs=1)
    if after.top() < -1 and after.bottom() > 101:
        assert after.top() + share_y * after.height() == pytest.approx(y, abs=1)


def test_beside_the_photo_the_middle_is_zoomed() -> None:
    look = framing().zoomed(FIT, QPointF(3, 50), 1.0)
    assert (look.x, look.y) == pytest.approx((0.5, 0.5), abs=0.005)


def test_a_wheel_zooms_in_by_quarters_and_out_as_far_as_fitted() -> None:
    at, middle = framing(), QPointF(100, 50)
    closer = at.wheeled(FIT, middle, 1)
    assert closer.zoom == pytest.approx(at.fit_zoom * 1.25)
    assert at.wheeled(closer, middle, -1) == FIT
    assert at.wheeled(FIT, middle, 100).zoom == MAX_ZOOM


def test_a_drag_pulls_the_photo_along_and_leaves_a_fitted_one() -> None:
    at = framing(ratio=2.0)
    look = Look(2.0)
    moved = at.dragged(look, QPoint(-20, 10))
    assert at.rect(moved).topLeft() - at.rect(look).topLeft() == QPointF(-20, 10)
    assert at.dragged(FIT, QPoint(-20, 10)) == FIT
