from pathlib import Path

import pytest

from culler.cli.main import run


def test_a_manifest_that_is_not_there_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--photos", str(tmp_path), "--manifest", str(tmp_path / "no.csv"), "--out", str(tmp_path / "w")]
    assert run(["train", "embedded", *words]) == 1
    assert "no.csv" in capsys.readouterr().err
    assert not (tmp_path / "w").exists()
