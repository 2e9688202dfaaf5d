"""The window's menus: those of the table of actions, and what is no action but a choice."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QApplication, QMenu

from culler.ui.action_spec import Preset
from culler.ui.screen_menu import ScreenMenu

if TYPE_CHECKING:
    from culler.ui.main_window import MainWindow


class WindowMenus:
    """Fills the menu bar of a window."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self._fill()

    def _fill(self) -> None:
        window = self._window
        menus = window.actions_.fill(window.menuBar())
        for menu in menus.values():
            menu.aboutToHide.connect(partial(QTimer.singleShot, 0, self._leave))
        menus["Edit"].aboutToShow.connect(self.name_undo)
        menus["Edit"].addSeparator()
        keys = menus["Edit"].addMenu("Keys Like")
        titles = [(preset.words, preset.value) for preset in Preset]
        self._choice(keys, titles, window.actions_.preset.value, window.set_keys)
        menus["View"].addSeparator()
        looks = menus["View"].addMenu("Appearance")
        titles = [("As the System", "system"), ("Dark", "dark"), ("Light", "light")]
        self._choice(looks, titles, window.settings.theme, window.set_theme)
        profile = window.settings.screen_profile
        menus["View"].addMenu(ScreenMenu(profile, window.set_screen_profile, window.task_line.say, window))

    def _leave(self) -> None:
        """Escape closes a menu but leaves the arrow keys with the menu bar: the view has them again."""
        if QApplication.activePopupWidget() is None and self._window.menuBar().hasFocus():
            self._window.menuBar().setActiveAction(None)  # type: ignore[arg-type]  # Qt's way to say none
            self._window.views.take_keys()

    def name_undo(self) -> None:
        """The menu says what it would take back."""
        for action, word, title in zip(
            ("undo", "redo"), ("Undo", "Redo"), self._window.session.edits.undo_titles(), strict=True
        ):
            self._window.actions_[action].setText(f"{word}: {title}" if title else word)

    def _choice(self, menu: QMenu, titles: list[tuple[str, str]], chosen: str, choose: object) -> None:
        group = QActionGroup(menu)
        for title, value in titles:
            action = QAction(title, menu, checkable=True)
            action.setChecked(value == chosen)
            action.triggered.connect(lambda _checked=False, value=value: choose(value))  # type: ignore[operator]
            group.addAction(action)
            menu.addAction(action)
