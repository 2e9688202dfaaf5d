"""Thumbnails come visible first, late ones are dropped, memory is bounded, threads end."""

import io
import logging
import threading
from collections.abc import Callable, Iterator

import pytest
from PIL import Image
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from culler.domain.errors import CullerError
from culler.ui.thumbnail_loader import ThumbnailLoader
from culler.ui.thumbnail_worker import decoded


def jpeg(width: int = 256, height: int = 171, color: str = "teal", **options: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), color).save(file, "JPEG", **options)
    return file.getvalue()


class Shelf:
    """A source of pictures that writes down what it was asked, and waits while it is shut."""

    def __init__(self, picture: Callable[[int], bytes | None] = lambda photo_id: jpeg()) -> None:
        self.asked: list[int] = []
        self.threads: set[int] = set()
        self.open = threading.Event()
        self.open.set()
        self.entered = threading.Event()
        self._picture = picture

    def __call__(self, photo_id: int) -> bytes | None:
        self.asked.append(photo_id)
        self.threads.add(threading.get_ident())
        self.entered.set()
        assert self.open.wait(10)
        return self._picture(photo_id)


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Callable[..., ThumbnailLoader]]:
    made: list[ThumbnailLoader] = []

    def factory(*args: object, **kwargs: object) -> ThumbnailLoader:
        loader = ThumbnailLoader(*args, **{"threads": 1, **kwargs})
        made.append(loader)
        return loader

    yield factory
    for loader in made:
        loader.close()


def test_a_requested_thumbnail_arrives_without_the_asker_waiting(make: Callable, qtbot: QtBot) -> None:
    shelf = Shelf()
    loader = make(shelf)
    assert loader.pixmap(7) is None
    with qtbot.waitSignal(loader.loaded) as told:
        loader.request([7])
        assert loader.pixmap(7) is None
    assert told.args == [7]
    assert loader.pixmap(7).size().toTuple() == (256, 171)
    assert shelf.threads.isdisjoint({threading.get_ident()})


def test_what_is_visible_comes_first_and_what_scrolled_away_is_not_read(make: Callable, qtbot: QtBot) -> None:
    shelf = Shelf()
    loader = make(shelf)
    shelf.open.clear()
    loader.request([1, 2, 3, 4])
    assert shelf.entered.wait(5)
    loader.request([9, 8])
    shelf.open.set()
    qtbot.waitUntil(lambda: loader.pixmap(8) is not None)
    assert shelf.asked == [1, 9, 8]


def test_a_quick_picture_is_shown_until_the_real_one_is_there(make: Callable, qtbot: QtBot) -> None:
    shelf = Shelf()
    shelf.open.clear()
    loader = make(shelf, lambda photo_id: jpeg(160, 120))
    with qtbot.waitSignal(loader.loaded):
        loader.request([1])
    assert loader.pixmap(1).width() == 160
    with qtbot.waitSignal(loader.loaded):
        shelf.open.set()
    assert loader.pixmap(1).width() == 256


def test_every_quick_picture_of_a_page_comes_before_the_first_real_one(make: Callable, qtbot: QtBot) -> None:
    order: list[tuple[str, int]] = []

    def quick(photo_id: int) -> None:
        order.append(("quick", photo_id))

    def load(photo_id: int) -> bytes:
        order.append(("load", photo_id))
        return jpeg()

    loader = make(load, quick)
    loader.request([1, 2])
    qtbot.waitUntil(lambda: loader.pixmap(2) is not None)
    assert order == [("quick", 1), ("quick", 2), ("load", 1), ("load", 2)]


def test_a_late_answer_of_a_changed_photo_is_dropped(make: Callable, qtbot: QtBot) -> None:
    widths = iter([100, 200])
    shelf = Shelf(lambda photo_id: jpeg(next(widths), 100))
    shelf.open.clear()
    loader = make(shelf)
    shown: list[int] = []
    loader.loaded.connect(lambda photo_id: shown.append(loader.pixmap(photo_id).width()))
    loader.request([1])
    assert shelf.entered.wait(5)
    loader.invalidate([1])
    loader.request([1])
    shelf.open.set()
    qtbot.waitUntil(lambda: bool(shown))
    assert shown == [200]


def test_an_invalidated_photo_shows_its_old_picture_until_the_new_one_is_there(
    make: Callable, qtbot: QtBot
) -> None:
    widths = iter([100, 200])
    loader = make(lambda photo_id: jpeg(next(widths), 100))
    with qtbot.waitSignal(loader.loaded):
        loader.request([1])
    loader.invalidate([1])
    assert loader.pixmap(1).width() == 100
    with qtbot.waitSignal(loader.loaded):
        loader.request([1])
    assert loader.pixmap(1).width() == 200


