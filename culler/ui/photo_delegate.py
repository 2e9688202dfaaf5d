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
_NAME_ROOM = 6
"""Stars that the name must have room for, or the stars become a number."""
_KEPT_TEXTS = 2048
_KEPT_PARTS = 128
_BADGE_GROUND = QColor(0, 0, 0, 165)
_GHOST_GROUND = QColor(0, 0, 0, 95)
_BADGE_ROUND = 0.24
_BADGE_INK = QColor("#ffffff")
_BADGE_INKS = {
    "flag-reject": QColor("#ff8a75"),
    "warning": QColor("#ffc65c"),
    "damaged": QColor("#ffc65c"),
    "missing": QColor("#ffc65c"),
}

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
    badge: int
    star: int
    pad: int


class PhotoDelegate(QStyledItemDelegate):
    """`pixmap` gives the picture of a photo where there is one, at once: a loader's `pixmap`."""

    def __init__(self, pixmap: Callable[[PhotoId], QPixmap | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pixmap = pixmap
        self._aspect = Aspect.QUALITY
        self._geometries: dict[tuple[int, str], Geometry] = {}
        self._look: _Look | None = None
        self._texts: _Kept[tuple[str, int, str], QStaticText] = _Kept(_KEPT_TEXTS)
        self._painted: _Kept[tuple[object, ...], QPixmap] = _Kept(_KEPT_PARTS)
        self._scaled: _Kept[PhotoId, tuple[tuple[int, int, int, float], QPixmap]] = _Kept(_SCALED_BYTES)

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
        look = self._look_of(font, palette, painter.device().devicePixelRatioF())
        at = self.geometry_of(rect.width(), font)
        corner = rect.topLeft()
        painter.drawPixmap(corner, self._ground(at.size, look, selected, current, hovered))
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

    # Parts

    def _paint_picture(
        self, painter: QPainter, at: Geometry, cell: Cell, source: QPixmap, look: "_Look"
    ) -> None:
        fitted = self._fitted(cell.photo_id, source, at.box.size(), look.ratio)
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

    def _paint_stand_in(self, painter: QPainter, at: Geometry, cell: Cell, look: "_Look") -> None:
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

    def _paint_name(
        self, painter: QPainter, at: Geometry, cell: Cell, look: "_Look", *, bright: bool
    ) -> None:
        line = at.name
        left, right = line.left(), line.right() + 1
        if cell.label is not ColorLabel.NONE:
            side = round(at.star * 0.95)
            chip = self._chip(cell.label, side, look.ratio)
            painter.drawPixmap(left, line.top() + (line.height() - side) // 2 + 1, chip)
            left += side + at.pad // 2 + 1
        if cell.stars:
            right = self._paint_stars(painter, at, cell, look, room=right - left)
        if right - left > at.star:
            painter.setFont(look.font)
            painter.setPen(look.colors.text if bright else look.colors.dim_text)
            text = self._text(cell.name, right - left, look.font, look.font_key)
            # Scripts of other fonts stand taller; what they have more goes above the line.
            rise = max(0, round(text.size().height()) - line.height())
            painter.drawStaticText(QPoint(left, line.top() - rise), text)

    def _paint_stars(self, painter: QPainter, at: Geometry, cell: Cell, look: "_Look", *, room: int) -> int:
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
            number = self._text(str(cell.stars), line.width(), look.font, look.font_key)
            left -= round(number.size().width()) + 1
            painter.drawStaticText(QPoint(left, line.top()), number)
        else:
            left -= (cell.stars - 1) * at.star
            for position in range(cell.stars):
                painter.drawPixmap(left + position * at.star, top, star)
        return left - at.pad // 2

    def _paint_levels(self, painter: QPainter, at: Geometry, cell: Cell, look: "_Look") -> None:
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
        text = self._text(f"{mean:.1f}", at.mean.width() * 2, look.strong, look.strong_key)
        painter.drawStaticText(QPointF(at.mean.right() + 1 - text.size().width(), at.mean.top()), text)
        if rejected:
            painter.setOpacity(1.0)

    def _paint_badges(
        self, painter: QPainter, at: Geometry, cell: Cell, look: "_Look", *, shows_picture: bool
    ) -> None:
        """Marks in the corners of the box, each on a dark ground so that any photo may lie below."""
        if cell.flag is not Flag.NONE:
            name = "flag-pick" if cell.flag is Flag.PICK else "flag-reject"
            painter.drawPixmap(at.box.topLeft(), self._badge(at, look.ratio, name))
        elif cell.ghost is not Flag.NONE:
            name = "flag-pick-outline" if cell.ghost is Flag.PICK else "flag-reject-outline"
            painter.drawPixmap(at.box.topLeft(), self._badge(at, look.ratio, name))
        if cell.failed or cell.damaged or cell.missing or cell.video:
            self._paint_states(painter, at, cell, look, shows_picture)
        if cell.stack is not None:
            self._paint_stack(painter, at, cell.stack, look)

    def _paint_states(
        self, painter: QPainter, at: Geometry, cell: Cell, look: "_Look", shows_picture: bool
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
                painter.drawPixmap(corner, self._badge(at, look.ratio, name))
                corner -= QPoint(at.badge + 2, 0)

    def _paint_stack(self, painter: QPainter, at: Geometry, stack: tuple[int, int], look: "_Look") -> None:
        position, size = stack
        text = self._text(f"{position}/{size}", at.box.width(), look.font, look.font_key)
        side = round(at.icon * 0.85)
        inset = at.pad // 2 + 1
        width = round(text.size().width()) + side + 3 * inset
        pill = QRect(at.box.right() + 1 - width, at.box.bottom() + 1 - at.badge, width, at.badge)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_BADGE_GROUND)
        painter.drawRoundedRect(pill, at.badge * _BADGE_ROUND, at.badge * _BADGE_ROUND)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        mark = theme.glyph("stack", side, _BADGE_INK, look.ratio)
        painter.drawPixmap(pill.left() + inset, pill.top() + (at.badge - side) // 2, mark)
        painter.setPen(_BADGE_INK)
        painter.setFont(look.font)
        top = pill.top() + (at.badge - text.size().height()) / 2
        painter.drawStaticText(QPointF(pill.left() + 2 * inset + side, top), text)

    # What is kept

    def _look_of(self, font: QFont, palette: QPalette, ratio: float) -> "_Look":
        key = (font.key(), palette.cacheKey(), ratio)
        look = self._look
        if look is None or look.key != key:
            strong = QFont(font)
            strong.setWeight(QFont.Weight.DemiBold)
            look = self._look = _Look(
                key=key,
                ratio=ratio,
                colors=theme.cell_colors(palette),
                levels=tuple(theme.level_color(level, palette) for level in Level),
                font=QFont(font),
                font_key=font.key(),
                strong=strong,
                strong_key=strong.key(),
            )
        return look

    def _ground(self, size: QSize, look: "_Look", selected: bool, current: bool, hovered: bool) -> QPixmap:
        """The cell itself: rounded, and framed where it is selected or current."""
        colors = look.colors
        key = (size.width(), size.height(), selected, current, hovered, look.ratio, colors.cell.rgba())
        found = self._painted.get(key)
        if found is not None:
            return found
        ground = QPixmap(size * look.ratio)
        ground.setDevicePixelRatio(look.ratio)
        ground.fill(colors.ground)
        painter = QPainter(ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = colors.hover if hovered else colors.cell
        if selected:
            fill = colors.current if current else colors.selected
        radius = max(4.0, size.width() * 0.03)
        thick = 2.5 if current else 1.5 if selected else 0.0
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(QRectF(0, 0, size.width(), size.height()), radius, radius)
        if thick:
            painter.setPen(QPen(colors.current_ring if current else colors.ring, thick))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            inset = thick / 2
            frame = QRectF(inset, inset, size.width() - thick, size.height() - thick)
            painter.drawRoundedRect(frame, radius - inset, radius - inset)
        painter.end()
        self._painted.put(key, ground)
        return ground

    def _badge(self, at: Geometry, ratio: float, name: str) -> QPixmap:
        """A white or warning glyph on its dark ground; a suggestion's ground is fainter."""
        key = ("badge", name, at.badge, ratio)
        badge = self._painted.get(key)
        if badge is not None:
            return badge
        badge, painter = _canvas(at.badge, ratio)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_GHOST_GROUND if name.endswith("outline") else _BADGE_GROUND)
        painter.drawRoundedRect(
            QRectF(0, 0, at.badge, at.badge), at.badge * _BADGE_ROUND, at.badge * _BADGE_ROUND
        )
        side = round(at.icon * (0.96 if name == "warning" else 0.86))
        offset = (at.badge - side) / 2
        glyph = theme.glyph(name, side, _BADGE_INKS.get(name, _BADGE_INK), ratio)
        painter.drawPixmap(QPointF(offset, offset), glyph)
        painter.end()
        self._painted.put(key, badge)
        return badge

    def _chip(self, label: ColorLabel | None, side: int, ratio: float) -> QPixmap:
        key = ("chip", label, side, ratio)
        chip = self._painted.get(key)
        if chip is not None:
            return chip
        chip, painter = _canvas(side, ratio)
        color = theme.label_color(label)
        rect = QRectF(0, 0, side, side)
        if label is None:  # another program's word: there, but of no colour of ours
            painter.setPen(QPen(color, 1.5))
            rect.adjust(1, 1, -1, -1)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
        painter.drawRoundedRect(rect, side * 0.28, side * 0.28)
        painter.end()
        self._painted.put(key, chip)
        return chip

    def _fitted(self, photo_id: PhotoId, source: QPixmap, box: QSize, ratio: float) -> QPixmap:
        """The picture scaled once to its size on screen."""
        key = (source.cacheKey(), box.width(), box.height(), ratio)
        kept = self._scaled.get(photo_id)
        if kept is not None and kept[0] == key:
            return kept[1]
        size = fitted_size(source.size(), box, ratio)
        if size == source.size():
            scaled = QPixmap(source)
        else:
            scaled = source.scaled(
                size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
        scaled.setDevicePixelRatio(ratio)
        self._scaled.put(photo_id, (key, scaled), size.width() * size.height() * 4)
        return scaled

    def _text(self, text: str, width: int, font: QFont, font_key: str) -> QStaticText:
        key = (text, width, font_key)
        found = self._texts.get(key)
        if found is None:
            found = QStaticText(QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideMiddle, width))
            found.setTextFormat(Qt.TextFormat.PlainText)
            found.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            found.prepare(font=font)
            self._texts.put(key, found)
        return found


@dataclass(frozen=True, slots=True)
class _Look:
    """Colours and fonts, looked up once for as long as they hold."""

    key: tuple[str, int, float]
    ratio: float
    colors: theme.CellColors
    levels: tuple[QColor, ...]
    font: QFont
    font_key: str
    strong: QFont
    strong_key: str


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


def _canvas(side: int, ratio: float) -> tuple[QPixmap, QPainter]:
    """An empty square of `side` logical pixels, and a painter on it; whoever asked ends the painter."""
    pixmap = QPixmap(QSize(side, side) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return pixmap, painter


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
    icon = max(8, round(min(unit * 0.95, inner * 0.13)))
    return Geometry(
        size=QSize(width, mean.bottom() + 1 + round(unit * 0.3)),
        box=box,
        name=name,
        bar=bar,
        mean=mean,
        icon=icon,
        badge=round(icon * 1.5),
        star=max(8, round(unit * 0.72)),
        pad=pad,
    )
