"""A wheel, built offline and installed aside, as a user would have it."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

BUILD = """
import sys
from hatchling.builders.wheel import WheelBuilder
print(next(WheelBuilder(sys.argv[1]).build(directory=sys.argv[2], versions=["standard"])))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(ROOT), str(folder)], capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked into a folder of its own, which is all that installing a pure wheel does."""
    target = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def run_installed(installed: Path, cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Python with the installed wheel first and the environment's libraries, but no checkout, behind it.

    -S leaves the .pth file of an editable installation unread.
    """
    libraries = os.pathsep.join(
        [str(installed), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    )
    return subprocess.run(
        [sys.executable, "-S", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": libraries},
        capture_output=True,
        encoding="utf-8",
    )


def test_the_wheel_holds_modules_migrations_resources_and_licence(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    package = {path.relative_to(ROOT).as_posix() for path in (ROOT / "culler").rglob("*.py")}
    resources = {
        f"culler/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "resources").rglob("*.svg")
    }
    assert package <= names
    assert resources and resources <= names
    assert "culler/catalog/migrations/script.py.mako" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert not any(name.startswith(("tests/", "benchmarks/", "packaging/")) for name in names)


def test_an_installed_wheel_runs_from_any_folder(installed: Path, tmp_path: Path) -> None:
    done = run_installed(installed, tmp_path, "-m", "culler", "--version")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("culler ")


def test_an_installed_wheel_finds_its_resources(installed: Path, tmp_path: Path) -> None:
    ask = "from culler.settings import resource; print(resource('icons/culler.svg'))"
    done = run_installed(installed, tmp_path, "-c", ask)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(installed.resolve())


def test_an_installed_wheel_makes_a_catalog(installed: Path, tmp_path: Path) -> None:
    """Migrations are found as package data: the first scan creates every table."""
    photos = tmp_path / "photos"
    photos.mkdir()
    done = run_installed(installed, tmp_path, "-m", "culler", "scan", str(photos))
    assert "no such table" not in done.stderr and "Traceback" not in done.stderr
    assert "photos" in done.stderr
    home = Path(os.environ["CULLER_HOME"])
    assert (home / "data" / "catalog.sqlite").stat().st_size > 10_000
