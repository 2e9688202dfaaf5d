"""What a grid paints beside its cells: the empty state, the rubber band, the picture of a drag."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPixmap

from culler.ui import theme


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


def paint_band(painter: QPainter, band: QRect, palette: QPalette) -> None:
    accent = palette.color(QPalette.ColorRole.Highlight)
    painter.setPen(accent.lighter(130))
    accent.setAlpha(60)
    painter.setBrush(accent)
    painter.drawRect(band.adjusted(0, 0, -1, -1))


def drag_picture(
    thumbnail: QPixmap | None, count: int, font: QFont, palette: QPalette, ratio: float
) -> QPixmap:
    """The photo that is dragged, small, with the number of all where there are several."""
    metrics = QFontMetrics(font)
    unit = theme.unit(metrics)
    side = unit * 6
    picture = QPixmap(QSize(side, side) * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setFont(font)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if thumbnail is None:
        painter.fillRect(0, 0, side, side * 2 // 3, theme.cell_colors(palette).box)
    else:
        size = thumbnail.size().scaled(QSize(side, side), Qt.AspectRatioMode.KeepAspectRatio)
        painter.drawPixmap(QRect(0, 0, size.width(), size.height()), thumbnail)
    if count > 1:
        text = f"{count:,}"
        pill = QRect(0, 0, metrics.horizontalAdvance(text) + unit, round(unit * 1.4))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    return picture
