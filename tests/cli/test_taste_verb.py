import json
from pathlib import Path

import pytest
from tastes import judged, star, write_sessions

from culler.cli.main import run
from culler.workflow.workspace import open_workspace


@pytest.fixture
def shoot(tmp_path: Path, culler_home: Path, fake_judge: str) -> Path:
    folder = write_sessions(tmp_path / "shoot")
    ws = open_workspace()
    brightness = judged(ws, folder, fake_judge)
    star(ws, {photo_id: -level for photo_id, level in brightness.items()})
    ws.close()
    return folder


def test_a_taste_is_learnt_shown_ranked_by_exported_and_forgotten(
    shoot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["rank", str(shoot), "--by", "taste"]) == 1
    assert "culler taste learn" in capsys.readouterr().err
    assert run(["taste", "learn", "--json"]) == 0
    learnt = json.loads(capsys.readouterr().out)
    assert learnt["used"] and learnt["accuracy"] > learnt["scorer_accuracy"] and learnt["marked"] == 40
    assert run(["rank", str(shoot), "--by", "taste", "--json"]) == 0
    ranked = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(ranked) == 40
    assert all(line["value"] == line["mean"]["taste"] for line in ranked)
    assert ranked[0]["stars"] == 5 and ranked[-1]["stars"] == 1
    assert run(["rank", str(shoot), "--by", "taste"]) == 0
    assert "taste" in capsys.readouterr().out
    assert run(["taste", "export", str(tmp_path / "head")]) == 0
    assert run(["taste", "export", str(tmp_path / "head")]) == 1
    assert run(["taste", "reset"]) == 0
    assert run(["taste", "reset"]) == 1
    capsys.readouterr()
    assert run(["taste", "status"]) == 0
    assert "No taste has been learnt" in capsys.readouterr().out


def test_a_fresh_catalog_has_no_taste_and_says_what_to_do(
    culler_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for verb in ("learn", "status", "reset"):
        assert run(["taste", verb]) == 1
        assert "Score the photos first" in capsys.readouterr().err
