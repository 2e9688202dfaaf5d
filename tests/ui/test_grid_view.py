"""The grid as a hand and a keyboard use it: places, selection, scrolling, keeping one's place."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, QPointF, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication
from pytestqt.qtbot import QtBot

from culler.ranking.columns import empty
from culler.ui import theme
from culler.ui.grid_view import GridView
from culler.ui.photo_delegate import PhotoDelegate
from culler.ui.photo_model import PhotoModel

Make = Callable[[int], GridView]
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    def factory(count: int, size: QSize = QSize(800, 600)) -> GridView:  # noqa: B008
        model = PhotoModel(lambda ids: [f"/photos/{photo_id}.jpg" for photo_id in ids])
        view = GridView(model, PhotoDelegate(lambda photo_id: None))
        model.setParent(view)
        view.itemDelegate().setParent(view)
        qtbot.addWidget(view)
        columns = empty(count)
        columns.ids[:] = np.arange(count) + 100
        columns.names[:] = [f"DSC_{at:04d}.NEF" for at in range(count)]
        model.set_columns(columns)
        view.resize(size)
        view.show()
        qtbot.waitExposed(view)
        return view

    return factory


def center(view: GridView, photo_id: int) -> QPoint:
    return view.visualRect(view.model().index_of(photo_id)).center()


def click(view: GridView, photo_id: int, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(view.viewport(), LEFT, modifiers, center(view, photo_id))


def key(view: GridView, pressed: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(view, pressed, modifiers)


def columns_of(view: GridView) -> int:
    top = view.visualRect(view.model().index(0)).top()
    rows = range(view.model().rowCount())
    return sum(view.visualRect(view.model().index(row)).top() == top for row in rows)


# Places


def test_cells_fill_the_width_in_equal_columns_without_touching(make: Make) -> None:
    view = make(50)
    rects = [view.visualRect(view.model().index(row)) for row in range(columns_of(view) * 2)]
    assert len({rect.size().toTuple() for rect in rects}) == 1
    assert not any(one.intersects(other) for one in rects for other in rects if one is not other)
    margin_left = rects[0].left()
    margin_right = view.viewport().width() - rects[columns_of(view) - 1].right() - 1
    assert abs(margin_left - margin_right) <= 1


def test_index_at_is_the_inverse_of_visual_rect(make: Make) -> None:
    view = make(300)
    view.verticalScrollBar().setValue(777)
    for row in range(300):
        index = view.model().index(row)
        rect = view.visualRect(index)
        for point in (rect.topLeft(), rect.bottomRight(), rect.center()):
            assert view.indexAt(point) == index
        assert not view.indexAt(rect.topLeft() - QPoint(1, 0)).isValid()
        assert not view.indexAt(rect.bottomRight() + QPoint(0, 1)).isValid()


def test_three_photos_are_as_large_as_three_of_many(make: Make) -> None:
    few, many = make(3), make(200)
    width = few.visualRect(few.model().index(0)).width()
    assert width <= many.visualRect(many.model().index(0)).width() * 1.2


def test_the_last_photo_can_be_scrolled_fully_into_sight(make: Make) -> None:
    view = make(1001)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    rect = view.visualRect(view.model().index(1000))
    assert view.viewport().rect().contains(rect)
    assert view.viewport().height() - rect.bottom() < 20


def test_a_wider_cell_keeps_the_current_photo_in_sight_at_its_height(make: Make) -> None:
    view = make(2000)
    view.set_current(1100)
    view.scrollTo(view.currentIndex(), QAbstractItemView.ScrollHint.PositionAtCenter)
    before = center(view, 1100).y()
    view.set_cell_width(view.cell_width() * 2)
    assert abs(center(view, 1100).y() - before) <= 1
    least, most = view.cell_width_range()
    view.set_cell_width(10**6)
    assert view.cell_width() == most
    view.set_cell_width(1)
    assert view.cell_width() == least


# Keys


def test_arrows_move_in_the_grid(make: Make) -> None:
    view = make(50)
    across = columns_of(view)
    view.set_current(100)
    key(view, Qt.Key.Key_Right)
    assert view.current_id() == 101
    key(view, Qt.Key.Key_Down)
    assert view.current_id() == 101 + across
    key(view, Qt.Key.Key_Left)
    key(view, Qt.Key.Key_Up)
    assert view.current_id() == 100
    key(view, Qt.Key.Key_Up)
    key(view, Qt.Key.Key_Left)
    assert view.current_id() == 100
    key(view, Qt.Key.Key_End)
    assert view.current_id() == 149
    key(view, Qt.Key.Key_Right)
    assert view.current_id() == 149
    key(view, Qt.Key.Key_Home)
    assert view.current_id() == 100


def test_down_into_a_short_last_row_takes_its_last_photo(make: Make) -> None:
    view = make(50)
    across = columns_of(view)
    view.model().set_order(np.arange(across * 2 + 1))
    view.set_current(100 + across * 2 - 1)
    key(view, Qt.Key.Key_Down)
    assert view.current_id() == 100 + across * 2


def test_page_down_moves_by_whole_pages_in_the_same_column(make: Make) -> None:
    view = make(500)
    across = columns_of(view)
    view.set_current(101)
    key(view, Qt.Key.Key_PageDown)
    moved = view.current_id() - 101
    assert moved > 0
    assert moved % across == 0
    assert moved // across == view.viewport().height() // (view.visualRect(view.currentIndex()).height() + 6)
    assert view.viewport().rect().contains(view.visualRect(view.currentIndex()))
    key(view, Qt.Key.Key_PageUp)
    assert view.current_id() == 101


def test_shift_and_arrows_select_the_run_of_photos_between(make: Make) -> None:
    view = make(50)
    across = columns_of(view)
    view.set_current(102)
    key(view, Qt.Key.Key_Down, SHIFT)
    key(view, Qt.Key.Key_Left, SHIFT)
    assert view.selected_ids() == list(range(102, 102 + across))


def test_ctrl_a_selects_every_photo(make: Make) -> None:
    view = make(50)
    key(view, Qt.Key.Key_A, CTRL)
    assert view.selected_ids() == list(range(100, 150))


def test_enter_and_double_click_open_a_photo(make: Make, qtbot: QtBot) -> None:
    view = make(50)
    view.set_current(103)
    with qtbot.waitSignal(view.opened) as told:
        key(view, Qt.Key.Key_Return)
    assert told.args == [103]
    with qtbot.waitSignal(view.opened) as told:
        click(view, 101)
        QTest.mouseDClick(view.viewport(), LEFT, NONE, center(view, 101))
    assert told.args == [101]


def test_letters_do_not_search_for_names(make: Make) -> None:
    view = make(50)
    view.set_current(110)
    key(view, Qt.Key.Key_D)
    assert view.current_id() == 110


def test_step_moves_and_stops_at_the_ends(make: Make) -> None:
    view = make(3)
    for by, expected in ((1, 100), (1, 101), (5, 102), (-9, 100)):
        view.step(by)
        assert view.current_id() == expected
        assert view.selected_ids() == [expected]


# Mouse


def test_clicks_select_one_add_one_and_select_a_run(make: Make) -> None:
    view = make(50)
    across = columns_of(view)
    click(view, 102)
    assert view.selected_ids() == [102]
    click(view, 105, CTRL)
    assert view.selected_ids() == [102, 105]
    click(view, 102, CTRL)
    assert view.selected_ids() == [105]
    click(view, 101 + across, NONE)
    click(view, 102, SHIFT)
    assert view.selected_ids() == list(range(102, 102 + across))


def test_a_click_beside_the_photos_selects_none(make: Make) -> None:
    view = make(3)
    click(view, 101)
    QTest.mouseClick(view.viewport(), LEFT, NONE, view.viewport().rect().bottomRight() - QPoint(5, 5))
    assert view.selected_ids() == []


def test_a_rubber_band_selects_what_it_touches(make: Make) -> None:
    view = make(50)
    across = columns_of(view)
    start = view.visualRect(view.model().index(0)).bottomRight() + QPoint(3, 3)
    end = view.visualRect(view.model().index(across * 2 + 2)).center()
    viewport = view.viewport()
    QTest.mousePress(viewport, LEFT, NONE, start)
    for fraction in (0.3, 0.7, 1.0):
        QTest.mouseMove(viewport, start + (end - start) * fraction)
        QApplication.processEvents()
    assert view.state() is QAbstractItemView.State.DragSelectingState
    expected = [100 + line * across + column for line in (1, 2) for column in (1, 2)]
    assert view.selected_ids() == expected
    QTest.mouseRelease(viewport, LEFT, NONE, end)
    assert view.selected_ids() == expected


def test_a_wheel_notch_glides_by_a_row(make: Make, qtbot: QtBot) -> None:
    view = make(500)
    pitch = (
        view.visualRect(view.model().index(columns_of(view))).top()
        - view.visualRect(view.model().index(0)).top()
    )
    seen: list[int] = []
    view.verticalScrollBar().valueChanged.connect(seen.append)
    for _ in range(2):
        QApplication.sendEvent(view.viewport(), wheel(-120))
    qtbot.waitUntil(lambda: view.verticalScrollBar().value() == 2 * pitch)
    assert len(seen) > 2
    assert seen == sorted(seen)


def test_ctrl_and_the_wheel_change_the_cells(make: Make, qtbot: QtBot) -> None:
    view = make(50)
    before = view.cell_width()
    with qtbot.waitSignal(view.cell_width_changed):
        QApplication.sendEvent(view.viewport(), wheel(120, CTRL))
    assert view.cell_width() > before
    assert view.verticalScrollBar().value() == 0


def wheel(turned: int, modifiers: Qt.KeyboardModifier = NONE) -> QWheelEvent:
    return QWheelEvent(
        QPointF(50, 50),
        QPointF(50, 50),
        QPoint(),
        QPoint(0, turned),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )


# Keeping one's place


def test_a_new_order_leaves_the_current_photo_where_it_is_on_screen(make: Make) -> None:
    view = make(2000)
    view.set_current(1003)
    view.scrollTo(view.currentIndex(), QAbstractItemView.ScrollHint.PositionAtCenter)
    before = center(view, 1003).y()
    view.model().set_order(np.random.default_rng(2).permutation(2000))
    assert view.current_id() == 1003
    assert view.selected_ids() == [1003]
    assert abs(center(view, 1003).y() - before) <= 1


def test_photos_that_arrive_above_do_not_move_what_is_on_screen(make: Make) -> None:
    view = make(2000)
    view.model().set_order(np.arange(500, 2000))
    view.verticalScrollBar().setValue(4000)
    first = view.visible_ids()[0]
    before = center(view, first).y()
    view.model().set_order(np.arange(2000))
    assert abs(center(view, first).y() - before) <= 1


def test_at_the_top_a_new_order_stays_at_the_top(make: Make) -> None:
    view = make(2000)
    view.model().set_order(np.arange(2000)[::-1])
    assert view.verticalScrollBar().value() == 0


def test_the_photo_that_took_its_place_follows_one_that_was_filtered_away(make: Make, qtbot: QtBot) -> None:
    view = make(500)
    view.set_current(250)
    with qtbot.waitSignal(view.current_changed) as told:
        view.model().set_order(np.delete(np.arange(500), 150))
    assert told.args == [251]
    assert view.current_id() == 251
    assert view.selected_ids() == [251]
    assert view.viewport().rect().contains(center(view, 251))


def test_at_the_end_the_photo_before_takes_the_place(make: Make) -> None:
    view = make(20)
    view.set_current(119)
    view.model().set_order(np.arange(18))
    assert view.current_id() == 117


def test_a_selection_survives_a_new_order_and_loses_what_is_filtered(make: Make) -> None:
    view = make(20)
    view.set_current(105)
    view.select_ids([103, 105, 106, 107, 115])
    view.model().set_order(np.arange(20)[::-1])
    assert set(view.selected_ids()) == {103, 105, 106, 107, 115}
    view.model().set_order(np.arange(7))
    assert view.selected_ids() == [103, 105, 106]


def test_a_filter_after_select_all_leaves_only_shown_photos_selected(make: Make) -> None:
    view = make(200)
    view.selectAll()
    view.model().set_order(np.arange(0, 200, 3))
    assert view.selected_ids() == list(range(100, 300, 3))
    view.model().set_order(np.arange(200))
    assert view.selected_ids() == list(range(100, 300, 3))


def test_a_filter_that_shows_nothing_and_back_is_survived(make: Make, qtbot: QtBot) -> None:
    view = make(50)
    view.set_current(110)
    with qtbot.waitSignal(view.current_changed) as told:
        view.model().set_order(np.array([], np.intp))
    assert told.args == [None]
    assert view.selected_ids() == []
    view.model().set_order(np.arange(50))
    assert view.current_id() is None
    key(view, Qt.Key.Key_Right)
    assert view.current_id() == 100


def test_selecting_announces_itself_to_qt(make: Make, qtbot: QtBot) -> None:
    view = make(50)
    view.select_ids([101, 102])
    with qtbot.waitSignal(view.selectionModel().selectionChanged):
        view.model().set_order(np.arange(1))


# Telling


def test_photos_on_screen_are_announced_first_then_the_next_page_then_the_last(
    make: Make, qtbot: QtBot
) -> None:
    view = make(5000)
    with qtbot.waitSignal(view.visible_changed) as told:
        view.verticalScrollBar().setValue(20_000)
    ids = told.args[0]
    shown = view.visible_ids()
    assert ids[: len(shown)] == shown
    assert ids[len(shown)] == shown[-1] + 1
    assert ids[2 * len(shown)] == shown[0] - 1
    assert len(ids) == len(set(ids)) <= 3 * len(shown)


def test_steady_scrolling_does_not_put_the_announcements_off(make: Make, qtbot: QtBot) -> None:
    view = make(5000)
    bar = view.verticalScrollBar()
    told: list[list[int]] = []
    view.visible_changed.connect(told.append)
    scroller = QTimer(interval=2)
    scroller.timeout.connect(lambda: bar.setValue(bar.value() + 40))
    scroller.start()
    qtbot.waitUntil(lambda: len(told) >= 3, timeout=3000)
    scroller.stop()
    assert bar.value() < bar.maximum()


def test_photos_on_screen_are_announced_anew_when_they_grow(make: Make, qtbot: QtBot) -> None:
    """So that a loader can fetch larger pictures, though they are the same photos."""
    view = make(3)
    with qtbot.waitSignal(view.visible_changed) as told:
        view.set_cell_width(view.cell_width() + 40)
    assert told.args == [[100, 101, 102]]


def test_a_changed_photo_repaints_its_cell_alone(make: Make, qtbot: QtBot) -> None:
    view = make(500)
    QApplication.processEvents()
    painted: list[QRect] = []
    original = view.itemDelegate().paint_cell
    view.itemDelegate().paint_cell = lambda painter, rect, *rest, **state: (
        painted.append(QRect(rect)) or original(painter, rect, *rest, **state)
    )
    view.update_photo(102)
    qtbot.waitUntil(lambda: bool(painted))
    assert painted == [view.visualRect(view.model().index_of(102))]
    painted.clear()
    subset = view.model().columns.take(np.array([3, 400]))
    view.model().patch(subset)
    qtbot.waitUntil(lambda: bool(painted))
    assert painted == [view.visualRect(view.model().index(3))]


def test_a_screen_reader_finds_the_photos(make: Make) -> None:
    view = make(5)
    found = QAccessible.queryAccessibleInterface(view)
    assert found.text(QAccessible.Text.Name) == "Photos"
    assert found.childCount() == 5
    assert found.child(1).text(QAccessible.Text.Name) == "DSC_0001.NEF, not scored"


def test_a_screen_reader_hears_which_photo_is_current(
    make: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = make(5)
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    heard: list[tuple[QAccessible.Event, int]] = []
    monkeypatch.setattr("culler.ui.grid_view.QAccessible.isActive", lambda: True)
    monkeypatch.setattr(
        "culler.ui.grid_view.QAccessible.updateAccessibility",
        lambda event: heard.append((event.type(), event.child())),
    )
    view.set_current(103)
    assert (QAccessible.Event.SelectionAdd, 3) in heard
    assert (QAccessible.Event.Focus, 3) in heard


def test_qt_lays_nothing_out_by_itself(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """QListView's layout asks the delegate for every size; the grid must never come to that."""
    asked: list[int] = []
    monkeypatch.setattr(PhotoDelegate, "sizeHint", lambda *rest: asked.append(1) or QSize(10, 10))
    view = make(3000)
    view.set_current(2500)
    key(view, Qt.Key.Key_Up)
    view.model().set_order(np.arange(2000)[::-1])
    view.model().patch(view.model().columns.take(np.arange(50)))
    view.resize(500, 400)
    view.selectAll()
    view.grab()
    QApplication.processEvents()
    assert asked == []


