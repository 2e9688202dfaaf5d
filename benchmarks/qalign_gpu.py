"""Q-Align's two questions on a GPU, all of it in one command: speed, memory, utilisation, end to end.

    python benchmarks/qalign_gpu.py                                  # full size, CUDA, bfloat16
    python benchmarks/qalign_gpu.py --size tiny --device cpu --dtype float32 --batches 2 --photos 8

Random weights of the stated size. From pixels in memory: images a second by batch size, eager and
compiled, with the share of the device's peak (qalign_speed) and the memory taken, against the path that
works as the published scorer does. Then JPEG files on disk through `culler score`'s own job, decoding and
catalog included, the first time and again with previews in the cache. Where the time goes, by part.
Unverified on any GPU so far: no figures of it are claimed.
"""

import argparse
import json
import runpy
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from culler.domain.assessment import Aspect, EncoderId, ScorerId
from culler.models.mplug_owl2.model import MPlugOwl2
from culler.scoring.devices import Placement
from culler.scoring.preprocess import PixelRecipe
from culler.scoring.qalign import QAlignScorer
from culler.scoring.qalign_engine import Engine
from culler.scoring.qalign_plan import Words
from culler.scoring.scorer import SCORERS, ScorerOptions, ScorerSpec
from culler.settings import Places
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.score import ScoreRequest, score
from culler.workflow.workspace import open_workspace

SPEED = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("qalign_speed.py"))))
JUDGE = "benchmark_judge"


def fitting(run: Callable[[], Tensor]) -> bool:
    """Whether this goes through in the device's memory; also the warm-up."""
    try:
        run()
        run()  # compiled code may be made anew once more, now that the layouts are known
    except (torch.OutOfMemoryError, MemoryError):
        return False
    finally:
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
    return True


def seconds(run: Callable[[], Tensor], device: torch.device, rounds: int) -> float:
    return statistics.median(SPEED.measured(run, device)[0] for _ in range(rounds))


@torch.inference_mode()
def by_batch(
    paths: Any, device: torch.device, args: argparse.Namespace, peak: float | None
) -> list[dict[str, Any]]:
    """Images a second of every batch size that fits, eager and compiled."""
    operations = SPEED.needed_operations(paths.values)
    pixels, found = paths.pixels, []
    for compiled in (False, True) if args.compile else (False,):
        run = torch.compile(paths._shared) if compiled else paths._shared
        for batch in args.batches:
            paths.pixels = pixels[:batch]
            if device.type == "cuda":
                torch.cuda.reset_peak_memory_stats(device)
            if not fitting(run):
                break
            taken = seconds(run, device, args.rounds) / batch
            rate = operations / taken / 1e12
            found.append(
                {
                    "batch": batch,
                    "compiled": compiled,
                    "images_per_s": 1 / taken,
                    "tflop_per_s": rate,
                    "utilisation": rate / peak if peak else None,
                    "memory_gib": SPEED._memory_gib(device),
                }
            )
            print(json.dumps(found[-1]), flush=True)
    paths.pixels = pixels
    return found


@torch.inference_mode()
def by_part(paths: Any, device: torch.device, rounds: int) -> dict[str, float]:
    """Seconds a picture in the vision tower with the abstractor, and in the decoder."""
    network, batch = paths.network, len(paths.pixels)
    seen = network.look(paths.pixels)
    tokens = network.image_tokens(seen)
    return {
        "look_s": seconds(lambda: network.look(paths.pixels), device, rounds) / batch,
        "answer_s": seconds(lambda: paths.questions.answer(tokens), device, rounds) / batch,
    }


