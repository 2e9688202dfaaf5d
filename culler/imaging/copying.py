"""Files brought to another place without ever overwriting one: copy, move, hard link, symbolic link.

A copy is written beside its target, synced, read back, compared with what was read, and only then gets
its name. Everything can be run again after an interruption: what is already there is recognised by its
content and reported, and a name taken by something else raises `TargetTaken`.
"""

import contextlib
import errno
import hashlib
import os
import shutil
import sys
from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from culler.domain.errors import CullerError
from culler.imaging.placing import place_new, sentence, sync_folder, temporary_beside

_CHUNK_BYTES = 4 * 1024 * 1024


class Action(StrEnum):
    """What to do with each file; the value is the verb of the command line."""

    COPY = "copy"
    MOVE = "move"
    HARD_LINK = "hardlink"
    SYMLINK = "symlink"


class Outcome(StrEnum):
    COPIED = "copied"
    MOVED = "moved"
    LINKED = "linked"
    ALREADY_THERE = "already there"


@dataclass(frozen=True, slots=True)
class Transfer:
    """What happened to one file. `digest` is the BLAKE2b of its content where it was read."""

    source: Path
    target: Path
    outcome: Outcome
    size_bytes: int
    digest: str | None = None


class TargetTaken(CullerError):
    """The target's name is taken by another file, which stays."""

    def __init__(self, target: Path) -> None:
        self.target = target
        super().__init__(f"{target} already exists with other content. It was left as it is.")


Transferring = Generator[int, None, Transfer]
"""Yields the bytes done so far and returns what happened; closing it leaves nothing behind."""


def transfer(action: Action, source: Path, target: Path) -> Transfer:
    """Does it in one go."""
    return _drained(transferring(action, source, target))


def transferring(action: Action, source: Path, target: Path) -> Transferring:
    """Brings the source to the target, step by step. Folders on the way are made.

    Raises TargetTaken, or CullerError where the disk is full, the source is gone and so on; neither
    file has then changed, and nothing is left under the target's name.
    """
    target = Path(os.path.abspath(target))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        match action:
            case Action.COPY:
                return (yield from _copying(source, target))
            case Action.MOVE:
                return (yield from _moving(source, target))
            case Action.HARD_LINK:
                return _hard_linked(source, target)
            case Action.SYMLINK:
                return _symlinked(source, target)
    except FileExistsError:
        raise TargetTaken(target) from None
    except OSError as error:
        raise sentence(error, f"Cannot {action.value} {source.name} to {target.parent}") from None


def copy_file(source: Path, target: Path) -> Transfer:
    """A verified copy, with the source's times and mode."""
    return transfer(Action.COPY, source, target)


def move_file(source: Path, target: Path) -> Transfer:
    """A rename on the same disk; else a verified copy, after which the source is removed."""
    return transfer(Action.MOVE, source, target)


def _copying(source: Path, target: Path) -> Transferring:
    if os.path.lexists(target):
        return (yield from _comparing(source, target))
    temporary = temporary_beside(target)
    try:
        before = source.stat()
        digest = hashlib.blake2b(digest_size=16)
        with open(source, "rb") as original, open(temporary, "xb") as copy:
            done = 0
            while chunk := original.read(_CHUNK_BYTES):
                digest.update(chunk)
                copy.write(chunk)
                done += len(chunk)
                yield done
            copy.flush()
            os.fsync(copy.fileno())
        after = source.stat()
        if (after.st_size, after.st_mtime_ns) != (
            before.st_size,
            before.st_mtime_ns,
        ) or done != after.st_size:
            raise CullerError(
                f"{source.name} changed while it was being copied. Nothing was kept; try again."
            )
        if (yield from _digesting(temporary, done)) != digest.hexdigest():
            raise CullerError(
                f"The copy of {source.name} read back differently from the original. "
                "Check the disk of the target; the original is untouched."
            )
        with contextlib.suppress(OSError):  # some network shares keep no times or modes
            shutil.copystat(source, temporary)
        place_new(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    return Transfer(source, target, Outcome.COPIED, done, digest.hexdigest())


def _moving(source: Path, target: Path) -> Transferring:
    if source.is_symlink():
        raise CullerError(f"{source.name} is a link, not a file. Copy it instead of moving it.")
    size = source.stat().st_size
    if not os.path.lexists(target):
        try:
            place_new(source, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        else:
            sync_folder(source.parent)
            return Transfer(source, target, Outcome.MOVED, size)
    elif target.exists() and os.path.samefile(source, target):
        return Transfer(source, target, Outcome.ALREADY_THERE, size)
    elif target.is_symlink():
        raise TargetTaken(target)
    copied = yield from _copying(source, target)  # of an interrupted move the copy may be there
    source.unlink()
    sync_folder(source.parent)
    return Transfer(source, target, Outcome.MOVED, copied.size_bytes, copied.digest)


def _hard_linked(source: Path, target: Path) -> Transfer:
    size = source.stat().st_size
    if os.path.lexists(target) and not target.is_symlink() and os.path.samefile(source, target):
        return Transfer(source, target, Outcome.ALREADY_THERE, size)
    os.link(os.path.realpath(source), target)
    sync_folder(target.parent)
    return Transfer(source, target, Outcome.LINKED, size)


def _symlinked(source: Path, target: Path) -> Transfer:
    original = Path(os.path.abspath(source))
    size = original.stat().st_size
    if target.is_symlink() and os.path.realpath(target) == os.path.realpath(original):
        return Transfer(source, target, Outcome.ALREADY_THERE, size)
    try:
        os.symlink(original, target)
    except OSError as error:
        if sys.platform == "win32" and not isinstance(error, FileExistsError):
            raise CullerError(
                f"Cannot link to {source.name}: Windows allows links only in developer mode. Copy instead."
            ) from None
        raise
    sync_folder(target.parent)
    return Transfer(source, target, Outcome.LINKED, size)


def _comparing(source: Path, target: Path) -> Transferring:
    """What is already there, if it is the same; else TargetTaken."""
    size = source.stat().st_size
    if not target.is_file() or target.stat().st_size != size:
        raise TargetTaken(target)
    digest = yield from _digesting(source, 0)
    if (yield from _digesting(target, size)) != digest:
        raise TargetTaken(target)
    return Transfer(source, target, Outcome.ALREADY_THERE, size, digest)


def _digesting(path: Path, done: int) -> Generator[int, None, str]:
    digest = hashlib.blake2b(digest_size=16)
    with open(path, "rb") as file:
        _forget_cached(file)
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            yield done
    return digest.hexdigest()


def _forget_cached(file: BinaryIO) -> None:
    """Asks for the disk's bytes instead of the memory's, where the system takes such advice."""
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _drained(steps: Transferring) -> Transfer:
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            result: Transfer = stop.value
            return result
