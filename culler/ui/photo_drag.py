"""Photos dragged out of the window: their files, and the picture under the cursor."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QDrag, QFont, QFontMetrics, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QWidget

from culler.domain.photo import PhotoId
from culler.ui import theme
from culler.ui.photo_model import PhotoModel


def drag_of(source: QWidget, photos: PhotoModel, ids: Sequence[PhotoId], thumbnail: QPixmap | None) -> QDrag:
    """A drag of these photos' files, ready to be carried out; the thumbnail is one of theirs."""
    drag = QDrag(source)
    drag.setMimeData(photos.mime_of(ids))
    drag.setPixmap(
        drag_picture(thumbnail, len(ids), source.font(), source.palette(), source.devicePixelRatioF())
    )
    unit = theme.unit(source.fontMetrics())
    drag.setHotSpot(QPoint(unit, unit))
    return drag


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
