"""The stacks of a session: found in a thread, opened, closed and edited by hand.

Stacks are derived from what is known, so they are found again whenever that changes: at once after an
edit, now and then while jobs run, and never under somebody who looks at single photos.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from culler.domain.changes import Changed, Changes
from culler.domain.decision import Flag
from culler.domain.photo import PhotoId
from culler.ranking.bursts import DEFAULT_KNOBS, Knobs
from culler.ranking.groups import ALONE, GroupKind
from culler.ui.latest import Latest
from culler.ui.session import Session
from culler.ui.stacking import Stacking

if TYPE_CHECKING:
    from culler.workflow.standings import Standings

QUIET_MS = 120
BUSY_MS = 3000
"""While jobs run, stacks are found again at most so often."""

ARTICLES = {
    GroupKind.BRACKET: "an exposure bracket",
    GroupKind.PANORAMA: "a panorama",
    GroupKind.FOCUS_STACK: "a focus stack",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A photo in its stack. `place` counts from 1, best first; `p_best` is None where no frame of the
    stack is the best: it is a set, or nobody judged it. `best` is the stack's first frame."""

    kind: GroupKind
    by_hand: bool
    place: int
    size: int
    p_best: float | None
    best: PhotoId


class Stacks(QObject):
    """Signals: changed() when stacks are others, or other ones are open; said(sentence)."""

    changed = Signal()
    said = Signal(str)

    def __init__(
        self,
        session: Session,
        knobs: Knobs = DEFAULT_KNOBS,
        collapsed: bool = True,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.knobs = knobs
        self.collapsed = collapsed
        self.stacking: Stacking | None = None
        self._toggled: frozenset[PhotoId] = frozenset()
        self._finding = Latest("Finding stacks", self)
        self._finding.found.connect(self._on_found)
        self._finding.failed.connect(self.said)
        self._by_hand = False
        self._held: Standings | None = None
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._find)
        session.folders_opened.connect(self._on_folders)
        session.loaded.connect(self._on_loaded)
        session.changed.connect(self._on_changed)
        session.jobs.emptied.connect(self._on_idle)

    # Questions

    @property
    def standings(self) -> "Standings | None":
        return None if self.stacking is None else self.stacking.standings

    @property
    def is_busy(self) -> bool:
        """Whether stacks are being found, or soon will be."""
        return self._finding.is_busy or self._soon.isActive()

    def group_of(self, photo_id: PhotoId | None) -> int:
        """The photo's stack, ALONE without one."""
        return ALONE if self.stacking is None else self.stacking.group_of(photo_id)

    def members(self, photo_id: PhotoId | None) -> list[PhotoId]:
        """All photos of the photo's stack, best first; none where it is alone."""
        group = self.group_of(photo_id)
        if self.stacking is None or group == ALONE:
            return []
        return self.stacking.standings.members(group)

    def standing(self, photo_id: PhotoId | None) -> Standing | None:
        """How the photo stands in its stack; None where it is alone."""
        group = self.group_of(photo_id)
        if photo_id is None or self.stacking is None or group == ALONE:
            return None
        known = self.stacking.standings
        row = self.stacking.row_of(photo_id)
        p_best = float(known.p_best[row])
        return Standing(
            known.kind(group),
            bool(known.grouping.by_hand[group]),
            int(known.place[row]),
            int(known.size[row]),
            None if np.isnan(p_best) else p_best,
            known.members(group)[0],
        )

    def is_closed(self, photo_id: PhotoId | None) -> bool:
        group = self.group_of(photo_id)
        return self.stacking is not None and group != ALONE and self.stacking.is_closed(group)

    # Opening and closing

    def toggle(self, photo_id: PhotoId | None) -> None:
        """Open the photo's stack, or close it."""
        members = frozenset(self.members(photo_id))
        if not members:
            self.said.emit("This photo is in no stack.")
            return
        self._toggled = self._toggled - members if self._toggled & members else self._toggled | members
        self._show()

    def hold_open(self, photo_ids: Sequence[PhotoId]) -> None:
        """Let the stacks of these photos stand open, also those that are yet to be found."""
        if self.collapsed:
            self._toggled |= frozenset(photo_ids)

    def set_collapsed(self, collapsed: bool) -> None:
        """Close all stacks, or open all."""
        self.collapsed = collapsed
        self._toggled = frozenset()
        self._show()

    def set_knobs(self, knobs: Knobs) -> None:
        """Group by these from now on."""
        if knobs != self.knobs:
            self.knobs = knobs
            self._by_hand = True
            self._soon.start(0)

    def release(self) -> None:
        """Show what was found while nothing might move."""
        held, self._held = self._held, None
        if held is not None:
            self._use(held)

    # Editing by hand

    def stack(self, photo_ids: Sequence[PhotoId]) -> None:
        """One stack of these photos and of all that is in closed stacks among them."""
        from culler.workflow import groups

        ids = self._whole(photo_ids, only_closed=True)
        if len(ids) < 2:
            self.said.emit("Select two photos or more to stack them.")
            return
        self._edit(groups.stack, ids, f"Stacked {len(ids):,} photos.")

    def unstack(self, photo_ids: Sequence[PhotoId]) -> None:
        """Dissolve the stacks of these photos."""
        from culler.workflow import groups

        ids = [id_ for id_ in self._whole(photo_ids) if self.group_of(id_) != ALONE]
        if not ids:
            self.said.emit("None of these photos is in a stack.")
            return
        self._edit(groups.unstack, ids, f"Unstacked {len(ids):,} photos.")

    def split(self, photo_ids: Sequence[PhotoId]) -> None:
        """Take these photos out of their stack, together."""
        from culler.workflow import groups

        ids = [id_ for id_ in photo_ids if self.group_of(id_) != ALONE]
        if not ids:
            self.said.emit("None of these photos is in a stack.")
        elif any(self.is_closed(id_) for id_ in ids):
            self.said.emit("Expand the stack first, then select the frames to split off.")
        elif len({self.group_of(id_) for id_ in ids}) > 1:
            self.said.emit("Select frames of one stack to split them off.")
        elif len(ids) == len(self.members(ids[0])):
            self.said.emit("These are all frames of the stack. Select some of them.")
        else:
            what = "1 photo" if len(ids) == 1 else f"{len(ids):,} photos"
            self._edit(groups.split, ids, f"Split off {what}.")

    def keep_only(self, photo_id: PhotoId | None) -> None:
        """Pick this photo, reject the rest of its stack, go to the next stack: one undo step."""
        from culler.workflow import cull

        known = self.standing(photo_id)
        if photo_id is None or known is None:
            self.said.emit("This photo is in no stack.")
            return
        if known.kind.is_set:
            what = f"These {known.size} frames are {ARTICLES[known.kind]}, kept whole."
            self.said.emit(f"{what} Unstack them to choose one.")
            return
        rest = [id_ for id_ in self.members(photo_id) if id_ != photo_id]
        following = self.next_stack(photo_id)
        name = self._name(photo_id)
        title = f"Keep {name}, reject {len(rest)} of its stack"
        flags = {**dict.fromkeys(rest, Flag.REJECT), photo_id: Flag.PICK}
        self._session.edits.perform(partial(cull.set_flags, self._session.workspace, flags, title))
        if following is not None:
            self._session.set_current(following)
        ending = "" if following is not None else " That was the last stack."
        self.said.emit(f"Kept {name}, rejected {len(rest):,}.{ending}")

    def next_stack(self, photo_id: PhotoId, step: int = 1) -> PhotoId | None:
        """The first frame shown of the next stack that is no set, as the list goes; None at the end."""
        if self.stacking is None:
            return None
        collection = self._session.collection
        groups = self.stacking.group[collection.shown]
        own = self.group_of(photo_id)
        place = collection.place_of(photo_id)
        if place is None:
            stand_in = collection.stand_in(photo_id)
            place = collection.place_of(stand_in) if stand_in is not None else None
        if place is None:
            return None
        rows = np.arange(place + 1, len(groups)) if step > 0 else np.arange(place - 1, -1, -1)
        for at in rows[(groups[rows] != ALONE) & (groups[rows] != own)].tolist():
            if not self.stacking.standings.kind(int(groups[at])).is_set:
                first = int(np.flatnonzero(groups == groups[at])[0])
                return int(collection.shown_ids[at if step > 0 else first])
        return None

    def close(self) -> None:
        """End the thread; nothing is found any more."""
        self._soon.stop()
        self._finding.close()

    # Inside

    def _whole(self, photo_ids: Sequence[PhotoId], only_closed: bool = False) -> list[PhotoId]:
        """These photos, each with the others of its stack."""
        ids: dict[PhotoId, None] = {}
        for photo_id in photo_ids:
            ids[photo_id] = None
            if not only_closed or self.is_closed(photo_id):
                ids.update(dict.fromkeys(self.members(photo_id)))
        return list(ids)

    def _edit(self, edit: Callable[[Any, Sequence[PhotoId]], Changes], ids: list[PhotoId], done: str) -> None:
        if self._session.edits.perform(partial(edit, self._session.workspace, ids)):
            self.said.emit(done)

    def _name(self, photo_id: PhotoId) -> str:
        row = self._session.row_of(photo_id)
        return "the photo" if row is None else str(self._session.columns.names[row]).rpartition("/")[2]

    def _on_folders(self, _folders: object) -> None:
        self._toggled = frozenset()
        self._held = None
        self.stacking = None
        self._session.collection.stack(None)
        self._by_hand = True  # nothing is shown yet that could move away

    def _on_loaded(self) -> None:
        known = 0 if self.stacking is None else len(self.stacking.standings.ids)
        if len(self._session.columns) > 2 * known:
            self._soon.start(0)
        else:
            self._later()

    def _on_changed(self, changes: Changes) -> None:
        if Changed.GROUPS in changes.facets:
            self._by_hand = True
            self._soon.start(0)
        elif changes.facets & {Changed.SCORES, Changed.PIXELS, Changed.PHOTOS, Changed.FACTS}:
            self._later()

    def _on_idle(self) -> None:
        if self._soon.isActive():
            self._soon.start(0)

    def _later(self) -> None:
        if not self._soon.isActive():
            self._soon.start(QUIET_MS if self._session.jobs.running is None else BUSY_MS)

    def _find(self) -> None:
        if self._session.workspace is not None and len(self._session.columns):
            from culler.workflow.standings import standings

            self._finding.ask(partial(standings, self._session.workspace, self._session.columns, self.knobs))

    def _on_found(self, found: "Standings") -> None:
        if self._session.hold_order and not self._by_hand and self.stacking is not None:
            self._held = found
            return
        self._use(found)

    def _use(self, found: "Standings") -> None:
        self._by_hand = False
        self._held = None
        self._set(found)

    def _show(self) -> None:
        if self.stacking is not None:
            self._set(self.stacking.standings)

    def _set(self, found: "Standings") -> None:
        self.stacking = Stacking(found, self.collapsed, self._toggled)
        self._session.restack(self.stacking)
        self.changed.emit()
