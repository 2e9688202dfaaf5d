"""How good the embedded judge is: every row of its table, beside plain sharpness measures and BRISQUE.

    python benchmarks/embedded_judgement.py --photos DIR --manifest DIR/TRAIN.csv --bursts DIR/BURSTS.csv

The bursts file is a CSV with the columns `file`, `burst` and `mos` (opinions, higher is better), files
relative to it. Nothing in the judge is fitted on such bursts. Constructed rows use photographs of the
manifest that training held out; the portraits all with a face, since nothing learns from faces. A row
without data is reported as not measured. With --json the table is also written to a file.
"""

import argparse
import csv
import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from embedded_rivals import brisque, laplacian_tiles, laplacian_variance
from embedded_sets import Pixels, ladders, misfocused, noisy_copies, portraits, reduced
from numpy.typing import NDArray
from PIL import Image

from culler.domain.assessment import Aspect
from culler.domain.levels import LevelDistribution
from culler.evaluation.metrics import bootstrap, pair_accuracy, srcc, top_hits
from culler.evaluation.metrics_levels import level_of
from culler.scoring import crops, faces
from culler.scoring.burst_faces import eyes_across
from culler.scoring.embedded import EmbeddedScorer, load
from culler.scoring.scorer import ScorerOptions
from culler.settings import resource
from culler.training.embedded_examples import held_out

NAMES = ("embedded", "laplacian", "laplacian p95", "brisque")
Scores = dict[str, float]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `must` and `good` are the marks it is held to; times are good when low."""

    name: str
    values: dict[str, float | None]
    must: float | None = None
    good: float | None = None
    note: str = ""
    low_is_good: bool = False

    @property
    def verdict(self) -> str:
        value = self.values.get("embedded")
        if value is None:
            return "not measured"
        if self.must is None or self.good is None:
            return ""
        sign = -1 if self.low_is_good else 1
        if sign * value >= sign * self.good:
            return "good"
        return "must" if sign * value >= sign * self.must else "FAILS"


class Judges:
    """The embedded judge and what it is measured beside, loaded once a process."""

    def __init__(self, with_brisque: bool) -> None:
        cv2.setNumThreads(1)
        self.embedded: EmbeddedScorer = load(ScorerOptions())
        self._brisque = brisque() if with_brisque else None

    def mean(self, rgb: Pixels) -> float:
        """The embedded judge's quality mean."""
        vector = self.embedded.prepare(Image.fromarray(rgb))
        return float(_means(self.embedded.score_embeddings(vector[None])[Aspect.QUALITY])[0])

    def scores(self, rgb: Pixels) -> Scores:
        """Every judge's score of a picture."""
        found = {
            "embedded": self.mean(rgb),
            "laplacian": laplacian_variance(rgb),
            "laplacian p95": laplacian_tiles(rgb),
        }
        return found | ({"brisque": self._brisque(rgb)} if self._brisque else {})


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bursts", type=Path, help="CSV of bursts with opinion scores")
    parser.add_argument("--photos", type=Path, help="folder of the training photographs")
    parser.add_argument("--manifest", type=Path, help="their manifest")
    parser.add_argument("--originals", type=Path, help="folder of photos of 3,000 px and more, for misfocus")
    parser.add_argument("--scenes", type=int, default=1000, help="at most so many held-out scenes")
    parser.add_argument(
        "--no-brisque", action="store_true", help="leave BRISQUE out (it takes most of the time)"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, help="also write the table here")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    with ExitStack() as stack:
        run = _workers(stack, options.workers, not options.no_brisque)
        rows += burst_rows(options.bursts, run)
        rows += built_rows(options.photos, options.manifest, options.scenes, options.originals, run)
    rows += cost_rows()
    _print(rows)
    if options.json:
        options.json.write_text(
            json.dumps([asdict(row) | {"verdict": row.verdict} for row in rows], indent=1)
        )
    return 1 if any(row.verdict == "FAILS" for row in rows) else 0


Mapper = Callable[..., Iterable[object]]
_judges: Judges | None = None


