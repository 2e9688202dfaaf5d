"""The field for a part of a name or folder. It tells what is typed once the typing pauses, and keeps to
itself the keys that are shortcuts of the window elsewhere."""

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

TYPING_PAUSE_MS = 150


class SearchField(QLineEdit):
    """Keeps Enter, Space, Tab and the arrows from the window's shortcuts.

    Signals: searched(text) when typing pauses or ends; left() on Enter, Escape (which clears it), Tab
    or the arrow down.
    """

    searched = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_PAUSE_MS)
        self._typing.timeout.connect(lambda: self.searched.emit(self.text()))
        self.textChanged.connect(lambda _: self._typing.start())

    def show_text(self, text: str) -> None:
        """In place of what was typed; says nothing."""
        if self.text() != text:
            self.setText(text)  # not with signals blocked: its clear button listens, too
        self._typing.stop()

    def event(self, event: QEvent) -> bool:
        plain = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and not event.modifiers() & ~plain
        ):
            event.accept()
            return True
        return super().event(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        self._leave()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Down):
            if event.key() == Qt.Key.Key_Escape:
                self.clear()
            self._leave()
            return
        super().keyPressEvent(event)

    def _leave(self) -> None:
        if self._typing.isActive():
            self._typing.stop()
            self.searched.emit(self.text())
        self.left.emit()
