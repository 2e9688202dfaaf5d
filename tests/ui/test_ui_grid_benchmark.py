"""The grid's benchmark runs, at a size that proves nothing about speed."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "ui_grid.py"


def test_the_grid_benchmark_reports_every_goal(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    sizes = ["--photos", "400", "--rounds", "1", "--proxy-photos", "200", "--steps", "12"]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *sizes, "--json", str(report)],
        capture_output=True,
        text=True,
        check=True,
    )
    figures = json.loads(report.read_text("utf-8"))
    assert {figure["name"][:3].strip() for figure in figures} == {"G7", "G9", "G10", "G11"}
    assert all(figure["value"] > 0 or "growth" in figure["name"] for figure in figures)
    assert all(figure["name"] in done.stdout for figure in figures)
