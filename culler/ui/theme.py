"""The look: quiet neutral greys around the photos, in a dark and a light scheme.

Photos are judged on grey that has no hue of its own. Hue is kept for what means something: five
levels, five labels, and the accent of ordinary controls. All sizes follow from font metrics.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from PySide6.QtCore import QObject, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from culler.domain.decision import ColorLabel
from culler.domain.levels import Level
from culler.settings import resource


class Scheme(StrEnum):
    """What the setting may say. SYSTEM is dark where the system has no opinion."""

    SYSTEM = "system"
    DARK = "dark"
    LIGHT = "light"


@dataclass(frozen=True, slots=True)
class CellColors:
    """The colours of a grid cell, all neutral. `ground` lies behind the cells; `box` is where a
    thumbnail will be; `ring` runs around selected photos and `current_ring` around the current one."""

    ground: QColor
    cell: QColor
    hover: QColor
    selected: QColor
    current: QColor
    ring: QColor
    current_ring: QColor
    box: QColor
    text: QColor
    dim_text: QColor
    track: QColor


# Blue-orange diverging: the one pair of hues that red-green blindness keeps apart; the steps differ
# in lightness as well. tests/ui/test_theme.py holds them to it, simulated.
_LEVELS_ON_DARK = {
    Level.BAD: "#c8452f",
    Level.POOR: "#eb9a4a",
    Level.FAIR: "#b9b6ae",
    Level.GOOD: "#72bfe0",
    Level.EXCELLENT: "#3f86e0",
}
_LEVELS_ON_LIGHT = {
    Level.BAD: "#a5321f",
    Level.POOR: "#c9700e",
    Level.FAIR: "#83807a",
    Level.GOOD: "#2f8fbd",
    Level.EXCELLENT: "#1b4fa8",
}
_LABELS = {
    ColorLabel.RED: "#e0483e",
    ColorLabel.YELLOW: "#e8c33a",
    ColorLabel.GREEN: "#4fae58",
    ColorLabel.BLUE: "#4a8fe6",
    ColorLabel.PURPLE: "#a566d6",
    ColorLabel.NONE: "#00000000",
}
_FOREIGN_LABEL = "#9a9a9a"

_DARK_CELLS = CellColors(
    ground=QColor("#1e1e1e"),
    cell=QColor("#2a2a2a"),
    hover=QColor("#333333"),
    selected=QColor("#4a4a4a"),
    current=QColor("#5c5c5c"),
    ring=QColor("#9c9c9c"),
    current_ring=QColor("#f4f4f4"),
    box=QColor("#353535"),
    text=QColor("#dedede"),
    dim_text=QColor("#a2a2a2"),
    track=QColor(255, 255, 255, 30),
)
_LIGHT_CELLS = CellColors(
    ground=QColor("#c9c9c9"),
    cell=QColor("#d9d9d9"),
    hover=QColor("#e2e2e2"),
    selected=QColor("#e9e9e9"),
    current=QColor("#f1f1f1"),
    ring=QColor("#7c7c7c"),
    current_ring=QColor("#1c1c1c"),
    box=QColor("#cbcbcb"),
    text=QColor("#1f1f1f"),
    dim_text=QColor("#525252"),
    track=QColor(0, 0, 0, 34),
)


def dark_palette() -> QPalette:
    return _palette(
        window="#2b2b2b",
        text="#dedede",
        base="#1e1e1e",
        alternate="#252525",
        button="#3a3a3a",
        highlight="#3d6fae",
        link="#7fb2ea",
        tip="#3a3a3a",
        disabled="#777777",
        dark=("#5a5a5a", "#454545", "#1a1a1a", "#2f2f2f", "#0f0f0f"),
    )


def light_palette() -> QPalette:
    return _palette(
        window="#e4e4e4",
        text="#1f1f1f",
        base="#f4f4f4",
        alternate="#ececec",
        button="#ededed",
        highlight="#2f66ab",
        link="#1d57a5",
        tip="#fafafa",
        disabled="#8b8b8b",
        dark=("#ffffff", "#f5f5f5", "#9a9a9a", "#b9b9b9", "#6e6e6e"),
    )


def apply(app: QApplication, scheme: Scheme | str = Scheme.SYSTEM) -> None:
    """Gives the application the scheme, now and, for SYSTEM, whenever the system changes its mind."""
    scheme = Scheme(scheme)
    hints = app.styleHints()
    follower = app.findChild(_SystemFollower)
    if follower is None:
        follower = _SystemFollower(app)
        app.setStyle("Fusion")
    follower.scheme = scheme
    wanted = {
        Scheme.SYSTEM: Qt.ColorScheme.Unknown,
        Scheme.DARK: Qt.ColorScheme.Dark,
        Scheme.LIGHT: Qt.ColorScheme.Light,
    }[scheme]
    hints.setColorScheme(wanted)
    follower.refresh()


def is_dark(palette: QPalette) -> bool:
    """Whether text is lighter than what it stands on."""
    return (
        palette.color(QPalette.ColorRole.WindowText).lightness()
        > palette.color(QPalette.ColorRole.Window).lightness()
    )


def cell_colors(palette: QPalette) -> CellColors:
    return _DARK_CELLS if is_dark(palette) else _LIGHT_CELLS


def level_color(level: Level, palette: QPalette) -> QColor:
    """The colour of a level on this palette's grounds; one meaning wherever it appears."""
    return QColor((_LEVELS_ON_DARK if is_dark(palette) else _LEVELS_ON_LIGHT)[level])


def problem_color(palette: QPalette) -> QColor:
    """What sentences about something wrong are written in: redder than text and as easy to read."""
    return QColor("#f08a72" if is_dark(palette) else "#962a18")


