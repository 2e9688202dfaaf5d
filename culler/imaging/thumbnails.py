"""The pixel cache: thumbnails and previews as files that may vanish at any time.

An entry is named by a digest of the photo's path, size, modification time and the decoder's version,
so that a changed file simply misses. Entries are written beside their name and renamed, so that no
half file is ever read; reading one makes it young, and the oldest go when the cache is over its cap.
One cache may be used from any number of threads and by two programs at once.
"""

import hashlib
import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from culler.domain.errors import CullerError
from culler.domain.photo import FileStamp
from culler.imaging.formats import DECODER_VERSION

_THUMBNAIL = "t"
_PREVIEW = "p"
_YOUNG_S = 3600  # an entry read within the last hour is not touched again: a write a read costs more
_KEEP_RATIO = 0.9  # eviction goes a little below the cap, so that it does not run at every write


class PixelCache:
    """Thumbnails and previews below `directory`, together at most `cap_bytes` (give or take one
    entry and what other programs write meanwhile).

    A read never raises: whatever cannot be read is absent. A write raises CullerError when the disk
    is full or forbids it; the caller goes on without a cache.
    """

    def __init__(self, directory: Path, cap_bytes: int) -> None:
        self._directory = directory
        self._cap_bytes = cap_bytes
        self._lock = threading.Lock()
        self._listing = threading.Lock()  # held while folders are read
        self._used_bytes: int | None = None  # known after the first count
        self._serial = 0

    def thumbnail(self, path: Path, stamp: FileStamp) -> bytes | None:
        """The encoded thumbnail of a photo's file in this state, or None."""
        return self._read(_THUMBNAIL, path, stamp)

    def put_thumbnail(self, path: Path, stamp: FileStamp, encoded: bytes) -> None:
        """Keeps an encoded thumbnail."""
        self._write(_THUMBNAIL, path, stamp, encoded)

    def preview(self, path: Path, stamp: FileStamp) -> bytes | None:
        """The encoded preview of a photo's file in this state, or None."""
        return self._read(_PREVIEW, path, stamp)

    def put_preview(self, path: Path, stamp: FileStamp, encoded: bytes) -> None:
        """Keeps an encoded preview."""
        self._write(_PREVIEW, path, stamp, encoded)

    def preview_path(self, path: Path, stamp: FileStamp) -> Path | None:
        """The file that holds the preview, for a reader that decodes it itself; None if absent."""
        file = self._file(_PREVIEW, path, stamp)
        return file if file.exists() else None

    def used_bytes(self) -> int:
        """What the cache takes on disk. The first call reads its folders: not for the hot path."""
        with self._listing:
            if self._used_bytes is None:
                self._used_bytes = sum(size for _, size, _ in self._entries())
            return self._used_bytes

    def clear(self) -> None:
        """Removes every entry."""
        for _, _, file in self._entries():
            with suppress(OSError):
                os.unlink(file)
        with self._lock:
            self._used_bytes = 0

    def evict(self) -> int:
        """Removes the entries that were not read for longest until the cache is below its cap;
        returns how many went."""
        if not self._listing.acquire(blocking=False):
            return 0  # another thread is at it
        try:
            entries = sorted(self._entries())
            used = sum(size for _, size, _ in entries)
            gone = 0
            if used > self._cap_bytes:
                for _, size, file in entries:
                    if used <= self._cap_bytes * _KEEP_RATIO:
                        break
                    with suppress(FileNotFoundError):
                        try:
                            os.unlink(file)
                        except PermissionError:  # Windows: being read just now
                            continue
                    used -= size
                    gone += 1
            with self._lock:
                self._used_bytes = used
            return gone
        finally:
            self._listing.release()

    def _file(self, kind: str, path: Path, stamp: FileStamp) -> Path:
        digest = hashlib.blake2b(digest_size=20)
        digest.update(os.fsencode(path))
        digest.update(f"\0{stamp.size_bytes}\0{stamp.mtime_ns}\0{DECODER_VERSION}".encode())
        name = digest.hexdigest()
        return self._directory / kind / name[:2] / name[2:]

    def _read(self, kind: str, path: Path, stamp: FileStamp) -> bytes | None:
        file = self._file(kind, path, stamp)
        try:
            with file.open("rb") as opened:
                encoded = opened.read()
                age_s = time.time() - os.fstat(opened.fileno()).st_mtime
        except OSError:
            return None
        if age_s > _YOUNG_S:
            with suppress(OSError):
                os.utime(file)
        return encoded or None

    def _write(self, kind: str, path: Path, stamp: FileStamp, encoded: bytes) -> None:
        file = self._file(kind, path, stamp)
        with self._lock:
            self._serial += 1
            serial = self._serial
        partial = file.with_name(f"{file.name}.{os.getpid()}-{serial}.part")
        try:
            try:
                partial.write_bytes(encoded)
            except FileNotFoundError:
                file.parent.mkdir(parents=True, exist_ok=True)
                partial.write_bytes(encoded)
            os.replace(partial, file)
        except OSError as error:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise CullerError(
                f"Cannot keep thumbnails in {self._directory}: {error.strerror or error}. "
                "Culler goes on without keeping them; free some space to make it fast again."
            ) from error
        self._account(len(encoded))

    def _account(self, added: int) -> None:
        with self._lock:
            counted = self._used_bytes is not None
            if self._used_bytes is not None:
                self._used_bytes += added
        used = (self._used_bytes or 0) if counted else self.used_bytes()
        if used > self._cap_bytes:
            self.evict()

    def _entries(self) -> list[tuple[float, int, str]]:
        """Every entry as (last use, bytes, file), partial files of dead programs among them."""
        found = []
        for kind in (_THUMBNAIL, _PREVIEW):
            for shard in _listed(self._directory / kind):
                for entry in _listed(Path(shard.path)):
                    with suppress(OSError):
                        state = entry.stat()
                        found.append((state.st_mtime, state.st_size, entry.path))
        return found


def _listed(folder: Path) -> "list[os.DirEntry[str]]":
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