@torch.inference_mode()
def reference(paths: Any, device: torch.device, args: argparse.Namespace) -> dict[str, Any]:
    """The reference-like path at the largest batch that fits it."""
    pixels = paths.pixels
    best: dict[str, Any] = {"batch": None, "images_per_s": None}
    for batch in args.batches:
        paths.pixels = pixels[:batch]
        if not fitting(paths.whole):
            break
        rate = batch / seconds(paths.whole, device, max(2, args.rounds // 2))
        if best["images_per_s"] is None or rate > best["images_per_s"]:
            best = {"batch": batch, "images_per_s": rate}
    paths.pixels = pixels
    return best


def write_photos(folder: Path, count: int, size: tuple[int, int]) -> None:
    """JPEGs with detail at every scale, no two alike."""
    rng = np.random.default_rng(0)
    layers = [rng.integers(0, 255, (24 * 4**k, 36 * 4**k, 3), np.uint8) for k in range(4)]
    folder.mkdir(parents=True)
    mixed = None
    for layer in layers:
        scaled = Image.fromarray(layer).resize(size, Image.Resampling.BICUBIC)
        mixed = scaled if mixed is None else Image.blend(mixed, scaled, 0.35)
    assert mixed is not None
    for at in range(count):
        shift = np.roll(np.asarray(mixed), at * 37, axis=1)
        Image.fromarray(shift).save(folder / f"IMG_{at:05}.jpg", quality=90)


def judge(paths: Any, device: torch.device, dtype: torch.dtype, batch: int) -> QAlignScorer:
    """The program's own scorer around the random network."""
    network: MPlugOwl2 = paths.network
    recipe = PixelRecipe(network.config.vision.image_size)
    quality, aesthetics = paths.prompts
    words = Words({Aspect.QUALITY: quality, Aspect.AESTHETICS: aesthetics}, quality, tuple(paths.word_ids))
    placement = Placement((device,), dtype, None, batch, str(device))
    ids = ScorerId(JUDGE, "1"), EncoderId(JUDGE, "1")
    return QAlignScorer([Engine(network, recipe)], words, recipe, placement, *ids)


def end_to_end(paths: Any, device: torch.device, args: argparse.Namespace, batch: int) -> dict[str, float]:
    """Images a second of `culler score`'s job from files, without loading the network and without
    the scan: first with every photo decoded, then with previews in the cache."""
    module = ModuleType(JUDGE)
    dtype = getattr(torch, args.dtype)

    def load(options: ScorerOptions) -> QAlignScorer:
        return judge(paths, device, dtype, batch)

    module.load = load  # type: ignore[attr-defined]
    sys.modules[JUDGE] = module
    SCORERS[JUDGE] = ScorerSpec(JUDGE, "Benchmark", f"{JUDGE}:load")
    try:
        with tempfile.TemporaryDirectory() as place:
            root = Path(place)
            write_photos(root / "photos", args.photos, tuple(args.photo_size))
            workspace = open_workspace(Places(*(root / part for part in ("data", "config", "cache", "logs"))))
            try:
                drive(scan(workspace, [root / "photos"]))
                rates = {}
                for name in ("files_images_per_s", "cached_images_per_s"):
                    request = ScoreRequest((root / "photos",), scorer=JUDGE, rescore=True)
                    start = time.perf_counter()
                    report = drive(score(workspace, request))
                    assert report is not None and len(report.scored) == args.photos
                    rates[name] = args.photos / (time.perf_counter() - start)
            finally:
                workspace.close()
    finally:
        del SCORERS[JUDGE], sys.modules[JUDGE]
    return rates


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", choices=SPEED.SIZES, default="full")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--dtype", choices=("float32", "bfloat16", "float16"), default="bfloat16")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 4, 8, 16, 32, 64])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--compile", action="store_true", help="also with torch.compile")
    parser.add_argument("--photos", type=int, default=512, help="files for the run from disk")
    parser.add_argument("--photo-size", type=int, nargs=2, default=(6000, 4000))
    parser.add_argument("--peak-tflops", type=float, help="the device's dense peak in this precision")
    args = parser.parse_args(words)
    if args.device.startswith("cuda") and not torch.cuda.is_available():
        print("There is no CUDA device here; --device cpu --size tiny shows that the script runs.")
        return 1
    device = torch.device(args.device)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    peak = args.peak_tflops or next((tera for part, tera in SPEED.PEAKS.items() if part in name), None)
    args.batches.sort()
    with torch.inference_mode():
        paths = SPEED.Paths(args.size, device, getattr(torch, args.dtype), args.batches[-1], False)
    found = by_batch(paths, device, args, peak)
    if not found:
        print("Not even the smallest batch fits the device's memory.")
        return 1
    best = max(found, key=lambda row: row["images_per_s"])
    eager = max((row for row in found if not row["compiled"]), key=lambda row: row["images_per_s"])
    plain = reference(paths, device, args)
    paths.pixels = paths.pixels[: eager["batch"]]
    figures = {
        "size": args.size,
        "device": name,
        "dtype": args.dtype,
        "torch": torch.__version__,
        "gflop_per_image": SPEED.needed_operations(paths.values) / 1e9,
        "best": best,
        "reference": plain,
        "times_the_reference": plain["images_per_s"] and best["images_per_s"] / plain["images_per_s"],
        "parts": by_part(paths, device, args.rounds),
        **end_to_end(paths, device, args, eager["batch"]),
    }
    figures["files_share_of_memory_speed"] = figures["files_images_per_s"] / eager["images_per_s"]
    figures["cached_share_of_memory_speed"] = figures["cached_images_per_s"] / eager["images_per_s"]
    print(json.dumps(figures, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
