"""The benchmark of taste at small size: it runs, and its claims hold roughly."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from culler.scoring import features

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "taste.py"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_taste", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_taste_grows_with_picks_and_chance_stays_shut(benchmark: ModuleType) -> None:
    random = np.random.default_rng(0)
    mixed = random.normal(0, 1, (360, 20)) @ random.normal(0, 1, (20, len(features.names())))
    photos = benchmark.judged(mixed.astype(np.float32))
    few, many, agrees, *chance = benchmark.outcomes(photos, [50, 250], users=3, chance=6)
    assert (few.user, many.user, agrees.user) == ("taste", "taste", "agrees")
    assert many.new > few.new > 0.5
    assert many.new > many.scorer_new and many.used == 1
    assert agrees.used == 0
    assert [one.user for one in chance] == ["chance"] * 2
    assert all(one.used == 0 and abs(one.new - 0.5) < 0.06 for one in chance)
