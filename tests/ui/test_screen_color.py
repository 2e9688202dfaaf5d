"""Pixels in the colours of the screen: which profile is right, and that pictures follow it."""

import io
from collections.abc import Iterator
from pathlib import Path

import profiles
import pytest
from PIL import Image, ImageCms
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from culler.settings import Settings
from culler.ui.bitmaps import for_screen
from culler.ui.pictures import Picture, Pictures
from culler.ui.screen_color import SRGB, SYSTEM, ScreenColor
from culler.ui.screen_menu import ScreenMenu
from culler.ui.thumbnail_loader import ThumbnailLoader

RED = (220, 40, 40)


def jpeg() -> bytes:
    body = io.BytesIO()
    Image.new("RGB", (60, 40), RED).save(body, "JPEG", quality=98, subsampling=0)
    return body.getvalue()


def on_screen(rgb: tuple[int, int, int], screen: bytes) -> tuple[int, int, int]:
    one = Image.new("RGB", (1, 1), rgb)
    moved = ImageCms.profileToProfile(one, ImageCms.createProfile("sRGB"), io.BytesIO(screen))
    assert moved is not None
    return moved.getpixel((0, 0))


def near(image: QImage, rgb: tuple[int, int, int], by: int = 3) -> bool:
    found = image.pixelColor(image.width() // 2, image.height() // 2).getRgb()
    return found[3] == 255 and all(abs(a - b) <= by for a, b in zip(found[:3], rgb, strict=True))


@pytest.fixture
def color(qtbot: QtBot) -> ScreenColor:
    window = QWidget()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    return ScreenColor(window)


@pytest.fixture
def pictures(qtbot: QtBot) -> Iterator[Pictures]:
    def full(photo_id: int, screen: bytes | None) -> Image.Image:
        from culler.imaging.color import to_profile

        return to_profile(Image.new("RGB", (600, 400), RED), None, screen)

    made = Pictures(lambda *_: (jpeg(), (600, 400)), full)
    yield made
    made.close()


@pytest.fixture
def loader(qtbot: QtBot) -> Iterator[ThumbnailLoader]:
    made = ThumbnailLoader(lambda _: jpeg(), threads=1)
    yield made
    made.close()


def test_where_the_system_tells_nothing_pixels_stay_srgb(color: ScreenColor) -> None:
    color.refresh()
    assert color.profile is None


def test_a_chosen_file_is_the_screens_profile(color: ScreenColor, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "screen.icc"
    path.write_bytes(profiles.display_p3())
    with qtbot.waitSignal(color.changed) as changed:
        color.set_choice(str(path))
    assert changed.args == [profiles.display_p3()]
    with qtbot.waitSignal(color.changed) as changed:
        color.set_choice(SRGB)
    assert changed.args == [None]


def test_an_srgb_profile_means_that_nothing_is_converted(color: ScreenColor, tmp_path: Path) -> None:
    path = tmp_path / "srgb.icc"
    for profile in (profiles.srgb(), ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()):
        path.write_bytes(profile)
        color.set_choice(SYSTEM)
        color.set_choice(str(path))
        assert color.profile is None


def test_a_profile_with_another_tone_curve_is_not_srgb(color: ScreenColor, tmp_path: Path) -> None:
    path = tmp_path / "old.icc"
    path.write_bytes(profiles.gamma_18())
    color.set_choice(str(path))
    assert color.profile == profiles.gamma_18()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "not an ICC profile"), (b"x" * 500, "not an ICC profile"), (None, "cut short")],
)
def test_a_broken_profile_is_a_sentence_and_srgb(
    color: ScreenColor, tmp_path: Path, qtbot: QtBot, content: bytes | None, words: str
) -> None:
    path = tmp_path / "broken.icc"
    path.write_bytes(profiles.display_p3()[:300] if content is None else content)
    with qtbot.waitSignal(color.said) as said:
        color.set_choice(str(path))
    assert words in said.args[0]
    assert color.profile is None


def test_a_profile_that_is_gone_is_a_sentence_and_srgb(color: ScreenColor, qtbot: QtBot) -> None:
    with qtbot.waitSignal(color.said) as said:
        color.set_choice("/nowhere/at/all.icc")
    assert "Cannot read" in said.args[0]
    assert color.profile is None


def test_a_profile_that_is_gone_is_told_once_however_often_the_window_comes_back(color: ScreenColor) -> None:
    said: list[str] = []
    color.said.connect(said.append)
    color.set_choice("/nowhere/at/all.icc")
    color.refresh()
    color.refresh()
    assert len(said) == 1


def test_previews_and_full_pictures_are_in_the_colours_of_the_screen(
    pictures: Pictures, qtbot: QtBot
) -> None:
    screen = profiles.swapped()
    pictures.set_screen(screen)
    with qtbot.waitSignals([pictures.preview_ready, pictures.full_ready]):
        pictures.want([1], full=[1])
    kept = pictures.preview(1)
    assert kept is not None
    assert near(kept.image, on_screen(RED, screen))


