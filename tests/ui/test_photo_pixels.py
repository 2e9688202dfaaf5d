"""Preview and full picture of one photo, and which of them is shown."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from culler.ui.photo_pixels import PhotoPixels


def image(width: int, height: int) -> QImage:
    made = QImage(width, height, QImage.Format.Format_RGB32)
    made.fill(0)
    return made


@pytest.fixture
def pixels() -> PhotoPixels:
    """A photo of 600 × 400 of which a preview of a quarter is there."""
    pixels = PhotoPixels()
    pixels.set_preview(image(150, 100), QSize(600, 400), "a")
    return pixels


def test_a_preview_is_of_its_photo_and_of_no_other(pixels: PhotoPixels) -> None:
    assert pixels.is_of("a")
    assert not pixels.is_of("b")
    pixels.clear()
    assert not pixels.is_of("a")
    assert not pixels.is_of(None)


def test_a_photo_of_unknown_size_is_as_large_as_its_preview(pixels: PhotoPixels) -> None:
    pixels.set_preview(image(30, 20), QSize(), "b")
    assert pixels.size == QSize(30, 20)


def test_more_is_wanted_where_the_preview_would_be_enlarged(pixels: PhotoPixels) -> None:
    assert not pixels.is_coarse_at(150)
    assert pixels.is_coarse_at(600)
    pixels.set_full(image(600, 400), "a")
    assert not pixels.is_coarse_at(600)


def test_a_preview_with_all_the_pixels_is_never_coarse(pixels: PhotoPixels) -> None:
    pixels.set_preview(image(30, 20), QSize(30, 20), "b")
    assert not pixels.is_coarse_at(600)


def test_the_preview_is_shown_as_long_as_it_is_large_enough(pixels: PhotoPixels) -> None:
    assert pixels.image_for(600).width() == 150
    pixels.set_full(image(600, 400), "a")
    assert pixels.image_for(100).width() == 150
    assert pixels.image_for(200).width() == 600


def test_a_preview_read_anew_leaves_the_full_picture_and_the_next_photos_does_not(
    pixels: PhotoPixels,
) -> None:
    pixels.set_full(image(590, 396), "a")
    assert not pixels.set_preview(image(150, 100), QSize(600, 400), "a")
    assert not pixels.full.isNull()
    assert pixels.size == QSize(590, 396)
    assert pixels.set_preview(image(150, 100), QSize(600, 400), "b")
    assert pixels.full.isNull()


def test_without_a_name_every_photo_is_another(pixels: PhotoPixels) -> None:
    assert pixels.set_preview(image(30, 20), QSize(), None)
    assert pixels.set_preview(image(30, 20), QSize(), None)


def test_the_full_picture_of_another_photo_drops_the_preview(pixels: PhotoPixels) -> None:
    pixels.set_full(image(80, 60), "b")
    assert pixels.preview.isNull()
    assert pixels.size == QSize(80, 60)


def test_a_full_picture_too_large_for_memory_leaves_the_photo_its_size(pixels: PhotoPixels) -> None:
    pixels.set_full(image(300, 200), "a")
    assert pixels.reduction == 2
    assert pixels.size == QSize(600, 400)
