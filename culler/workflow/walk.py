"""Walking folders: the directories in which something is other than the catalog remembers."""

import errno
import os
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from culler.catalog.scanned import Stamp
from culler.catalog.scopes import Scope
from culler.domain.errors import CullerError
from culler.domain.photo import FileStamp, PhotoId, shown_name
from culler.imaging import formats
from culler.workflow.pairing import FoundFile

REJECTED_FOLDER = "_Rejected"
"""Where rejects go that have no bin; not looked into from above."""


@dataclass(frozen=True, slots=True)
class IgnoredFile:
    """A file that is not shown, and why."""

    path: Path
    reason: str
    trouble: bool = False
    """Whether it may hold photos that could not be looked at."""


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory's own files of our kinds; `below` is its path from the root, with a final slash."""

    below: str
    path: Path
    files: list[FoundFile]


def passed_over(directory: str) -> bool:
    """Whether a walk leaves out a directory of this name."""
    return directory.startswith(".") or directory == REJECTED_FOLDER


class Walk:
    """Walks every directory of a scope once, parents first; links are followed after everything else,
    so that a photo is known by its own path and not by that of a link to its folder.

    Iterating gives the directories in which a file is new, changed or gone, and None now and then.
    The others only add the photos they hold to `seen`.
    """

    PAUSE = 5000

    def __init__(
        self,
        scope: Scope,
        stamps: Mapping[str, Mapping[str, Stamp]],
        ignored: list[IgnoredFile],
        deep: bool = True,
    ) -> None:
        self._scope, self._stamps, self._ignored, self._deep = scope, stamps, ignored, deep
        self._links: deque[str] = deque()
        self.seen: set[PhotoId] = set()
        self.blind: list[str] = []
        """Directories that are there and cannot be looked into, as prefixes of relative paths."""
        self.unchanged = 0

    def __iter__(self) -> Iterator[Directory | None]:
        visited: set[tuple[int, int]] = set()
        waiting = [str(self._scope.path)]
        said = 0
        while waiting or self._links:
            path = waiting.pop() if waiting else self._links.popleft()
            try:
                status = os.stat(path)
                if (status.st_dev, status.st_ino) in visited:
                    continue
                visited.add((status.st_dev, status.st_ino))
                with os.scandir(path) as listing:
                    entries = list(listing)
            except OSError as error:
                self._cannot_look_into(path, error)
                continue
            relative = Path(path).relative_to(self._scope.root).as_posix()
            below = "" if relative == "." else shown_name(relative)[0] + "/"
            stamps = self._stamps.get(below[:-1], {})
            inner, unchanged, others = self._look(entries, stamps)
            if self._deep:
                waiting += inner
            if others or unchanged != len(stamps):
                files = self._files(entries)
                yield Directory("" if relative == "." else relative + "/", Path(path), files)
            else:
                self.seen.update([stamp[0] for stamp in stamps.values()])
                self.unchanged += unchanged
                if self.unchanged - said >= self.PAUSE:
                    said = self.unchanged
                    yield None

    def _cannot_look_into(self, path: str, error: OSError) -> None:
        reason = (error.strerror or str(error)).lower()
        there = error.errno not in (errno.ENOENT, errno.ENOTDIR)
        if there and path == str(self._scope.path):
            raise CullerError(f"Cannot look into {shown_name(path)[0]}: {reason}.") from error
        self._ignored.append(IgnoredFile(Path(path), f"cannot look into it: {reason}", there))
        if there:
            self.blind.append(shown_name(Path(path).relative_to(self._scope.root).as_posix())[0] + "/")

    def _look(
        self, entries: list[os.DirEntry[str]], stamps: Mapping[str, Stamp]
    ) -> tuple[list[str], int, bool]:
        """Directories inside (last name first), how many known files are as before, and whether a file of
        ours is not among them."""
        inner: list[str] = []
        unchanged = 0
        others = False
        for entry in entries:
            name = entry.name
            try:
                if entry.is_dir():
                    if not passed_over(name):
                        if entry.is_symlink():
                            if self._deep:
                                self._links.append(entry.path)
                        else:
                            inner.append(entry.path)
                    continue
                known = stamps.get(name)
                if known is not None:
                    status = entry.stat()
                    if status.st_size == known[1] and status.st_mtime_ns == known[2]:
                        unchanged += 1
                        continue
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                self._ignored.append(IgnoredFile(Path(entry.path), f"cannot look at it: {reason}", True))
                continue
            if name.startswith("."):
                continue
            if formats.role_of(name) is None:
                reason = "not a kind of file that holds photos"
                self._ignored.append(IgnoredFile(Path(entry.path), reason))
            else:
                others = True
        inner.sort(reverse=True)
        return inner, unchanged, others

    def _files(self, entries: list[os.DirEntry[str]]) -> list[FoundFile]:
        """The directory's files of our kinds, by name."""
        files: list[FoundFile] = []
        for entry in sorted(entries, key=lambda entry: entry.name):
            role = formats.role_of(entry.name)
            if role is None or entry.name.startswith("."):
                continue
            try:
                if entry.is_dir():
                    continue
                status = entry.stat()
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                self._ignored.append(IgnoredFile(Path(entry.path), f"cannot look at it: {reason}", True))
                continue
            files.append(FoundFile(entry.name, role, FileStamp(status.st_size, status.st_mtime_ns)))
        return files
