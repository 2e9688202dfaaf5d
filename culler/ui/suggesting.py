"""Suggestions of a session: computed in a job, shown as ghosts and in three queues, accepted by a key.

A suggestion is never a mark until it is accepted; a photo that has a flag needs none.
"""

from collections.abc import Generator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from culler.domain.changes import Changed, Changes, Progress
from culler.domain.photo import PhotoId
from culler.ranking.bursts import Knobs
from culler.ranking.columns import FLAG_CODES
from culler.ranking.suggest import Suggestion, SuggestionKind, Suggestions
from culler.ui.session import Session
from culler.ui.stacks import Stacks
from culler.ui.worker import Task


class Suggesting(QObject):
    """Signals: changed() when suggestions came, were decided on or dismissed, or another queue is shown;
    said(sentence)."""

    changed = Signal()
    said = Signal(str)

    def __init__(self, session: Session, stacks: Stacks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._stacks = stacks
        self._all: dict[PhotoId, Suggestion] = {}
        self._open: dict[SuggestionKind, list[Suggestion]] | None = None
        self.report: Suggestions | None = None
        self._judge: object = None
        self.queue: SuggestionKind | None = None
        session.folders_opened.connect(lambda _: self._forget())
        session.loaded.connect(self._on_loaded)
        session.changed.connect(self._on_changed)

    # Questions

    @property
    def is_calibrated(self) -> bool:
        return self.report is not None and self.report.is_calibrated

    def of(self, photo_id: PhotoId | None) -> Suggestion | None:
        """What is suggested for a photo without a flag."""
        if photo_id is None or photo_id not in self._all:
            return None
        row = self._session.row_of(photo_id)
        return None if row is None or self._session.columns.flag[row] else self._all[photo_id]

    def open(self, kind: SuggestionKind | None = None) -> list[Suggestion]:
        """Suggestions (of a kind) for photos that still have no flag."""
        if self._open is None:
            self._open = {each: [] for each in SuggestionKind}
            rows = self._rows()
            undecided = (rows >= 0) & (self._session.columns.flag[rows] == 0) if len(rows) else rows
            for each, is_open in zip(self._all.values(), undecided.tolist(), strict=True):
                if is_open:
                    self._open[each.kind].append(each)
        return (
            self._open[kind] if kind is not None else [each for some in self._open.values() for each in some]
        )

    @property
    def is_open(self) -> bool:
        """Whether any suggestion waits to be decided on."""
        return any(self.open(kind) for kind in SuggestionKind)

    @property
    def in_queue(self) -> int:
        """How many suggestions of the queue that is shown could be accepted together."""
        return len(self.open(self.queue)) if self.queue in (SuggestionKind.KEEP, SuggestionKind.REJECT) else 0

    def ghosts(self) -> NDArray[np.int8] | None:
        """Suggested flags as FLAG_CODES, aligned with the columns; None without suggestions."""
        if not self._all:
            return None
        from culler.workflow.suggestions import FLAGS

        codes = np.zeros(len(self._session.columns), np.int8)
        for each, row in zip(self._all.values(), self._rows().tolist(), strict=True):
            if row >= 0 and each.kind in FLAGS:
                codes[row] = FLAG_CODES[FLAGS[each.kind]]
        return codes

    # What keys do

    def suggest(self) -> None:
        """Have suggestions computed for all photos without a flag."""
        self._session.jobs.add(
            Task(
                "Looking for suggestions",
                partial(_suggested, self._session.workspace, self._session.folders, self._stacks.knobs),
                then=self._on_suggested,
            ),
            urgent=True,
        )

    def accept(self, photo_ids: Sequence[PhotoId]) -> None:
        """Make marks of what is suggested for these photos."""
        wanted = [each for each in map(self.of, photo_ids) if each is not None]
        decided = [each for each in wanted if each.kind is not SuggestionKind.YOU_DECIDE]
        if not decided:
            self.said.emit(
                "Culler suggests neither here: you decide." if wanted else "Nothing is suggested here."
            )
            return
        self._accept(decided)

    def accept_queue(self) -> None:
        """Make marks of the whole queue that is shown, as one undo step."""
        if self.queue in (SuggestionKind.KEEP, SuggestionKind.REJECT):
            shown = set(self._session.shown_ids())
            self._accept([each for each in self.open(self.queue) if each.photo_id in shown])

    def dismiss(self, photo_ids: Sequence[PhotoId]) -> None:
        """Suggest nothing for these photos any more."""
        for photo_id in photo_ids:
            self._all.pop(photo_id, None)
        self._show()

    def dismiss_all(self) -> None:
        """No suggestions any more; the marks stay."""
        self._forget()
        self._session.show_only(None)

    def set_queue(self, kind: SuggestionKind | None) -> None:
        """Show only the photos of this queue; None shows all again."""
        self.queue = kind
        self._show()

    # Inside

    def _rows(self) -> NDArray[np.intp]:
        """The columns' rows of all suggestions, −1 where a photo is gone."""
        return self._session.collection.rows_of(list(self._all))

    def _accept(self, decided: Sequence[Suggestion]) -> None:
        from culler.workflow import suggestions

        if self._session.edits.perform(partial(suggestions.accept, self._session.workspace, decided)):
            keeps = sum(each.kind is SuggestionKind.KEEP for each in decided)
            parts = [f"{keeps:,} picked"] * bool(keeps)
            parts += [f"{len(decided) - keeps:,} rejected"] * (len(decided) > keeps)
            if len(decided) > 1:
                self.said.emit(f"Accepted {len(decided):,} suggestions: {', '.join(parts)}.")

    def _on_suggested(self, result: object) -> None:
        if not isinstance(result, Suggestions):
            return
        self.report = result
        self._judge = self._session.scorer
        self._all = {each.photo_id: each for each in result.each}
        counts = {kind: sum(each.kind is kind for each in result.each) for kind in SuggestionKind}
        rejects = counts[SuggestionKind.REJECT]
        candidates = "1 reject candidate" if rejects == 1 else f"{rejects:,} reject candidates"
        self.said.emit(
            f"{counts[SuggestionKind.KEEP]:,} to keep, {candidates}, "
            f"{counts[SuggestionKind.YOU_DECIDE]:,} for you to decide. Nothing is marked yet."
            if result.each
            else "Every photo has a flag: there is nothing left to suggest."
        )
        self._show()

    def _on_changed(self, changes: Changes) -> None:
        if self._all and Changed.MARKS in changes.facets:
            self._show()

    def _on_loaded(self) -> None:
        self._open = None
        if self._all and self._session.scorer != self._judge:
            self.dismiss_all()  # another judge would suggest otherwise

    def _show(self) -> None:
        self._open = None
        if self.queue is not None:
            left = frozenset(each.photo_id for each in self.open(self.queue))
            if not left:
                self.queue = None
            self._session.show_only(left or None)
        else:
            self._session.show_only(None)
        self.changed.emit()

    def _forget(self) -> None:
        self._all = {}
        self._open = None
        self.report = None
        self.queue = None
        self.changed.emit()


def _suggested(workspace: Any, folders: Any, knobs: Knobs) -> Generator[Progress, None, Suggestions]:
    from culler.workflow.groups import grouped
    from culler.workflow.suggestions import suggest

    yield Progress(0, None)
    return suggest(workspace, folders, found=grouped(workspace, folders, knobs))
