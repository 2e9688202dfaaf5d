"""What the inspector says of a photo beside its scores: its place in its stack, and what is suggested."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from culler.ranking.groups import GroupKind
from culler.ranking.suggest import ReasonKind, Suggestion, SuggestionKind
from culler.ui import theme
from culler.ui.labels import DimLabel, heading

if TYPE_CHECKING:
    from culler.ui.stacks import Standing

KINDS = {
    GroupKind.BURST: "Burst of {}",
    GroupKind.SIMILAR: "{} similar photos",
    GroupKind.STACK: "Stack of {}",
    GroupKind.BRACKET: "Exposure bracket of {}",
    GroupKind.PANORAMA: "Panorama of {}",
    GroupKind.FOCUS_STACK: "Focus stack of {}",
}
TITLES = {
    SuggestionKind.KEEP: "Suggestion: keep",
    SuggestionKind.REJECT: "Suggestion: reject candidate",
    SuggestionKind.YOU_DECIDE: "You decide",
}


class StandingPanel(QWidget):
    """Hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        line = theme.unit(self.fontMetrics())
        self.stack_title = heading("", self)
        self.stack_words = QLabel(self)
        self.suggestion_title = heading("", self)
        self.reasons = QLabel(self)
        self.doubt = DimLabel("", self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(line // 4)
        for widget in (self.stack_title, self.stack_words, self.suggestion_title, self.reasons, self.doubt):
            widget.setWordWrap(True)
            column.addWidget(widget)
        self.suggestion_title.setContentsMargins(0, line // 2, 0, 0)
        self.show_standing(None, None, True)

    def show_standing(
        self, standing: "Standing | None", suggestion: Suggestion | None, is_calibrated: bool
    ) -> None:
        """The stack of the photo in focus and what is suggested for it, where there are any."""
        for widget in (self.stack_title, self.stack_words):
            widget.setVisible(standing is not None)
        if standing is not None:
            self.stack_title.setText(KINDS[standing.kind].format(standing.size))
            self.stack_words.setText(in_stack(standing))
        for widget in (self.suggestion_title, self.reasons, self.doubt):
            widget.setVisible(suggestion is not None)
        if suggestion is not None:
            self.suggestion_title.setText(TITLES[suggestion.kind])
            lines = [f"{reason.text[:1].upper()}{reason.text[1:]}" for reason in suggestion.reasons]
            self.reasons.setText("\n".join(f"· {text}" for text in lines))
            self.doubt.setText(_doubt(suggestion, is_calibrated))
            self.doubt.setVisible(bool(self.doubt.text()))
        self.setVisible(standing is not None or suggestion is not None)


def in_stack(standing: "Standing") -> str:
    """'Best of the stack, P(best) = .93', or where in a set this frame is."""
    made = "Stacked by hand. " if standing.by_hand else ""
    if standing.kind.is_set:
        return f"{made}Frame {standing.place}. Kept whole: no frame of it is the best."
    if standing.p_best is None:
        return f"{made}Frame {standing.place}. Not scored yet, so no frame is the best."
    p = probability(standing.p_best)
    where = "The likeliest best" if standing.place == 1 else f"Place {standing.place}"
    return f"{made}{where}, P(best) = {p}"


def probability(p: float) -> str:
    """Two digits, and never sure: '.93', '> .99', '< .01'."""
    if p > 0.99:
        return "> .99"
    if p < 0.01:
        return "< .01"
    return f"{p:.2f}".lstrip("0")


def _doubt(suggestion: Suggestion, is_calibrated: bool) -> str:
    in_set = any(reason.kind is ReasonKind.IN_SET for reason in suggestion.reasons)
    if suggestion.p_keeper is None or in_set:
        return ""
    words = f"P(you keep it) = {probability(suggestion.p_keeper)}"
    return words if is_calibrated else f"{words}, uncalibrated: not yet fitted to your own marks"
