import json
from pathlib import Path

import pytest
from pictures import write_shoot

from culler.cli.main import run


@pytest.fixture
def shoot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two photos, one of them a reject, on a disk without a bin."""

    def refuse(path: Path) -> None:
        raise PermissionError(13, "no bin here")

    monkeypatch.setattr("send2trash.send2trash", refuse)
    write_shoot(tmp_path / "shoot", 2)
    run(["mark", str(tmp_path / "shoot" / "IMG_0001.JPG"), "--flag", "reject"])
    return tmp_path / "shoot"


def test_rejects_are_listed_before_anything_is_asked(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["remove", str(shoot), "--dry-run"]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [str(shoot / "IMG_0001.JPG")]
    assert "1 reject" in captured.err
    assert (shoot / "IMG_0001.JPG").exists()


def test_nothing_goes_where_there_is_nobody_to_ask(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["remove", str(shoot)]) == 1
    assert "nobody to ask" in capsys.readouterr().err
    assert run(["remove", str(shoot), "--json"]) == 2
    assert (shoot / "IMG_0001.JPG").exists()


def test_rejects_go_and_come_back(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["remove", str(shoot), "--yes", "--json"]) == 0
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["action"], line["to"]) == ("set aside", str(shoot / "_Rejected"))
    assert not (shoot / "IMG_0001.JPG").exists()
    assert run(["remove", "--undo"]) == 0
    assert (shoot / "IMG_0001.JPG").exists()
    assert run(["remove", "--undo"]) == 1
