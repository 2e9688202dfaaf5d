"""The user's marks and the undo log. Every mark is an edit; undo is an edit taken back."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from culler.catalog.database import Transaction, now
from culler.catalog.keys import chunks
from culler.catalog.schema import DECISION, EDIT
from culler.domain.decision import UNMARKED, Decision, Edit, Facet, Flag
from culler.domain.errors import CullerError
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


def write_first(tx: Transaction, decisions: Mapping[PhotoId, Decision]) -> list[PhotoId]:
    """Store marks that files brought along, for photos that have none; which ones took them. No edit:
    there is nothing to go back to."""
    marked = {photo_id: decision for photo_id, decision in decisions.items() if decision != UNMARKED}
    taken: set[PhotoId] = set()
    for ids in chunks(marked):
        taken.update(tx.execute(select(DECISION.c.photo_id).where(DECISION.c.photo_id.in_(ids))).scalars())
    fresh = {photo_id: decision for photo_id, decision in marked.items() if photo_id not in taken}
    _store(tx, fresh)
    return list(fresh)


def set_facet(tx: Transaction, title: str, facet: Facet, values: Mapping[PhotoId, Value]) -> list[PhotoId]:
    """Set one facet of some photos as one undoable edit; which photos it changed. Photos that have the
    value already are left out, and an edit that changes nothing is none."""
    present = decisions_of(tx, values)
    before = {
        i: _value(present[i], facet) for i, value in values.items() if _value(present[i], facet) != value
    }
    if not before:
        return []
    after = {photo_id: values[photo_id] for photo_id in before}
    _store(tx, {i: _with(present[i], facet, after[i]) for i in after})
    tx.execute(delete(EDIT).where(EDIT.c.undone == 1))
    tx.execute(
        insert(EDIT).values(
            title=title,
            facet=facet.value,
            before=_dump(before),
            after=_dump(after),
            created_at=now(),
            undone=0,
        )
    )
    return list(after)


def next_undo(tx: Transaction) -> Edit | None:
    """The edit that undo would take back."""
    return _edit(tx, undone=0, newest=True)


def next_redo(tx: Transaction) -> Edit | None:
    """The edit that redo would do again."""
    return _edit(tx, undone=1, newest=False)


def undo(tx: Transaction) -> tuple[Edit, list[PhotoId]] | None:
    """Take back the newest edit; None when there is none. Raises CullerError when its outcome no longer
    holds, because something else changed the marks since."""
    edit = next_undo(tx)
    return None if edit is None else (edit, _swap(tx, edit, edit.after, edit.before, undone=1))


def redo(tx: Transaction) -> tuple[Edit, list[PhotoId]] | None:
    """Do the last undone edit again; None when there is none. Raises CullerError as `undo` does."""
    edit = next_redo(tx)
    return None if edit is None else (edit, _swap(tx, edit, edit.before, edit.after, undone=0))


def _swap(
    tx: Transaction,
    edit: Edit,
    expected: Mapping[PhotoId, Value],
    wanted: Mapping[PhotoId, Value],
    undone: int,
) -> list[PhotoId]:
    present = decisions_of(tx, wanted)
    changed = [i for i in wanted if _value(present[i], edit.facet) != expected[i]]
    if changed:
        verb = "undo" if undone else "redo"
        raise CullerError(
            f'Cannot {verb} "{edit.title}": {len(changed)} of its {len(wanted)} photos were changed '
            "by something else since. Nothing was changed."
        )
    _store(tx, {i: _with(present[i], edit.facet, wanted[i]) for i in wanted})
    tx.execute(update(EDIT).where(EDIT.c.id == edit.id).values(undone=undone))
    return list(wanted)


def _edit(tx: Transaction, undone: int, newest: bool) -> Edit | None:
    order = EDIT.c.id.desc() if newest else EDIT.c.id.asc()
    row = tx.execute(select(EDIT).where(EDIT.c.undone == undone).order_by(order).limit(1)).first()
    if row is None:
        return None
    return Edit(
        row.id,
        row.title,
        Facet(row.facet),
        _load(row.before),
        _load(row.after),
        datetime.fromisoformat(row.created_at),
    )


def _store(tx: Transaction, decisions: Mapping[PhotoId, Decision]) -> None:
    moment = now()
    values: Sequence[dict[str, object]] = [
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


def _value(decision: Decision, facet: Facet) -> Value:
    value: Value = decision.flag.value if facet is Facet.FLAG else getattr(decision, facet.value)
    return value


def _with(decision: Decision, facet: Facet, value: Value) -> Decision:
    match facet:
        case Facet.FLAG:
            return Decision(Flag(str(value)), decision.stars, decision.label)
        case Facet.STARS:
            return Decision(decision.flag, int(value), decision.label)
        case Facet.LABEL:
            return Decision(decision.flag, decision.stars, str(value))


def _dump(values: Mapping[PhotoId, Value]) -> str:
    return json.dumps(values, separators=(",", ":"))


def _load(text: str) -> dict[PhotoId, Value]:
    return {int(photo_id): value for photo_id, value in json.loads(text).items()}