def _workers(stack: ExitStack, count: int, with_brisque: bool) -> Mapper:
    """A map over processes that hold the judges; over this one for a count of 1."""
    if count == 1:
        _begin(with_brisque)
        return lambda work, *items, chunksize=1: map(work, *items)
    spawn = get_context("spawn")
    pool = ProcessPoolExecutor(count, spawn, _begin, (with_brisque,))
    return stack.enter_context(pool).map


def _begin(with_brisque: bool) -> None:
    global _judges
    _judges = Judges(with_brisque)


def _all_scores(path: Path) -> tuple[Scores, tuple[float, ...]]:
    assert _judges is not None
    rgb = _pixels(path)
    vector = _judges.embedded.prepare(Image.fromarray(rgb))
    logits = _judges.embedded.score_embeddings(vector[None])[Aspect.QUALITY][0]
    return _judges.scores(rgb), LevelDistribution.from_logits(
        [float(value) for value in logits]
    ).probabilities


def burst_rows(bursts: Path | None, run: Mapper) -> list[Row]:
    """Rows on real bursts with opinion scores."""
    marks = {
        "burst pairs > .15": (0.93, 0.95),
        "burst pairs > .30": (0.97, 0.985),
        "burst top-1 (within .05 of the best)": (0.80, 0.85),
        "SRCC across scenes": (0.50, 0.65),
        "levels sum to 1": (1.0, 1.0),
        "likeliest level at most one from people's": (0.97, 0.98),
        "mean within one level of people": (0.97, 0.98),
    }
    if bursts is None:
        return [Row(name, {}, must, good) for name, (must, good) in marks.items()]
    with bursts.open(newline="", encoding="utf-8") as file:
        listed = list(csv.DictReader(file))
    opinions = np.array([float(row["mos"]) for row in listed])
    groups = np.array([row["burst"] for row in listed])
    low, high = (
        (0.0, 1.0) if opinions.min() >= 0 and opinions.max() <= 1 else (opinions.min(), opinions.max())
    )
    truth = (opinions - low) / (high - low)
    answers = list(run(_all_scores, [bursts.parent / row["file"] for row in listed], chunksize=8))
    scores = {name: np.array([one[0].get(name, np.nan) for one in answers]) for name in NAMES}  # type: ignore[index]
    levels = np.array([one[1] for one in answers])  # type: ignore[index]

    def measured(name: str, statistic: Callable[[NDArray[np.float64], NDArray[np.intp]], float]) -> Row:
        values = {
            judge: None if np.isnan(values).any() else statistic(values, np.arange(len(truth)))
            for judge, values in scores.items()
        }
        whole = bootstrap(
            lambda rows: statistic(scores["embedded"], rows), len(truth), list(groups), draws=300
        )
        note = f"95 % of bursts drawn anew: {whole.low:.3f} to {whole.high:.3f}"
        return Row(name, values, *marks[name], note=note)

    def pairs(margin: float) -> Callable[[NDArray[np.float64], NDArray[np.intp]], float]:
        return lambda values, rows: pair_accuracy(values[rows], truth[rows], list(groups[rows]), margin)

    means, likeliest = levels @ np.arange(1, 6), levels.argmax(axis=1)
    people = level_of(truth, 0.0, 1.0)
    return [
        measured("burst pairs > .15", pairs(0.15)),
        measured("burst pairs > .30", pairs(0.30)),
        measured(
            "burst top-1 (within .05 of the best)",
            lambda values, rows: top_hits(values[rows], truth[rows], list(groups[rows]), 0.05),
        ),
        measured("SRCC across scenes", lambda values, rows: srcc(values[rows], truth[rows])),
        Row(
            "levels sum to 1",
            {"embedded": float((np.abs(levels.sum(axis=1) - 1) < 1e-4).mean())},
            *marks["levels sum to 1"],
        ),
        Row(
            "likeliest level at most one from people's",
            {"embedded": float((np.abs(likeliest - people) <= 1).mean())},
            *marks["likeliest level at most one from people's"],
            note="people's level is the fifth of the range that holds their mean",
        ),
        Row(
            "mean within one level of people",
            {"embedded": float((np.abs(means - (1 + 4 * truth)) <= 1).mean())},
            *marks["mean within one level of people"],
            note=f"{len(truth)} frames, {len(set(groups))} bursts",
        ),
    ]


