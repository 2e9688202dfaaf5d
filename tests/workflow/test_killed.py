"""kill -9 at every step that touches the disk: nothing lost, nothing half, and the next start goes on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import killed
import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
@pytest.mark.parametrize("scenario", killed.SCENARIOS)
def test_a_killed_program_loses_nothing(scenario: str, tmp_path: Path) -> None:
    if scenario == "embed" and shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed")
    support = Path(killed.__file__)
    done = subprocess.run(
        [sys.executable, str(support), scenario, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 8, "it hardly died at all"
