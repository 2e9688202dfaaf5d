"""What a view shows of one photo: by role, all at once for painting, and in words for those who listen."""

from enum import IntEnum
from typing import NamedTuple

from PySide6.QtCore import Qt

from culler.domain.decision import ColorLabel, Flag
from culler.domain.levels import Level
from culler.domain.photo import PhotoId

Levels = tuple[float, float, float, float, float]


class Role(IntEnum):
    """What a photo's index answers beside Qt's own roles. Flags and labels come out of Qt as their
    values, which equal the enum's members; a Cell keeps the members themselves."""

    PHOTO_ID = Qt.ItemDataRole.UserRole + 1
    NAME = Qt.ItemDataRole.UserRole + 2
    QUALITY = Qt.ItemDataRole.UserRole + 3  # five probabilities BAD … EXCELLENT, or None
    AESTHETICS = Qt.ItemDataRole.UserRole + 4
    FLAG = Qt.ItemDataRole.UserRole + 5
    STARS = Qt.ItemDataRole.UserRole + 6
    LABEL = Qt.ItemDataRole.UserRole + 7  # None for another program's own word
    FAILED = Qt.ItemDataRole.UserRole + 8
    MISSING = Qt.ItemDataRole.UserRole + 9
    DAMAGED = Qt.ItemDataRole.UserRole + 10
    VIDEO = Qt.ItemDataRole.UserRole + 11
    STACK = Qt.ItemDataRole.UserRole + 12  # (position from 1, size), or None
    GHOST = Qt.ItemDataRole.UserRole + 13  # a suggested Flag; NONE without one
    CELL = Qt.ItemDataRole.UserRole + 14  # all of it at once, for painting
    SET_KIND = Qt.ItemDataRole.UserRole + 15  # "bracket", … for frames of a set; empty for others
    CLOSED = Qt.ItemDataRole.UserRole + 16  # stands for its whole stack
    UNWRITTEN = Qt.ItemDataRole.UserRole + 17  # its marks are in no sidecar yet


class Cell(NamedTuple):
    """What a delegate paints of one photo, in one call instead of thirteen."""

    photo_id: PhotoId
    name: str
    quality: Levels | None
    aesthetics: Levels | None
    flag: Flag
    stars: int
    label: ColorLabel | None
    failed: bool
    missing: bool
    damaged: bool
    video: bool
    stack: tuple[int, int] | None
    ghost: Flag
    set_kind: str = ""
    closed: bool = False
    unwritten: bool = False


def spoken(cell: Cell) -> str:
    """What a screen reader says of a photo: 'DSC_0412.NEF, good, 3 stars, picked'."""
    words = [cell.name]
    levels = cell.quality
    if levels is not None:
        words.append(max(Level, key=lambda level: (levels[level - 1], level)).word)
    elif not cell.failed:
        words.append("not scored")
    if cell.stars:
        words.append(f"{cell.stars} star{'s' if cell.stars > 1 else ''}")
    words += {Flag.PICK: ["picked"], Flag.REJECT: ["rejected"], Flag.NONE: []}[cell.flag]
    if cell.flag is Flag.NONE and cell.ghost is not Flag.NONE:
        words.append("suggested pick" if cell.ghost is Flag.PICK else "reject candidate")
    if cell.label is not ColorLabel.NONE:
        words.append("other label" if cell.label is None else f"{cell.label.value} label")
    if cell.stack is not None:
        place, size = cell.stack
        what = cell.set_kind or "stack"
        words.append(f"{what} of {size}, closed" if cell.closed else f"{place} of {size} in {what}")
    states = (
        ("video", cell.video),
        ("missing", cell.missing),
        ("damaged", cell.damaged),
        ("failed", cell.failed),
        ("unwritten", cell.unwritten),
    )
    words += [word for word, holds in states if holds]
    return ", ".join(words)
