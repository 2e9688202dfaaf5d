"""The first part of the export dialog: which photos."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from culler.domain.decision import ColorLabel
from culler.domain.levels import Level
from culler.ranking.order import SortKey
from culler.ui.export_choice import QUEUES, Choice, Chosen, Ids, What
from culler.ui.export_rows import Rows, combo, say, select

_STARS = [("★" * stars + (" or more" if stars < 5 else ""), stars) for stars in range(1, 6)]
_LABELS = [(label.value.capitalize(), label) for label in ColorLabel if label is not ColorLabel.NONE]
_LEVELS = [
    (level.word.capitalize() + (" or better" if level is not Level.EXCELLENT else ""), level)
    for level in Level
    if level is not Level.BAD
]
_BEST_BY = [(f"by {key.value}", key) for key in (SortKey.OVERALL, SortKey.QUALITY, SortKey.AESTHETICS)]


class ExportPhotosPanel(QWidget):
    """Signals: changed()."""

    changed = Signal()

    def __init__(self, chosen: Chosen, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chosen = chosen
        rows = Rows("Photos", self)
        self.what = combo(self, [(self._title(what), what) for what in self._offered()], "Which photos")
        self.stars = combo(self, _STARS, "Least stars")
        self.label = combo(self, _LABELS, "Colour label")
        self.level = combo(self, _LEVELS, "Least level of quality")
        self.count = QSpinBox(self)
        self.count.setRange(1, 1_000_000)
        self.count.setAccessibleName("How many of the best")
        self.by = combo(self, _BEST_BY, "Best by")
        self.what.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.what.setMinimumContentsLength(24)
        rows.add("Which", self.what, stretch=True)
        rows.add("", self.stars, self.label, self.level, self.count, self.by)
        self.note = rows.add_note()
        for box in (self.what, self.stars, self.label, self.level, self.by):
            box.currentIndexChanged.connect(self._on_change)
        self.count.valueChanged.connect(self._on_change)
        self._disable_empty()
        self.set_choice(Choice())

    def choice(self) -> Choice:
        """What is chosen now."""
        return Choice(
            What(self.what.currentData()),
            self.stars.currentData(),
            ColorLabel(self.label.currentData()),
            Level(self.level.currentData()),
            self.count.value(),
            SortKey(self.by.currentData()),
        )

    def set_choice(self, choice: Choice) -> None:
        """Show this choice; where it is empty here, the first that is not."""
        for box, value in (
            (self.stars, choice.stars),
            (self.label, choice.label),
            (self.level, choice.level),
            (self.by, choice.by),
        ):
            select(box, value)
        self.count.setValue(choice.count)
        if not (select(self.what, choice.what) and self.ids() != ()):
            first = next((what for what in self._offered() if self._fixed(what)), What.ALL)
            select(self.what, first)
        self._on_change()

    def ids(self) -> Ids | None:
        """The photos; None where suggestions must be found first."""
        return self._chosen.ids(self.choice())

    def say(self, text: str) -> None:
        """How many and how large they are."""
        say(self.note, text)

    def _offered(self) -> list[What]:
        offered = [What.PICKS, What.SELECTED, What.SHOWN]
        if self._chosen.is_folded:
            offered.append(What.UNFOLDED)
        if self._chosen.is_filtered:
            offered.append(What.ALL)
        return [*offered, What.STARS, What.LABEL, What.LEVEL, What.BEST, *QUEUES]

    def _title(self, what: What) -> str:
        shown = "What the filter shows" if self._chosen.is_filtered else "All photos"
        words = {
            What.PICKS: "Picks",
            What.SELECTED: "Selected photos",
            What.SHOWN: f"{shown}, one of each closed stack" if self._chosen.is_folded else shown,
            What.UNFOLDED: f"{shown}, with all of each stack" if self._chosen.is_filtered else "All photos",
            What.ALL: "All photos, whatever the filter",
            What.STARS: "Stars",
            What.LABEL: "Colour label",
            What.LEVEL: "Level of quality",
            What.BEST: "The best",
            What.KEEP: "Suggested: clear keeps",
            What.REJECT: "Suggested: reject candidates",
            What.YOU_DECIDE: "Suggested: you decide",
        }
        ids = self._fixed(what)
        return words[what] if ids is None else f"{words[what]} ({len(ids):,})"

    def _fixed(self, what: What) -> Ids | None:
        """The photos of a choice that needs no second word; None of others."""
        if what in (What.STARS, What.LABEL, What.LEVEL, What.BEST):
            return None
        return self._chosen.ids(Choice(what))

    def _disable_empty(self) -> None:
        model = self.what.model()
        assert isinstance(model, QStandardItemModel)
        for row, what in enumerate(self._offered()):
            model.item(row).setEnabled(self._fixed(what) != ())

    def _on_change(self) -> None:
        what = What(self.what.currentData())
        self.stars.setVisible(what is What.STARS)
        self.label.setVisible(what is What.LABEL)
        self.level.setVisible(what is What.LEVEL)
        self.count.setVisible(what is What.BEST)
        self.by.setVisible(what is What.BEST)
        self.changed.emit()
