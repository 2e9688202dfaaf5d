"""Rejects to the bin and back, in the window."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from culler.domain.decision import Flag
from culler.ui.bin_dialog import BinDialog
from culler.ui.main_window import MainWindow

OpenWindow = Callable[..., MainWindow]


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bin that takes everything and gives nothing back."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setattr("send2trash.send2trash", lambda path: Path(path).rename(folder / Path(path).name))
    return folder


@pytest.fixture
def no_bin(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk without a bin, and a user who agrees to every list."""

    def refuse(path: object) -> None:
        raise OSError("no bin here")

    monkeypatch.setattr("send2trash.send2trash", refuse)
    monkeypatch.setattr(BinDialog, "exec", lambda dialog: dialog.accept())


def done(qtbot: QtBot, window: MainWindow, action: str) -> None:
    """Trigger an action and wait for its job."""
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=20_000):
        window.actions_[action].trigger()


def names(window: MainWindow) -> list[str]:
    """The photos that the grid shows."""
    columns, rows = window.session.columns, window.session.shown
    return [str(name) for name in columns.names[rows]]


def test_rejects_go_only_after_their_list_was_agreed_to(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, bin_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(photos)
    first, second = window.session.shown_ids()[:2]
    window.session.edits.set_flag([first, second], Flag.REJECT)
    titles: list[str] = []
    agree = [False, True]

    def decide(dialog: BinDialog) -> int:
        titles.append(dialog.title.text())
        assert [dialog.list.item(row).text() for row in range(dialog.list.count())] == ["P1.jpg", "P2.jpg"]
        dialog.accept() if agree.pop(0) else dialog.reject()
        return dialog.result()

    monkeypatch.setattr(BinDialog, "exec", decide)
    done(qtbot, window, "rejects-bin")
    assert list(bin_folder.iterdir()) == []
    done(qtbot, window, "rejects-bin")
    assert sorted(path.name for path in bin_folder.iterdir()) == ["P1.jpg", "P2.jpg"]
    assert titles[0].startswith("2 rejected photos, ")
    assert window.task_line.text.text() == "Moved 2 photos to the bin."


def test_a_reject_that_is_unticked_stays(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, bin_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(photos)
    window.session.edits.set_flag(window.session.shown_ids()[:2], Flag.REJECT)
    titles: list[str] = []

    def spare_the_first(dialog: BinDialog) -> int:
        for row, state in ((0, Qt.CheckState.Unchecked), (1, Qt.CheckState.Unchecked)):
            item = dialog.list.item(row)
            assert item is not None and dialog.go.isEnabled()
            item.setCheckState(state)
        assert not dialog.go.isEnabled()
        second = dialog.list.item(1)
        assert second is not None
        second.setCheckState(Qt.CheckState.Checked)
        titles.append(dialog.title.text())
        dialog.accept()
        return dialog.result()

    monkeypatch.setattr(BinDialog, "exec", spare_the_first)
    done(qtbot, window, "rejects-bin")
    assert [path.name for path in bin_folder.iterdir()] == ["P2.jpg"]
    assert titles[0].startswith("1 rejected photo, ")


def test_a_click_on_a_photo_spares_it(qtbot: QtBot, open_window: OpenWindow, photos: Path) -> None:
    from culler.workflow.removal import rejects

    window = open_window(photos)
    (first, _) = window.session.shown_ids()[:2]
    window.session.edits.set_flag(window.session.shown_ids()[:2], Flag.REJECT)
    dialog = BinDialog(rejects(window.session.workspace, [photos]), window.loader)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    item = dialog.list.item(0)
    assert item is not None
    place = dialog.list.visualItemRect(item).center()
    qtbot.mouseClick(dialog.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert item.checkState() is Qt.CheckState.Unchecked and first not in dialog.chosen
    qtbot.mouseClick(dialog.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert item.checkState() is Qt.CheckState.Checked


def test_rejects_leave_the_grid_and_come_back(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, no_bin: None
) -> None:
    window = open_window(photos)
    window.session.edits.set_flag([window.session.shown_ids()[0]], Flag.REJECT)
    done(qtbot, window, "rejects-bin")
    assert names(window) == ["P2.jpg", "P3.jpg", "P4.jpg", "P5.jpg", "P6.jpg"]
    assert window.filter_bar.count.text() == "5 photos"
    window.actions_["missing"].trigger()
    assert names(window) == ["P1.jpg"] and window.filter_bar.count.text() == "1 missing"
    window.actions_["clear-filter"].trigger()
    assert not window.actions_["missing"].isChecked()
    done(qtbot, window, "rejects-back")
    assert len(names(window)) == 6
    assert window.filter_bar.count.text() == "6 photos"


def test_rejects_that_found_no_bin_come_back(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, no_bin: None
) -> None:
    window = open_window(photos)
    window.session.edits.set_flag([window.session.shown_ids()[0]], Flag.REJECT)
    done(qtbot, window, "rejects-bin")
    assert (photos / "_Rejected" / "P1.jpg").exists()
    done(qtbot, window, "rejects-back")
    assert (photos / "P1.jpg").exists()


def test_the_keyboard_spares_a_photo(qtbot: QtBot, open_window: OpenWindow, photos: Path) -> None:
    from culler.workflow.removal import rejects

    window = open_window(photos)
    window.session.edits.set_flag(window.session.shown_ids()[:2], Flag.REJECT)
    dialog = BinDialog(rejects(window.session.workspace, [photos]), window.loader)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    dialog.list.setFocus()
    qtbot.keyClick(dialog.list, Qt.Key.Key_Home)
    qtbot.keyClick(dialog.list, Qt.Key.Key_Right)
    qtbot.keyClick(dialog.list, Qt.Key.Key_Space)
    states = [dialog.list.item(row).checkState() for row in range(2)]
    assert states == [Qt.CheckState.Checked, Qt.CheckState.Unchecked]
    qtbot.keyClick(dialog.list, Qt.Key.Key_Escape)
    assert not dialog.isVisible() and not dialog.result()
