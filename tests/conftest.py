"""What every test gets: no display, no network, state in its own folder."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HF_HUB_OFFLINE"] = "1"

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
