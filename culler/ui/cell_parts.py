"""The parts of a cell that repeat, painted once and kept: grounds, badges, chips, texts, and pictures
scaled to their size on screen."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen, QPixmap, QStaticText

from culler.domain.decision import ColorLabel
from culler.domain.levels import Level
from culler.domain.photo import PhotoId
from culler.ui import theme
from culler.ui.cell_geometry import Geometry, fitted_size

_SCALED_BYTES = 24 * 2**20
"""Some four screens of pictures as they are shown; the loader keeps more as they were read."""
_KEPT_TEXTS = 2048
_KEPT_PARTS = 128

BADGE_GROUND = QColor(0, 0, 0, 165)
BADGE_ROUND = 0.24
"""Corner radius of a badge over its side."""
BADGE_INK = QColor("#ffffff")
_GHOST_GROUND = QColor(0, 0, 0, 95)
_BADGE_INKS = {
    "flag-reject": QColor("#ff8a75"),
    "warning": QColor("#ffc65c"),
    "damaged": QColor("#ffc65c"),
    "missing": QColor("#ffc65c"),
}

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Look:
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


class CellParts:
    """Answers from memory where it can. A part's key holds all that its pixels depend on."""

    def __init__(self) -> None:
        self._look: Look | None = None
        self._texts: _Kept[tuple[str, int, str], QStaticText] = _Kept(_KEPT_TEXTS)
        self._parts: _Kept[tuple[object, ...], QPixmap] = _Kept(_KEPT_PARTS)
        self._scaled: _Kept[PhotoId, tuple[tuple[int, int, int, float], QPixmap]] = _Kept(_SCALED_BYTES)

    def look_of(self, font: QFont, palette: QPalette, ratio: float) -> "Look":
        key = (font.key(), palette.cacheKey(), ratio)
        look = self._look
        if look is None or look.key != key:
            strong = QFont(font)
            strong.setWeight(QFont.Weight.DemiBold)
            look = self._look = Look(
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

    def ground(self, size: QSize, look: "Look", selected: bool, current: bool, hovered: bool) -> QPixmap:
        """The cell itself: rounded, and framed where it is selected or current."""
        colors = look.colors
        key = (size.width(), size.height(), selected, current, hovered, look.ratio, colors.cell.rgba())
        found = self._parts.get(key)
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
        self._parts.put(key, ground)
        return ground

    def badge(self, at: Geometry, ratio: float, name: str) -> QPixmap:
        """A white or warning glyph on its dark ground; a suggestion's ground is fainter."""
        key = ("badge", name, at.badge, ratio)
        badge = self._parts.get(key)
        if badge is not None:
            return badge
        badge, painter = _canvas(at.badge, ratio)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_GHOST_GROUND if name.endswith("outline") else BADGE_GROUND)
        painter.drawRoundedRect(
            QRectF(0, 0, at.badge, at.badge), at.badge * BADGE_ROUND, at.badge * BADGE_ROUND
        )
        side = round(at.icon * (0.96 if name == "warning" else 0.86))
        offset = (at.badge - side) / 2
        glyph = theme.glyph(name, side, _BADGE_INKS.get(name, BADGE_INK), ratio)
        painter.drawPixmap(QPointF(offset, offset), glyph)
        painter.end()
        self._parts.put(key, badge)
        return badge

    def chip(self, label: ColorLabel | None, side: int, ratio: float) -> QPixmap:
        key = ("chip", label, side, ratio)
        chip = self._parts.get(key)
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
        self._parts.put(key, chip)
        return chip

    def fitted(self, photo_id: PhotoId, source: QPixmap, box: QSize, ratio: float) -> QPixmap:
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

    def text(self, text: str, width: int, font: QFont, font_key: str) -> QStaticText:
        key = (text, width, font_key)
        found = self._texts.get(key)
        if found is None:
            found = QStaticText(QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideMiddle, width))
            found.setTextFormat(Qt.TextFormat.PlainText)
            found.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            found.prepare(font=font)
            self._texts.put(key, found)
        return found


def _canvas(side: int, ratio: float) -> tuple[QPixmap, QPainter]:
    """An empty square of `side` logical pixels, and a painter on it; whoever asked ends the painter."""
    pixmap = QPixmap(QSize(side, side) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return pixmap, painter
