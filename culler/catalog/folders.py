"""Folder roots: which there are, and how a path maps to one. Roots never lie inside one another."""

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, bindparam, func, insert, select, update

from culler.catalog.database import Transaction, new_key, now
from culler.catalog.schema import FILE, FOLDER, PHOTO, SIDECAR
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


def roots(tx: Transaction) -> dict[int, Path]:
    """Every root by id."""
    rows = tx.execute(select(FOLDER.c.id, FOLDER.c.path, FOLDER.c.raw_path))
    return {row.id: _true_path(row.path, row.raw_path) for row in rows}


def scope_of(tx: Transaction, path: Path) -> Scope | None:
    """The scope of a folder that lies in a known root, by whatever way it is reached (links, mounts);
    None when the catalog does not know it."""
    known = roots(tx)
    for folder_id, root in known.items():
        if path == root:
            return Scope(folder_id, root)
    real = _real(path)
    for where, bases in ((real, {key: _real(root) for key, root in known.items()}), (path, known)):
        for folder_id, base in bases.items():
            if where.is_relative_to(base):
                below = shown_name(where.relative_to(base).as_posix())[0]
                return Scope(folder_id, known[folder_id], "" if below == "." else below)
    return None


def add(tx: Transaction, path: Path) -> Scope:
    """The scope of a folder, which becomes a root where none holds it yet.

    A folder that holds older roots takes them over: their photos keep their ids and marks under the
    longer relative path.
    """
    known = scope_of(tx, path)
    if known is not None:
        return known
    real = _real(path)
    places = {folder_id: _real(root) for folder_id, root in roots(tx).items()}
    inner = {folder_id: place for folder_id, place in places.items() if place.is_relative_to(real)}
    text, raw = shown_name(str(path))
    folder_id = new_key(tx, insert(FOLDER).values(path=text, raw_path=raw, added_at=now()))
    for old_id, place in inner.items():
        step, raw_step = shown_name(place.relative_to(real).as_posix())
        for table in (PHOTO, FILE):
            moved = {"folder_id": folder_id, "relative_path": step + "/" + table.c.relative_path}
            tx.execute(update(table).where(table.c.folder_id == old_id).values(**moved))
        photos = select(PHOTO.c.id).where(
            PHOTO.c.folder_id == folder_id, PHOTO.c.relative_path.startswith(step + "/", autoescape=True)
        )
        tx.execute(
            update(SIDECAR)
            .where(SIDECAR.c.photo_id.in_(photos), SIDECAR.c.relative_path != "")
            .values(relative_path=step + "/" + SIDECAR.c.relative_path)
        )
        _lengthen_raw_names(tx, folder_id, step, raw_step)
        tx.execute(FOLDER.delete().where(FOLDER.c.id == old_id))
    return Scope(folder_id, path)


def count(tx: Transaction, scope: Scope) -> int:
    """How many photos a scope holds, missing ones included."""
    return int(tx.execute(select(func.count()).select_from(PHOTO).where(inside(scope))).scalar_one())


def inside(scope: Scope) -> ColumnElement[bool]:
    """The condition that a photo lies in a scope."""
    here = PHOTO.c.folder_id == scope.folder_id
    if not scope.prefix:
        return here
    # A range, not LIKE: names may hold % and _, and the index serves it.
    low = scope.prefix + "/"
    return here & (PHOTO.c.relative_path >= low) & (PHOTO.c.relative_path < scope.prefix + "0")


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _true_path(text: str, raw: bytes | None) -> Path:
    return Path(text if raw is None else os.fsdecode(raw))


def _lengthen_raw_names(tx: Transaction, folder_id: int, step: str, raw_step: bytes | None) -> None:
    """Keep the true bytes right for files whose own name, or whose new parent's, is not UTF-8."""
    rows = tx.execute(
        select(FILE.c.relative_path, FILE.c.raw_name).where(
            FILE.c.folder_id == folder_id,
            FILE.c.relative_path.startswith(step + "/", autoescape=True),
            FILE.c.raw_name.is_not(None) if raw_step is None else FILE.c.folder_id == folder_id,
        )
    ).all()
    start = os.fsencode(step) if raw_step is None else raw_step
    updates = [
        {
            "name": row.relative_path,
            "raw": start + b"/" + (row.raw_name or row.relative_path[len(step) + 1 :].encode()),
        }
        for row in rows
    ]
    if updates:
        statement = update(FILE).where(
            FILE.c.folder_id == folder_id, FILE.c.relative_path == bindparam("name")
        )
        tx.execute(statement.values(raw_name=bindparam("raw")), updates)