def test_an_empty_grid_is_bare(make: Make) -> None:
    view = make(0)
    bare = view.grab().toImage()
    assert colors_in(bare) == {theme.cell_colors(view.palette()).ground.name()}
    view.model().set_columns(empty(3))
    assert view.grab().toImage() != bare


def colors_in(image: QImage) -> set[str]:
    return {
        QColor(image.pixel(x, y)).name()
        for x in range(0, image.width() - 20, 7)
        for y in range(0, image.height(), 7)
    }


def test_a_selection_of_everything_costs_no_more_than_what_is_on_screen(make: Make) -> None:
    view = make(100_000)
    view.selectAll()
    region = view.visualRegionForSelection(view.selectionModel().selection())
    assert region.rectCount() <= len(view.visible_ids())
    assert len(view.selected_ids()) == 100_000


def test_the_drag_carries_selected_photos_in_their_order(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    view = make(10)
    view.model().set_order(np.arange(10)[::-1])
    view.select_ids([101, 105])
    carried: list[list[str]] = []
    monkeypatch.setattr(
        "culler.ui.photo_drag.QDrag.exec",
        lambda drag, *actions: carried.append([url.toLocalFile() for url in drag.mimeData().urls()]),
    )
    view.startDrag(Qt.DropAction.CopyAction)
    assert carried == [["/photos/105.jpg", "/photos/101.jpg"]]


def test_current_and_selection_flags_are_qts_own(make: Make) -> None:
    view = make(10)
    flag = QItemSelectionModel.SelectionFlag
    view.selectionModel().setCurrentIndex(view.model().index(4), flag.ClearAndSelect)
    assert view.current_id() == 104
    assert [view.model().photo_id(index) for index in view.selectedIndexes()] == [104]
