"""The files of photos: whose a file is, and noting new ones and new stamps."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, delete, insert, select, true, update

from culler.catalog.database import Transaction
from culler.catalog.keys import chunks, insert_many
from culler.catalog.schema import FILE, PHOTO
from culler.domain.photo import FileRole, FileStamp, PhotoFile, PhotoId

FILE_COLUMNS = (
    "folder_id", "relative_path", "photo_id", "position", "role", "size_bytes", "mtime_ns", "raw_name",
    "pinned",
)  # fmt: skip


PRESENT = FILE.c.position >= 0
"""The condition that a file was there when its photo was last looked at."""


def files_of(tx: Transaction, photo_ids: Sequence[PhotoId]) -> dict[PhotoId, list[PhotoFile]]:
    """The files of photos, each photo's primary one first; photos without files are absent."""
    found: dict[PhotoId, list[PhotoFile]] = {}
    for ids in chunks(photo_ids):
        here = FILE.c.photo_id.in_(ids) & PRESENT
        for row in tx.execute(select(FILE).where(here).order_by(FILE.c.position)):
            found.setdefault(row.photo_id, []).append(_file(row))
    return found


def id_at(tx: Transaction, folder_id: int, relative_path: str) -> PhotoId | None:
    """The photo that a file belongs to, whichever member it is."""
    return tx.execute(
        select(FILE.c.photo_id).where(FILE.c.folder_id == folder_id, FILE.c.relative_path == relative_path)
    ).scalar()


def folder_of(tx: Transaction, photo_id: PhotoId) -> int:
    """The folder root that a photo lies in."""
    return int(tx.execute(select(PHOTO.c.folder_id).where(PHOTO.c.id == photo_id)).scalar_one())


def holders(tx: Transaction, folder_id: int, relative_paths: Iterable[str]) -> dict[str, PhotoId]:
    """The photo, missing or not, that each of these files belongs to; files of none are absent."""
    return _holders(tx, folder_id, relative_paths, true())


def pinned(tx: Transaction, folder_id: int, relative_paths: Iterable[str]) -> dict[str, PhotoId]:
    """Of these files, those that the user put into a photo, with that photo."""
    return _holders(tx, folder_id, relative_paths, FILE.c.pinned == 1)


def _holders(
    tx: Transaction, folder_id: int, relative_paths: Iterable[str], condition: ColumnElement[bool]
) -> dict[str, PhotoId]:
    found: dict[str, PhotoId] = {}
    for paths in chunks(relative_paths):
        here = (FILE.c.folder_id == folder_id) & FILE.c.relative_path.in_(paths) & condition
        rows = tx.execute(select(FILE.c.relative_path, FILE.c.photo_id).where(here))
        found.update((path, photo_id) for path, photo_id in rows)
    return found


def absent(tx: Transaction, photo_ids: Iterable[PhotoId]) -> dict[PhotoId, dict[str, int]]:
    """The pinned files of photos that are not there, with the places that they had among the others:
    back again, they belong to these photos as before."""
    found: dict[PhotoId, dict[str, int]] = {}
    for ids in chunks(photo_ids):
        columns = (FILE.c.photo_id, FILE.c.relative_path, FILE.c.position)
        for photo_id, path, position in tx.execute(
            select(*columns).where(FILE.c.photo_id.in_(ids), ~PRESENT)
        ):
            found.setdefault(photo_id, {})[path] = -1 - position
    return found


def forget_absent(tx: Transaction, photo_ids: Iterable[PhotoId]) -> None:
    """Remember files that are not there no more: the user has said anew what these photos are made of."""
    for ids in chunks(photo_ids):
        tx.execute(delete(FILE).where(FILE.c.photo_id.in_(ids), ~PRESENT))


def replace(tx: Transaction, folder_id: int, members: Mapping[PhotoId, Sequence[PhotoFile]]) -> None:
    """Note other files of photos; a pinned one that is no longer among them is remembered as absent."""
    before = [
        row
        for ids in chunks(members)
        for row in tx.execute(select(FILE).where(FILE.c.photo_id.in_(ids), FILE.c.pinned == 1)).all()
    ]
    for ids in chunks(members):
        tx.execute(delete(FILE).where(FILE.c.photo_id.in_(ids)))
    write(tx, folder_id, members.items())
    there = {file.relative_path for files in members.values() for file in files}
    gone = [row for row in before if row.relative_path not in there and row.folder_id == folder_id]
    values = [row._asdict() | {"position": min(row.position, -1 - row.position)} for row in gone]
    if values:
        tx.execute(insert(FILE).prefix_with("OR IGNORE"), values)


def put_files(tx: Transaction, photo_id: PhotoId, files: Sequence[PhotoFile]) -> None:
    """Note files that Culler itself wrote: new sidecars join the photo, others get their new stamps. The
    photo's revision stays: its pixels are the same."""
    present = {row.relative_path: row for row in tx.execute(select(FILE).where(FILE.c.photo_id == photo_id))}
    folder_id = folder_of(tx, photo_id)
    position = max((row.position for row in present.values()), default=-1)
    for file in files:
        stamp = {"size_bytes": file.stamp.size_bytes, "mtime_ns": file.stamp.mtime_ns}
        here = (FILE.c.folder_id == folder_id) & (FILE.c.relative_path == file.relative_path)
        if file.relative_path in present:
            tx.execute(update(FILE).where(here, FILE.c.photo_id == photo_id).values(**stamp))
        else:
            position += 1
            row = {
                "folder_id": folder_id,
                "relative_path": file.relative_path,
                "photo_id": photo_id,
                "position": position,
                "role": file.role.value,
                "raw_name": file.raw_name,
            }
            tx.execute(insert(FILE).prefix_with("OR REPLACE").values(**row, **stamp))


def deal(tx: Transaction, members: Mapping[PhotoId, Sequence[PhotoFile]]) -> None:
    """Deal known files of one folder out to photos, each photo's in this order, pinned as they say."""
    statement = (
        update(FILE)
        .where(FILE.c.folder_id == bindparam("folder"), FILE.c.relative_path == bindparam("path"))
        .values(photo_id=bindparam("holder"), position=bindparam("place"), pinned=bindparam("pin"))
    )
    at = select(FILE.c.folder_id).where(FILE.c.photo_id.in_(list(members))).limit(1)
    folder_id = tx.execute(at).scalar_one()
    values = [
        {
            "folder": folder_id,
            "path": file.relative_path,
            "holder": photo_id,
            "place": place,
            "pin": int(file.pinned),
        }
        for photo_id, files in members.items()
        for place, file in enumerate(files)
    ]
    if values:
        tx.execute(statement, values)


def write(tx: Transaction, folder_id: int, members: Iterable[tuple[PhotoId, Sequence[PhotoFile]]]) -> None:
    """Note the files of photos that have none noted, the primary one first."""
    # OR REPLACE: a file that moves from one photo to another (a RAW joined its JPEG) belongs to the last.
    insert_many(
        tx,
        FILE,
        FILE_COLUMNS,
        [
            (
                folder_id,
                file.relative_path,
                photo_id,
                position,
                file.role.value,
                file.stamp.size_bytes,
                file.stamp.mtime_ns,
                file.raw_name,
                int(file.pinned),
            )
            for photo_id, files in members
            for position, file in enumerate(files)
        ],
        replace=True,
    )


def _file(row: Row[Any]) -> PhotoFile:
    stamp = FileStamp(row.size_bytes, row.mtime_ns)
    return PhotoFile(FileRole(row.role), row.relative_path, stamp, row.raw_name, bool(row.pinned))
