"""Photos split into their files and joined, in the window: what stays is current, what happened is said."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from culler.domain.changes import Changed, Changes
from culler.domain.photo import PhotoId

if TYPE_CHECKING:
    from culler.ui.main_window import MainWindow


class FilesByHand(QObject):
    """What the actions about the files of photos do."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        window.session.changed.connect(self._on_changed)

    def join(self, photo_ids: Sequence[PhotoId]) -> None:
        """Make one photo of these. Closed stacks among them are opened first, and nothing is joined yet:
        nobody saw what was inside."""
        from culler.workflow import files_by_hand

        if self._opened(photo_ids):
            return
        said: list[str] = []

        def write() -> Changes:
            done = files_by_hand.join(self._window.session.workspace, photo_ids)
            said.append(f"Joined {done.files:,} files into one photo. {done.note}".rstrip())
            keep.append(done.photo_id)
            return done.changes

        keep: list[PhotoId] = []
        if self._window.session.edits.perform(write):
            self._stand_on(keep, said)

    def split(self, photo_ids: Sequence[PhotoId]) -> None:
        """Make a photo of every picture file of these."""
        from culler.workflow import files_by_hand

        said: list[str] = []
        keep: list[PhotoId] = []

        def write() -> Changes:
            done = files_by_hand.split(self._window.session.workspace, photo_ids)
            parts = sum(map(len, done.photo_ids.values()))
            what = "1 photo" if len(done.photo_ids) == 1 else f"{len(done.photo_ids):,} photos"
            said.append(f"Split {what} into {parts:,}. Their marks are the same.")
            keep.extend(done.photo_ids)
            # Files of one moment look like a burst, which would hide the one behind the other.
            for ids in done.photo_ids.values():
                self._window.culling.stacks.hold_open(ids)
            return done.changes

        if self._window.session.edits.perform(write):
            self._stand_on(keep, said)

    def _opened(self, photo_ids: Sequence[PhotoId]) -> bool:
        """Open the closed stacks of these photos and select all their frames; False where there is none."""
        stacks = self._window.culling.stacks
        frames = dict.fromkeys(photo_ids)
        closed = [photo_id for photo_id in photo_ids if stacks.is_closed(photo_id)]
        for photo_id in closed:
            frames.update(dict.fromkeys(stacks.members(photo_id)))
            if stacks.is_closed(photo_id):
                stacks.toggle(photo_id)
        if closed:
            self._window.grid.select_ids(frames)
            what = "The stack is" if len(closed) == 1 else "The stacks are"
            self._window.task_line.say(
                f"{what} open now. Join again, or select the frames that are files of one photo first."
            )
        return bool(closed)

    def _on_changed(self, changes: Changes) -> None:
        """Undo may take photos away that are being compared."""
        window = self._window
        sides = {"compare": window.compare.ids, "survey": window.survey.ids}.get(window.views.name, ())
        gone = any(window.session.row_of(side) is None for side in sides if side is not None)
        if gone and Changed.PHOTOS in changes.facets:
            window.views.show_grid()

    def _stand_on(self, keep: Sequence[PhotoId], said: Sequence[str]) -> None:
        window = self._window
        if window.session.current not in keep:
            window.session.set_current(keep[0])
        if window.views.name == "grid":
            window.grid.select_ids(keep)
        window.task_line.say(" ".join(said))
