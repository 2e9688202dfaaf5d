"""Which keys an action has, and how people read them.

An action has a shortcut for each preset: Lightroom's (the default), Photo Mechanic's, darktable's.
A preset that is silent about an action has Lightroom's keys, unless it gave one of them another
meaning.
"""

from collections.abc import Sequence
from functools import cache

from PySide6.QtGui import QKeySequence

from culler.ui.action_spec import ActionSpec, Preset
from culler.ui.action_table import ACTIONS

_KEY_SYMBOLS = {"Left": "←", "Right": "→", "Up": "↑", "Down": "↓", "Return": "Enter", "Del": "Delete"}


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
