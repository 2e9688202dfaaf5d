"""The line over the grid while there are suggestions: three queues, accept all, dismiss."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QWidget

from culler.ranking.suggest import SuggestionKind
from culler.ui import theme
from culler.ui.labels import DimLabel, ElidedLabel
from culler.ui.suggesting import Suggesting

QUEUES = (
    (SuggestionKind.KEEP, "Keep", "Photos that Culler suggests to keep"),
    (SuggestionKind.REJECT, "Reject candidates", "Photos that Culler suggests to reject"),
    (SuggestionKind.YOU_DECIDE, "You decide", "Photos that Culler is not sure enough about"),
)


class SuggestionsBar(QWidget):
    """Hidden without suggestions.

    Signals: queue_chosen(SuggestionKind | None), accept_wanted(), dismiss_wanted().
    """

    queue_chosen = Signal(object)
    accept_wanted = Signal()
    dismiss_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        line = theme.unit(self.fontMetrics())
        row = QHBoxLayout(self)
        row.setContentsMargins(line * 2 // 3, line // 6, line * 2 // 3, line // 4)
        row.setSpacing(line // 3)
        row.addWidget(DimLabel("Suggestions", self))
        self.buttons: dict[SuggestionKind, QToolButton] = {}
        for kind, title, tip in QUEUES:
            button = QToolButton(self)
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setToolTip(tip)
            button.setProperty("title", title)
            button.clicked.connect(
                lambda checked=False, kind=kind: self.queue_chosen.emit(kind if checked else None)
            )
            self.buttons[kind] = button
            row.addWidget(button)
        self.accept = _button("", "Mark the whole queue as suggested: one undo step (Shift+Y)", self)
        self.accept.clicked.connect(self.accept_wanted)
        self.dismiss = _button("Dismiss", "Take all suggestions away; marks stay", self)
        self.dismiss.clicked.connect(self.dismiss_wanted)
        self.words = ElidedLabel(self)
        palette_source = DimLabel("", self)
        self.words.setPalette(palette_source.palette())
        palette_source.deleteLater()
        row.addSpacing(line // 2)
        row.addWidget(self.accept)
        row.addSpacing(line // 2)
        row.addWidget(self.words, 1)
        row.addWidget(self.dismiss)
        self.hide()

    def refresh(self, suggesting: Suggesting) -> None:
        """Show how many are left in each queue, and what they may cost."""
        for kind, button in self.buttons.items():
            count = len(suggesting.open(kind))
            button.setText(f"{button.property('title')} {count:,}")
            button.setEnabled(bool(count))
            button.setChecked(suggesting.queue is kind)
        queue = suggesting.queue
        count = 0 if queue is None else len(suggesting.open(queue))
        self.accept.setVisible(queue in (SuggestionKind.KEEP, SuggestionKind.REJECT))
        verb = "Pick" if queue is SuggestionKind.KEEP else "Reject"
        self.accept.setText(f"{verb} All {count:,}")
        self.words.setText(cost(suggesting))
        self.words.setToolTip(self.words.text())


def cost(suggesting: Suggesting) -> str:
    """What the reject candidates are expected to cost, and how far to believe it."""
    report = suggesting.report
    if report is None:
        return ""
    words = "Y accepts one, Shift+U dismisses it"
    if any(each.kind is SuggestionKind.REJECT for each in report.each):
        words += (
            f" · of {report.expected_keepers:.0f} keepers expected, {report.expected_lost:.2f} among the "
            "reject candidates"
        )
    return words if report.is_calibrated else f"{words} · uncalibrated"


def _button(text: str, tip: str, parent: QWidget) -> QPushButton:
    button = QPushButton(text, parent)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
