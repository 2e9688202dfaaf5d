"""Photos and their files: reading them, and what a scan or a decode writes."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Row, bindparam, delete, insert, select, update

from culler.catalog import embeddings, sidecars
from culler.catalog.database import Transaction, now
from culler.catalog.embeddings import LOOK, Embedded
from culler.catalog.folders import inside, roots
from culler.catalog.keys import chunks, insert_many, list_of
from culler.catalog.schema import FAILURE, FILE, PHOTO
from culler.catalog.scopes import Scope
from culler.domain.assessment import Failure, Stage
from culler.domain.photo import (
    CaptureFacts,
    FileRole,
    FileStamp,
    Photo,
    PhotoFile,
    PhotoId,
    PhotoKind,
    shown_name,
)

PLAIN_FACTS = (
    "width", "height", "orientation", "make", "model", "serial", "lens", "exposure_s", "aperture", "iso",
    "focal_mm", "exposure_bias_ev", "latitude", "longitude", "camera_rating",
)  # fmt: skip
FACT_COLUMNS = (*PLAIN_FACTS, "taken_us", "utc_offset_s")
FILE_COLUMNS = (
    "folder_id", "relative_path", "photo_id", "position", "role", "size_bytes", "mtime_ns", "raw_name",
)  # fmt: skip


PASSING = "passing"
"""The source of failures that may pass by themselves (no permission, a disk that is gone): they are
shown, and the photo is tried again every time."""


@dataclass(frozen=True, slots=True)
class Found:
    """A photo as a scan finds it; the primary file first. `passing` says that the failure may pass."""

    relative_path: str
    kind: PhotoKind
    files: tuple[PhotoFile, ...]
    facts: CaptureFacts
    failure: str | None = None
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A photo as an earlier scan left it, for comparison with the disk. `unread`: nothing could be read
    of it then, for a reason that may have passed."""

    id: PhotoId
    relative_path: str
    missing: bool
    files: tuple[PhotoFile, ...]
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a decode learnt of one revision of a photo."""

    photo_id: PhotoId
    revision: int
    width: int
    height: int
    dhash: int
    look: bytes
    damaged: str | None = None


def stamps(tx: Transaction, scope: Scope) -> dict[str, tuple[PhotoId, int, int]]:
    """Every file of a scope's present photos: relative path → photo, size_bytes, mtime_ns (-1 for what
    should be read again). Straight from the driver, since a rescan of 100,000 files should cost little
    more than looking at them."""
    found = list_of(
        tx,
        select(FILE.c.relative_path, FILE.c.photo_id, FILE.c.size_bytes, FILE.c.mtime_ns)
        .join(PHOTO, PHOTO.c.id == FILE.c.photo_id)
        .where(inside(scope), PHOTO.c.missing == 0),
    )
    unread = set(tx.execute(select(FAILURE.c.photo_id).where(*_UNREAD)).scalars())
    return {
        path: (photo_id, -1 if photo_id in unread else size, mtime) for path, photo_id, size, mtime in found
    }


def known(tx: Transaction, photo_ids: Iterable[PhotoId]) -> list[Known]:
    """Photos with their files, missing ones included."""
    wanted = list(photo_ids)
    files = _files_of(tx, wanted)
    unread: set[PhotoId] = set()
    for ids in chunks(wanted):
        statement = select(FAILURE.c.photo_id).where(*_UNREAD, FAILURE.c.photo_id.in_(ids))
        unread.update(tx.execute(statement).scalars())
    return [
        Known(row.id, row.relative_path, bool(row.missing), tuple(files.get(row.id, ())), row.id in unread)
        for row in rows(tx, wanted, PHOTO.c.id, PHOTO.c.relative_path, PHOTO.c.missing)
    ]


def ids_of_files(tx: Transaction, folder_id: int, relative_paths: Iterable[str]) -> set[PhotoId]:
    """The photos, missing ones included, that any of these files belongs to."""
    found: set[PhotoId] = set()
    for paths in chunks(relative_paths):
        here = (FILE.c.folder_id == folder_id) & FILE.c.relative_path.in_(paths)
        found.update(tx.execute(select(FILE.c.photo_id).where(here)).scalars())
    return found


def holders(tx: Transaction, folder_id: int, relative_paths: Iterable[str]) -> dict[str, PhotoId]:
    """The photo that each of these files belongs to; files that belong to none are absent."""
    found: dict[str, PhotoId] = {}
    for paths in chunks(relative_paths):
        here = (FILE.c.folder_id == folder_id) & FILE.c.relative_path.in_(paths)
        rows = tx.execute(select(FILE.c.relative_path, FILE.c.photo_id).where(here))
        found.update((path, photo_id) for path, photo_id in rows)
    return found


def ids_named(tx: Transaction, folder_id: int, relative_paths: Iterable[str]) -> dict[str, PhotoId]:
    """The photos, missing ones included, that these primary files stand for."""
    found: dict[str, PhotoId] = {}
    for paths in chunks(relative_paths):
        here = (PHOTO.c.folder_id == folder_id) & PHOTO.c.relative_path.in_(paths)
        found.update(
            (path, key) for path, key in tx.execute(select(PHOTO.c.relative_path, PHOTO.c.id).where(here))
        )
    return found


def make_way(tx: Transaction, folder_id: int, wanted: Mapping[str, PhotoId | None]) -> None:
    """Free names for the photos that get them (None: a new one). Who had such a name and lost its file
    to another photo keeps its marks under a name that no file can have, and is missing."""
    for path, holder in ids_named(tx, folder_id, wanted).items():
        if holder != wanted[path]:
            gone = {"relative_path": f"{path}/replaced {holder}", "missing": 1}
            tx.execute(update(PHOTO).where(PHOTO.c.id == holder).values(**gone))


def add(tx: Transaction, folder_id: int, found: Sequence[Found]) -> list[PhotoId]:
    """Insert new photos; their ids, in order."""
    if not found:
        return []
    moment = now()
    start = tx.exec_driver_sql("SELECT COALESCE(MAX(id), 0) FROM photo").scalar_one()
    ids = [int(start) + 1 + k for k in range(len(found))]
    insert_many(
        tx,
        PHOTO,
        ("id", "folder_id", "relative_path", "revision", "kind", "missing", "added_at", *FACT_COLUMNS),
        [
            (
                photo_id,
                folder_id,
                photo.relative_path,
                1,
                photo.kind.value,
                0,
                moment,
                *_fact_row(photo.facts),
            )
            for photo_id, photo in zip(ids, found, strict=True)
        ],
    )
    _write_files(tx, folder_id, zip(ids, found, strict=True))
    _write_scan_failures(tx, [(photo_id, 1, photo) for photo_id, photo in zip(ids, found, strict=True)])
    return ids


def change(tx: Transaction, folder_id: int, found: Mapping[PhotoId, Found], new_pixels: set[PhotoId]) -> None:
    """Rewrite photos whose files changed; those in `new_pixels` get a new revision: their marks stay,
    their assessments and embeddings no longer count."""
    for ids in chunks(found):
        tx.execute(delete(FILE).where(FILE.c.photo_id.in_(ids)))
    _write_files(tx, folder_id, found.items())
    for photo_id, photo in found.items():
        values: dict[str, Any] = {
            "relative_path": photo.relative_path,
            "kind": photo.kind.value,
            "missing": 0,
        }
        if photo_id in new_pixels:
            values |= facts_values(photo.facts)
            values |= {"revision": PHOTO.c.revision + 1, "dhash": None, "damaged": None}
        tx.execute(update(PHOTO).where(PHOTO.c.id == photo_id).values(**values))
    revisions = {row.id: row.revision for row in rows(tx, found, PHOTO.c.id, PHOTO.c.revision)}
    for ids in chunks(new_pixels):
        tx.execute(delete(FAILURE).where(FAILURE.c.photo_id.in_(ids)))
    _write_scan_failures(tx, [(i, revisions[i], found[i]) for i in new_pixels])


def relocate(tx: Transaction, photo_id: PhotoId, scope: Scope, paths: Sequence[Path]) -> None:
    """Note that a photo's files, in order, lie elsewhere now. Where the catalog remembers another photo
    at that place, whose file is gone, that one gives way to a name that no file can have."""
    root = os.path.realpath(scope.root)
    places = (Path(os.path.realpath(path.parent)) / path.name for path in paths)
    names = [shown_name(place.relative_to(root).as_posix()) for place in places]
    make_way(tx, scope.folder_id, {names[0][0]: photo_id})
    files = tx.execute(select(FILE).where(FILE.c.photo_id == photo_id).order_by(FILE.c.position)).all()
    tx.execute(delete(FILE).where(FILE.c.photo_id == photo_id))
    where = {"folder_id": scope.folder_id, "relative_path": names[0][0]}
    tx.execute(update(PHOTO).where(PHOTO.c.id == photo_id).values(**where))
    values = [
        row._asdict() | {"folder_id": scope.folder_id, "relative_path": shown, "raw_name": raw}
        for row, (shown, raw) in zip(files, names, strict=True)
    ]
    tx.execute(insert(FILE).prefix_with("OR REPLACE"), values)
    moved = {row.relative_path: shown for row, (shown, _) in zip(files, names, strict=True)}
    sidecars.rename(tx, photo_id, moved)


def put_files(tx: Transaction, photo_id: PhotoId, files: Sequence[PhotoFile]) -> None:
    """Note files that Culler itself wrote: new sidecars join the photo, others get their new stamps. The
    photo's revision stays: its pixels are the same."""
    present = {row.relative_path: row for row in tx.execute(select(FILE).where(FILE.c.photo_id == photo_id))}
    folder_id = tx.execute(select(PHOTO.c.folder_id).where(PHOTO.c.id == photo_id)).scalar_one()
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


