"""The window as a photographer uses it: keys, marks, filter, drop, pause, close."""

import threading
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from culler.domain.changes import Progress
from culler.domain.decision import Flag
from culler.domain.errors import CullerError
from culler.ranking.filters import Filter
from culler.ranking.order import SortKey
from culler.settings import Settings
from culler.ui.dialogs import failures_dialog
from culler.ui.failures_dialog import FailuresDialog
from culler.ui.main_window import MainWindow

# A window has a least size; the offscreen platform warns that it cannot tell anybody.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints", extend=True)

OpenWindow = Callable[..., MainWindow]
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def press(
    window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    QTest.keyClick(window.focusWidget() or window, key, modifiers)


def marks(window: MainWindow) -> dict[str, tuple[int, int, int]]:
    """{name: (flag, stars, label)} of the photos that have any."""
    columns = window.session.columns
    rows = zip(
        columns.names, columns.flag.tolist(), columns.stars.tolist(), columns.label.tolist(), strict=True
    )
    return {name: (flag, stars, label) for name, flag, stars, label in rows if flag or stars or label}


def name_of(window: MainWindow, photo_id: int | None) -> str | None:
    row = None if photo_id is None else window.session.row_of(photo_id)
    return None if row is None else str(window.session.columns.names[row])


def current(window: MainWindow) -> str | None:
    return name_of(window, window.session.current)


def shown(window: MainWindow) -> list[str | None]:
    return [name_of(window, photo_id) for photo_id in window.session.shown_ids()]


@pytest.fixture
def window(open_window: OpenWindow, photos: Path) -> MainWindow:
    return open_window(photos)


def test_a_folder_is_shown_scored_and_its_first_photo_current(window: MainWindow) -> None:
    assert shown(window) == [f"P{number}.jpg" for number in range(1, 7)]
    assert current(window) == "P1.jpg"
    assert window.grid.current_id() == window.session.current
    assert not any(window.session.columns.quality[:, 0] != window.session.columns.quality[:, 0])
    assert window.stack.currentWidget() is window.grid
    assert "6 photos scored" in window.task_line.text.text()


def test_a_key_sets_its_mark_and_pressing_it_twice_changes_nothing(window: MainWindow) -> None:
    press(window, Qt.Key.Key_P)
    press(window, Qt.Key.Key_P)
    press(window, Qt.Key.Key_3)
    press(window, Qt.Key.Key_3)
    press(window, Qt.Key.Key_6)
    assert marks(window) == {"P1.jpg": (1, 3, 1)}


def test_the_keys_of_flags_stars_and_labels(window: MainWindow) -> None:
    for key, expected in (
        (Qt.Key.Key_X, (-1, 0, 0)),
        (Qt.Key.Key_U, None),
        (Qt.Key.Key_QuoteLeft, (1, 0, 0)),
        (Qt.Key.Key_QuoteLeft, None),
        (Qt.Key.Key_Delete, (-1, 0, 0)),
        (Qt.Key.Key_5, (-1, 5, 0)),
        (Qt.Key.Key_BracketLeft, (-1, 4, 0)),
        (Qt.Key.Key_BracketRight, (-1, 5, 0)),
        (Qt.Key.Key_0, (-1, 0, 0)),
        (Qt.Key.Key_9, (-1, 0, 4)),
    ):
        press(window, key)
        assert marks(window).get("P1.jpg") == expected


def test_undo_takes_marks_back_and_redo_sets_them_again(window: MainWindow) -> None:
    window.grid.select_ids(window.session.shown_ids()[:3])
    press(window, Qt.Key.Key_P)
    assert len(marks(window)) == 3
    press(window, Qt.Key.Key_Z, CTRL)
    assert marks(window) == {}
    assert "Undone" in window.task_line.text.text()
    press(window, Qt.Key.Key_Z, CTRL | SHIFT)
    assert len(marks(window)) == 3


def test_the_edit_menu_names_what_undo_takes_back(window: MainWindow) -> None:
    press(window, Qt.Key.Key_P)
    window.menus.name_undo()
    assert window.actions_["undo"].text() == "Undo: Pick 1 photo"
    assert window.actions_["redo"].text() == "Redo"


def test_undo_with_nothing_to_undo_says_so(window: MainWindow) -> None:
    press(window, Qt.Key.Key_Z, CTRL)
    assert window.task_line.text.text() == "Nothing to undo."


def test_after_a_mark_under_a_filter_the_next_photo_took_its_place(window: MainWindow) -> None:
    window.filter_bar.flags.buttons[Flag.NONE].click()
    assert len(shown(window)) == 6
    window.session.set_current(window.session.shown_ids()[2])
    press(window, Qt.Key.Key_X)
    assert shown(window) == ["P1.jpg", "P2.jpg", "P4.jpg", "P5.jpg", "P6.jpg"]
    assert current(window) == "P4.jpg"
    assert window.grid.current_id() == window.session.current
    press(window, Qt.Key.Key_X)
    assert current(window) == "P5.jpg"
    assert marks(window) == {"P3.jpg": (-1, 0, 0), "P4.jpg": (-1, 0, 0)}


def test_marking_the_last_photo_under_a_filter_steps_back(window: MainWindow) -> None:
    window.filter_bar.flags.buttons[Flag.NONE].click()
    window.session.set_current(window.session.shown_ids()[-1])
    press(window, Qt.Key.Key_P)
    assert current(window) == "P5.jpg"


def test_a_filter_keeps_the_current_photo_where_it_can(window: MainWindow) -> None:
    press(window, Qt.Key.Key_5)
    window.session.set_current(window.session.shown_ids()[3])
    press(window, Qt.Key.Key_2)
    window.filter_bar.stars.chosen.emit(1)
    assert shown(window) == ["P1.jpg", "P4.jpg"]
    assert current(window) == "P4.jpg"
    assert window.filter_bar.count.text() == "2 of 6"


def test_everything_filtered_out_offers_to_show_all(window: MainWindow, qtbot: QtBot) -> None:
    window.session.set_filter(Filter(text="no such name"))
    assert window.stack.currentWidget() is window.note
    QTest.mouseClick(window.note.button, Qt.MouseButton.LeftButton)
    assert len(shown(window)) == 6
    assert window.stack.currentWidget() is window.grid


def test_text_narrows_the_grid_and_letters_do_not_mark(window: MainWindow, qtbot: QtBot) -> None:
    press(window, Qt.Key.Key_F, CTRL)
    with qtbot.waitSignal(window.filter_bar.filter_changed):
        QTest.keyClicks(window.filter_bar.text, "p3")
    assert shown(window) == ["P3.jpg"]
    assert marks(window) == {}
    QTest.keyClick(window.filter_bar.text, Qt.Key.Key_Return)
    press(window, Qt.Key.Key_P)
    assert marks(window) == {"P3.jpg": (1, 0, 0)}


def test_in_the_loupe_a_mark_lands_on_the_one_photo_seen(window: MainWindow) -> None:
    window.views.select_all()
    press(window, Qt.Key.Key_E)
    assert window.stack.currentWidget() is window.loupe
    press(window, Qt.Key.Key_Right)
    press(window, Qt.Key.Key_P)
    assert marks(window) == {"P2.jpg": (1, 0, 0)}
    press(window, Qt.Key.Key_G)
    assert window.stack.currentWidget() is window.grid


def test_the_loupe_shows_the_photo_and_its_full_pixels_close_up(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.pictures.preview_ready):
        press(window, Qt.Key.Key_E)
    first = window.session.current
    qtbot.waitUntil(lambda: window.loupe.canvas.has_preview_of(first))
    press(window, Qt.Key.Key_Z)
    assert window.loupe.canvas.look.zoom == 1.0
    press(window, Qt.Key.Key_Space)
    assert window.loupe.canvas.look.zoom is None


def test_auto_advance_goes_on_after_a_mark(open_window: OpenWindow, photos: Path) -> None:
    window = open_window(photos, settings=Settings(theme="dark", auto_advance=True, collapse_stacks=False))
    press(window, Qt.Key.Key_P)
    press(window, Qt.Key.Key_X)
    assert marks(window) == {"P1.jpg": (1, 0, 0), "P2.jpg": (-1, 0, 0)}
    assert current(window) == "P3.jpg"


def test_caps_lock_goes_on_after_a_mark(window: MainWindow) -> None:
    QTest.sendKeyEvent(QTest.KeyAction.Click, window.grid, Qt.Key.Key_P, "P", Qt.KeyboardModifier.NoModifier)
    assert marks(window) == {"P1.jpg": (1, 0, 0)}
    assert current(window) == "P2.jpg"
    QTest.sendKeyEvent(QTest.KeyAction.Click, window.grid, Qt.Key.Key_P, "p", Qt.KeyboardModifier.NoModifier)
    assert current(window) == "P2.jpg"


def test_compare_holds_the_champion_and_moves_the_candidate(window: MainWindow) -> None:
    press(window, Qt.Key.Key_C)
    names = [name_of(window, photo_id) for photo_id in window.compare.ids]
    assert names == ["P1.jpg", "P2.jpg"]
    press(window, Qt.Key.Key_Right)
    assert [name_of(window, photo_id) for photo_id in window.compare.ids] == ["P1.jpg", "P3.jpg"]
    press(window, Qt.Key.Key_X)
    assert marks(window) == {"P3.jpg": (-1, 0, 0)}
    press(window, Qt.Key.Key_A)
    press(window, Qt.Key.Key_P)
    assert marks(window)["P1.jpg"] == (1, 0, 0)
    press(window, Qt.Key.Key_Down)
    assert [name_of(window, photo_id) for photo_id in window.compare.ids] == ["P3.jpg", "P1.jpg"]
    assert "%" in window.compare.verdict.text()
    assert "uncalibrated" in window.compare.note.text()


def test_the_two_of_a_comparison_zoom_as_one(window: MainWindow, qtbot: QtBot) -> None:
    press(window, Qt.Key.Key_C)
    left, right = window.compare.champion.canvas, window.compare.candidate.canvas
    qtbot.waitUntil(
        lambda: all(
            side.has_preview_of(id_) for side, id_ in zip((left, right), window.compare.ids, strict=True)
        )
    )
    left.zoom_at(QPointF(left.rect().center()), 6.0)
    assert left.look.zoom == 6.0
    assert right.look == left.look


def test_survey_tiles_the_selected_and_takes_out_one(window: MainWindow) -> None:
    ids = window.session.shown_ids()
    window.grid.select_ids(ids[1:5])
    press(window, Qt.Key.Key_N)
    assert list(window.survey.ids) == ids[1:5]
    press(window, Qt.Key.Key_Minus)
    press(window, Qt.Key.Key_P)
    assert len(window.survey.ids) == 3
    assert len(marks(window)) == 1
    press(window, Qt.Key.Key_G)
    assert len(shown(window)) == 6


def test_compare_from_the_survey_takes_two_of_its_photos(window: MainWindow) -> None:
    ids = window.session.shown_ids()
    window.grid.select_ids([ids[0], ids[2], ids[4]])
    press(window, Qt.Key.Key_N)
    window.survey.set_current(ids[2])
    press(window, Qt.Key.Key_C)
    assert list(window.compare.ids) == [ids[2], ids[0]]


def test_sorting_by_a_score_puts_the_best_first(window: MainWindow) -> None:
    press(window, Qt.Key.Key_Right)
    window.filter_bar.sort.key.setCurrentIndex(window.filter_bar.sort.key.findData(SortKey.QUALITY))
    means = window.session.columns.quality @ [1, 2, 3, 4, 5]
    order = [float(means[row]) for row in window.session.shown]
    assert order == sorted(order, reverse=True)
    assert current(window) == "P2.jpg"


def test_until_somebody_acts_the_first_photo_is_current(window: MainWindow) -> None:
    window.filter_bar.sort.key.setCurrentIndex(window.filter_bar.sort.key.findData(SortKey.QUALITY))
    assert current(window) == shown(window)[0] == "P6.jpg"


def test_a_photo_marked_away_while_compared_is_current_again_when_the_filter_goes(window: MainWindow) -> None:
    window.filter_bar.flags.buttons[Flag.NONE].click()
    press(window, Qt.Key.Key_C)
    press(window, Qt.Key.Key_X)
    press(window, Qt.Key.Key_A)
    press(window, Qt.Key.Key_A)
    assert current(window) == "P2.jpg"
    window.clear_filter()
    assert window.grid.current_id() == window.session.current


def test_escape_leads_back_step_by_step(window: MainWindow) -> None:
    press(window, Qt.Key.Key_L)
    press(window, Qt.Key.Key_E)
    press(window, Qt.Key.Key_Escape)
    assert window.stack.currentWidget() is window.grid
    assert not window.task_line.isVisible()
    press(window, Qt.Key.Key_Escape)
    assert window.task_line.isVisible()


def test_a_folder_may_be_dropped_and_text_may_not(
    open_window: OpenWindow, photos: Path, qtbot: QtBot
) -> None:
    window = open_window()
    for mime, accepted in ((QMimeData(), False), (QMimeData(), True)):
        if accepted:
            mime.setUrls([QUrl.fromLocalFile(str(photos))])
        else:
            mime.setText("a text")
        action, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        event = QDragEnterEvent(QPoint(50, 50), action, mime, left, Qt.KeyboardModifier.NoModifier)
        event.setAccepted(False)
        window.dragEnterEvent(event)
        assert event.isAccepted() is accepted


def test_folders_given_at_the_start_are_announced(open_window: OpenWindow, photos: Path) -> None:
    window = open_window()
    window.expect([photos])
    assert window.stack.currentWidget() is window.note
    assert window.note.title.text() == "Opening Wedding …"


def drop(window: MainWindow, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    left = Qt.MouseButton.LeftButton
    event = QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, mime, left, Qt.KeyboardModifier.NoModifier)
    window.dropEvent(event)


def test_dropping_a_folder_reads_and_scores_it(open_window: OpenWindow, photos: Path, qtbot: QtBot) -> None:
    window = open_window()
    assert window.stack.currentWidget() is window.welcome
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=20_000):
        drop(window, photos)
    assert len(shown(window)) == 6
    assert window.windowTitle().startswith("Wedding")
    assert window.settings.last_folder == str(photos)


