"""Scoring killed again and again: the benchmark at a small size, with the tiny Q-Align checkpoint."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_nothing_is_lost_or_done_twice(tmp_path: Path) -> None:
    """Three kills met while photos are written. That a power cut is as harmless it does not show."""
    tiny = runpy.run_path(str(ROOT / "tests" / "make_tiny_qalign.py"))["make_tiny_qalign"](tmp_path / "tiny")
    words = ["--count", "150", "--kills", "4", "--", "--scorer", str(tiny), "--device", "cpu"]
    words += ["--dtype", "float32", "--batch-size", "4"]
    outcome = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "kill_resume.py"), *words],
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "{'aesthetics': 150, 'quality': 150}" in outcome.stdout
