"""Which of two is better: the pairs of a stack that matter most, until its best is sure enough."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId
from culler.ranking.questions import SURE_ENOUGH
from culler.ui import theme
from culler.ui.compare_view import Side
from culler.ui.labels import DimLabel
from culler.ui.look import FIT
from culler.ui.pairs import Asked, Pairs
from culler.ui.pictures import Pictures
from culler.ui.standing_panel import probability


class PairwiseView(QWidget):
    """`detail(id)` says what is known of a photo. Scores are not shown: they would answer for the user.

    Signals: asked() when another question is shown or none is left; kept(photo id) to keep the best and
    reject the rest; left() to go back; said(sentence).
    """

    asked = Signal()
    kept = Signal(object)
    left = Signal()
    said = Signal(str)

    def __init__(
        self, pictures: Pictures, detail: Callable[[PhotoId], Any], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._detail = detail
        self._pairs: Pairs | None = None
        self._asked: Asked | None = None
        line = theme.unit(self.fontMetrics())
        self.first = Side("Left", pictures, self)
        self.second = Side("Right", pictures, self)
        self.question = QLabel("Which is better?", self)
        font = QFont(self.question.font())
        font.setWeight(QFont.Weight.DemiBold)
        font.setPointSizeF(font.pointSizeF() * 1.15)
        self.question.setFont(font)
        self.question.setWordWrap(True)
        self.question.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.note = DimLabel("", self)
        self.note.setWordWrap(True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.answers = [
            _button("← Left", "The left one is better (←)", self.left_wins, self),
            _button("No Difference ↓", "Neither is better (↓)", self.tie, self),
            _button("Skip ↑", "Ask something else (↑)", self.skip, self),
            _button("Right →", "The right one is better (→)", self.right_wins, self),
        ]
        self.keep = _button("Keep It, Reject the Rest", "Then the next stack (Shift+P)", self._keep, self)
        self.done = _button("Back to the Grid", "Esc", self.left.emit, self)
        self.keep.hide()
        self.done.hide()
        panes = QGridLayout()
        panes.setContentsMargins(line // 3, line // 3, line // 3, 0)
        panes.setSpacing(line // 4)
        panes.addWidget(self.first, 0, 0)
        panes.addWidget(self.second, 0, 1)
        panes.setColumnStretch(0, 1)
        panes.setColumnStretch(1, 1)
        self._panes = panes
        buttons = QHBoxLayout()
        buttons.setSpacing(line // 2)
        buttons.addStretch(1)
        for button in (*self.answers, self.keep, self.done):
            buttons.addWidget(button)
        buttons.addStretch(1)
        foot = QVBoxLayout()
        foot.setContentsMargins(line, line // 3, line, line // 2)
        foot.setSpacing(line // 3)
        foot.addWidget(self.question)
        foot.addWidget(self.note)
        foot.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(panes, 1)
        column.addLayout(foot)
        for side, other in ((self.first, self.second), (self.second, self.first)):
            side.marks.hide()
            side.strip.hide()
            side.looked.connect(lambda look, other=other: other.canvas.set_look(look))

    @property
    def focus_id(self) -> PhotoId | None:
        """The best, once nothing is asked any more; while two are asked about no mark may land."""
        return None if self._asked is None or self._asked.left is not None else self._asked.best

    @property
    def pair(self) -> tuple[PhotoId | None, PhotoId | None]:
        return (None, None) if self._asked is None else (self._asked.left, self._asked.right)

    def begin(self, pairs: Pairs) -> None:
        """Ask about these photos."""
        self._pairs = pairs
        for side in (self.first, self.second):
            side.canvas.set_look(FIT)
        self.refresh()

    def refresh(self) -> None:
        """Ask what is worth asking now: after an answer, and after one was taken back."""
        if self._pairs is None:
            return
        try:
            self._asked = self._pairs.now()
        except CullerError as error:
            self.said.emit(str(error))
            return
        self._show(self._asked)
        self.asked.emit()

    def left_wins(self) -> None:
        self._answer(lambda pairs, left, right: pairs.prefer(left, right))

    def right_wins(self) -> None:
        self._answer(lambda pairs, left, right: pairs.prefer(right, left))

    def tie(self) -> None:
        self._answer(lambda pairs, left, right: pairs.prefer(left, right, tie=True))

    def skip(self) -> None:
        self._answer(lambda pairs, left, right: pairs.skip(left, right))
        self.refresh()

    def toggle_zoom(self) -> None:
        """Both to 1:1 at the cursor, or both fitted."""
        under = self.second if self.second.canvas.underMouse() else self.first
        under.canvas.toggle_zoom()

    def leave(self) -> None:
        self._pairs = self._asked = None
        for side in (self.first, self.second):
            side.show_photo(None)
        self._pictures.want([])

    def _answer(self, give: Callable[[Pairs, PhotoId, PhotoId], None]) -> None:
        left, right = self.pair
        if self._pairs is not None and left is not None and right is not None:
            give(self._pairs, left, right)

    def _keep(self) -> None:
        if self.focus_id is not None:
            self.kept.emit(self.focus_id)

    def _show(self, asked: Asked) -> None:
        ended = asked.left is None or asked.right is None
        self.second.setVisible(not ended)
        self._panes.setColumnStretch(1, 0 if ended else 1)
        for button in self.answers:
            button.setVisible(not ended)
        self.keep.setVisible(ended)
        self.done.setVisible(ended)
        self.first.role.setText("Best" if ended else "Left")
        shown = (
            [(self.first, asked.best)] if ended else [(self.first, asked.left), (self.second, asked.right)]
        )
        for side, photo_id in shown:
            side.show_photo(photo_id)
            if photo_id is not None:
                detail = self._detail(photo_id)
                side.name.setText(detail.photo.name)
                side.name.setToolTip(str(detail.photo.path))
        name = self._detail(asked.best).photo.name
        self.question.setText(outcome(asked, name) if ended else "Which is better?")
        self.note.setText("" if ended else progress(asked))
        self.note.setVisible(not ended)
        wanted = [photo_id for _, photo_id in shown if photo_id is not None]
        others = [] if self._pairs is None else [id_ for id_ in self._pairs.ids if id_ not in wanted]
        self._pictures.want(wanted, others[:4])


def outcome(asked: Asked, name: str) -> str:
    """Why asking stopped, and what came out of it."""
    p = probability(asked.p_best)
    if asked.is_sure:
        return f"Sure enough: {name} is the best, P = {p}."
    return f"More answers would tell little: {name} is the likeliest best, P = {p}."


def progress(asked: Asked) -> str:
    """'About 4 questions left: the best is known with P = .61, sure enough is .90.' Names would sway."""
    left = "About 1 question" if asked.left_over == 1 else f"About {asked.left_over} questions"
    known, enough = probability(asked.p_best), probability(SURE_ENOUGH)
    return f"{left} left: the best is known with P = {known}, sure enough is {enough}."


def _button(text: str, tip: str, do: Callable[[], object], parent: QWidget) -> QPushButton:
    button = QPushButton(text, parent)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.clicked.connect(lambda: do())
    return button
