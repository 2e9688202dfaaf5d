"""A scroll bar that glides to where a mouse wheel sends it, instead of jumping."""

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QScrollBar

NOTCH = 120
"""Eighths of a degree that one step of a mouse wheel turns (QWheelEvent.angleDelta)."""
_DURATION_MS = 140


class Glide(QObject):
    """Moves one scroll bar, which is its parent."""

    def __init__(self, bar: QScrollBar) -> None:
        super().__init__(bar)
        self._bar = bar
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(_DURATION_MS)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._move_to)

    def takes(self, event: QWheelEvent) -> bool:
        """Whether these are whole notches of a wheel; a touchpad is smooth already."""
        turned = event.angleDelta().y()
        return event.pixelDelta().isNull() and turned != 0 and turned % NOTCH == 0

    def turn(self, event: QWheelEvent, step: int) -> None:
        """Glides by `step` a notch, from where a glide that is under way would have ended."""
        bar = self._bar
        gliding = self._animation.state() is QVariantAnimation.State.Running
        start = self._animation.endValue() if gliding else bar.value()
        end = max(bar.minimum(), min(bar.maximum(), start - event.angleDelta().y() // NOTCH * step))
        self._animation.stop()
        self._animation.setStartValue(bar.value())
        self._animation.setEndValue(end)
        self._animation.start()

    def stop(self) -> None:
        """Stays where it is."""
        self._animation.stop()

    def _move_to(self, value: int) -> None:
        self._bar.setValue(value)
