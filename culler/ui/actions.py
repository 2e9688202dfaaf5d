"""The action table as what Qt triggers: QActions with their keys, in the menus of a window."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from culler.ui.action_keys import key_names, keys_in
from culler.ui.action_spec import ActionSpec, Preset, Situation
from culler.ui.action_table import ACTIONS

if TYPE_CHECKING:
    from culler.ui.main_window import MainWindow

# A shortcut would take these keys from the view that needs them itself.
_GRID_MOVES = frozenset({"next", "previous", "first", "last"})


class Actions(QObject):
    """The table as QActions of a window.

    Signals: triggered(id) after an action was carried out.
    """

    triggered = Signal(str)

    def __init__(self, window: "MainWindow", preset: Preset) -> None:
        super().__init__(window)
        self.preset = preset
        self._window = window
        self._actions: dict[str, QAction] = {}
        self._groups: dict[str, QActionGroup] = {}
        for spec in ACTIONS:
            action = QAction(spec.text, window)
            action.setCheckable(spec.checkable)
            if spec.group:
                group = self._groups.setdefault(spec.group, QActionGroup(window))
                group.addAction(action)
            action.triggered.connect(lambda _checked=False, spec=spec: self._carry_out(spec))
            window.addAction(action)
            self._actions[spec.id] = action
        self.set_preset(preset)

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def set_preset(self, preset: Preset) -> None:
        """Give every action the keys of this preset."""
        self.preset = preset
        for spec in ACTIONS:
            action = self._actions[spec.id]
            action.setShortcuts([QKeySequence(key) for key in keys_in(spec, preset)])
            keys = ", ".join(key_names(keys_in(spec, preset)))
            action.setToolTip(f"{spec.text.rstrip('…')} ({keys})" if keys else spec.text.rstrip("…"))

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Make the menus; returns them by name, for what is no action of the table."""
        menus: dict[str, QMenu] = {}
        for spec in ACTIONS:
            title, _, below = spec.menu.partition("/")
            menu = menus.get(title)
            if menu is None:
                menu = menus[title] = bar.addMenu(f"&{title}")
            if below:
                inner = menus.get(spec.menu)
                if inner is None:
                    inner = menus[spec.menu] = menu.addMenu(below)
                menu = inner
            if spec.separated:
                menu.addSeparator()
            menu.addAction(self._actions[spec.id])
        return menus

    def refresh(self, situation: Situation) -> None:
        """Enable what makes sense now. Keys that the grid or a text field needs stay theirs."""
        for spec in ACTIONS:
            enabled = spec.when(situation)
            if spec.id in _GRID_MOVES and situation.view in ("grid", "welcome"):
                enabled = False
            self._actions[spec.id].setEnabled(enabled)

    def _carry_out(self, spec: ActionSpec) -> None:
        spec.do(self._window)
        self.triggered.emit(spec.id)
