"""Marks in a file of their own: written whole, restored by path and fingerprint."""

import json
import shutil
from pathlib import Path

import pytest
from pictures import write_photo, write_shoot

from culler.cli.main import run
from culler.domain.decision import ColorLabel, Decision, Flag
from culler.domain.errors import CullerError
from culler.settings import Places
from culler.workflow import cull, listing, marks_file
from culler.workflow.job import drive
from culler.workflow.marks_file import LoadReport
from culler.workflow.scan import scan
from culler.workflow.workspace import Workspace, open_workspace


@pytest.fixture
def shoot(workspace: Workspace, tmp_path: Path) -> Path:
    folder = tmp_path / "shoot"
    paths = write_shoot(folder / "day1", 3)
    drive(scan(workspace, [folder]))
    ids = listing.ids_at(workspace, paths)
    cull.set_flag(workspace, ids[:1], Flag.PICK)
    cull.set_stars(workspace, ids[:1], 4)
    cull.set_label(workspace, ids[1:2], ColorLabel.BLUE)
    return folder


def marks(workspace: Workspace, folder: Path) -> dict[str, Decision]:
    return {e.photo.name: e.decision for e in listing.photos_in(workspace, [folder])}


def loaded(workspace: Workspace, path: Path, folder: Path, replace: bool = False) -> LoadReport:
    report = drive(marks_file.load(workspace, path, [folder], replace))
    assert report is not None
    return report


def test_marks_come_back_in_another_catalog_on_another_disk(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    assert marks_file.save(workspace, tmp_path / "marks.json", [shoot]) == 2
    shutil.copytree(shoot / "day1", tmp_path / "copy" / "day1")
    home = tmp_path / "other home"
    other = open_workspace(Places(home / "data", home / "config", home / "cache", home / "logs"))
    try:
        drive(scan(other, [tmp_path / "copy"]))
        report = loaded(other, tmp_path / "marks.json", tmp_path / "copy")
        assert (len(report.restored), report.kept, report.unknown) == (2, (), ())
        assert marks(other, tmp_path / "copy") == marks(workspace, shoot)
        cull.undo(other)
        assert marks(other, tmp_path / "copy")["IMG_0002.JPG"] == Decision()
    finally:
        other.close()


def test_marks_set_since_are_kept_unless_overruled(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    path = tmp_path / "marks.json"
    marks_file.save(workspace, path, [shoot])
    ids = listing.ids_at(workspace, [shoot / "day1" / "IMG_0001.JPG"])
    cull.set_stars(workspace, ids, 1)
    report = loaded(workspace, path, shoot)
    assert (report.restored, report.equal, len(report.kept)) == ((), 1, 1)
    assert marks(workspace, shoot)["IMG_0001.JPG"].stars == 1
    loaded(workspace, path, shoot, replace=True)
    assert marks(workspace, shoot)["IMG_0001.JPG"] == Decision(Flag.PICK, 4)


def test_another_picture_under_the_same_path_takes_no_marks(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    marks_file.save(workspace, tmp_path / "marks.json", [shoot])
    write_photo(tmp_path / "copy" / "day1" / "IMG_0001.JPG", seed=50, size=(120, 60))
    drive(scan(workspace, [tmp_path / "copy"]))
    report = loaded(workspace, tmp_path / "marks.json", tmp_path / "copy")
    assert report.unknown == ("day1/IMG_0001.JPG", "day1/IMG_0002.JPG")


def test_photos_sorted_anew_are_found_by_name(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    marks_file.save(workspace, tmp_path / "marks.json", [shoot])
    (tmp_path / "flat").mkdir()
    for path in shoot.rglob("*.JPG"):
        shutil.copy2(path, tmp_path / "flat")
    drive(scan(workspace, [tmp_path / "flat"]))
    loaded(workspace, tmp_path / "marks.json", tmp_path / "flat")
    assert marks(workspace, tmp_path / "flat") == marks(workspace, shoot)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"kind": "culler marks", "format": 1}', b"\xff"])
def test_a_file_that_is_none_of_ours_is_neither_read_nor_replaced(
    workspace: Workspace, shoot: Path, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(content)
    with pytest.raises(CullerError, match="no file of Culler's marks"):
        loaded(workspace, path, shoot)
    with pytest.raises(CullerError, match="no file of Culler's marks"):
        marks_file.save(workspace, path, [shoot])
    assert path.read_bytes() == content


def test_saving_again_replaces_our_own_file(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    path = tmp_path / "marks.json"
    marks_file.save(workspace, path, [shoot])
    cull.undo(workspace)
    marks_file.save(workspace, path, [shoot])
    assert [line["path"] for line in json.loads(path.read_text("utf-8"))["photos"]] == ["day1/IMG_0001.JPG"]


def test_the_verbs_do_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_shoot(tmp_path / "s", 1)[0]
    file = str(tmp_path / "marks.json")
    run(["mark", str(path), "--stars", "3"])
    assert run(["marks", "save", file, str(tmp_path / "s")]) == 0
    run(["undo"])
    assert run(["marks", "load", file, str(tmp_path / "s")]) == 0
    assert "1 photo restored" in capsys.readouterr().err
    shutil.move(tmp_path / "s", tmp_path / "t")
    assert run(["relink", str(tmp_path / "s"), str(tmp_path / "t")]) == 0
    assert "1 photo found again" in capsys.readouterr().err
    assert run(["marks", "load", str(tmp_path / "no.json"), str(tmp_path / "t")]) == 1
