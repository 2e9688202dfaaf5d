"""The console entry: a first word that is no verb is a folder to open in the window.

The one place that knows both faces. Where no display can be had it says so and does the main job in
the terminal. Everything that Qt would answer by aborting the program is asked here first.
"""

import ctypes
import difflib
import gc
import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run Culler; the exit code."""
    multiprocessing.freeze_support()
    words = list(sys.argv[1:] if arguments is None else arguments)
    from culler.cli import interrupt
    from culler.cli.verbs import VERBS

    if arguments is None:
        interrupt.leave_at_once()
    if words[:1] == ["--"]:
        return _open(words[1:])
    if words and (words[0] in VERBS or words[0].startswith("-")):
        from culler.cli.main import run

        return run(words)
    mistake = _mistake(words, VERBS)
    if mistake:
        print(mistake, file=sys.stderr)
        return 2
    return _open(words)


def _mistake(words: Sequence[str], verbs: Mapping[str, str]) -> str | None:
    """What is wrong with words that should be folders, when they are plainly something else."""
    options = [word for word in words if word.startswith("-")]
    if options:
        return f"{options[0]} needs a verb before it, as in: culler score {words[0]} {options[0]}"
    if words and not os.path.lexists(words[0]) and Path(words[0]).name == words[0]:
        meant = difflib.get_close_matches(words[0], verbs, n=1)
        if meant:
            return f'There is no folder and no verb "{words[0]}". Did you mean: culler {meant[0]}?'
    return None


def _open(words: Sequence[str]) -> int:
    folders = [Path(word) for word in words]
    reason = why_no_window()
    if reason is None:
        # Next to nothing that is made while the window comes up is garbage, and looking for some takes a
        # tenth of the time; it is looked for once the window is painted.
        gc.disable()
        from culler.ui.app import run as open_window

        return open_window(folders)
    if not folders:
        print(f"{reason} Without a window, give a folder: culler FOLDER; see culler --help.", file=sys.stderr)
        return 1
    print(f"{reason} So Culler judges in the terminal instead of its window.", file=sys.stderr)
    from culler.cli.evening import run as judge_in_terminal

    return judge_in_terminal(folders)


def why_no_window() -> str | None:
    """The sentence why no window can be opened here, with what to do; None when one can."""
    if not sys.platform.startswith("linux"):
        return _why_qt_cannot_load()
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    x11, wayland = os.environ.get("DISPLAY", ""), os.environ.get("WAYLAND_DISPLAY", "")
    if not (chosen or x11 or wayland):
        return "There is no display here."
    if chosen and not chosen.startswith("xcb"):
        return _why_qt_cannot_load()
    if wayland and not chosen and _wayland_answers():
        return _why_qt_cannot_load()
    return _why_qt_cannot_load("xcb") or _why_x_is_silent(x11 or wayland)


_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
"""Libraries that Qt and its X11 plug-in take from the system, and the Debian or Ubuntu package of each."""


def _why_qt_cannot_load(plugin: str = "") -> str | None:
    """The sentence naming what Qt, or its plug-in for a window system, lacks; None when it loads."""
    try:
        import PySide6.QtWidgets
    except ImportError as error:
        return _lacking(str(error))
    library = Path(PySide6.__file__).parent / "Qt" / "plugins" / "platforms" / f"libq{plugin}.so"
    if plugin and library.exists():
        try:
            ctypes.CDLL(str(library))
        except OSError as error:
            return _lacking(str(error))
    return None


def _lacking(error: str) -> str:
    """What to install, from the loader's message, which names only the first library it missed."""
    missing = {name: package for name, package in _PACKAGES.items() if name in error or not _loads(name)}
    if not missing or not any(name in error for name in missing):
        return f"Qt cannot start: {error}. Install what it names with your system's package manager."
    return (
        f"Qt cannot start, because the system lacks {', '.join(missing)}. Install with: "
        f"sudo apt install {' '.join(dict.fromkeys(missing.values()))} "
        "(Debian, Ubuntu; elsewhere the packages of these libraries)."
    )


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _why_x_is_silent(display: str) -> str | None:
    """Why no X server takes us in, asked the way Qt will, cookies and all; None when one does."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    if not refused:
        return None
    return f"The display {display} does not answer." if display else "There is no display here."


def _wayland_answers() -> bool:
    """Whether a Wayland compositor takes us in; without its client library Qt falls back to X11."""
    try:
        wayland = ctypes.CDLL("libwayland-client.so.0")
    except OSError:
        return False
    wayland.wl_display_connect.restype = ctypes.c_void_p
    wayland.wl_display_disconnect.argtypes = [ctypes.c_void_p]
    connection = wayland.wl_display_connect(None)
    if connection:
        wayland.wl_display_disconnect(connection)
    return bool(connection)


if __name__ == "__main__":
    sys.exit(main())
