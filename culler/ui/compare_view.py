"""Two photos side by side, zoomed and panned as one: the champion stays, candidates pass by.

Says in a sentence which is better by the stored levels, with what is a tie named apart.
"""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId
from culler.ui import theme
from culler.ui.canvas import PhotoCanvas
from culler.ui.labels import DimLabel, ElidedLabel
from culler.ui.level_bars import LevelStrip
from culler.ui.look import FIT, Look
from culler.ui.marks_bar import MarksBar
from culler.ui.pictures import Picture, Pictures


class Side(QWidget):
    """One of the two: role, name, picture, level strip, marks.

    Signals: activated() on a press; looked(Look); flagged(Flag), starred(int), labelled(ColorLabel).
    """

    activated = Signal()
    looked = Signal(object)
    flagged = Signal(object)
    starred = Signal(int)
    labelled = Signal(object)

    def __init__(self, role: str, pictures: Pictures, parent: QWidget) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self.photo_id: PhotoId | None = None
        self._active = False
        line = theme.unit(self.fontMetrics())
        self.role = DimLabel(role, self)
        self.name = ElidedLabel(self)
        self.name.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.strip = LevelStrip(self)
        self.canvas = PhotoCanvas(self, scaler=pictures.scaler)
        self.marks = MarksBar(self)
        head = QHBoxLayout()
        head.setContentsMargins(line // 2, line // 3, line // 2, line // 3)
        head.addWidget(self.role)
        head.addSpacing(line // 2)
        head.addWidget(self.name, 1)
        head.addWidget(self.strip)
        foot = QHBoxLayout()
        foot.setContentsMargins(line // 2, line // 3, line // 2, line // 3)
        foot.addStretch(1)
        foot.addWidget(self.marks)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(3, 3, 3, 3)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.canvas, 1)
        column.addLayout(foot)
        self.strip.setMinimumWidth(line * 5)
        self.strip.setMaximumWidth(line * 8)
        self.canvas.pressed.connect(self.activated)
        self.canvas.looked.connect(self.looked)
        self.canvas.full_wanted.connect(self._want_full)
        for mine, bars in (
            (self.flagged, self.marks.flagged),
            (self.starred, self.marks.starred),
            (self.labelled, self.marks.labelled),
        ):
            bars.connect(self.activated)
            bars.connect(mine)
        pictures.preview_ready.connect(self._on_preview)
        pictures.full_ready.connect(self._on_full)
        pictures.failed.connect(self._on_failed)
        pictures.full_failed.connect(self._on_full_failed)

    def show_photo(self, photo_id: PhotoId | None) -> None:
        if photo_id != self.photo_id:
            self.photo_id = photo_id
            self.canvas.clear()

    def set_detail(self, detail: Any, levels: Any) -> None:
        self.name.setText(detail.photo.name)
        self.name.setToolTip(str(detail.photo.path))
        self.marks.set_decision(detail.decision)
        self.strip.set_levels(levels)
        self.canvas.set_caption(detail.damaged)

    def set_active(self, active: bool) -> None:
        if active != self._active:
            self._active = active
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._active:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.cell_colors(self.palette()).ring, 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def _want_full(self) -> None:
        if self.photo_id is not None and self.isVisible():
            self._pictures.want_full(self.photo_id)

    def _on_preview(self, photo_id: PhotoId, picture: Picture) -> None:
        if photo_id == self.photo_id and self.isVisible():
            self.canvas.set_preview(picture.image, picture.full_size, photo_id)

    def _on_full(self, photo_id: PhotoId, picture: Picture) -> None:
        if photo_id == self.photo_id and self.isVisible():
            self.canvas.set_full(picture.image, photo_id)

    def _on_failed(self, photo_id: PhotoId, sentence: str) -> None:
        if photo_id == self.photo_id and self.isVisible() and not self.canvas.has_preview_of(photo_id):
            self.canvas.clear(sentence)

    def _on_full_failed(self, photo_id: PhotoId, sentence: str) -> None:
        if photo_id == self.photo_id and self.isVisible():
            self.canvas.refuse_full(sentence)


class CompareView(QWidget):
    """`compare(a, b)` answers a Comparison or raises CullerError; `neighbour(id, step)` the photo next
    to one in the grid's order; `detail(id)` and `levels(id)` what is known of it.

    Signals: active_changed(photo id) when keys act on another photo; flagged(Flag), starred(int),
    labelled(ColorLabel) for the active side.
    """

    active_changed = Signal(object)
    flagged = Signal(object)
    starred = Signal(int)
    labelled = Signal(object)

    def __init__(
        self,
        pictures: Pictures,
        compare: Callable[[PhotoId, PhotoId], Any],
        neighbour: Callable[[PhotoId | None, int], PhotoId | None],
        detail: Callable[[PhotoId], Any],
        levels: Callable[[PhotoId], Any],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._compare = compare
        self._neighbour = neighbour
        self._detail = detail
        self._levels = levels
        self.champion = Side("Champion", pictures, self)
        self.candidate = Side("Candidate", pictures, self)
        self._active = self.candidate
        self.verdict = QLabel(self)
        self.verdict.setWordWrap(True)
        self.verdict.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.note = DimLabel("", self)
        self.note.setWordWrap(True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        previous = _button("‹ Previous", "Previous candidate (←)", self)
        following = _button("Next ›", "Next candidate (→)", self)
        swap = _button("Swap", "Swap the two (↓)", self)
        promote = _button("Make Champion", "The candidate becomes the champion (↑)", self)
        line = theme.unit(self.fontMetrics())
        panes = QGridLayout()
        panes.setContentsMargins(line // 3, line // 3, line // 3, 0)
        panes.setSpacing(line // 4)
        panes.addWidget(self.champion, 0, 0)
        panes.addWidget(self.candidate, 0, 1)
        panes.setColumnStretch(0, 1)
        panes.setColumnStretch(1, 1)
        words = QVBoxLayout()
        words.setSpacing(line // 6)
        words.addWidget(self.verdict)
        words.addWidget(self.note)
        foot = QHBoxLayout()
        foot.setContentsMargins(line, line // 3, line, line // 2)
        foot.addWidget(swap)
        foot.addWidget(promote)
        foot.addSpacing(line)
        foot.addLayout(words, 1)
        foot.addSpacing(line)
        foot.addWidget(previous)
        foot.addWidget(following)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(panes, 1)
        column.addLayout(foot)
        for side, other in ((self.champion, self.candidate), (self.candidate, self.champion)):
            side.activated.connect(lambda side=side: self._activate(side))
            side.looked.connect(lambda look, other=other: other.canvas.set_look(look))
            side.flagged.connect(self.flagged)
            side.starred.connect(self.starred)
            side.labelled.connect(self.labelled)
        swap.clicked.connect(self.swap)
        promote.clicked.connect(self.promote)
        previous.clicked.connect(lambda: self.go(-1))
        following.clicked.connect(lambda: self.go(1))

    @property
    def active_id(self) -> PhotoId | None:
        return self._active.photo_id

    @property
    def ids(self) -> tuple[PhotoId | None, PhotoId | None]:
        return self.champion.photo_id, self.candidate.photo_id

    def show_pair(self, champion: PhotoId | None, candidate: PhotoId | None) -> None:
        """Put these two side by side; the candidate is the one that keys mark."""
        self.champion.show_photo(champion)
        self.candidate.show_photo(candidate)
        self.refresh()
        self._read()
        self._activate(self.candidate if candidate is not None else self.champion)

    def go(self, by: int) -> None:
        """The next candidate in the grid's order, passing over the champion."""
        following = self._neighbour(self.candidate.photo_id, by)
        if following is not None and following == self.champion.photo_id:
            following = self._neighbour(following, by)
        if following is not None:
            self.show_pair(self.champion.photo_id, following)

    def swap(self) -> None:
        """Champion and candidate change places."""
        self.show_pair(self.candidate.photo_id, self.champion.photo_id)

    def promote(self) -> None:
        """The candidate becomes the champion and the next photo its candidate."""
        champion = self.candidate.photo_id
        following = self._neighbour(champion, 1)
        if following is not None and following == self.champion.photo_id:
            following = self._neighbour(following, 1)
        self.show_pair(champion, self.champion.photo_id if following is None else following)

    def change_side(self) -> None:
        """Keys act on the other photo."""
        self._activate(self.champion if self._active is self.candidate else self.candidate)

    def toggle_zoom(self) -> None:
        """Both to 1:1 at the cursor, or both fitted."""
        under = self.champion if self.champion.canvas.underMouse() else self.candidate
        under.canvas.toggle_zoom()

    def refresh(self) -> None:
        """Read names, marks and scores of the two again."""
        for side in (self.champion, self.candidate):
            if side.photo_id is not None:
                side.set_detail(self._detail(side.photo_id), self._levels(side.photo_id))
        champion, candidate = self.ids
        if champion is None or candidate is None:
            self.verdict.setText("Select two photos to compare them.")
            self.note.setText("")
            return
        try:
            sentence, note = verdict_of(self._compare(champion, candidate))
        except CullerError as error:
            sentence, note = str(error), ""
        self.verdict.setText(sentence)
        self.note.setText(note)
        self.note.setVisible(bool(note))

    def leave(self) -> None:
        self.champion.show_photo(None)
        self.candidate.show_photo(None)
        self._pictures.want([])

    def reset_zoom(self) -> None:
        for side in (self.champion, self.candidate):
            side.canvas.set_look(FIT)

    def set_look(self, look: Look) -> None:
        for side in (self.champion, self.candidate):
            side.canvas.set_look(look)

    def _read(self) -> None:
        shown = [id_ for id_ in self.ids if id_ is not None]
        ahead = [self._neighbour(self.candidate.photo_id, step) for step in (1, -1)]
        self._pictures.want(shown, [id_ for id_ in ahead if id_ is not None and id_ not in shown])

    def _activate(self, side: Side) -> None:
        self._active = side
        self.champion.set_active(side is self.champion)
        self.candidate.set_active(side is self.candidate)
        if side.photo_id is not None:
            self.active_changed.emit(side.photo_id)


def verdict_of(comparison: Any) -> tuple[str, str]:
    """(the answer as a sentence, where it comes from)."""
    p, tie = float(comparison.p_a_better), float(comparison.tie)
    left, right, neither = whole_percents(p - tie / 2, 1 - p - tie / 2, tie)
    sentence = f"Left better: {left} %, right better: {right} %, no visible difference: {neither} %"
    sure = max(p, 1 - p)
    if tie >= 0.5 or sure < 0.55:
        sentence = f"Too close to call. {sentence}"
    elif p > 0.5:
        sentence = f"The champion looks {'better' if p > 0.7 else 'slightly better'}. {sentence}"
    else:
        sentence = f"The candidate looks {'better' if p < 0.3 else 'slightly better'}. {sentence}"
    note = f"{comparison.aspect}, {comparison.scorer.name}"
    if comparison.calibrated:
        note += ", calibrated on your answers"
    else:
        note += ", uncalibrated: a judge's certainty, not a measured probability"
    return sentence, note


def _button(text: str, tip: str, parent: QWidget) -> QPushButton:
    button = QPushButton(text, parent)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button


def whole_percents(*parts: float) -> list[int]:
    """Parts of one as whole percentages that add up to 100: the largest remainders are rounded up."""
    exact = [100 * part for part in parts]
    whole = [int(value) for value in exact]
    by_remainder = sorted(range(len(parts)), key=lambda at: whole[at] - exact[at])
    for at in by_remainder[: 100 - sum(whole)]:
        whole[at] += 1
    return whole
