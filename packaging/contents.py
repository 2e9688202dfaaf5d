"""What a bundle holds beyond what its imports show: modules named in tables, files, and what to leave out.

The spec reads it, and so do the tests.
"""

import pkgutil
from fnmatch import fnmatch
from pathlib import Path

import culler.catalog.migrations.versions
from culler.cli.verbs import VERBS
from culler.scoring.scorer import SCORERS

ROOT = Path(__file__).resolve().parent.parent

NOT_NEEDED = [
    "tkinter", "matplotlib", "IPython", "pytest", "_pytest", "hypothesis", "mypy", "setuptools", "pip",
    "tensorboard", "torchvision", "torchaudio", "pandas", "numba", "PyQt5", "PyQt6", "PySide6.QtQml",
    "PySide6.QtQuick", "PySide6.QtSql", "PySide6.QtTest", "PySide6.QtDesigner", "torch.testing._internal",
]  # fmt: skip
"""Modules that some library would import if it were there, and Culler never needs."""

_LEFT_OUT = [
    "torch/test/*", "torch/bin/*", "torch/include/*", "torch/share/*", "torch/lib/*.a", "torch/lib/*.lib",
    "torch/testing/*", "torch/lib/*_test.*", "*/tests/*", "PySide6/*translations/*", "*libQt6Qml*",
    "*libQt6Quick*", "*libQt6VirtualKeyboard*", "*libQt6EglFS*", "*Qt6Quick*.dll", "*Qt6Qml*.dll",
    "*/platforms/libqeglfs*", "*/platforms/libqlinuxfb*", "*/platforms/libqvnc*", "*/platforms/libqminimal*",
    "*/platforms/libqvkkhrdisplay*", "*/egldeviceintegrations/*", "*/qmltooling/*", "*/networkinformation/*",
    "*/plugins/tls/*", "*/sqldrivers/*", "*/plugins/generic/*", "*/libqtvirtualkeyboardplugin*",
    "*/imageformats/*qpdf*", "*/imageformats/*qtiff*", "*/imageformats/*qtga*", "*/imageformats/*qwbmp*",
    "*/imageformats/*qicns*", "*/opengl32sw.dll",
]  # fmt: skip
"""Files that hooks collect to be on the safe side: test programs, headers, Qt's unused plug-ins."""


def hidden_imports() -> list[str]:
    """Modules that only tables or alembic name."""
    versions = culler.catalog.migrations.versions
    return sorted(
        {target.partition(":")[0] for target in VERBS.values()}
        | {spec.target.partition(":")[0] for spec in SCORERS.values()}
        | {module.name for module in pkgutil.walk_packages(versions.__path__, f"{versions.__name__}.")}
    )


def data_files() -> list[tuple[str, str]]:
    """(what, its folder in the bundle): resources, and the migrations that alembic reads as text."""
    migrations = ROOT / "culler" / "catalog" / "migrations"
    found = [(str(ROOT / "resources"), "culler/resources")]
    for pattern in ("*.py", "*.mako", "versions/*.py"):
        found += [
            (str(path), path.parent.relative_to(ROOT).as_posix()) for path in sorted(migrations.glob(pattern))
        ]
    return found


def is_left_out(destination: str) -> bool:
    """Whether a collected file, by its path in the bundle, is not worth its place."""
    path = destination.replace("\\", "/")
    return any(fnmatch(path, pattern) for pattern in _LEFT_OUT)
