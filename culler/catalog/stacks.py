"""What the user does by hand besides marking: stack edits, and answers to "which is better".

Rows are written once and never changed but for whether they hold, which the undo log turns on and off.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Table, bindparam, insert, select, update

from culler.catalog.database import Transaction, new_key, now
from culler.catalog.keys import chunks
from culler.catalog.schema import PREFERENCE, STACK_EDIT
from culler.domain.decision import ByHand
from culler.domain.photo import PhotoId

_TABLES: dict[ByHand, Table] = {ByHand.STACK: STACK_EDIT, ByHand.ANSWER: PREFERENCE}


@dataclass(frozen=True, slots=True)
class HandEdit:
    """A stack edit: its kind (stack, unstack or split) and its photos."""

    kind: str
    photo_ids: tuple[PhotoId, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Which of two photos is better; `tie` when neither. `probability` is that of the winner, 1 for a
    user's word. `source` is user or model, `question` what was asked about."""

    winner: PhotoId
    loser: PhotoId
    tie: bool = False
    probability: float = 1.0
    source: str = "user"
    question: str = "overall"


def add_edit(tx: Transaction, edit: HandEdit) -> int:
    """Write an edit that does not hold yet; its key."""
    values = {"kind": edit.kind, "photo_ids": json.dumps(edit.photo_ids), "created_at": now(), "undone": 1}
    return new_key(tx, insert(STACK_EDIT).values(**values))


def add_answer(tx: Transaction, answer: Answer) -> int:
    """Write an answer that does not hold yet; its key."""
    return new_key(
        tx,
        insert(PREFERENCE).values(
            winner_id=answer.winner,
            loser_id=answer.loser,
            tie=int(answer.tie),
            probability=answer.probability,
            source=answer.source,
            question=answer.question,
            created_at=now(),
            undone=1,
        ),
    )


def edits(tx: Transaction) -> list[HandEdit]:
    """The edits that hold, in the order they were made."""
    rows = tx.execute(select(STACK_EDIT).where(STACK_EDIT.c.undone == 0).order_by(STACK_EDIT.c.id))
    return [HandEdit(row.kind, tuple(json.loads(row.photo_ids))) for row in rows]


def answers(tx: Transaction, photo_ids: Iterable[PhotoId] | None = None) -> list[Answer]:
    """The answers that hold, in the order they were given; of these photos as winners, or all."""
    statement = select(PREFERENCE).where(PREFERENCE.c.undone == 0).order_by(PREFERENCE.c.id)
    if photo_ids is None:
        rows = list(tx.execute(statement))
    else:
        rows = [
            row
            for ids in chunks(photo_ids)
            for row in tx.execute(statement.where(PREFERENCE.c.winner_id.in_(ids)))
        ]
    return [
        Answer(row.winner_id, row.loser_id, bool(row.tie), row.probability, row.source, row.question)
        for row in rows
    ]


def photos_of(tx: Transaction, what: ByHand, keys: Sequence[int]) -> list[PhotoId]:
    """The photos that stored edits or answers are about."""
    table = _TABLES[what]
    rows = [row for some in chunks(keys) for row in tx.execute(select(table).where(table.c.id.in_(some)))]
    if what is ByHand.STACK:
        return [photo_id for row in rows for photo_id in json.loads(row.photo_ids)]
    return [photo_id for row in rows for photo_id in (row.winner_id, row.loser_id)]


def values_of(tx: Transaction, what: ByHand, keys: Iterable[int]) -> dict[int, str | int]:
    """Whether edits or answers hold, 0 or 1."""
    table = _TABLES[what]
    return {
        row.id: 1 - int(row.undone)
        for some in chunks(keys)
        for row in tx.execute(select(table.c.id, table.c.undone).where(table.c.id.in_(some)))
    }


def set_values(tx: Transaction, what: ByHand, values: Mapping[int, str | int]) -> None:
    """Let edits or answers hold, or not."""
    table = _TABLES[what]
    statement = update(table).where(table.c.id == bindparam("key")).values(undone=bindparam("off"))
    tx.execute(statement, [{"key": key, "off": 1 - int(value)} for key, value in values.items()])
