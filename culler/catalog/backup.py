"""Copies of the catalog: before a migration, and every few days of use; each one checked."""

import os
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from culler.domain.errors import CullerError

KEPT = 5
EVERY_S = 3 * 24 * 3600


def folder_of(catalog: Path) -> Path:
    """Where a catalog's backups are."""
    return catalog.parent / "backups"


def existing(catalog: Path) -> list[Path]:
    """The backups there are, oldest first."""
    return sorted(folder_of(catalog).glob(f"{catalog.stem}-*.sqlite"), key=lambda path: path.stat().st_mtime)


def make(catalog: Path, reason: str = "rotation") -> Path:
    """Copy the catalog and check the copy; raises CullerError when the catalog or the disk is not sound."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    target = folder_of(catalog) / f"{catalog.stem}-{stamp}-{reason}.sqlite"
    partial = target.with_suffix(".partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        with closing(sqlite3.connect(catalog)) as source, closing(sqlite3.connect(partial)) as copy:
            source.backup(copy)
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            raise CullerError(
                f"The catalog {catalog} fails its integrity check ({verdict}); nothing was changed."
            )
        os.replace(partial, target)
    except (OSError, sqlite3.Error) as error:
        raise CullerError(
            f"Cannot back up the catalog to {target.parent}: {error}. Nothing was changed."
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    for old in existing(catalog)[:-KEPT]:
        old.unlink(missing_ok=True)
    return target


def rotate(catalog: Path) -> Path | None:
    """A new backup when the last one is older than three days; None when there is nothing to do.

    A backup that fails here is not the user's concern at start: it is tried again the next time.
    """
    try:
        backups = existing(catalog)
        newest = backups[-1].stat().st_mtime if backups else catalog.stat().st_ctime
        if time.time() - newest < EVERY_S:
            return None
        return make(catalog)
    except (OSError, CullerError):
        return None
