"""The sheet of keys as it is drawn."""

import pytest
from pytestqt.qtbot import QtBot

from culler.ui.action_keys import sheet
from culler.ui.action_spec import Preset
from culler.ui.key_sheet import KeyCap, KeySheet

# The offscreen platform warns that it cannot tell anybody the least size of a window.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints", extend=True)


@pytest.mark.parametrize("preset", list(Preset))
def test_no_key_is_cut_however_narrow_the_sheet_becomes(preset: Preset, qtbot: QtBot) -> None:
    shown = KeySheet(sheet(preset), preset.words)
    qtbot.addWidget(shown)
    shown.show()
    shown.resize(10, 10)
    assert [cap.text() for cap in shown.findChildren(KeyCap) if cap.width() < cap.sizeHint().width()] == []
