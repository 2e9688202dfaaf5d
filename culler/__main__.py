"""The console entry: a first word that is no verb is a folder to open in the window.

The one place that knows both faces. Where no display can be had it says so and does the main job in
the terminal.
"""

import multiprocessing
import os
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run Culler; the exit code."""
    multiprocessing.freeze_support()
    words = list(sys.argv[1:] if arguments is None else arguments)
    from culler.cli.verbs import VERBS

    if words and (words[0] in VERBS or words[0].startswith("-")):
        from culler.cli.main import run

        return run(words)
    return _open(words)


def _open(words: Sequence[str]) -> int:
    folders = [Path(word) for word in words]
    reason = why_no_window()
    if reason is None:
        from culler.ui.app import run as open_window

        return open_window(folders)
    print(reason, file=sys.stderr)
    if not folders:
        print("Without a window, give a folder: culler FOLDER, or see culler --help.", file=sys.stderr)
        return 1
    from culler.cli.evening import run as judge_in_terminal

    return judge_in_terminal(folders)


def why_no_window() -> str | None:
    """The sentence why no window can be opened here, with what to do; None when one can."""
    chosen = os.environ.get("QT_QPA_PLATFORM")
    on_linux = sys.platform.startswith("linux")
    if on_linux and not (chosen or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "There is no display here, so Culler judges in the terminal instead of its window."
    try:
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as error:
        return f"Qt cannot start: {error}. {_package_for(str(error))}"
    if on_linux and not chosen and not os.environ.get("WAYLAND_DISPLAY"):
        missing = _missing_xcb_library()
        if missing:
            return f"Qt's window system needs {missing}, which is not installed. {_package_for(missing)}"
        if not _x_server_answers(os.environ["DISPLAY"]):
            return f"The display {os.environ['DISPLAY']} does not answer, so Culler judges in the terminal."
    return None


_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libX11-xcb.so.1": "libx11-xcb1",
}
"""Libraries that Qt takes from the system, and the Debian or Ubuntu package of each."""


def _package_for(text: str) -> str:
    for library, package in _PACKAGES.items():
        if library in text:
            return f"Install it: sudo apt install {package} (Debian, Ubuntu), or your system's package of {library}."
    return "Install the libraries it names with your system's package manager."


def _missing_xcb_library() -> str | None:
    """The first library that Qt's X11 plug-in would not find; asked before Qt, which would abort."""
    import ctypes

    for library in _PACKAGES:
        try:
            ctypes.CDLL(library)
        except OSError:
            return library
    return None


def _x_server_answers(display: str) -> bool:
    """Whether an X server listens where DISPLAY says: Qt aborts the program where none does."""
    import socket

    host, _, rest = display.rpartition(":")
    number = rest.split(".")[0]
    if not number.isdigit():
        return False
    if host and host != "unix":
        try:
            socket.create_connection((host, 6000 + int(number)), 3).close()
            return True
        except OSError:
            return False
    for name in (f"/tmp/.X11-unix/X{number}", f"\0/tmp/.X11-unix/X{number}"):
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(name)
                return True
            except OSError:
                continue
    return False


if __name__ == "__main__":
    sys.exit(main())
