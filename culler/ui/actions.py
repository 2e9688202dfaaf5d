"""Everything that can be done, as one table: menus, shortcuts and the sheet of keys come from it.

An action has a shortcut for each preset: Lightroom's (the default), Photo Mechanic's, darktable's.
A preset that is silent about an action has Lightroom's keys, unless it gave one of them another
meaning.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from culler.domain.decision import ColorLabel, Flag
from culler.ui.action_spec import (
    ActionSpec,
    Preset,
    Situation,
    always,
    comparing,
    opened,
    picture_view,
    ready,
    some_photo,
    some_shown,
    stepping,
    surveying,
    two_photos,
)
from culler.ui.care_actions import FOLDER_ACTIONS, HEALTH_ACTIONS, MARKS_FILE_ACTIONS
from culler.ui.culling_actions import JUDGE_ACTIONS, STACK_ACTIONS
from culler.ui.file_actions import FILE_ACTIONS
from culler.ui.metadata_actions import BIN_ACTIONS, METADATA_ACTIONS

if TYPE_CHECKING:
    from culler.ui.main_window import MainWindow


_PM, _DT = Preset.PHOTO_MECHANIC, Preset.DARKTABLE


def _stars(stars: int) -> Callable[["MainWindow"], object]:
    return lambda window: window.marker.stars(stars)


def _label(label: ColorLabel) -> Callable[["MainWindow"], object]:
    return lambda window: window.marker.label(label)


def _star_actions() -> list[ActionSpec]:
    texts = ["No Stars", "1 Star", *(f"{stars} Stars" for stars in range(2, 6))]
    return [
        ActionSpec(
            f"stars-{stars}",
            "Photo/Stars",
            text,
            (str(stars),),
            _stars(stars),
            some_photo,
            other_keys={_PM: (f"Ctrl+{stars}",)},
        )
        for stars, text in enumerate(texts)
    ]


def _label_actions() -> list[ActionSpec]:
    keys = {
        ColorLabel.RED: ("6", "1", "F1"),
        ColorLabel.YELLOW: ("7", "2", "F2"),
        ColorLabel.GREEN: ("8", "3", "F3"),
        ColorLabel.BLUE: ("9", "4", "F4"),
        ColorLabel.PURPLE: ("", "5", "F5"),
        ColorLabel.NONE: ("", "0", ""),
    }
    return [
        ActionSpec(
            f"label-{label.value}",
            "Photo/Colour Label",
            label.value.capitalize(),
            (lightroom,) if lightroom else (),
            _label(label),
            some_photo,
            other_keys={_PM: (mechanic,)} | ({_DT: (darktable,)} if darktable else {}),
        )
        for label, (lightroom, mechanic, darktable) in keys.items()
    ]


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("open", "File", "Open Folder…", ("Ctrl+O",), lambda w: w.choose_folder(), ready),
    *FOLDER_ACTIONS,
    ActionSpec(
        "rescan",
        "File",
        "Read the Folder Again",
        ("F5",),
        lambda w: w.session.rescan(),
        opened,
        other_keys={_DT: ("Ctrl+R",)},
    ),
    ActionSpec(
        "export", "File", "Export…", ("Ctrl+E",), lambda w: w.show_export(), some_shown, separated=True
    ),
    ActionSpec("export-undo", "File", "Undo Last Move…", (), lambda w: w.undo_move(), ready),
    ActionSpec("failures", "File", "What Could Not Be Read…", (), lambda w: w.show_failures(), opened),
    *BIN_ACTIONS,
    ActionSpec("quit", "File", "Quit", ("Ctrl+Q",), lambda w: w.close(), separated=True),
    ActionSpec("undo", "Edit", "Undo", ("Ctrl+Z",), lambda w: w.session.edits.undo(), ready),
    ActionSpec("redo", "Edit", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), lambda w: w.session.edits.redo(), ready),
    ActionSpec(
        "select-all",
        "Edit",
        "Select All",
        ("Ctrl+A",),
        lambda w: w.views.select_all(),
        some_shown,
        separated=True,
    ),
    ActionSpec(
        "select-none",
        "Edit",
        "Select Only the Current Photo",
        ("Ctrl+D",),
        lambda w: w.views.select_none(),
        some_photo,
    ),
    ActionSpec("search", "Edit", "Find by Name", ("Ctrl+F",), lambda w: w.search(), opened, separated=True),
    ActionSpec("clear-filter", "Edit", "Show All Photos", ("Ctrl+L",), lambda w: w.clear_filter(), opened),
    ActionSpec(
        "pick",
        "Photo",
        "Pick",
        ("P",),
        lambda w: w.marker.flag(Flag.PICK),
        some_photo,
        other_keys={_PM: ("T", "P")},
    ),
    ActionSpec(
        "reject",
        "Photo",
        "Reject",
        ("X", "Del"),
        lambda w: w.marker.flag(Flag.REJECT),
        some_photo,
        other_keys={_DT: ("R", "X", "Del")},
    ),
    ActionSpec("unflag", "Photo", "Clear Flag", ("U",), lambda w: w.marker.flag(Flag.NONE), some_photo),
    ActionSpec("toggle-flag", "Photo", "Toggle Flag", ("`",), lambda w: w.marker.toggle_flag(), some_photo),
    *_star_actions(),
    ActionSpec(
        "fewer-stars",
        "Photo/Stars",
        "One Star Less",
        ("[",),
        lambda w: w.marker.change_stars(-1),
        some_photo,
        separated=True,
    ),
    ActionSpec(
        "more-stars", "Photo/Stars", "One Star More", ("]",), lambda w: w.marker.change_stars(1), some_photo
    ),
    *_label_actions(),
    *FILE_ACTIONS,
    ActionSpec(
        "auto-advance",
        "Photo",
        "Go On After a Mark",
        (),
        lambda w: w.toggle_auto_advance(),
        always,
        checkable=True,
        separated=True,
    ),
    *STACK_ACTIONS,
    *JUDGE_ACTIONS,
    *METADATA_ACTIONS,
    *MARKS_FILE_ACTIONS,
    ActionSpec(
        "grid", "View", "Grid", ("G",), lambda w: w.views.show_grid(), opened, checkable=True, group="view"
    ),
    ActionSpec(
        "loupe",
        "View",
        "Loupe",
        ("E", "Return", "Enter"),
        lambda w: w.views.show_loupe(),
        some_photo,
        checkable=True,
        group="view",
    ),
    ActionSpec(
        "compare",
        "View",
        "Compare",
        ("C",),
        lambda w: w.views.show_compare(),
        two_photos,
        checkable=True,
        group="view",
    ),
    ActionSpec(
        "survey",
        "View",
        "Survey",
        ("N",),
        lambda w: w.views.show_survey(),
        two_photos,
        checkable=True,
        group="view",
    ),
    ActionSpec("back", "View", "Back", ("Esc",), lambda w: w.views.back(), opened),
    ActionSpec(
        "zoom",
        "View",
        "Zoom to 1:1",
        ("Z", "Space"),
        lambda w: w.views.toggle_zoom(),
        picture_view,
        separated=True,
    ),
    ActionSpec("missing", "View", "Missing Photos", (), lambda w: w.toggle_missing(), opened, checkable=True),
    ActionSpec(
        "panels",
        "View",
        "Panels",
        ("Tab",),
        lambda w: w.toggle_panels(),
        opened,
        checkable=True,
        separated=True,
    ),
    ActionSpec(
        "filter-bar", "View", "Filter Bar", ("\\",), lambda w: w.toggle_filter_bar(), opened, checkable=True
    ),
    ActionSpec(
        "info",
        "View",
        "Information on the Photo",
        ("I",),
        lambda w: w.views.toggle_info(),
        opened,
        checkable=True,
    ),
    ActionSpec(
        "full-screen",
        "View",
        "Full Screen",
        ("F", "F11"),
        lambda w: w.toggle_full_screen(),
        always,
        checkable=True,
        separated=True,
    ),
    ActionSpec("lights", "View", "Lights Out", ("L",), lambda w: w.toggle_lights(), opened, checkable=True),
    ActionSpec(
        "larger",
        "View",
        "Larger Thumbnails",
        ("Ctrl+=", "Ctrl++"),
        lambda w: w.resize_cells(1),
        opened,
        separated=True,
    ),
    ActionSpec("smaller", "View", "Smaller Thumbnails", ("Ctrl+-",), lambda w: w.resize_cells(-1), opened),
    ActionSpec("next", "Go", "Next Photo", ("Right",), lambda w: w.views.go(1), stepping),
    ActionSpec("previous", "Go", "Previous Photo", ("Left",), lambda w: w.views.go(-1), stepping),
    ActionSpec("first", "Go", "First Photo", ("Home",), lambda w: w.views.go_to_end(0), some_shown),
    ActionSpec("last", "Go", "Last Photo", ("End",), lambda w: w.views.go_to_end(-1), some_shown),
    ActionSpec(
        "promote",
        "Go",
        "Compare: Right Becomes Champion",
        ("Up",),
        lambda w: w.compare.promote(),
        comparing,
        separated=True,
    ),
    ActionSpec("swap", "Go", "Compare: Swap Sides", ("Down",), lambda w: w.compare.swap(), comparing),
    ActionSpec(
        "other-side",
        "Go",
        "Compare: Mark the Other Side",
        ("A",),
        lambda w: w.compare.change_side(),
        comparing,
    ),
    ActionSpec(
        "drop-out",
        "Go",
        "Survey: Take the Photo Out",
        ("-", "Backspace"),
        lambda w: w.survey.remove_current(),
        surveying,
    ),
    ActionSpec("keys", "Help", "Keys", ("?", "F12"), lambda w: w.show_keys()),
    *HEALTH_ACTIONS,
    ActionSpec("about", "Help", "About Culler", (), lambda w: w.show_about()),
)


# A shortcut would take these keys from the view that needs them itself.
_GRID_MOVES = frozenset({"next", "previous", "first", "last"})


def keys_in(spec: ActionSpec, preset: Preset) -> tuple[str, ...]:
    """The shortcuts of an action under a preset, the main one first."""
    own = spec.other_keys.get(preset)
    if own is not None:
        return own
    taken = _claimed(preset)
    return tuple(key for key in spec.keys if key not in taken)


@cache
def _claimed(preset: Preset) -> frozenset[str]:
    """Keys that the preset gave to an action by name."""
    return frozenset(key for spec in ACTIONS for key in spec.other_keys.get(preset, ()))


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


_KEY_SYMBOLS = {"Left": "←", "Right": "→", "Up": "↑", "Down": "↓", "Return": "Enter", "Del": "Delete"}


def key_names(keys: Sequence[str]) -> list[str]:
    """Keys as people read them on this system, Enter once."""
    names: list[str] = []
    for key in keys:
        name = _KEY_SYMBOLS.get(key) or QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
        if name not in names:
            names.append(name)
    return names


def sheet(preset: Preset) -> dict[str, list[tuple[str, list[str]]]]:
    """{menu: [(what it does, its keys)]}, of every action that has a key, in the table's order."""
    groups: dict[str, list[tuple[str, list[str]]]] = {}
    for spec in ACTIONS:
        keys = key_names(keys_in(spec, preset))
        if keys:
            groups.setdefault(spec.menu.replace("/", " · "), []).append((spec.text.rstrip("…"), keys))
    return groups
