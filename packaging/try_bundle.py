"""Let the built bundle judge one photo and open its window for a moment; says what it found.

python packaging/try_bundle.py [dist/culler]
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
WINDOW_S = 8


def main(folder: Path) -> int:
    """0 when the bundle works."""
    program = folder / ("culler.exe" if os.name == "nt" else "culler")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        photos = Path(scratch) / "photos"
        photos.mkdir()
        Image.linear_gradient("L").resize((1600, 1200)).convert("RGB").save(photos / "one.jpg")
        # Neither the checkout nor its environment may lend a hand.
        bare = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_"))
        }
        env = {**bare, "CULLER_HOME": str(Path(scratch) / "home"), "QT_QPA_PLATFORM": "offscreen"}
        start = time.perf_counter()
        done = subprocess.run(
            [program, "score", photos, "--json"], cwd=scratch, env=env, capture_output=True, encoding="utf-8"
        )
        took_s = time.perf_counter() - start
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode or len(lines) != 1 or not all(map(_sums_to_one, lines[0]["levels"].values())):
            print(f"The bundle did not judge its photo (exit code {done.returncode}):\n{done.stderr}")
            return 1
        mean = ", ".join(f"{aspect} {value:.2f}" for aspect, value in lines[0]["mean"].items())
        print(f"The bundle judged a photo in {took_s:.1f} s: {mean}.")
        window = subprocess.Popen([program, photos], cwd=scratch, env=env, stderr=subprocess.PIPE)
        try:
            window.wait(WINDOW_S)
        except subprocess.TimeoutExpired:
            window.terminate()
            window.communicate(timeout=30)
            print(f"Its window stood for {WINDOW_S} s.")
        else:
            said = window.stderr.read().decode(errors="replace") if window.stderr else ""
            print(f"Its window did not stay open (exit code {window.returncode}):\n{said}")
            return 1
    size_mb = sum(file.stat().st_size for file in folder.rglob("*") if not file.is_symlink()) / 1e6
    print(f"{folder} takes {size_mb:,.0f} MB.")
    return 0


def _sums_to_one(levels: Mapping[str, float]) -> bool:
    return len(levels) == 5 and abs(sum(levels.values()) - 1) < 1e-4


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist" / "culler"))
