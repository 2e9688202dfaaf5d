"""Folder roots: which there are, and how a path maps to one. Roots never lie inside one another."""

import os
from pathlib import Path

from sqlalchemy import ColumnElement, bindparam, insert, select, update

from culler.catalog.database import Transaction, new_key, now
from culler.catalog.schema import FILE, FOLDER, PHOTO, SIDECAR
from culler.catalog.scopes import Scope, real_path, scope_in, true_path
from culler.domain.photo import shown_name


def roots(tx: Transaction) -> dict[int, Path]:
    """Every root by id."""
    rows = tx.execute(select(FOLDER.c.id, FOLDER.c.path, FOLDER.c.raw_path))
    return {row.id: true_path(row.path, row.raw_path) for row in rows}


def scope_of(tx: Transaction, path: Path) -> Scope | None:
    """The scope of a folder that lies in a known root, by whatever way it is reached (links, mounts);
    None when the catalog does not know it."""
    return scope_in(roots(tx), path)


def add(tx: Transaction, path: Path) -> Scope:
    """The scope of a folder, which becomes a root where none holds it yet.

    A folder that holds older roots takes them over: their photos keep their ids and marks under the
    longer relative path.
    """
    known = scope_of(tx, path)
    if known is not None:
        return known
    real = real_path(path)
    places = {folder_id: real_path(root) for folder_id, root in roots(tx).items()}
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


def drop_empty(tx: Transaction) -> None:
    """Forget roots that hold no photo any more."""
    tx.execute(FOLDER.delete().where(FOLDER.c.id.not_in(select(PHOTO.c.folder_id))))


def inside(scope: Scope) -> ColumnElement[bool]:
    """The condition that a photo lies in a scope."""
    here = PHOTO.c.folder_id == scope.folder_id
    if not scope.prefix:
        return here
    low, high = scope.names
    return here & (PHOTO.c.relative_path >= low) & (PHOTO.c.relative_path < high)


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