Counts = dict[str, dict[str, tuple[float, int]]]  # row, judge: pairs ordered rightly, pairs


def built_rows(
    photos: Path | None, manifest: Path | None, most: int, originals: Path | None, run: Mapper
) -> list[Row]:
    """Rows on sets built from held-out photographs."""
    marks = {
        "synthetic pairs, trained kinds": (0.93, 0.95),
        "synthetic pairs, new kinds": (0.88, 0.90),
        "noisy copies": (0.88, 0.93),
        "sharp face beats back-focus": (0.90, 0.95),
        "sharp face beats all-soft": (0.97, 1.0),
        "misfocus of 1.5 px, with 100 % crops": (0.95, 1.0),
        "misfocus of 1.5 px, preview alone": (None, None),
    }
    if photos is None or manifest is None:
        return [Row(name, {}, must, good) for name, (must, good) in marks.items()]
    with manifest.open(newline="", encoding="utf-8") as file:
        names = [row["file"] for row in csv.DictReader(file)]
    scenes = [photos / name for name in names if held_out(name)][:most]
    large = _large(originals) if originals else scenes
    parts = [
        *run(_ladder_counts, enumerate(scenes)),
        *run(_portrait_counts, [photos / name for name in names][: 5 * most], chunksize=8),
        *run(_misfocus_counts, large),
    ]
    total = _sum(parts)  # type: ignore[arg-type]
    kinds = sorted(name for name in total if name not in marks)
    portraits_seen = total.get("sharp face beats all-soft", {}).get("embedded", (0, 0))[1]
    notes = {
        "synthetic pairs, trained kinds": f"{len(scenes)} held-out scenes",
        "sharp face beats back-focus": f"{portraits_seen} portraits",
        "misfocus of 1.5 px, with 100 % crops": f"{len(large)} photos"
        + ("" if originals else "; 1,280 px stand for the original, a third of it for the preview"),
    }
    rows = [
        Row(name, _shares(total.get(name, {})), must, good, notes.get(name, ""))
        for name, (must, good) in marks.items()
    ]
    return rows + [Row(f"  {kind}", _shares(total[kind])) for kind in kinds]


def _ladder_counts(numbered: tuple[int, Path]) -> Counts:
    assert _judges is not None
    number, path = numbered
    clean = reduced(_pixels(path), 1024)
    counts: Counts = {}
    first = _judges.scores(clean)
    for ladder in ladders(clean, number):
        found = [first, *(_judges.scores(picture) for picture in ladder.pictures[1:])]
        for row in (f"synthetic pairs, {'trained' if ladder.seen else 'new'} kinds", ladder.kind):
            _add(counts, row, found)
    _add(
        counts, "noisy copies", [first, *(_judges.scores(picture) for picture in noisy_copies(clean, number))]
    )
    return counts


def _portrait_counts(path: Path) -> Counts:
    assert _judges is not None
    counts: Counts = {}
    for portrait in portraits(_pixels(path)):
        frames = (portrait.face_sharp, portrait.background_sharp, portrait.all_soft)
        found = [_judges.scores(frame) for frame in frames]
        eyes = eyes_across(frames, [faces.find(frame) for frame in frames])
        ordered = crops.burst_scores([one["embedded"] for one in found], [None] * 3, eyes)
        for one, score in zip(found, ordered, strict=True):
            one["embedded"] = float(score)
        _add(counts, "sharp face beats back-focus", [found[0], found[1]])
        _add(counts, "sharp face beats all-soft", [found[0], found[2]])
    return counts


