"""The panel at the right, fed by hand."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from culler.domain.assessment import Aspect, Failure, ScorerId, Stage
from culler.domain.decision import Decision, Flag
from culler.domain.levels import LevelDistribution
from culler.domain.photo import (
    Bracketing,
    CaptureFacts,
    Drive,
    FileRole,
    FileStamp,
    Photo,
    PhotoFile,
    PhotoKind,
)
from culler.ui.inspector import Inspector
from culler.workflow.rank import PhotoDetail

# The offscreen platform warns that it cannot tell anybody the least size of a window.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints", extend=True)

JUDGE = ScorerId("embedded", "1")
SURE = LevelDistribution((0, 0, 0.1, 0.8, 0.1))
OF_TWO_MINDS = LevelDistribution((0.45, 0.05, 0.05, 0.4, 0.05))


def detail(**changes: object) -> PhotoDetail:
    stamp = FileStamp(1, 1)
    files = (
        PhotoFile(FileRole.RAW, "day one/DSC_0412.NEF", stamp),
        PhotoFile(FileRole.RENDERED, "day one/DSC_0412.JPG", stamp),
    )
    facts = CaptureFacts(6000, 4000, taken=datetime(2024, 5, 6, 7, 8, 9), model="D850", exposure_s=1 / 60)
    photo = Photo(1, Path("/photos"), "day one/DSC_0412.NEF", 1, PhotoKind.STILL, files, facts)
    parts: dict[str, object] = {
        "photo": photo,
        "decision": Decision(Flag.PICK, 3),
        "assessments": {JUDGE: {Aspect.QUALITY: SURE, Aspect.AESTHETICS: OF_TWO_MINDS}},
        "scorer": JUDGE,
    }
    return PhotoDetail(**(parts | changes))  # type: ignore[arg-type]


@pytest.fixture
def inspector(qtbot: QtBot) -> Inspector:
    inspector = Inspector()
    qtbot.addWidget(inspector)
    inspector.show()
    return inspector


def plain(text: str) -> str:
    return text.replace("\u200b", "")


def test_both_aspects_are_told_in_words_and_numbers(inspector: Inspector) -> None:
    inspector.show_detail(detail())
    assert inspector.aspects[Aspect.QUALITY].words.text() == "Good, very sure  ·  4.00 ± 0.45"
    assert not inspector.aspects[Aspect.QUALITY].hint.isVisible()


def test_a_judge_of_two_minds_is_pointed_out(inspector: Inspector) -> None:
    inspector.show_detail(detail())
    assert inspector.aspects[Aspect.AESTHETICS].hint.isVisible()


def test_all_files_of_the_photo_are_named(inspector: Inspector) -> None:
    inspector.show_detail(detail())
    assert plain(inspector.name.text()) == "DSC_0412.NEF"
    assert inspector.files.text() == "RAW DSC_0412.NEF\nJPEG DSC_0412.JPG\nFolder day one"
    assert inspector.files.note.isHidden()


def test_what_the_user_did_with_the_files_is_told(inspector: Inspector) -> None:
    photo = detail().photo
    files = tuple(replace(file, pinned=True) for file in photo.files)
    sidecar = PhotoFile(FileRole.SIDECAR, "day one/DSC_0412.xmp", files[0].stamp)
    inspector.show_detail(detail(photo=replace(photo, files=(*files, sidecar))))
    assert inspector.files.text().splitlines()[2] == "Sidecar DSC_0412.xmp"
    assert inspector.files.note.text() == "Joined by hand."
    inspector.show_detail(detail(photo=replace(photo, files=files[:1])))
    assert inspector.files.note.text() == "Split off by hand."


def test_facts_leave_out_what_is_unknown(inspector: Inspector) -> None:
    inspector.show_detail(detail())
    labels = [inspector.facts.itemAt(row * 2).widget().text() for row in range(inspector.facts.rowCount())]
    assert labels == ["When", "Camera", "Exposure", "Pixels"]


def test_a_failure_is_shown_with_its_reason(inspector: Inspector) -> None:
    failure = Failure(1, Stage.DECODE, "Cannot read DSC_0412.NEF: no embedded preview.")
    inspector.show_detail(detail(failures=(failure,), assessments={}))
    assert inspector.failures.isVisible()
    assert "no embedded preview" in plain(inspector.failures.text())
    assert inspector.aspects[Aspect.QUALITY].words.text() == "Cannot be scored"


def test_it_says_that_only_a_part_could_be_read(inspector: Inspector) -> None:
    sentence = "DSC_0412.NEF is damaged: only a part of the picture could be read."
    inspector.show_detail(detail(damaged=sentence))
    assert inspector.failures.isVisible()
    assert plain(inspector.failures.text()) == sentence


def test_a_name_without_spaces_does_not_push_the_panel_out(inspector: Inspector) -> None:
    inspector.resize(300, 600)
    failure = Failure(1, Stage.DECODE, f"Cannot read {'x' * 200}.tif: its TIFF data is damaged.")
    inspector.show_detail(detail(failures=(failure,)))
    assert inspector.widget().width() <= inspector.viewport().width()


def test_scores_of_another_judge_do_not_count(inspector: Inspector) -> None:
    inspector.show_detail(detail(scorer=ScorerId("qalign", "2")))
    assert inspector.aspects[Aspect.QUALITY].words.text() == "Not scored yet"


def test_without_a_photo_nothing_is_claimed(inspector: Inspector) -> None:
    inspector.show_detail(detail())
    inspector.show_detail(None)
    assert inspector.empty.isVisible()
    assert not inspector.marks.isVisible()
    assert inspector.facts.rowCount() == 0


def test_what_the_camera_says_of_drive_and_bracketing_is_shown_where_known(inspector: Inspector) -> None:
    def told() -> dict[str, str]:
        rows = range(inspector.facts.rowCount())
        widgets = [[inspector.facts.itemAt(2 * row + k).widget() for k in (0, 1)] for row in rows]
        return {title.text(): value.text() for title, value in widgets}  # type: ignore[attr-defined]

    known = detail().photo
    facts = replace(known.facts, drive=Drive.CONTINUOUS, bracketing=Bracketing.FOCUS)
    inspector.show_detail(detail(photo=replace(known, facts=facts)))
    assert told()["Drive"] == "Continuous, focus bracketing"
    inspector.show_detail(detail())
    assert "Drive" not in told()


def test_faces_and_their_eyes_are_told_in_a_line(inspector: Inspector) -> None:
    inspector.show_detail(detail(faces="2 faces, eyes sharp"))
    rows = range(inspector.facts.rowCount())
    told = {
        inspector.facts.itemAt(2 * row).widget().text(): inspector.facts.itemAt(2 * row + 1) for row in rows
    }
    assert told["Faces"].widget().text() == "2 faces, eyes sharp"
    inspector.show_detail(detail())
    labels = [inspector.facts.itemAt(2 * row).widget().text() for row in range(inspector.facts.rowCount())]
    assert "Faces" not in labels


def test_a_very_long_folder_name_is_read_whole(inspector: Inspector, qtbot: QtBot) -> None:
    path = f"{'x' * 200}/DSC_0412.JPG"
    photo = detail().photo
    files = (PhotoFile(FileRole.RENDERED, path, FileStamp(1, 1)),)
    inspector.resize(290, 700)
    inspector.show_detail(detail(photo=replace(photo, relative_path=path, files=files)))
    file, folder = [value for _, value in inspector.files._shown]
    qtbot.waitUntil(lambda: folder.height() >= folder.heightForWidth(folder.width()))
    assert 4 * file.height() < folder.height() < 10 * file.height()  # of full lines


def test_a_name_in_arabic_stands_beside_what_it_is(inspector: Inspector) -> None:
    photo = replace(detail().photo, relative_path="صورة.NEF")
    inspector.show_detail(detail(photo=photo))
    picture = inspector.name.grab().toImage()
    ground = picture.pixelColor(picture.width() - 1, 0)
    right = range(picture.width() * 3 // 4, picture.width())
    assert all(picture.pixelColor(x, y) == ground for x in right for y in range(picture.height()))
