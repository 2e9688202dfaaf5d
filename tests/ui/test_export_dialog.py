"""The export dialog over the real export, on real files."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from culler.domain.decision import ColorLabel, Flag
from culler.domain.levels import Level
from culler.ranking.filters import Filter
from culler.ranking.order import SortKey
from culler.settings import Settings
from culler.ui.dialogs import export_dialog
from culler.ui.export_choice import Choice, What
from culler.ui.export_dialog import ExportDialog
from culler.ui.export_form_panel import Form
from culler.ui.export_papers_panel import Papers
from culler.ui.export_place_panel import Placing
from culler.ui.export_rows import select
from culler.ui.export_settings import ExportSettings
from culler.ui.main_window import MainWindow
from culler.workflow.export import Into, Members, MetadataPolicy, Target

# The offscreen platform warns that it cannot tell anybody the least size of a window.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints", extend=True)

OpenWindow = Callable[..., MainWindow]
Buttons = QMessageBox.StandardButton


@pytest.fixture
def window(open_window: OpenWindow, photos: Path) -> MainWindow:
    """Six photos, the second and third picked; the fourth is a RAW with its JPEG."""
    shutil.copy(photos / "P4.jpg", photos / "P4.CR2")
    window = open_window(photos)
    window.session.edits.set_flag(window.session.shown_ids()[1:3], Flag.PICK)
    return window


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> ExportDialog:
    return opened(window, qtbot)


def opened(window: MainWindow, qtbot: QtBot) -> ExportDialog:
    dialog = export_dialog(window)
    dialog.show()
    settle(dialog, qtbot)
    return dialog


def settle(dialog: ExportDialog, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not dialog.is_busy, timeout=20_000)


def choose(dialog: ExportDialog, what: What, **more: object) -> tuple[int, ...]:
    """The photos of a choice."""
    dialog.photos.set_choice(Choice(what, **more))  # type: ignore[arg-type]
    ids = dialog.photos.ids()
    assert ids is not None
    return ids


def place(dialog: ExportDialog, folder: Path, **more: object) -> None:
    dialog.place.set_placing(Placing(str(folder), **more))  # type: ignore[arg-type]


def names(dialog: ExportDialog) -> list[str]:
    """What the files of the list are, or would be, called."""
    return [where for _, _, where in dialog.report.rows()]


def finish(dialog: ExportDialog, qtbot: QtBot, dry_run: bool = False) -> list[tuple[str, str]]:
    """(name, action) of every file once the export has ended."""
    dialog.start(dry_run=dry_run)
    settle(dialog, qtbot)
    return [(name, action) for name, action, _ in dialog.report.rows()]


def test_picks_are_proposed_first_with_their_number_and_size(
    dialog: ExportDialog, window: MainWindow, photos: Path
) -> None:
    assert dialog.photos.what.currentText() == "Picks (2)"
    assert dialog.photos.ids() == tuple(window.session.shown_ids()[1:3])
    size = (photos / "P2.jpg").stat().st_size + (photos / "P3.jpg").stat().st_size
    assert dialog.photos.note.text() == f"2 photos, {size / 1000:.1f} kB."


def test_photos_are_chosen_by_every_mark_and_by_score(window: MainWindow, qtbot: QtBot) -> None:
    ids = window.session.shown_ids()
    window.session.edits.set_stars(ids[0:1], 5)
    window.session.edits.set_stars(ids[1:2], 3)
    window.session.edits.set_label(ids[4:5], ColorLabel.RED)
    window.grid.select_ids(ids[2:4])
    dialog = opened(window, qtbot)
    assert choose(dialog, What.SELECTED) == tuple(ids[2:4])
    assert choose(dialog, What.STARS, stars=3) == tuple(ids[0:2])
    assert choose(dialog, What.STARS, stars=4) == tuple(ids[0:1])
    assert choose(dialog, What.LABEL, label=ColorLabel.RED) == tuple(ids[4:5])
    likeliest = window.session.columns.quality.argmax(axis=1) + 1
    good = {
        photo_id for photo_id, level in zip(window.session.columns.ids, likeliest, strict=True) if level >= 4
    }
    assert set(choose(dialog, What.LEVEL, level=Level.GOOD)) == good and 0 < len(good) < 6
    means = window.session.columns.quality @ [1, 2, 3, 4, 5]
    best = sorted(zip((-means).tolist(), window.session.columns.ids.tolist(), strict=True))[:2]
    assert choose(dialog, What.BEST, count=2, by=SortKey.QUALITY) == tuple(id_ for _, id_ in best)
    request = dialog.request()
    assert request is not None and request.ranked


def test_the_filter_and_the_order_of_the_grid_hold(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    ids = session.shown_ids()
    session.set_sort(SortKey.NAME, True)
    session.set_filter(Filter(flags=frozenset({Flag.NONE})))
    dialog = opened(window, qtbot)
    assert choose(dialog, What.SHOWN) == (ids[5], ids[4], ids[3], ids[0])
    assert choose(dialog, What.ALL) == tuple(reversed(ids))
    assert choose(dialog, What.PICKS) == (ids[2], ids[1])


def test_photos_whose_files_are_missing_are_not_offered(
    window: MainWindow, qtbot: QtBot, photos: Path
) -> None:
    ids = window.session.shown_ids()
    (photos / "P2.jpg").unlink()
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=20_000):
        window.session.rescan()
    dialog = opened(window, qtbot)
    assert choose(dialog, What.PICKS) == (ids[2],)
    assert ids[1] not in choose(dialog, What.SHOWN)


def test_closed_stacks_count_by_one_frame_or_by_all(window: MainWindow, qtbot: QtBot) -> None:
    ids = window.session.shown_ids()
    window.grid.select_ids(ids[0:3])
    with qtbot.waitSignal(window.culling.stacks.changed):
        window.actions_["stack"].trigger()
    window.culling.stacks.set_collapsed(True)
    qtbot.waitUntil(lambda: len(window.session.shown) == 2)  # the others look alike
    dialog = opened(window, qtbot)
    assert len(choose(dialog, What.SHOWN)) == 2
    assert choose(dialog, What.UNFOLDED) == tuple(ids)
    dialog.place.into.setCurrentIndex(dialog.place.into.findData(Into.STACK))
    settle(dialog, qtbot)
    assert names(dialog)[0] == str(Path("P1 to P3") / "P1.jpg")


def test_suggestions_are_found_when_they_are_wanted(dialog: ExportDialog, qtbot: QtBot) -> None:
    dialog.photos.set_choice(Choice(What.YOU_DECIDE))
    assert dialog.photos.ids() is None and not dialog.export_button.isEnabled()
    settle(dialog, qtbot)
    found = dialog._chosen.queues
    assert found is not None and sum(map(len, found.values())) == 4  # those without a flag
    assert dialog.photos.ids() is not None


def test_without_a_folder_there_is_nothing_to_press(dialog: ExportDialog, tmp_path: Path) -> None:
    assert not dialog.export_button.isEnabled()
    dialog.place.folder.setText(str(tmp_path / "out"))
    assert dialog.export_button.isEnabled() and dialog.export_button.text() == "Copy 2 Photos"


def test_a_folder_by_its_name_alone_is_one_of_the_user_s(
    dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for text, folder in (("Client", tmp_path / "Client"), (str(tmp_path / "x"), tmp_path / "x")):
        dialog.place.folder.setText(text)
        request = dialog.request()
        assert request is not None and request.to == folder


def test_names_are_shown_as_the_template_is_typed(dialog: ExportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    choose(dialog, What.SHOWN)
    dialog.place.folder.setText(str(tmp_path / "out"))
    dialog.names.template.setText("")
    qtbot.keyClicks(dialog.names.template, "wedding")
    settle(dialog, qtbot)
    assert names(dialog)[:3] == ["wedding.jpg", "wedding (2).jpg", "wedding (3).jpg"]
    dialog.names.menu.actions()[3].trigger()
    settle(dialog, qtbot)
    assert names(dialog)[:2] == ["wedding0001.jpg", "wedding0002.jpg"]
    assert not (tmp_path / "out").exists()


def test_a_template_that_is_none_is_a_sentence(dialog: ExportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    dialog.place.folder.setText(str(tmp_path / "out"))
    dialog.names.set_template("{nam}")
    settle(dialog, qtbot)
    assert "unknown field {nam}" in dialog.names.problem.text() and dialog.names.problem.isVisible()
    assert not dialog.export_button.isEnabled() and names(dialog) == []
    dialog.names.set_template("{name}")
    settle(dialog, qtbot)
    assert not dialog.names.problem.isVisible() and names(dialog) == ["P2.jpg", "P3.jpg"]


def test_a_dry_run_lists_and_does_nothing(dialog: ExportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    place(dialog, tmp_path / "out")
    assert finish(dialog, qtbot, dry_run=True) == [("P2.jpg", "would copy"), ("P3.jpg", "would copy")]
    assert dialog.note.text() == "2 files would be copied."
    assert not (tmp_path / "out").exists()


def test_an_export_copies_reports_every_file_and_goes_on_when_run_again(
    dialog: ExportDialog, qtbot: QtBot, photos: Path, tmp_path: Path
) -> None:
    place(dialog, tmp_path / "out")
    dialog.papers.set_papers(Papers(True, True, True, True, True))
    assert finish(dialog, qtbot) == [("P2.jpg", "copied"), ("P3.jpg", "copied")]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "P2.jpg",
        "P3.jpg",
        "contact sheet.html",
        "contact sheet.pdf",
        "culler.csv",
        "culler.json",
        "files.txt",
    ]
    (tmp_path / "out" / "P3.jpg").unlink()
    assert finish(dialog, qtbot) == [("P2.jpg", "there already"), ("P3.jpg", "copied")]
    assert dialog.note.text().startswith("1 file copied, 1 there already.")
    assert len(list((tmp_path / "out").iterdir())) == 7
    assert not dialog.moved


def test_new_pictures_are_made_as_the_panel_says(dialog: ExportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    choose(dialog, What.SHOWN)
    place(dialog, tmp_path / "out", mode="move", members=Members.RAW)
    dialog.form.set_form(Form("avif", limited=True, side_px=48, metadata=MetadataPolicy.NONE))
    request = dialog.request()
    assert request is not None
    assert (request.format, request.max_side_px, request.quality) == (Target.AVIF, 48, 80)
    assert (request.mode, request.members) == ("copy", Members.ALL)
    assert not dialog.place.mode.isEnabled() and not dialog.place.members.isEnabled()
    assert dialog.place.note.text().startswith("New pictures")
    assert dialog.export_button.text() == "Export 6 Photos"
    assert {action for _, action in finish(dialog, qtbot)} == {"converted"}
    with Image.open(tmp_path / "out" / "P4.avif") as image:
        assert max(image.size) == 48
    dialog.form.set_form(Form())
    assert dialog.place.mode.isEnabled() and dialog.export_button.text() == "Move 6 Photos"


def test_of_pairs_only_one_may_go_but_a_move_takes_all(
    dialog: ExportDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    choose(dialog, What.SHOWN)
    place(dialog, tmp_path / "out", members=Members.RENDERED)
    settle(dialog, qtbot)
    assert "P4.CR2" not in names(dialog) and "P4.jpg" in names(dialog)
    select(dialog.place.mode, "move")
    dialog.place.mode.currentIndexChanged.emit(0)
    settle(dialog, qtbot)
    assert "P4.CR2" in names(dialog) and not dialog.place.members.isEnabled()
    assert "moves with all its files" in dialog.place.why.text()


def test_a_move_can_be_taken_back_from_the_menu(
    dialog: ExportDialog,
    window: MainWindow,
    qtbot: QtBot,
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def answer(box: QMessageBox) -> Buttons:
        asked.append(box.text())
        return Buttons.Ok

    monkeypatch.setattr(QMessageBox, "exec", answer)
    window.actions_["export-undo"].trigger()
    assert not asked and "no move" in window.task_line.text.text()
    place(dialog, tmp_path / "out", mode="move")
    assert finish(dialog, qtbot) == [("P2.jpg", "moved"), ("P3.jpg", "moved")]
    assert dialog.moved and "Undo Last Move" in dialog.note.text()
    assert not (photos / "P2.jpg").exists()
    dialog.close()
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=20_000):
        window.actions_["export-undo"].trigger()
    assert asked == ["Move 2 photos back?"]
    assert (photos / "P2.jpg").exists() and not (tmp_path / "out" / "P2.jpg").exists()


def test_what_cannot_be_done_is_a_sentence_in_the_dialog(
    dialog: ExportDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file")
    place(dialog, tmp_path / "taken")
    settle(dialog, qtbot)
    assert "is a file, not a folder" in dialog.note.text()
    assert finish(dialog, qtbot) == []
    assert "is a file, not a folder" in dialog.note.text() and dialog.export_button.isEnabled()


def test_failures_can_be_shown_alone(
    dialog: ExportDialog, qtbot: QtBot, photos: Path, tmp_path: Path
) -> None:
    (photos / "P3.jpg").unlink()
    place(dialog, tmp_path / "out")
    assert finish(dialog, qtbot) == [("P2.jpg", "copied"), ("P3.jpg", "failed")]
    assert dialog.note.text() == "1 file copied, 1 failed."
    assert dialog.report.only_failed.isVisible()
    dialog.report.only_failed.setChecked(True)
    ((name, _, why),) = dialog.report.rows()
    assert name == "P3.jpg" and why.startswith("the file or its folder is gone")
    dialog.report.view.setCurrentIndex(dialog.report.model.index(0, 0))
    assert dialog.note.text().startswith("Cannot copy P3.jpg to")


def test_escape_cancels_what_runs_and_closes_when_nothing_does(
    dialog: ExportDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    place(dialog, tmp_path / "out")
    settle(dialog, qtbot)
    dialog.start(dry_run=False)
    assert dialog.close_button.text() == "Cancel" and not dialog.area.isEnabled()
    assert dialog._thread is not None
    dialog._thread.pause()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    settle(dialog, qtbot)
    assert dialog.isVisible() and dialog.close_button.text() == "Close"
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_enter_in_a_field_exports(dialog: ExportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    place(dialog, tmp_path / "out")
    settle(dialog, qtbot)
    qtbot.keyClick(dialog.names.template, Qt.Key.Key_Return)
    settle(dialog, qtbot)
    assert (tmp_path / "out" / "P2.jpg").exists()


def test_the_next_export_begins_as_this_one_was_but_never_moves(
    window: MainWindow, dialog: ExportDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    choose(dialog, What.STARS, stars=4)
    place(dialog, tmp_path / "out", mode="move", into=Into.DATE, members=Members.RAW)
    dialog.names.set_template("{date}")
    dialog.form.set_form(Form(jpeg_quality=70))
    dialog.papers.set_papers(Papers(pdf=True))
    window.session.edits.set_stars(window.session.shown_ids()[:1], 4)
    finish(dialog, qtbot)
    dialog.close()
    again = opened(window, qtbot)
    assert again.settings() == dialog.settings()
    assert again.place.placing().mode == "copy" and again.names.name() == "{date}"
    assert Settings.load(window._settings_file).export["template"] == "{date}"


def test_settings_that_make_no_sense_are_as_in_the_beginning() -> None:
    stored = {
        "choice": {"what": "everything", "stars": "many", "level": 4},
        "placing": {"into": "date", "sidecars": 1, "folder": "/x"},
        "template": 7,
        "form": [],
        "papers": {"csv": True},
    }
    for kept in (stored, json.loads(json.dumps(stored))):
        restored = ExportSettings.restored(kept)
        assert restored.choice == Choice(level=Level.GOOD)
        assert restored.placing == Placing("/x", Into.DATE)
        assert (restored.template, restored.form, restored.papers) == ("{name}", Form(), Papers(csv=True))
    assert ExportSettings.restored(None) == ExportSettings()
