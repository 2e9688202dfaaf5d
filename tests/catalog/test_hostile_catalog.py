"""Catalog files as accidents leave them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from culler.catalog import assessments, folders
from culler.catalog.database import Catalog
from culler.domain.assessment import Aspect, Assessment, ScorerId
from culler.domain.errors import CullerError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "catalog.sqlite"


def test_a_database_of_another_program_is_refused_untouched(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE photo (x)")
        other.commit()
    with pytest.raises(CullerError, match="another program"):
        Catalog(path)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("photo",)]


def test_a_cut_or_overwritten_catalog_is_a_sentence(path: Path) -> None:
    Catalog(path).close()
    whole = path.read_bytes()
    for broken in (whole[: len(whole) // 3], whole[:100] + bytes(len(whole) - 100), b"x" * 5000):
        path.write_bytes(broken)
        with pytest.raises(CullerError, match="damaged"):
            Catalog(path).integrity()


def test_an_empty_file_becomes_a_catalog(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    catalog = Catalog(path)
    assert catalog.integrity() == "ok"
    catalog.close()


def test_an_assessment_of_the_same_revision_is_kept_as_it_is(path: Path) -> None:
    catalog = Catalog(path)
    judge = ScorerId("judge", "1")
    with catalog.write() as tx:
        scope = folders.add(tx, path.parent)
        tx.exec_driver_sql(
            "INSERT INTO photo (id, folder_id, relative_path, revision, kind, missing, added_at, orientation)"
            f" VALUES (1, {scope.folder_id}, 'a.jpg', 1, 'still', 0, '', 1)"
        )
        assessments.register(tx, judge, None, None, current=True)

    def stored(revision: int, first: float) -> tuple[object, ...]:
        with catalog.write() as tx:
            said = Assessment(1, revision, judge, Aspect.QUALITY, (first, 0, 0, 0, 0))
            assessments.write(tx, judge, [said])
            row = tx.exec_driver_sql("SELECT revision, bad, created_at FROM assessment").one()
        return tuple(row)

    first = stored(1, 0.25)
    assert stored(1, 0.75) == first
    assert stored(2, 0.5)[:2] == (2, 0.5)
    catalog.close()
