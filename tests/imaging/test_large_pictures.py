"""The benchmark of very large pictures runs at a small size, and the real ones stay below their limit."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "large_pictures.py"


def run(*arguments: str) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--json", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(SCRIPT.parent.parent)},
    )
    assert done.stdout, done.stderr
    rows: list[dict[str, object]] = json.loads(done.stdout)
    assert done.returncode == 0, rows
    return rows


def test_every_kind_of_picture_is_shown_at_a_small_size(tmp_path: Path) -> None:
    rows = run("--small", "--scratch", str(tmp_path))
    assert len(rows) == 32
    assert all(" x " in str(row["shown"]) for row in rows), rows
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_pictures_of_100_to_400_megapixels_stay_below_the_limit(tmp_path: Path) -> None:
    shown = {str(row["file"]): str(row["shown"]) for row in run("--scratch", str(tmp_path))}
    assert shown["102MP.jpg"] == "11648 x 8736"
    assert shown["102MP-turned.jpg"] == "8736 x 11648"
    assert shown["407MP-16bit.tif"] == "11648 x 8736"
    assert shown["102MP.dng"] == "11648 x 8736"


@pytest.mark.corpus
@pytest.mark.slow
def test_hostile_files_stay_below_the_limit(corpus: Path) -> None:
    shown = {row["file"]: row["shown"] for row in run("--photos", str(corpus / "photos" / "hostile"))}
    assert shown["200MP.heic"] == "6120 x 8160"
    assert "more pixels" in str(shown["decompression_bomb.gif"])
    assert "17000 x 17000" in str(shown["17000x17000.avif"])
