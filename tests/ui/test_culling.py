"""Stacks, questions and suggestions in the window, by keys."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import maker_blocks
import numpy as np
import pytest
from numpy.typing import NDArray
from pictures import write_photo
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from culler.ranking.bursts import Knobs
from culler.ranking.columns import PhotoColumns
from culler.ranking.groups import GroupKind
from culler.ranking.order import SortKey
from culler.ranking.suggest import SuggestionKind
from culler.settings import Settings
from culler.ui import dialogs
from culler.ui.main_window import MainWindow
from culler.ui.photo_cell import Role
from culler.workflow import groups

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints", extend=True)

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
NOON = datetime(2026, 5, 1, 12)


def press(
    window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    QTest.keyClick(window.focusWidget() or window, key, modifiers)


def shown(window: MainWindow) -> list[str]:
    return [name_of(window, photo_id) for photo_id in window.session.shown_ids()]


def name_of(window: MainWindow, photo_id: int | None) -> str:
    assert photo_id is not None
    row = window.session.row_of(photo_id)
    assert row is not None
    return str(window.session.columns.names[row]).removesuffix(".jpg")


def current(window: MainWindow) -> str:
    return name_of(window, window.session.current)


def go_to(window: MainWindow, name: str) -> None:
    row = window.session.columns.names.tolist().index(f"{name}.jpg")
    window.session.set_current(int(window.session.columns.ids[row]))


def select(window: MainWindow, *names: str) -> None:
    go_to(window, names[0])
    rows = [window.session.columns.names.tolist().index(f"{name}.jpg") for name in names]
    window.grid.select_ids([int(window.session.columns.ids[row]) for row in rows])


def flags(window: MainWindow) -> dict[str, int]:
    columns = window.session.columns
    return {
        str(name).removesuffix(".jpg"): flag
        for name, flag in zip(columns.names, columns.flag.tolist(), strict=True)
        if flag
    }


def cell(window: MainWindow, name: str) -> tuple[tuple[int, int] | None, bool]:
    row = shown(window).index(name)
    index = window.model.index(row)
    return index.data(Role.STACK), index.data(Role.CLOSED)


def kind(window: MainWindow) -> GroupKind:
    standing = window.culling.stacks.standing(window.session.current)
    assert standing is not None
    return standing.kind


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    """A burst a0–a3 (a2 the brightest, so the best), one alone, a burst b0–b2 (b2 the best)."""
    folder = tmp_path / "Shoot"
    for frame, brightness in enumerate((0.5, 0.53, 0.58, 0.55)):
        taken = NOON + timedelta(milliseconds=300 * frame)
        write_photo(folder / f"a{frame}.jpg", seed=0, brightness=brightness, taken=taken)
    write_photo(folder / "c.jpg", seed=9, taken=NOON + timedelta(minutes=20))
    for frame, brightness in enumerate((0.5, 0.52, 0.56)):
        taken = NOON + timedelta(hours=1, milliseconds=300 * frame)
        write_photo(folder / f"b{frame}.jpg", seed=1, brightness=brightness, taken=taken)
    return folder


def settled(window: MainWindow, qtbot: QtBot, stacks: int = 2) -> MainWindow:
    def found() -> bool:
        known = window.culling.stacks.standings
        return known is not None and len(known) == stacks and not window.culling.stacks.is_busy

    qtbot.waitUntil(found, timeout=10_000)
    return window


@pytest.fixture
def window(open_window: Callable[..., MainWindow], shoot: Path, qtbot: QtBot) -> MainWindow:
    opened = open_window(shoot, settings=Settings(theme="dark"))
    settled(opened, qtbot)
    return opened


def test_stacks_are_collapsed_to_their_best_frames(window: MainWindow) -> None:
    assert shown(window) == ["a2", "c", "b2"]
    assert current(window) == "a2"
    assert cell(window, "a2") == ((1, 4), True)
    assert cell(window, "c") == (None, False)
    assert window.filter_bar.count.text() == "8 photos, 5 hidden in stacks"


def test_s_expands_the_stack_best_first_and_collapses_it(window: MainWindow) -> None:
    press(window, Qt.Key.Key_S)
    assert shown(window) == ["a2", "a3", "a1", "a0", "c", "b2"]
    assert cell(window, "a1") == ((3, 4), False)
    go_to(window, "a0")
    press(window, Qt.Key.Key_S)
    assert shown(window) == ["a2", "c", "b2"]
    assert current(window) == "a2"


def test_a_click_on_the_badge_expands_the_stack_and_collapses_it(window: MainWindow) -> None:
    def badge(row: int) -> QPoint:
        cell = window.grid.visualRect(window.model.index(row))
        box = window.cells.stack_box(window.model.cell(row), cell.width(), window.grid.font())
        return cell.topLeft() + box.center()

    left = Qt.MouseButton.LeftButton
    QTest.mouseClick(window.grid.viewport(), left, Qt.KeyboardModifier.NoModifier, badge(2))
    assert shown(window) == ["a2", "c", "b2", "b1", "b0"]
    assert current(window) == "b2"
    QTest.mouseClick(window.grid.viewport(), left, Qt.KeyboardModifier.NoModifier, badge(4))
    assert shown(window) == ["a2", "c", "b2"]
    assert current(window) == "b2"
    middle = window.grid.visualRect(window.model.index(0)).center()
    QTest.mouseClick(window.grid.viewport(), left, Qt.KeyboardModifier.NoModifier, middle)
    assert current(window) == "a2" and len(shown(window)) == 3


def test_all_stacks_expand_where_the_order_puts_their_frames(window: MainWindow) -> None:
    press(window, Qt.Key.Key_S, SHIFT)
    assert shown(window) == ["a0", "a1", "a2", "a3", "c", "b0", "b1", "b2"]
    assert window.settings.collapse_stacks is False
    press(window, Qt.Key.Key_S, SHIFT)
    assert len(shown(window)) == 3


def test_keep_this_rejects_the_rest_goes_on_and_is_one_undo_step(window: MainWindow) -> None:
    press(window, Qt.Key.Key_P, SHIFT)
    assert flags(window) == {"a0": -1, "a1": -1, "a2": 1, "a3": -1}
    assert current(window) == "b2"
    press(window, Qt.Key.Key_P, SHIFT)
    assert "last stack" in window.task_line.text.text()
    press(window, Qt.Key.Key_Z, CTRL)
    press(window, Qt.Key.Key_Z, CTRL)
    assert flags(window) == {}


def test_the_frame_in_focus_is_kept_not_the_best(window: MainWindow) -> None:
    press(window, Qt.Key.Key_S)
    go_to(window, "a1")
    press(window, Qt.Key.Key_P, SHIFT)
    assert flags(window) == {"a0": -1, "a1": 1, "a2": -1, "a3": -1}


def test_stacking_by_hand_takes_closed_stacks_whole_and_is_undoable(window: MainWindow, qtbot: QtBot) -> None:
    select(window, "a2", "c")
    press(window, Qt.Key.Key_G, CTRL)
    qtbot.waitUntil(lambda: shown(window) == ["a2", "b2"])
    standing = window.culling.stacks.standing(window.session.current)
    assert standing is not None and standing.kind is GroupKind.STACK and standing.size == 5
    press(window, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: shown(window) == ["a2", "c", "b2"])


def test_unstacking_leaves_every_frame_alone_and_is_undoable(window: MainWindow, qtbot: QtBot) -> None:
    press(window, Qt.Key.Key_G, CTRL | SHIFT)
    qtbot.waitUntil(lambda: shown(window) == ["a0", "a1", "a2", "a3", "c", "b2"])
    assert current(window) == "a2"
    press(window, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: shown(window) == ["a2", "c", "b2"])


def test_splitting_off_frames_needs_the_stack_open(window: MainWindow, qtbot: QtBot) -> None:
    press(window, Qt.Key.Key_G, CTRL | ALT)
    assert "Expand the stack first" in window.task_line.text.text()
    press(window, Qt.Key.Key_S)
    select(window, "a0", "a1")
    press(window, Qt.Key.Key_G, CTRL | ALT)
    settled(window, qtbot, stacks=3)
    assert len(window.culling.stacks.members(window.session.current)) == 2


def test_going_from_stack_to_stack(window: MainWindow) -> None:
    press(window, Qt.Key.Key_Right, CTRL)
    assert current(window) == "b2"
    press(window, Qt.Key.Key_Right, CTRL)
    assert current(window) == "b2"
    press(window, Qt.Key.Key_Left, CTRL)
    assert current(window) == "a2"


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_turning_the_knobs_regroups_at_once_and_is_remembered(window: MainWindow, qtbot: QtBot) -> None:
    window.culling.show_knobs()
    knobs = window.culling.knobs
    assert knobs.found.text() == "2 stacks of 7 photos"
    knobs.gap.setValue(0)  # frames 0.3 s apart are no burst any more
    qtbot.waitUntil(lambda: kind(window) is GroupKind.SIMILAR, timeout=5000)
    assert window.settings.stack_gap_s == 0.2
    knobs.defaults.click()
    qtbot.waitUntil(lambda: kind(window) is GroupKind.BURST, timeout=5000)
    assert window.culling.stacks.knobs.gap_s == pytest.approx(Knobs().gap_s, abs=0.1)


def test_the_inspector_says_who_is_best_and_how_sure(window: MainWindow, qtbot: QtBot) -> None:
    words = window.inspector.standing.stack_words
    qtbot.waitUntil(lambda: words.text().startswith("The likeliest best, P(best) = ."))
    press(window, Qt.Key.Key_S)
    go_to(window, "a0")
    qtbot.waitUntil(lambda: words.text().startswith("Place 4, P(best) = "))
    go_to(window, "c")
    qtbot.waitUntil(lambda: not window.inspector.standing.isVisible())


def test_marking_under_a_filter_shows_the_next_best_of_the_stack(window: MainWindow) -> None:
    from culler.domain.decision import Flag

    window.filter_bar.flags.buttons[Flag.NONE].click()
    press(window, Qt.Key.Key_X)
    assert current(window) == "a3"
    assert shown(window) == ["a3", "c", "b2"]


def test_a_set_is_named_and_kept_whole(
    open_window: Callable[..., MainWindow], tmp_path: Path, qtbot: QtBot
) -> None:
    folder = tmp_path / "Bracket"
    for frame, brightness in enumerate((0.35, 0.5, 0.7)):
        taken = NOON + timedelta(milliseconds=300 * frame)
        write_photo(folder / f"h{frame}.jpg", seed=0, brightness=brightness, taken=taken)
    window = settled(open_window(folder, settings=Settings(theme="dark")), qtbot, stacks=1)
    qtbot.waitUntil(lambda: shown(window) == ["h2"])  # the judge likes it bright
    assert cell(window, "h2") == ((3, 3), True)
    assert window.model.index(0).data(Role.SET_KIND) == "bracket"
    press(window, Qt.Key.Key_P, SHIFT)
    assert flags(window) == {}
    assert "an exposure bracket, kept whole" in window.task_line.text.text()
    press(window, Qt.Key.Key_W)
    assert window.views.name == "grid"


def test_a_focus_stack_is_named_by_the_camera_s_word_once_the_notes_are_read(
    open_window: Callable[..., MainWindow], tmp_path: Path, qtbot: QtBot
) -> None:
    note = maker_blocks.om_system({0x0600: ("H", [5, 1, 0x40, 0, 4])})
    for frame in range(4):
        taken = NOON + timedelta(milliseconds=300 * frame)
        maker_blocks.write_frame(tmp_path / "F" / f"f{frame}.jpg", taken, note, make="OM Digital Solutions")
    window = settled(open_window(tmp_path / "F", settings=Settings(theme="dark")), qtbot, stacks=1)
    qtbot.waitUntil(lambda: window.model.index(0).data(Role.SET_KIND) == "focus stack", timeout=10_000)
    assert len(shown(window)) == 1
    facts = window.inspector.facts
    qtbot.waitUntil(
        lambda: any(
            facts.itemAt(k).widget().text() == "Focus bracketing"  # type: ignore[attr-defined]
            for k in range(facts.count())
        )
    )


def test_a_survey_of_a_closed_stack_shows_its_frames(window: MainWindow) -> None:
    press(window, Qt.Key.Key_N)
    assert [name_of(window, photo_id) for photo_id in window.survey.ids] == ["a2", "a3", "a1", "a0"]


# Which is better?


def test_questions_go_on_until_the_best_is_sure_enough(window: MainWindow) -> None:
    press(window, Qt.Key.Key_W)
    assert window.views.name == "pairwise"
    pairwise = window.culling.pairwise
    favourite = "a1"
    for asked in range(1, 60):
        left, right = pairwise.pair
        if left is None:
            break
        assert "questions left" in pairwise.note.text() or "1 question" in pairwise.note.text()
        names = (name_of(window, left), name_of(window, right))
        if favourite in names:
            press(window, Qt.Key.Key_Left if names[0] == favourite else Qt.Key.Key_Right)
        else:
            press(window, Qt.Key.Key_Down)
        stored = groups.answers_within(window.session.workspace, window.session.columns.ids.tolist())
        assert len(stored) == asked
    assert pairwise.question.text().startswith("Sure enough: a1.jpg is the best, P = .9")
    assert 2 <= asked < 20
    press(window, Qt.Key.Key_Escape)
    assert window.views.name == "grid"


def test_marks_cannot_land_while_two_are_asked_about(window: MainWindow) -> None:
    press(window, Qt.Key.Key_W)
    press(window, Qt.Key.Key_X)
    press(window, Qt.Key.Key_5)
    assert flags(window) == {}
    assert not window.session.columns.stars.any()


def test_an_answer_can_be_taken_back(window: MainWindow) -> None:
    press(window, Qt.Key.Key_W)
    pairwise = window.culling.pairwise
    before = set(pairwise.pair)
    press(window, Qt.Key.Key_Left)
    assert pairwise._asked is not None and pairwise._asked.answered == 1
    press(window, Qt.Key.Key_Z, CTRL)
    assert pairwise._asked.answered == 0
    assert set(pairwise.pair) == before


def test_skipping_asks_another_pair_and_stores_nothing(window: MainWindow) -> None:
    press(window, Qt.Key.Key_W)
    pairs = {frozenset(window.culling.pairwise.pair)}
    for _ in range(4):
        press(window, Qt.Key.Key_Up)
        pairs.add(frozenset(window.culling.pairwise.pair))
    assert len(pairs) > 1
    assert groups.answers_within(window.session.workspace, window.session.columns.ids.tolist()) == []


def test_the_sides_zoom_together(window: MainWindow, qtbot: QtBot) -> None:
    press(window, Qt.Key.Key_W)
    pairwise = window.culling.pairwise
    sides = (pairwise.first, pairwise.second)
    qtbot.waitUntil(lambda: all(side.canvas.has_preview_of(side.photo_id) for side in sides))
    press(window, Qt.Key.Key_Z)
    assert pairwise.first.canvas.look.zoom == pairwise.second.canvas.look.zoom == 1.0
    press(window, Qt.Key.Key_Z)
    assert pairwise.second.canvas.look.zoom is None


def test_the_best_found_can_be_kept_at_once(window: MainWindow) -> None:
    press(window, Qt.Key.Key_W)
    pairwise = window.culling.pairwise
    while pairwise.pair[0] is not None:
        press(window, Qt.Key.Key_Left)
    best = name_of(window, pairwise.focus_id)
    press(window, Qt.Key.Key_P, SHIFT)
    assert flags(window)[best] == 1
    assert sorted(flags(window).values()) == [-1, -1, -1, 1]
    assert window.views.name == "grid" and current(window) == "b2"


# Suggestions


@pytest.fixture
def suggested(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    from culler.workflow import suggestions

    monkeypatch.setattr(suggestions, "MAX_LOST_KEEPERS", 0.5)
    monkeypatch.setattr(suggestions.suggest, "__defaults__", (None, 0.5, None, None))
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=10_000):
        press(window, Qt.Key.Key_S, CTRL | SHIFT)
    return window


def test_suggestions_are_ghosts_with_reasons_and_no_marks(suggested: MainWindow, qtbot: QtBot) -> None:
    assert flags(suggested) == {}
    assert suggested.culling.bar.isVisible()
    rejected = suggested.culling.suggesting.open(SuggestionKind.REJECT)
    assert rejected and rejected[0].reasons
    press(suggested, Qt.Key.Key_S, SHIFT)
    suggested.session.set_current(rejected[0].photo_id)
    row = suggested.session.place_of(rejected[0].photo_id)
    assert row is not None
    assert suggested.model.index(row).data(Role.GHOST) == "reject"
    title = suggested.inspector.standing.suggestion_title
    qtbot.waitUntil(lambda: title.isVisible() and title.text() == "Suggestion: reject candidate")
    assert rejected[0].reasons[0].text[1:] in suggested.inspector.standing.reasons.text()
    assert "uncalibrated" in suggested.inspector.standing.doubt.text()


def test_y_accepts_the_suggestion_of_the_photo(suggested: MainWindow) -> None:
    rejected = suggested.culling.suggesting.open(SuggestionKind.REJECT)
    press(suggested, Qt.Key.Key_S, SHIFT)
    suggested.session.set_current(rejected[0].photo_id)
    press(suggested, Qt.Key.Key_Y)
    assert flags(suggested) == {name_of(suggested, rejected[0].photo_id): -1}
    assert suggested.culling.suggesting.of(rejected[0].photo_id) is None
    press(suggested, Qt.Key.Key_Z, CTRL)
    assert flags(suggested) == {}
    assert suggested.culling.suggesting.of(rejected[0].photo_id) is not None


def test_a_queue_shows_its_photos_and_is_accepted_in_one_step(suggested: MainWindow) -> None:
    bar, suggesting = suggested.culling.bar, suggested.culling.suggesting
    rejected = {name_of(suggested, each.photo_id) for each in suggesting.open(SuggestionKind.REJECT)}
    bar.buttons[SuggestionKind.REJECT].click()
    assert set(shown(suggested)) == rejected
    press(suggested, Qt.Key.Key_Y, SHIFT)
    assert flags(suggested) == dict.fromkeys(rejected, -1)
    assert suggesting.queue is None and len(shown(suggested)) == 3
    press(suggested, Qt.Key.Key_Z, CTRL)
    assert flags(suggested) == {}


def test_accepting_within_a_queue_goes_on_to_the_next(suggested: MainWindow) -> None:
    suggested.culling.bar.buttons[SuggestionKind.REJECT].click()
    first, second, *_ = shown(suggested)
    go_to(suggested, second)
    following = shown(suggested)[2] if len(shown(suggested)) > 2 else first
    press(suggested, Qt.Key.Key_Y)
    assert current(suggested) == following
    assert flags(suggested) == {second: -1}


def test_the_rest_of_the_queue_waits_for_you(suggested: MainWindow) -> None:
    bar = suggested.culling.bar
    bar.buttons[SuggestionKind.YOU_DECIDE].click()
    assert not bar.accept.isVisible()
    press(suggested, Qt.Key.Key_Y, SHIFT)
    press(suggested, Qt.Key.Key_Y)
    assert flags(suggested) == {}
    assert "you decide" in suggested.task_line.text.text()
    press(suggested, Qt.Key.Key_L, CTRL)
    assert len(shown(suggested)) == 3


def test_dismissing_takes_ghosts_away_and_marks_nothing(suggested: MainWindow) -> None:
    suggesting = suggested.culling.suggesting
    photo_id = suggested.session.current
    press(suggested, Qt.Key.Key_U, SHIFT)
    assert suggesting.of(photo_id) is None and suggesting.is_open
    suggested.culling.bar.dismiss.click()
    assert not suggesting.is_open and not suggested.culling.bar.isVisible()
    assert flags(suggested) == {}


# Taste and trust


def test_learning_without_marks_says_what_to_do(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=20_000):
        window.actions_["learn-taste"].trigger()
    assert "flag or star" in window.task_line.text.text().lower()
    assert not window.culling.taste.is_used
    assert window.filter_bar.sort.key.findData(SortKey.TASTE) < 0


def test_a_learnt_taste_can_be_sorted_by_and_is_shown(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from culler.workflow import taste

    def brightest_last(workspace: object, columns: PhotoColumns) -> NDArray[np.float32]:
        levels = np.zeros((len(columns), 5), np.float32)
        likes = np.array([name in ("c.jpg", "a0.jpg") for name in columns.names])
        levels[np.arange(len(columns)), np.where(likes, 4, 0)] = 1
        return levels

    monkeypatch.setattr(taste, "taste_levels", brightest_last)
    press(window, Qt.Key.Key_S, SHIFT)
    with qtbot.waitSignal(window.culling.taste.changed, timeout=5000):
        window.culling.taste._later(0)
    combo = window.filter_bar.sort.key
    combo.setCurrentIndex(combo.findData(SortKey.TASTE))
    assert set(shown(window)[:2]) == {"c", "a0"}
    go_to(window, "c")
    panel = window.inspector.taste
    qtbot.waitUntil(lambda: panel.isVisible() and panel.words.text().startswith("Excellent, very sure"))


def test_the_trust_report_is_written_and_opened(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", staticmethod(lambda url: bool(opened.append(url.toLocalFile())) or True)
    )
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=20_000):
        window.actions_["trust-report"].trigger()
    assert opened == [] and "No burst here has a mark yet" in window.task_line.text.text()
    press(window, Qt.Key.Key_P, SHIFT)
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=20_000):
        window.actions_["trust-report"].trigger()
    assert Path(opened[0]).read_text("utf-8").lower().startswith("<!doctype html>")


# Judges


def test_another_judge_is_listed_chosen_and_its_scores_are_shown(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from culler.scoring.scorer import SCORERS, ScorerSpec

    monkeypatch.setitem(SCORERS, "dark", ScorerSpec("dark", "Dark judge", "fakes:load_dark", licence="MIT"))
    before = window.session.columns.quality.copy()
    dialog = dialogs.judge_dialog(window.session, window)
    rows = [dialog.list.topLevelItem(at).text(0) for at in range(dialog.list.topLevelItemCount())]
    assert "Fake judge (now)" in rows and "Dark judge" in rows
    needs = rows.index("Q-Align (OneAlign)")
    assert dialog.list.topLevelItem(needs).text(3) == "needs its checkpoint"
    dialog.list.setCurrentItem(dialog.list.topLevelItem(needs))
    assert not dialog.use.isEnabled()
    dialog.list.setCurrentItem(dialog.list.topLevelItem(rows.index("Dark judge")))
    qtbot.waitUntil(lambda: dialog.list.currentItem().text(3) == "the CPU", timeout=5000)
    dialog.chosen.connect(window.session.judging.use_judge)
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=20_000):
        dialog.use.click()
    qtbot.waitUntil(lambda: not window.session.loading.running, timeout=5000)
    assert str(window.session.scorer).startswith("dark")
    assert not (window.session.columns.quality == before).all()
    window.session.judging.use_judge("fake")
    qtbot.waitUntil(lambda: bool((window.session.columns.quality == before).all()), timeout=10_000)


def test_a_folder_that_is_no_checkpoint_is_refused_in_a_sentence(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = dialogs.judge_dialog(window.session, window)
    dialog.add_checkpoint(tmp_path)
    qtbot.waitUntil(lambda: "is not a checkpoint folder" in dialog.words.text(), timeout=5000)
    dialog.close()
