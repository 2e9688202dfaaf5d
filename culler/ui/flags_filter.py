"""Three flags to click: photos with any of those chosen are shown."""

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from culler.domain.decision import Flag
from culler.ui import theme
from culler.ui.quiet_controls import quiet_button

_FLAGS = (
    (Flag.PICK, "flag-pick", "Picks"),
    (Flag.NONE, "flag-pick-outline", "Without a flag"),
    (Flag.REJECT, "flag-reject", "Rejects"),
)
_FAINT = 120


class FlagsFilter(QWidget):
    """Signals: chosen(frozenset of Flag); an empty one lets all through."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.unit(self.fontMetrics()) // 2)
        self.buttons: dict[Flag, QToolButton] = {}
        for flag, icon, tip in _FLAGS:
            button = quiet_button(self)
            button.setCheckable(True)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setProperty("glyph", icon)
            button.toggled.connect(lambda _checked, button=button: self._dress(button))
            button.clicked.connect(self._on_clicked)
            row.addWidget(button)
            self.buttons[flag] = button
            self._dress(button)

    def set_flags(self, flags: frozenset[Flag]) -> None:
        """Show these as chosen; says nothing."""
        for flag, button in self.buttons.items():
            button.setChecked(flag in flags)

    def _on_clicked(self) -> None:
        self.chosen.emit(frozenset(flag for flag, button in self.buttons.items() if button.isChecked()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for button in self.buttons.values():
                self._dress(button)

    def _dress(self, button: QToolButton) -> None:
        """An icon in the palette's colour: what is chosen is strong, what is not is faint."""
        side = theme.unit(self.fontMetrics())
        color = QColor(self.palette().color(QPalette.ColorRole.ButtonText))
        color.setAlpha(255 if button.isChecked() else _FAINT)
        button.setIconSize(QSize(side, side))
        button.setIcon(theme.glyph(button.property("glyph"), side, color, max(2.0, self.devicePixelRatioF())))
