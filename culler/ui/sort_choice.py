"""By what photos are sorted, and which end comes first."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from culler.ranking.order import SortKey
from culler.ui import theme
from culler.ui.quiet_controls import quiet_button, quiet_choice

SORTS = (
    (SortKey.TIME, "Capture time"),
    (SortKey.NAME, "Name"),
    (SortKey.OVERALL, "Overall"),
    (SortKey.QUALITY, "Quality"),
    (SortKey.AESTHETICS, "Aesthetics"),
    (SortKey.SPREAD, "Uncertainty"),
)
TASTE = (SortKey.TASTE, "Your taste")
_BEST_FIRST = frozenset({SortKey.OVERALL, SortKey.QUALITY, SortKey.AESTHETICS, SortKey.SPREAD, SortKey.TASTE})
_ENDS = {
    SortKey.TIME: ("Earliest first", "Latest first"),
    SortKey.NAME: ("A to Z", "Z to A"),
    SortKey.SPREAD: ("Surest first", "Least sure first"),
}


def end_words(key: SortKey, descending: bool) -> str:
    """Which photos come first."""
    return _ENDS.get(key, ("Worst first", "Best first"))[descending]


class SortChoice(QWidget):
    """Another key starts with the end that is asked for most.

    Signals: changed(SortKey, descending).
    """

    changed = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._descending = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.unit(self.fontMetrics()) // 2)
        self.key = quiet_choice("Sort order", self)
        for key, text in SORTS:
            self.key.addItem(text, key)
        self.direction = quiet_button(self)
        self.key.currentIndexChanged.connect(self._on_key)
        self.direction.clicked.connect(self._on_direction)
        row.addWidget(self.key)
        row.addWidget(self.direction)
        self.set_sort(SortKey.TIME, False)

    def set_sort(self, key: SortKey, descending: bool) -> None:
        """Show this order; says nothing."""
        blocked = QSignalBlocker(self.key)
        self.key.setCurrentIndex(max(0, self.key.findData(key)))
        del blocked
        self._descending = descending
        self.direction.setText("↓" if descending else "↑")
        self.direction.setToolTip(end_words(key, descending))
        self.direction.setAccessibleName(self.direction.toolTip())

    def offer_taste(self, offered: bool) -> None:
        """Let photos be sorted by the user's taste, or no longer."""
        key, words = TASTE
        at = self.key.findData(key)
        if offered and at < 0:
            self.key.addItem(words, key)
        elif not offered and at >= 0:
            self.key.removeItem(at)

    def _on_key(self, _index: int) -> None:
        key = self.key.currentData()
        self.set_sort(key, key in _BEST_FIRST)
        self.changed.emit(key, self._descending)

    def _on_direction(self) -> None:
        key = self.key.currentData()
        self.set_sort(key, not self._descending)
        self.changed.emit(key, self._descending)