def forget(tx: Transaction, photo_ids: Iterable[PhotoId]) -> None:
    """Drop photos with everything known of them: they turned out to be others that are known already."""
    for ids in chunks(photo_ids):
        tx.execute(delete(PHOTO).where(PHOTO.c.id.in_(ids)))


def set_missing(tx: Transaction, photo_ids: Iterable[PhotoId], missing: bool) -> None:
    """Mark photos whose files are gone, or are back. Nothing is dropped."""
    for ids in chunks(photo_ids):
        tx.execute(update(PHOTO).where(PHOTO.c.id.in_(ids)).values(missing=int(missing)))


def write_decoded(tx: Transaction, decoded: Sequence[Decoded]) -> None:
    """Store what decodes learnt, where the photo has not changed since."""
    if not decoded:
        return
    looks = [
        Embedded(photo.photo_id, photo.revision, np.frombuffer(photo.look, np.uint8)) for photo in decoded
    ]
    embeddings.write(tx, LOOK, looks)
    statement = (
        update(PHOTO)
        .where(PHOTO.c.id == bindparam("key"), PHOTO.c.revision == bindparam("at"))
        .values(
            width=bindparam("w"), height=bindparam("h"), dhash=bindparam("hash"), damaged=bindparam("fault")
        )
    )
    values = [
        {
            "key": photo.photo_id,
            "at": photo.revision,
            "w": photo.width,
            "h": photo.height,
            "hash": signed(photo.dhash),
            "fault": photo.damaged,
        }
        for photo in decoded
    ]
    tx.execute(statement, values)


