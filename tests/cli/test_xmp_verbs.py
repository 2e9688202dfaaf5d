import json
from pathlib import Path

import pytest
from pictures import write_shoot

from culler.cli.main import run
from culler.domain.decision import Decision
from culler.imaging.xmp import merge, read_marks


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    write_shoot(tmp_path / "shoot", 3)
    return tmp_path / "shoot"


def states(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, str]:
    capsys.readouterr()
    run(["xmp", *words, "--json"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {Path(line["path"]).stem: line["action"] or line["state"] for line in lines}


def test_marks_go_out_come_back_and_conflict(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, photo, sidecar = str(shoot), str(shoot / "IMG_0002.JPG"), shoot / "IMG_0002.xmp"
    run(["mark", photo, "--stars", "3"])
    assert states(capsys, "status", folder)["IMG_0002"] == "pending"
    assert states(capsys, "write", folder) == {
        "IMG_0001": "unchanged",
        "IMG_0002": "written",
        "IMG_0003": "unchanged",
    }
    assert read_marks(sidecar.read_bytes()).stars == 3
    sidecar.write_bytes(merge(sidecar.read_bytes(), Decision(stars=5)))
    assert states(capsys, "status", folder)["IMG_0002"] == "changed outside"
    assert states(capsys, "read", folder)["IMG_0002"] == "read"
    run(["mark", photo, "--stars", "1"])
    sidecar.write_bytes(merge(sidecar.read_bytes(), Decision(stars=4)))
    assert states(capsys, "status", folder)["IMG_0002"] == "conflict"
    assert run(["xmp", "write", folder]) == 1
    assert "conflict" in capsys.readouterr().err
    assert run(["xmp", "resolve", photo, "--keep", "theirs"]) == 0
    assert states(capsys, "status", folder) == dict.fromkeys(("IMG_0001", "IMG_0002", "IMG_0003"), "in sync")


def test_a_conflict_is_told_with_its_place_and_what_the_other_program_did(
    shoot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clash, silent = shoot / "IMG_0001.JPG", shoot / "IMG_0002.JPG"
    run(["mark", str(clash), str(silent), "--stars", "3"])
    run(["xmp", "write", str(shoot)])
    clash.with_suffix(".xmp").write_bytes(merge(None, Decision(stars=5)))
    silent.with_suffix(".xmp").write_bytes(merge(None, Decision()))
    run(["mark", str(clash), "--stars", "1"])
    capsys.readouterr()
    run(["xmp", "status", str(shoot)])
    said = capsys.readouterr().err
    assert f"{clash}: IMG_0001.xmp: another program changed the stars, and so did you." in said
    assert f"{silent}: IMG_0002.xmp: another program took out the stars; choose which marks to keep." in said


def test_a_dry_run_writes_nothing(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["mark", str(shoot / "IMG_0001.JPG"), "--flag", "reject"])
    assert run(["xmp", "write", str(shoot), "--dry-run"]) == 0
    assert "would write" in capsys.readouterr().out
    assert not list(shoot.glob("*.xmp"))


def test_the_verb_group_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["xmp", "--help"]) == 0
    assert "resolve" in capsys.readouterr().out
    assert run(["xmp", "paint"]) == 2
