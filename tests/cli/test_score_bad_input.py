"""culler score with checkpoints and wishes that are no good: a sentence, exit code 1, nothing lost."""

import json
import shutil
from pathlib import Path

import pytest
from scoring_runs import stored

from culler.cli.main import run


def bad_checkpoint(kind: str, tiny: Path, folder: Path) -> str:
    """A folder that is no good in one way; what a person must be told of it."""
    shutil.copytree(tiny, folder)
    shards = sorted(folder.glob("model-*.safetensors"))
    match kind:
        case "no config":
            (folder / "config.json").unlink()
            return "config.json"
        case "broken config":
            (folder / "config.json").write_text("{")
            return "config.json"
        case "other model":
            (folder / "config.json").write_text('{"model_type": "llava"}')
            return "llava"
        case "no tokenizer":
            (folder / "tokenizer.model").unlink()
            return "tokenizer.model"
        case "broken tokenizer":
            (folder / "tokenizer.model").write_bytes(b"nothing")
            return "tokenizer.model"
        case "words alike":
            (folder / "tokenizer.model").write_bytes(letters_only())
            return "same token"
        case "short shard":
            shards[1].write_bytes(shards[1].read_bytes()[:5000])
            return shards[1].name
        case "missing shard":
            shards[1].unlink()
            return shards[1].name
        case "wrong shape":
            config = json.loads((folder / "config.json").read_text())
            config["intermediate_size"] += 8
            (folder / "config.json").write_text(json.dumps(config))
            return "config.json asks for"
        case "missing size":
            config = json.loads((folder / "config.json").read_text())
            del config["hidden_size"]
            (folder / "config.json").write_text(json.dumps(config))
            return "hidden_size"
    raise AssertionError(kind)


def letters_only() -> bytes:
    """A tokenizer that begins every level word with the same token."""
    import io

    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["bad poor fair good excellent USER: ASSISTANT: quality image"] * 20),
        model_writer=model,
        model_type="char",
        vocab_size=40,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return model.getvalue()


@pytest.mark.parametrize(
    "kind",
    [
        "no config", "broken config", "other model", "no tokenizer", "broken tokenizer", "words alike",
        "short shard", "missing shard", "wrong shape", "missing size",
    ],
)  # fmt: skip
def test_a_bad_checkpoint_is_a_sentence_and_loses_nothing(
    kind: str, shoot: Path, tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], culler_home: Path
) -> None:
    run(["score", str(shoot)])
    run(["mark", str(shoot / "IMG_0001.JPG"), "--stars", "3"])
    before = stored(culler_home)
    wanted = bad_checkpoint(kind, tiny, tmp_path / "bad")
    capsys.readouterr()
    assert run(["score", str(shoot), "--scorer", str(tmp_path / "bad"), "--device", "cpu"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert wanted in captured.err and "Traceback" not in captured.err
    assert captured.err.rstrip().endswith(".")
    assert stored(culler_home) == before
    assert run(["rank", str(shoot), "--json"]) == 0
    ranked = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(ranked) == 5 and sum(line["stars"] for line in ranked) == 3


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["--device", "cuda:7"], "no CUDA device"),
        (["--dtype", "float8"], "no precision"),
        (["--recipe", "poem"], "no recipe"),
        (["--adapter", "nowhere"], "adapter"),
    ],
)
def test_a_wish_that_cannot_be_met_is_a_sentence(
    words: list[str], wanted: str, shoot: Path, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["score", str(shoot), "--scorer", str(tiny), *words]) == 1
    assert wanted in capsys.readouterr().err


def test_no_memory_is_a_sentence(
    shoot: Path, tiny: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from culler.scoring.devices import Machine

    monkeypatch.setattr("culler.scoring.qalign_plan.this_machine", lambda: Machine(cpu_bytes=1000))
    assert run(["score", str(shoot), "--scorer", str(tiny)]) == 1
    assert "not enough memory" in capsys.readouterr().err


def test_a_folder_without_photos_is_a_sentence(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert run(["score", str(tmp_path / "empty"), "--scorer", str(tiny)]) == 1
    assert "no photos" in capsys.readouterr().err
