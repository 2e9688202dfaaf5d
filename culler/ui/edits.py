"""What the user does to photos: marks and other edits, carried out, announced and taken back."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from culler.domain.changes import Changed, Changes
from culler.domain.decision import ColorLabel, Flag
from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId

if TYPE_CHECKING:
    from culler.ui.session import Session


class Edits:
    """Writes to the catalog of a session, which tells everybody what changed."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def set_flag(self, ids: Sequence[PhotoId], flag: Flag) -> None:
        from culler.workflow import cull

        self._mark(ids, partial(cull.set_flag, self._session.workspace, ids, flag))

    def set_stars(self, ids: Sequence[PhotoId], stars: int) -> None:
        from culler.workflow import cull

        self._mark(ids, partial(cull.set_stars, self._session.workspace, ids, stars))

    def change_stars(self, ids: Sequence[PhotoId], by: int) -> None:
        from culler.workflow import cull

        self._mark(ids, partial(cull.change_stars, self._session.workspace, ids, by))

    def set_label(self, ids: Sequence[PhotoId], label: ColorLabel) -> None:
        from culler.workflow import cull

        self._mark(ids, partial(cull.set_label, self._session.workspace, ids, label))

    def _mark(self, ids: Sequence[PhotoId], write: Callable[[], Changes]) -> None:
        if ids:
            self.perform(write)

    def perform(self, write: Callable[[], Changes]) -> bool:
        """Carry out an edit of the user and announce what it changed; False where it was refused."""
        if self._session.workspace is None:
            return False
        try:
            changes = write()
            self._apply_files(changes)
        except CullerError as error:
            self._session.said.emit(str(error))
            return False
        self._session.marked.emit(changes)
        return True

    def _apply_files(self, changes: Changes) -> None:
        """Announce an edit; one of files may bring photos that are new here, and all of its photos are to
        be judged anew."""
        if Changed.PHOTOS not in changes.facets:
            self._session.apply(changes)
            return
        from culler.workflow.listing import inside

        session = self._session
        session.expect(inside(session.workspace, session.folders, tuple(changes.photo_ids)))
        session.apply(changes)
        if session.folders:
            session.judging.score(session.folders, quiet=True)

    def undo(self) -> None:
        """Take back the last mark and go to where it was."""
        from culler.workflow import cull

        self._travel(cull.undo, "Nothing to undo.", "Undone")

    def redo(self) -> None:
        from culler.workflow import cull

        self._travel(cull.redo, "Nothing to redo.", "Redone")

    def undo_titles(self) -> tuple[str | None, str | None]:
        """What undo would take back and what redo would do again."""
        from culler.workflow.cull import redo_title, undo_title

        if self._session.workspace is None:
            return None, None
        return undo_title(self._session.workspace), redo_title(self._session.workspace)

    def _travel(self, step: Callable[[Any], Any], nothing: str, verb: str) -> None:
        session = self._session
        if session.workspace is None:
            return
        before = session.current
        try:
            done = step(session.workspace)
            if done is None:
                session.said.emit(nothing)
                return
            self._apply_files(done.changes)
        except CullerError as error:
            session.said.emit(str(error))
            return
        gone = before in done.changes.photo_ids and session.place_of(before) is None
        if done.whole is not None and gone:
            session.set_current(done.whole)
        if len(done.changes.photo_ids) == 1:
            (photo_id,) = done.changes.photo_ids
            if session.place_of(photo_id) is not None:
                session.set_current(photo_id)
        session.said.emit(f"{verb}: {done.title}.")
        session.marked.emit(done.changes)
