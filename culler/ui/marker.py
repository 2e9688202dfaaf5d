"""From a key or a click to a mark: on which photos it lands, what is said, and whether to go on."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from culler.domain.decision import ColorLabel, Flag
from culler.domain.photo import PhotoId
from culler.ui.session import Session


class Marker(QObject):
    """`targets()` are the photos a mark lands on now, `goes_on()` says whether the next photo becomes
    current after one was marked.

    Signals: said(sentence) where a mark went to several photos.
    """

    said = Signal(str)

    def __init__(
        self,
        session: Session,
        targets: Callable[[], Sequence[PhotoId]],
        goes_on: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._targets = targets
        self._goes_on = goes_on

    def flag(self, flag: Flag) -> None:
        targets = self._targets()
        self._session.edits.set_flag(targets, flag)
        words = {Flag.PICK: "Picked", Flag.REJECT: "Rejected", Flag.NONE: "No flag on"}
        self._marked(targets, words[flag])

    def toggle_flag(self) -> None:
        """Pick, or clear the flags where the first photo has one."""
        targets = self._targets()
        row = self._session.row_of(targets[0]) if targets else None
        if row is not None:
            self.flag(Flag.NONE if self._session.columns.flag[row] else Flag.PICK)

    def stars(self, stars: int) -> None:
        targets = self._targets()
        self._session.edits.set_stars(targets, stars)
        self._marked(targets, f"{'★' * stars} for" if stars else "No stars for")

    def change_stars(self, by: int) -> None:
        """One star more or less."""
        targets = self._targets()
        self._session.edits.change_stars(targets, by)
        self._marked(targets, "One star more for" if by > 0 else "One star less for")

    def label(self, label: ColorLabel) -> None:
        targets = self._targets()
        self._session.edits.set_label(targets, label)
        name = "No" if label is ColorLabel.NONE else label.value.capitalize()
        self._marked(targets, f"{name} label on")

    def _marked(self, targets: Sequence[PhotoId], words: str) -> None:
        if len(targets) > 1:
            self.said.emit(f"{words} {len(targets):,} photos.")
        # Under a filter the next photo is current already: it took the marked one's place.
        if len(targets) == 1 and self._goes_on() and self._session.current == targets[0]:
            self._session.step(1)