def set_camera_rating(tx: Transaction, ratings: Mapping[PhotoId, int]) -> None:
    """Note the camera's own ratings, which a second, slower reading found."""
    for photo_id, rating in ratings.items():
        tx.execute(update(PHOTO).where(PHOTO.c.id == photo_id).values(camera_rating=rating))


def write_failures(tx: Transaction, failures: Iterable[tuple[Failure, int]], source: str = "") -> None:
    """Store why photos failed, with the revision that did; the latest per stage and source counts."""
    values = [
        {
            "photo_id": failure.photo_id,
            "stage": failure.stage.value,
            "source": source,
            "revision": revision,
            "message": failure.message,
            "created_at": now(),
        }
        for failure, revision in failures
    ]
    if values:
        tx.execute(insert(FAILURE).prefix_with("OR REPLACE"), values)


def clear_failures(
    tx: Transaction, photo_ids: Iterable[PhotoId], stages: Sequence[Stage], source: str = ""
) -> None:
    """Forget failures that a later success proves wrong."""
    names = [stage.value for stage in stages]
    for ids in chunks(photo_ids):
        tx.execute(
            delete(FAILURE).where(
                FAILURE.c.photo_id.in_(ids), FAILURE.c.stage.in_(names), FAILURE.c.source == source
            )
        )


