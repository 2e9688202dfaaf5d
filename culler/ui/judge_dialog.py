"""Choosing the judge: every judge there is, with its licence, its size, and where it would run."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from culler.domain.errors import CullerError
from culler.ui import theme
from culler.ui.labels import DimLabel, roomy
from culler.ui.latest import Latest

_WHERE = 3


class JudgeDialog(QDialog):
    """`choices()` lists culler.workflow.scorers.ScorerChoice; `runs_on(choice)` says where one would run,
    slowly, or raises CullerError; `add(folder)` remembers a checkpoint, slowly, or raises CullerError.

    Signals: chosen(what a ScoreRequest calls the judge); learning_wanted() and shipped_wanted() when the
    embedded judge is to learn from a bigger one, or to be as it was shipped.
    """

    chosen = Signal(str)
    learning_wanted = Signal()
    shipped_wanted = Signal()

    def __init__(
        self,
        choices: Callable[[], Sequence[Any]],
        runs_on: Callable[[Any], str],
        add: Callable[[Path], Any],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Judge")
        self._choices = choices
        self._runs_on = runs_on
        self._add = add
        self._shown: list[Any] = []
        self._where: dict[str, str] = {}
        line = theme.unit(self.fontMetrics())
        self.note = DimLabel(
            "A judge says how likely each of five levels is. What another judge said before stays stored and"
            " is shown again when that judge is current.",
            self,
        )
        self.note.setWordWrap(True)
        self.list = QTreeWidget(self)
        self.list.setColumnCount(4)
        self.list.setHeaderLabels(["Judge", "Size", "Licence", "Would run on"])
        self.list.setRootIsDecorated(False)
        self.list.setWordWrap(True)
        self.list.header().setStretchLastSection(True)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        for at, width in enumerate((20, 8, 18)):
            self.list.setColumnWidth(at, line * width)
        roomy(self.list)
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.add_button = QPushButton("Add a Checkpoint…", self)
        self.add_button.setToolTip("The folder with a model's config.json and weights")
        self.add_button.setAutoDefault(False)
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self.use = box.addButton("Use This Judge", QDialogButtonBox.ButtonRole.AcceptRole)
        self.use.setToolTip("Its scores are shown; what it has not scored yet is scored now")
        for button in box.buttons():
            button.setIcon(QIcon())
        self.offer = QLabel(self)
        self.offer.setWordWrap(True)
        self.learn_button = QPushButton("Learn Now", self)
        self.shipped_button = QPushButton("Use the Shipped Head", self)
        self.shipped_button.setToolTip("Forget what the embedded judge learnt here")
        offered = QHBoxLayout()
        offered.addWidget(self.offer, 1)
        for button, wanted in (
            (self.learn_button, self.learning_wanted),
            (self.shipped_button, self.shipped_wanted),
        ):
            button.setAutoDefault(False)
            button.clicked.connect(self.accept)
            button.clicked.connect(wanted)
            offered.addWidget(button)
        foot = QHBoxLayout()
        foot.addWidget(self.add_button)
        foot.addStretch(1)
        foot.addWidget(box)
        column = QVBoxLayout(self)
        column.setContentsMargins(line, line, line, line)
        column.setSpacing(line * 2 // 3)
        column.addWidget(self.note)
        column.addWidget(self.list, 1)
        column.addWidget(self.words)
        column.addLayout(offered)
        column.addLayout(foot)
        self.offer_learning("", False)
        self._asking = Latest("Asking where judges run", self)
        self._asking.found.connect(self._on_where)
        self._adding = Latest("Reading the checkpoint", self)
        self._adding.found.connect(self._on_added)
        self._adding.failed.connect(self._on_refused)
        self.list.currentItemChanged.connect(lambda *_: self._refresh())
        self.list.itemActivated.connect(lambda *_: self._use())
        self.add_button.clicked.connect(self._choose_folder)
        self.use.clicked.connect(self._use)
        box.rejected.connect(self.reject)
        self.finished.connect(lambda _: self._close_threads())
        room = self.screen().availableSize()
        self.resize(min(line * 62, room.width() * 9 // 10), min(line * 20, room.height() * 9 // 10))
        self.fill()

    def fill(self, select: object = None) -> None:
        """List the judges; the current one is selected unless told another (a source)."""
        self._shown = list(self._choices())
        self.list.clear()
        for choice in self._shown:
            item = QTreeWidgetItem([_name(choice), choice.size, choice.licence, self._where_of(choice)])
            if choice.checkpoint is not None:
                item.setToolTip(0, str(choice.checkpoint))
            item.setToolTip(2, choice.licence)
            if choice.current:
                font = QFont(item.font(0))
                font.setWeight(QFont.Weight.DemiBold)
                item.setFont(0, font)
            for at in range(4):
                item.setTextAlignment(at, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            self.list.addTopLevelItem(item)
            wanted = choice.source == select if select is not None else choice.current
            if wanted:
                self.list.setCurrentItem(item)
        unknown = [choice for choice in self._shown if choice.source and choice.source not in self._where]
        if unknown:
            self._asking.ask(partial(_ask, self._runs_on, unknown))
        self._refresh()

    def offer_learning(self, sentence: str, has_learnt: bool) -> None:
        """Say what the embedded judge could learn, if anything, and whether it can go back."""
        self.offer.setText(sentence or ("The embedded judge goes by what it learnt here." * has_learnt))
        self.offer.setVisible(bool(self.offer.text()))
        self.learn_button.setVisible(bool(sentence))
        self.shipped_button.setVisible(has_learnt)

    def add_checkpoint(self, folder: Path) -> None:
        """Have a folder looked into and listed."""
        self.words.setText(f"Looking into {folder} …")
        self.add_button.setEnabled(False)
        self._adding.ask(partial(self._add, folder))

    def _where_of(self, choice: Any) -> str:
        if choice.source is None:
            return "needs its checkpoint"
        return self._where.get(choice.source, "…")

    def _selected(self) -> Any | None:
        item: QTreeWidgetItem | None = self.list.currentItem()
        return None if item is None else self._shown[self.list.indexOfTopLevelItem(item)]

    def _refresh(self) -> None:
        choice = self._selected()
        self.use.setEnabled(choice is not None and choice.source is not None)
        if choice is None:
            return
        if choice.source is None:
            words = (
                f"{choice.title} is not part of Culler: its checkpoint is {choice.size}. Add the folder that"
                " holds its config.json."
            )
        elif choice.current:
            words = f"{choice.title} is the judge now. Using it scores what it has not scored yet."
        else:
            words = f"{choice.title} becomes the judge and scores what it has not scored yet."
        words += f"\nLicence: {choice.licence}." if choice.licence else ""
        if choice.checkpoint is not None:
            words += f"\n{choice.checkpoint}"
        self.words.setText(words)

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "The folder of a checkpoint")
        if folder:
            self.add_checkpoint(Path(folder))

    def _on_added(self, choice: Any) -> None:
        self.add_button.setEnabled(True)
        self.fill(choice.source)

    def _on_refused(self, sentence: str) -> None:
        self.add_button.setEnabled(True)
        self.words.setText(sentence)

    def _on_where(self, found: dict[str, str]) -> None:
        self._where |= found
        for choice, row in zip(self._shown, range(self.list.topLevelItemCount()), strict=True):
            item = self.list.topLevelItem(row)
            if item is not None:
                item.setText(_WHERE, self._where_of(choice))
                item.setToolTip(_WHERE, item.text(_WHERE))

    def _use(self) -> None:
        choice = self._selected()
        if choice is not None and choice.source is not None:
            self.accept()
            self.chosen.emit(choice.source)

    def _close_threads(self) -> None:
        self._asking.close()
        self._adding.close()


def _name(choice: Any) -> str:
    place = "" if choice.checkpoint is None else f", {choice.checkpoint.name}"
    return f"{choice.title}{place}" + (" (now)" if choice.current else "")


def _ask(runs_on: Callable[[Any], str], choices: Sequence[Any]) -> dict[str, str]:
    """Where each would run, or why it cannot."""
    found = {}
    for choice in choices:
        try:
            found[choice.source] = runs_on(choice)
        except CullerError as error:
            found[choice.source] = str(error)
    return found
