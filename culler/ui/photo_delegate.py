"""Paints one photo of the grid: the picture first, then its name, what the judge says, the marks.

The lines below the picture are the name with stars and colour label, and the level bar with its
mean. The bar is the distribution itself: five segments, best on the left, each as wide as the level
is likely.
"""

from collections.abc import Callable

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette, QPixmap, QStaticText
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from culler.domain.assessment import Aspect
from culler.domain.decision import ColorLabel, Flag
from culler.domain.photo import PhotoId
from culler.ui import theme
from culler.ui.cell_geometry import Geometry, geometry, segments
from culler.ui.cell_parts import BADGE_GROUND, BADGE_INK, BADGE_ROUND, CellParts, Look
from culler.ui.photo_cell import Cell, Role

_REJECTED_OPACITY = 0.32
_NAME_ROOM = 6
"""Stars that the name must have room for, or the stars become a number."""
_STACK_ROOM = 0.6
"""The part of the picture's width that the words on a stack may take."""
_STACK_ICON = 0.85


class PhotoDelegate(QStyledItemDelegate):
    """`pixmap` gives the picture of a photo where there is one, at once: a loader's `pixmap`."""

    def __init__(self, pixmap: Callable[[PhotoId], QPixmap | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pixmap = pixmap
        self._aspect = Aspect.QUALITY
        self._geometries: dict[tuple[int, str], Geometry] = {}
        self._parts = CellParts()

    def set_aspect(self, aspect: Aspect) -> None:
        """Shows this aspect's levels in the bar; the owner repaints."""
        self._aspect = aspect

    def picture_of(self, photo_id: PhotoId) -> QPixmap | None:
        """The picture of a photo where there is one, as it was loaded."""
        return self._pixmap(photo_id)

    def cell_size(self, width: int, font: QFont) -> QSize:
        """The size of a cell of this width."""
        return self.geometry_of(width, font).size

    def geometry_of(self, width: int, font: QFont) -> Geometry:
        key = (width, font.key())
        found = self._geometries.get(key)
        if found is None:
            if len(self._geometries) > 64:
                self._geometries.clear()
            found = self._geometries[key] = geometry(width, QFontMetrics(font))
        return found

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        width = option.rect.width() or theme.unit(QFontMetrics(option.font)) * 12
        return self.cell_size(width, option.font)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        cell = index.data(Role.CELL)
        if cell is None:
            return
        state = option.state
        self.paint_cell(
            painter,
            option.rect,
            cell,
            option.font,
            option.palette,
            selected=bool(state & QStyle.StateFlag.State_Selected),
            current=bool(state & QStyle.StateFlag.State_HasFocus),
            hovered=bool(state & QStyle.StateFlag.State_MouseOver),
        )

    def paint_cell(
        self,
        painter: QPainter,
        rect: QRect,
        cell: Cell,
        font: QFont,
        palette: QPalette,
        *,
        selected: bool = False,
        current: bool = False,
        hovered: bool = False,
    ) -> None:
        """Paints a cell into `rect`, whose width decides the layout."""
        look = self._parts.look_of(font, palette, painter.device().devicePixelRatioF())
        at = self.geometry_of(rect.width(), font)
        corner = rect.topLeft()
        painter.drawPixmap(corner, self._parts.ground(at.size, look, selected, current, hovered))
        painter.translate(corner)
        source = self._pixmap(cell.photo_id)
        if source is None:
            self._paint_stand_in(painter, at, cell, look)
        else:
            self._paint_picture(painter, at, cell, source, look)
        self._paint_name(painter, at, cell, look, bright=selected or current)
        self._paint_levels(painter, at, cell, look)
        self._paint_badges(painter, at, cell, look, shows_picture=source is not None)
        painter.translate(-corner)

    def stack_box(self, cell: Cell, width: int, font: QFont) -> QRect:
        """Where in a cell of this width the words on its stack are; empty where it is in none."""
        if cell.stack is None:
            return QRect()
        at = self.geometry_of(width, font)
        words = self._stack_words(at, cell, cell.stack, font, font.key())
        pill = round(words.size().width()) + round(at.icon * _STACK_ICON) + 3 * (at.pad // 2 + 1)
        return QRect(at.box.right() + 1 - pill, at.box.bottom() + 1 - at.badge, pill, at.badge)

    # Parts

    def _paint_picture(
        self, painter: QPainter, at: Geometry, cell: Cell, source: QPixmap, look: Look
    ) -> None:
        fitted = self._parts.fitted(cell.photo_id, source, at.box.size(), look.ratio)
        # On whole device pixels, or the picture would be resampled once more.
        ratio = look.ratio
        left = round((at.box.left() + (at.box.width() - fitted.width() / ratio) / 2) * ratio) / ratio
        top = round((at.box.top() + (at.box.height() - fitted.height() / ratio) / 2) * ratio) / ratio
        if cell.flag is Flag.REJECT or cell.missing:
            painter.setOpacity(_REJECTED_OPACITY)
            painter.drawPixmap(QPointF(left, top), fitted)
            painter.setOpacity(1.0)
        else:
            painter.drawPixmap(QPointF(left, top), fitted)

    def _paint_stand_in(self, painter: QPainter, at: Geometry, cell: Cell, look: Look) -> None:
        """A quiet frame where the picture will be, with a mark where there will be none."""
        broken = cell.failed or cell.missing
        width = at.box.width() * (1.0 if broken else 0.94)
        height = min(at.box.height(), width * 2 / 3)
        rect = QRectF(0, 0, width, height)
        rect.moveCenter(QRectF(at.box).center())
        painter.fillRect(rect, look.colors.box)
        if broken:
            side = min(at.icon * 2, int(height * 0.5))
            name = "warning" if cell.failed else "missing"
            mark = theme.glyph(name, side, look.colors.dim_text, look.ratio)
            painter.drawPixmap((rect.center() - QPointF(side, side) / 2).toPoint(), mark)

    def _paint_name(self, painter: QPainter, at: Geometry, cell: Cell, look: Look, *, bright: bool) -> None:
        line = at.name
        left, right = line.left(), line.right() + 1
        if cell.label is not ColorLabel.NONE:
            side = round(at.star * 0.95)
            chip = self._parts.chip(cell.label, side, look.ratio)
            painter.drawPixmap(left, line.top() + (line.height() - side) // 2 + 1, chip)
            left += side + at.pad // 2 + 1
        if cell.stars:
            right = self._paint_stars(painter, at, cell, look, room=right - left)
        if right - left > at.star:
            painter.setFont(look.font)
            painter.setPen(look.colors.text if bright else look.colors.dim_text)
            text = self._parts.text(cell.name, right - left, look.font, look.font_key)
            # Scripts of other fonts stand taller; what they have more goes above the line.
            rise = max(0, round(text.size().height()) - line.height())
            painter.drawStaticText(QPoint(left, line.top() - rise), text)

    def _paint_stars(self, painter: QPainter, at: Geometry, cell: Cell, look: Look, *, room: int) -> int:
        """Paints the stars, or their number where they would leave no room for the name; answers how
        far the name may reach."""
        line = at.name
        color = look.colors.dim_text if cell.flag is Flag.REJECT else look.colors.text
        star = theme.glyph("star", at.star, color, look.ratio)
        top = line.top() + (line.height() - at.star) // 2
        left = line.right() + 1 - at.star
        if cell.stars > 1 and room - cell.stars * at.star < at.star * _NAME_ROOM:
            painter.drawPixmap(left, top, star)
            painter.setFont(look.font)
            painter.setPen(color)
            number = self._parts.text(str(cell.stars), line.width(), look.font, look.font_key)
            left -= round(number.size().width()) + 1
            painter.drawStaticText(QPoint(left, line.top()), number)
        else:
            left -= (cell.stars - 1) * at.star
            for position in range(cell.stars):
                painter.drawPixmap(left + position * at.star, top, star)
        return left - at.pad // 2

    def _paint_levels(self, painter: QPainter, at: Geometry, cell: Cell, look: Look) -> None:
        levels = cell.quality if self._aspect is Aspect.QUALITY else cell.aesthetics
        if levels is None:
            painter.fillRect(at.bar, look.colors.track)
            return
        rejected = cell.flag is Flag.REJECT
        if rejected:
            painter.setOpacity(0.5)
        for rect, level in segments(levels, at.bar, look.ratio):
            painter.fillRect(rect, look.levels[level - 1])
        bad, poor, fair, good, excellent = levels
        mean = bad + 2 * poor + 3 * fair + 4 * good + 5 * excellent
        painter.setFont(look.strong)
        painter.setPen(look.colors.text)
        text = self._parts.text(f"{mean:.1f}", at.mean.width() * 2, look.strong, look.strong_key)
        painter.drawStaticText(QPointF(at.mean.right() + 1 - text.size().width(), at.mean.top()), text)
        if rejected:
            painter.setOpacity(1.0)

    def _paint_badges(
        self, painter: QPainter, at: Geometry, cell: Cell, look: Look, *, shows_picture: bool
    ) -> None:
        """Marks in the corners of the box, each on a dark ground so that any photo may lie below."""
        if cell.flag is not Flag.NONE:
            name = "flag-pick" if cell.flag is Flag.PICK else "flag-reject"
            painter.drawPixmap(at.box.topLeft(), self._parts.badge(at, look.ratio, name))
        elif cell.ghost is not Flag.NONE:
            name = "flag-pick-outline" if cell.ghost is Flag.PICK else "flag-reject-outline"
            painter.drawPixmap(at.box.topLeft(), self._parts.badge(at, look.ratio, name))
        if cell.failed or cell.damaged or cell.missing or cell.video:
            self._paint_states(painter, at, cell, look, shows_picture)
        if cell.unwritten:
            corner = at.box.bottomLeft() - QPoint(0, at.badge - 1)
            painter.drawPixmap(corner, self._parts.badge(at, look.ratio, "unwritten"))
        if cell.stack is not None:
            self._paint_stack(painter, at, cell, cell.stack, look)

    def _paint_states(
        self, painter: QPainter, at: Geometry, cell: Cell, look: Look, shows_picture: bool
    ) -> None:
        corner = at.box.topRight() - QPoint(at.badge - 1, 0)
        said = "" if shows_picture else "warning" if cell.failed else "missing" if cell.missing else ""
        states = (
            ("warning", cell.failed),
            ("damaged", cell.damaged),
            ("missing", cell.missing),
            ("video", cell.video),
        )
        for name, holds in states:
            if holds and name != said:
                painter.drawPixmap(corner, self._parts.badge(at, look.ratio, name))
                corner -= QPoint(at.badge + 2, 0)

    def _paint_stack(
        self, painter: QPainter, at: Geometry, cell: Cell, stack: tuple[int, int], look: Look
    ) -> None:
        """How many frames a closed stack has, or which of them this is; a set is called by its name."""
        text = self._stack_words(at, cell, stack, look.font, look.font_key)
        side = round(at.icon * _STACK_ICON)
        inset = at.pad // 2 + 1
        width = round(text.size().width()) + side + 3 * inset
        pill = QRect(at.box.right() + 1 - width, at.box.bottom() + 1 - at.badge, width, at.badge)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(BADGE_GROUND)
        painter.drawRoundedRect(pill, at.badge * BADGE_ROUND, at.badge * BADGE_ROUND)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        mark = theme.glyph("stack", side, BADGE_INK, look.ratio)
        painter.drawPixmap(pill.left() + inset, pill.top() + (at.badge - side) // 2, mark)
        painter.setPen(BADGE_INK)
        painter.setFont(look.font)
        top = pill.top() + (at.badge - text.size().height()) / 2
        painter.drawStaticText(QPointF(pill.left() + 2 * inset + side, top), text)

    def _stack_words(
        self, at: Geometry, cell: Cell, stack: tuple[int, int], font: QFont, font_key: str
    ) -> QStaticText:
        """How many frames a closed stack has, or which of them this is; a set by its name, where it fits."""
        position, size = stack
        count = f"{size}" if cell.closed else f"{position}/{size}"
        words = f"{cell.set_kind} {count}" if cell.set_kind else count
        text = self._parts.text(words, at.box.width() * 2, font, font_key)
        if text.size().width() > at.box.width() * _STACK_ROOM:
            text = self._parts.text(count, at.box.width(), font, font_key)
        return text