def failures_of(
    tx: Transaction, photo_ids: Iterable[PhotoId], passing: bool = True
) -> dict[PhotoId, tuple[Failure, ...]]:
    """The failures that count, by photo (with those that may pass, if wanted); photos without one are
    absent."""
    found: dict[PhotoId, list[Failure]] = {}
    for ids in chunks(photo_ids):
        statement = (
            select(FAILURE.c.photo_id, FAILURE.c.stage, FAILURE.c.message)
            .join(PHOTO, (PHOTO.c.id == FAILURE.c.photo_id) & (PHOTO.c.revision == FAILURE.c.revision))
            .where(FAILURE.c.photo_id.in_(ids))
        )
        if not passing:
            statement = statement.where(FAILURE.c.source != PASSING)
        for row in tx.execute(statement):
            found.setdefault(row.photo_id, []).append(Failure(row.photo_id, Stage(row.stage), row.message))
    return {photo_id: tuple(failures) for photo_id, failures in found.items()}


def get(tx: Transaction, photo_ids: Iterable[PhotoId]) -> dict[PhotoId, Photo]:
    """Photos by id, in the order asked; unknown ids are absent."""
    wanted = list(photo_ids)
    bases = roots(tx)
    files = _files_of(tx, wanted)
    found = {row.id: _photo(row, bases, files) for row in rows(tx, wanted, *PHOTO.c)}
    return {photo_id: found[photo_id] for photo_id in wanted if photo_id in found}


def ids_in(tx: Transaction, scopes: Sequence[Scope] | None, missing: bool = False) -> list[PhotoId]:
    """Photos of some scopes (None: of all), in catalog order, each once."""
    found: dict[PhotoId, None] = {}
    for condition in [True] if scopes is None else [inside(scope) for scope in scopes]:
        statement = select(PHOTO.c.id).where(condition).order_by(PHOTO.c.relative_path)  # type: ignore[arg-type]
        if not missing:
            statement = statement.where(PHOTO.c.missing == 0)
        found.update(dict.fromkeys(tx.execute(statement).scalars()))
    return list(found)


def undecoded(tx: Transaction, photo_ids: Iterable[PhotoId]) -> list[PhotoId]:
    """Of these photos, those whose present revision has neither been decoded nor failed; in order."""
    wanted = list(photo_ids)
    settled = set(failures_of(tx, wanted, passing=False))
    settled.update(row.id for row in rows(tx, wanted, PHOTO.c.id, PHOTO.c.dhash) if row.dhash is not None)
    return [photo_id for photo_id in wanted if photo_id not in settled]


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


def dhashes(tx: Transaction, photo_ids: Iterable[PhotoId]) -> dict[PhotoId, int]:
    """The 64-bit hashes of photos that were decoded at their present revision."""
    found = rows(tx, photo_ids, PHOTO.c.id, PHOTO.c.dhash)
    return {row.id: row.dhash % (1 << 64) for row in found if row.dhash is not None}


