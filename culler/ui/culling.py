"""Stacks, questions about them, suggestions and judges in the window: ties their parts to its views."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from culler.domain.changes import Changed, Changes
from culler.domain.photo import PhotoId
from culler.ranking.bursts import Knobs
from culler.ranking.groups import ALONE
from culler.ui import dialogs
from culler.ui.pairs import Pairs
from culler.ui.pairwise_view import PairwiseView
from culler.ui.stack_knobs import StackKnobs
from culler.ui.stacks import Stacks
from culler.ui.suggesting import Suggesting
from culler.ui.suggestions_bar import SuggestionsBar
from culler.ui.taste import Taste

if TYPE_CHECKING:
    from culler.ui.main_window import MainWindow


class Culling(QObject):
    """`bar` belongs over the photos and `pairwise` among the window's views."""

    stacks: Stacks
    suggesting: Suggesting
    pairwise: PairwiseView
    taste: Taste

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        session, settings = window.session, window.settings
        knobs = Knobs(settings.stack_gap_s, settings.stack_similarity)
        self.stacks = Stacks(session, knobs, settings.collapse_stacks, self)
        self.suggesting = Suggesting(session, self.stacks, self)
        self.taste = Taste(session, self)
        self.pairwise = PairwiseView(window.pictures, session.detail, window)
        self.bar = SuggestionsBar(window)
        self.knobs = StackKnobs(knobs, window)

    def join(self) -> None:
        """Once the window has all its parts."""
        window, say = self._window, self._window.task_line.say
        for source in (self.stacks, self.suggesting, self.pairwise, self.taste):
            source.said.connect(say)
        self.stacks.changed.connect(self.show_stacks)
        self.suggesting.changed.connect(self.show_suggestions)
        self.taste.changed.connect(self._on_taste)
        window.session.changed.connect(self._on_changed)
        window.grid.stack_clicked.connect(self.stacks.toggle)
        self.bar.queue_chosen.connect(self.suggesting.set_queue)
        self.bar.accept_wanted.connect(self.suggesting.accept_queue)
        self.bar.dismiss_wanted.connect(self.suggesting.dismiss_all)
        self.knobs.turned.connect(self._on_knobs)
        self.pairwise.asked.connect(window.refresh_later)
        self.pairwise.left.connect(window.views.show_grid)
        self.pairwise.kept.connect(self._keep_best)
        window.actions_["stacks-collapsed"].setChecked(self.stacks.collapsed)

    def close(self) -> None:
        """End the threads."""
        self.stacks.close()
        self.taste.close()

    # What actions do

    def collapse_stacks(self) -> None:
        collapsed = self._window.actions_["stacks-collapsed"].isChecked()
        self.stacks.set_collapsed(collapsed)
        self._window.update_settings(collapse_stacks=collapsed)

    def keep_of_stack(self) -> None:
        """Keep the photo in focus, reject the rest of its stack, go to the next stack."""
        if self._window.views.name == "pairwise":
            self._keep_best(self.pairwise.focus_id)
        else:
            self.stacks.keep_only(self._window.views.focus_id())

    def go_to_stack(self, step: int) -> None:
        focus = self._window.views.focus_id()
        following = None if focus is None else self.stacks.next_stack(focus, step)
        if following is None:
            self._window.task_line.say(
                "This was the last stack." if step > 0 else "This was the first stack."
            )
        else:
            self._window.session.set_current(following)

    def show_pairwise(self) -> None:
        """Ask which frame of the stack in focus is better."""
        members = self.stacks.members(self._window.views.focus_id())
        known = self.stacks.standing(self._window.views.focus_id())
        if known is None:
            return
        if known.kind.is_set:
            self._window.task_line.say(f"A {known.kind.value} is kept whole: no frame of it is the best.")
            return
        self._window.views.enter("pairwise")
        self.pairwise.begin(Pairs(self._window.session, members))

    def show_knobs(self) -> None:
        """What makes a stack, to be turned while one looks."""
        self._count()
        top = self._window.top  # over the panel at the right, so that the photos can be seen
        self.knobs.show_below(top.mapToGlobal(top.rect().bottomRight()))

    def show_judges(self) -> None:
        """Choose who judges."""
        dialog = dialogs.judge_dialog(self._window.session, self._window)
        dialog.chosen.connect(self._window.session.judging.use_judge)
        dialog.exec()
        dialog.deleteLater()

    # What is shown

    def show_stacks(self) -> None:
        """The grid, its count and the panel speak of the stacks there are now."""
        window, stacking = self._window, self.stacks.stacking
        if stacking is not None and len(stacking.group) == len(window.model.columns):
            window.model.set_stacks(stacking.position, stacking.size, stacking.set_kinds, stacking.closed)
        if stacking is not None and self.knobs.isVisible():
            self._count()
        window.refresh_count()
        window.refresh_later()

    def show_suggestions(self) -> None:
        """Ghosts in the grid, queues over it, reasons in the panel."""
        window = self._window
        ghosts = self.suggesting.ghosts()
        if ghosts is None or len(ghosts) == len(window.model.columns):
            window.model.set_ghosts(ghosts)
        self.bar.refresh(self.suggesting)
        window.show_bars()
        window.refresh_later()

    def show_standing(self, photo_id: PhotoId | None) -> None:
        """What the panel says of the photo in focus."""
        self._window.inspector.standing.show_standing(
            self.stacks.standing(photo_id), self.suggesting.of(photo_id), self.suggesting.is_calibrated
        )
        self._window.inspector.show_taste(self.taste.of(photo_id))

    # Inside

    def _count(self) -> None:
        stacking = self.stacks.stacking
        if stacking is not None:
            photos = int((stacking.standings.group_of != ALONE).sum())
            self.knobs.set_found(len(stacking.standings), photos)

    def _on_taste(self) -> None:
        bar = self._window.filter_bar
        bar.offer_taste(self.taste.is_used)
        self._window.refresh_later()

    def _on_knobs(self, knobs: Knobs) -> None:
        self.stacks.set_knobs(knobs)
        self._window.update_settings(stack_gap_s=float(knobs.gap_s), stack_similarity=float(knobs.similarity))

    def _on_changed(self, changes: Changes) -> None:
        if self._window.views.name == "pairwise" and changes.facets & {Changed.GROUPS, Changed.SCORES}:
            self.pairwise.refresh()

    def _keep_best(self, photo_id: PhotoId | None) -> None:
        if photo_id is not None:
            self.stacks.keep_only(photo_id)
            self._window.views.show_grid()
