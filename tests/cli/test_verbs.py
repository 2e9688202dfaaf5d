import json
import shutil
from datetime import datetime
from pathlib import Path

import maker_blocks
import pytest
from pictures import write_photo, write_shoot

from culler.cli.main import run


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    write_shoot(tmp_path / "shoot", 5)
    return tmp_path / "shoot"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_scan_prints_a_line_a_file(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shoot / "text.jpg").write_text("no picture")
    (shoot / "notes.txt").write_text("notes")
    shutil.copy(shoot / "IMG_0001.JPG", shoot / "IMG_0001.CR2")
    assert run(["scan", str(shoot), "--json"]) == 0
    said = {Path(str(line["path"])).name: line for line in lines(capsys)}
    assert said["IMG_0001.CR2"]["companions"] == [str(shoot / "IMG_0001.JPG")]
    assert said["IMG_0002.JPG"] | {"path": ""} == {
        "path": "",
        "status": "ok",
        "error": None,
        "width": 96,
        "height": 64,
        "taken": "2026-05-01T12:01:00",
        "camera": "Canon EOS R6",
        "rating": None,
        "drive": None,
        "bracketing": None,
        "flag": "none",
        "stars": 0,
        "label": "none",
        "kind": "still",
        "companions": [],
    }
    assert said["text.jpg"]["status"] == "failed" and "text.jpg" in str(said["text.jpg"]["error"])
    assert said["notes.txt"]["status"] == "ignored"


def test_score_prints_distributions_and_repeats_them_without_work(
    shoot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["score", str(shoot), "--json"]) == 0
    first = lines(capsys)
    assert [line["new"] for line in first] == [True] * 5
    for line in first:
        assert set(line["levels"]) == {"quality", "aesthetics"}  # type: ignore[call-overload]
        for aspect, levels in line["levels"].items():  # type: ignore[attr-defined]
            assert list(levels) == ["excellent", "good", "fair", "poor", "bad"]
            assert sum(levels.values()) == pytest.approx(1, abs=1e-4)
            mean = sum(k * p for k, p in zip((5, 4, 3, 2, 1), levels.values(), strict=True))
            assert line["mean"][aspect] == pytest.approx(mean, abs=1e-9)  # type: ignore[index]
    assert run(["score", str(shoot), "--json"]) == 0
    captured = capsys.readouterr()
    again = [json.loads(line) for line in captured.out.splitlines()]
    assert again == [line | {"new": False} for line in first]
    assert "nothing to do" in captured.err


def test_rank_orders_by_value_and_counts_what_is_unscored(
    shoot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["score", str(shoot)])
    write_photo(shoot / "late.jpg")
    capsys.readouterr()
    assert run(["rank", str(shoot), "--by", "quality", "--json"]) == 0
    captured = capsys.readouterr()
    ranked = [json.loads(line) for line in captured.out.splitlines()]
    values = [line["value"] for line in ranked]
    assert [line["rank"] for line in ranked] == [1, 2, 3, 4, 5]
    assert values == sorted(values, reverse=True)
    assert all(line["value"] == line["mean"]["quality"] for line in ranked)
    assert "1 photo not scored yet" in captured.err


def test_compare_swapped_gives_the_complement(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["score", str(shoot)])
    a, b = str(shoot / "IMG_0001.JPG"), str(shoot / "IMG_0004.JPG")
    capsys.readouterr()
    for pair in ((a, b), (b, a), (a, a)):
        assert run(["compare", *pair, "--json"]) == 0
    forth, back, same = lines(capsys)
    assert float(str(forth["p_a_better"])) + float(str(back["p_a_better"])) == pytest.approx(1, abs=1e-12)
    assert same["p_a_better"] == 0.5
    assert forth["aspect"] == "overall" and str(forth["scorer"]).startswith("embedded@")


