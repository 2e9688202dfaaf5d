"""The two commands and their kin, the same on Linux, macOS and Windows, from nothing but Python.

    python packaging/tasks.py run [FOLDER]    make the environment, install, open the window
    python packaging/tasks.py test            environment, lint, types, layer contracts, tests
    python packaging/tasks.py checks          the same without the tests
    python packaging/tasks.py bundle          a stand-alone program in dist/culler, tried on a photo
    python packaging/tasks.py clean           remove what the others made

`make` calls this file too. The environment is .venv beside the Makefile; a stamp inside it says what
was installed, so that the next call starts at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OLDEST, NEWEST = (3, 11), (3, 13)
WINDOWS = os.name == "nt"

CHECKS: dict[str, tuple[str, ...]] = {
    "lint": ("ruff", "check"),
    "format": ("ruff", "format", "--check"),
    "types": ("mypy",),
    "layers": ("lint-imports",),
}
"""What the code must pass besides its tests: the command after `python -m`, or a script's name."""
LEFTOVERS = (
    "build",
    "dist",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    ".import_linter_cache",
)

MOST_TEST_WORKERS = 4
"""Each holds torch and Qt in memory, so not one a core on a large machine."""


class Stop(Exception):
    """A sentence for the person at the keyboard; nothing more can be done."""


def main(words: Sequence[str]) -> int:
    """Do one task; the exit code."""
    task, rest = (words[0], words[1:]) if words else ("", ())
    try:
        if task == "run":
            return run(rest[0] if rest and rest[0] else None)
        if task in ("test", "checks", "bundle", "clean") and not rest:
            return {"test": test, "checks": checks, "bundle": bundle, "clean": clean}[task]()
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. The same command goes on.", file=sys.stderr)
        return 130
    print(__doc__, file=sys.stderr)
    return 2


def run(folder: str | None) -> int:
    """Open Culler on a folder; without a display it judges in the terminal."""
    environment()
    command = [str(script("culler"))]
    if folder:
        # Absolute, so that a folder called "score" is no verb and one called "-x" no option.
        command.append(str(Path(folder).expanduser().absolute()))
    if not WINDOWS:
        os.execv(command[0], command)
    return subprocess.run(command).returncode


def test() -> int:
    """Everything that must hold before a change is done."""
    environment("dev")
    _say_what_qt_lacks()
    failed = _failed_checks()
    workers = min(os.cpu_count() or 1, MOST_TEST_WORKERS)
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))
    if not call(["pytest", "-n", str(workers)], "tests"):
        failed.append("tests")
    return _verdict(failed)


def checks() -> int:
    """The quick part of `test`."""
    environment("dev")
    return _verdict(_failed_checks())


def bundle() -> int:
    """Build the stand-alone program and let it judge one photo."""
    environment("dev", "bundle")
    spec = ROOT / "packaging" / "culler.spec"
    if not call(["PyInstaller", "--noconfirm", "--log-level=WARN", str(spec)], "bundle"):
        return 1
    outcome = subprocess.run([str(python()), str(ROOT / "packaging" / "try_bundle.py")], cwd=ROOT)
    return outcome.returncode


def clean() -> int:
    """Remove the environment, caches and what was built; photos and catalog stay."""
    for name in (".venv", *LEFTOVERS):
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for folder in ("culler", "tests", "benchmarks", "packaging"):
        for cache in (ROOT / folder).rglob("__pycache__"):
            shutil.rmtree(cache, ignore_errors=True)
    return 0


def environment(*groups: str) -> None:
    """Make .venv hold Culler, editable, and these dependency groups; at once when it does already.

    Raises Stop with a sentence.
    """
    _check_python()
    project = _project()
    stamp = ROOT / ".venv" / "culler-installed.json"
    wanted = fingerprint(project)
    stored = _stored(stamp)
    have = set(stored.get("groups", ())) if stored.get("fingerprint") == wanted else None
    if have is not None and have.issuperset(groups) and _works():
        return
    stamp.unlink(missing_ok=True)
    if not _works():
        _make_venv()
    print("Installing Culler and what it needs into .venv; the first time takes minutes.", file=sys.stderr)
    keep = sorted((have or set()).union(groups))
    # The groups' requirements are read here, because pip knows --group only since 25.1.
    wishes = ["-e", str(ROOT), *(item for group in keep for item in requirements(project, group))]
    quiet = ["--disable-pip-version-check", *([] if sys.stderr.isatty() else ["-qq"])]
    if subprocess.run([str(python()), "-m", "pip", "install", *quiet, *wishes], cwd=ROOT).returncode:
        raise Stop(
            "The installation failed; pip's last lines above say why. With no connection to a package "
            "index nothing can be installed; otherwise try again, or `make clean` first."
        )
    stamp.write_text(json.dumps({"fingerprint": wanted, "groups": keep}), "utf-8")


