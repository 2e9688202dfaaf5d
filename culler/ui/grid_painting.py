"""What a grid paints: its cells, or what to say where there are none."""

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QItemSelectionModel, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette, QRegion
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from culler.ui import theme
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


def paint_empty(
    painter: QPainter, area: QRect, font: QFont, palette: QPalette, title: str, hint: str
) -> None:
    """A drawing, what is the matter, and what to do, in the middle of the area."""
    colors = theme.cell_colors(palette)
    unit = theme.unit(QFontMetrics(font))
    side = unit * 5
    heading = QFont(font)
    heading.setWeight(QFont.Weight.DemiBold)
    if font.pointSizeF() > 0:
        heading.setPointSizeF(font.pointSizeF() * 1.55)
    width = min(area.width() - 2 * unit, unit * 34)
    left = area.center().x() - width // 2
    top = area.center().y() - (side + QFontMetrics(heading).height() + unit * 4) // 2
    mark = theme.glyph("photos", side, colors.dim_text, painter.device().devicePixelRatioF())
    painter.setOpacity(0.75)
    painter.drawPixmap(area.center().x() - side // 2, top, mark)
    painter.setOpacity(1.0)
    wrapped = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
    top += side + unit
    for text, text_font, color in ((title, heading, colors.text), (hint, font, colors.dim_text)):
        painter.setFont(text_font)
        painter.setPen(color)
        place = QRect(left, top, width, area.height())
        needed = QFontMetrics(text_font).boundingRect(place, wrapped, text)
        painter.drawText(place, wrapped, text)
        top += needed.height() + unit // 2
