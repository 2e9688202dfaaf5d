"""A folder is taken up where it was left."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pictures import write_photo
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from culler.settings import Settings
from culler.ui.main_window import MainWindow

# A window has a least size; the offscreen platform warns that it cannot tell anybody.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints", extend=True)

OpenWindow = Callable[..., MainWindow]


def stored(window: MainWindow) -> Settings:
    """What the next start will find."""
    return Settings.load(window._settings_file)


def go(window: MainWindow, steps: int) -> int:
    """Some photos to the right; the id of the one that is current then."""
    for _ in range(steps):
        QTest.keyClick(window.grid, Qt.Key.Key_Right)
    assert window.session.current is not None
    return window.session.current


def test_a_folder_opens_at_the_photo_where_it_was_left(open_window: OpenWindow, photos: Path) -> None:
    first = open_window(photos)
    left = go(first, 3)
    first.close()
    again = open_window(photos, settings=stored(first))
    assert again.session.current == left
    assert again.grid.current_id() == left


def test_the_place_is_kept_before_the_window_closes(
    qtbot: QtBot, open_window: OpenWindow, photos: Path
) -> None:
    window = open_window(photos)
    left = go(window, 2)
    qtbot.waitUntil(lambda: stored(window).left_at == {str(photos): left})


def test_a_folder_that_was_only_looked_at_keeps_its_place(open_window: OpenWindow, photos: Path) -> None:
    left = {str(photos): 99_999}
    window = open_window(photos, settings=Settings(theme="dark", left_at=left))
    assert window.session.current == window.session.shown_ids()[0]
    window.close()
    assert stored(window).left_at == left


def test_a_frame_of_a_closed_stack_is_found_by_what_the_stack_shows(
    open_window: OpenWindow, tmp_path: Path
) -> None:
    folder = tmp_path / "Burst"
    for number in range(3):
        taken = datetime(2026, 5, 1, 12) + timedelta(hours=min(number, 1))
        write_photo(folder / f"B{number}.jpg", taken=taken)
    first = open_window(folder)
    ids = first.session.shown_ids()
    first.close()
    again = open_window(folder, settings=Settings(theme="dark", left_at={str(folder): ids[2]}))
    assert len(again.session.shown_ids()) == 2
    assert again.session.current == again.session.shown_ids()[1]
