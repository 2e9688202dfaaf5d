"""What the bundle is told to hold, against the tables and the files it must cover."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from culler.cli.verbs import VERBS
from culler.scoring.scorer import SCORERS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def contents() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bundle_contents", ROOT / "packaging" / "contents.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_verb_and_scorer_of_the_tables_is_a_hidden_import(contents: ModuleType) -> None:
    targets = [*VERBS.values(), *(spec.target for spec in SCORERS.values())]
    assert {target.split(":")[0] for target in targets} <= set(contents.hidden_imports())


def test_every_hidden_import_exists(contents: ModuleType) -> None:
    for name in contents.hidden_imports():
        assert importlib.util.find_spec(name) is not None, name


def test_every_migration_is_a_module_and_a_file_of_the_bundle(contents: ModuleType) -> None:
    versions = ROOT / "culler" / "catalog" / "migrations" / "versions"
    revisions = sorted(versions.glob("rev_*.py"))
    assert revisions
    placed = dict(contents.data_files())
    for revision in revisions:
        assert f"culler.catalog.migrations.versions.{revision.stem}" in contents.hidden_imports()
        assert placed[str(revision)] == "culler/catalog/migrations/versions"
    assert placed[str(versions.parent / "env.py")] == "culler/catalog/migrations"
    assert placed[str(ROOT / "resources")] == "culler/resources"


@pytest.mark.parametrize(
    "kept",
    [
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6\\plugins\\platforms\\qwindows.dll",
        "PySide6/Qt/plugins/imageformats/libqsvg.so",
        "PySide6/Qt/plugins/imageformats/libqjpeg.so",
        "torch/lib/libtorch_cpu.so",
        "culler/resources/icons/culler.svg",
        "culler/catalog/migrations/versions/rev_0001_first.py",
    ],
)
def test_what_culler_needs_is_never_left_out(kept: str, contents: ModuleType) -> None:
    assert not contents.is_left_out(kept)


@pytest.mark.parametrize(
    "dropped", ["torch/test/test_api", "PySide6/Qt/lib/libQt6Qml.so.6", "torch\\bin\\protoc.exe"]
)
def test_test_programs_and_unused_parts_are_left_out(dropped: str, contents: ModuleType) -> None:
    assert contents.is_left_out(dropped)


def test_a_bundle_finds_its_resources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from culler.settings import resource

    packed = tmp_path / "culler" / "resources" / "icons" / "culler.svg"
    packed.parent.mkdir(parents=True)
    packed.write_text("<svg/>")
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resource("icons/culler.svg") == packed
