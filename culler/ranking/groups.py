"""What grouping answers with: every photo's group, the groups' kinds, and edits made by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from culler.domain.photo import PhotoId

Rows = NDArray[np.intp]
Labels = NDArray[np.int64]

ALONE = -1
"""`group_of` of a photo that belongs to no group."""


class GroupKind(StrEnum):
    """BURST: one moment. SIMILAR: one view, over a longer time. STACK: made by hand. The other three
    are sets, which are kept whole."""

    BURST = "burst"
    SIMILAR = "similar"
    BRACKET = "bracket"
    PANORAMA = "panorama"
    FOCUS_STACK = "focus stack"
    STACK = "stack"

    @property
    def is_set(self) -> bool:
        return self in (GroupKind.BRACKET, GroupKind.PANORAMA, GroupKind.FOCUS_STACK)


KINDS = tuple(GroupKind)
KIND_CODES = {kind: code for code, kind in enumerate(KINDS)}


class StackEditKind(StrEnum):
    """STACK makes one group of the photos; UNSTACK leaves each of them alone; SPLIT takes them out of
    their group together, the rest staying what it was."""

    STACK = "stack"
    UNSTACK = "unstack"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class StackEdit:
    """One thing the user did to groups by hand. Photos that are gone are passed over."""

    kind: StackEditKind
    photo_ids: tuple[PhotoId, ...]


StackEdits = Sequence[StackEdit]
"""In the order they were made: where two disagree the later one holds."""


@dataclass(frozen=True, slots=True)
class Group:
    """One group: rows of the columns in order of capture. `by_hand` when an edit made it."""

    kind: GroupKind
    rows: Rows
    by_hand: bool


@dataclass(frozen=True, slots=True)
class Grouping:
    """All groups of two photos and more, by camera and the capture of their first photo.

    `group_of` (n,) is each row's group or ALONE. The rows of group g are
    `members[starts[g]:starts[g + 1]]`; `kinds` (g,) are codes into KINDS, `by_hand` (g,) bool.
    """

    group_of: NDArray[np.int32]
    members: Rows
    starts: NDArray[np.int64]
    kinds: NDArray[np.int8]
    by_hand: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.kinds)

    def rows(self, group: int) -> Rows:
        """The group's photos in order of capture."""
        return self.members[self.starts[group] : self.starts[group + 1]]

    def kind(self, group: int) -> GroupKind:
        """What the group is."""
        return KINDS[int(self.kinds[group])]

    @property
    def groups(self) -> list[Group]:
        """Every group as a value; a list of thousands takes its milliseconds."""
        return [Group(self.kind(g), self.rows(g), bool(self.by_hand[g])) for g in range(len(self))]

    def in_set(self) -> NDArray[np.bool_]:
        """(n,) True for photos of a set that is kept whole."""
        sets = np.array([kind.is_set for kind in KINDS])[self.kinds]
        return np.asarray((self.group_of >= 0) & np.append(sets, False)[self.group_of])


def gather(sequence: Rows, labels: Labels, kinds: NDArray[np.int8], by_hand: set[int]) -> Grouping:
    """The grouping in which photos of one label belong together.

    `sequence` holds all rows in order of capture and `labels` their labels in that order; labels of
    single photos vanish. `kinds` are the kind codes by label.
    """
    n = len(sequence)
    by_label, firsts, sizes = blocks(labels)
    # Groups in the order of their first photos.
    ranked = np.argsort(by_label[firsts], kind="stable")
    firsts, sizes = firsts[ranked], sizes[ranked]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    within = np.arange(starts[-1]) - np.repeat(starts[:-1], sizes)
    members = sequence[by_label[np.repeat(firsts, sizes) + within]]
    group_of = np.full(n, ALONE, np.int32)
    group_of[members] = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    label_of = labels[by_label[firsts]]
    hand = np.isin(label_of, list(by_hand)) if by_hand else np.zeros(len(sizes), bool)
    return Grouping(group_of, members, starts, kinds[label_of], hand)


def blocks(labels: Labels) -> tuple[Rows, Rows, Rows]:
    """Positions gathered by label, and where each label of two positions and more begins in them and
    how many it has."""
    if not len(labels):
        nothing = np.zeros(0, np.intp)
        return nothing, nothing, nothing
    ascending = bool((labels[1:] >= labels[:-1]).all())
    by_label = np.arange(len(labels)) if ascending else np.argsort(labels, kind="stable")
    ordered = labels[by_label]
    first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    sizes = np.diff(np.append(first, len(labels)))
    several = sizes >= 2
    return by_label, first[several], sizes[several]
