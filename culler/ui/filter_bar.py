"""The bar over the grid: the sort order, and what is shown of it all.

Its whole state is one `Filter`, which each control shows a part of; the order is the sort choice's. It
never looks at photos itself.
"""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from culler.ranking.filters import Filter
from culler.ui import theme
from culler.ui.flags_filter import FlagsFilter
from culler.ui.labels import DimLabel
from culler.ui.labels_filter import LabelsFilter
from culler.ui.level_filter import LevelFilter
from culler.ui.quiet_controls import quiet_button
from culler.ui.search_field import SearchField
from culler.ui.sort_choice import SortChoice
from culler.ui.stars_filter import StarsFilter


def count_words(shown: int, total: int, folded: int, only_missing: bool) -> str:
    """How many photos are shown of how many; `folded` of them are inside closed stacks."""
    if only_missing:
        words = f"{shown:,} missing"
    elif shown == total:
        words = "1 photo" if total == 1 else f"{total:,} photos"
    else:
        words = f"{shown:,} of {total:,}"
    return f"{words}, {folded:,} hidden in stacks" if folded else words


class FilterBar(QWidget):
    """Signals: filter_changed(Filter), sort_changed(SortKey, descending), left() when the keyboard goes
    back to the photos."""

    filter_changed = Signal(object)
    sort_changed = Signal(object, bool)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filter = Filter()
        line = theme.unit(self.fontMetrics())

        self.sort = SortChoice(self)
        self.sort.changed.connect(self.sort_changed)
        self.flags = FlagsFilter(self)
        self.flags.chosen.connect(lambda flags: self._change(flags=flags or None))
        self.stars = StarsFilter(self)
        self.stars.chosen.connect(lambda stars: self._change(min_stars=stars))
        self.labels = LabelsFilter(self)
        self.labels.chosen.connect(lambda labels: self._change(labels=labels or None))
        self.level = LevelFilter(self)
        self.level.chosen.connect(lambda level, aspect: self._change(level=level, aspect=aspect))

        self.text = SearchField(self)
        self.text.setPlaceholderText("Name or folder")
        self.text.setClearButtonEnabled(True)
        self.text.setAccessibleName("Part of the name or folder")
        self.text.setMaximumWidth(line * 14)
        self.text.setMinimumWidth(line * 5)
        self.text.searched.connect(lambda text: self._change(text=text))
        self.text.left.connect(self.left)

        self.count = QLabel(self)
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.clear = quiet_button(self)
        self.clear.setText("Show all")
        self.clear.setToolTip("Clear the filter")
        self.clear.clicked.connect(self.clear_filter)

        row = QHBoxLayout(self)
        row.setContentsMargins(line * 2 // 3, line // 3, line * 2 // 3, line // 3)
        row.setSpacing(line // 2)
        row.addWidget(DimLabel("Sort", self))
        for control in (self.sort, self.flags, self.stars, self.labels, self.level):
            row.addWidget(control)
            row.addWidget(_rule(self))
        row.addWidget(self.text, 1)
        row.addStretch(1)
        row.addWidget(self.count)
        row.addWidget(self.clear)
        self.set_filter(self._filter)

    # From outside

    def set_filter(self, filter: Filter) -> None:
        """Show this filter; says nothing."""
        self._filter = filter
        self.flags.set_flags(filter.flags or frozenset())
        self.stars.set_stars(filter.min_stars)
        self.labels.set_labels(filter.labels or frozenset())
        self.level.set_level(filter.level, filter.aspect)
        self.text.show_text(filter.text)

    def offer_taste(self, offered: bool) -> None:
        """Let photos be sorted by the user's taste, or no longer."""
        self.sort.offer_taste(offered)

    def set_count(self, shown: int, total: int, folded: int = 0) -> None:
        """How many photos the filter lets through, of how many; `folded` of them are inside closed
        stacks."""
        self.count.setText(count_words(shown, total, folded, self._filter.only_missing))
        self.count.setToolTip("Photos inside collapsed stacks; S expands one" if folded else "")
        self.clear.setVisible(bool(self._filter))

    def clear_filter(self) -> None:
        """Let everything through."""
        self.set_filter(Filter(aspect=self._filter.aspect))
        self.filter_changed.emit(self._filter)

    def set_only_missing(self, wanted: bool) -> None:
        """Let only photos through whose files are gone, or all others again."""
        self._change(only_missing=wanted)

    def focus_search(self) -> None:
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.text.selectAll()

    # Inside

    def _change(self, **parts: object) -> None:
        changed = replace(self._filter, **parts)  # type: ignore[arg-type]
        if changed != self._filter:
            self.set_filter(changed)
            self.filter_changed.emit(changed)


def _rule(parent: QWidget) -> QFrame:
    rule = QFrame(parent)
    rule.setFrameShape(QFrame.Shape.VLine)
    rule.setFrameShadow(QFrame.Shadow.Plain)
    rule.setForegroundRole(QPalette.ColorRole.Mid)
    rule.setFixedHeight(theme.unit(parent.fontMetrics()))
    return rule
