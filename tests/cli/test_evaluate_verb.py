import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pictures import write_photo

from culler.cli.main import run


@pytest.fixture
def culled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Three bursts of three frames; the second of each is picked."""
    folder = tmp_path / "shoot"
    for burst in range(3):
        for frame in range(3):
            taken = datetime(2026, 5, 1, 12, burst) + timedelta(milliseconds=300 * frame)
            write_photo(folder / f"b{burst}_{frame}.jpg", seed=burst, taken=taken)
    run(["scan", str(folder)])
    assert run(["mark", *(str(folder / f"b{burst}_1.jpg") for burst in range(3)), "--flag", "pick"]) == 0
    capsys.readouterr()
    return folder


def test_a_report_is_printed_and_written(
    culled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [
        "--out",
        str(tmp_path / "r.json"),
        "--csv",
        str(tmp_path / "r.csv"),
        "--html",
        str(tmp_path / "r.html"),
    ]
    assert run(["evaluate", "picks", str(culled), "--json", "--bootstrap", "50", *files]) == 0
    captured = capsys.readouterr()
    printed = json.loads(captured.out)
    assert printed == json.loads((tmp_path / "r.json").read_text())
    assert printed["bursts"] == 3 and printed["kept"] == 3
    assert [one["name"] for one in printed["judges"] if one["scorer"]] == ["Embedded judge"]
    assert {one["name"] for one in printed["judges"] if one["baseline"]} == {
        "capture order",
        "sharpness alone",
    }
    assert "<!DOCTYPE html>" in (tmp_path / "r.html").read_text()
    assert "r.html" in captured.err
    assert run(["evaluate", "picks"]) == 0
    assert "Embedded judge *" in capsys.readouterr().out


def test_equal_seeds_give_equal_reports(culled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for _ in range(2):
        assert run(["evaluate", "picks", str(culled), "--json", "--bootstrap", "50", "--seed", "7"]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]


def test_without_marks_there_is_nothing_to_evaluate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evaluate", "picks"]) == 1
    assert "No burst here has a mark" in capsys.readouterr().err
    write_photo(tmp_path / "a.jpg")
    assert run(["evaluate", "picks", str(tmp_path)]) == 1
    assert run(["evaluate", "picks", str(tmp_path / "nowhere")]) == 1
