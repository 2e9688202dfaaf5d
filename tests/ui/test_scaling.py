"""What a view asks of the scaler: once for each picture, and no more than it shows."""

import pytest
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from culler.ui.scaling import Scaler, Sharp, Wanted


def wanted(width: int, photo: str = "a", pixels: int = 100) -> Wanted:
    image = QImage(pixels, pixels // 2, QImage.Format.Format_RGB32)
    image.fill(0)
    return Wanted("a view", photo, image, QRectF(image.rect()), QSize(width, width // 2))


@pytest.fixture
def asked() -> list[Wanted]:
    return []


@pytest.fixture
def sharp(qtbot: QtBot, asked: list[Wanted], monkeypatch: pytest.MonkeyPatch) -> Sharp:
    """With a scaler that notes what it is asked and never answers."""
    scaler = Scaler()
    scaler.close()
    monkeypatch.setattr(scaler, "ask", asked.append)
    return Sharp(scaler)


def test_a_picture_is_asked_for_once(sharp: Sharp, asked: list[Wanted]) -> None:
    one = wanted(40)
    assert sharp.image_of(one) is None
    assert sharp.image_of(one) is None
    assert asked == [one]


def test_an_answer_serves_until_another_size_is_wanted(sharp: Sharp) -> None:
    one = wanted(40)
    sharp.take(one, one.image)
    assert sharp.image_of(one) is one.image
    assert sharp.image_of(wanted(30)) is None


def test_an_answer_from_the_preview_serves_for_the_full_picture_meanwhile(
    sharp: Sharp, asked: list[Wanted]
) -> None:
    preview, full = wanted(40, pixels=100), wanted(40, pixels=200)
    sharp.take(preview, preview.image)
    assert sharp.image_of(full) is preview.image
    assert asked == [full]


def test_another_photo_has_none(sharp: Sharp) -> None:
    one = wanted(40)
    sharp.take(one, one.image)
    assert sharp.image_of(wanted(40, photo="b")) is None


def test_nothing_is_asked_where_nothing_is_seen(sharp: Sharp, asked: list[Wanted]) -> None:
    sharp.image_of(wanted(0))
    assert asked == []


def test_what_is_forgotten_is_asked_for_again(sharp: Sharp, asked: list[Wanted]) -> None:
    one = wanted(40)
    sharp.image_of(one)
    sharp.take(one, one.image)
    sharp.forget()
    assert sharp.image_of(one) is None
    assert asked == [one, one]


def test_without_a_scaler_there_never_is_one() -> None:
    assert Sharp(None).image_of(wanted(40)) is None
