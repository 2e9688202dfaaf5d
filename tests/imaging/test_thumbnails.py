"""The pixel cache: keyed by the file's state, atomic, capped, never in the way."""

import errno
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from culler.domain.errors import CullerError
from culler.domain.photo import FileStamp
from culler.imaging import thumbnails
from culler.imaging.thumbnails import PixelCache

STAMP = FileStamp(1000, 42)
PHOTO = Path("/photos/a.jpg")


@pytest.fixture
def cache(tmp_path: Path) -> PixelCache:
    return PixelCache(tmp_path / "cache", 1_000_000)


def test_what_was_put_comes_back(cache: PixelCache) -> None:
    cache.put_thumbnail(PHOTO, STAMP, b"small")
    cache.put_preview(PHOTO, STAMP, b"large")
    assert cache.thumbnail(PHOTO, STAMP) == b"small"
    assert cache.preview(PHOTO, STAMP) == b"large"
    held = cache.preview_path(PHOTO, STAMP)
    assert held is not None
    assert held.read_bytes() == b"large"


@pytest.mark.parametrize(
    ("path", "stamp"),
    [
        (Path("/photos/b.jpg"), STAMP),
        (PHOTO, FileStamp(1001, 42)),
        (PHOTO, FileStamp(1000, 43)),
    ],
)
def test_another_file_or_state_misses(cache: PixelCache, path: Path, stamp: FileStamp) -> None:
    cache.put_thumbnail(PHOTO, STAMP, b"small")
    assert cache.thumbnail(path, stamp) is None


def test_another_decoder_misses(cache: PixelCache, monkeypatch) -> None:
    cache.put_thumbnail(PHOTO, STAMP, b"small")
    monkeypatch.setattr(thumbnails, "DECODER_VERSION", "next")
    assert cache.thumbnail(PHOTO, STAMP) is None


def test_a_name_that_is_not_utf8_has_its_own_entry(cache: PixelCache) -> None:
    one, other = Path(os.fsdecode(b"/br\xf6ken.jpg")), Path(os.fsdecode(b"/br\xf7ken.jpg"))
    cache.put_thumbnail(one, STAMP, b"one")
    assert cache.thumbnail(one, STAMP) == b"one"
    assert cache.thumbnail(other, STAMP) is None


def test_the_entries_read_last_survive_the_cap(tmp_path: Path) -> None:
    cache = PixelCache(tmp_path, 10_000)
    photos = [Path(f"/{at}.jpg") for at in range(10)]
    for photo in photos:
        cache.put_preview(photo, STAMP, bytes(1000))
    long_ago = time.time() - 100_000
    for file in tmp_path.rglob("*"):
        if file.is_file():
            os.utime(file, (long_ago, long_ago))
    assert cache.preview(photos[0], STAMP) is not None  # reading makes it young again
    cache.put_preview(Path("/new.jpg"), STAMP, bytes(1000))
    assert cache.used_bytes() <= 10_000
    assert cache.preview(photos[0], STAMP) is not None
    assert cache.preview(Path("/new.jpg"), STAMP) is not None
    assert sum(cache.preview(photo, STAMP) is None for photo in photos) >= 2


def test_a_new_program_counts_what_is_there(tmp_path: Path) -> None:
    PixelCache(tmp_path, 10_000).put_preview(PHOTO, STAMP, bytes(3000))
    cache = PixelCache(tmp_path, 10_000)
    assert cache.used_bytes() == 3000
    cache.clear()
    assert cache.used_bytes() == 0
    assert cache.preview(PHOTO, STAMP) is None


def test_a_full_disk_is_a_sentence_and_leaves_no_half_file(
    cache: PixelCache, tmp_path: Path, monkeypatch
) -> None:
    cache.put_preview(Path("/first.jpg"), STAMP, b"x")

    def fail(self: Path, data: bytes) -> int:
        with open(self, "wb") as file:
            file.write(data[:1])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(CullerError, match="No space left"):
        cache.put_preview(PHOTO, STAMP, b"large")
    assert cache.preview(PHOTO, STAMP) is None
    assert not list(tmp_path.rglob("*.part"))


def test_a_cache_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = PixelCache(tmp_path / "file" / "cache", 1000)
    assert cache.thumbnail(PHOTO, STAMP) is None
    with pytest.raises(CullerError, match="Cannot keep thumbnails"):
        cache.put_thumbnail(PHOTO, STAMP, b"x")


def test_readers_never_see_half_an_entry(cache: PixelCache) -> None:
    bodies = {bytes([at]) * 50_000 for at in range(8)}
    stop = threading.Event()
    seen: set[bytes] = set()

    def read() -> None:
        while not stop.is_set():
            body = cache.preview(PHOTO, STAMP)
            if body is not None:
                seen.add(body)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda body: cache.put_preview(PHOTO, STAMP, body), sorted(bodies) * 20))
    stop.set()
    for reader in readers:
        reader.join()
    assert seen <= bodies


def test_reads_and_writes_list_no_folder(cache: PixelCache, monkeypatch) -> None:
    cache.put_thumbnail(PHOTO, STAMP, b"x")

    def forbidden(*_args: object) -> None:
        raise AssertionError("a folder was listed")

    monkeypatch.setattr(os, "scandir", forbidden)
    monkeypatch.setattr(os, "listdir", forbidden)
    for at in range(20):
        cache.put_thumbnail(Path(f"/{at}.jpg"), STAMP, b"x")
        assert cache.thumbnail(Path(f"/{at}.jpg"), STAMP) == b"x"
