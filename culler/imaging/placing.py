"""Files get their final names whole: written beside the target, synced, then renamed.

`place_new` never replaces anything; `replace_if` replaces a file only while it still holds the bytes
that the caller read. A crash leaves at most a hidden temporary file (`leftovers`).
"""

import contextlib
import ctypes
import errno
import os
import secrets
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from culler.domain.errors import CullerError

TEMPORARY_PREFIX = ".culler-"
TEMPORARY_SUFFIX = ".tmp"
ABANDONED_S = 3600

# Linux: renameat2(2). macOS: renamex_np(2).
_RENAME_NOREPLACE, _RENAME_EXCHANGE = 1, 2
_RENAME_SWAP, _RENAME_EXCL = 2, 4
_AT_FDCWD = -100
_UNSUPPORTED = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM, errno.EMLINK}


def temporary_beside(target: Path) -> Path:
    """A free hidden name in the target's folder, on the same device."""
    return target.parent / f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}{TEMPORARY_SUFFIX}"


def leftovers(folder: Path) -> list[Path]:
    """Temporary files that a crash left in the folder."""
    return sorted(folder.glob(f"{TEMPORARY_PREFIX}*{TEMPORARY_SUFFIX}"))


def abandoned(folder: Path) -> list[Path]:
    """The temporary files in the folder that nobody has touched for ABANDONED_S: no writer is that slow."""
    return [path for path in leftovers(folder) if untouched_s(path) > ABANDONED_S]


def sweep(folders: Iterable[Path]) -> None:
    """Remove what writers that were killed left behind in these folders."""
    for folder in folders:
        for path in abandoned(folder):
            with contextlib.suppress(OSError):  # it takes space and does no harm
                path.unlink()


def untouched_s(path: Path) -> float:
    """How long ago a file was written, renamed or given its times; 0 where it cannot be looked at."""
    try:
        stat = path.stat()
    except OSError:
        return 0.0
    # A copy has the times of its original before it has its name.
    return time.time() - max(stat.st_mtime, stat.st_ctime)


@contextlib.contextmanager
def written_beside(target: Path, data: bytes, mode: int | None = None) -> Iterator[Path]:
    """A synced temporary file beside the target; what is left of it goes when the block ends."""
    temporary = temporary_beside(target)
    try:
        descriptor = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(temporary, mode)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def place_new(source: Path, target: Path) -> None:
    """Renames without ever replacing. Raises FileExistsError where the target's name is taken."""
    if sys.platform == "win32":
        os.rename(source, target)
    elif not _special_rename(source, target, exchange=False):
        _link_or_reserve(source, target)
    sync_folder(target.parent)


def replace_if(source: Path, target: Path, expected: bytes) -> bool:
    """Replaces the target by the source if it still holds `expected`; else leaves it and says False.

    Where the system can swap two names at once nothing can slip in between; elsewhere (Windows, old
    network shares) the target is compared just before it is replaced.
    """
    if target.read_bytes() != expected:
        return False
    ours = source.read_bytes()
    if not _special_rename(source, target, exchange=True):
        os.replace(source, target)
    elif source.read_bytes() != expected:
        # Somebody wrote between the comparison and the swap: swap back, their file stays.
        _special_rename(source, target, exchange=True)
        if source.read_bytes() != ours:
            kept = target.with_name(f"{target.name}.{secrets.token_hex(4)}.kept")
            place_new(source, kept)
            raise CullerError(
                f"{target.name} was changed twice while it was being written. Both versions are kept; "
                f"the other one is {kept.name}."
            )
        return False
    sync_folder(target.parent)
    return True


def exchange(source: Path, target: Path) -> bool:
    """Swaps two names at once; False where the system cannot."""
    done = _special_rename(source, target, exchange=True)
    if done:
        sync_folder(target.parent)
    return done


def sync_folder(folder: Path) -> None:
    """Makes a rename last through a power cut, where the system lets folders be synced."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems refuse
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sentence(error: OSError, doing: str) -> CullerError:
    """A full disk, a read-only folder and their like as a sentence; `doing` is "Cannot write X"."""
    reasons = {
        errno.ENOSPC: "the disk is full. Free some space and try again.",
        errno.EDQUOT: "the disk quota is used up. Free some space and try again.",
        errno.EROFS: "the disk is read-only. Choose another place or make it writable.",
        errno.EACCES: "access is denied. Check the permissions of the file and its folder.",
        errno.EPERM: "access is denied. Check the permissions of the file and its folder.",
        errno.ENAMETOOLONG: "the name is too long. Choose a shorter one.",
        errno.ENOENT: "the file or its folder is gone. Check that the disk is connected.",
        errno.ENOTDIR: "a folder on its path is a file.",
        errno.EEXIST: "a folder on its path is a file.",
        errno.EFBIG: "the file is too large for the target's file system.",
        errno.EXDEV: "both places must be on the same disk. Copy instead.",
        errno.ELOOP: "its links lead in a circle.",
        errno.EIO: "the disk reported an error. Check it before going on.",
    }
    reason = reasons.get(error.errno or 0, f"{(error.strerror or str(error)).lower()}.")
    return CullerError(f"{doing}: {reason} Nothing was changed.")


def _link_or_reserve(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
        # No hard links here (FAT): take the name first, then move onto our own empty file.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        try:
            os.replace(source, target)
        except OSError:
            target.unlink()
            raise
    else:
        source.unlink()


def _special_rename(source: Path, target: Path, *, exchange: bool) -> bool:
    """An exclusive rename or a swap by the system; False where it offers none here."""
    library = _c_library()
    if library is None:
        return False
    first, second = os.fsencode(source), os.fsencode(target)
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        flags = _RENAME_EXCHANGE if exchange else _RENAME_NOREPLACE
        failed = library.renameat2(_AT_FDCWD, first, _AT_FDCWD, second, flags)
    elif sys.platform == "darwin" and hasattr(library, "renamex_np"):
        failed = library.renamex_np(first, second, _RENAME_SWAP if exchange else _RENAME_EXCL)
    else:
        return False
    if not failed:
        return True
    code = ctypes.get_errno()
    if code in _UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code), str(target))


def _c_library() -> ctypes.CDLL | None:
    return None if sys.platform == "win32" else ctypes.CDLL(None, use_errno=True)
