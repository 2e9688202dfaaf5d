"""The console entry, as a process of its own: what it opens, and what it never loads."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image

from culler import __main__ as entry

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
WINDOW_SYSTEMS = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")


def culler(*words: str, **display: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m culler`, with no display but the one given."""
    bare = {name: value for name, value in os.environ.items() if name not in WINDOW_SYSTEMS}
    return subprocess.run(
        [sys.executable, "-m", "culler", *words],
        env={**bare, **display},
        capture_output=True,
        encoding="utf-8",
    )


@pytest.fixture
def two_photos(tmp_path: Path) -> Path:
    folder = tmp_path / "two photos"
    folder.mkdir()
    for name, brightness in (("dim.jpg", 40), ("bright.jpg", 140)):
        Image.linear_gradient("L").resize((320, 240)).point(lambda v, b=brightness: (v + b) // 2).convert(
            "RGB"
        ).save(folder / name)
    return folder


@pytest.mark.parametrize("words", [["--help"], ["rank", "--help"], ["--version"]])
def test_help_loads_neither_torch_nor_qt(words: list[str]) -> None:
    program = (
        "import sys\nfrom culler.__main__ import main\ncode = main(sys.argv[1:])\n"
        "print(code, sorted({'torch', 'PySide6', 'transformers'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, encoding="utf-8")
    assert done.stderr == "0 []\n"
    assert done.stdout


@LINUX
def test_without_a_display_the_folder_is_judged_in_the_terminal(two_photos: Path) -> None:
    done = culler(str(two_photos))
    assert done.returncode == 0, done.stderr
    assert "There is no display here. So Culler judges in the terminal" in done.stderr
    assert "2 photos judged now" in done.stderr
    assert "dim.jpg" in done.stdout and "bright.jpg" in done.stdout


@LINUX
def test_a_folder_named_like_an_option_opens_after_two_dashes(two_photos: Path) -> None:
    odd = two_photos.rename(two_photos.with_name("-score"))
    done = subprocess.run(
        [sys.executable, "-m", "culler", "--", "-score"],
        cwd=odd.parent,
        env={name: value for name, value in os.environ.items() if name not in WINDOW_SYSTEMS},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert "2 photos judged now" in done.stderr


@LINUX
def test_a_dead_x_display_is_named_and_the_work_done(two_photos: Path) -> None:
    done = culler(str(two_photos), DISPLAY=":61234")
    assert done.returncode == 0, done.stderr
    assert "The display :61234 does not answer." in done.stderr
    assert "2 photos judged now" in done.stderr


@LINUX
def test_without_a_display_and_a_folder_it_says_what_to_give() -> None:
    done = culler()
    assert done.returncode == 1
    assert "give a folder" in done.stderr


def test_an_option_without_a_verb_is_explained(two_photos: Path) -> None:
    done = culler(str(two_photos), "--json")
    assert done.returncode == 2
    assert "--json needs a verb before it" in done.stderr


def test_a_mistyped_verb_gets_the_nearest_one() -> None:
    done = culler("scroe")
    assert done.returncode == 2
    assert "culler score" in done.stderr


def test_a_folder_named_like_a_mistyped_verb_is_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scroe").mkdir()
    monkeypatch.chdir(tmp_path)
    opened: list[list[str]] = []
    monkeypatch.setattr(entry, "_open", lambda words: opened.append(list(words)) or 0)
    assert entry.main(["scroe"]) == 0
    assert opened == [["scroe"]]


@LINUX
@pytest.mark.parametrize(
    ("display", "has_window"),
    [
        ({}, False),
        ({"DISPLAY": ":61234"}, False),
        ({"DISPLAY": "nonsense"}, False),
        ({"WAYLAND_DISPLAY": "wayland-61234"}, False),
        ({"QT_QPA_PLATFORM": "xcb"}, False),
        ({"QT_QPA_PLATFORM": "offscreen"}, True),
        ({"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":61234"}, True),
    ],
)
def test_a_window_opens_only_where_qt_would_not_abort(
    display: Mapping[str, str], has_window: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in WINDOW_SYSTEMS:
        monkeypatch.delenv(name, raising=False)
    for name, value in display.items():
        monkeypatch.setenv(name, value)
    assert (entry.why_no_window() is None) == has_window


def test_what_qt_lacks_is_one_sentence_with_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it cannot prove: that a system without these libraries has no others missing as well."""
    gone = {"libxcb-cursor.so.0", "libxcb-icccm.so.4"}
    monkeypatch.setattr(entry, "_loads", lambda library: library not in gone)
    sentence = entry._lacking("libxcb-cursor.so.0: cannot open shared object file: No such file or directory")
    assert "sudo apt install libxcb-cursor0 libxcb-icccm4 (" in sentence
    assert sentence.count(". ") == 1


def test_a_library_nobody_foresaw_is_named_as_the_loader_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "_loads", lambda library: True)
    assert "libfoo.so.3: cannot open" in entry._lacking("libfoo.so.3: cannot open shared object file")
