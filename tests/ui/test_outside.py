"""What other programs do while the window is open."""

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from culler.domain.decision import Decision, Flag
from culler.imaging.xmp_files import write_marks
from culler.ui.main_window import MainWindow
from culler.workflow import cull
from culler.workflow.workspace import open_workspace

OpenWindow = Callable[..., MainWindow]


def written(qtbot: QtBot, open_window: OpenWindow, photos: Path) -> MainWindow:
    """A window whose first photo has three stars, in its sidecar too."""
    window = open_window(photos)
    window.session.edits.set_stars([window.session.shown_ids()[0]], 3)
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=20_000):
        window.actions_["sidecars-write"].trigger()
    look(qtbot, window)
    return window


def look(qtbot: QtBot, window: MainWindow) -> None:
    """Have the window look at the folders, and wait until it has."""
    qtbot.waitUntil(lambda: window.session.jobs.running is None)
    window.outside.look()
    qtbot.waitUntil(lambda: window.outside._thread is None, timeout=20_000)


def test_a_sidecar_changed_elsewhere_is_told_and_taken_over_on_a_click(
    qtbot: QtBot, open_window: OpenWindow, photos: Path
) -> None:
    window = written(qtbot, open_window, photos)
    assert not window.outside.note.isVisible()
    write_marks(photos / "P1.xmp", Decision(Flag.NONE, 5), overrule=True)
    look(qtbot, window)
    assert window.outside.note.text() == "1 changed elsewhere" and window.outside.note.isVisible()
    assert window.session.columns.stars.max() == 3
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=20_000):
        window.outside.note.click()
    qtbot.waitUntil(lambda: window.session.columns.stars.max() == 5)
    look(qtbot, window)
    assert not window.outside.note.isVisible()


def test_a_card_that_is_pulled_out_is_told_and_marks_go_on(
    qtbot: QtBot, open_window: OpenWindow, photos: Path
) -> None:
    window = written(qtbot, open_window, photos)
    away = photos.with_name("pulled out")
    photos.rename(away)
    look(qtbot, window)
    assert "is not there any more. Is its disk connected?" in window.task_line.text.text()
    assert len(window.session.shown) == 6
    window.session.edits.set_stars([window.session.shown_ids()[1]], 4)
    away.rename(photos)
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=20_000):
        look(qtbot, window)
    assert len(window.session.shown) == 6 and sorted(window.session.columns.stars.tolist())[-1] == 4


def test_marks_set_in_another_window_of_culler_are_shown(
    qtbot: QtBot, open_window: OpenWindow, photos: Path
) -> None:
    window = written(qtbot, open_window, photos)
    second = window.session.shown_ids()[1]
    other = open_workspace()
    cull.set_stars(other, [second], 5)
    other.close()
    look(qtbot, window)
    row = window.session.row_of(second)
    assert row is not None and window.session.columns.stars[row] == 5
