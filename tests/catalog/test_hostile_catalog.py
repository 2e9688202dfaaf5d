"""Catalog files as accidents leave them."""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from culler.catalog import assessments, backup, folders
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


def test_an_emptied_catalog_with_backups_is_not_begun_anew(path: Path) -> None:
    Catalog(path).close()
    backup.make(path)
    path.write_bytes(b"")
    with pytest.raises(CullerError, match="damaged: the file is empty"):
        Catalog(path)
    assert path.read_bytes() == b""


def test_a_catalog_that_is_gone_is_not_begun_anew_beside_its_backups(path: Path) -> None:
    Catalog(path).close()
    made = backup.make(path)
    path.unlink()
    with pytest.raises(CullerError, match="is gone"):
        Catalog(path)
    assert not path.exists()
    assert backup.restore(path, made) is None
    Catalog(path).close()


def test_the_second_start_makes_the_first_backup_and_the_next_none(path: Path) -> None:
    Catalog(path).close()
    assert backup.existing(path) == []
    Catalog(path).close()
    (made,) = backup.existing(path)
    Catalog(path).close()
    assert backup.existing(path) == [made]
    os.utime(made, (time.time() - backup.EVERY_S - 60,) * 2)
    Catalog(path).close()
    assert len(backup.existing(path)) == 2


@pytest.mark.parametrize("broken", [b"", b"x" * 5000])
def test_the_newest_sound_backup_takes_the_place_of_a_damaged_catalog(path: Path, broken: bytes) -> None:
    catalog = Catalog(path)
    with catalog.write() as tx:
        tx.exec_driver_sql("INSERT INTO encoder (name, version) VALUES ('a', '1')")
    sound = backup.make(path, "sound")
    newer = backup.make(path, "torn")
    catalog.close()
    newer.write_bytes(newer.read_bytes()[:3000])
    path.write_bytes(broken)
    assert backup.what_is_wrong(path) is not None
    assert backup.newest_sound(path) == sound
    aside = backup.restore(path, sound)
    assert aside is not None and aside.read_bytes() == broken
    again = Catalog(path)
    with again.read() as tx:
        assert tx.exec_driver_sql("SELECT name FROM encoder").scalar() == "a"
    again.close()


def test_a_damaged_backup_is_not_put_in_place(path: Path) -> None:
    Catalog(path).close()
    made = backup.make(path)
    made.write_bytes(b"torn")
    path.write_bytes(b"damaged")
    with pytest.raises(CullerError, match="Nothing was changed"):
        backup.restore(path, made)
    assert path.read_bytes() == b"damaged" and list(path.parent.glob("*damaged*")) == []


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
