"""The export dialog over the real export, on real files."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from culler.domain.decision import Flag
from culler.ui.dialogs import export_dialog
from culler.ui.export_dialog import ExportDialog
from culler.ui.main_window import MainWindow

# The offscreen platform warns that it cannot tell anybody the least size of a window.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints", extend=True)

OpenWindow = Callable[..., MainWindow]


@pytest.fixture
def window(open_window: OpenWindow, photos: Path) -> MainWindow:
    window = open_window(photos)
    window.session.set_flag(window.session.shown_ids()[1:3], Flag.PICK)
    return window


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> ExportDialog:
    dialog = export_dialog(window.session, window.targets(), window)
    dialog.show()
    return dialog


def finish(dialog: ExportDialog, qtbot: QtBot, dry_run: bool = False) -> list[tuple[str, str]]:
    """(name, action) of every file once the export has ended."""
    dialog.start(dry_run=dry_run)
    qtbot.waitUntil(lambda: dialog._thread is None, timeout=10_000)
    rows = [dialog.list.topLevelItem(at) for at in range(dialog.list.topLevelItemCount())]
    return [(row.text(0), row.text(1)) for row in rows]


def test_picks_are_proposed_first(dialog: ExportDialog, window: MainWindow) -> None:
    assert dialog.group.checkedButton().text() == "Picks (2)"
    assert list(dialog.chosen_ids()) == window.session.shown_ids()[1:3]


def test_without_a_folder_there_is_nothing_to_press(dialog: ExportDialog, tmp_path: Path) -> None:
    assert not dialog.export_button.isEnabled()
    dialog.to.setText(str(tmp_path / "out"))
    assert dialog.export_button.isEnabled()


def test_a_preview_lists_and_does_nothing(dialog: ExportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    dialog.to.setText(str(tmp_path / "out"))
    rows = finish(dialog, qtbot, dry_run=True)
    assert rows == [("P2.jpg", "would copy"), ("P3.jpg", "would copy")]
    assert dialog.note.text() == "2 files would be copied."
    assert not (tmp_path / "out").exists()


def test_an_export_copies_and_reports_every_file(
    dialog: ExportDialog, qtbot: QtBot, photos: Path, tmp_path: Path
) -> None:
    dialog.to.setText(str(tmp_path / "out"))
    dialog.csv.setChecked(True)
    assert finish(dialog, qtbot) == [("P2.jpg", "copied"), ("P3.jpg", "copied")]
    assert (tmp_path / "out" / "P2.jpg").read_bytes() == (photos / "P2.jpg").read_bytes()
    assert (tmp_path / "out" / "culler.csv").exists()
    assert finish(dialog, qtbot) == [("P2.jpg", "exists"), ("P3.jpg", "exists")]
    assert dialog.note.text() == "0 files copied, 2 there already."
    assert not dialog.moved


def test_the_best_are_those_with_the_highest_scores(dialog: ExportDialog, window: MainWindow) -> None:
    dialog.top_count.setValue(2)
    columns = window.session.columns
    means = columns.quality @ [1, 2, 3, 4, 5]
    dialog.top_by.setCurrentIndex(1)
    assert dialog.top_button.isChecked()
    best = sorted(zip((-means).tolist(), columns.ids.tolist(), strict=True))[:2]
    assert list(dialog.chosen_ids()) == [photo_id for _, photo_id in best]


def test_moving_says_that_folders_must_be_read_again(
    dialog: ExportDialog, qtbot: QtBot, photos: Path, tmp_path: Path
) -> None:
    dialog.to.setText(str(tmp_path / "out"))
    dialog.mode.setCurrentIndex(dialog.mode.findData("move"))
    assert finish(dialog, qtbot) == [("P2.jpg", "moved"), ("P3.jpg", "moved")]
    assert dialog.moved
    assert not (photos / "P2.jpg").exists()


def test_a_target_that_is_a_file_is_a_sentence(dialog: ExportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    dialog.to.setText(str(tmp_path / "taken"))
    rows = finish(dialog, qtbot)
    assert "failed" in dialog.note.text() or not rows
    assert dialog.export_button.isEnabled()
