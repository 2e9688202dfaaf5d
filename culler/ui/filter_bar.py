"""The bar over the grid: views, sort order, and what is shown of it all.

Its whole state is one `Filter` and one (key, direction); it never looks at photos itself.
"""

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from culler.domain.assessment import Aspect
from culler.domain.decision import ColorLabel, Flag
from culler.domain.levels import Level
from culler.ranking.filters import Filter
from culler.ranking.order import SortKey
from culler.ui import theme
from culler.ui.labels import DimLabel
from culler.ui.marks_bar import LABELS

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
TYPING_PAUSE_MS = 150


class SearchField(QLineEdit):
    """A text field that keeps Enter, Space, Tab and the arrows from the window's shortcuts.

    Signals: left() on Enter, Escape or Tab.
    """

    left = Signal()

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
        self.left.emit()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Down):
            if event.key() == Qt.Key.Key_Escape:
                self.clear()
            self.left.emit()
            return
        super().keyPressEvent(event)


class StarsFilter(QWidget):
    """Five stars to click: at least so many; clicking the same again lets all through.

    Signals: chosen(int).
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stars = 0
        self._under = 0
        self.setMouseTracking(True)
        self.setToolTip("At least so many stars")
        self.setAccessibleName("Least number of stars")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_stars(self, stars: int) -> None:
        self._stars = stars
        self.setAccessibleDescription(f"{stars} stars or more" if stars else "any number of stars")
        self.update()

    def _side(self) -> int:
        return round(theme.unit(self.fontMetrics()) * 1.05)

    def sizeHint(self) -> QSize:
        return QSize(self._side() * 5, self._side())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        strong = self.palette().color(QPalette.ColorRole.WindowText)
        side = self._side()
        for star in range(1, 6):
            color = QColor(strong)
            color.setAlpha(255 if star <= self._stars else 170 if star <= self._under else 70)
            pixmap = theme.glyph("star", side - 2, color, self.devicePixelRatioF())
            painter.drawPixmap(QPointF((star - 1) * side + 1, 1), pixmap)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._under = min(5, int(event.position().x() // self._side()) + 1)
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._under = 0
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        stars = max(1, min(5, int(event.position().x() // self._side()) + 1))
        self.chosen.emit(0 if stars == self._stars else stars)


class LabelsFilter(QWidget):
    """Five dots to click, any number of them.

    Signals: chosen(frozenset of ColorLabel).
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: frozenset[ColorLabel] = frozenset()
        self._under: ColorLabel | None = None
        self.setMouseTracking(True)
        self.setAccessibleName("Colour labels")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_labels(self, labels: frozenset[ColorLabel]) -> None:
        self._labels = labels
        self.setAccessibleDescription(", ".join(label.value for label in labels) or "any label")
        self.update()

    def _side(self) -> int:
        return round(theme.unit(self.fontMetrics()) * 1.1)

    def sizeHint(self) -> QSize:
        return QSize(self._side() * len(LABELS), self._side())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self._side()
        ring = self.palette().color(QPalette.ColorRole.WindowText)
        for at, label in enumerate(LABELS):
            place = QRectF(at * side, 0, side, side)
            color = theme.label_color(label)
            chosen = label in self._labels
            if not chosen:
                color.setAlpha(200 if label is self._under else 105)
            painter.setPen(QPen(ring, 1.5) if chosen else Qt.PenStyle.NoPen)
            painter.setBrush(color)
            radius = side * (0.34 if chosen else 0.3)
            painter.drawEllipse(place.center(), radius, radius)

    def _at(self, x: float) -> ColorLabel:
        return LABELS[max(0, min(len(LABELS) - 1, int(x // self._side())))]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._under = self._at(event.position().x())
        self.setToolTip(f"{self._under.value.capitalize()} label")
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._under = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.chosen.emit(self._labels ^ {self._at(event.position().x())})


class FilterBar(QWidget):
    """Signals: filter_changed(Filter), sort_changed(SortKey, descending), left() when the keyboard goes
    back to the photos, view_wanted(name of a view)."""

    filter_changed = Signal(object)
    sort_changed = Signal(object, bool)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filter = Filter()
        self._descending = False
        line = theme.unit(self.fontMetrics())
        row = QHBoxLayout(self)
        row.setContentsMargins(line * 2 // 3, line // 3, line * 2 // 3, line // 3)
        row.setSpacing(line // 2)

        self.sort_key = _combo("Sort order", self)
        for key, text in SORTS:
            self.sort_key.addItem(text, key)
        self.direction = QToolButton(self)
        self.direction.setAutoRaise(True)
        self.direction.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.direction.setText("↑")
        self.sort_key.currentIndexChanged.connect(self._on_key)
        self.direction.clicked.connect(self._on_direction)

        self.flags: dict[Flag, QToolButton] = {}
        for flag, icon, tip in (
            (Flag.PICK, "flag-pick", "Picks"),
            (Flag.NONE, "flag-pick-outline", "Without a flag"),
            (Flag.REJECT, "flag-reject", "Rejects"),
        ):
            button = QToolButton(self)
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setProperty("glyph", icon)
            button.toggled.connect(self._on_flags)
            self.flags[flag] = button
        self.stars = StarsFilter(self)
        self.stars.chosen.connect(lambda stars: self._change(min_stars=stars))
        self.labels = LabelsFilter(self)
        self.labels.chosen.connect(lambda labels: self._change(labels=labels or None))
        self.level = _combo("Least level", self)
        self.level.addItem("Any level", None)
        for level in (Level.POOR, Level.FAIR, Level.GOOD, Level.EXCELLENT):
            self.level.addItem(
                "Excellent" if level is Level.EXCELLENT else f"{level.word.capitalize()} or better", level
            )
        self.level.currentIndexChanged.connect(lambda _: self._change(level=self.level.currentData()))
        self.aspect = _combo("Aspect of the level", self)
        for aspect in (Aspect.QUALITY, Aspect.AESTHETICS):
            self.aspect.addItem(aspect.value.capitalize(), aspect)
        self.aspect.currentIndexChanged.connect(lambda _: self._change(aspect=self.aspect.currentData()))

        self.text = SearchField(self)
        self.text.setPlaceholderText("Name or folder")
        self.text.setClearButtonEnabled(True)
        self.text.setAccessibleName("Part of the name or folder")
        self.text.setMaximumWidth(line * 14)
        self.text.setMinimumWidth(line * 5)
        self.text.left.connect(self._on_left)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_PAUSE_MS)
        self.text.textChanged.connect(lambda _: self._typing.start())
        self._typing.timeout.connect(lambda: self._change(text=self.text.text()))

        self.count = QLabel(self)
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.clear = QToolButton(self)
        self.clear.setText("Show all")
        self.clear.setToolTip("Clear the filter")
        self.clear.setAutoRaise(True)
        self.clear.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.clear.clicked.connect(self.clear_filter)

        row.addWidget(DimLabel("Sort", self))
        row.addWidget(self.sort_key)
        row.addWidget(self.direction)
        row.addWidget(_rule(self))
        for button in self.flags.values():
            row.addWidget(button)
        row.addWidget(_rule(self))
        row.addWidget(self.stars)
        row.addWidget(_rule(self))
        row.addWidget(self.labels)
        row.addWidget(_rule(self))
        row.addWidget(self.level)
        row.addWidget(self.aspect)
        row.addWidget(_rule(self))
        row.addWidget(self.text, 1)
        row.addStretch(1)
        row.addWidget(self.count)
        row.addWidget(self.clear)
        self._dress()
        self.set_filter(self._filter)
        self.set_sort(SortKey.TIME, False)

    # From outside

    def set_filter(self, filter: Filter) -> None:
        """Show this filter; says nothing."""
        self._filter = filter
        blocked = [QSignalBlocker(widget) for widget in self._widgets()]
        for flag, button in self.flags.items():
            button.setChecked(filter.flags is not None and flag in filter.flags)
        self.stars.set_stars(filter.min_stars)
        self.labels.set_labels(filter.labels or frozenset())
        self.level.setCurrentIndex(max(0, self.level.findData(filter.level)))
        self.aspect.setCurrentIndex(max(0, self.aspect.findData(filter.aspect)))
        self.aspect.setVisible(filter.level is not None)
        del blocked
        if self.text.text() != filter.text:
            self.text.setText(filter.text)  # not in silence: its clear button listens, too
            self._typing.stop()
        self._dress()

    def offer_taste(self, offered: bool) -> None:
        """Let photos be sorted by the user's taste, or no longer."""
        key, words = TASTE
        at = self.sort_key.findData(key)
        if offered and at < 0:
            self.sort_key.addItem(words, key)
        elif not offered and at >= 0:
            self.sort_key.removeItem(at)

    def set_sort(self, key: SortKey, descending: bool) -> None:
        """Show this order; says nothing."""
        blocked = QSignalBlocker(self.sort_key)
        self.sort_key.setCurrentIndex(max(0, self.sort_key.findData(key)))
        del blocked
        self._descending = descending
        self.direction.setText("↓" if descending else "↑")
        words = {
            SortKey.TIME: ("latest first", "earliest first"),
            SortKey.NAME: ("Z to A", "A to Z"),
            SortKey.SPREAD: ("least sure first", "surest first"),
        }.get(key, ("best first", "worst first"))
        self.direction.setToolTip(words[0 if descending else 1].capitalize())
        self.direction.setAccessibleName(self.direction.toolTip())

    def set_count(self, shown: int, total: int, folded: int = 0) -> None:
        """How many photos the filter lets through, of how many; `folded` of them are inside closed
        stacks."""
        if self._filter.only_missing:
            words = f"{shown:,} missing"
        elif shown == total:
            words = "1 photo" if total == 1 else f"{total:,} photos"
        else:
            words = f"{shown:,} of {total:,}"
        self.count.setText(f"{words}, {folded:,} hidden in stacks" if folded else words)
        self.count.setToolTip("Photos inside collapsed stacks; S expands one" if folded else "")
        self.clear.setVisible(bool(self._filter))

    def clear_filter(self) -> None:
        """Let everything through."""
        self._typing.stop()
        self.set_filter(Filter(aspect=self._filter.aspect))
        self.filter_changed.emit(self._filter)

    def set_only_missing(self, wanted: bool) -> None:
        """Let only photos through whose files are gone, or all others again."""
        self._change(only_missing=wanted)

    def focus_search(self) -> None:
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.text.selectAll()

    # Inside

    def _widgets(self) -> list[QObject]:
        return [*self.flags.values(), self.stars, self.labels, self.level, self.aspect]

    def _on_flags(self, _checked: bool) -> None:
        flags = frozenset(flag for flag, button in self.flags.items() if button.isChecked())
        self._change(flags=flags or None)

    def _on_key(self, _index: int) -> None:
        key = self.sort_key.currentData()
        self.set_sort(key, key in _BEST_FIRST)
        self.sort_changed.emit(key, self._descending)

    def _on_direction(self) -> None:
        key = self.sort_key.currentData()
        self.set_sort(key, not self._descending)
        self.sort_changed.emit(key, self._descending)

    def _on_left(self) -> None:
        if self._typing.isActive():
            self._typing.stop()
            self._change(text=self.text.text())
        self.left.emit()

    def _change(self, **parts: object) -> None:
        from dataclasses import replace

        changed = replace(self._filter, **parts)  # type: ignore[arg-type]
        if changed != self._filter:
            self.set_filter(changed)
            self.filter_changed.emit(changed)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        """Icons in the palette's colours; what is chosen is strong, what is not is faint."""
        side = theme.unit(self.fontMetrics())
        strong = self.palette().color(QPalette.ColorRole.ButtonText)
        for button in self.flags.values():
            color = QColor(strong)
            color.setAlpha(255 if button.isChecked() else 120)
            pixmap = theme.glyph(button.property("glyph"), side, color, max(2.0, self.devicePixelRatioF()))
            button.setIconSize(QSize(side, side))
            button.setIcon(pixmap)


def _combo(name: str, parent: QWidget) -> QComboBox:
    combo = QComboBox(parent)
    combo.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    combo.setAccessibleName(name)
    combo.setToolTip(name)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    return combo


def _rule(parent: QWidget) -> QFrame:
    rule = QFrame(parent)
    rule.setFrameShape(QFrame.Shape.VLine)
    rule.setFrameShadow(QFrame.Shadow.Plain)
    rule.setForegroundRole(QPalette.ColorRole.Mid)
    rule.setFixedHeight(theme.unit(parent.fontMetrics()))
    return rule
