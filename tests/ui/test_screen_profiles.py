"""The profile that an X server holds, read from a real one."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator

import profiles
import pytest

from culler.ui import screen_profiles

_CARDINAL, _BYTES, _REPLACE = 6, 8, 0


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An X server of the test's own."""
    if shutil.which("Xvfb") is None:
        pytest.skip("needs Xvfb")
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-noreset", "-displayfd", str(writer), "-screen", "0", "64x64x24"],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as said:
        name = f":{said.readline().strip()}"
    monkeypatch.setenv("DISPLAY", name)
    yield name
    server.terminate()
    server.wait()


def set_property(display: str, name: bytes, value: bytes) -> None:
    """On the root window, for as long as the server lives."""
    xlib = ctypes.CDLL("libX11.so.6")
    xlib.XOpenDisplay.restype = ctypes.c_void_p
    xlib.XDefaultRootWindow.restype = xlib.XInternAtom.restype = ctypes.c_ulong
    connection = ctypes.c_void_p(xlib.XOpenDisplay(display.encode()))
    root = ctypes.c_ulong(xlib.XDefaultRootWindow(connection))
    atom = ctypes.c_ulong(xlib.XInternAtom(connection, name, 0))
    kind = ctypes.c_ulong(_CARDINAL)
    xlib.XChangeProperty(connection, root, atom, kind, _BYTES, _REPLACE, value, len(value))

    xlib.XSync(connection, 0)
    xlib.XCloseDisplay(connection)


def test_every_monitor_has_its_own_profile_on_x11(display: str) -> None:
    assert screen_profiles.of_x11(0) is None
    set_property(display, b"_ICC_PROFILE", profiles.display_p3())
    set_property(display, b"_ICC_PROFILE_1", profiles.gamma_18())
    assert screen_profiles.of_x11(0) == profiles.display_p3()
    assert screen_profiles.of_x11(1) == profiles.gamma_18()
    assert screen_profiles.of_x11(2) is None


def test_without_an_x_server_there_is_no_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":94321")
    try:
        assert screen_profiles.of_x11(0) is None
    except OSError:
        pytest.skip("libxcb is not installed")