def label_color(label: ColorLabel | None) -> QColor:
    """The colour of a label; None stands for another program's own word and is grey."""
    return QColor(_FOREIGN_LABEL if label is None else _LABELS[label])


def unit(metrics: QFontMetrics) -> int:
    """The length, in logical pixels, that paddings and icons are fractions of: a line of text."""
    return max(8, metrics.height())


def glyph(name: str, side: int, color: QColor, pixel_ratio: float = 1.0) -> QPixmap:
    """The icon in one colour, square, `side` logical pixels, crisp at `pixel_ratio`."""
    return _glyph(name, side, color.rgba(), round(pixel_ratio * 1000))


def icon(name: str, palette: QPalette) -> QIcon:
    """The icon in the palette's text colour, with its disabled state, for buttons and menus."""
    found = QIcon()
    text = palette.color(QPalette.ColorRole.ButtonText)
    faint = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
    for side in (16, 24, 32):
        for ratio in (1.0, 2.0):
            found.addPixmap(glyph(name, side, text, ratio), QIcon.Mode.Normal)
            found.addPixmap(glyph(name, side, faint, ratio), QIcon.Mode.Disabled)
    return found


def app_icon() -> QIcon:
    """The program's own icon, in colour."""
    found = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        pixmap = QPixmap(QSize(side, side))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        QSvgRenderer(str(resource("icons/culler.svg"))).render(painter)
        painter.end()
        found.addPixmap(pixmap)
    return found


@lru_cache(maxsize=512)
def _glyph(name: str, side: int, rgba: int, ratio_thousandths: int) -> QPixmap:
    ratio = ratio_thousandths / 1000
    pixels = max(1, round(side * ratio))
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(str(resource(f"icons/{name}.svg"))).render(painter, QRectF(0, 0, pixels, pixels))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(0, 0, pixels, pixels, QColor.fromRgba(rgba))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


class _SystemFollower(QObject):
    """Keeps the application's palette in step with the setting and the system."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.scheme = Scheme.SYSTEM
        app.styleHints().colorSchemeChanged.connect(self.refresh)

    def refresh(self) -> None:
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            return
        scheme = self.scheme
        if scheme is Scheme.SYSTEM:
            light = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Light
            scheme = Scheme.LIGHT if light else Scheme.DARK
        palette = light_palette() if scheme is Scheme.LIGHT else dark_palette()
        app.setPalette(palette)
        app.setStyleSheet(_style_sheet(palette, unit(QFontMetrics(app.font()))))


def _palette(
    *,
    window: str,
    text: str,
    base: str,
    alternate: str,
    button: str,
    highlight: str,
    link: str,
    tip: str,
    disabled: str,
    dark: tuple[str, str, str, str, str],
) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    colors = {
        role.Window: window,
        role.WindowText: text,
        role.Base: base,
        role.AlternateBase: alternate,
        role.Text: text,
        role.Button: button,
        role.ButtonText: text,
        role.BrightText: "#ffffff",
        role.Highlight: highlight,
        role.HighlightedText: "#ffffff",
        role.Accent: highlight,
        role.Link: link,
        role.LinkVisited: link,
        role.ToolTipBase: tip,
        role.ToolTipText: text,
        role.PlaceholderText: disabled,
        role.Light: dark[0],
        role.Midlight: dark[1],
        role.Dark: dark[2],
        role.Mid: dark[3],
        role.Shadow: dark[4],
    }
    for where, color in colors.items():
        palette.setColor(where, QColor(color))
    for where in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, where, QColor(disabled))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(button))
    return palette


def _style_sheet(palette: QPalette, line: int) -> str:
    """Slim scroll bars without arrows, quiet tips, and boxes to tick whose edge can be seen in the dark;
    everything else is Fusion's."""
    strong = palette.color(QPalette.ColorRole.WindowText)
    handle = f"rgba({strong.red()}, {strong.green()}, {strong.blue()}, 70)"
    hover = f"rgba({strong.red()}, {strong.green()}, {strong.blue()}, 120)"
    bar = max(8, round(line * 0.7))
    boxes = ("QCheckBox::indicator", "QListView::indicator", "QTreeView::indicator")
    box, ticked = ", ".join(boxes), ", ".join(f"{name}:checked" for name in boxes)
    side = max(12, round(line * 0.85))
    accent = palette.color(QPalette.ColorRole.Highlight).name()
    return f"""
    GridView {{ background: {cell_colors(palette).ground.name()}; }}
    QScrollBar {{ background: transparent; border: none; margin: 0; }}
    QScrollBar:vertical {{ width: {bar}px; }}
    QScrollBar:horizontal {{ height: {bar}px; }}
    QScrollBar::handle {{ background: {handle}; border-radius: {bar // 2 - 2}px; margin: 2px; }}
    QScrollBar::handle:disabled {{ background: transparent; }}
    QScrollBar::handle:hover {{ background: {hover}; }}
    QScrollBar::handle:vertical {{ min-height: {line * 2}px; }}
    QScrollBar::handle:horizontal {{ min-width: {line * 2}px; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    {box} {{ width: {side}px; height: {side}px; border: 1px solid {hover}; border-radius: 3px;
             background: {palette.color(QPalette.ColorRole.Base).name()}; }}
    {ticked} {{ background: {accent}; border-color: {accent};
                image: url("{resource("icons/check.svg").as_posix()}"); }}
    QToolTip {{ color: {palette.color(QPalette.ColorRole.ToolTipText).name()};
                background: {palette.color(QPalette.ColorRole.ToolTipBase).name()};
                border: 1px solid {palette.color(QPalette.ColorRole.Mid).name()}; padding: {line // 4}px; }}
    """
