"""Asks X11, Windows and macOS for a screen's ICC profile, through the libraries that Qt itself uses.

Each function answers the profile's bytes or None, and raises OSError or AttributeError where the
library or the function is missing.
"""

import ctypes
from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_long, c_size_t, c_uint, c_uint32, c_void_p
from pathlib import Path
from typing import Any, ClassVar

# --- X11 ------------------------------------------------------------------------------------------

_ANY_TYPE = 0
_MOST_WORDS = 1 << 23  # 32 MB, in the units of four bytes that the protocol counts in


class _Cookie(ctypes.Structure):
    _fields_: ClassVar = [("sequence", c_uint)]


class _Screens(ctypes.Structure):
    _fields_: ClassVar = [("data", POINTER(c_uint32)), ("rem", c_int), ("index", c_int)]


class _Atom(ctypes.Structure):
    _fields_: ClassVar = [("head", c_uint32 * 2), ("atom", c_uint32)]


def of_x11(monitor: int) -> bytes | None:
    """The profile of a monitor, counted from 0 with the primary one first. By a connection of its own,
    and xcb, which answers errors where Xlib ends the program."""
    xcb = _xcb()
    connection = xcb.xcb_connect(None, None)
    try:
        if xcb.xcb_connection_has_error(connection):
            return None
        screens = xcb.xcb_setup_roots_iterator(xcb.xcb_get_setup(connection))
        root = screens.data[0]  # the first member of xcb_screen_t
        name = f"_ICC_PROFILE_{monitor}" if monitor > 0 else "_ICC_PROFILE"
        return _property(xcb, connection, root, name.encode())
    finally:
        xcb.xcb_disconnect(connection)


def _property(xcb: Any, connection: int, root: int, name: bytes) -> bytes | None:
    reply = xcb.xcb_intern_atom_reply(connection, xcb.xcb_intern_atom(connection, 1, len(name), name), None)
    if not reply:
        return None
    atom = ctypes.cast(reply, POINTER(_Atom)).contents.atom
    _free(reply)
    if not atom:
        return None
    asked = xcb.xcb_get_property(connection, 0, root, atom, _ANY_TYPE, 0, _MOST_WORDS)
    reply = xcb.xcb_get_property_reply(connection, asked, None)
    if not reply:
        return None
    size = xcb.xcb_get_property_value_length(reply)
    found = ctypes.string_at(xcb.xcb_get_property_value(reply), size) if size > 0 else None
    _free(reply)
    return found


def _xcb() -> Any:
    xcb = ctypes.CDLL("libxcb.so.1")
    for name, result, arguments in (
        ("connect", c_void_p, [c_char_p, c_void_p]),
        ("connection_has_error", c_int, [c_void_p]),
        ("disconnect", None, [c_void_p]),
        ("get_setup", c_void_p, [c_void_p]),
        ("setup_roots_iterator", _Screens, [c_void_p]),
        ("intern_atom", _Cookie, [c_void_p, ctypes.c_uint8, ctypes.c_uint16, c_char_p]),
        ("intern_atom_reply", c_void_p, [c_void_p, _Cookie, c_void_p]),
        ("get_property", _Cookie, [c_void_p, ctypes.c_uint8] + [c_uint32] * 5),
        ("get_property_reply", c_void_p, [c_void_p, _Cookie, c_void_p]),
        ("get_property_value", c_void_p, [c_void_p]),
        ("get_property_value_length", c_int, [c_void_p]),
    ):
        function = getattr(xcb, f"xcb_{name}")
        function.restype, function.argtypes = result, arguments
    return xcb


def _free(reply: int) -> None:
    free = ctypes.CDLL(None).free
    free.restype, free.argtypes = None, [c_void_p]
    free(reply)


# --- Windows --------------------------------------------------------------------------------------

_NEAREST = 2  # MONITOR_DEFAULTTONEAREST
_PATH_CHARACTERS = 1024


class _Monitor(ctypes.Structure):
    """MONITORINFOEXW."""

    _fields_: ClassVar = [
        ("size", c_uint32),
        ("monitor", c_long * 4),
        ("work", c_long * 4),
        ("flags", c_uint32),
        ("device", ctypes.c_wchar * 32),
    ]


