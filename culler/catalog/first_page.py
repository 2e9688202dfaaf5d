"""The first photos of a folder, read with the driver alone: the window shows them while everything else
is still being imported."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from culler.catalog import rows
from culler.catalog.rows import Rows
from culler.catalog.scopes import scope_in, true_path
from culler.domain.photo import FileRole, FileStamp, PhotoFile, PhotoId


@dataclass(frozen=True, slots=True)
class FirstRows:
    """`rows` of the first photos by capture time, then name; `files` are their primary files."""

    rows: Rows
    files: dict[PhotoId, tuple[Path, FileStamp]]


def read(catalog: Path, folders: Sequence[Path], most: int) -> FirstRows | None:
    """At most so many photos of these folders; None where the catalog cannot tell at once, which is
    never worth more words: opening it will have them."""
    if not catalog.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{catalog.absolute().as_uri()}?mode=ro", uri=True, timeout=0)) as db:
            return _read(db, folders, most)
    except (sqlite3.Error, ValueError):
        return None


def _read(db: sqlite3.Connection, folders: Sequence[Path], most: int) -> FirstRows:
    db.execute("BEGIN")
    roots = {
        key: true_path(text, raw) for key, text, raw in db.execute("SELECT id, path, raw_path FROM folder")
    }
    scopes = [scope for folder in folders if (scope := scope_in(roots, folder)) is not None]
    where = rows.any_of([rows.inside(scope) for scope in scopes])
    order = "taken_us IS NULL, taken_us, relative_path"
    text = f"SELECT id FROM photo WHERE {where.text} ORDER BY {order} LIMIT ?"
    here = rows.among([row[0] for row in db.execute(text, (*where.values, most))])
    current = db.execute("SELECT id FROM scorer WHERE is_current").fetchone()
    found = rows.read(db, None if current is None else current[0], [here]).fetched()
    text = (
        "SELECT photo_id, photo_file.folder_id, photo_file.relative_path, size_bytes, mtime_ns, raw_name"
        f" FROM photo_file JOIN photo ON photo.id = photo_id WHERE {here.text} AND position = 0"
    )
    files = {}
    for photo_id, folder_id, path, size_bytes, mtime_ns, raw_name in db.execute(text, here.values):
        stamp = FileStamp(size_bytes, mtime_ns)
        file = PhotoFile(FileRole.RENDERED, path, stamp, raw_name)
        files[photo_id] = file.path(roots[folder_id]), stamp
    return FirstRows(found, files)
