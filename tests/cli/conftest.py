"""A tiny Q-Align checkpoint of random weights, as a user's downloaded one would lie on disk."""

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest
from pictures import write_shoot

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    make = runpy.run_path(str(TESTS / "make_tiny_qalign.py"))["make_tiny_qalign"]
    folder: Path = make(tmp_path_factory.mktemp("tiny") / "checkpoint")
    return folder


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Tiny products are quicker on one thread."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    write_shoot(tmp_path / "shoot", 5)
    return tmp_path / "shoot"


@pytest.fixture
def judge(tiny: Path) -> list[str]:
    """The words that choose the tiny checkpoint."""
    return ["--scorer", str(tiny), "--device", "cpu", "--dtype", "float32"]


@pytest.fixture
def never_loaded(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Calling it makes any reading of weights an error from then on."""

    def forbid() -> None:
        monkeypatch.setattr("culler.scoring.qalign.load_network", None)

    return forbid
