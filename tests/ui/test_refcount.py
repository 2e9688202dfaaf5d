"""The binding's own health. PySide6 6.12.0 loses a reference to None in nearly every void call, and a
window would bring Python 3.11 down within minutes: the version bound in pyproject.toml stays until
this passes without it."""

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, QSize
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

CALLS = 20_000


def _calls(widget: QWidget) -> dict[str, Callable[[], None]]:
    plain = QObject(widget)
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    pixmap = QPixmap(QSize(4, 4))
    colour = QColor("grey")
    return {
        "setObjectName": lambda: plain.setObjectName("photo"),
        "setToolTip": lambda: widget.setToolTip("a photo"),
        "update": lambda: widget.update(),
        "fill": lambda: image.fill(colour),
        "setDevicePixelRatio": lambda: pixmap.setDevicePixelRatio(2.0),
    }


@pytest.mark.parametrize("name", ["setObjectName", "setToolTip", "update", "fill", "setDevicePixelRatio"])
def test_void_qt_calls_keep_the_references_to_none(qtbot: QtBot, name: str) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    call = _calls(widget)[name]
    spare = [None] * (2 * CALLS)  # so that a binding that loses them fails here and does not abort
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        call()
    # Python 3.12 made None immortal: its count stands still, and the test proves nothing there.
    assert abs(sys.getrefcount(None) - before) < len(spare) // 40
