"""Sidecars in the window: what is unwritten, conflicts side by side, the question at the end."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from culler.ui.conflicts_dialog import OURS, ConflictsDialog
from culler.ui.failures_dialog import FailuresDialog
from culler.ui.main_window import MainWindow
from culler.workflow import marks_mirror

OpenWindow = Callable[..., MainWindow]
Buttons = QMessageBox.StandardButton


def marked(window: MainWindow, stars: int = 3) -> int:
    """The first photo, with some stars."""
    photo_id = window.session.shown_ids()[0]
    window.session.edits.set_stars([photo_id], stars)
    return photo_id


def done(qtbot: QtBot, window: MainWindow, action: str) -> None:
    """Trigger an action and wait for its job."""
    with qtbot.waitSignal(window.session.jobs.emptied, timeout=20_000):
        window.actions_[action].trigger()


def answering(monkeypatch: pytest.MonkeyPatch, answer: Buttons) -> list[str]:
    """Answer the question at the end; what was asked."""
    asked: list[str] = []

    def exec_(box: QMessageBox) -> Buttons:
        asked.append(box.text())
        return answer

    monkeypatch.setattr(QMessageBox, "exec", exec_)
    return asked


def test_the_menu_counts_unwritten_marks_until_they_are_written(
    qtbot: QtBot, open_window: OpenWindow, photos: Path
) -> None:
    window = open_window(photos)
    marked(window)
    action = window.actions_["sidecars-write"]
    qtbot.waitUntil(lambda: action.text() == "Write Marks to Sidecars (1)")
    assert window.metadata.note.text() == "1 unwritten" and window.metadata.note.isVisible()
    assert [window.model.cell(row).unwritten for row in range(2)] == [True, False]
    done(qtbot, window, "sidecars-write")
    assert "xmp:Rating" in (photos / "P1.xmp").read_text("utf-8")
    assert window.task_line.text.text() == "Wrote the marks of 1 photo."
    qtbot.waitUntil(lambda: action.text() == "Write Marks to Sidecars")
    marked(window, 5)
    qtbot.waitUntil(window.metadata.note.isVisible)
    assert window.metadata.note.text() == "1 unwritten"


def test_marks_that_another_program_changed_are_taken_over_when_asked(
    qtbot: QtBot, open_window: OpenWindow, photos: Path
) -> None:
    window = open_window(photos)
    photo_id = marked(window)
    done(qtbot, window, "sidecars-write")
    sidecar = photos / "P1.xmp"
    sidecar.write_text(sidecar.read_text("utf-8").replace('xmp:Rating="3"', 'xmp:Rating="5"'), "utf-8")
    done(qtbot, window, "sidecars-read")
    row = window.session.row_of(photo_id)
    assert row is not None
    assert window.session.columns.stars[row] == 5


def test_a_conflict_shows_both_sides_and_follows_the_choice(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(photos)
    marked(window)
    done(qtbot, window, "sidecars-write")
    sidecar = photos / "P1.xmp"
    sidecar.write_text(sidecar.read_text("utf-8").replace('xmp:Rating="3"', 'xmp:Rating="5"'), "utf-8")
    marked(window, 1)
    shown: list[list[str]] = []

    def choose(dialog: ConflictsDialog) -> int:
        row = dialog.list.topLevelItem(0)
        assert row is not None
        shown.append([row.text(column) for column in range(3)])
        assert not dialog.settle.isEnabled()
        dialog.show()
        qtbot.waitExposed(dialog)
        assert dialog.boxes[0].width() >= dialog.boxes[0].sizeHint().width()
        dialog.boxes[0].setCurrentIndex(OURS)
        dialog.accept()
        return dialog.result()

    monkeypatch.setattr(ConflictsDialog, "exec", choose)
    done(qtbot, window, "sidecars-conflicts")
    assert shown == [["P1.jpg", "1 star", "5 stars"]]
    assert 'xmp:Rating="1"' in sidecar.read_text("utf-8")
    done(qtbot, window, "sidecars-conflicts")
    assert window.task_line.text.text() == "There are no conflicts."


def test_nobody_is_asked_who_marked_nothing_in_this_window(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_window(photos)
    marked(first)
    first.close()
    asked = answering(monkeypatch, Buttons.Cancel)
    window = open_window(photos)
    qtbot.waitUntil(window.metadata.note.isVisible)
    assert window.close()
    assert asked == []


def test_do_not_ask_again_is_kept_and_hides_what_is_unwritten(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(photos)
    marked(window)

    def never_again(box: QMessageBox) -> Buttons:
        check = box.checkBox()
        assert check is not None
        check.setChecked(True)
        return Buttons.Discard

    monkeypatch.setattr(QMessageBox, "exec", never_again)
    assert window.close()
    asked = answering(monkeypatch, Buttons.Cancel)
    again = open_window(photos, settings=window.settings)
    marked(again, 5)
    qtbot.waitUntil(lambda: bool(again.metadata.unwritten))
    assert not again.metadata.note.isVisible() and not again.model.cell(0).unwritten
    assert again.close() and asked == []


def test_malformed_sidecars_are_listed_and_left_alone(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(photos)
    window.session.edits.set_stars(window.session.shown_ids()[:3], 2)
    for name in ("P1.xmp", "P2.xmp"):
        (photos / name).write_bytes(b"<x:xmpmeta")
    listed: list[str] = []

    def look(dialog: FailuresDialog) -> int:
        group = dialog.list.topLevelItem(0)
        assert group is not None
        for row in range(group.childCount()):
            child = group.child(row)
            assert child is not None
            listed.append(child.text(0))
        return 0

    monkeypatch.setattr(FailuresDialog, "exec", look)
    done(qtbot, window, "sidecars-write")
    assert listed == ["P1.jpg", "P2.jpg"]
    assert (photos / "P1.xmp").read_bytes() == b"<x:xmpmeta"
    assert window.task_line.text.text().startswith(
        "Wrote the marks of 1 photo. 2 photos could not be written."
    )
    done(qtbot, window, "sidecars-write")
    assert window.task_line.text.text().startswith("2 photos could not be written.")


def test_how_the_sidecars_stand_is_told_photo_by_photo(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(photos)
    window.session.edits.set_stars(window.session.shown_ids()[:2], 2)
    (photos / "P2.xmp").write_bytes(b"<x:xmpmeta")
    shown: list[str] = []

    def look(dialog: FailuresDialog) -> int:
        group = dialog.list.topLevelItem(0)
        assert group is not None
        first = group.child(0)
        assert first is not None
        shown.extend([dialog.note.text(), first.text(0), first.text(1)])
        return 0

    monkeypatch.setattr(FailuresDialog, "exec", look)
    done(qtbot, window, "sidecars-status")
    assert sorted(shown[0].removeprefix("6 photos: ").rstrip(".").split(", ")) == [
        "1 malformed",
        "1 pending",
        "4 in sync",
    ]
    assert shown[1:] == ["P1.jpg", "Its marks are not written yet."]


def test_marks_go_into_files_only_where_exiftool_is_and_the_user_agrees(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(photos)
    marked(window)
    before = (photos / "P1.jpg").read_bytes()
    monkeypatch.setattr("culler.workflow.sidecars.exiftool_version", lambda: "")
    done(qtbot, window, "sidecars-embed")
    assert "needs ExifTool, which was not found" in window.task_line.text.text()
    monkeypatch.setattr("culler.workflow.sidecars.exiftool_version", lambda: "12.57")
    asked = answering(monkeypatch, Buttons.Cancel)
    done(qtbot, window, "sidecars-embed")
    assert asked == ["Write the marks of 1 photo into their files, too?"]
    assert (photos / "P1.jpg").read_bytes() == before


def test_sidecars_are_written_the_way_that_was_chosen(
    qtbot: QtBot, open_window: OpenWindow, photos: Path
) -> None:
    window = open_window(photos)
    marked(window)
    window.actions_["sidecars-long"].trigger()
    assert window.settings.long_sidecar_names
    done(qtbot, window, "sidecars-write")
    assert (photos / "P1.jpg.xmp").exists() and not (photos / "P1.xmp").exists()


@pytest.mark.parametrize("answer", [Buttons.Cancel, Buttons.Discard])
def test_the_window_asks_before_it_closes_on_unwritten_marks(
    open_window: OpenWindow, photos: Path, monkeypatch: pytest.MonkeyPatch, answer: Buttons
) -> None:
    asked = answering(monkeypatch, answer)
    window = open_window(photos)
    marked(window)
    assert window.close() is (answer is Buttons.Discard)
    assert asked == ["The marks of 1 photo are not in their sidecars yet."]
    assert not (photos / "P1.xmp").exists()
    window.metadata.quiet = True


def test_the_window_closes_once_the_marks_are_written(
    qtbot: QtBot, open_window: OpenWindow, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, Buttons.Save)
    window = open_window(photos)
    marked(window)
    with qtbot.waitSignal(window.closed, timeout=20_000):
        assert not window.close()
    assert (photos / "P1.xmp").exists()


def test_a_window_that_closes_mirrors_its_marks(open_window: OpenWindow, photos: Path) -> None:
    window = open_window(photos)
    marked(window)
    places = window.session.workspace.places
    window.close()
    (mirror,) = marks_mirror.existing(places)
    assert '"stars": 3' in mirror.read_text("utf-8")


def test_the_window_remembers_its_size_and_panels(open_window: OpenWindow, photos: Path) -> None:
    window = open_window(photos)
    window.resize(798, 480)
    window.actions_["panels"].trigger()
    settings = window.settings
    window.close()
    kept = window.settings
    assert kept != settings
    again = open_window(photos, settings=kept)
    again.restore_place()
    assert again.height() == 480  # nine tenths of the screen to begin with
    assert not again.inspector.isVisible()
