"""What the catalog remembers of sidecar files: their last seen bytes and the marks these stated."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, false, insert, or_, select, update

from culler.catalog.database import Transaction, now
from culler.catalog.folders import inside
from culler.catalog.keys import chunks
from culler.catalog.schema import DECISION, PHOTO, SIDECAR
from culler.catalog.scopes import Scope
from culler.domain.decision import UNMARKED, Decision, Flag
from culler.domain.photo import PhotoId

WHOLE = ""
"""In place of a relative path: the marks on which the photo and all its files agreed last."""


@dataclass(frozen=True, slots=True)
class SidecarRecord:
    """One sidecar as it was last read or written, or a picture with a packet inside. `stated` has only
    what the packet said; a facet of which it said nothing is unmarked."""

    relative_path: str
    digest: str
    stated: Decision = UNMARKED


@dataclass(frozen=True, slots=True)
class Remembered:
    """All that is remembered of one photo's sidecars. `agreed` are the photo's marks when it and its
    files last said the same."""

    agreed: Decision = UNMARKED
    sidecars: Mapping[str, SidecarRecord] = field(default_factory=dict)

    def is_pending(self, decision: Decision) -> bool:
        """Whether these marks are not in the files yet, as far as is known without looking at them."""
        if decision != self.agreed:
            return True
        written = (record for path, record in self.sidecars.items() if path.lower().endswith(".xmp"))
        return any(_contradicts(record.stated, decision) for record in written)


NOTHING = Remembered()


def remembered(tx: Transaction, photo_ids: Iterable[PhotoId]) -> dict[PhotoId, Remembered]:
    """What is remembered, by photo; photos of which nothing is remembered are absent."""
    agreed: dict[PhotoId, Decision] = {}
    records: dict[PhotoId, dict[str, SidecarRecord]] = {}
    for ids in chunks(photo_ids):
        for row in tx.execute(select(SIDECAR).where(SIDECAR.c.photo_id.in_(ids))):
            decision = Decision(Flag(row.flag), row.stars, row.label)
            if row.relative_path == WHOLE:
                agreed[row.photo_id] = decision
            else:
                record = SidecarRecord(row.relative_path, row.digest, decision)
                records.setdefault(row.photo_id, {})[row.relative_path] = record
    return {
        photo_id: Remembered(agreed.get(photo_id, UNMARKED), records.get(photo_id, {}))
        for photo_id in agreed.keys() | records.keys()
    }


def candidates(tx: Transaction, scopes: Sequence[Scope] | None) -> list[PhotoId]:
    """The present photos of some scopes (None: all), in catalog order, that have a row of marks or of whose
    sidecars anything is remembered: no other can have marks that are not in its files."""
    touched = select(DECISION.c.photo_id).union(select(SIDECAR.c.photo_id))
    here = PHOTO.c.id.in_(touched) & (PHOTO.c.missing == 0)
    if scopes is not None:
        here &= or_(false(), *[inside(scope) for scope in scopes])
    return list(tx.execute(select(PHOTO.c.id).where(here).order_by(PHOTO.c.relative_path)).scalars())


def remember(tx: Transaction, photos: Mapping[PhotoId, tuple[Decision, Sequence[SidecarRecord]]]) -> None:
    """Replace what is remembered of photos: the marks agreed on, and every sidecar that is there."""
    for ids in chunks(photos):
        tx.execute(delete(SIDECAR).where(SIDECAR.c.photo_id.in_(ids)))
    moment = now()
    values = [
        {
            "photo_id": photo_id,
            "relative_path": path,
            "digest": digest,
            "flag": decision.flag.value,
            "stars": decision.stars,
            "label": decision.label,
            "synced_at": moment,
        }
        for photo_id, (agreed, records) in photos.items()
        for path, digest, decision in [
            (WHOLE, "", agreed),
            *((record.relative_path, record.digest, record.stated) for record in records),
        ]
    ]
    if values:
        tx.execute(insert(SIDECAR), values)


def rename(tx: Transaction, photo_id: PhotoId, moved: Mapping[str, str]) -> None:
    """Sidecars of a photo that have other relative paths now (old → new)."""
    for old, new in moved.items():
        here = (SIDECAR.c.photo_id == photo_id) & (SIDECAR.c.relative_path == old)
        tx.execute(update(SIDECAR).where(here).values(relative_path=new))


def follow(tx: Transaction, holders: Mapping[str, PhotoId], among: Sequence[PhotoId]) -> None:
    """Let what is remembered of files (by relative path) go to the photos that hold them now, and were
    among these before. Marks on which a photo and its files agreed are in no file of it once it has none."""
    for ids in chunks(among):
        found = select(SIDECAR).where(SIDECAR.c.photo_id.in_(ids), SIDECAR.c.relative_path != WHOLE)
        for row in tx.execute(found.order_by(SIDECAR.c.synced_at)).all():
            holder = holders.get(row.relative_path, row.photo_id)
            if holder != row.photo_id:
                values = row._asdict() | {"photo_id": holder}
                tx.execute(insert(SIDECAR).prefix_with("OR REPLACE").values(**values))
                here = (SIDECAR.c.photo_id == row.photo_id) & (SIDECAR.c.relative_path == row.relative_path)
                tx.execute(delete(SIDECAR).where(here))
    for ids in chunks(set(holders.values())):
        with_files = select(SIDECAR.c.photo_id).where(SIDECAR.c.relative_path != WHOLE)
        tx.execute(delete(SIDECAR).where(SIDECAR.c.photo_id.in_(ids), SIDECAR.c.photo_id.not_in(with_files)))


def _contradicts(stated: Decision, decision: Decision) -> bool:
    """Whether a facet that a packet stated is not the photo's; silence contradicts nothing."""
    pairs = (
        (stated.flag, decision.flag, UNMARKED.flag),
        (stated.stars, decision.stars, UNMARKED.stars),
        (stated.label, decision.label, UNMARKED.label),
    )
    return any(said not in (neutral, ours) for said, ours, neutral in pairs)