def test_dropping_a_photo_opens_its_folder(open_window: OpenWindow, photos: Path, qtbot: QtBot) -> None:
    window = open_window()
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=20_000):
        drop(window, photos / "P2.jpg")
    assert window.session.folders == (photos,)


def test_a_folder_that_is_not_there_is_said(open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window()
    window.session.open([tmp_path / "gone"])
    assert "There is nothing at" in window.task_line.text.text()
    assert window.stack.currentWidget() is window.welcome


def test_an_empty_folder_says_so(open_window: OpenWindow, tmp_path: Path) -> None:
    empty = tmp_path / "Nothing here"
    empty.mkdir()
    window = open_window(empty)
    assert window.stack.currentWidget() is window.note
    assert window.note.title.text() == "No photos in Nothing here"


def test_a_folder_without_photos_counts_what_is_there(open_window: OpenWindow, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no photo")
    window = open_window(tmp_path)
    assert window.stack.currentWidget() is window.note
    assert window.note.text.text().startswith("The only file in it")


def test_an_unreadable_photo_is_counted_and_listed(open_window: OpenWindow, photos: Path) -> None:
    (photos / "broken.jpg").write_text("this is no picture")
    window = open_window(photos)
    assert "1 could not be read" in window.task_line.text.text()
    dialog = failures_dialog(window.session, window)
    row = dialog.list.topLevelItem(0).child(0)
    assert row.text(0) == "broken.jpg"
    assert "broken.jpg" in row.text(1)


def test_why_a_photo_could_not_be_read_is_told_whole(qtbot: QtBot) -> None:
    reason = "Cannot read broken.jpg: " + ", ".join(["a reason of many words"] * 12)
    dialog = FailuresDialog([(1, "broken.jpg", reason), (2, "other.jpg", "It is empty.")], ())
    qtbot.addWidget(dialog)
    dialog.show()
    group = dialog.list.topLevelItem(0)
    long, short = (dialog.list.visualItemRect(group.child(at)).height() for at in (0, 1))
    width = dialog.list.columnWidth(1)
    lines = -(-dialog.list.fontMetrics().horizontalAdvance(reason) // width)
    assert lines > 1
    assert long >= lines * dialog.list.fontMetrics().height() > short


def slow_score(stepped: threading.Event) -> Callable[..., Generator[Progress, None, None]]:
    def score(*_: object) -> Generator[Progress, None, None]:
        for done in range(100_000):
            yield Progress(done, 100_000, "slow judge")
            stepped.set()
            threading.Event().wait(0.002)

    return score


def test_pause_and_cancel(
    open_window: OpenWindow, photos: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("culler.workflow.score.score", slow_score(threading.Event()))
    window = open_window(photos, settle=False)
    jobs = window.session.jobs
    qtbot.waitUntil(lambda: jobs.running is not None and jobs.running.title.startswith("Scoring"))
    qtbot.waitUntil(lambda: "slow judge" in window.task_line.text.text())
    assert window.task_line.pause_button.isVisible()
    window.task_line.pause_button.click()
    assert jobs.is_paused
    assert window.task_line.pause_button.text() == "Resume"
    window.task_line.pause_button.click()
    assert not jobs.is_paused
    with qtbot.waitSignal(jobs.stopped):
        window.task_line.cancel_button.click()
    assert "cancelled" in window.task_line.text.text()
    assert not window.task_line.pause_button.isVisible()


def test_closing_in_the_middle_of_a_job_leaves_no_thread(
    open_window: OpenWindow, photos: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    stepped = threading.Event()
    monkeypatch.setattr("culler.workflow.score.score", slow_score(stepped))
    before = threading.active_count()
    window = open_window(photos, settle=False)
    qtbot.waitUntil(stepped.is_set)
    thread = window.session.jobs._thread
    assert thread is not None and thread.isRunning()
    window.session.jobs.pause()
    window.close()
    assert not thread.isRunning()
    assert threading.active_count() <= before
    assert window.session.workspace is None


def test_marking_while_scoring_goes_on(
    open_window: OpenWindow, photos: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    stepped = threading.Event()
    monkeypatch.setattr("culler.workflow.score.score", slow_score(stepped))
    window = open_window(photos, settle=False)
    qtbot.waitUntil(lambda: stepped.is_set() and len(shown(window)) == 6)
    press(window, Qt.Key.Key_4)
    assert marks(window) == {"P1.jpg": (0, 4, 0)}


def test_opening_another_folder_reads_it_before_the_first_is_scored(
    open_window: OpenWindow, photos: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "Other"
    make(other / "Q1.jpg")
    stepped = threading.Event()
    monkeypatch.setattr("culler.workflow.score.score", slow_score(stepped))
    window = open_window(photos, settle=False)
    qtbot.waitUntil(stepped.is_set)
    window.session.open([other])
    qtbot.waitUntil(lambda: shown(window) == ["Q1.jpg"], timeout=10_000)


def make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (40, 30), "grey").save(path)


def test_new_photos_appear_after_reading_the_folder_again(
    window: MainWindow, photos: Path, qtbot: QtBot
) -> None:
    make(photos / "P7.jpg")
    window.session.set_current(window.session.shown_ids()[4])
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=20_000):
        press(window, Qt.Key.Key_F5)
    assert len(shown(window)) == 7
    assert current(window) == "P5.jpg"


def test_panels_filter_bar_and_lights(window: MainWindow) -> None:
    assert window.inspector.isVisible() and window.top.isVisible()
    press(window, Qt.Key.Key_Tab)
    assert not window.inspector.isVisible()
    press(window, Qt.Key.Key_Backslash)
    assert not window.top.isVisible()
    press(window, Qt.Key.Key_L)
    assert not window.task_line.isVisible()
    press(window, Qt.Key.Key_L)
    assert window.task_line.isVisible()
    press(window, Qt.Key.Key_Tab)
    assert window.inspector.isVisible()


def test_the_inspector_shows_the_current_photo(window: MainWindow, qtbot: QtBot) -> None:
    press(window, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: window.inspector.name.text().replace("\u200b", "") == "P2.jpg")
    assert "sure" in window.inspector.aspects["quality"].words.text()


def test_clicking_a_mark_in_the_inspector_sets_and_clears_it(window: MainWindow) -> None:
    window.refresh_detail()
    bar = window.inspector.marks
    place = next(place for kind, value, place in bar._places() if (kind, value) == ("stars", 4))
    at = QPoint(round(place.center().x()), round(place.center().y()))
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=at)
    assert marks(window) == {"P1.jpg": (0, 4, 0)}
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=at)
    assert marks(window) == {}


def test_settings_are_kept(window: MainWindow, culler_home: Path) -> None:
    window.set_keys("darktable")
    press(window, Qt.Key.Key_R)
    assert marks(window) == {"P1.jpg": (-1, 0, 0)}
    assert Settings.load(culler_home / "config" / "settings.json").keys == "darktable"


def test_a_folder_that_cannot_be_read_says_why(
    open_window: OpenWindow, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scan(*_: object) -> Generator[Progress, None, None]:
        yield Progress(0, None)
        raise CullerError("The card was pulled out. Put it back and read the folder again.")

    monkeypatch.setattr("culler.workflow.scan.scan", scan)
    window = open_window(photos)
    assert window.note.title.text() == "No photos in Wedding"
    assert window.note.text.text().startswith("The card was pulled out.")
    assert window.task_line.text.text().startswith("The card was pulled out.")


@pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)", extend=True)
def test_escape_from_a_menu_gives_the_arrow_keys_back_to_the_grid(window: MainWindow, qtbot: QtBot) -> None:
    bar = window.menuBar()
    bar.setFocus(Qt.FocusReason.MenuBarFocusReason)
    bar.setActiveAction(bar.actions()[2])
    QTest.keyClick(bar, Qt.Key.Key_Down)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    QTest.keyClick(menu, Qt.Key.Key_Right)
    assert QApplication.activePopupWidget() not in (None, menu), "from menu to menu as ever"
    QTest.keyClick(QApplication.activePopupWidget(), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.focusWidget() is window.grid)
    press(window, Qt.Key.Key_Right)
    assert current(window) == "P2.jpg"