def test_compare_judges_what_nobody_judged_yet(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = str(shoot / "IMG_0001.JPG"), str(shoot / "IMG_0004.JPG")
    assert run(["compare", a, b, "--json"]) == 0
    captured = capsys.readouterr()
    assert "2 photos not scored yet" in captured.err
    assert 0 <= json.loads(captured.out)["p_a_better"] <= 1


def test_marks_are_set_ranked_and_undone(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["score", str(shoot)])
    path = str(shoot / "IMG_0003.JPG")
    assert run(["mark", path, "--flag", "pick", "--stars", "4"]) == 0
    capsys.readouterr()
    run(["rank", str(shoot), "--json"])
    marked = {line["path"]: (line["flag"], line["stars"]) for line in lines(capsys)}
    assert marked[path] == ("pick", 4)
    assert run(["mark", path, "--stars", "4"]) == 0
    assert "Nothing changed" in capsys.readouterr().err
    assert run(["undo"]) == 0
    capsys.readouterr()
    run(["rank", str(shoot), "--json"])
    undone = {line["path"]: (line["flag"], line["stars"]) for line in lines(capsys)}
    assert undone[path] == ("none", 0), "what one command set, one undo takes back"


def test_nothing_to_do_is_exit_code_one_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    for words in (
        ["score", str(tmp_path / "empty")],
        ["scan", str(tmp_path / "empty")],
        ["rank", str(tmp_path / "empty")],
        ["score", str(tmp_path / "gone")],
        ["mark", str(tmp_path / "gone.jpg"), "--flag", "pick"],
        ["undo"],
    ):
        assert run(words) == 1, words
        captured = capsys.readouterr()
        assert captured.out == "" and captured.err.strip(), words


def test_wrong_usage_is_exit_code_two(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ["score"],
        ["rank", str(shoot), "--by", "magic"],
        ["mark", str(shoot / "IMG_0001.JPG")],
        ["mark", str(shoot / "IMG_0001.JPG"), "--stars", "6"],
        ["score", str(shoot), "--aspects", "beauty"],
        ["score", str(shoot), "--device", "abacus"],
    ):
        assert run(words) == 2, words


def test_an_interrupted_command_says_so(
    shoot: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("culler.workflow.scan.write", interrupt)
    assert run(["scan", str(shoot)]) == 130
    assert "Interrupted" in capsys.readouterr().err


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    assert "wedding" in capsys.readouterr().out
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("culler ")


def write_bracket(folder: Path) -> None:
    note = maker_blocks.nikon({0x0089: ("H", 0x11)})
    for k, brightness in enumerate((0.5, 0.45, 0.55)):
        taken = datetime(2026, 5, 1, 12, 0, 0, 300_000 * k)
        exposure_s = 0.01 * 1.26 ** (0, -1, 1)[k]
        path = folder / f"third{k}.jpg"
        maker_blocks.write_frame(path, taken, note, exposure_s=exposure_s, brightness=brightness)


def test_scan_tells_drive_and_bracketing_of_likely_sets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_bracket(tmp_path / "b")
    assert run(["scan", str(tmp_path / "b"), "--json"]) == 0
    told = {(line["drive"], line["bracketing"]) for line in lines(capsys)}
    assert told == {("continuous", "exposure")}


def test_a_rating_hidden_in_maker_notes_counts_for_every_verb(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, rating in (("rated", 4), ("unrated", 0)):
        note = maker_blocks.fujifilm({0x1431: ("I", rating)})
        maker_blocks.write_noted(tmp_path / "b" / f"{name}.jpg", "FUJIFILM", note, seed=rating)
    to = tmp_path / "out"
    assert run(["export", str(tmp_path / "b"), "--to", str(to), "--min-stars", "4", "--json"]) == 0
    assert [line["path"] for line in lines(capsys)] == [str(tmp_path / "b" / "rated.jpg")]
    assert run(["scan", str(tmp_path / "b"), "--json"]) == 0
    assert [(line["rating"], line["stars"]) for line in lines(capsys)] == [(4, 4), (0, 0)]


def test_groups_keeps_a_bracket_of_small_steps_whole_by_the_camera_s_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fake_judge: str
) -> None:
    write_bracket(tmp_path / "b")
    assert run(["groups", str(tmp_path / "b"), "--scorer", fake_judge, "--json"]) == 0
    (group,) = lines(capsys)
    assert (group["kind"], group["best"], len(group["photos"])) == ("bracket", None, 3)  # type: ignore[arg-type]