def test_pictures_at_hand_are_made_anew_for_another_screen(pictures: Pictures, qtbot: QtBot) -> None:
    with qtbot.waitSignals([pictures.preview_ready, pictures.full_ready]):
        pictures.want([1], full=[1])
    shown: dict[str, Picture] = {}
    pictures.preview_ready.connect(lambda _, picture: shown.update(preview=picture))
    pictures.full_ready.connect(lambda _, picture: shown.update(full=picture))
    for screen, expected in ((profiles.swapped(), on_screen(RED, profiles.swapped())), (None, RED)):
        shown.clear()
        pictures.set_screen(screen)
        qtbot.waitUntil(lambda: len(shown) == 2)
        assert near(shown["preview"].image, expected)
        assert near(shown["full"].image, expected)


def test_thumbnails_are_made_anew_for_another_screen(loader: ThumbnailLoader, qtbot: QtBot) -> None:
    for screen, expected in (
        (None, RED),
        (profiles.swapped(), on_screen(RED, profiles.swapped())),
        (None, RED),
    ):
        loader.set_screen(screen)
        loader.request([1])

        def is_there(expected: tuple[int, int, int] = expected) -> bool:
            pixmap = loader.pixmap(1)
            return pixmap is not None and near(pixmap.toImage(), expected)

        qtbot.waitUntil(is_there)


def test_pictures_off_screen_are_forgotten_with_the_screen(loader: ThumbnailLoader, qtbot: QtBot) -> None:
    loader.request([1, 2])
    qtbot.waitUntil(lambda: None not in (loader.pixmap(1), loader.pixmap(2)))
    loader.request([2])
    loader.set_screen(profiles.swapped())
    assert loader.pixmap(1) is None
    assert loader.pixmap(2) is not None


def test_a_screen_that_shows_srgb_as_it_is_costs_no_copy() -> None:
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(0xFF336699)
    assert for_screen(image, profiles.srgb()) is image
    assert for_screen(image, b"no profile") is image
    assert for_screen(image, profiles.swapped()) is not image


def test_the_menu_refuses_a_file_that_is_no_screens_profile(qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    chosen: list[str] = []
    said: list[str] = []
    menu = ScreenMenu(SYSTEM, chosen.append, said.append, window)
    bad, good = tmp_path / "bad.icc", tmp_path / "My Screen.icc"
    bad.write_bytes(b"no profile")
    good.write_bytes(profiles.display_p3())
    menu.take(bad)
    assert chosen == []
    assert said == ["Cannot use bad.icc: it is not an ICC profile."]
    menu.take(good)
    assert chosen == [str(good)]
    assert [action.text() for action in menu.actions() if action.isChecked()] == [
        "My Screen.icc: Choose Another…"
    ]


def test_the_window_shows_grid_and_loupe_in_the_colours_of_the_screen(
    open_window, qtbot: QtBot, tmp_path: Path, culler_home: Path
) -> None:
    folder = tmp_path / "Reds"
    folder.mkdir()
    Image.new("RGB", (400, 300), RED).save(folder / "a.png")
    window = open_window(folder)
    (photo_id,) = window.session.shown_ids()
    stored = {path: path.read_bytes() for path in (culler_home / "cache").rglob("*") if path.is_file()}
    profile = tmp_path / "screen.icc"
    profile.write_bytes(profiles.swapped())
    expected = on_screen(RED, profiles.swapped())
    window.set_screen_profile(str(profile))

    def thumbnail_follows() -> bool:
        pixmap = window.loader.pixmap(photo_id)
        return pixmap is not None and near(pixmap.toImage(), expected)

    qtbot.waitUntil(thumbnail_follows)
    window.views.show_loupe()
    qtbot.waitUntil(lambda: near(window.loupe.canvas.grab().toImage(), expected))
    window.loupe.canvas.toggle_zoom()
    qtbot.waitUntil(lambda: near(window.loupe.canvas.grab().toImage(), expected))
    assert Settings.load(culler_home / "config" / "settings.json").screen_profile == str(profile)
    assert stored
    assert {path: path.read_bytes() for path in stored} == stored


def test_a_wide_photo_has_the_same_colours_fitted_and_at_one_to_one(
    open_window, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "Wide"
    folder.mkdir()
    own = (30, 240, 40)
    Image.new("RGB", (3000, 2000), own).save(
        folder / "p3.jpg", quality=97, subsampling=0, icc_profile=profiles.display_p3()
    )
    profile = tmp_path / "screen.icc"
    profile.write_bytes(profiles.display_p3())
    window = open_window(folder)
    window.set_screen_profile(str(profile))
    window.views.show_loupe()
    qtbot.waitUntil(lambda: near(window.loupe.canvas.grab().toImage(), own))
    window.loupe.canvas.toggle_zoom()
    qtbot.waitUntil(lambda: window.loupe.canvas.note == "")
    assert near(window.loupe.canvas.grab().toImage(), own)
