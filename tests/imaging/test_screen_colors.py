"""Pictures in a screen's own colours: straight from the file's profile, while previews stay sRGB."""

import io
import logging
from pathlib import Path

import numpy as np
import profiles
import pytest
from PIL import Image, ImageCms

from culler.imaging import color, nclx
from culler.imaging.decode import develop, full, wide_preview

SATURATED = (250, 30, 20)


def middle(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB"), int)[image.height // 2, image.width // 2]


def by_littlecms(pixel: tuple[int, ...], source: bytes, target: bytes) -> np.ndarray:
    one = Image.new("RGB", (1, 1), pixel)
    moved = ImageCms.profileToProfile(one, io.BytesIO(source), io.BytesIO(target))
    assert moved is not None
    return middle(moved)


@pytest.fixture
def p3_photo(save_picture) -> Path:
    picture = Image.new("RGB", (64, 48), SATURATED)
    return save_picture(picture, "p3.jpg", icc_profile=profiles.display_p3(), quality=98, subsampling=0)


def test_a_p3_photo_on_a_p3_screen_keeps_its_own_values(p3_photo: Path) -> None:
    assert np.abs(middle(full(p3_photo, screen=profiles.display_p3())) - SATURATED).max() <= 1


def test_on_an_srgb_screen_the_same_photo_is_cut_to_srgb(p3_photo: Path) -> None:
    assert list(middle(full(p3_photo))[:2]) == [255, 0]


def test_only_wide_photos_have_a_preview_of_their_own_colours(p3_photo: Path, save_picture) -> None:
    screen = profiles.display_p3()
    wide = wide_preview(p3_photo, screen)
    assert wide is not None
    assert np.abs(middle(wide) - SATURATED).max() <= 1
    picture = Image.new("RGB", (64, 48), SATURATED)
    assert wide_preview(save_picture(picture, "plain.jpg"), screen) is None
    assert wide_preview(save_picture(picture, "s.jpg", icc_profile=profiles.srgb()), screen) is None


def test_a_photo_without_a_profile_is_taken_for_srgb(save_picture) -> None:
    path = save_picture(Image.new("RGB", (64, 48), SATURATED), "plain.png")
    shown = middle(full(path, screen=profiles.display_p3()))
    assert np.abs(shown - by_littlecms(SATURATED, profiles.srgb(), profiles.display_p3())).max() <= 1
    assert shown[0] < SATURATED[0] - 10


def test_the_screen_does_not_touch_preview_thumbnail_and_hash(p3_photo: Path) -> None:
    before = develop(p3_photo)
    full(p3_photo, screen=profiles.swapped())
    after = develop(p3_photo)
    assert after.preview.tobytes() == before.preview.tobytes()
    assert (after.thumbnail, after.dhash) == (before.thumbnail, before.dhash)


@pytest.mark.parametrize("mode", ["L", "RGBA", "CMYK", "LAB", "P", "I"])
def test_every_mode_reaches_the_screen(mode: str) -> None:
    shown = color.to_profile(Image.new(mode, (8, 8)), None, profiles.swapped())
    assert (shown.mode, shown.size) == ("RGB", (8, 8))


def test_red_is_sent_as_green_to_a_screen_with_the_two_exchanged() -> None:
    shown = color.to_profile(Image.new("RGB", (8, 8), (200, 40, 40)), None, profiles.swapped())
    red, green, _ = middle(shown)
    assert green > red + 100


@pytest.mark.parametrize("screen", [b"", b"rubbish", profiles.display_p3()[:200]])
def test_a_broken_screen_profile_counts_as_srgb_and_is_logged(
    screen: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    color.usable.cache_clear()
    with caplog.at_level(logging.WARNING):
        shown = color.to_profile(Image.new("RGB", (8, 8), SATURATED), None, screen)
    assert tuple(middle(shown)) == SATURATED
    assert "cannot be used" in caplog.text


def test_an_srgb_screen_changes_no_pixel() -> None:
    image = Image.new("RGB", (8, 8), SATURATED)
    assert color.to_profile(image, None, profiles.srgb()) is image
    assert tuple(middle(image)) == SATURATED


def test_p3_named_by_code_points_reaches_a_p3_screen_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "wide.avif"
    Image.new("RGB", (64, 64), SATURATED).save(path, quality=100, subsampling="4:4:4")
    data = bytearray(path.read_bytes())
    at = data.index(b"colrnclx") + 8
    data[at : at + 4] = (12).to_bytes(2, "big") + (13).to_bytes(2, "big")
    path.write_bytes(data)
    assert nclx.color_coding(bytes(data)) == nclx.ColorCoding(12, 13)
    assert np.abs(middle(full(path, screen=profiles.display_p3())) - SATURATED).max() <= 3
    assert middle(full(path))[1] < 8


def test_the_light_of_hdr_is_the_same_in_p3_and_in_srgb() -> None:
    grey = Image.new("RGB", (8, 8), (120, 120, 120))
    coding = nclx.ColorCoding(9, 16)
    assert np.abs(middle(nclx.to_p3(grey, coding)) - middle(nclx.to_srgb(grey, coding))).max() <= 1


@pytest.mark.corpus
def test_a_developed_raw_has_the_same_tones_on_a_p3_screen(corpus: Path) -> None:
    path = corpus / "photos" / "raw" / "colorchart.dng"
    wide = full(path, screen=profiles.display_p3())
    shown = ImageCms.profileToProfile(wide, io.BytesIO(profiles.display_p3()), color._srgb())
    assert shown is not None
    plain = full(path)
    small = [np.asarray(image.reduce(32), float) for image in (shown, plain)]
    assert np.abs(small[0] - small[1]).mean() < 3
