#!/usr/bin/env python3
"""Decoding speed as ratios against named programs: goals G1 to G5 as far as they concern pixels.

usage: decode_speed.py FOLDER [ROUNDS=5] [LIMIT=60]

FOLDER holds large camera JPEGs. Every round runs each step over all files, one after another, so that
what else the machine does touches all of them alike; medians of CPU time (user + system, children
included) are compared. Programs that are not installed are left out.
"""

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from culler.imaging.decode import develop, encode_preview, glance
from culler.imaging.exif import read_facts
from culler.imaging.formats import Format

Step = Callable[[Path], object]


def main(folder: Path, rounds: int = 5, limit: int = 60) -> None:
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".jpg", ".jpeg"))[:limit]
    if not files:
        sys.exit(f"{folder} holds no JPEG")
    with tempfile.TemporaryDirectory() as scratch:
        steps = _steps(Path(scratch))
        cpu: dict[str, list[float]] = {name: [] for name in steps}
        for _ in range(rounds):
            for name, step in steps.items():
                cpu[name].append(_cpu_ms(step, files))
        if shutil.which("exiftool"):
            steps["exiftool -fast2"] = lambda path: None
            cpu["exiftool -fast2"] = [_exiftool_ms(files) for _ in range(rounds)]
    median = {name: statistics.median(values) for name, values in cpu.items()}
    print(f"{len(files)} files, {rounds} rounds, CPU ms a file (median)")
    for name, value in median.items():
        print(f"  {name:36} {value:8.2f}")
    _ratio("G1", "index / djpeg 1/8", median, "index", "djpeg -scale 1/8", "<= 1.12")
    _ratio("G2", "vipsthumbnail 256 / index", median, "vipsthumbnail 256", "index", ">= 1.05")
    _ratio("G3", "with preview / djpeg 1/8", median, "index with preview", "djpeg -scale 1/8", "<= 1.40")
    _ratio(
        "G3",
        "vips 256 + 1500 / with preview",
        median,
        "vipsthumbnail 256 + 1500",
        "index with preview",
        ">= 2.4",
    )
    _ratio("G5", "facts / exiftool batch", median, "facts", "exiftool -fast2", "<= 0.125")
    _two_threads(files, rounds)


def _steps(scratch: Path) -> dict[str, Step]:
    steps: dict[str, Step] = {
        "facts": lambda path: read_facts(path, Format.JPEG),
        "index": glance,
        "index with preview": lambda path: encode_preview(develop(path).preview),
    }
    if shutil.which("djpeg"):
        steps["djpeg -scale 1/8"] = lambda path: _run("djpeg", "-scale", "1/8", "-outfile", "/dev/null", path)
    if shutil.which("vipsthumbnail"):
        small, large = scratch / "small.jpg", scratch / "large.jpg"

        def vips(path: Path, size: int, out: Path) -> None:
            _run("vipsthumbnail", "--vips-concurrency=1", path, "-s", str(size), "-o", out)

        steps["vipsthumbnail 256"] = lambda path: vips(path, 256, small)
        steps["vipsthumbnail 256 + 1500"] = lambda path: (vips(path, 256, small), vips(path, 1500, large))
    return steps


def _run(*words: str | Path) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def _exiftool_ms(files: list[Path]) -> float:
    before = _cpu_s()
    _run("exiftool", "-q", "-fast2", "-n", "-j", *files)
    return (_cpu_s() - before) / len(files) * 1e3


def _cpu_ms(step: Step, files: list[Path]) -> float:
    before = _cpu_s()
    for path in files:
        step(path)
    return (_cpu_s() - before) / len(files) * 1e3


def _cpu_s() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _ratio(goal: str, title: str, median: dict[str, float], above: str, below: str, target: str) -> None:
    if above in median and below in median:
        print(f"  {goal}  {title:32} {median[above] / median[below]:6.3f}   goal {target}")


def _two_threads(files: list[Path], rounds: int) -> None:
    """G4: our speed-up by a second thread against that of two djpeg processes."""
    if not shutil.which("djpeg"):
        return
    work: dict[str, Step] = {
        "ours": glance,
        "limit": lambda path: _run("djpeg", "-scale", "1/8", "-outfile", "/dev/null", path),
    }
    gains: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, step in work.items():
            gains[name].append(_wall_s(step, files, 1) / _wall_s(step, files, 2))
    ours, limit = (statistics.median(gains[name]) for name in ("ours", "limit"))
    print(f"  G4  two threads {ours:.2f} x, limit's own {limit:.2f} x: {ours / limit:.3f}   goal >= 0.95")


def _wall_s(step: Step, files: list[Path], threads: int) -> float:
    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(step, files))
    return time.perf_counter() - started


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), *(int(word) for word in sys.argv[2:4]))
