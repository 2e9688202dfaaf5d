"""Copies of the catalog: before a migration, and every few days of use; each one checked. And the way
back: the newest sound copy in the place of a damaged catalog, which is kept aside."""

import logging
import os
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from culler.catalog.schema import HEAD
from culler.domain.errors import CullerError

log = logging.getLogger(__name__)

KEPT = 5
EVERY_S = 3 * 24 * 3600
ADVICE = "culler doctor --restore puts the newest sound backup in its place and keeps what is there aside."
NEWER = "it is the catalog of a newer Culler"
_COMPANIONS = ("-wal", "-shm", "")
"""What SQLite keeps beside a database. The log goes first: it must never meet another database."""


def folder_of(catalog: Path) -> Path:
    """Where a catalog's backups are."""
    return catalog.parent / "backups"


def existing(catalog: Path) -> list[Path]:
    """The backups there are, oldest first."""
    return sorted(folder_of(catalog).glob(f"{catalog.stem}-*.sqlite"), key=lambda path: path.stat().st_mtime)


def make(catalog: Path, reason: str = "rotation") -> Path:
    """Copy the catalog and check the copy; raises CullerError when the catalog or the disk is not sound."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
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
    """A new backup when there is none or the last one is older than three days; None when there is nothing
    to do.

    A backup that fails here is not the user's concern at start: it is tried again the next time.
    """
    try:
        backups = existing(catalog)
        if backups and time.time() - backups[-1].stat().st_mtime < EVERY_S:
            return None
        return make(catalog)
    except (OSError, CullerError) as error:
        log.warning("%s", error)
        return None


def what_is_wrong(path: Path) -> str | None:
    """Why a file cannot be used as a catalog; None where it is sound. Reads all of it, changes nothing."""
    try:
        if path.stat().st_size == 0:
            return "the file is empty"
        logged = path.with_name(path.name + "-wal").exists()
        how = "mode=ro" if logged else "immutable=1"  # the latter leaves no files of SQLite's beside it
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as opened:
            verdict = str(opened.execute("PRAGMA integrity_check").fetchone()[0])
            if verdict != "ok":
                return verdict.partition("\n")[0]
            found = opened.execute("SELECT version_num FROM alembic_version").fetchone()
            if found is None or found[0] > HEAD:
                return NEWER
    except FileNotFoundError:
        return "it is gone"
    except (OSError, sqlite3.Error) as error:
        return str(error)
    return None


def newest_sound(catalog: Path) -> Path | None:
    """The newest backup that passes its integrity check; None where there is none."""
    return next((path for path in reversed(existing(catalog)) if what_is_wrong(path) is None), None)


def restore(catalog: Path, chosen: Path) -> Path | None:
    """Put a backup in the catalog's place; where the damaged file is now (None: there was none).

    Raises CullerError where that cannot be done. Killed at any moment it leaves the damaged catalog in
    its place or the backup, and every file that was there.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    aside = catalog.with_name(f"{catalog.stem}-damaged-{stamp}{catalog.suffix}")
    partial = folder_of(catalog) / f"{catalog.stem}-{stamp}.partial"
    try:
        shutil.copyfile(chosen, partial)
        with open(partial, "rb+") as copied:
            os.fsync(copied.fileno())
        wrong = what_is_wrong(partial)
        if wrong is not None:
            raise CullerError(f"The backup {chosen} is damaged, too ({wrong}). Nothing was changed.")
        for ending in _COMPANIONS:
            part = catalog.with_name(catalog.name + ending)
            if part.exists():
                _keep(part, aside.with_name(aside.name + ending))
                if ending:
                    part.unlink()
        os.replace(partial, catalog)
    except OSError as error:
        raise CullerError(f"Cannot put {chosen.name} in the place of {catalog}: {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)
    return aside if aside.exists() else None


def _keep(path: Path, aside: Path) -> None:
    """The file under another name as well; it stays where it is."""
    try:
        os.link(path, aside)
    except OSError:
        shutil.copy2(path, aside)
