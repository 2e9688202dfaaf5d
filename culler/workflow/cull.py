"""Marks: what keys and the command line set, and taking it back. Every mark is one undoable edit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from culler.catalog import decisions, edits
from culler.catalog.database import Transaction
from culler.domain.changes import NO_CHANGES, Changed, Changes
from culler.domain.decision import ByHand, ColorLabel, Decision, Edit, Facet, Flag
from culler.domain.photo import PhotoId
from culler.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Undone:
    """An edit taken back or done again."""

    title: str
    changes: Changes
    whole: PhotoId | None = None
    """Where files were dealt out anew: a photo that has some, before and after."""


def set_flag(workspace: Workspace, photo_ids: Sequence[PhotoId], flag: Flag) -> Changes:
    """Set, never toggle: twice the same changes nothing."""
    return set_marks(workspace, photo_ids, flag=flag)


def set_stars(workspace: Workspace, photo_ids: Sequence[PhotoId], stars: int) -> Changes:
    """0 to 5 stars."""
    return set_marks(workspace, photo_ids, stars=stars)


def set_label(workspace: Workspace, photo_ids: Sequence[PhotoId], label: ColorLabel) -> Changes:
    """A colour label, or NONE."""
    return set_marks(workspace, photo_ids, label=label)


def change_stars(workspace: Workspace, photo_ids: Sequence[PhotoId], step: int) -> Changes:
    """One star more or less for each photo, from 0 to 5."""
    with workspace.catalog.read() as tx:
        present = decisions.decisions_of(tx, photo_ids)
    wanted = {i: max(0, min(5, decision.stars + step)) for i, decision in present.items()}
    return _set(workspace, "One star more for" if step > 0 else "One star less for", Facet.STARS, wanted)


def set_flags(workspace: Workspace, flags: Mapping[PhotoId, Flag], title: str) -> Changes:
    """Different flags for different photos, as one undoable edit of this title."""
    values = {photo_id: flag.value for photo_id, flag in flags.items()}
    with workspace.catalog.write() as tx:
        changed = edits.do(tx, title, Facet.FLAG, values)
    return Changes.of(changed, Changed.MARKS) if changed else NO_CHANGES


def set_marks(
    workspace: Workspace,
    photo_ids: Sequence[PhotoId],
    flag: Flag | None = None,
    stars: int | None = None,
    label: ColorLabel | None = None,
) -> Changes:
    """Several marks at once, as one undoable step; None leaves a mark as it is."""
    wanted: dict[Facet | ByHand, Mapping[PhotoId, str | int]] = {}
    verbs: list[str] = []
    if flag is not None:
        wanted[Facet.FLAG] = dict.fromkeys(photo_ids, flag.value)
        verbs.append({Flag.PICK: "Pick", Flag.REJECT: "Reject", Flag.NONE: "Clear flag of"}[flag])
    if stars is not None:
        Decision(stars=stars)  # refuses others
        wanted[Facet.STARS] = dict.fromkeys(photo_ids, stars)
        verbs.append(_stars_verb(stars))
    if label is not None:
        wanted[Facet.LABEL] = dict.fromkeys(photo_ids, label.value)
        verbs.append("Clear label of" if label is ColorLabel.NONE else f"Label {label.value}")
    title = f"{verbs[0] if len(verbs) == 1 else 'Mark'} {_counted(len(photo_ids))}"
    with workspace.catalog.write() as tx:
        changed = edits.do_step(tx, title, wanted)
    return Changes.of(changed, Changed.MARKS) if changed else NO_CHANGES


def undo(workspace: Workspace) -> Undone | None:
    """Take back the latest edit; None when there is none. Raises CullerError when what it did no longer
    holds."""
    with workspace.catalog.write() as tx:
        return _undone(tx, edits.undo(tx))


def redo(workspace: Workspace) -> Undone | None:
    """Do the latest undone edit again; None when there is none. Raises CullerError as `undo` does."""
    with workspace.catalog.write() as tx:
        return _undone(tx, edits.redo(tx))


def undo_title(workspace: Workspace) -> str | None:
    """What undo would take back."""
    with workspace.catalog.read() as tx:
        edit = edits.next_undo(tx)
    return None if edit is None else edit.title


def redo_title(workspace: Workspace) -> str | None:
    """What redo would do again."""
    with workspace.catalog.read() as tx:
        edit = edits.next_redo(tx)
    return None if edit is None else edit.title


def _undone(tx: Transaction, step: Sequence[Edit]) -> Undone | None:
    if not step:
        return None
    edit = step[0]
    if edit.facet is ByHand.FILES:
        from culler.workflow import files_by_hand

        return Undone(edit.title, *files_by_hand.follow(tx, edit))
    facet = Changed.MARKS if isinstance(edit.facet, Facet) else Changed.GROUPS
    ids = {photo_id for each in step for photo_id in edits.photos_of(tx, each)}
    return Undone(edit.title, Changes.of(list(ids), facet))


def _set(workspace: Workspace, verb: str, facet: Facet, values: Mapping[PhotoId, str | int]) -> Changes:
    if not values:
        return NO_CHANGES
    with workspace.catalog.write() as tx:
        changed = edits.do(tx, f"{verb} {_counted(len(values))}", facet, values)
    return Changes.of(changed, Changed.MARKS) if changed else NO_CHANGES


def _stars_verb(stars: int) -> str:
    return "Clear stars of" if stars == 0 else f"{stars} star{'s' if stars > 1 else ''} for"


def _counted(photos: int) -> str:
    return "1 photo" if photos == 1 else f"{photos} photos"
