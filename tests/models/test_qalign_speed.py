"""The speed benchmark, at its smallest size: that it runs, and that both paths say the same."""

import json
import runpy
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "qalign_speed.py"
GPU_SCRIPT = SCRIPT.with_name("qalign_gpu.py")


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


def test_the_run_for_a_gpu_goes_from_memory_to_files_and_back(capsys):
    words = ["--size", "tiny", "--device", "cpu", "--dtype", "float32", "--rounds", "1"]
    words += ["--batches", "1", "2", "--photos", "4", "--photo-size", "300", "200"]
    assert runpy.run_path(str(GPU_SCRIPT))["main"](words) == 0
    told = capsys.readouterr().out
    figures = json.loads(told[told.index("{\n") :])
    assert figures["best"]["batch"] in (1, 2)
    assert figures["times_the_reference"] > 0
    assert figures["files_images_per_s"] > 0 and figures["cached_images_per_s"] > 0


def test_without_a_gpu_the_run_for_one_says_so(capsys, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert runpy.run_path(str(GPU_SCRIPT))["main"]([]) == 1
    assert "no CUDA device" in capsys.readouterr().out
