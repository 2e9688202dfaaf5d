"""A photo of which only a part decodes is shown as far as it goes, and says so wherever it is shown."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from culler.ui.photo_cell import Role

# A window has a least size; the offscreen platform warns that it cannot tell anybody.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints", extend=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One JPEG cut off in the middle."""
    noise = np.random.default_rng(1).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    path = tmp_path / "Shoot" / "cut.jpg"
    path.parent.mkdir()
    Image.fromarray(noise).save(path, quality=90)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path.parent


def test_grid_panel_and_loupe_tell_of_a_damaged_photo(open_window, qtbot: QtBot, folder: Path) -> None:
    window = open_window(folder)
    sentence = "cut.jpg is damaged: only a part of the picture could be read."
    assert window.model.index(0).data(Role.CELL).damaged
    qtbot.waitUntil(lambda: sentence in window.inspector.failures.text().replace("\u200b", ""))
    window.views.show_loupe()
    qtbot.waitUntil(lambda: window.loupe.canvas.note == sentence)
    qtbot.waitUntil(lambda: window.loupe.canvas.has_preview_of(window.session.current))
    window.views.toggle_zoom()
    assert window.loupe.canvas.note == sentence
