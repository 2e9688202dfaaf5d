"""The speed benchmark, at its smallest size: that it runs, and that both paths say the same."""

import json
import runpy
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "qalign_speed.py"


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(SCRIPT))


def test_both_paths_give_the_same_logits(script, capsys):
    assert script["main"](["--size", "tiny", "--rounds", "2", "--batch", "3"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["relative_gap_of_logits"] < 1e-5
    assert figures["ratio"] > 0 and figures["images_per_s"] > 0


def test_a_ratio_above_the_limit_fails(script, capsys):
    assert script["main"](["--size", "tiny", "--rounds", "1", "--limit", "0.0001"]) == 1


def test_operations_at_full_size_are_those_of_the_published_network(script):
    """Counted by hand for the published sizes: 2750 GFLOP for both questions, 1737 for one."""
    values = script["config_values"]("full")
    assert script["needed_operations"](values) == pytest.approx(2750e9, rel=2e-3)
    assert script["needed_operations"](values, script["LENGTHS"][:1]) == pytest.approx(1737e9, rel=2e-3)
