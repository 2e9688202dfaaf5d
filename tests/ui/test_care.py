"""Moved folders, files of marks, health and a damaged catalog, in the window."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from culler.catalog import backup
from culler.domain.decision import Flag
from culler.settings import places
from culler.ui.app import Start
from culler.ui.health_dialog import HealthDialog
from culler.ui.main_window import MainWindow
from culler.ui.moved_dialog import MovedDialog

OpenWindow = Callable[..., MainWindow]
Buttons = QMessageBox.StandardButton


def done(qtbot: QtBot, window: MainWindow, act: Callable[[], object]) -> None:
    """Do something and wait for its jobs."""
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=20_000):
        act()


def stars(window: MainWindow) -> dict[str, int]:
    columns = window.session.columns
    return dict(zip(columns.names.tolist(), columns.stars.tolist(), strict=True))


def test_a_folder_that_moved_is_found_with_its_marks(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(photos)
    window.session.edits.set_stars([window.session.shown_ids()[0]], 4)
    window.close()
    new = photos.with_name("Archive")
    photos.rename(new)
    asked: list[tuple[Path | None, bool]] = []

    def answer(dialog: MovedDialog) -> int:
        asked.append((dialog.old, dialog.go.isEnabled()))
        dialog.now.setText(str(new))
        assert dialog.go.isEnabled()
        dialog.accept()
        return dialog.result()

    monkeypatch.setattr(MovedDialog, "exec", answer)
    again = open_window(settings=window.settings)
    assert again.welcome.last_button.text() == "Where Is “Wedding” Now?…"
    done(qtbot, again, again.welcome.last_button.click)
    qtbot.waitUntil(lambda: again.session.folders == (new,))
    qtbot.waitUntil(lambda: stars(again).get("P1.jpg") == 4)
    assert asked == [(photos, False)]
    qtbot.waitUntil(lambda: again.session.jobs.running is None)
    assert again.task_line.text.text() == "Found 6 photos again."


def test_when_all_photos_are_missing_the_grid_asks_where_they_are(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(photos)
    for path in photos.iterdir():
        path.unlink()
    done(qtbot, window, window.session.rescan)
    assert window.note.title.text() == "All 6 photos are missing"
    assert window.task_line.text.text() == "6 missing."
    done(qtbot, window, window.session.rescan)
    assert window.task_line.text.text() != "6 missing."
    shown: list[bool] = []
    monkeypatch.setattr(MovedDialog, "exec", lambda dialog: shown.append(True) or 0)
    done(qtbot, window, window.note.button.click)
    assert shown == [True]


def test_marks_go_into_a_file_and_come_back(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(photos)
    ids = window.session.shown_ids()
    window.session.edits.set_stars(ids[:2], 4)
    file = tmp_path / "marks"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (f"{file}.json", ""))
    done(qtbot, window, window.actions_["marks-save"].trigger)
    assert window.task_line.text.text() == f"The marks of 2 photos are in {file}.json."
    window.session.edits.set_stars(ids[:1], 0)
    window.session.edits.set_stars(ids[1:2], 1)
    asked: list[str] = []

    def answer(box: QMessageBox) -> Buttons:
        asked.append(box.text())
        assert box.defaultButton() is box.button(Buttons.Close)
        return Buttons.Apply

    monkeypatch.setattr(QMessageBox, "exec", answer)
    done(qtbot, window, window.actions_["marks-load"].trigger)
    qtbot.waitUntil(lambda: [stars(window)["P1.jpg"], stars(window)["P2.jpg"]] == [4, 4])
    assert asked == ["1 photo has other marks than the file says."]
    qtbot.waitUntil(lambda: window.session.jobs.running is None)


def test_health_is_shown_with_what_wants_a_look_first(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(photos)
    photos.rename(photos.with_name("elsewhere"))
    shown: list[tuple[str, str]] = []

    def look(dialog: HealthDialog) -> int:
        first = dialog.list.topLevelItem(0)
        assert first is not None
        shown.append((dialog.title.text(), first.text(0)))
        return 0

    monkeypatch.setattr(HealthDialog, "exec", look)
    done(qtbot, window, window.actions_["health"].trigger)
    assert shown == [("1 thing wants a look", "Folder")]


@pytest.mark.parametrize("damage", [b"", b"garbage" * 1000])
def test_a_damaged_catalog_offers_its_backup(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, damage: bytes
) -> None:
    from culler.ui.session import Session

    first = open_window(photos)
    first.session.edits.set_flag([first.session.shown_ids()[0]], Flag.PICK)
    first.close()
    catalog = places().catalog
    backup.make(catalog)
    catalog.write_bytes(damage)
    session = Session()
    window = MainWindow(session, first.settings, catalog.parent / "settings.json")
    start = Start(window, session, [])
    window.closed.connect(start.close)
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitSignal(start.done, timeout=20_000):
        start.begin()
    assert window.note.title.text() == "Culler cannot open its catalog"
    qtbot.waitUntil(lambda: window.note.button.text().startswith("Restore the Backup of"))
    assert session.workspace is None
    with qtbot.waitSignal(start.done, timeout=20_000):
        window.note.button.click()
    assert session.workspace is not None
    assert "is the catalog now" in window.task_line.text.text()
    window.close()
