"""A folder of small real JPEGs, and the real window on a real catalog."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from culler.settings import Settings

if TYPE_CHECKING:
    from culler.ui.main_window import MainWindow

OpenWindow = Callable[..., "MainWindow"]


def make_photo(path: Path, brightness: int, size: tuple[int, int] = (96, 64)) -> Path:
    """A JPEG of one grey with a darker corner."""
    image = Image.new("RGB", size, (brightness,) * 3)
    image.paste((brightness // 2,) * 3, (0, 0, size[0] // 3, size[1] // 3))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, quality=90)
    return path


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with six photos, P1.jpg to P6.jpg."""
    folder = tmp_path / "Wedding"
    for number in range(1, 7):
        make_photo(folder / f"P{number}.jpg", 30 * number)
    return folder


@pytest.fixture(autouse=True)
def leave(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is unwritten at the end of a test stays in the catalog."""
    monkeypatch.setattr(QMessageBox, "exec", lambda box: QMessageBox.StandardButton.Discard)


@pytest.fixture
def open_window(qtbot: QtBot, culler_home: Path, fake_judge: str) -> Iterator[OpenWindow]:
    """`open_window(folder)` gives the window once that folder is read and scored; without a folder the
    welcome page. `settle=False` does not wait. Closing leaves no thread of ours behind."""
    from culler.ui.main_window import MainWindow
    from culler.ui.session import Session
    from culler.workflow.workspace import open_workspace

    before = set(threading.enumerate())
    windows: list[MainWindow] = []

    def opened(*folders: Path, settle: bool = True, settings: Settings | None = None) -> MainWindow:
        session = Session()
        session.judging.scorer_wanted = lambda: fake_judge  # type: ignore[method-assign]
        window = MainWindow(
            session,
            settings or Settings(theme="dark", collapse_stacks=False),
            culler_home / "config" / "settings.json",
        )
        windows.append(window)
        session.attach(open_workspace())
        window.set_ready()
        window.resize(1100, 700)
        with qtbot.waitExposed(window):
            window.show()
        if folders:
            if settle:
                with qtbot.waitSignal(session.jobs.emptied, timeout=20_000):
                    session.open(folders)
            else:
                session.open(folders)
        return window

    yield opened
    for window in windows:
        window.metadata.quiet = True
        window.close()
        window.deleteLater()
    assert {thread for thread in threading.enumerate() if not thread.daemon} <= before
