"""What hands do, as far as the whole window must know: that somebody acts at all, and Caps Lock."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent

_ACTS = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.Wheel, QEvent.Type.ShortcutOverride})


class InputWatch(QObject):
    """An event filter for the application. Qt does not know about Caps Lock: typed letters tell.

    Signals: acted() before a click, wheel or key takes effect; caps_lock_changed(bool).
    """

    acted = Signal()
    caps_lock_changed = Signal(bool)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.caps_lock = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _ACTS:
            self.acted.emit()
            if isinstance(event, QKeyEvent):
                self._see_letter(event)
        return False

    def _see_letter(self, event: QKeyEvent) -> None:
        text, shift = event.text(), Qt.KeyboardModifier.ShiftModifier
        if len(text) == 1 and text.upper() != text.lower() and not event.modifiers() & ~shift:
            caps_lock = text.isupper() != bool(event.modifiers() & shift)
            if caps_lock != self.caps_lock:
                self.caps_lock = caps_lock
                self.caps_lock_changed.emit(caps_lock)
