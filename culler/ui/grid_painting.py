"""The cells that a grid paints."""

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QItemSelectionModel, QRect
from PySide6.QtGui import QPainter, QRegion
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from culler.ui.photo_delegate import PhotoDelegate
from culler.ui.photo_model import PhotoModel

_State = QStyle.StateFlag


@dataclass(frozen=True, slots=True)
class Marked:
    """Which photos stand out; a row of −1 is none."""

    chosen: QItemSelectionModel
    current: int
    hovered: int


def paint_cells(
    painter: QPainter,
    option: QStyleOptionViewItem,
    photos: PhotoModel,
    delegate: PhotoDelegate,
    places: Iterable[tuple[int, QRect]],
    region: QRegion,
    marked: Marked,
) -> None:
    """Those of the rows, each with its place, that the region touches."""
    has_selection = marked.chosen.hasSelection()
    for row, rect in places:
        if not region.intersects(rect):
            continue
        index = photos.index(row)
        state = _State.State_Enabled
        if has_selection and marked.chosen.isSelected(index):
            state |= _State.State_Selected
        if row == marked.current:
            state |= _State.State_HasFocus
        if row == marked.hovered:
            state |= _State.State_MouseOver
        option.rect = rect
        option.state = state
        delegate.paint(painter, option, index)