def test_a_photo_without_a_picture_is_asked_for_once_until_it_changes(make: Callable, qtbot: QtBot) -> None:
    shelf = Shelf(lambda photo_id: jpeg() if photo_id == 2 else None)
    loader = make(shelf)
    loader.request([1, 2])
    qtbot.waitUntil(lambda: loader.pixmap(2) is not None)
    loader.request([1, 2])
    loader.invalidate([2])
    loader.request([1, 2])
    qtbot.waitUntil(lambda: shelf.asked.count(2) == 2)
    assert shelf.asked.count(1) == 1
    loader.invalidate([1])
    loader.request([1])
    qtbot.waitUntil(lambda: shelf.asked.count(1) == 2)


def test_what_was_loaded_is_not_read_again(make: Callable, qtbot: QtBot) -> None:
    shelf = Shelf()
    loader = make(shelf)
    loader.request([1])
    qtbot.waitUntil(lambda: loader.pixmap(1) is not None)
    loader.request([1, 2])
    qtbot.waitUntil(lambda: loader.pixmap(2) is not None)
    assert shelf.asked == [1, 2]


def test_pictures_held_stay_below_the_bound_and_the_ones_used_last_stay(make: Callable, qtbot: QtBot) -> None:
    one = 256 * 171 * 4
    loader = make(lambda photo_id: jpeg(), cache_bytes=3 * one)
    for photo_id in range(6):
        with qtbot.waitSignal(loader.loaded):
            loader.request([photo_id])
        assert loader.pixmap(0) is not None
        assert loader.held_bytes <= 3 * one
    assert [photo_id for photo_id in range(6) if loader.pixmap(photo_id)] == [0, 4, 5]


def test_a_page_ahead_never_drives_out_what_is_on_screen(make: Callable, qtbot: QtBot) -> None:
    shelf = Shelf()
    loader = make(shelf, cache_bytes=256 * 171 * 4)
    loader.request([1, 2, 3, 4, 5])
    qtbot.waitUntil(lambda: not loader._current)
    assert [photo_id for photo_id in range(1, 6) if loader.pixmap(photo_id)] == [1, 2]


def test_large_pictures_are_read_only_when_shown_large_and_no_larger_than_shown(
    make: Callable, qtbot: QtBot
) -> None:
    large = Shelf(lambda photo_id: jpeg(1500, 1000))
    loader = make(lambda photo_id: jpeg(), large=large)
    with qtbot.waitSignal(loader.loaded):
        loader.request([1])
    assert large.asked == []
    loader.set_target_px(600)
    with qtbot.waitSignal(loader.loaded):
        loader.request([1])
    assert loader.pixmap(1).width() == 640
    loader.set_target_px(1100)
    with qtbot.waitSignal(loader.loaded):
        loader.request([1])
    assert loader.pixmap(1).width() == 1152


def test_unreadable_bytes_and_failing_sources_leave_the_others_alone(
    make: Callable, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    def load(photo_id: int) -> bytes:
        if photo_id == 1:
            return b"no picture"
        if photo_id == 2:
            raise CullerError("Cannot read DSC_2.NEF.")
        if photo_id == 3:
            raise ZeroDivisionError
        return jpeg()

    loader = make(load)
    with caplog.at_level(logging.CRITICAL):
        loader.request([1, 2, 3, 4])
        qtbot.waitUntil(lambda: loader.pixmap(4) is not None)
    assert all(loader.pixmap(photo_id) is None for photo_id in (1, 2, 3))


def test_closing_ends_every_thread_even_in_the_middle_of_work(qtbot: QtBot) -> None:
    shelf = Shelf()
    loader = ThumbnailLoader(shelf, threads=3)
    loader.request(list(range(100)))
    assert shelf.entered.wait(5)
    threads = loader.findChildren(QThread)
    assert len(threads) == 3
    loader.close()
    assert all(thread.isFinished() for thread in threads)
    assert len(shelf.asked) < 100
    loader.close()


def test_pictures_are_turned_as_their_file_says(qtbot: QtBot) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = decoded(jpeg(60, 40, exif=exif.tobytes()))
    assert image is not None
    assert (image.width(), image.height()) == (40, 60)


@pytest.mark.qt_log_ignore("JPEG")
def test_bytes_that_are_no_picture_decode_to_none(qtbot: QtBot) -> None:
    assert decoded(b"") is None
    assert decoded(jpeg()[:40]) is None
