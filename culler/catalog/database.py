"""Opening the catalog: SQLite in WAL mode, migrated, backed up, with one writer at a time.

`Catalog.read()` and `Catalog.write()` give short transactions on a connection of their own; a write
takes the process-wide lock and BEGIN IMMEDIATE, so that two writers queue instead of failing.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Insert, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError, OperationalError

from culler.catalog import backup, file_systems
from culler.catalog.schema import HEAD, METADATA
from culler.domain.errors import CullerError

Transaction = Connection
"""What the catalog's questions run on; opaque to everybody else."""

BUSY_TIMEOUT_S = 30


def now() -> str:
    """The moment as stored: UTC, ISO 8601, to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


class Catalog:
    """An open catalog file, shared by every thread of the program."""

    def __init__(self, path: Path) -> None:
        """Open or create the catalog at `path`, bringing it up to date.

        Raises CullerError for a catalog of a newer Culler, a damaged, emptied or lost one, one on a network
        share and a folder that cannot be written to.
        """
        self.path = path
        self._lock = threading.Lock()
        _refuse_network_share(path)
        _refuse_lost(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CullerError(
                f"Cannot make the catalog folder {path.parent}: {error.strerror}. "
                "Set CULLER_HOME to a folder on a local disk that you may write to."
            ) from error
        self._engine = create_engine(
            f"sqlite:///{path}",
            connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
            pool_size=8,
            max_overflow=-1,
        )
        event.listen(self._engine, "connect", _configure)
        event.listen(self._engine, "begin", _begin)
        try:
            self._migrate()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A consistent view of the catalog."""
        with self._sentences(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A short transaction that commits as a whole; raises CullerError on a full disk."""
        with (
            self._lock,
            self._sentences(),
            self._engine.connect().execution_options(culler_write=True) as connection,
            connection.begin(),
        ):
            yield connection

    def integrity(self) -> str:
        """SQLite's own verdict: "ok", or what is wrong."""
        with self.read() as tx:
            return str(tx.exec_driver_sql("PRAGMA integrity_check").scalar_one())

    def close(self) -> None:
        """Release the file; a later call of anything reopens it."""
        self._engine.dispose()

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        """Turn the world's faults into sentences; our own stay exceptions."""
        try:
            yield
        except (OperationalError, DatabaseError, sqlite3.DatabaseError) as error:
            text = str(getattr(error, "orig", error)).lower()  # the driver's own where it was asked directly
            if "full" in text or "disk i/o" in text:
                raise CullerError(
                    f"The disk that holds the catalog {self.path} is full or failing. "
                    "Nothing already saved is lost; make room and go on."
                ) from error
            if "locked" in text or "busy" in text:
                raise CullerError(
                    f"The catalog {self.path} is in use by another program that does not let go. "
                    "Close it and try again."
                ) from error
            if "readonly" in text or "unable to open" in text:
                raise CullerError(
                    f"Cannot write the catalog {self.path}. Check its permissions, or set CULLER_HOME to "
                    "another folder."
                ) from error
            if "malformed" in text or "not a database" in text:
                raise CullerError(f"The catalog {self.path} is damaged. {backup.ADVICE}") from error
            raise

    def _migrate(self) -> None:
        with self.read() as tx:
            found = _revision(tx)
            if found is None and tx.exec_driver_sql("SELECT 1 FROM sqlite_master").first():
                raise CullerError(
                    f"{self.path} is a database of another program. Set CULLER_HOME to another folder."
                )
        if found == HEAD:
            backup.rotate(self.path)
            return
        if found is not None and found > HEAD:
            raise CullerError(
                f"The catalog {self.path} was made by a newer Culler (schema {found}, this one "
                f"knows {HEAD}). Update Culler to open it."
            )
        if found is not None:
            backup.make(self.path, reason=f"before-{HEAD}")
        with self.write() as tx:
            found = _revision(tx)  # another Culler may have been faster
            if found is None:
                _create(tx)
            elif found != HEAD:
                from culler.catalog.migrations import upgrade

                upgrade(tx)


def _create(tx: Connection) -> None:
    """Today's schema in an empty file, as every migration in turn would have left it (a test holds
    them to that): a first start does not wait for the migrations' tools."""
    METADATA.create_all(tx)
    tx.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    tx.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (HEAD,))


def new_key(tx: Transaction, statement: Insert) -> int:
    """Insert one row; its integer primary key."""
    key = tx.execute(statement).inserted_primary_key
    assert key is not None
    return int(key[0])


def _configure(connection: DBAPIConnection, _record: Any) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # transactions begin where _begin says
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_S * 1000}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("culler_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _revision(tx: Connection) -> str | None:
    """The migration the catalog stands at; None for an empty file."""
    table = tx.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").first()
    if table is None:
        return None
    value = tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if value is None else str(value)


def _refuse_network_share(path: Path) -> None:
    """WAL needs shared memory between processes, which network shares do not give."""
    kind = file_systems.kind_of(path)
    if kind in file_systems.NETWORK:
        raise CullerError(
            f"The catalog cannot live on a network share ({path} is on {kind}): it would be damaged "
            "sooner or later. Set CULLER_HOME to a folder on a local disk. Photos may stay on the share."
        )


def _refuse_lost(path: Path) -> None:
    """A crash of the system or a failed copy leaves an empty file, a slip none: where there are backups it
    was a catalog once, and starting anew would look like losing everything."""
    try:
        how = "" if path.stat().st_size else "damaged: the file is empty"
    except OSError:
        how = "gone"
    if how and backup.existing(path):
        raise CullerError(
            f"The catalog {path} is {how}. {backup.ADVICE} To begin anew, move the folder "
            f"{backup.folder_of(path)} away."
        )
