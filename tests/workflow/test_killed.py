"""kill -9 at every step that touches the disk: nothing lost, nothing half, and the next start goes on."""

import subprocess
import sys
from pathlib import Path

import killed
import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
@pytest.mark.parametrize("scenario", killed.SCENARIOS)
def test_a_killed_program_loses_nothing(scenario: str, tmp_path: Path) -> None:
    support = Path(killed.__file__)
    done = subprocess.run(
        [sys.executable, str(support), scenario, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 10, "it hardly died at all"
