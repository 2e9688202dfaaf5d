"""The two commands' own logic: what is installed when, and what is said where nothing can be."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = {
    "build-system": {"requires": ["hatchling"]},
    "project": {"name": "culler", "dependencies": ["numpy"]},
    "dependency-groups": {"dev": ["pytest", {"include-group": "lint"}], "lint": ["ruff", "mypy"]},
    "tool": {"ruff": {"line-length": 110}},
}


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, with its root in an empty folder."""
    spec = importlib.util.spec_from_file_location("packaging_tasks", ROOT / "packaging" / "tasks.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text("utf-8"), "utf-8")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return module


@pytest.fixture
def installs(tasks: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Commands run instead of pip; the environment counts as sound."""
    ran: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        ran.append(command)
        return subprocess.CompletedProcess(command, 0)

    (tasks.ROOT / ".venv").mkdir()
    monkeypatch.setattr(tasks, "_works", lambda: True)
    monkeypatch.setattr(tasks.subprocess, "run", run)
    return ran


def test_a_group_includes_the_groups_it_names(tasks: ModuleType) -> None:
    assert tasks.requirements(PROJECT, "dev") == ["pytest", "ruff", "mypy"]


def test_new_dependencies_change_the_fingerprint_and_tool_settings_do_not(tasks: ModuleType) -> None:
    before = tasks.fingerprint(PROJECT)
    assert tasks.fingerprint({**PROJECT, "tool": {}}) == before
    assert tasks.fingerprint({**PROJECT, "project": {"name": "culler", "dependencies": []}}) != before


def test_the_second_call_installs_nothing(tasks: ModuleType, installs: list[list[str]]) -> None:
    tasks.environment("dev")
    assert len(installs) == 1
    assert any(word.startswith("pytest") for word in installs[0])
    tasks.environment("dev")
    tasks.environment()
    assert len(installs) == 1


def test_a_further_group_is_installed_and_the_first_kept(
    tasks: ModuleType, installs: list[list[str]]
) -> None:
    tasks.environment()
    tasks.environment("bundle")
    tasks.environment("dev")
    assert len(installs) == 3
    assert any(word.startswith("pyinstaller") for word in installs[2])
    assert any(word.startswith("pytest") for word in installs[2])


def test_an_interrupted_installation_is_done_again(
    tasks: ModuleType, installs: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = tasks.subprocess.run

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tasks.subprocess, "run", interrupted)
    assert tasks.main(["checks"]) == 130
    monkeypatch.setattr(tasks.subprocess, "run", quiet)
    tasks.environment("dev")
    assert len(installs) == 1


def test_a_python_that_is_too_new_gets_a_sentence(
    tasks: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tasks.sys, "version_info", (3, 14, 0, "final", 0))
    assert tasks.main(["test"]) == 1
    assert "needs Python 3.11, 3.12 or 3.13; this is 3.14" in capsys.readouterr().err


def test_clean_removes_what_was_made_and_nothing_else(tasks: ModuleType) -> None:
    for name in ("dist/culler", ".venv/bin", "culler/__pycache__", "photos"):
        (tasks.ROOT / name).mkdir(parents=True)
    assert tasks.main(["clean"]) == 0
    assert sorted(path.name for path in tasks.ROOT.iterdir()) == ["culler", "photos", "pyproject.toml"]
    assert not list((tasks.ROOT / "culler").iterdir())


def test_words_that_are_no_task_show_what_there_is(
    tasks: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasks.main(["tset"]) == 2
    assert "run [FOLDER]" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows goes without make")
def test_make_without_a_python_says_what_to_install(tmp_path: Path) -> None:
    from shutil import which

    make, shell = which("make"), which("sh")
    if not make or not shell:
        pytest.skip("make is not installed")
    (tmp_path / "sh").symlink_to(shell)
    done = subprocess.run(
        [make, "-f", str(ROOT / "Makefile"), "test"],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path), "PYTHON": ""},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode != 0
    assert "needs Python 3.11, 3.12 or 3.13 with its venv module" in done.stderr


def test_no_file_of_the_build_names_a_package_registry() -> None:
    for name in ("Makefile", "packaging/tasks.py", ".ci/run", ".github/workflows/ci.yml"):
        text = (ROOT / name).read_text("utf-8")
        assert "pypi" not in text.lower() and "index-url" not in text, name
