"""Many rows at once: ids in portions, and statements handed to the driver as they are."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, Table
from sqlalchemy.dialects import sqlite

from culler.catalog.database import Transaction

T = TypeVar("T")

CHUNK = 500
"""Values in one IN (…): below every SQLite's limit on variables."""

_DIALECT = sqlite.dialect(paramstyle="qmark")


def chunks(values: Iterable[T]) -> Iterable[list[T]]:
    """The values in lists of at most CHUNK."""
    all_values = list(values)
    return (all_values[k : k + CHUNK] for k in range(0, len(all_values), CHUNK))


def insert_many(
    tx: Transaction, table: Table, columns: Sequence[str], rows: list[tuple[Any, ...]], replace: bool = False
) -> None:
    """Insert plain tuples; several times faster than the same rows as dictionaries."""
    if rows:
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        verb = "INSERT OR REPLACE" if replace else "INSERT"
        tx.exec_driver_sql(f"{verb} INTO {table.name} ({names}) VALUES ({marks})", rows)


def list_of(tx: Transaction, statement: Select[Any]) -> list[tuple[Any, ...]]:
    """The statement's rows as the driver's plain tuples."""
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    names = compiled.positiontup or ()
    values = [compiled.params[name] for name in names]
    driver = tx.connection.driver_connection
    assert driver is not None
    cursor = driver.execute(str(compiled), values)
    try:
        return cursor.fetchall()  # type: ignore[no-any-return]
    finally:
        cursor.close()
