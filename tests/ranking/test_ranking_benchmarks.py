"""The benchmark scripts at small size: they run, and their claims hold roughly."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", BENCHMARKS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_culler_needs_at_most_half_of_random_questions() -> None:
    ours, random = script("questions").measure(6, 12, 60, ("culler", "random"), (True,))
    assert (ours.policy, random.policy) == ("culler", "random")
    assert ours.mean_questions <= 0.5 * random.mean_questions


def test_grouping_finds_the_true_groups_at_a_small_multiple_of_sorting() -> None:
    result = script("grouping_speed").measure(20_000, 3)
    assert result["groups"] == pytest.approx(result["true_groups"], rel=0.01)
    assert result["ratio"] < 8  # 3 at 100,000 when nothing else runs
