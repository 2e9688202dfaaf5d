"""The project's own tiny checkpoint, and the plain implementation it is held against."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny products are quicker on one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def make_tiny():
    return runpy.run_path(str(TESTS / "make_tiny_qalign.py"))["make_tiny_qalign"]


@pytest.fixture(scope="session")
def tiny(make_tiny, tmp_path_factory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("tiny") / "checkpoint")


@pytest.fixture(scope="session")
def plain() -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(TESTS / "plain_mplug_owl2.py")))