def fingerprint(project: Mapping[str, Any]) -> str:
    """Changes whenever what is to be installed may have changed; tool settings do not count."""
    parts = [project.get(table) for table in ("build-system", "project", "dependency-groups")]
    text = json.dumps([str(ROOT), *parts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def requirements(project: Mapping[str, Any], group: str) -> list[str]:
    """A dependency group's requirements, with those of groups that it includes."""
    found: list[str] = []
    for item in project["dependency-groups"][group]:
        found += [item] if isinstance(item, str) else requirements(project, item["include-group"])
    return found


def python() -> Path:
    """The environment's interpreter."""
    return script("python")


def script(name: str) -> Path:
    """A program of the environment."""
    return ROOT / ".venv" / ("Scripts" if WINDOWS else "bin") / (f"{name}.exe" if WINDOWS else name)


def call(command: Sequence[str], title: str) -> bool:
    """Run one of the environment's tools, its output shown; whether it was content."""
    print(f"── {title}: {' '.join(command)}", file=sys.stderr, flush=True)
    tool = script(command[0])
    start = [str(tool)] if tool.exists() else [str(python()), "-m", command[0]]
    return subprocess.run([*start, *command[1:]], cwd=ROOT).returncode == 0


def _failed_checks() -> list[str]:
    return [title for title, command in CHECKS.items() if not call(command, title)]


def _verdict(failed: Sequence[str]) -> int:
    if failed:
        print(f"Not in order: {', '.join(failed)}.", file=sys.stderr)
        return 1
    print("All in order.", file=sys.stderr)
    return 0


def _check_python() -> None:
    here = sys.version_info[:2]
    if not OLDEST <= here <= NEWEST:
        raise Stop(
            f"Culler needs Python 3.11, 3.12 or 3.13; this is {here[0]}.{here[1]}. "
            "Install one of them and start this with it"
            + (", for example: py -3.13 packaging\\tasks.py" if WINDOWS else ", for example: python3.13")
            + "."
        )


def _project() -> dict[str, Any]:
    import tomllib  # not at the top: an older Python gets _check_python's sentence instead

    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _stored(stamp: Path) -> dict[str, Any]:
    try:
        stored = json.loads(stamp.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stored if isinstance(stored, dict) else {}


def _works() -> bool:
    """Whether .venv has an interpreter that starts and has pip: an upgrade of Python may break it."""
    if not python().exists():
        return False
    try:
        probe = [str(python()), "-c", "import importlib.util as u, sys; sys.exit(u.find_spec('pip') is None)"]
        return subprocess.run(probe, capture_output=True).returncode == 0
    except OSError:
        return False


def _make_venv() -> None:
    print(f"Making the environment .venv with Python {sys.version.split()[0]}.", file=sys.stderr)
    outcome = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(ROOT / ".venv")], capture_output=True
    )
    if outcome.returncode:
        said = (outcome.stderr or outcome.stdout).decode(errors="replace").strip().splitlines()
        raise Stop(
            f"Python {sys.version.split()[0]} cannot make a virtual environment: "
            f"{said[-1] if said else 'it said nothing'}. On Debian or Ubuntu: "
            f"sudo apt install python3.{sys.version_info[1]}-venv."
        )


def _say_what_qt_lacks() -> None:
    """One sentence before the window's tests fail for want of a system library."""
    ask = "from culler.__main__ import why_no_window; print(why_no_window() or '', end='')"
    offscreen = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    answer = subprocess.run(
        [str(python()), "-c", ask], cwd=ROOT, env=offscreen, capture_output=True, text=True
    )
    if answer.stdout:
        print(answer.stdout, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
