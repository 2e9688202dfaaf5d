"""The menu that says whose colours pictures are shown in: the system's profile, sRGB, or a file's."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from culler.ui.screen_color import SRGB, SYSTEM, fault, read_profile

FILES = "ICC profiles (*.icc *.icm *.ICC *.ICM)"


class ScreenMenu(QMenu):
    """`choose(choice)` is called with SYSTEM, SRGB or a path that holds a screen's profile; `say` with
    a sentence where a file does not."""

    def __init__(
        self, choice: str, choose: Callable[[str], None], say: Callable[[str], None], parent: QWidget
    ) -> None:
        super().__init__("Screen Profile", parent)
        self._choice = choice
        self._choose = choose
        self._say = say
        group = QActionGroup(self)
        self._actions: dict[str, QAction] = {}
        for text, value in (("From the System", SYSTEM), ("sRGB", SRGB), ("", "file")):
            action = self._actions[value] = QAction(text, self, checkable=True)
            action.triggered.connect(lambda _checked=False, value=value: self._on_chosen(value))
            group.addAction(action)
            self.addAction(action)
        self._show()

    def take(self, path: Path) -> None:
        """Choose this file, if it is a screen's profile."""
        try:
            profile = read_profile(path)
        except OSError as error:
            self._refuse(f"Cannot read {path.name}: {error.strerror or error}.")
            return
        why = fault(profile)
        if not why:
            from culler.workflow.bitmaps import is_usable

            why = "" if is_usable(profile) else "is damaged"
        if why:
            self._refuse(f"Cannot use {path.name}: it {why}.")
            return
        self._set(str(path))

    def _on_chosen(self, value: str) -> None:
        if value in (SYSTEM, SRGB):
            self._set(value)
            return
        start = "" if self._choice in (SYSTEM, SRGB) else self._choice
        path, _ = QFileDialog.getOpenFileName(self.parentWidget(), "The screen's profile", start, FILES)
        if path:
            self.take(Path(path))
        self._show()

    def _set(self, choice: str) -> None:
        self._choice = choice
        self._show()
        self._choose(choice)

    def _refuse(self, sentence: str) -> None:
        self._say(sentence)
        self._show()

    def _show(self) -> None:
        """The choice is checked, and the file named."""
        is_file = self._choice not in (SYSTEM, SRGB)
        self._actions["file"].setText(
            f"{Path(self._choice).name}: Choose Another…" if is_file else "Choose an ICC File…"
        )
        self._actions["file" if is_file else self._choice].setChecked(True)
