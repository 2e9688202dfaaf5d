"""The benchmark of the closer look runs, at a size that proves little."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from skimage import data

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "closer_look.py"


@pytest.mark.slow  # half a minute: the judge looks at frames of 10 megapixels, which is what is measured
def test_the_closer_look_benchmark_reports_shares_and_times(tmp_path: Path) -> None:
    for name in ("astronaut", "coffee", "chelsea", "rocket"):
        Image.fromarray(getattr(data, name)()).save(tmp_path / f"{name}.png")
    for copy in range(5):
        Image.fromarray(data.coffee()[::-1, :: (-1) ** copy]).save(tmp_path / f"again{copy}.png")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--photos", str(tmp_path), "--bursts", "1", "--json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=SCRIPT.parent.parent,
    )
    result = json.loads(done.stdout)
    assert result["bursts"] == 1
    assert 0 <= result["right by preview"] <= 1 and 0 <= result["right after a closer look"] <= 1
    assert result["faces ms per photo"] > 0 and result["closer look ms per frame"] > 0
