"""The undo log: whatever the user does is an edit, and undo is an edit taken back."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select, update

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
    present = _values_of(tx, facet, wanted)
    before = {key: present[key] for key, value in wanted.items() if present[key] != value}
    if not before:
        return []
    after = {key: wanted[key] for key in before}
    _set_values(tx, facet, after)
    tx.execute(delete(EDIT).where(EDIT.c.undone == 1))
    values = {"facet": facet.value, "before": _dump(before), "after": _dump(after)}
    tx.execute(insert(EDIT).values(title=title, created_at=now(), undone=0, **values))
    return list(after)


def next_undo(tx: Transaction) -> Edit | None:
    """The edit that undo would take back."""
    return _edit(tx, undone=0, newest=True)


def next_redo(tx: Transaction) -> Edit | None:
    """The edit that redo would do again."""
    return _edit(tx, undone=1, newest=False)


def undo(tx: Transaction) -> Edit | None:
    """Take back the newest edit; None when there is none. Raises CullerError when its outcome no longer
    holds, because something else changed it since."""
    edit = next_undo(tx)
    if edit is not None:
        _swap(tx, edit, edit.after, edit.before, undone=1)
    return edit


def redo(tx: Transaction) -> Edit | None:
    """Do the last undone edit again; None when there is none. Raises CullerError as `undo` does."""
    edit = next_redo(tx)
    if edit is not None:
        _swap(tx, edit, edit.before, edit.after, undone=0)
    return edit


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
    if row is None:
        return None
    is_mark = row.facet in {facet.value for facet in Facet}
    facet = Facet(row.facet) if is_mark else ByHand(row.facet)
    moment = datetime.fromisoformat(row.created_at)
    return Edit(row.id, row.title, facet, _load(row.before), _load(row.after), moment)


def _dump(values: Mapping[int, Value]) -> str:
    return json.dumps(values, separators=(",", ":"))


def _load(text: str) -> dict[int, Value]:
    return {int(key): value for key, value in json.loads(text).items()}
