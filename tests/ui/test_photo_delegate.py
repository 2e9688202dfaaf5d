"""What a cell shows, read from its pixels."""

import itertools
from collections.abc import Callable

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage, QPainter, QPixmap
from pytestqt.qtbot import QtBot

from culler.domain.assessment import Aspect
from culler.domain.decision import ColorLabel, Flag
from culler.domain.levels import Level
from culler.ui import theme
from culler.ui.cell_geometry import fitted_size, segments
from culler.ui.photo_cell import Cell
from culler.ui.photo_delegate import PhotoDelegate

WIDTH = 200
GOOD = (0.0, 0.1, 0.2, 0.5, 0.2)


def cell(**changes: object) -> Cell:
    plain = Cell(
        1, "DSC_1.NEF", GOOD, None, Flag.NONE, 0, ColorLabel.NONE, False, False, False, False, None, Flag.NONE
    )
    return plain._replace(**changes)


def photo(width: int = 256, height: int = 171, color: str = "#00ff00") -> QPixmap:
    pixmap = QPixmap(width, height)
    pixmap.fill(QColor(color))
    return pixmap


@pytest.fixture
def paint(qtbot: QtBot) -> Callable[..., QImage]:
    def painted(
        shown: Cell, pixmap: QPixmap | None = None, ratio: float = 1.0, dark: bool = True, **state: bool
    ) -> QImage:
        delegate = PhotoDelegate(lambda photo_id: pixmap)
        font = QGuiApplication.font()
        size = delegate.cell_size(WIDTH, font)
        image = QImage(size * ratio, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        painter = QPainter(image)
        palette = theme.dark_palette() if dark else theme.light_palette()
        delegate.paint_cell(painter, QRect(0, 0, WIDTH, size.height()), shown, font, palette, **state)
        painter.end()
        return image

    return painted


def pixels_of(image: QImage, color: QColor, area: QRect | None = None) -> int:
    area = area or image.rect()
    return sum(
        image.pixelColor(x, y).rgb() == color.rgb()
        for x in range(area.left(), area.right() + 1)
        for y in range(area.top(), area.bottom() + 1)
    )


def geometry() -> object:
    return PhotoDelegate(lambda photo_id: None).geometry_of(WIDTH, QGuiApplication.font())


def test_the_bar_is_the_distribution_best_on_the_left(qtbot: QtBot) -> None:
    found = segments((0.1, 0.2, 0.3, 0.0, 0.4), QRect(10, 5, 100, 4), 1.0)
    assert [(rect.left(), rect.width(), level) for rect, level in found] == [
        (10, 40, Level.EXCELLENT),
        (50, 30, Level.FAIR),
        (80, 20, Level.POOR),
        (100, 10, Level.BAD),
    ]


@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
def test_segments_cover_the_bar_without_gaps_on_whole_device_pixels(ratio: float) -> None:
    found = segments((0.123, 0.321, 0.111, 0.2, 0.245), QRect(3, 0, 97, 4), ratio)
    pixels = round(97 * ratio)
    assert found[0][0].left() == 3
    assert found[-1][0].right() == pytest.approx(3 + pixels / ratio)
    for (one, _), (other, _) in itertools.pairwise(found):
        assert one.right() == pytest.approx(other.left())
    for rect, _ in found:
        assert (rect.left() - 3) * ratio == pytest.approx(round((rect.left() - 3) * ratio))


@pytest.mark.parametrize("dark", [True, False])
def test_a_cell_shows_each_level_in_its_colour_as_wide_as_it_is_likely(paint: Callable, dark: bool) -> None:
    image = paint(cell(), dark=dark)
    bar = geometry().bar
    palette = theme.dark_palette() if dark else theme.light_palette()
    for level, probability in zip(Level, GOOD, strict=True):
        seen = pixels_of(image, theme.level_color(level, palette), bar)
        assert seen == pytest.approx(probability * bar.width() * bar.height(), abs=bar.height())


def test_the_bar_shows_the_aspect_that_was_chosen(qtbot: QtBot) -> None:
    delegate = PhotoDelegate(lambda photo_id: None)
    delegate.set_aspect(Aspect.AESTHETICS)
    image = QImage(delegate.cell_size(WIDTH, QFont()), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    shown = cell(aesthetics=(0.0, 0.0, 0.0, 0.0, 1.0))
    delegate.paint_cell(painter, image.rect(), shown, QFont(), theme.dark_palette())
    painter.end()
    bar = delegate.geometry_of(WIDTH, QFont()).bar
    excellent = theme.level_color(Level.EXCELLENT, theme.dark_palette())
    assert pixels_of(image, excellent, bar) == bar.width() * bar.height()


def test_an_unscored_photo_has_an_empty_bar(paint: Callable) -> None:
    image = paint(cell(quality=None))
    bar = geometry().bar
    assert len({image.pixel(x, bar.center().y()) for x in range(bar.left(), bar.right())}) == 1


@pytest.mark.parametrize("size", [(256, 171), (171, 256), (256, 40)])
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_a_picture_is_letterboxed_into_the_middle_of_its_box(
    paint: Callable, size: tuple[int, int], ratio: float
) -> None:
    image = paint(cell(), photo(*size), ratio)
    box = geometry().box
    green = QColor("#00ff00").rgb()
    xs = [x for x in range(image.width()) if image.pixel(x, round(box.center().y() * ratio)) == green]
    ys = [y for y in range(image.height()) if image.pixel(round(box.center().x() * ratio), y) == green]
    assert len(xs) / len(ys) == pytest.approx(size[0] / size[1], rel=0.03)
    assert len(xs) >= box.width() * ratio - 1 or len(ys) >= box.height() * ratio - 1
    assert (xs[0] + xs[-1] + 1) / 2 == pytest.approx((box.left() + box.width() / 2) * ratio, abs=1)
    assert (ys[0] + ys[-1] + 1) / 2 == pytest.approx((box.top() + box.height() / 2) * ratio, abs=1)


def test_small_originals_are_not_blown_up() -> None:
    assert fitted_size(QSize(30, 20), QSize(300, 300), 1.0).width() <= 48
    assert fitted_size(QSize(256, 171), QSize(184, 143), 2.0) == QSize(368, 245)
    assert fitted_size(QSize(4000, 1), QSize(100, 100), 1.0).height() == 1


def test_a_picture_that_fits_exactly_keeps_its_very_pixels(paint: Callable) -> None:
    box = geometry().box
    source = QImage(box.width() * 2, 60, QImage.Format.Format_RGB32)
    for x in range(source.width()):
        for y in range(source.height()):
            source.setPixelColor(x, y, QColor("white" if (x + y) % 2 else "black"))
    image = paint(cell(), QPixmap.fromImage(source), 2.0)
    row = box.center().y() * 2
    seen = [image.pixelColor(box.left() * 2 + x, row).lightness() for x in range(source.width())]
    assert set(seen) == {0, 255}


def test_rejected_photos_are_dimmed(paint: Callable) -> None:
    center = geometry().box.center()
    kept = paint(cell(), photo(color="#ffffff")).pixelColor(center).lightness()
    rejected = paint(cell(flag=Flag.REJECT), photo(color="#ffffff")).pixelColor(center).lightness()
    assert rejected < kept * 0.6


CELLS = {
    "plain": cell(),
    "pick": cell(flag=Flag.PICK),
    "reject": cell(flag=Flag.REJECT),
    "suggested pick": cell(ghost=Flag.PICK),
    "reject candidate": cell(ghost=Flag.REJECT),
    "stars": cell(stars=3),
    "more stars": cell(stars=4),
    **{f"label {label}": cell(label=label) for label in ColorLabel if label is not ColorLabel.NONE},
    "foreign label": cell(label=None),
    "failed": cell(failed=True),
    "missing": cell(missing=True),
    "damaged": cell(damaged=True),
    "video": cell(video=True),
    "stacked": cell(stack=(1, 3)),
    "second in stack": cell(stack=(2, 3)),
    "unscored": cell(quality=None),
    "unwritten": cell(unwritten=True),
}


@pytest.mark.parametrize("has_picture", [True, False])
def test_no_two_states_of_a_photo_look_the_same(paint: Callable, has_picture: bool) -> None:
    looks = {name: paint(shown, photo() if has_picture else None) for name, shown in CELLS.items()}
    for (one, look), (other, other_look) in itertools.combinations(looks.items(), 2):
        assert look != other_look, f"{one} looks like {other}"


def test_selected_and_current_and_hovered_look_different_from_each_other(paint: Callable) -> None:
    states = [
        {},
        {"selected": True},
        {"current": True},
        {"selected": True, "current": True},
        {"hovered": True},
    ]
    images = [paint(cell(), **state) for state in states]
    for one, other in itertools.combinations(images, 2):
        assert one != other


def test_a_label_leaves_the_frame_and_ground_of_the_cell_alone(paint: Callable) -> None:
    """So that nobody takes a label for a selection."""
    plain, labelled = paint(cell()), paint(cell(label=ColorLabel.RED))
    edge = geometry().box.left() - 1
    for y in range(plain.height()):
        assert all(plain.pixel(x, y) == labelled.pixel(x, y) for x in range(edge))


def test_a_long_name_is_elided_in_the_middle_and_stays_in_its_line(paint: Callable) -> None:
    delegate = PhotoDelegate(lambda photo_id: None)
    paint(cell(name="x"))
    image = paint(cell(name="Anna and Björn – 日本 – " * 10 + "0412.NEF", stars=5))
    line = geometry().name
    assert delegate.cell_size(WIDTH, QGuiApplication.font()).width() == WIDTH
    beside = QRect(line.right() + 1, line.top(), WIDTH - line.right() - 1, line.height())
    background = theme.cell_colors(theme.dark_palette()).cell
    assert (
        pixels_of(image, background, beside.adjusted(0, 0, -1, 0)) == (beside.width() - 1) * beside.height()
    )


def test_in_a_narrow_cell_the_stars_become_a_number_and_the_name_stays(qtbot: QtBot) -> None:
    delegate = PhotoDelegate(lambda photo_id: None)
    font = QGuiApplication.font()
    narrow = delegate.cell_size(90, font)
    images = []
    for name in ("AAAA.NEF", "WWWW.NEF"):
        image = QImage(narrow, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        delegate.paint_cell(painter, image.rect(), cell(name=name, stars=5), font, theme.dark_palette())
        painter.end()
        images.append(image)
    assert images[0] != images[1]


def test_cells_grow_with_the_font_not_with_pixels(qtbot: QtBot) -> None:
    delegate = PhotoDelegate(lambda photo_id: None)
    large = QFont()
    large.setPointSizeF(QFont().pointSizeF() * 2)
    assert delegate.cell_size(WIDTH, large).height() > delegate.cell_size(WIDTH, QFont()).height() + 10
