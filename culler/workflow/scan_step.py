"""What a scan has read and not yet written, and its writing: one commit, past nothing that another Culler
or the user has written meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from culler.catalog import decisions, photo_files, photos, scanned, sidecars
from culler.catalog.database import Transaction
from culler.catalog.scanned import Found, Known
from culler.catalog.scopes import Scope
from culler.domain.changes import NO_CHANGES, Changed, Changes
from culler.domain.photo import PhotoId
from culler.workflow.walk import IgnoredFile
from culler.workflow.workspace import Workspace

Item = tuple[Found, Known | None, bool] | PhotoId
"""A photo to write (with the known one it is, and whether its pixels are new), or one that is back."""


@dataclass(slots=True)
class Tally:
    """What a scan has come upon so far, in photos; `ignored` are files."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    failed: int = 0
    ignored: list[IgnoredFile] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Step:
    """Photos read and not yet written."""

    new: list[Found] = field(default_factory=list)
    other: dict[PhotoId, Found] = field(default_factory=dict)
    new_pixels: set[PhotoId] = field(default_factory=set)
    seen: dict[PhotoId, Known] = field(default_factory=dict)
    """The other ones as the catalog had them when they were compared."""
    back: list[PhotoId] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.new) + len(self.other) + len(self.back)

    def add(self, item: Item) -> None:
        """One more photo to write."""
        if isinstance(item, int):
            self.back.append(item)
            return
        found, owner, new_pixels = item
        if owner is None:
            self.new.append(found)
            return
        self.other[owner.id] = found
        self.seen[owner.id] = owner
        if new_pixels:
            self.new_pixels.add(owner.id)


def write(workspace: Workspace, scope: Scope, step: Step, tally: Tally) -> Changes:
    """Write a step, and count what it was in the tally."""
    if not len(step):
        return NO_CHANGES
    from culler.workflow import first_marks

    said_by_files = {found.relative_path: first_marks.read(scope.root, found) for found in step.new}
    with workspace.catalog.write() as tx:
        step = _as_of_now(tx, scope, step, tally)
        marks = {k: said_by_files[found.relative_path] for k, found in enumerate(step.new)}
        ids = scanned.add(tx, scope.folder_id, step.new)
        heirs = _heirs(tx, scope, step)
        scanned.change(tx, scope.folder_id, step.other, step.new_pixels)
        decisions.inherit(tx, heirs)
        photos.set_missing(tx, step.back, False)
        first = {ids[k]: said for k, said in marks.items() if said != first_marks.FirstMarks()}
        decisions.write_first(tx, {photo_id: said.decision for photo_id, said in first.items()})
        sidecars.remember(tx, {i: (said.decision, said.sidecars) for i, said in first.items()})
    tally.added += len(ids)
    tally.changed += len(step.other)
    tally.failed += sum(found.failure is not None for found in [*step.new, *step.other.values()])
    return Changes.of([*ids, *step.other, *step.back], Changed.PHOTOS)


def _heirs(tx: Transaction, scope: Scope, step: Step) -> dict[PhotoId, PhotoId]:
    """Photos whose picture becomes a part of another photo → that photo."""
    pictures = {
        file.relative_path: photo_id
        for photo_id, found in step.other.items()
        for file in found.files
        if file.is_picture
    }
    before = photo_files.holders(tx, scope.folder_id, pictures)
    return {part: pictures[path] for path, part in before.items() if part != pictures[path]}


def _as_of_now(tx: Transaction, scope: Scope, step: Step, tally: Tally) -> Step:
    """The step without what another Culler, or the user, has written since it was read, and with every name
    free that its photos need. A new photo whose name a photo without files still has is that photo, come
    back. What was split, joined or dropped meanwhile is left to the next scan."""
    named = photos.ids_named(tx, scope.folder_id, [found.relative_path for found in step.new])
    now = {each.id: each for each in scanned.known(tx, {*step.other, *named.values()})}
    taken = photo_files.pinned(tx, scope.folder_id, _paths([*step.new, *step.other.values()]))
    fresh = Step(back=step.back)
    for found in step.new:
        holder = named.get(found.relative_path)
        if any(path in taken for path in _paths([found])):
            continue
        if holder is None or holder in step.other:
            fresh.new.append(found)
        elif now[holder].files != found.files:
            fresh.other[holder] = found
            fresh.new_pixels.add(holder)
        else:
            tally.unchanged += 1
    for photo_id, found in step.other.items():
        if photo_id not in now or _made_otherwise(now[photo_id], step.seen[photo_id]):
            continue
        if any(taken.get(path, photo_id) != photo_id for path in _paths([found])):
            continue
        if now[photo_id].files != found.files or now[photo_id].missing or now[photo_id].unread:
            fresh.other[photo_id] = found
        else:
            tally.unchanged += 1
    fresh.new_pixels.update(step.new_pixels & set(fresh.other))
    wanted: dict[str, PhotoId | None] = {found.relative_path: None for found in fresh.new}
    wanted |= {found.relative_path: photo_id for photo_id, found in fresh.other.items()}
    photos.make_way(tx, scope.folder_id, wanted)
    return fresh


def _made_otherwise(now: Known, then: Known) -> bool:
    """Whether the user has split or joined the photo's files since."""
    return [file.relative_path for file in now.files if file.pinned] != [
        file.relative_path for file in then.files if file.pinned
    ]


def _paths(found: Sequence[Found]) -> list[str]:
    return [file.relative_path for each in found for file in each.files]