def id_at(tx: Transaction, folder_id: int, relative_path: str) -> PhotoId | None:
    """The photo that a file belongs to, whichever member it is."""
    return tx.execute(
        select(FILE.c.photo_id).where(FILE.c.folder_id == folder_id, FILE.c.relative_path == relative_path)
    ).scalar()


def rows(tx: Transaction, photo_ids: Iterable[PhotoId], *columns: Any) -> list[Row[Any]]:
    """Some columns of some photos, in no particular order."""
    found: list[Row[Any]] = []
    for ids in chunks(photo_ids):
        found += tx.execute(select(*columns).select_from(PHOTO).where(PHOTO.c.id.in_(ids))).all()
    return found


def signed(value: int) -> int:
    """64 unsigned bits as SQLite's signed integer."""
    return value - (1 << 64) if value >= 1 << 63 else value


EPOCH = datetime(1970, 1, 1)


def microseconds(moment: datetime | None) -> int | None:
    """A naive camera clock as µs since 1970."""
    return None if moment is None else (moment - EPOCH) // timedelta(microseconds=1)


def facts_values(facts: CaptureFacts) -> dict[str, Any]:
    """Capture facts as column values."""
    return dict(zip(FACT_COLUMNS, _fact_row(facts), strict=True))


_plain_facts = attrgetter(*PLAIN_FACTS)


def _fact_row(facts: CaptureFacts) -> tuple[Any, ...]:
    """The values of FACT_COLUMNS."""
    offset = None if facts.utc_offset is None else int(facts.utc_offset.total_seconds())
    return (*_plain_facts(facts), microseconds(facts.taken), offset)


def _facts(row: Row[Any]) -> CaptureFacts:
    return CaptureFacts(
        **{name: getattr(row, name) for name in PLAIN_FACTS},
        taken=None if row.taken_us is None else EPOCH + timedelta(microseconds=row.taken_us),
        utc_offset=None if row.utc_offset_s is None else timedelta(seconds=row.utc_offset_s),
    )


def _files_of(tx: Transaction, photo_ids: Sequence[PhotoId]) -> dict[PhotoId, list[PhotoFile]]:
    found: dict[PhotoId, list[PhotoFile]] = {}
    for ids in chunks(photo_ids):
        for row in tx.execute(select(FILE).where(FILE.c.photo_id.in_(ids)).order_by(FILE.c.position)):
            found.setdefault(row.photo_id, []).append(_file(row))
    return found


def _file(row: Row[Any]) -> PhotoFile:
    stamp = FileStamp(row.size_bytes, row.mtime_ns)
    return PhotoFile(FileRole(row.role), row.relative_path, stamp, row.raw_name)


def _photo(row: Row[Any], bases: Mapping[int, Path], files: Mapping[int, list[PhotoFile]]) -> Photo:
    return Photo(
        id=row.id,
        root=bases[row.folder_id],
        relative_path=row.relative_path,
        revision=row.revision,
        kind=PhotoKind(row.kind),
        files=tuple(files.get(row.id, ())) or (_no_file(row),),
        facts=_facts(row),
        missing=bool(row.missing),
    )


def _write_files(tx: Transaction, folder_id: int, found: Iterable[tuple[PhotoId, Found]]) -> None:
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
            )
            for photo_id, photo in found
            for position, file in enumerate(photo.files)
        ],
        replace=True,
    )


def _no_file(row: Row[Any]) -> PhotoFile:
    """What stands for the files of a photo that lost them to another."""
    return PhotoFile(FileRole.RENDERED, row.relative_path, FileStamp(0, 0))


_UNREAD = (FAILURE.c.stage == Stage.SCAN.value, FAILURE.c.source == PASSING)


def _write_scan_failures(tx: Transaction, failures: Sequence[tuple[PhotoId, int, Found]]) -> None:
    for source, passing in (("", False), (PASSING, True)):
        said = [
            (Failure(photo_id, Stage.SCAN, found.failure), revision)
            for photo_id, revision, found in failures
            if found.failure and found.passing is passing
        ]
        write_failures(tx, said, source)
