"""The least level that photos must have, and of which aspect; the aspect is asked only with a level."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from culler.domain.assessment import Aspect
from culler.domain.levels import Level
from culler.ui import theme
from culler.ui.quiet_controls import quiet_choice


class LevelFilter(QWidget):
    """Signals: chosen(Level, or None for any; Aspect)."""

    chosen = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.unit(self.fontMetrics()) // 2)
        self.level = quiet_choice("Least level", self)
        self.level.addItem("Any level", None)
        for level in (Level.POOR, Level.FAIR, Level.GOOD, Level.EXCELLENT):
            self.level.addItem(
                "Excellent" if level is Level.EXCELLENT else f"{level.word.capitalize()} or better", level
            )
        self.aspect = quiet_choice("Aspect of the level", self)
        for aspect in (Aspect.QUALITY, Aspect.AESTHETICS):
            self.aspect.addItem(aspect.value.capitalize(), aspect)
        for choice in (self.level, self.aspect):
            choice.currentIndexChanged.connect(self._on_chosen)
            row.addWidget(choice)
        self.set_level(None, Aspect.QUALITY)

    def set_level(self, level: Level | None, aspect: Aspect) -> None:
        """Show these as chosen; says nothing."""
        blocked = [QSignalBlocker(self.level), QSignalBlocker(self.aspect)]
        self.level.setCurrentIndex(max(0, self.level.findData(level)))
        self.aspect.setCurrentIndex(max(0, self.aspect.findData(aspect)))
        del blocked
        self.aspect.setVisible(level is not None)

    def _on_chosen(self, _index: int) -> None:
        self.chosen.emit(self.level.currentData(), self.aspect.currentData())
