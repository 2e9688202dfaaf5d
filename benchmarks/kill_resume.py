"""Kill a scoring run ten times at random moments; nothing committed may be lost, nothing done twice.

Makes COUNT small photos, marks one, kills `culler score` with SIGKILL again and again, then lets it
finish. Some kills meet it while it starts, most while it writes, spread over the photos whatever the
speed of the machine. Prints what it found; exits 1 where a promise does not hold (goal G15).
"""

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image


def make_photos(folder: Path, count: int) -> None:
    """Small textured JPEGs."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for k in range(count):
        pixels = rng.integers(0, 255, (48, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((320, 240)).save(folder / f"IMG_{k:05}.jpg", quality=85)


def rows(catalog: Path, query: str) -> list[tuple[object, ...]]:
    """What the catalog says; nothing while it does not exist."""
    if not catalog.exists():
        return []
    connection = sqlite3.connect(catalog, timeout=30)
    try:
        return connection.execute(query).fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        connection.close()


def wait_for_photos(run: subprocess.Popen[bytes], catalog: Path, wanted: int) -> None:
    """Returns when so many photos have both answers, or when the run ended by itself."""
    while run.poll() is None and photos_judged(catalog) < wanted:
        time.sleep(0.01)


def photos_judged(catalog: Path) -> int:
    """How many photos the catalog has an answer about."""
    ((count,),) = rows(catalog, "SELECT COUNT(DISTINCT photo_id) FROM assessment") or [(0,)]
    return int(str(count))


def main(count: int, kills: int, seed: int, scorer: list[str]) -> int:
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        photos, home = Path(place) / "photos", Path(place) / "home"
        make_photos(photos, count)
        env = os.environ | {"CULLER_HOME": str(home)}
        culler = [sys.executable, "-m", "culler"]
        catalog = home / "data" / "catalog.sqlite"
        subprocess.run(
            [*culler, "mark", str(photos / "IMG_00007.jpg"), "--flag", "pick"], env=env, check=True
        )
        committed: dict[tuple[object, ...], object] = {}
        problems = []
        in_time = 0
        for kill in range(kills):
            run = subprocess.Popen(
                [*culler, "score", str(photos), *scorer],
                env=env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            before = photos_judged(catalog)
            if kill % 5 == 0:
                time.sleep(draw.uniform(0.3, 3.0))
            else:
                share = min(2 / (kills - kill), 1) * (count - before)
                wait_for_photos(run, catalog, before + 1 + int(draw.uniform(0, 0.8) * share))
                time.sleep(draw.uniform(0, 0.03))
            in_time += run.poll() is None and 0 < photos_judged(catalog) < count
            run.send_signal(signal.SIGKILL)
            run.wait()
            verdict = rows(catalog, "PRAGMA integrity_check")
            if verdict != [("ok",)]:
                problems.append(f"integrity after kill {kill + 1}: {verdict}")
            found = {
                row[:3]: row[3]
                for row in rows(catalog, "SELECT photo_id, scorer_id, aspect, created_at FROM assessment")
            }
            changed = [key for key, moment in committed.items() if found.get(key) != moment]
            if changed:
                problems.append(f"kill {kill + 1}: {len(changed)} committed assessments changed or vanished")
            committed |= found
            print(f"kill {kill + 1:2}: {len(found)} assessments committed", flush=True)
        if 2 * in_time < kills:
            problems.append(f"only {in_time} of {kills} kills met a run between its first and last photo")
        last = subprocess.run(
            [*culler, "score", str(photos), *scorer], env=env, capture_output=True, text=True
        )
        total = rows(catalog, "SELECT aspect, COUNT(*) FROM assessment GROUP BY aspect")
        kept = rows(catalog, "SELECT flag FROM decision")
        after = {
            row[:3]: row[3]
            for row in rows(catalog, "SELECT photo_id, scorer_id, aspect, created_at FROM assessment")
        }
        if last.returncode != 0:
            problems.append(f"the last run ended with {last.returncode}: {last.stderr[-300:]}")
        if any(n != count for _, n in total) or not total:
            problems.append(f"{total} assessments instead of {count} an aspect")
        if kept != [("pick",)]:
            problems.append(f"marks after the kills: {kept}")
        if any(after.get(key) != moment for key, moment in committed.items()):
            problems.append("a committed assessment was made again")
        print(f"end: {dict(total)}, marks {kept}, integrity {rows(catalog, 'PRAGMA integrity_check')}")
    for problem in problems:
        print("PROBLEM:", problem)
    return 1 if problems else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("scorer", nargs="*", help="more words for culler score, after --")
    options = parser.parse_args()
    sys.exit(main(options.count, options.kills, options.seed, options.scorer))
