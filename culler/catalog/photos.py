"""Photos: finding them, reading them whole, and where they lie."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from culler.catalog import sidecars
from culler.catalog.database import Transaction
from culler.catalog.facts import facts_of
from culler.catalog.folders import inside, roots
from culler.catalog.keys import chunks, list_of
from culler.catalog.photo_files import PRESENT, files_of, holders
from culler.catalog.schema import FAILURE, FILE, PHOTO
from culler.catalog.scopes import Scope
from culler.domain.assessment import Stage
from culler.domain.photo import (
    FileRole,
    FileStamp,
    Photo,
    PhotoFile,
    PhotoId,
    PhotoKind,
    folded_name,
    shown_name,
)

_HAS_FILES = select(FILE.c.photo_id).where(FILE.c.photo_id == PHOTO.c.id, PRESENT).exists()
"""The condition that no other photo has a photo's files."""


def get(tx: Transaction, photo_ids: Iterable[PhotoId]) -> dict[PhotoId, Photo]:
    """Photos by id, in the order asked; unknown ids are absent."""
    wanted = list(photo_ids)
    bases = roots(tx)
    files = files_of(tx, wanted)
    found = {row.id: _photo(row, bases, files) for row in rows(tx, wanted, *PHOTO.c)}
    return {photo_id: found[photo_id] for photo_id in wanted if photo_id in found}


def ids_in(tx: Transaction, scopes: Sequence[Scope] | None, missing: bool = False) -> list[PhotoId]:
    """Photos of some scopes (None: of all), in catalog order, each once; with those whose files are gone,
    where wanted, but never those whose files another photo has."""
    found: dict[PhotoId, None] = {}
    for condition in [True] if scopes is None else [inside(scope) for scope in scopes]:
        there = PHOTO.c.missing == 0
        if missing:
            there |= _HAS_FILES
        statement = select(PHOTO.c.id).where(condition, there).order_by(PHOTO.c.relative_path)  # type: ignore[arg-type]
        found.update(dict.fromkeys(tx.execute(statement).scalars()))
    return list(found)


def ids_inside(tx: Transaction, scopes: Sequence[Scope], photo_ids: Iterable[PhotoId]) -> list[PhotoId]:
    """Of some photos, missing or not, those that lie in these scopes."""
    found: dict[PhotoId, None] = {}
    for ids in chunks(photo_ids):
        for scope in scopes:
            here = select(PHOTO.c.id).where(PHOTO.c.id.in_(ids), inside(scope))
            found.update(dict.fromkeys(tx.execute(here).scalars()))
    return list(found)


def ids_named(tx: Transaction, folder_id: int, relative_paths: Iterable[str]) -> dict[str, PhotoId]:
    """The photos, missing ones included, that these primary files stand for."""
    found: dict[str, PhotoId] = {}
    for paths in chunks(relative_paths):
        here = (PHOTO.c.folder_id == folder_id) & PHOTO.c.relative_path.in_(paths)
        found.update(
            (path, key) for path, key in tx.execute(select(PHOTO.c.relative_path, PHOTO.c.id).where(here))
        )
    return found


def directories(tx: Transaction) -> set[Path]:
    """The folders that hold files of present photos."""
    bases = roots(tx)
    found = list_of(
        tx,
        select(FILE.c.folder_id, FILE.c.relative_path)
        .join(PHOTO, PHOTO.c.id == FILE.c.photo_id)
        .where(PHOTO.c.missing == 0),
    )
    below = {(folder_id, path.rpartition("/")[0]) for folder_id, path in found}
    return {bases[folder_id] / path for folder_id, path in below}


def counts_by_directory(tx: Transaction) -> dict[int, dict[str, int]]:
    """How many photos, missing ones too, each folder below each root has; not those whose files another
    photo has."""
    counts: dict[int, dict[str, int]] = {}
    here = (PHOTO.c.missing == 0) | _HAS_FILES
    for folder_id, path in tx.execute(select(PHOTO.c.folder_id, PHOTO.c.relative_path).where(here)):
        below = counts.setdefault(folder_id, {})
        parent = path.rpartition("/")[0]
        below[parent] = below.get(parent, 0) + 1
    return counts


def directory_scopes(tx: Transaction, scopes: Sequence[Scope]) -> dict[Path, Scope]:
    """The folders that present photos of some scopes are in, each as a scope of its own."""
    bases = roots(tx)
    found: set[tuple[int, str]] = set()
    for scope in scopes:
        here = select(PHOTO.c.folder_id, PHOTO.c.relative_path).where(inside(scope), PHOTO.c.missing == 0)
        found.update((folder_id, path.rpartition("/")[0]) for folder_id, path in tx.execute(here))
    return {bases[key] / parent: Scope(key, bases[key], parent) for key, parent in sorted(found)}


def stems(tx: Transaction, directory: Scope) -> dict[str, list[PhotoId]]:
    """The present photos right inside a folder by the name of each of their pictures, without its
    extension and folded."""
    found: dict[str, list[PhotoId]] = {}
    here = inside(directory) & (PHOTO.c.missing == 0) & PRESENT & (FILE.c.role != FileRole.SIDECAR.value)
    files = select(FILE.c.photo_id, FILE.c.relative_path).join(PHOTO, PHOTO.c.id == FILE.c.photo_id)
    for photo_id, path in tx.execute(files.where(here)):
        parent, _, name = path.rpartition("/")
        if parent == directory.prefix:
            found.setdefault(folded_name(name.rpartition(".")[0]), []).append(photo_id)
    return found


