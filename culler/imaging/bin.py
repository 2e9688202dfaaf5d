"""The system's bin: putting a file there, and where it lies then, so that it can come back.

Where a file lies in the bin is found by its identity on the disk, whichever program keeps the bin. On
Linux that follows the freedesktop.org specification of the trash; macOS tells where it lets us look;
what Windows took only Windows gives back.
"""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger(__name__)

_FILES, _INFO, _INFO_SUFFIX = "files", "info", ".trashinfo"


def exists_for(path: Path) -> bool:
    """Whether the file's disk has a bin. Windows deletes for good what lies on a share or a stick while
    saying that it went to the bin."""
    if sys.platform == "win32":
        import ctypes

        fixed = 3  # DRIVE_FIXED
        return bool(ctypes.windll.kernel32.GetDriveTypeW(os.path.splitdrive(path)[0] + "\\") == fixed)
    return True


def put(path: Path) -> Path | None:
    """Put a file into the bin; where it lies now, None where that is not known. Raises OSError where
    the bin does not take it."""
    from send2trash import send2trash

    before = path.lstat()
    send2trash(path)
    try:
        return next(_lying(path, before), None)
    except OSError as error:
        log.info("cannot look into the bin: %s", error)
        return None


def taken_out(place: Path) -> None:
    """A file was moved out of the bin: what the bin remembers of it goes, too."""
    if place.parent.name == _FILES:
        with contextlib.suppress(OSError):
            (place.parent.parent / _INFO / (place.name + _INFO_SUFFIX)).unlink(missing_ok=True)


def _lying(path: Path, before: os.stat_result) -> Iterator[Path]:
    """Where files lie in a bin that are this one. Names that were taken get a number or the time."""
    for folder in _folders(path):
        exact = folder / path.name
        if _is(exact, before):
            yield exact
        elif folder.is_dir():
            with os.scandir(folder) as entries:
                names = [entry.name for entry in entries if entry.name.startswith(path.stem)]
            yield from (folder / name for name in names if _is(folder / name, before))


def _is(place: Path, before: os.stat_result) -> bool:
    """Whether it is that file: the same one on the disk, or its copy on another."""
    try:
        now = place.lstat()
    except OSError:
        return False
    if now.st_dev == before.st_dev:
        return now.st_ino == before.st_ino
    return (now.st_size, now.st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def _folders(path: Path) -> Iterator[Path]:
    """Where the bins that could have taken the file keep what they took."""
    if sys.platform == "win32":
        return
    top = path.parent
    while not top.is_mount():
        top = top.parent
    if sys.platform == "darwin":
        yield Path.home() / ".Trash"
        yield top / ".Trashes" / str(os.getuid())
        return
    from send2trash import plat_other

    yield Path(os.fsdecode(plat_other.HOMETRASH_B)) / _FILES
    yield top / ".Trash" / str(os.getuid()) / _FILES
    yield top / f".Trash-{os.getuid()}" / _FILES
