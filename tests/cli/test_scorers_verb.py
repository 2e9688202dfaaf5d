import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fake_hub import FakeHub, running

from culler.cli.main import run
from culler.domain.errors import CullerError
from culler.workflow import downloads, scorers
from culler.workflow.workspace import Workspace


def listed(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    capsys.readouterr()
    assert run(["scorers", "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {str(line["source"] or line["name"]): line for line in found}


def test_judges_are_listed_with_licence_size_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    found = listed(capsys)
    assert found["embedded"]["current"] is True
    assert found["embedded"]["device"] == "the CPU"
    assert found["qalign"]["size"] == "16.4 GB" and "LLaMA 2" in str(found["qalign"]["licence"])
    assert found["qalign"]["device"] is None and "checkpoint" in str(found["qalign"]["problem"])


def test_an_added_checkpoint_can_be_chosen_and_scores_by_name(
    tiny: Path, shoot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["scorers", "add", str(tiny)]) == 0
    line = listed(capsys)[str(tiny)]
    assert line["device"] and not line["current"] and str(line["size"]).endswith("MB")
    assert run(["scorers", "use", str(tiny)]) == 0
    found = listed(capsys)
    assert found[str(tiny)]["current"] and not found["embedded"]["current"]
    assert run(["score", str(shoot), "--scorer", "qalign", "--device", "cpu", "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5 and all(json.loads(row)["scorer"].startswith("qalign@") for row in lines)
    assert run(["scorers", "use", "embedded"]) == 0
    assert listed(capsys)["embedded"]["current"]


def test_choosing_a_judge_shows_what_it_scored_before(
    tiny: Path, shoot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["score", str(shoot), "--scorer", str(tiny), "--device", "cpu", "--dtype", "bfloat16"])
    run(["score", str(shoot)])
    assert run(["scorers", "use", "qalign"]) == 0
    capsys.readouterr()
    assert run(["rank", str(shoot), "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 5


def test_what_is_no_checkpoint_is_not_added(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["add", str(tmp_path)], ["add", "embedded"], ["use", "qalign"], ["use", "magic"]):
        assert run(["scorers", *words]) == 1, words
        assert capsys.readouterr().err.strip().endswith(".")
    assert set(listed(capsys)) == {"embedded", "qalign"}


def test_a_checkpoint_that_went_away_is_a_sentence(
    tiny: Path, shoot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "gone"
    shutil.copytree(tiny, folder)
    run(["score", str(shoot), "--scorer", str(folder), "--device", "cpu"])
    shutil.rmtree(folder)
    line = listed(capsys)[str(folder)]
    assert line["current"] and line["size"] == "not there now"
    assert str(folder) in str(line["problem"])
    assert run(["score", str(shoot), "--scorer", "qalign"]) == 1
    assert str(folder) in capsys.readouterr().err


def culler(words: list[str], hub: FakeHub, answer: str = "") -> subprocess.CompletedProcess[str]:
    """A process of its own: the Hub's client reads its address once."""
    env = os.environ | {"HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_TELEMETRY": "1"}
    return subprocess.run(
        [sys.executable, "-m", "culler", "scorers", *words],
        env=env,
        input=answer,
        capture_output=True,
        text=True,
        timeout=120,
    )


def published(tiny: Path) -> dict[str, bytes]:
    files = {path.name: path.read_bytes() for path in tiny.iterdir()}
    return files | {"modeling_code.py": b"raise SystemExit", "README.md": b"words"}


def test_a_download_asks_first_and_then_scores(
    tiny: Path, shoot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "weights"
    with running(FakeHub("q-future/one-align", published(tiny))) as hub:
        refused = culler(["download", "one-align", "--to", str(to)], hub, "n\n")
        assert refused.returncode == 1 and not to.exists()
        assert "GB" in refused.stderr and "LLaMA 2" in refused.stderr
        taken = culler(["download", "one-align", "--to", str(to)], hub, "y\n")
    assert taken.returncode == 0, taken.stderr
    assert {path.name for path in to.iterdir() if path.is_file()} == {path.name for path in tiny.iterdir()}
    assert run(["score", str(shoot), "--scorer", "qalign", "--device", "cpu"]) == 0


@pytest.mark.slow
def test_a_download_that_broke_off_goes_on_where_it_ended(tiny: Path, tmp_path: Path) -> None:
    """The client writes ten megabytes at once: a smaller rest of a broken transfer is fetched again."""
    to = tmp_path / "weights"
    large = "generation_config.json"
    files = published(tiny) | {large: b"{" + b" " * 25_000_000 + b"}"}
    hub = FakeHub("q-future/one-align", files, broken=large, broken_after=15_000_000)
    with running(hub):
        broken = culler(["download", "one-align", "--to", str(to), "--yes"], hub)
        assert broken.returncode == 1
        assert "goes on where it ended" in broken.stderr and "Traceback" not in broken.stderr
        hub.broken = ""
        hub.begun.clear()
        whole = culler(["download", "one-align", "--to", str(to), "--yes"], hub)
    assert whole.returncode == 0, whole.stderr
    assert (to / large).read_bytes() == files[large]
    assert [name for name, _ in hub.begun] == [large], "what is there is not fetched again"
    assert hub.begun[0][1] > 10_000_000


@pytest.mark.slow
def test_a_file_that_arrives_damaged_is_not_used(tiny: Path, tmp_path: Path) -> None:
    to = tmp_path / "weights"
    shard = sorted(tiny.glob("model-*.safetensors"))[0].name
    with running(FakeHub("q-future/one-align", published(tiny), digests={shard: "0" * 64})) as hub:
        outcome = culler(["download", "one-align", "--to", str(to), "--yes"], hub)
    assert outcome.returncode == 1
    assert f"{shard} arrived damaged" in outcome.stderr
    assert not (to / shard).exists() and not list(to.glob(f".{shard}*"))


def test_offline_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scorers", "download", "one-align", "--to", str(tmp_path), "--yes"]) == 1
    said = capsys.readouterr().err
    assert "Cannot download OneAlign" in said and "--scorer" in said


def test_an_unknown_download_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scorers", "download", "magic", "--to", "x"]) == 1
    assert "one-align" in capsys.readouterr().err


def test_a_full_disk_is_told_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = downloads.Offer(
        "one-align", "OneAlign", "q-future/one-align", "main", "", {"model.bin": downloads.RemoteFile(10**15)}
    )
    with pytest.raises(CullerError, match="has room for"):
        next(downloads.download(offer, tmp_path / "weights"))


def test_choices_know_where_they_run_without_loading(
    tiny: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("culler.scoring.qalign.load_network", None)
    choice = scorers.add_checkpoint(workspace, tiny)
    assert choice.checkpoint == tiny
    assert scorers.runs_on(choice, "cpu", "bfloat16") == "the CPU, bfloat16"
    with pytest.raises(CullerError, match="CUDA"):
        scorers.runs_on(choice, "cuda:9")
