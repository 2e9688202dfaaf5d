"""What every test gets: no display, no network, state in its own folder."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from culler.workflow.workspace import Workspace

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HF_HUB_OFFLINE"] = "1"
# The same examples every time, so that a run says something of the change and nothing of luck; other
# ones with `--hypothesis-profile=default`.
settings.register_profile("steady", derandomize=True)
settings.load_profile("steady")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(autouse=True)
def culler_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CULLER_HOME of the test's own."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CULLER_HOME", str(home))
    return home


@pytest.fixture
def corpus() -> Path:
    """The folder of reference photographs beside the checkout; skips where it is absent."""
    if not (SHARED / "photos" / "MANIFEST.csv").exists():
        pytest.skip("the reference photographs are not beside this checkout")
    return SHARED


@pytest.fixture
def fake_judge(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a judge in the scorer table whose verdicts follow brightness."""
    import fakes

    from culler.scoring.scorer import SCORERS, ScorerSpec

    fakes.loaded.clear()
    monkeypatch.setitem(SCORERS, "fake", ScorerSpec("fake", "Fake judge", "fakes:load", quality_weight=0.75))
    return "fake"


@pytest.fixture
def workspace(culler_home: Path) -> Iterator["Workspace"]:
    """An open workspace of the test's own."""
    from culler.workflow.workspace import open_workspace

    opened = open_workspace()
    yield opened
    opened.close()
