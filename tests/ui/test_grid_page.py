"""What of a grid is on screen, and where keys and scrolling lead: ten columns, cells of 100 × 120."""

import pytest
from PySide6.QtCore import QPoint, QRect, QSize

from culler.ui.grid_layout import GridLayout
from culler.ui.grid_page import GridPage, Hint, Move

LAYOUT = GridLayout(count=95, columns=10, cell=QSize(100, 120), left=10, gap=10)


def page(offset: int = 0, height: int = 400, count: int = 95) -> GridPage:
    return GridPage(GridLayout(count, 10, QSize(100, 120), 10, 10), offset, height)


def test_a_cell_lies_higher_by_what_is_scrolled_and_is_found_there() -> None:
    scrolled = page(offset=200)
    assert scrolled.rect_of(20) == LAYOUT.rect_of(20).translated(0, -200)
    assert scrolled.row_at(scrolled.rect_of(20).center()) == 20
    assert scrolled.row_at(scrolled.rect_of(20).topLeft() - QPoint(1, 0)) == -1


def test_the_rows_on_screen_are_whole_lines() -> None:
    assert page(offset=200).rows_in(QRect(0, 0, 1110, 100)) == (10, 29)


def test_a_band_takes_what_it_touches_in_whichever_direction_it_was_drawn() -> None:
    drawn = QRect(QPoint(130, 20), QPoint(300, 150))
    backwards = QRect(drawn.bottomRight(), drawn.topLeft())
    assert page(offset=130).runs_touched(drawn) == [(11, 12), (21, 22)]
    assert page(offset=130).runs_touched(backwards) == [(11, 12), (21, 22)]


def test_a_run_goes_from_photo_to_photo_whichever_came_first() -> None:
    at = page()
    one, other = at.rect_of(3).center(), at.rect_of(21).center()
    assert at.runs_between(one, other) == at.runs_between(other, one) == [(3, 21)]
    assert at.runs_between(one, QPoint(0, 0)) == [(3, 3)]
    assert at.runs_between(QPoint(0, 0), QPoint(1, 1)) == []


@pytest.mark.parametrize(
    ("move", "row", "after"),
    [
        (Move.MoveLeft, 30, 29),
        (Move.MovePrevious, 0, 0),
        (Move.MoveRight, 94, 94),
        (Move.MoveNext, 9, 10),
        (Move.MoveUp, 25, 15),
        (Move.MoveUp, 5, 5),
        (Move.MoveDown, 87, 94),
        (Move.MovePageDown, 3, 33),
        (Move.MovePageUp, 88, 58),
        (Move.MoveHome, 50, 0),
        (Move.MoveEnd, 50, 94),
    ],
)
def test_keys_lead_along_lines_and_columns_and_stop_at_the_ends(move: Move, row: int, after: int) -> None:
    assert page().row_after(row, move) == after


def test_a_page_is_a_line_where_not_even_one_fits() -> None:
    assert page(height=90).row_after(3, Move.MovePageDown) == 13


def scrolled_by(at: GridPage, row: int, hint: Hint) -> GridPage:
    moved = at.scroll_to_show(row, hint)
    return at if moved is None else GridPage(at.layout, at.offset + moved, at.height)


def test_what_is_in_sight_may_stay() -> None:
    assert page().scroll_to_show(15, Hint.EnsureVisible) is None


def test_what_is_above_comes_to_the_top_and_what_is_below_to_the_bottom_with_its_gap() -> None:
    assert scrolled_by(page(offset=500), 0, Hint.EnsureVisible).rect_of(0).top() == 10
    assert scrolled_by(page(), 60, Hint.EnsureVisible).rect_of(60).bottom() + 1 == 400 - 10


def test_hints_put_a_cell_where_they_say() -> None:
    assert scrolled_by(page(), 60, Hint.PositionAtTop).rect_of(60).top() == 10
    assert scrolled_by(page(offset=900), 60, Hint.PositionAtBottom).rect_of(60).bottom() + 1 == 390
    assert scrolled_by(page(), 60, Hint.PositionAtCenter).rect_of(60).center().y() == 200


def test_a_cell_larger_than_the_page_shows_its_top() -> None:
    assert scrolled_by(page(height=80), 60, Hint.EnsureVisible).rect_of(60).top() == 10
