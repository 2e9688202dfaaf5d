"""Reading pictures ahead, in threads: what is wanted comes, what is not is dropped, memory is bounded."""

import io
import threading
from collections.abc import Callable, Iterator

import pytest
from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from culler.domain.errors import CullerError
from culler.ui.bitmaps import from_pil
from culler.ui.pictures import Picture, Pictures, _Kept

Make = Callable[..., Pictures]


def jpeg(red: int) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (60, 40), (red, 0, 0)).save(data, "JPEG", quality=95)
    return data.getvalue()


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Make]:
    made: list[Pictures] = []

    def pictures(
        preview: Callable[[int, bytes | None], tuple[bytes, tuple[int, int] | None]] = lambda id_, screen: (
            jpeg(id_),
            (600, 400),
        ),
        full: Callable[[int, bytes | None], Image.Image] = lambda id_, screen: Image.new(
            "RGB", (600, 400), (id_, 0, 0)
        ),
    ) -> Pictures:
        made.append(Pictures(preview, full))
        return made[-1]

    yield pictures
    for found in made:
        found.close()


def test_a_preview_comes_with_the_size_of_the_photo(make: Make, qtbot: QtBot) -> None:
    pictures = make()
    with qtbot.waitSignal(pictures.preview_ready) as ready:
        pictures.want([200])
    photo_id, picture = ready.args
    assert photo_id == 200
    assert picture.image.size() == QSize(60, 40)
    assert picture.full_size == QSize(600, 400)
    assert abs(picture.image.pixelColor(30, 20).red() - 200) < 4


def test_what_is_at_hand_is_announced_at_once(make: Make, qtbot: QtBot) -> None:
    pictures = make()
    with qtbot.waitSignal(pictures.preview_ready):
        pictures.want([1])
    announced: list[int] = []
    pictures.preview_ready.connect(lambda id_, _: announced.append(id_))
    pictures.want([1])
    assert announced == [1]


def test_neighbours_are_read_ahead(make: Make, qtbot: QtBot) -> None:
    pictures = make()
    pictures.want([1], ahead=[2, 3])
    qtbot.waitUntil(lambda: pictures.preview(3) is not None)
    assert pictures.preview(2) is not None


def test_what_is_no_longer_wanted_is_neither_read_nor_announced(make: Make, qtbot: QtBot) -> None:
    gate, read = threading.Event(), []

    def slow(photo_id: int, screen: bytes | None) -> tuple[bytes, None]:
        read.append(photo_id)
        gate.wait(5)
        return jpeg(photo_id), None

    pictures = make(preview=slow)
    announced: list[int] = []
    pictures.preview_ready.connect(lambda id_, _: announced.append(id_))
    pictures.want([1, 2], ahead=[3, 4])
    qtbot.waitUntil(lambda: len(read) == 2)
    pictures.want([5])
    gate.set()
    qtbot.waitUntil(lambda: announced == [5])
    assert sorted(read) == [1, 2, 5]


def test_a_photo_that_cannot_be_read_is_a_sentence(make: Make, qtbot: QtBot) -> None:
    def failing(photo_id: int, screen: bytes | None) -> tuple[bytes, None]:
        raise CullerError("Cannot read DSC_1.NEF: it is empty.")

    pictures = make(preview=failing)
    with qtbot.waitSignal(pictures.failed) as failed:
        pictures.want([1])
    assert failed.args == [1, "Cannot read DSC_1.NEF: it is empty."]


def test_damaged_bytes_are_a_sentence(make: Make, qtbot: QtBot) -> None:
    pictures = make(preview=lambda *_: (b"no picture", None))
    with qtbot.waitSignal(pictures.failed) as failed:
        pictures.want([1])
    assert "damaged" in failed.args[1]


def test_changed_files_are_read_again(make: Make, qtbot: QtBot) -> None:
    pictures = make()
    with qtbot.waitSignal(pictures.preview_ready):
        pictures.want([1])
    pictures.forget([1])
    assert pictures.preview(1) is None
    with qtbot.waitSignal(pictures.preview_ready):
        pictures.want([1])


def test_the_full_picture_has_the_same_colours(make: Make, qtbot: QtBot) -> None:
    pictures = make()
    pictures.want([7])
    with qtbot.waitSignal(pictures.full_ready) as ready:
        pictures.want_full(7)
    assert ready.args[1].image.pixelColor(5, 5).getRgb() == (7, 0, 0, 255)
    assert from_pil(Image.new("L", (3, 2), 99)).pixelColor(1, 1).getRgb() == (99, 99, 99, 255)


def test_what_is_kept_is_bounded_by_bytes() -> None:
    kept = _Kept(3 * 400)
    for photo_id in range(5):
        kept.put(photo_id, Picture(QImage(10, 10, QImage.Format.Format_RGB32), QSize(10, 10)))
    assert [photo_id for photo_id in range(5) if kept.get(photo_id) is not None] == [2, 3, 4]
    kept.put(9, Picture(QImage(100, 100, QImage.Format.Format_RGB32), QSize(100, 100)))
    assert kept.get(9) is not None
    assert kept.get(4) is None


def test_a_photo_whose_pixels_cannot_be_had_keeps_its_preview(make: Make, qtbot: QtBot) -> None:
    def failing(photo_id: int, screen: bytes | None) -> Image.Image:
        raise CullerError("Cannot show A.DNG: its 300 megapixels take too much memory.")

    pictures = make(full=failing)
    failed: list[int] = []
    pictures.failed.connect(lambda photo_id, _: failed.append(photo_id))
    with qtbot.waitSignal(pictures.full_failed) as refused:
        pictures.want([1], full=[1])
    assert "300 megapixels" in refused.args[1]
    qtbot.waitUntil(lambda: pictures.preview(1) is not None)
    assert not failed
