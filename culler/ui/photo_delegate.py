"""Paints one photo of the grid: the picture first, then its name, what the judge says, the marks.

A cell is one picture box above two lines of text: the name with stars and colour label, and the
level bar with its mean. The bar is the distribution itself: five segments, best on the left, each as
wide as the level is likely. Everything that repeats is painted once and kept.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

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
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen, QPixmap, QStaticText
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from culler.domain.assessment import Aspect
from culler.domain.decision import ColorLabel, Flag
from culler.domain.levels import Level
from culler.domain.photo import PhotoId
from culler.ui import theme
from culler.ui.photo_model import Cell, Levels, Role

_BOX_RATIO = 0.78
"""Height of the picture box to its width: lets 3:2 landscapes fill it and portraits stay large."""
_MOST_ENLARGED = 1.6
"""A thumbnail is drawn at most so much larger than its pixels at 1×; small originals stay small."""
_REJECTED_OPACITY = 0.32
_SCALED_BYTES = 24 * 2**20
_KEPT_TEXTS = 2048

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Geometry:
    """Where things are in a cell, relative to its top left corner; logical pixels."""

    size: QSize
    box: QRect
    name: QRect
    bar: QRect
    mean: QRect
    icon: int
    star: int
    pad: int


class PhotoDelegate(QStyledItemDelegate):
    """`pixmap` gives the picture of a photo where there is one, at once: a loader's `pixmap`."""

    def __init__(self, pixmap: Callable[[PhotoId], QPixmap | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pixmap = pixmap
        self._aspect = Aspect.QUALITY
        self._geometries: dict[tuple[int, str], Geometry] = {}
        self._texts: _Kept[tuple[str, int, str], QStaticText] = _Kept(_KEPT_TEXTS)
        self._grounds: _Kept[tuple[int, int, int, int, int], QPixmap] = _Kept(64)
        self._scaled: _Kept[PhotoId, tuple[int, int, int, QPixmap]] = _Kept(_SCALED_BYTES)

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
            found = self._geometries[key] = _geometry(width, QFontMetrics(font))
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
        colors = theme.cell_colors(palette)
        at = self.geometry_of(rect.width(), font)
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(
            rect.topLeft(),
            self._ground(at.size, colors, ratio, selected=selected, current=current, hovered=hovered),
        )
        painter.translate(rect.topLeft())
        rejected = cell.flag is Flag.REJECT
        picture = self._paint_picture(painter, at, cell, colors, ratio, dimmed=rejected or cell.missing)
        self._paint_name(painter, at, cell, font, colors, ratio, dimmed=rejected, bright=selected or current)
        levels = cell.quality if self._aspect is Aspect.QUALITY else cell.aesthetics
        self._paint_levels(painter, at, levels, font, palette, colors, ratio, dimmed=rejected)
        self._paint_badges(painter, at, cell, font, picture, ratio)
        painter.translate(-rect.topLeft())

    # Parts

    def _ground(
        self,
        size: QSize,
        colors: theme.CellColors,
        ratio: float,
        *,
        selected: bool,
        current: bool,
        hovered: bool,
    ) -> QPixmap:
        state = selected << 2 | current << 1 | hovered
        key = (size.width(), size.height(), state, round(ratio * 1000), colors.cell.rgba())
        found = self._grounds.get(key)
        if found is not None:
            return found
        ground = QPixmap(size * ratio)
        ground.setDevicePixelRatio(ratio)
        ground.fill(colors.ground)
        painter = QPainter(ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = colors.cell
        if selected:
            fill = colors.current if current else colors.selected
        elif hovered:
            fill = colors.hover
        radius = max(4.0, size.width() * 0.03)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(QRectF(0, 0, size.width(), size.height()), radius, radius)
        if selected or current:
            thick = 2.5 if current else 1.5
            pen = painter.pen()
            pen.setStyle(Qt.PenStyle.SolidLine)
            pen.setColor(colors.current_ring if current else colors.ring)
            pen.setWidthF(thick)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            inset = thick / 2
            painter.drawRoundedRect(
                QRectF(inset, inset, size.width() - thick, size.height() - thick),
                radius - inset,
                radius - inset,
            )
        painter.end()
        self._grounds.put(key, ground)
        return ground

    def _paint_picture(
        self,
        painter: QPainter,
        at: Geometry,
        cell: Cell,
        colors: theme.CellColors,
        ratio: float,
        *,
        dimmed: bool,
    ) -> QRect:
        """Paints the picture, or what stands for it; answers where it is."""
        source = self._pixmap(cell.photo_id)
        if source is None or source.isNull():
            return self._paint_stand_in(painter, at, cell, colors, ratio)
        fitted = self._fitted(cell.photo_id, source, at.box.size(), ratio)
        size = fitted.deviceIndependentSize()
        # On whole device pixels, or the picture would be resampled once more.
        left = round((at.box.left() + (at.box.width() - size.width()) / 2) * ratio) / ratio
        top = round((at.box.top() + (at.box.height() - size.height()) / 2) * ratio) / ratio
        if dimmed:
            painter.setOpacity(_REJECTED_OPACITY)
        painter.drawPixmap(QPointF(left, top), fitted)
        if dimmed:
            painter.setOpacity(1.0)
        return QRectF(left, top, size.width(), size.height()).toRect()

    def _paint_stand_in(
        self, painter: QPainter, at: Geometry, cell: Cell, colors: theme.CellColors, ratio: float
    ) -> QRect:
        broken = cell.failed or cell.missing
        width = at.box.width() * (1.0 if broken else 0.94)
        height = min(at.box.height(), width * 2 / 3)
        rect = QRectF(0, 0, width, height)
        rect.moveCenter(QRectF(at.box).center())
        painter.fillRect(rect, colors.box)
        if broken:
            side = min(at.icon * 2, int(height * 0.5))
            mark = theme.glyph("warning" if cell.failed else "missing", side, colors.dim_text, ratio)
            painter.drawPixmap((rect.center() - QPointF(side, side) / 2).toPoint(), mark)
        return rect.toRect()

    def _paint_name(
        self,
        painter: QPainter,
        at: Geometry,
        cell: Cell,
        font: QFont,
        colors: theme.CellColors,
        ratio: float,
        *,
        dimmed: bool,
        bright: bool,
    ) -> None:
        line = at.name
        left, right = line.left(), line.right() + 1
        if cell.label is not ColorLabel.NONE:
            side = round(at.star * 0.95)
            chip = QRectF(left, line.center().y() - side / 2 + 1, side, side)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            color = theme.label_color(cell.label)
            if cell.label is None:  # another program's word: there, but of no colour of ours
                painter.setPen(QPen(color, 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                chip.adjust(1, 1, -1, -1)
            else:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color)
            painter.drawRoundedRect(chip, side * 0.28, side * 0.28)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            left += side + at.pad // 2 + 1
        if cell.stars:
            star = theme.glyph("star", at.star, colors.dim_text if dimmed else colors.text, ratio)
            right -= cell.stars * at.star
            top = line.center().y() - at.star // 2
            for position in range(cell.stars):
                painter.drawPixmap(right + position * at.star, top, star)
            right -= at.pad // 2
        if right - left > at.star:
            painter.setFont(font)
            painter.setPen(colors.text if bright else colors.dim_text)
            text = self._text(cell.name, right - left, font)
            painter.drawStaticText(QPoint(left, line.top()), text)

    def _paint_levels(
        self,
        painter: QPainter,
        at: Geometry,
        levels: Levels | None,
        font: QFont,
        palette: QPalette,
        colors: theme.CellColors,
        ratio: float,
        *,
        dimmed: bool,
    ) -> None:
        if levels is None:
            painter.fillRect(at.bar, colors.track)
            return
        if dimmed:
            painter.setOpacity(0.5)
        for rect, level in segments(levels, at.bar, ratio):
            painter.fillRect(rect, theme.level_color(level, palette))
        mean = sum(level * probability for level, probability in zip(Level, levels, strict=True))
        strong = _strong(font)
        painter.setFont(strong)
        painter.setPen(colors.text)
        text = self._text(f"{mean:.1f}", at.mean.width() * 2, strong)
        painter.drawStaticText(QPointF(at.mean.right() + 1 - text.size().width(), at.mean.top()), text)
        if dimmed:
            painter.setOpacity(1.0)

    def _paint_badges(
        self, painter: QPainter, at: Geometry, cell: Cell, font: QFont, picture: QRect, ratio: float
    ) -> None:
        """Marks on the picture's corners, each on its own dark disc so that any photo may lie below."""
        if cell.flag is not Flag.NONE:
            name = "flag-pick" if cell.flag is Flag.PICK else "flag-reject"
            self._badge(painter, at, at.box.topLeft(), ratio, name, solid=True)
        elif cell.ghost is not Flag.NONE:
            name = "flag-pick-outline" if cell.ghost is Flag.PICK else "flag-reject-outline"
            self._badge(painter, at, at.box.topLeft(), ratio, name, solid=False)
        side = round(at.icon * 1.5)
        corner = at.box.topRight() - QPoint(side - 1, 0)
        states = (("warning", cell.damaged or cell.failed), ("missing", cell.missing), ("video", cell.video))
        stands_in = self._pixmap(cell.photo_id) is None
        for name, holds in states:
            if holds and not (stands_in and name == ("warning" if cell.failed else "missing")):
                self._badge(painter, at, corner, ratio, name, solid=True)
                corner -= QPoint(side + 2, 0)
        if cell.stack is not None:
            self._paint_stack(painter, at, cell.stack, font, ratio)

    def _badge(
        self, painter: QPainter, at: Geometry, corner: QPoint, ratio: float, name: str, *, solid: bool
    ) -> None:
        side = round(at.icon * 1.5)
        key = (side, side, -1 - hash(name) % 10**6, round(ratio * 1000), solid)
        badge = self._grounds.get(key)
        if badge is None:
            badge = QPixmap(QSize(side, side) * ratio)
            badge.setDevicePixelRatio(ratio)
            badge.fill(Qt.GlobalColor.transparent)
            ink = QPainter(badge)
            ink.setRenderHint(QPainter.RenderHint.Antialiasing)
            ink.setPen(Qt.PenStyle.NoPen)
            ink.setBrush(QColor(0, 0, 0, 165 if solid else 95))
            ink.drawRoundedRect(QRectF(0, 0, side, side), side * 0.24, side * 0.24)
            inner = round(at.icon * (0.96 if name == "warning" else 0.86))
            color = _BADGE_COLORS.get(name, QColor("#ffffff"))
            offset = (side - inner) / 2
            ink.drawPixmap(QPointF(offset, offset), theme.glyph(name, inner, color, ratio))
            ink.end()
            self._grounds.put(key, badge)
        painter.drawPixmap(corner, badge)

    def _paint_stack(
        self, painter: QPainter, at: Geometry, stack: tuple[int, int], font: QFont, ratio: float
    ) -> None:
        position, size = stack
        text = self._text(f"{position}/{size}", at.box.width(), font)
        width = round(text.size().width()) + at.icon + at.pad * 2
        height = round(at.icon * 1.4)
        pill = QRect(at.box.right() + 1 - width, at.box.bottom() + 1 - height, width, height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 165))
        painter.drawRoundedRect(pill, height * 0.25, height * 0.25)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        side = round(at.icon * 0.85)
        mark = theme.glyph("stack", side, QColor("#ffffff"), ratio)
        painter.drawPixmap(pill.left() + at.pad // 2 + 1, pill.top() + (height - side) // 2, mark)
        painter.setPen(QColor("#ffffff"))
        painter.setFont(font)
        top = pill.top() + (height - text.size().height()) / 2
        painter.drawStaticText(QPointF(pill.right() - at.pad // 2 - text.size().width(), top), text)

    # What is kept

    def _fitted(self, photo_id: PhotoId, source: QPixmap, box: QSize, ratio: float) -> QPixmap:
        """The picture scaled once to its size on screen."""
        side = (box.width() << 16 | box.height()) * 4096 + round(ratio * 100)
        kept = self._scaled.get(photo_id)
        if kept is not None and kept[0] == source.cacheKey() and kept[1] == side:
            return kept[3]
        size = fitted_size(source.size(), box, ratio)
        if size == source.size():
            scaled = QPixmap(source)
        else:
            scaled = source.scaled(
                size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
        scaled.setDevicePixelRatio(ratio)
        cost = size.width() * size.height() * 4
        self._scaled.put(photo_id, (source.cacheKey(), side, cost, scaled), cost)
        return scaled

    def _text(self, text: str, width: int, font: QFont) -> QStaticText:
        key = (text, width, font.key())
        found = self._texts.get(key)
        if found is None:
            found = QStaticText(QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideMiddle, width))
            found.setTextFormat(Qt.TextFormat.PlainText)
            found.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            found.prepare(font=font)
            self._texts.put(key, found)
        return found


_BADGE_COLORS = {
    "flag-reject": QColor("#ff8a75"),
    "warning": QColor("#ffc65c"),
    "missing": QColor("#ffc65c"),
}


class _Kept(Generic[Key, Value]):
    """The values used last, up to a total cost."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._cost = 0
        self._values: OrderedDict[Key, tuple[Value, int]] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        found = self._values.get(key)
        if found is None:
            return None
        self._values.move_to_end(key)
        return found[0]

    def put(self, key: Key, value: Value, cost: int = 1) -> None:
        old = self._values.pop(key, None)
        if old is not None:
            self._cost -= old[1]
        self._values[key] = (value, cost)
        self._cost += cost
        while self._cost > self._most and len(self._values) > 1:
            _, (_, gone) = self._values.popitem(last=False)
            self._cost -= gone


def segments(levels: Levels, bar: QRect, ratio: float) -> list[tuple[QRectF, Level]]:
    """The level bar: a rectangle a level, best on the left, on whole device pixels.

    Together they cover the bar exactly; a level that gets less than half a pixel is left out.
    """
    pixels = round(bar.width() * ratio)
    found = []
    total = sum(levels)
    edge, reached = 0, 0.0
    for level in reversed(Level):
        reached += levels[level - 1]
        upto = pixels if level is Level.BAD else round(pixels * reached / total)
        if upto > edge:
            found.append(
                (QRectF(bar.left() + edge / ratio, bar.top(), (upto - edge) / ratio, bar.height()), level)
            )
        edge = upto
    return found


def fitted_size(source: QSize, box: QSize, ratio: float) -> QSize:
    """Device pixels of a picture letterboxed into `box` (logical), never blown up beyond use."""
    room = QSize(round(box.width() * ratio), round(box.height() * ratio))
    size = source.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
    most = _MOST_ENLARGED * ratio
    if size.width() > source.width() * most:
        size = QSize(round(source.width() * most), round(source.height() * most))
    return size.expandedTo(QSize(1, 1))


def _strong(font: QFont) -> QFont:
    strong = QFont(font)
    strong.setWeight(QFont.Weight.DemiBold)
    return strong


def _geometry(width: int, metrics: QFontMetrics) -> Geometry:
    unit = theme.unit(metrics)
    pad = max(4, round(unit * 0.4))
    inner = width - 2 * pad
    box = QRect(pad, pad, inner, round(inner * _BOX_RATIO))
    name = QRect(pad, box.bottom() + 1 + round(unit * 0.3), inner, metrics.height())
    mean_width = metrics.horizontalAdvance("0.0") + 2
    mean = QRect(pad + inner - mean_width, name.bottom() + 1, mean_width, metrics.height())
    thick = max(4, round(unit * 0.36))
    bar = QRect(
        pad, mean.top() + (mean.height() - thick + 1) // 2, inner - mean_width - round(unit * 0.5), thick
    )
    return Geometry(
        size=QSize(width, mean.bottom() + 1 + round(unit * 0.3)),
        box=box,
        name=name,
        bar=bar,
        mean=mean,
        icon=max(10, round(unit * 0.95)),
        star=max(8, round(unit * 0.72)),
        pad=pad,
    )