def _misfocus_counts(path: Path) -> Counts:
    assert _judges is not None
    full = _pixels(path)
    third = round(max(full.shape[:2]) / 3)
    frames = (full, misfocused(full, 1.5 * max(full.shape[:2]) / 3840 if max(full.shape[:2]) > 2600 else 1.5))
    previews = [reduced(frame, third) for frame in frames]
    alone = [_judges.scores(preview) for preview in previews]
    places = crops.sharpest_places(previews[0])
    height, width = full.shape[:2]

    def reader(frame: Pixels) -> crops.RegionReader:
        return lambda at: frame[at.top : at.top + at.height, at.left : at.left + at.width]

    sharpness = [crops.measure_frame(reader(frame), width, height, places) for frame in frames]
    ordered = crops.burst_scores([one["embedded"] for one in alone], sharpness)
    counts: Counts = {}
    _add(counts, "misfocus of 1.5 px, preview alone", alone)
    _add(counts, "misfocus of 1.5 px, with 100 % crops", [{"embedded": float(score)} for score in ordered])
    return counts


def cost_rows() -> list[Row]:
    """Time on one core for a preview in memory, and the size of the weights."""
    cv2.setNumThreads(1)
    judge = load(ScorerOptions())
    rng = np.random.default_rng(0)
    ground = cv2.resize(
        rng.integers(0, 255, (86, 128, 3), np.uint8), (1024, 683), interpolation=cv2.INTER_CUBIC
    )
    rgb = np.clip(ground + rng.normal(0, 6, ground.shape), 0, 255).astype(np.uint8)
    image = Image.fromarray(rgb)
    resize = _time(lambda: image.resize((1023, 682), Image.Resampling.BICUBIC))
    judged = _time(lambda: judge.score([judge.prepare(image)]))
    import torch

    torch.set_num_threads(1)
    looked = _time(lambda: faces.find(rgb))
    size = resource("embedded/weights.safetensors").stat().st_size / 1e6
    return [
        Row(
            "ms a preview of 1024 × 683, without faces",
            {"embedded": judged},
            80,
            60,
            f"{judged / resize:.1f} × a bicubic resize of it by Pillow ({resize:.1f} ms)",
            low_is_good=True,
        ),
        Row("ms a preview, the face pass alone", {"embedded": looked}, 250, 150, low_is_good=True),
        Row("weights, MB", {"embedded": size}, 1.0, 0.4, low_is_good=True),
    ]


def _time(work: Callable[[], object], rounds: int = 15) -> float:
    work()
    times = []
    for _ in range(rounds):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return float(np.median(times) * 1000)


def _add(counts: Counts, row: str, best_first: Sequence[Scores]) -> None:
    """Count every pair of pictures, the better first, that each judge orders rightly; ties are halves."""
    for judge in best_first[0]:
        values = [one[judge] for one in best_first]
        right, total = counts.setdefault(row, {}).get(judge, (0.0, 0))
        for index, value in enumerate(values):
            for worse in values[index + 1 :]:
                right += 1.0 if value > worse else 0.5 if value == worse else 0.0
                total += 1
        counts[row][judge] = right, total


def _sum(parts: Iterable[Counts]) -> Counts:
    whole: Counts = {}
    for part in parts:
        for row, judges in part.items():
            for judge, (right, total) in judges.items():
                before = whole.setdefault(row, {}).get(judge, (0.0, 0))
                whole[row][judge] = before[0] + right, before[1] + total
    return whole


def _shares(counts: dict[str, tuple[float, int]]) -> dict[str, float | None]:
    return {judge: right / total for judge, (right, total) in counts.items() if total}


def _means(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(weights @ np.arange(1, 6) / weights.sum(axis=1))


def _pixels(path: Path) -> Pixels:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def _large(folder: Path) -> list[Path]:
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in {".jpg", ".jpeg"}:
            with Image.open(path) as image:
                if max(image.size) >= 3000:
                    found.append(path)
    return found


def _print(rows: Sequence[Row]) -> None:
    shown = [name for name in NAMES if any(row.values.get(name) is not None for row in rows)]
    print(f"{'':44}" + "".join(f"{name:>15}" for name in shown) + "    must   good")
    for row in rows:
        cells = "".join(
            f"{'-':>15}" if row.values.get(name) is None else f"{row.values[name]:15.3f}" for name in shown
        )
        marks = "".join(f"{'' if mark is None else format(mark, 'g'):>7}" for mark in (row.must, row.good))
        print(f"{row.name:44}{cells} {marks}  {row.verdict:12} {row.note}".rstrip())


if __name__ == "__main__":
    raise SystemExit(main())
