"""How far the preview moves Q-Align's pixels and scores against a full decode of the same file.

    python benchmarks/qalign_decode.py FOLDER [--checkpoint FOLDER] [--photos 50]

Takes the pictures below FOLDER that the preview rule reduces (long edge 2560 px and more). Pixels are in
the network's normalised units, at 448 px or the checkpoint's own size; level means are 1 … 5 and need a
checkpoint. With random weights the latter say nothing of a trained judge; the former hold for any.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from culler.domain.errors import CullerError
from culler.domain.levels import LevelDistribution
from culler.imaging import decode
from culler.scoring import qalign
from culler.scoring.preprocess import CLIP_STD, PixelRecipe, square_bytes
from culler.scoring.scorer import ScorerOptions

SUFFIXES = (".jpg", ".jpeg")
SIDE_PX = 448


def pictures(folder: Path, most: int) -> Iterator[tuple[str, Image.Image, Image.Image]]:
    """Name, full decode and preview as encoded."""
    found = 0
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in SUFFIXES or not path.is_file() or found == most:
            continue
        try:
            full = decode.full(path)
            if decode.preview_scale(*full.size) == 1:
                continue
            preview = decode.decode_preview(decode.encode_preview(decode.preview(path)))
        except CullerError:
            continue
        found += 1
        yield path.name, full, preview


def summary(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "largest": max(values)}


def compare(args: argparse.Namespace) -> dict[str, Any]:
    scorer = None
    side = SIDE_PX
    if args.checkpoint:
        scorer = qalign.load(ScorerOptions(checkpoint=args.checkpoint, device=args.device, dtype=args.dtype))
        side = scorer.side_px
    recipe = PixelRecipe(side)
    pixels: list[float] = []
    means: dict[str, list[float]] = {}
    for _name, full, preview in pictures(args.folder, args.photos):
        bytes_of = [square_bytes(image, recipe).astype(float) for image in (full, preview)]
        scaled = (bytes_of[0] - bytes_of[1]) / 255 / np.array(CLIP_STD)[:, None, None]
        pixels.append(float(np.sqrt(np.mean(scaled**2))))
        if scorer:
            first, second = scorer.score([scorer.prepare(full), scorer.prepare(preview)])
            for aspect in scorer.aspects:
                levels = [LevelDistribution.from_logits(one.logits[aspect]) for one in (first, second)]
                means.setdefault(aspect, []).append(abs(levels[0].mean - levels[1].mean))
    if not pixels:
        raise SystemExit(f"{args.folder} holds no picture that the preview rule reduces")
    return {
        "photos": len(pixels),
        "side_px": side,
        "pixel_rms": summary(pixels),
        "level_mean_change": {aspect: summary(values) for aspect, values in means.items()},
    }


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype")
    parser.add_argument("--photos", type=int, default=50)
    print(json.dumps(compare(parser.parse_args(words)), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
