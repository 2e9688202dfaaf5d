import json
import os
from pathlib import Path

import pytest
from pictures import write_photo

from culler.cli.main import run


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    """A pair and an edit of it."""
    for name in ("A.tif", "A.JPG", "A-edit.jpg"):
        write_photo(tmp_path / "shoot" / name)
    os.rename(tmp_path / "shoot" / "A.tif", tmp_path / "shoot" / "A.CR2")
    return tmp_path / "shoot"


def said(capsys: pytest.CaptureFixture[str]) -> tuple[list[dict[str, object]], str]:
    captured = capsys.readouterr()
    return [json.loads(line) for line in captured.out.splitlines()], captured.err


def files(capsys: pytest.CaptureFixture[str], shoot: Path) -> list[list[str]]:
    """The files of every photo, after another scan."""
    capsys.readouterr()
    assert run(["scan", str(shoot), "--quick", "--json"]) == 0
    lines, _ = said(capsys)
    return [[Path(str(line["path"])).name, *(Path(p).name for p in line["companions"])] for line in lines]  # type: ignore[attr-defined]


def test_any_file_addresses_the_photo_that_is_split(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["files", "split", str(shoot / "A.JPG"), "--json"]) == 0
    lines, err = said(capsys)
    assert [line["files"] for line in lines] == [[str(shoot / "A.CR2")], [str(shoot / "A.JPG")]]
    assert "1 photo split into 2; culler undo takes it back." in err
    assert files(capsys, shoot) == [["A-edit.jpg"], ["A.CR2"], ["A.JPG"]]


def test_joined_files_are_one_photo_until_undo(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["mark", str(shoot / "A-edit.jpg"), "--stars", "2", "--flag", "pick"])
    run(["mark", str(shoot / "A.CR2"), "--stars", "5"])
    capsys.readouterr()
    assert run(["files", "join", str(shoot / "A-edit.jpg"), str(shoot / "A.JPG"), "--json"]) == 0
    (line,), err = said(capsys)
    assert line["path"] == str(shoot / "A.CR2")
    lost = {"name": "A-edit.jpg", "flag": "none", "stars": 2, "label": "none"}
    assert line["set_aside"] == [lost]
    assert "Set aside, until you undo this: A-edit.jpg: 2 stars." in err
    assert "3 picture files are one photo now" in err
    assert files(capsys, shoot) == [["A.CR2", "A.JPG", "A-edit.jpg"]]
    assert run(["undo"]) == 0
    assert "Taken back: Join 2 photos." in said(capsys)[1]
    assert files(capsys, shoot) == [["A-edit.jpg"], ["A.CR2", "A.JPG"]]


def test_what_cannot_be_done_is_a_sentence(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["files", "split", str(shoot / "A-edit.jpg")]) == 1
    assert "A-edit.jpg is one picture file" in said(capsys)[1]
    assert run(["files", "join", str(shoot / "A.CR2"), str(shoot / "A.JPG")]) == 1
    assert "Join needs two photos or more" in said(capsys)[1]
    assert run(["files", "split", str(shoot / "B.JPG")]) == 1
    assert run(["files", "split"]) == 2
