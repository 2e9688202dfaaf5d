"""The undo log: whatever the user does is an edit, and undo is an edit taken back."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from culler.catalog import decisions, made_of, stacks
from culler.catalog.database import Transaction, now
from culler.catalog.schema import EDIT
from culler.domain.decision import ByHand, Edit, Facet
from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId

Value = str | int


def do(tx: Transaction, title: str, facet: Facet | ByHand, wanted: Mapping[int, Value]) -> list[int]:
    """Set values as one undoable edit; the keys it changed. What has its value already is left out, and
    an edit that changes nothing is none. What could be redone until now no longer can."""
    return do_step(tx, title, {facet: wanted})


def do_step(tx: Transaction, title: str, wanted: Mapping[Facet | ByHand, Mapping[int, Value]]) -> list[int]:
    """The same for several facets at once: edits of the same moment, which are taken back and done again
    together."""
    moment = now()
    changed: dict[int, None] = {}
    for facet, values in wanted.items():
        present = _values_of(tx, facet, values)
        before = {key: present[key] for key, value in values.items() if present[key] != value}
        if not before:
            continue
        after = {key: values[key] for key in before}
        _set_values(tx, facet, after)
        tx.execute(delete(EDIT).where(EDIT.c.undone == 1))
        stored = {"facet": facet.value, "before": _dump(before), "after": _dump(after)}
        tx.execute(insert(EDIT).values(title=title, created_at=moment, undone=0, **stored))
        changed |= dict.fromkeys(after)
    return list(changed)


def next_undo(tx: Transaction) -> Edit | None:
    """The edit that undo would take back."""
    return _edit(tx, undone=0, newest=True)


def next_redo(tx: Transaction) -> Edit | None:
    """The edit that redo would do again."""
    return _edit(tx, undone=1, newest=False)


def undo(tx: Transaction) -> list[Edit]:
    """Take back the newest edit and what was done with it, newest first; nothing when there is none.
    Raises CullerError when its outcome no longer holds, because something else changed it since."""
    step = _step(tx, next_undo(tx), undone=0)[::-1]
    for edit in step:
        _swap(tx, edit, edit.after, edit.before, undone=1)
    return step


def redo(tx: Transaction) -> list[Edit]:
    """Do the last undone edit again with what was done with it; nothing when there is none. Raises
    CullerError as `undo` does."""
    step = _step(tx, next_redo(tx), undone=1)
    for edit in step:
        _swap(tx, edit, edit.before, edit.after, undone=0)
    return step


def photos_of(tx: Transaction, edit: Edit) -> Sequence[PhotoId]:
    """The photos that an edit is about."""
    if isinstance(edit.facet, Facet) or edit.facet is ByHand.FILES:
        return list(edit.after)
    return stacks.photos_of(tx, edit.facet, list(edit.after))


def marked_by_hand(tx: Transaction) -> frozenset[PhotoId]:
    """The photos whose marks an edit set; those of others came with their files."""
    here = EDIT.c.facet.in_([facet.value for facet in Facet]) & (EDIT.c.undone == 0)
    rows = tx.execute(select(EDIT.c.after).where(here)).scalars()
    return frozenset(photo_id for after in rows for photo_id in _load(after))


def _swap(
    tx: Transaction, edit: Edit, expected: Mapping[int, Value], wanted: Mapping[int, Value], undone: int
) -> None:
    present = _values_of(tx, edit.facet, wanted)
    changed = [key for key in wanted if present.get(key) != expected[key]]
    if changed:
        verb = "undo" if undone else "redo"
        raise CullerError(
            f'Cannot {verb} "{edit.title}": {len(changed)} of its {len(wanted)} photos were changed '
            "by something else since. Nothing was changed."
        )
    _set_values(tx, edit.facet, wanted)
    tx.execute(update(EDIT).where(EDIT.c.id == edit.id).values(undone=undone))


def _values_of(tx: Transaction, facet: Facet | ByHand, keys: Mapping[int, Value]) -> dict[int, Value]:
    if isinstance(facet, Facet):
        return decisions.values_of(tx, facet, keys)
    if facet is ByHand.FILES:
        return dict(made_of.values_of(tx, keys))
    return stacks.values_of(tx, facet, keys)


def _set_values(tx: Transaction, facet: Facet | ByHand, values: Mapping[int, Value]) -> None:
    if isinstance(facet, Facet):
        decisions.set_values(tx, facet, values)
    elif facet is ByHand.FILES:
        made_of.set_values(tx, values)
    else:
        stacks.set_values(tx, facet, values)


def _edit(tx: Transaction, undone: int, newest: bool) -> Edit | None:
    order = EDIT.c.id.desc() if newest else EDIT.c.id.asc()
    row = tx.execute(select(EDIT).where(EDIT.c.undone == undone).order_by(order).limit(1)).first()
    return None if row is None else _read(row)


def _step(tx: Transaction, edit: Edit | None, undone: int) -> list[Edit]:
    """The edit and those of its moment, in the order in which they were done."""
    if edit is None:
        return []
    moment = select(EDIT.c.created_at).where(EDIT.c.id == edit.id).scalar_subquery()
    together = (EDIT.c.undone == undone) & (EDIT.c.created_at == moment)
    return [_read(row) for row in tx.execute(select(EDIT).where(together).order_by(EDIT.c.id))]


def _read(row: Row[Any]) -> Edit:
    is_mark = row.facet in {facet.value for facet in Facet}
    facet = Facet(row.facet) if is_mark else ByHand(row.facet)
    moment = datetime.fromisoformat(row.created_at)
    return Edit(row.id, row.title, facet, _load(row.before), _load(row.after), moment)


def _dump(values: Mapping[int, Value]) -> str:
    return json.dumps(values, separators=(",", ":"))


def _load(text: str) -> dict[int, Value]:
    return {int(key): value for key, value in json.loads(text).items()}
