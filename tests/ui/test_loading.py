"""Opening folders: the first page before the catalog, the rest in a thread, nothing lost meanwhile."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pictures import write_photo
from pytestqt.qtbot import QtBot

from culler.domain.decision import Flag
from culler.settings import Settings
from culler.ui.main_window import MainWindow
from culler.ui.session import Session
from culler.workflow import rank

OpenWindow = Callable[..., MainWindow]


class Gate:
    """Holds `load_columns` after it has read, until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = threading.Event()
        self.read = threading.Event()
        load = rank.load_columns

        def held(*arguments: object) -> object:
            found = load(*arguments)  # type: ignore[arg-type]
            self.read.set()
            assert self.open.wait(20)
            return found

        monkeypatch.setattr(rank, "load_columns", held)


def test_known_photos_are_shown_before_the_catalog_is_open(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, culler_home: Path
) -> None:
    open_window(photos).close()
    session = Session()
    window = MainWindow(session, Settings(theme="dark"), culler_home / "config" / "settings.json")
    window.resize(1100, 700)
    assert session.show_early([photos])
    with qtbot.waitExposed(window):
        window.show()
    qtbot.waitUntil(lambda: all(map(window.loader.pixmap, window.grid.visible_ids())))
    assert len(window.grid.visible_ids()) == 6
    assert session.workspace is None
    window.close()
    window.deleteLater()


def test_nothing_is_shown_early_of_a_folder_that_nobody_has_seen(
    open_window: OpenWindow, photos: Path
) -> None:
    window = open_window()
    assert not window.session.show_early([photos])
    assert window.stack.currentWidget() is window.welcome


def test_marks_made_while_the_columns_are_read_are_kept(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(photos)
    session = window.session
    first = session.shown_ids()[0]
    gate = Gate(monkeypatch)
    session.rescan()
    assert gate.read.wait(20)
    session.edits.set_flag([first], Flag.PICK)
    with qtbot.waitSignal(session.jobs.emptied, timeout=20_000):
        gate.open.set()
    row = session.row_of(first)
    assert row is not None
    assert session.columns.flag[row] == 1


def test_the_folder_opened_last_is_the_one_that_is_shown(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = write_photo(tmp_path / "Other" / "only.jpg").parent
    window = open_window()
    gate = Gate(monkeypatch)
    window.session.open([photos])
    window.session.open([other])
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=20_000):
        gate.open.set()
    assert window.session.columns.names.tolist() == ["only.jpg"]
