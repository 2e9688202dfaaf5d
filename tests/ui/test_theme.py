"""The colours hold what the theme promises: readable, and apart for every kind of eye."""

import itertools

import numpy as np
import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from culler.domain.decision import ColorLabel
from culler.domain.levels import Level
from culler.ui import theme

PALETTES = {"dark": theme.dark_palette, "light": theme.light_palette}

# Machado, Oliveira and Fernandes 2009, severity 1, for linear RGB.
EYES = {
    "common": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def linear(color: QColor) -> np.ndarray:
    channels = np.array([color.redF(), color.greenF(), color.blueF()])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(color: QColor) -> float:
    return float(linear(color) @ [0.2126, 0.7152, 0.0722])


def contrast(one: QColor, other: QColor) -> float:
    """WCAG 2 contrast ratio."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def lab(color: QColor, eye: np.ndarray) -> np.ndarray:
    seen = np.clip(eye @ linear(color), 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ seen / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("scheme", PALETTES)
@pytest.mark.parametrize("eye", EYES)
def test_every_two_levels_look_different_to_every_kind_of_eye(scheme: str, eye: str) -> None:
    palette = PALETTES[scheme]()
    for one, other in itertools.combinations(Level, 2):
        colors = [lab(theme.level_color(level, palette), EYES[eye]) for level in (one, other)]
        assert np.linalg.norm(colors[0] - colors[1]) > 15, (one, other)


@pytest.mark.parametrize("scheme", PALETTES)
def test_levels_stand_out_from_every_cell_ground(scheme: str) -> None:
    palette = PALETTES[scheme]()
    cells = theme.cell_colors(palette)
    for level in Level:
        assert contrast(theme.level_color(level, palette), cells.cell) >= 2.2, level
        assert contrast(theme.level_color(level, palette), palette.color(QPalette.ColorRole.Window)) >= 2.2


@pytest.mark.parametrize("scheme", PALETTES)
def test_text_is_readable_on_what_it_stands_on(scheme: str) -> None:
    palette = PALETTES[scheme]()
    cells = theme.cell_colors(palette)
    role = QPalette.ColorRole
    for text, ground in (
        (role.WindowText, role.Window),
        (role.Text, role.Base),
        (role.ButtonText, role.Button),
        (role.HighlightedText, role.Highlight),
        (role.ToolTipText, role.ToolTipBase),
    ):
        assert contrast(palette.color(text), palette.color(ground)) >= 4.5, text
    for ground in (cells.cell, cells.hover, cells.selected, cells.current, cells.ground):
        assert contrast(cells.text, ground) >= 4.5
    for ground in (cells.cell, cells.hover, cells.ground):
        assert contrast(cells.dim_text, ground) >= 4.5
    for ground in (palette.color(role.Window), palette.color(role.Base), palette.color(role.AlternateBase)):
        assert contrast(theme.problem_color(palette), ground) >= 4.5


@pytest.mark.parametrize("scheme", PALETTES)
def test_what_lies_behind_photos_is_neutral(scheme: str) -> None:
    cells = theme.cell_colors(PALETTES[scheme]())
    for ground in (cells.ground, cells.cell, cells.hover, cells.selected, cells.current, cells.box):
        assert ground.red() == ground.green() == ground.blue()


def test_applying_a_scheme_changes_the_palette_and_back(qapp: QApplication) -> None:
    theme.apply(qapp, theme.Scheme.LIGHT)
    assert not theme.is_dark(qapp.palette())
    theme.apply(qapp, "dark")
    assert theme.is_dark(qapp.palette())


def test_a_system_without_an_opinion_is_dark(qapp: QApplication) -> None:
    theme.apply(qapp, theme.Scheme.SYSTEM)
    assert theme.is_dark(qapp.palette())


def test_every_label_but_none_has_a_colour_of_its_own() -> None:
    colors = [theme.label_color(label).name() for label in ColorLabel if label is not ColorLabel.NONE]
    assert len(set(colors)) == 5
    assert theme.label_color(None).name() not in colors
    assert theme.label_color(ColorLabel.NONE).alpha() == 0


def test_glyphs_are_tinted_and_as_sharp_as_the_screen(qapp: QApplication) -> None:
    glyph = theme.glyph("flag-pick", 20, QColor("#ff0000"), 2.0)
    assert glyph.width() == 40
    assert glyph.devicePixelRatio() == 2.0
    image = glyph.toImage()
    opaque = [
        image.pixelColor(x, y).name()
        for x in range(40)
        for y in range(40)
        if image.pixelColor(x, y).alpha() == 255
    ]
    assert len(opaque) > 100
    assert set(opaque) == {"#ff0000"}


def test_the_program_has_an_icon_in_every_usual_size(qapp: QApplication) -> None:
    sizes = {size.width() for size in theme.app_icon().availableSizes()}
    assert {16, 32, 64, 256} <= sizes
