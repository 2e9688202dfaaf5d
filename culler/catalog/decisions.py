"""The user's marks: flag, stars and colour label of each photo."""

from collections.abc import Iterable, Mapping

from sqlalchemy import func, insert, select

from culler.catalog.database import Transaction, now
from culler.catalog.keys import chunks
from culler.catalog.schema import DECISION
from culler.domain.decision import UNMARKED, Decision, Facet, Flag
from culler.domain.photo import PhotoId

Value = str | int


def decisions_of(tx: Transaction, photo_ids: Iterable[PhotoId]) -> dict[PhotoId, Decision]:
    """Marks by photo; unmarked photos included."""
    wanted = list(photo_ids)
    found = dict.fromkeys(wanted, UNMARKED)
    for ids in chunks(wanted):
        for row in tx.execute(select(DECISION).where(DECISION.c.photo_id.in_(ids))):
            found[row.photo_id] = Decision(Flag(row.flag), row.stars, row.label)
    return found


def state(tx: Transaction) -> str | None:
    """A word that is another one after any mark has changed; None before there is any."""
    latest, count = tx.execute(select(func.max(DECISION.c.changed_at), func.count())).one()
    return None if latest is None else f"{count} {latest}"


def changed_since(tx: Transaction, moment: str) -> tuple[list[PhotoId], str]:
    """The photos whose marks changed after a moment ("": none), and the moment of the latest change."""
    latest = tx.execute(select(func.max(DECISION.c.changed_at))).scalar_one() or ""
    if not moment or latest == moment:
        return [], latest
    later = select(DECISION.c.photo_id).where(DECISION.c.changed_at > moment)
    return list(tx.execute(later).scalars()), latest


def write_first(tx: Transaction, decisions: Mapping[PhotoId, Decision]) -> list[PhotoId]:
    """Store marks that files brought along, for photos that have none; which ones took them. No edit:
    there is nothing to go back to."""
    marked = {photo_id: decision for photo_id, decision in decisions.items() if decision != UNMARKED}
    taken: set[PhotoId] = set()
    for ids in chunks(marked):
        taken.update(tx.execute(select(DECISION.c.photo_id).where(DECISION.c.photo_id.in_(ids))).scalars())
    fresh = {photo_id: decision for photo_id, decision in marked.items() if photo_id not in taken}
    write(tx, fresh)
    return list(fresh)


def inherit(tx: Transaction, heirs: Mapping[PhotoId, PhotoId]) -> None:
    """Give photos (values) the marks of photos that became part of them (keys), where they have none of
    their own in that facet."""
    marks = decisions_of(tx, [*heirs, *heirs.values()])
    for part, whole in heirs.items():
        old, new = marks[whole], marks[part]
        flag = new.flag if old.flag is Flag.NONE else old.flag
        label = new.label if old.label == UNMARKED.label else old.label
        marks[whole] = Decision(flag, old.stars or new.stars, label)
    wholes = set(heirs.values())
    write(tx, {photo_id: marks[photo_id] for photo_id in wholes if marks[photo_id] != UNMARKED})


def write(tx: Transaction, decisions: Mapping[PhotoId, Decision]) -> None:
    """Store marks as they are, past the undo log; `culler.catalog.edits` is the way for the user's own."""
    moment = now()
    values = [
        {
            "photo_id": photo_id,
            "flag": decision.flag.value,
            "stars": decision.stars,
            "label": decision.label,
            "changed_at": moment,
        }
        for photo_id, decision in decisions.items()
    ]
    if values:
        tx.execute(insert(DECISION).prefix_with("OR REPLACE"), values)


def values_of(tx: Transaction, facet: Facet, photo_ids: Iterable[PhotoId]) -> dict[PhotoId, Value]:
    """One facet of the marks, in stored form."""
    found = decisions_of(tx, photo_ids)
    return {photo_id: decision.value(facet) for photo_id, decision in found.items()}


def set_values(tx: Transaction, facet: Facet, values: Mapping[PhotoId, Value]) -> None:
    """Set one facet, leaving the others as they are."""
    present = decisions_of(tx, values)
    write(tx, {photo_id: _with(present[photo_id], facet, value) for photo_id, value in values.items()})


def _with(decision: Decision, facet: Facet, value: Value) -> Decision:
    match facet:
        case Facet.FLAG:
            return Decision(Flag(str(value)), decision.stars, decision.label)
        case Facet.STARS:
            return Decision(decision.flag, int(value), decision.label)
        case Facet.LABEL:
            return Decision(decision.flag, decision.stars, str(value))
