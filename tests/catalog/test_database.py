import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text

from culler.catalog import backup, file_systems
from culler.catalog.database import Catalog
from culler.catalog.schema import HEAD, METADATA
from culler.domain.errors import CullerError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "catalog.sqlite"


def test_a_new_catalog_has_every_table_at_the_latest_migration(path: Path) -> None:
    catalog = Catalog(path)
    with catalog.read() as tx:
        tables = set(inspect(tx).get_table_names())
        assert tx.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD
        assert tx.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert tx.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    catalog.close()
    assert set(METADATA.tables) <= tables


def test_migrations_make_exactly_what_a_new_catalog_has(path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import create_engine

    from culler.catalog.migrations import upgrade

    def schema(tx: Connection) -> dict[str, set[str]]:
        """What makes each table and index, constraint by constraint, whatever their order."""
        rows = tx.execute(text("SELECT name, sql FROM sqlite_master")).all()
        plain = {name: "".join(str(sql).replace(chr(34), "").split()) for name, sql in rows}
        return {name: {part.strip(",)") for part in sql.split("CONSTRAINT")} for name, sql in plain.items()}

    engine = create_engine("sqlite://")
    with engine.begin() as tx:
        upgrade(tx)
        assert compare_metadata(MigrationContext.configure(tx), METADATA) == []
        migrated = schema(tx)
        assert tx.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD
    engine.dispose()
    catalog = Catalog(path)
    with catalog.read() as tx:
        assert schema(tx) == migrated
    catalog.close()


def test_a_newer_catalog_is_refused_untouched(path: Path) -> None:
    Catalog(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(CullerError, match="newer Culler"):
        Catalog(path)


def test_a_file_that_is_no_catalog_is_a_sentence(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is not a database, whatever its name says" * 100)
    with pytest.raises(CullerError, match="damaged"):
        Catalog(path)


def test_a_network_share_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_systems, "kind_of", lambda _: "nfs4")
    with pytest.raises(CullerError, match="network share"):
        Catalog(path)


def test_writers_queue_instead_of_failing(path: Path) -> None:
    catalogs = [Catalog(path), Catalog(path)]  # as two programs on one file
    with catalogs[0].write() as tx:
        tx.exec_driver_sql("CREATE TABLE tally (n INTEGER)")
        tx.exec_driver_sql("INSERT INTO tally VALUES (0)")
    errors: list[Exception] = []

    def add(catalog: Catalog) -> None:
        try:
            for _ in range(25):
                with catalog.write() as tx:
                    tx.exec_driver_sql("UPDATE tally SET n = n + 1")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=add, args=(catalog,)) for catalog in catalogs * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with catalogs[0].read() as tx:
        assert tx.exec_driver_sql("SELECT n FROM tally").scalar() == 100
    assert errors == []
    for catalog in catalogs:
        catalog.close()


def test_a_failed_write_leaves_nothing(path: Path) -> None:
    catalog = Catalog(path)
    with pytest.raises(RuntimeError), catalog.write() as tx:
        tx.exec_driver_sql("INSERT INTO encoder (name, version) VALUES ('a', '1')")
        raise RuntimeError("planted")
    with catalog.read() as tx:
        assert tx.exec_driver_sql("SELECT COUNT(*) FROM encoder").scalar() == 0
    catalog.close()


def test_a_backup_is_a_sound_copy_and_old_ones_go(path: Path) -> None:
    catalog = Catalog(path)
    with catalog.write() as tx:
        tx.exec_driver_sql("INSERT INTO encoder (name, version) VALUES ('a', '1')")
    made = [backup.make(path, reason=str(k)) for k in range(backup.KEPT + 2)]
    kept = backup.existing(path)
    copy = sqlite3.connect(made[-1])
    assert copy.execute("SELECT name FROM encoder").fetchall() == [("a",)]
    copy.close()
    catalog.close()
    assert len(kept) == backup.KEPT and made[-1] in kept


def test_opening_a_catalog_does_not_wait_for_the_mapper() -> None:
    code = "import sys, culler.workflow.rank, culler.workflow.scan; print('sqlalchemy.orm' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "False\n"
