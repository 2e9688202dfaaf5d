"""Every photo with marks and how to know it again, for the mirror of marks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from culler.catalog import folders
from culler.catalog.database import Transaction
from culler.catalog.facts import EPOCH
from culler.catalog.schema import DECISION, FILE, PHOTO
from culler.domain.decision import UNMARKED, Decision, Flag
from culler.domain.photo import FileStamp


@dataclass(frozen=True, slots=True)
class Marked:
    """A photo with marks, and what tells it from others: its root and path below it as shown, its primary
    file's stamp, its look and the moment it was taken."""

    root: Path
    relative_path: str
    stamp: FileStamp
    dhash: int | None
    taken: datetime | None
    decision: Decision


def marked(tx: Transaction) -> list[Marked]:
    """Every photo that has a mark, missing ones too. One question: a window that closes waits for it."""
    columns = (
        DECISION.c.flag,
        DECISION.c.stars,
        DECISION.c.label,
        PHOTO.c.folder_id,
        PHOTO.c.relative_path,
        PHOTO.c.dhash,
        PHOTO.c.taken_us,
        FILE.c.size_bytes,
        FILE.c.mtime_ns,
    )
    primary = (FILE.c.photo_id == PHOTO.c.id) & (FILE.c.position == 0)
    joined = DECISION.join(PHOTO, PHOTO.c.id == DECISION.c.photo_id).join(FILE, primary)
    is_marked = (
        (DECISION.c.flag != UNMARKED.flag.value)
        | (DECISION.c.stars != UNMARKED.stars)
        | (DECISION.c.label != UNMARKED.label)
    )
    rows = tx.execute(select(*columns).select_from(joined).where(is_marked).order_by(PHOTO.c.id))
    bases = folders.roots(tx)
    return [
        Marked(
            bases[row.folder_id],
            row.relative_path,
            FileStamp(row.size_bytes, row.mtime_ns),
            None if row.dhash is None else row.dhash % (1 << 64),
            None if row.taken_us is None else EPOCH + timedelta(microseconds=row.taken_us),
            Decision(Flag(row.flag), row.stars, row.label),
        )
        for row in rows
    ]
