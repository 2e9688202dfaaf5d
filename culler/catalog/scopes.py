"""How a path maps to a folder root. Nothing here needs SQLAlchemy, so that the window's first page can."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from culler.domain.photo import shown_name


@dataclass(frozen=True, slots=True)
class Scope:
    """A folder as the catalog addresses it: a root and a relative prefix below it ("" for all)."""

    folder_id: int
    root: Path
    prefix: str = ""

    @property
    def path(self) -> Path:
        return self.root / self.prefix if self.prefix else self.root

    @property
    def names(self) -> tuple[str, str]:
        """Relative paths of its photos are from the first on and below the second: a range, not LIKE,
        for names may hold % and _, and the index serves it. Of no meaning without a prefix."""
        return self.prefix + "/", self.prefix + "0"


def scope_in(known: Mapping[int, Path], path: Path) -> Scope | None:
    """The scope of a folder that lies in one of these roots, by whatever way it is reached (links,
    mounts); None when it lies in none."""
    for folder_id, root in known.items():
        if path == root:
            return Scope(folder_id, root)
    real = real_path(path)
    for where, bases in ((real, {key: real_path(root) for key, root in known.items()}), (path, known)):
        for folder_id, base in bases.items():
            if where.is_relative_to(base):
                below = shown_name(where.relative_to(base).as_posix())[0]
                return Scope(folder_id, known[folder_id], "" if below == "." else below)
    return None


def real_path(path: Path) -> Path:
    """Where the path leads, links followed."""
    return Path(os.path.realpath(path))


def true_path(text: str, raw: bytes | None) -> Path:
    """A stored root's path: its true bytes where it is not UTF-8."""
    return Path(text if raw is None else os.fsdecode(raw))