def of_windows(window_id: int) -> bytes | None:
    """The profile of the monitor that a window is on."""
    user, gdi = ctypes.WinDLL("user32"), ctypes.WinDLL("gdi32")  # type: ignore[attr-defined, unused-ignore]
    user.MonitorFromWindow.restype = c_void_p
    user.MonitorFromWindow.argtypes = [c_void_p, c_uint32]
    user.GetMonitorInfoW.argtypes = [c_void_p, c_void_p]
    gdi.CreateDCW.restype = c_void_p
    gdi.CreateDCW.argtypes = [ctypes.c_wchar_p, ctypes.c_wchar_p, ctypes.c_wchar_p, c_void_p]
    gdi.GetICMProfileW.argtypes = [c_void_p, c_void_p, c_void_p]
    gdi.DeleteDC.argtypes = [c_void_p]
    info = _Monitor(size=ctypes.sizeof(_Monitor))
    if not user.GetMonitorInfoW(user.MonitorFromWindow(window_id, _NEAREST), byref(info)):
        return None
    context = gdi.CreateDCW("DISPLAY", info.device, None, None)
    if not context:
        return None
    try:
        length = c_uint32(_PATH_CHARACTERS)
        path = ctypes.create_unicode_buffer(_PATH_CHARACTERS)
        found = gdi.GetICMProfileW(context, byref(length), path)
    finally:
        gdi.DeleteDC(context)
    return Path(path.value).read_bytes() if found and path.value else None


# --- macOS ----------------------------------------------------------------------------------------

_MOST_DISPLAYS = 32


class _Rect(ctypes.Structure):
    """CGRect."""

    _fields_: ClassVar = [("x", c_double), ("y", c_double), ("width", c_double), ("height", c_double)]


def of_macos(corner: object) -> bytes | None:
    """The profile of the display whose top left corner is at this (x, y) of the desktop."""
    frameworks = "/System/Library/Frameworks"
    graphics = ctypes.CDLL(f"{frameworks}/CoreGraphics.framework/CoreGraphics")
    foundation = ctypes.CDLL(f"{frameworks}/CoreFoundation.framework/CoreFoundation")
    graphics.CGGetActiveDisplayList.argtypes = [c_uint32, c_void_p, c_void_p]
    graphics.CGDisplayBounds.restype, graphics.CGDisplayBounds.argtypes = _Rect, [c_uint32]
    graphics.CGDisplayCopyColorSpace.restype = c_void_p
    graphics.CGDisplayCopyColorSpace.argtypes = [c_uint32]
    graphics.CGColorSpaceCopyICCData.restype = c_void_p
    graphics.CGColorSpaceCopyICCData.argtypes = [c_void_p]
    foundation.CFDataGetBytePtr.restype, foundation.CFDataGetBytePtr.argtypes = c_void_p, [c_void_p]
    foundation.CFDataGetLength.restype, foundation.CFDataGetLength.argtypes = c_size_t, [c_void_p]
    foundation.CFRelease.restype, foundation.CFRelease.argtypes = None, [c_void_p]
    displays, count = (c_uint32 * _MOST_DISPLAYS)(), c_uint32()
    if graphics.CGGetActiveDisplayList(_MOST_DISPLAYS, displays, byref(count)):
        return None
    for display in displays[: count.value]:
        bounds = graphics.CGDisplayBounds(display)
        if (round(bounds.x), round(bounds.y)) == corner:
            return _icc_data(graphics, foundation, display)
    return None


def _icc_data(graphics: Any, foundation: Any, display: int) -> bytes | None:
    space = graphics.CGDisplayCopyColorSpace(display)
    if not space:
        return None
    try:
        data = graphics.CGColorSpaceCopyICCData(space)
        if not data:
            return None
        try:
            return ctypes.string_at(foundation.CFDataGetBytePtr(data), foundation.CFDataGetLength(data))
        finally:
            foundation.CFRelease(data)
    finally:
        foundation.CFRelease(space)
