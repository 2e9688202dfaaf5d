"""The ICC profile of the screen that a window is on.

Where the system leaves pixels as they are, the program that paints them must put them into the
screen's own colours. Per system:

X11: the profile is a property of the root window, `_ICC_PROFILE` for the first monitor and
`_ICC_PROFILE_n` for the others (freedesktop.org, "ICC Profiles in X" 0.4); the server converts nothing.
Wayland: the compositor takes windows for sRGB and converts them; nothing is to be done.
Windows: GetICMProfile names the file; pixels reach the screen as they are. (Where Windows 11 manages
colours itself and still names another profile, the choice of sRGB is the user's.)
macOS: the system matches what carries a colour space; Qt gives its windows that of their screen
(qnsview_drawing.mm: an NSView without a colour space of its own has its NSWindow's), so that pixels
arrive as they are, and the screen's profile is what they must be in.

Nothing here raises: where a system tells nothing, the screen is taken for sRGB.
"""

import logging
import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QColorSpace, QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

from culler.ui import screen_profiles

log = logging.getLogger(__name__)

SYSTEM, SRGB = "", "srgb"
"""Choices beside the path of a profile: the system's, or none."""
LARGEST_BYTES = 32 << 20
_HEADER_BYTES = 128


class ScreenColor(QObject):
    """Follows `window` from screen to screen. `choice` is SYSTEM, SRGB or the path of an ICC file.

    Signals: changed(profile) with the ICC profile that pixels must be in, None for sRGB; said(sentence)
    when a profile is no use.
    """

    changed = Signal(object)
    said = Signal(str)

    def __init__(self, window: QWidget, choice: str = SYSTEM) -> None:
        super().__init__(window)
        self._window = window
        self._choice = choice
        self._profile: bytes | None = None
        self._last: tuple[str, bytes | None, str] | None = None
        self._follows = False
        window.installEventFilter(self)

    @property
    def profile(self) -> bytes | None:
        """What pixels must be in now; None for sRGB."""
        return self._profile

    @property
    def choice(self) -> str:
        return self._choice

    def set_choice(self, choice: str) -> None:
        self._choice = choice
        self.refresh()

    def refresh(self) -> None:
        """Look again: the window may be elsewhere, or the profile another."""
        profile, problem = self._found()
        if (self._choice, profile, problem) == self._last:
            return  # and nothing is said twice
        self._last = (self._choice, profile, problem)
        if problem:
            self.said.emit(problem)
        if profile is not None:
            why = fault(profile)
            if why:
                name = Path(self._choice).name if self._choice else "this screen's profile"
                self.said.emit(f"Colours are shown as on an sRGB screen: {name} {why}.")
                log.warning("the profile %s %s", self._choice or "of the screen", why)
                profile = None
            elif is_srgb(profile):
                profile = None
        if profile != self._profile:
            self._profile = profile
            self.changed.emit(profile)

    def _found(self) -> tuple[bytes | None, str]:
        """The profile, and a sentence where the chosen one cannot be read."""
        if self._choice == SRGB:
            return None, ""
        if self._choice:
            try:
                return read_profile(Path(self._choice)), ""
            except OSError as error:
                return None, f"Cannot read the screen profile {self._choice}: {error.strerror or error}."
        return system_profile(self._window.screen(), int(self._window.winId())), ""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Who changes a profile does it in another program: coming back from there activates the window.
        if event.type() in (QEvent.Type.Show, QEvent.Type.WindowActivate):
            handle = self._window.windowHandle()
            if handle is not None and not self._follows:
                self._follows = True
                handle.screenChanged.connect(lambda _screen: self.refresh())
            self.refresh()
        return False


def system_profile(screen: QScreen, window_id: int) -> bytes | None:
    """The screen's ICC profile as the system tells it; None where it tells none."""
    platform = QGuiApplication.platformName()
    try:
        if platform == "xcb":
            return screen_profiles.of_x11(QGuiApplication.screens().index(screen))
        if sys.platform == "win32":
            return screen_profiles.of_windows(window_id)
        if platform == "cocoa":
            return screen_profiles.of_macos(screen.geometry().topLeft().toTuple())
    except (OSError, AttributeError, ValueError) as error:  # a library or a function that is not there
        log.info("the screen's profile is not known: %s", error)
    return None


def read_profile(path: Path) -> bytes:
    """The file's bytes; raises OSError."""
    with path.open("rb") as file:
        return file.read(LARGEST_BYTES)


def fault(profile: bytes) -> str:
    """Why these bytes cannot be a screen's profile, as the end of a sentence; empty where they can."""
    if len(profile) <= _HEADER_BYTES or profile[36:40] != b"acsp":
        return "is not an ICC profile"
    if int.from_bytes(profile[:4], "big") > len(profile):
        return "is cut short"
    if profile[16:20] != b"RGB ":
        return "is not for a screen"
    return ""


def is_srgb(profile: bytes) -> bool:
    """Whether pixels in sRGB are right for this profile as they are."""
    space = QColorSpace.fromIccProfile(profile)
    return space.isValid() and space == QColorSpace(QColorSpace.NamedColorSpace.SRgb)