def rows(tx: Transaction, photo_ids: Iterable[PhotoId], *columns: Any) -> list[Row[Any]]:
    """Some columns of some photos, in no particular order."""
    found: list[Row[Any]] = []
    for ids in chunks(photo_ids):
        found += tx.execute(select(*columns).select_from(PHOTO).where(PHOTO.c.id.in_(ids))).all()
    return found


def make_way(tx: Transaction, folder_id: int, wanted: Mapping[str, PhotoId | None]) -> None:
    """Free names for the photos that get them (None: a new one). Who had such a name and lost its file
    to another photo keeps its marks under a name that no file can have, and is missing."""
    for path, holder in ids_named(tx, folder_id, wanted).items():
        if holder != wanted[path]:
            gone = {"relative_path": f"{path}/replaced {holder}", "missing": 1}
            tx.execute(update(PHOTO).where(PHOTO.c.id == holder).values(**gone))


def relocate(tx: Transaction, photo_id: PhotoId, scope: Scope, paths: Sequence[Path]) -> None:
    """Note that a photo's files, in order, lie elsewhere now. Where the catalog remembers another photo
    at that place, whose file is gone, that one gives way to a name that no file can have; one whose files
    this photo has now is missing."""
    names = _addresses(scope, paths)
    make_way(tx, scope.folder_id, {names[0][0]: photo_id})
    here = (FILE.c.photo_id == photo_id) & PRESENT
    files = tx.execute(select(FILE).where(here).order_by(FILE.c.position)).all()
    tx.execute(delete(FILE).where(FILE.c.photo_id == photo_id))
    where = {"folder_id": scope.folder_id, "relative_path": names[0][0]}
    tx.execute(update(PHOTO).where(PHOTO.c.id == photo_id).values(**where))
    values = [
        row._asdict() | {"folder_id": scope.folder_id, "relative_path": shown, "raw_name": raw}
        for row, (shown, raw) in zip(files, names, strict=True)
    ]
    before = set(holders(tx, scope.folder_id, [shown for shown, _ in names]).values()) - {photo_id}
    tx.execute(insert(FILE).prefix_with("OR REPLACE"), values)
    set_missing(tx, before - set(files_of(tx, list(before))), True)
    moved = {row.relative_path: shown for row, (shown, _) in zip(files, names, strict=True)}
    sidecars.rename(tx, photo_id, moved)


def take_files(tx: Transaction, photo_id: PhotoId, scope: Scope, paths: Sequence[Path]) -> None:
    """Give a photo these files, which other photos have now; those get a new revision."""
    names = [shown for shown, _ in _addresses(scope, paths)]
    before = holders(tx, scope.folder_id, names)
    for position, name in enumerate(name for name in names if name in before):
        here = (FILE.c.folder_id == scope.folder_id) & (FILE.c.relative_path == name)
        tx.execute(update(FILE).where(here).values(photo_id=photo_id, position=position))
    for other in set(before.values()) - {photo_id}:
        renew(tx, other)


def renew(tx: Transaction, photo_id: PhotoId) -> None:
    """A new revision, for the photo has other files: what was judged before counts no more. The primary
    file is the same, and so is what the scan could not read of it."""
    values = {"revision": PHOTO.c.revision + 1, "dhash": None, "damaged": None}
    tx.execute(update(PHOTO).where(PHOTO.c.id == photo_id).values(**values))
    now = select(PHOTO.c.revision).where(PHOTO.c.id == photo_id).scalar_subquery()
    of_scan = (FAILURE.c.photo_id == photo_id) & (FAILURE.c.stage == Stage.SCAN.value)
    tx.execute(update(FAILURE).where(of_scan).values(revision=now))


def set_missing(tx: Transaction, photo_ids: Iterable[PhotoId], missing: bool) -> None:
    """Mark photos whose files are gone, or are back. Nothing is dropped."""
    for ids in chunks(photo_ids):
        tx.execute(update(PHOTO).where(PHOTO.c.id.in_(ids)).values(missing=int(missing)))


def forget(tx: Transaction, photo_ids: Iterable[PhotoId]) -> None:
    """Drop photos with everything known of them: they turned out to be others that are known already."""
    for ids in chunks(photo_ids):
        tx.execute(delete(PHOTO).where(PHOTO.c.id.in_(ids)))


def _addresses(scope: Scope, paths: Sequence[Path]) -> list[tuple[str, bytes | None]]:
    """Files as the catalog addresses them: relative path as shown, and its true bytes where that differs."""
    root = os.path.realpath(scope.root)
    places = (Path(os.path.realpath(path.parent)) / path.name for path in paths)
    return [shown_name(place.relative_to(root).as_posix()) for place in places]


def _photo(row: Row[Any], bases: Mapping[int, Path], files: Mapping[int, list[PhotoFile]]) -> Photo:
    return Photo(
        id=row.id,
        root=bases[row.folder_id],
        relative_path=row.relative_path,
        revision=row.revision,
        kind=PhotoKind(row.kind),
        files=tuple(files.get(row.id, ())) or (_no_file(row),),
        facts=facts_of(row),
        missing=bool(row.missing),
    )


def _no_file(row: Row[Any]) -> PhotoFile:
    """What stands for the files of a photo that lost them to another."""
    return PhotoFile(FileRole.RENDERED, row.relative_path, FileStamp(0, 0))
