"""A distribution over the five levels, drawn: five labelled bars, or one slim stacked strip."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from culler.domain.levels import Level, LevelDistribution
from culler.ui import theme

_SURE = ((0.45, "very sure"), (0.75, "fairly sure"), (1.0, "unsure"))


def in_words(levels: LevelDistribution) -> str:
    """Level and certainty as people say them: 'good, fairly sure'."""
    certainty = next((words for limit, words in _SURE if levels.spread < limit), "very unsure")
    return f"{levels.likeliest.word}, {certainty}"


class LevelBars(QWidget):
    """Five rows, excellent first: the word, a bar, a percentage."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._levels: LevelDistribution | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_levels(self, levels: LevelDistribution | None) -> None:
        self._levels = levels
        spoken = (
            "not scored"
            if levels is None
            else ", ".join(f"{level.word} {levels[level]:.0%}" for level in reversed(Level))
        )
        self.setAccessibleDescription(spoken)
        self.update()

    def _row_height(self) -> float:
        return self.fontMetrics().height() * 1.25

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance("excellent 100 %") + metrics.height() * 6
        return QSize(width, round(self._row_height() * len(Level)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        line = metrics.height()
        words = metrics.horizontalAdvance("excellent") + line // 2
        percents = metrics.horizontalAdvance("100 %") + line // 3
        row = self._row_height()
        bar_height = max(4.0, line * 0.5)
        room = max(1.0, self.width() - words - percents)
        text = self.palette().color(QPalette.ColorRole.WindowText)
        dim = theme.cell_colors(self.palette()).dim_text
        track = theme.cell_colors(self.palette()).track
        top = None if self._levels is None else self._levels.likeliest
        for at, level in enumerate(reversed(Level)):
            y = at * row
            share = None if self._levels is None else self._levels[level]
            painter.setPen(text if level is top else dim)
            painter.drawText(
                QRectF(0, y, words, row),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                level.word,
            )
            bar = QRectF(words, y + (row - bar_height) / 2, room, bar_height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(track)
            painter.drawRoundedRect(bar, bar_height / 2, bar_height / 2)
            if share is None:
                continue
            clip = QPainterPath()
            clip.addRoundedRect(bar, bar_height / 2, bar_height / 2)
            painter.save()
            painter.setClipPath(clip)
            filled = QRectF(bar)
            filled.setWidth(room * share)
            painter.fillRect(filled, theme.level_color(level, self.palette()))
            painter.restore()
            painter.setPen(text if level is top else dim)
            painter.drawText(
                QRectF(self.width() - percents, y, percents, row),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
                f"{share * 100:.0f} %",
            )


def paint_strip(painter: QPainter, rect: QRectF, levels: LevelDistribution | None, palette: QPalette) -> None:
    """One slim bar, excellent to bad from left to right, each level as wide as it is likely."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    clip = QPainterPath()
    clip.addRoundedRect(rect, rect.height() / 2, rect.height() / 2)
    painter.setClipPath(clip)
    painter.fillRect(rect, theme.cell_colors(palette).track)
    if levels is not None:
        x = rect.left()
        for level in reversed(Level):
            width = rect.width() * levels[level]
            painter.fillRect(QRectF(x, rect.top(), width, rect.height()), theme.level_color(level, palette))
            x += width
    painter.restore()


class LevelStrip(QWidget):
    """`paint_strip` as a widget."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._levels: LevelDistribution | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_levels(self, levels: LevelDistribution | None) -> None:
        self._levels = levels
        self.setToolTip("not scored" if levels is None else in_words(levels))
        self.update()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(line * 8, line)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_strip_with_mean(QPainter(self), QRectF(self.rect()), self._levels, self.palette())


def paint_strip_with_mean(
    painter: QPainter, rect: QRectF, levels: LevelDistribution | None, palette: QPalette
) -> None:
    """The strip, and its mean to the right of it."""
    metrics = painter.fontMetrics()
    words = metrics.horizontalAdvance("5.0") + metrics.height() * 0.4
    height = max(4.0, metrics.height() * 0.35)
    bar = QRectF(rect.left(), rect.center().y() - height / 2, rect.width() - words, height)
    paint_strip(painter, bar, levels, palette)
    if levels is not None:
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        painter.drawText(
            rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, f"{levels.mean:.1f}"
        )
