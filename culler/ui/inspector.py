"""The panel at the right: what the judge says of the current photo and why to trust it or not, its
marks, how it was taken, its files, and what went wrong with it."""

from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from culler.domain.assessment import Aspect
from culler.domain.levels import LevelDistribution
from culler.ranking import judgement
from culler.ui import theme
from culler.ui.facts import drive_line, exposure_line, pixels_line, reasons, signed, taken_line
from culler.ui.files_panel import FilesPanel, WrappedPath
from culler.ui.labels import DimLabel, heading
from culler.ui.level_bars import LevelBars, in_words
from culler.ui.marks_bar import MarksBar
from culler.ui.standing_panel import StandingPanel

ASPECTS = (Aspect.QUALITY, Aspect.AESTHETICS)
TASTE = "Your taste"


class _AspectPanel(QWidget):
    """One aspect: its words, mean and spread, five bars, and a hint when the judge is of two minds."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        line = theme.unit(self.fontMetrics())
        self.title = heading(title, self)
        self.words = QLabel(self)
        self.bars = LevelBars(self)
        self.bars.setAccessibleName(title)
        self.hint = DimLabel("", self)
        self.hint.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(line // 4)
        column.addWidget(self.title)
        column.addWidget(self.words)
        column.addWidget(self.bars)
        column.addWidget(self.hint)

    def show_levels(self, levels: LevelDistribution | None, possible: bool) -> None:
        self.bars.set_levels(levels)
        if levels is None:
            self.words.setText("Not scored yet" if possible else "Cannot be scored")
            self.hint.hide()
            return
        self.words.setText(f"{in_words(levels).capitalize()}  ·  {levels.mean:.2f} ± {levels.spread:.2f}")
        confused = bool(judgement.confused(np.array([list(levels)], np.float64))[0])
        self.hint.setText("Of two minds: the two likeliest levels are not neighbours. Look for yourself.")
        self.hint.setVisible(confused)


class Inspector(QScrollArea):
    """Signals: flagged(Flag), starred(int), labelled(ColorLabel)."""

    flagged = Signal(object)
    starred = Signal(int)
    labelled = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        line = theme.unit(self.fontMetrics())
        self._line = line
        inner = QWidget(self)
        self.setWidget(inner)
        column = QVBoxLayout(inner)
        column.setContentsMargins(line, line, line, line)
        column.setSpacing(line * 3 // 4)

        self.name = WrappedPath(inner)
        font = QFont(self.name.font())
        font.setWeight(QFont.Weight.DemiBold)
        self.name.setFont(font)
        self.marks = MarksBar(inner)
        self.standing = StandingPanel(inner)
        self.aspects = {aspect: _AspectPanel(aspect.value.capitalize(), inner) for aspect in ASPECTS}
        self.taste = _AspectPanel(TASTE, inner)
        self.scorer = DimLabel("", inner)
        self.scorer.setWordWrap(True)
        self.failures = WrappedPath(inner)
        self.failures.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.facts_title = heading("Photo", inner)
        self.facts = QFormLayout()
        self.facts.setContentsMargins(0, 0, 0, 0)
        self.facts.setHorizontalSpacing(line // 2)
        self.facts.setVerticalSpacing(line // 4)
        self.facts.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        self.facts.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.files = FilesPanel(inner)
        self.empty = DimLabel("No photo is current.", inner)

        column.addWidget(self.empty)
        column.addWidget(self.name)
        column.addWidget(self.marks)
        column.addWidget(self.failures)
        column.addWidget(self.standing)
        for panel in self.aspects.values():
            column.addWidget(panel)
        column.addWidget(self.taste)
        column.addWidget(self.scorer)
        told = QVBoxLayout()
        told.setSpacing(line // 3)
        told.addWidget(self.facts_title)
        told.addLayout(self.facts)
        column.addLayout(told)
        column.addWidget(self.files)
        column.addStretch(1)
        self.marks.flagged.connect(self.flagged)
        self.marks.starred.connect(self.starred)
        self.marks.labelled.connect(self.labelled)
        self._inner = inner
        self.show_detail(None)

    def sizeHint(self) -> QSize:
        return QSize(self.minimumSizeHint().width() + self._line, self._line * 30)

    def minimumSizeHint(self) -> QSize:
        # As wide as the strip of marks, the one thing here that cannot wrap.
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(self.marks.sizeHint().width() + 2 * self._line + bar, self._line * 6)

    def show_detail(self, detail: Any | None) -> None:
        """A culler.workflow.rank.PhotoDetail, or None when no photo is current."""
        for widget in self._inner.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            widget.setVisible(detail is not None)
        self.empty.setVisible(detail is None)
        while self.facts.rowCount():
            self.facts.removeRow(0)
        self.standing.show_standing(None, None, True)
        self.show_taste(None)
        if detail is None:
            return
        photo = detail.photo
        self.name.set_text(photo.name)
        self.name.setToolTip(str(photo.path))
        self.marks.set_decision(detail.decision)
        judged = {} if detail.scorer is None else detail.assessments.get(detail.scorer, {})
        for aspect, panel in self.aspects.items():
            panel.show_levels(judged.get(aspect), possible=not detail.failures)
        self._show_scorer(detail, bool(judged))
        sentences = reasons(detail.failures)
        if detail.damaged and not detail.failures:
            sentences.append(detail.damaged)
        if photo.missing:
            sentences.insert(0, "The file is not where it was. Is its disk connected?")
        self.failures.set_text("\n\n".join(sentences))
        self.failures.setVisible(bool(sentences))
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, theme.problem_color(palette))
        self.failures.setPalette(palette)
        self._show_facts(photo, getattr(detail, "faces", ""))
        self.files.show_files(photo)

    def show_taste(self, levels: LevelDistribution | None) -> None:
        """What the user's learnt taste says of the photo, where it says anything."""
        self.taste.setVisible(levels is not None)
        if levels is not None:
            self.taste.show_levels(levels, possible=True)

    def _show_scorer(self, detail: Any, judged: bool) -> None:
        parts = []
        if judged and detail.scorer is not None:
            parts.append(f"Judged by “{detail.scorer.name}”: a suggestion, not a verdict.")
        if detail.notes:
            parts.append("Noted: " + ", ".join(detail.notes) + ".")
        self.scorer.setText(" ".join(parts))
        self.scorer.setVisible(bool(parts))
        if detail.scorer is not None:
            self.scorer.setToolTip(str(detail.scorer))

    def _show_facts(self, photo: Any, faces: str) -> None:
        facts = photo.facts
        rows = [
            ("When", taken_line(facts)),
            ("Camera", facts.camera or ""),
            ("Lens", facts.lens or ""),
            (
                "Exposure",
                exposure_line(facts)
                .replace("   ", " · ")
                .replace(" mm", "\u00a0mm")
                .replace("ISO ", "ISO\u00a0"),
            ),
            ("Bias", "" if not facts.exposure_bias_ev else f"{signed(facts.exposure_bias_ev)} EV"),
            ("Drive", drive_line(facts)),
            ("Pixels", pixels_line(facts)),
            ("Faces", faces),
            ("Place", _place(facts.latitude, facts.longitude)),
        ]
        for title, text in rows:
            if text:
                name, value = DimLabel(title, self._inner), QLabel(text)
                name.setAlignment(Qt.AlignmentFlag.AlignTop)
                value.setWordWrap(True)
                value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                value.setFocusPolicy(Qt.FocusPolicy.NoFocus)
                self.facts.addRow(name, value)
        self.facts_title.setVisible(any(text for _, text in rows))


def _place(latitude: float | None, longitude: float | None) -> str:
    if latitude is None or longitude is None:
        return ""
    north = "N" if latitude >= 0 else "S"
    east = "E" if longitude >= 0 else "W"
    return f"{abs(latitude):.4f}° {north}, {abs(longitude):.4f}° {east}"
