"""A closer look within bursts, end to end through the catalog: right best frames before and after, and time.

Each burst is a 4K mosaic of photographs, sharp once and defocused by 1.5 px twice, as JPEGs with noise; the
frames drift and differ in exposure. Reported beside them: looking for faces, per photo, and levels from
10,000 stored vectors.

    python benchmarks/closer_look.py --photos DIR [--bursts 12] [--json]
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
from embedded_sets import misfocused
from numpy.typing import NDArray
from PIL import Image

from culler.scoring import embedded
from culler.scoring.scorer import ScorerOptions
from culler.settings import Places
from culler.workflow import crops, faces, groups
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.score import ScoreRequest, score
from culler.workflow.workspace import open_workspace

Pixels = NDArray[np.uint8]
WIDTH, HEIGHT, RADIUS_PX, NOISE = 3840, 2560, 1.5, 2.0
DRIFT_PX, LIGHT = 48, 0.06
"""How far the scene moves between frames, and by how much of the light their exposures differ."""


def mosaic(photos: list[Path], random: np.random.Generator) -> Pixels:
    """A 4K picture with the photographs' own detail: 3 × 3 of them side by side."""
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for place, at in enumerate(random.choice(len(photos), 9, replace=False)):
        with Image.open(photos[at]) as image:
            pixels = np.asarray(image.convert("RGB"))
        down, across = HEIGHT // 3 + 1, WIDTH // 3
        scale = max(1.0, down / pixels.shape[0], across / pixels.shape[1])
        if scale > 1:
            pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC))
        top, left = place // 3 * down, place % 3 * across
        room = picture[top : top + down, left : left + across]
        room[:] = pixels[: room.shape[0], : room.shape[1]]
    return picture


def write_burst(folder: Path, sharp: Pixels, place: int, start: datetime, random: np.random.Generator) -> str:
    """Three frames; the name of the sharp one."""
    soft = misfocused(sharp, RADIUS_PX)
    best = int(random.integers(3))
    for frame in range(3):
        down, across = random.integers(0, DRIFT_PX, 2)
        seen = (sharp if frame == best else soft)[down : HEIGHT - DRIFT_PX + down]
        seen = seen[:, across : WIDTH - DRIFT_PX + across]
        noisy = seen * random.uniform(1 - LIGHT, 1 + LIGHT) + random.normal(0, NOISE, seen.shape)
        exif = Image.Exif()
        exif[0x010F], exif[0x0110] = "Canon", "Canon EOS R6"
        moment = start + timedelta(minutes=place, milliseconds=200 * frame)
        details = exif.get_ifd(0x8769)
        details[0x9003] = moment.strftime("%Y:%m:%d %H:%M:%S")
        details[0x9291] = f"{moment.microsecond // 10000:02}"
        target = folder / f"b{place:02}_{frame}.jpg"
        Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(target, quality=93, exif=exif)
    return f"b{place:02}_{best}.jpg"


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(photos: Path, bursts: int) -> dict[str, float]:
    """Shares of bursts with the right best frame, and times."""
    random = np.random.default_rng(0)
    found = sorted(path for path in photos.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "photos"
        folder.mkdir()
        start = datetime(2026, 5, 1, 12)
        right = {write_burst(folder, mosaic(found, random), place, start, random) for place in range(bursts)}
        base = Path(home)
        workspace = open_workspace(
            Places(data=base / "data", cache=base / "cache", config=base / "config", logs=base / "logs")
        )
        try:
            drive(scan(workspace, [folder]))
            drive(score(workspace, ScoreRequest((folder,))))

            def share() -> float:
                grouped = groups.grouped(workspace, [folder])
                names = dict(zip(grouped.columns.ids.tolist(), grouped.columns.names.tolist(), strict=True))
                ranked = groups.ranked(workspace, grouped)
                return sum(names[group.photo_ids[0]] in right for group in ranked) / bursts

            before = share()
            faces_s = seconds(lambda: drive(faces.find_faces(workspace, [folder])))
            grouped = groups.grouped(workspace, [folder])
            closer_s = seconds(lambda: drive(crops.look_closer(workspace, grouped, "embedded")))
            after = share()
        finally:
            workspace.close()
    judge = embedded.load(ScorerOptions())
    vectors = np.tile(embedded.features.measure(Image.fromarray(mosaic(found, random))), (10_000, 1))
    return {
        "bursts": bursts,
        "right by preview": before,
        "right after a closer look": after,
        "faces ms per photo": faces_s * 1e3 / (3 * bursts),
        "closer look ms per frame": closer_s * 1e3 / (3 * bursts),
        "levels from 10,000 vectors ms": seconds(lambda: judge.score_embeddings(vectors)) * 1e3,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--bursts", type=int, default=12)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options.photos, options.bursts)
    if options.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:32}{value:10.2f}")


if __name__ == "__main__":
    main()
