"""Photos split into their files and joined, in the window."""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from pictures import write_photo
from pytestqt.qtbot import QtBot

from culler.domain.decision import Flag
from culler.settings import Settings
from culler.ui.main_window import MainWindow

OpenWindow = Callable[..., MainWindow]


@pytest.fixture
def pair(photos: Path) -> Path:
    """P1 has a RAW, which stands for it."""
    shutil.copy(photos / "P1.jpg", photos / "P1.CR2")
    return photos


def names(window: MainWindow) -> list[str]:
    """The photos that the grid shows."""
    columns, rows = window.session.columns, window.session.shown
    return sorted(str(name) for name in columns.names[rows])


def id_of(window: MainWindow, name: str) -> int:
    return int(window.session.columns.ids[window.session.columns.names.tolist().index(name)])


def act(qtbot: QtBot, window: MainWindow, action: str) -> None:
    """Trigger an action and wait for what is judged after it."""
    assert window.actions_[action].isEnabled()
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=20_000):
        window.actions_[action].trigger()


def test_a_pair_is_split_judged_and_put_together_again(
    qtbot: QtBot, open_window: OpenWindow, pair: Path
) -> None:
    window = open_window(pair)
    whole = id_of(window, "P1.CR2")
    window.session.set_current(whole)
    window.refresh_detail()
    window.marker.stars(4)
    act(qtbot, window, "files-split")
    assert names(window) == ["P1.CR2", "P1.jpg", *(f"P{n}.jpg" for n in range(2, 7))]
    assert (window.session.current, window.grid.selected_ids()) == (whole, [whole])
    part = id_of(window, "P1.jpg")
    row = window.session.row_of(part)
    assert window.session.columns.stars[row] == 4
    assert window.session.levels_of(part) is not None
    assert window.inspector.files.text() == "RAW P1.CR2"
    window.session.set_current(part)
    said: list[str] = []
    window.session.said.connect(said.append)
    act(qtbot, window, "undo")
    assert names(window) == ["P1.CR2", *(f"P{n}.jpg" for n in range(2, 7))]
    assert window.session.current == whole
    assert said == ["Undone: Split P1.CR2 into files."]
    act(qtbot, window, "redo")
    assert id_of(window, "P1.jpg") == part


def test_the_selected_photos_become_one_and_lost_marks_are_told(
    qtbot: QtBot, open_window: OpenWindow, photos: Path
) -> None:
    window = open_window(photos)
    first, second = id_of(window, "P2.jpg"), id_of(window, "P3.jpg")
    window.session.edits.set_flag([first], Flag.PICK)
    window.session.edits.set_flag([second], Flag.REJECT)
    window.session.set_current(second)
    window.grid.select_ids([first, second])
    sentences: list[str] = []
    say = window.task_line.say
    window.task_line.say = lambda text, failures=0: (sentences.append(text), say(text, failures))  # type: ignore[method-assign]
    act(qtbot, window, "files-join")
    assert names(window) == ["P1.jpg", "P2.jpg", "P4.jpg", "P5.jpg", "P6.jpg"]
    assert (window.session.current, window.grid.selected_ids()) == (first, [first])
    assert "Joined 2 files into one photo. Set aside, until you undo this: P3.jpg: reject." in sentences
    assert len(window.session.columns) == 5
    window.session.rescan()
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=20_000):
        pass
    assert names(window) == ["P1.jpg", "P2.jpg", "P4.jpg", "P5.jpg", "P6.jpg"]


@pytest.mark.parametrize("view", ["compare", "survey"])
def test_photos_that_undo_takes_away_are_compared_no_more(
    qtbot: QtBot, open_window: OpenWindow, pair: Path, view: str
) -> None:
    window = open_window(pair)
    whole = id_of(window, "P1.CR2")
    window.session.set_current(whole)
    window.refresh_detail()
    act(qtbot, window, "files-split")
    window.grid.select_ids([whole, id_of(window, "P1.jpg")])
    window.actions_[view].trigger()
    assert window.views.name == view
    act(qtbot, window, "undo")
    assert (window.views.name, window.session.current) == ("grid", whole)


def test_actions_are_there_where_they_make_sense(qtbot: QtBot, open_window: OpenWindow, pair: Path) -> None:
    window = open_window(pair)

    def enabled() -> tuple[bool, bool]:
        window.refresh_detail()
        return window.actions_["files-split"].isEnabled(), window.actions_["files-join"].isEnabled()

    window.session.set_current(id_of(window, "P2.jpg"))
    window.grid.select_ids([id_of(window, "P2.jpg")])
    assert enabled() == (False, False)
    window.session.set_current(id_of(window, "P1.CR2"))
    window.grid.select_ids([id_of(window, "P1.CR2")])
    assert enabled() == (True, False)
    window.views.show_loupe()
    assert enabled() == (True, False)
    window.views.show_grid()
    window.grid.select_ids([id_of(window, name) for name in ("P2.jpg", "P3.jpg")])
    assert enabled() == (True, True)


def test_what_cannot_be_split_is_said(qtbot: QtBot, open_window: OpenWindow, photos: Path) -> None:
    window = open_window(photos)
    window.files_by_hand.split([id_of(window, "P2.jpg")])
    assert window.task_line.text.text() == "P2.jpg is one picture file; there is nothing to split."


def test_a_closed_stack_is_opened_before_its_frames_are_joined(
    qtbot: QtBot, open_window: OpenWindow, tmp_path: Path
) -> None:
    for name in ("A.jpg", "A-edit.jpg"):
        write_photo(tmp_path / "shoot" / name, taken=datetime(2026, 5, 1, 12))
    window = open_window(tmp_path / "shoot", settings=Settings(collapse_stacks=True))
    qtbot.waitUntil(lambda: len(names(window)) == 1, timeout=10_000)
    window.grid.select_ids([int(window.session.collection.shown_ids[0])])
    assert window.actions_["files-join"].isEnabled()
    window.actions_["files-join"].trigger()
    assert names(window) == ["A-edit.jpg", "A.jpg"]
    assert len(window.grid.selected_ids()) == 2
    assert window.task_line.text.text().startswith("The stack is open now.")
    act(qtbot, window, "files-join")
    assert names(window) == ["A.jpg"]


def test_the_parts_of_a_split_photo_are_not_folded_away(
    qtbot: QtBot, open_window: OpenWindow, tmp_path: Path
) -> None:
    for name in ("A.CR2", "A.jpg"):
        write_photo(tmp_path / "shoot" / "A.png", taken=datetime(2026, 5, 1, 12)).rename(
            tmp_path / "shoot" / name
        )
    window = open_window(tmp_path / "shoot", settings=Settings(collapse_stacks=True))
    window.files_by_hand.split([id_of(window, "A.CR2")])
    stacks = window.culling.stacks
    qtbot.waitUntil(lambda: len(stacks.members(id_of(window, "A.jpg"))) == 2, timeout=10_000)
    assert names(window) == ["A.CR2", "A.jpg"]
