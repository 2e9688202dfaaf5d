"""culler score --fast-aesthetics: a head stands in for the model's second answer."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pictures import write_photo
from scoring_runs import score, stored

from culler.cli.main import run


def many(folder: Path, count: int = 130) -> Path:
    """Photos of every brightness, in no order."""
    for k in range(count):
        brightness = 0.1 + 0.8 * (k * 37 % count) / count
        write_photo(folder / "many" / f"{k:03}.jpg", seed=k, size=(48, 32), brightness=brightness)
    return folder / "many"


def test_fast_aesthetics_learns_on_the_way_and_asks_less_from_then_on(
    tmp_path: Path,
    judge: list[str],
    capsys: pytest.CaptureFixture[str],
    culler_home: Path,
    never_loaded: Callable[[], None],
) -> None:
    folder = many(tmp_path)
    fast = [str(folder), *judge, "--batch-size", "10", "--fast-aesthetics"]
    lines, said = score(fast, capsys)
    assert "rank correlation" in said and "levels off" in said
    learnt = [line for line in lines if "note" in line]
    asked = [row for row in stored(culler_home) if row[2] == "aesthetics"]
    assert 100 <= len(asked) == 130 - len(learnt) < 130
    assert all(set(line["levels"]) == {"quality", "aesthetics"} for line in lines)
    assert all("head" in line["note"] for line in learnt)
    capsys.readouterr()
    run(["rank", str(folder), "--by", "aesthetics", "--json"])
    ranked = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    means = {line["path"]: line["mean"]["aesthetics"] for line in lines}
    assert {line["path"]: line["value"] for line in ranked} == means
    never_loaded()
    _, said = score(fast, capsys)
    assert "nothing to do" in said and "rank correlation" in said


def test_fast_aesthetics_is_close_to_the_answers_it_stands_in_for(
    tmp_path: Path, judge: list[str], capsys: pytest.CaptureFixture[str], culler_home: Path
) -> None:
    folder = many(tmp_path)
    quick, _ = score([str(folder), *judge, "--batch-size", "10", "--fast-aesthetics"], capsys)
    before = [row for row in stored(culler_home)]
    full, _ = score([str(folder), *judge], capsys)
    assert not [line for line in full if "note" in line]
    pairs = [
        (fast["mean"]["aesthetics"], true["mean"]["aesthetics"])
        for fast, true in zip(quick, full, strict=True)
        if "note" in fast
    ]
    guess = sum(line["mean"]["aesthetics"] for line in full) / len(full)
    error = sum(abs(fast - true) for fast, true in pairs) / len(pairs)
    constant = sum(abs(guess - true) for _, true in pairs) / len(pairs)
    assert error < constant
    assert set(before) <= set(stored(culler_home)), "what was committed stays, with its moment"


def test_fast_aesthetics_with_few_photos_asks_both_and_says_so(
    shoot: Path, judge: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    lines, said = score([str(shoot), *judge, "--fast-aesthetics"], capsys)
    assert "needs 100 photos" in said and "there are 5" in said
    assert all(set(line["levels"]) == {"quality", "aesthetics"} for line in lines)
    assert not any("note" in line for line in lines)


def test_fast_aesthetics_says_where_it_changes_nothing(
    shoot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, said = score([str(shoot), "--fast-aesthetics"], capsys)
    assert "changes nothing" in said
