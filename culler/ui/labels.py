"""Labels in three voices (plain is QLabel's; a heading is stronger, a dim one steps back), and the
other small parts that dialogs share."""

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPaintEvent, QPalette, QPixmap
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QLabel,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from culler.ui import theme


class DimLabel(QLabel):
    """Text that steps back and can still be read well, in either scheme."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._dress()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        around = self.parentWidget()
        color = self._color(QPalette() if around is None else around.palette())
        if self.palette().color(QPalette.ColorRole.WindowText) != color:
            own = QPalette()
            own.setColor(QPalette.ColorRole.WindowText, color)
            self.setPalette(own)

    def _color(self, around: QPalette) -> QColor:
        return theme.cell_colors(around).dim_text


class ProblemLabel(DimLabel):
    """Says what is wrong, in the colour of problems."""

    def _color(self, around: QPalette) -> QColor:
        return theme.problem_color(around)


class ElidedLabel(QLabel):
    """One line that gives way in its middle where there is too little room; the tip has it whole."""

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 4, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, self.width())
        painter.drawText(self.rect(), self.alignment(), text)


def heading(text: str, parent: QWidget, scale: float = 1.0) -> QLabel:
    """A heading, `scale` times as large as text."""
    label = QLabel(text, parent)
    font = QFont(label.font())
    font.setWeight(QFont.Weight.DemiBold)
    font.setPointSizeF(font.pointSizeF() * scale)
    label.setFont(font)
    return label


def photos_counted(count: int) -> str:
    """ "1 photo", "1,204 photos"."""
    return "1 photo" if count == 1 else f"{count:,} photos"


def framed(pixmap: QPixmap | None, size: QSize, ratio: float) -> QPixmap:
    """A picture in the middle of a frame that is the same for all; None gives the frame alone. No picture
    is enlarged."""
    canvas = QPixmap(size * ratio)
    canvas.fill(Qt.GlobalColor.transparent)
    if pixmap is not None:
        plain = QPixmap(pixmap)
        plain.setDevicePixelRatio(1.0)
        if plain.width() > canvas.width() or plain.height() > canvas.height():
            plain = plain.scaled(
                canvas.size(), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
        painter = QPainter(canvas)
        painter.drawPixmap(
            (canvas.width() - plain.width()) // 2, (canvas.height() - plain.height()) // 2, plain
        )
        painter.end()
    canvas.setDevicePixelRatio(ratio)
    return canvas


def fit(dialog: QWidget, width: int, height: int) -> None:
    """Give a dialog this size, or as much of it as the screen has."""
    screen = dialog.screen().availableSize()
    dialog.resize(min(width, screen.width() * 9 // 10), min(height, screen.height() * 17 // 20))


def close_box(parent: QWidget) -> QDialogButtonBox:
    """A Close button without the style's own picture."""
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, parent)
    for button in box.buttons():
        button.setIcon(QIcon())
    return box


class _Wrapping(QStyledItemDelegate):
    """Rows as high as their text needs in the width of its column; Qt forgets that under a style sheet with
    a padding."""

    def __init__(self, tree: QTreeView, padding: QSize) -> None:
        super().__init__(tree)
        self._tree, self._padding = tree, padding

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        size = super().sizeHint(option, index)
        if self._tree.wordWrap() and index.column():
            rim = self._tree.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin) + 1
            width = self._tree.columnWidth(index.column()) - 2 * (self._padding.width() + rim)
            room = QRect(0, 0, max(1, width), 1)
            metrics = self._tree.fontMetrics()
            text = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, str(index.data()))
            size.setHeight(max(size.height(), text.height() + 2 * self._padding.height()))
        return size


def roomy(tree: QTreeView) -> None:
    """Give the rows and headings of a list some air; where it wraps words, every row shows its whole text."""
    line = theme.unit(tree.fontMetrics())
    if tree.wordWrap():
        tree.setUniformRowHeights(False)
        tree.setItemDelegate(_Wrapping(tree, QSize(line // 4, line // 5)))
        tree.header().sectionResized.connect(tree.scheduleDelayedItemsLayout)
    tree.setStyleSheet(
        f"QTreeView::item {{ padding: {line // 5}px {line // 4}px; }}"
        f" QHeaderView::section {{ padding: {line // 5}px {line // 3}px; }}"
    )
