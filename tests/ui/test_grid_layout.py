"""The arithmetic of the grid holds for every number of photos and every width."""

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, QSize

from culler.ui.grid_layout import GridLayout

layouts = st.builds(
    lambda count, page, wanted, gap: GridLayout.fitted(count, page, wanted, gap, lambda w: QSize(w, w + 40)),
    count=st.integers(0, 5000),
    page=st.integers(60, 4000),
    wanted=st.integers(60, 600),
    gap=st.integers(1, 12),
)


@given(layouts, st.data())
def test_a_cell_is_found_at_its_corners_and_not_beyond(layout: GridLayout, data: st.DataObject) -> None:
    if not layout.count:
        return
    row = data.draw(st.integers(0, layout.count - 1))
    rect = layout.rect_of(row)
    assert layout.row_at(rect.topLeft()) == layout.row_at(rect.bottomRight()) == row
    assert layout.row_at(rect.bottomRight() + QPoint(1, 0)) == -1
    assert layout.row_at(rect.topLeft() - QPoint(0, 1)) == -1
    assert rect.bottom() < layout.height


@given(layouts, st.integers(-500, 10**6), st.integers(1, 3000))
def test_rows_between_two_heights_are_those_whose_cells_lie_there(
    layout: GridLayout, top: int, height: int
) -> None:
    first, last = layout.rows_between(top, top + height)
    band = QRect(0, top, 10**5, height + 1)
    for row in (first - 1, last + 1):
        if 0 <= row < layout.count:
            assert not layout.rect_of(row).intersects(band)
    assert -1 <= last < layout.count
    assert first >= 0


@given(layouts, st.data())
def test_a_band_touches_exactly_the_cells_it_intersects(layout: GridLayout, data: st.DataObject) -> None:
    x, y = data.draw(st.integers(-50, 2000)), data.draw(st.integers(-50, 3000))
    band = QRect(x, y, data.draw(st.integers(1, 1500)), data.draw(st.integers(1, 800)))
    touched = {row for first, last in layout.touched(band) for row in range(first, last + 1)}
    near = range(*_near(layout, band))
    assert touched == {row for row in near if layout.rect_of(row).intersects(band)}


def _near(layout: GridLayout, band: QRect) -> tuple[int, int]:
    first, last = layout.rows_between(band.top() - layout.pitch, band.bottom() + layout.pitch)
    return first, last + 1


@given(layouts, st.data())
def test_up_and_down_stay_in_the_column_but_for_a_short_last_line(
    layout: GridLayout, data: st.DataObject
) -> None:
    if not layout.count:
        return
    row = data.draw(st.integers(0, layout.count - 1))
    away = layout.row_away(row, data.draw(st.integers(-40, 40)))
    assert 0 <= away < layout.count
    assert away % layout.columns == row % layout.columns or away == layout.count - 1
