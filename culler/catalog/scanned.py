"""What a scan compares with the disk, and what it writes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select, update

from culler.catalog import outcomes, photo_files
from culler.catalog.database import Transaction, now
from culler.catalog.facts import FACT_COLUMNS, fact_row, facts_values
from culler.catalog.folders import inside
from culler.catalog.keys import chunks, insert_many, list_of
from culler.catalog.outcomes import PASSING
from culler.catalog.photos import rows
from culler.catalog.schema import FAILURE, FILE, PHOTO
from culler.catalog.scopes import Scope
from culler.domain.assessment import Failure, Stage
from culler.domain.photo import CaptureFacts, PhotoFile, PhotoId, PhotoKind

Stamp = tuple[PhotoId, int, int, str]
"""A known file: its photo, size_bytes (-1 for what should be read again), mtime_ns, relative path."""


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
    of it then, for a reason that may have passed. `absent` as photo_files has it."""

    id: PhotoId
    relative_path: str
    missing: bool
    files: tuple[PhotoFile, ...]
    unread: bool = False
    absent: Mapping[str, int] = field(default_factory=dict)


def stamps(tx: Transaction, scope: Scope) -> dict[str, dict[str, Stamp]]:
    """Every file of a scope's present photos, by directory and name. Straight from the driver, since a
    rescan of 100,000 files should cost little more than looking at them."""
    files = list_of(
        tx,
        select(FILE.c.photo_id, FILE.c.size_bytes, FILE.c.mtime_ns, FILE.c.relative_path)
        .join(PHOTO, PHOTO.c.id == FILE.c.photo_id)
        .where(inside(scope), PHOTO.c.missing == 0, photo_files.PRESENT),
    )
    unread = set(tx.execute(select(FAILURE.c.photo_id).where(*_UNREAD)).scalars())
    found: dict[str, dict[str, Stamp]] = defaultdict(dict)
    for stamp in files:
        directory, _, name = stamp[3].rpartition("/")
        found[directory][name] = stamp if stamp[0] not in unread else (stamp[0], -1, *stamp[2:])
    return dict(found)


def known(tx: Transaction, photo_ids: Iterable[PhotoId]) -> list[Known]:
    """Photos with their files, missing ones included."""
    wanted = list(photo_ids)
    members = photo_files.files_of(tx, wanted)
    absent = photo_files.absent(tx, wanted)
    unread: set[PhotoId] = set()
    for ids in chunks(wanted):
        statement = select(FAILURE.c.photo_id).where(*_UNREAD, FAILURE.c.photo_id.in_(ids))
        unread.update(tx.execute(statement).scalars())
    return [
        Known(
            row.id,
            row.relative_path,
            bool(row.missing),
            tuple(members.get(row.id, ())),
            row.id in unread,
            absent.get(row.id, {}),
        )
        for row in rows(tx, wanted, PHOTO.c.id, PHOTO.c.relative_path, PHOTO.c.missing)
    ]


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
                *fact_row(photo.facts),
            )
            for photo_id, photo in zip(ids, found, strict=True)
        ],
    )
    photo_files.write(tx, folder_id, [(i, photo.files) for i, photo in zip(ids, found, strict=True)])
    _write_scan_failures(tx, [(photo_id, 1, photo) for photo_id, photo in zip(ids, found, strict=True)])
    return ids


def change(tx: Transaction, folder_id: int, found: Mapping[PhotoId, Found], new_pixels: set[PhotoId]) -> None:
    """Rewrite photos whose files changed; those in `new_pixels` get a new revision: their marks stay,
    their assessments and embeddings no longer count."""
    photo_files.replace(tx, folder_id, {photo_id: photo.files for photo_id, photo in found.items()})
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


_UNREAD = (FAILURE.c.stage == Stage.SCAN.value, FAILURE.c.source == PASSING)


def _write_scan_failures(tx: Transaction, failures: Sequence[tuple[PhotoId, int, Found]]) -> None:
    for source, passing in (("", False), (PASSING, True)):
        said = [
            (Failure(photo_id, Stage.SCAN, found.failure), revision)
            for photo_id, revision, found in failures
            if found.failure and found.passing is passing
        ]
        outcomes.write_failures(tx, said, source)
