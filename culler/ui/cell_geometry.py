"""Where things are in a cell of the grid, and how large: numbers only.

A cell is one picture box above two lines of text. All lengths follow from the cell's width and from
font metrics.
"""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics

from culler.domain.levels import Level
from culler.ui import theme
from culler.ui.photo_cell import Levels

_BOX_RATIO = 0.78
"""Height of the picture box to its width: lets 3:2 landscapes fill it and portraits stay large."""
_MOST_ENLARGED = 1.6
"""A thumbnail is drawn at most so much larger than its pixels at 1×; small originals stay small."""


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


def geometry(width: int, metrics: QFontMetrics) -> Geometry:
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
