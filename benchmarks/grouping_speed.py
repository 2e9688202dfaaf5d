"""Grouping 100,000 photos from loaded columns, as a ratio to one two-key np.lexsort of the same rows.

Interleaved rounds, medians of CPU time. The photos are bursts of one to nine frames over some hundred
days with two cameras, in shuffled catalog order; a second case has equal timestamps throughout, a third
none. The embedding case compares vectors of 512 numbers within the time windows.

    python benchmarks/grouping_speed.py [--photos 100000] [--rounds 7] [--json]
"""

import argparse
import json
import resource
import statistics
import sys
from collections.abc import Callable
from dataclasses import replace
from time import process_time

import numpy as np

from culler.ranking.bursts import Embeddings, group_photos
from culler.ranking.columns import NO_TIME, PhotoColumns, empty
from culler.ranking.order import precedence

EMBEDDING_LENGTH = 512


def photographs(n: int, seed: int = 0) -> tuple[PhotoColumns, np.ndarray]:
    """Columns of n photos in bursts, and the burst each belongs to."""
    random = np.random.default_rng(seed)
    sizes = random.integers(1, 10, n)
    burst = np.repeat(np.arange(n), sizes)[:n]
    first = np.append(True, burst[1:] != burst[:-1])
    gaps_us = np.where(
        first, random.integers(20_000_000, 170_000_000, n), random.integers(80_000, 500_000, n)
    )
    views = random.integers(1, 2**63, n, dtype=np.uint64)[burst]
    flips = np.uint64(1) << random.integers(0, 64, (3, n), dtype=np.uint64)
    columns = replace(
        empty(n),
        names=np.array([f"day{k // 1000:03}/IMG_{k % 10_000:04}.JPG" for k in range(n)], dtype=object),
        taken_us=np.cumsum(gaps_us),
        camera=(burst % 2).astype(np.int32),
        dhash=views ^ flips[0] ^ flips[1] ^ flips[2],
        exposure_ev=random.normal(10, 2, n)[burst].astype(np.float32),
        bias_ev=np.zeros(n, np.float32),
        focal_mm=np.full(n, 35, np.float32),
    )
    shuffled = random.permutation(n)
    return columns.take(shuffled), burst[shuffled]


def cpu_ms(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return (process_time() - start) * 1e3


def measure(n: int, rounds: int) -> dict[str, float]:
    """Median milliseconds of each case, and how they compare with the lexsort."""
    columns, burst = photographs(n)
    ranks = precedence(columns).name_ranks
    equal = replace(columns, taken_us=np.full(n, 1_700_000_000_000_000))
    timeless = replace(columns, taken_us=np.full(n, NO_TIME))
    vectors = np.random.default_rng(1).standard_normal((int(burst.max()) + 1, EMBEDDING_LENGTH))
    embeddings = Embeddings(vectors.astype(np.float16)[burst], 0.9)
    looks = np.random.default_rng(2).integers(1, 255, (int(burst.max()) + 1, 384), dtype=np.uint8)[burst]
    cases: dict[str, Callable[[], object]] = {
        "lexsort": lambda: np.lexsort((columns.taken_us, columns.camera)),
        "grouping": lambda: group_photos(columns),
        "equal_times": lambda: group_photos(equal, names=ranks),
        "no_times": lambda: group_photos(timeless, names=ranks),
        "looks": lambda: group_photos(columns, looks=looks),
        "looks_no_times": lambda: group_photos(timeless, looks=looks, names=ranks),
        "embeddings": lambda: group_photos(columns, embeddings=embeddings),
    }
    spent: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, work in cases.items():
            spent[name].append(cpu_ms(work))
    result = {f"{name}_ms": statistics.median(times) for name, times in spent.items()}
    result["ratio"] = result["grouping_ms"] / result["lexsort_ms"]
    result["groups"] = len(group_photos(columns))
    result["true_groups"] = int(np.count_nonzero(np.bincount(burst) > 1))
    # The columns and vectors themselves included. ru_maxrss is in KiB on Linux, in bytes on macOS.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result["peak_mb"] = peak / (2**20 if sys.platform == "darwin" else 2**10)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options.photos, options.rounds)
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:16} {value:10.2f}")
    print("goals: ratio ≤ 3, embeddings ≤ 1000 ms, peak ≤ 400 MB")


if __name__ == "__main__":
    main()
