"""Every past catalog opens today with all that was in it. One fixture and one list of facts a schema."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from culler.catalog import (
    assessments,
    backup,
    decisions,
    edits,
    maker_notes,
    outcomes,
    photos,
    sidecars,
    stacks,
)
from culler.catalog.database import Catalog
from culler.catalog.migrations import versions
from culler.catalog.schema import HEAD
from culler.domain.assessment import Aspect, ScorerId
from culler.domain.decision import Decision, Flag
from culler.domain.photo import Bracketing, Drive, PhotoKind

FIXTURES = Path(__file__).parent / "fixtures"
PAST = sorted(path.stem.removeprefix("catalog_") for path in FIXTURES.glob("catalog_*.sqlite"))


def test_every_schema_has_its_fixture() -> None:
    folder = Path(next(iter(versions.__path__)))
    known = sorted(path.name.split("_")[1] for path in folder.glob("rev_*.py"))
    assert known == PAST and known[-1] == HEAD


@pytest.mark.parametrize("schema", PAST)
def test_a_past_catalog_opens_with_all_that_was_in_it(schema: str, tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    shutil.copy(FIXTURES / f"catalog_{schema}.sqlite", path)
    catalog = Catalog(path)
    try:
        assert catalog.integrity() == "ok"
        with catalog.read() as tx:
            found = photos.get(tx, [1, 2, 3, 4])
            marks = decisions.decisions_of(tx, [1, 2, 3])
            levels = assessments.levels_of(tx, [1, 2], ScorerId("embedded", "abc"))
            known = sidecars.remembered(tx, [1])
            failures = outcomes.failures_of(tx, [4])
            held, answers = stacks.edits(tx), stacks.answers(tx)
            unread = maker_notes.unread(tx, [1, 2, 3, 4])
        assert [path.name for path in found[1].paths] == ["IMG_0001.CR2", "IMG_0001.JPG", "IMG_0001.xmp"]
        assert (found[1].facts.camera, found[2].facts.camera_rating) == ("Canon EOS R6", 3)
        assert str(found[1].facts.taken_at) == "2026-05-01 12:00:00.250000+02:00"
        assert (found[2].revision, found[3].missing, found[4].kind) == (2, True, PhotoKind.VIDEO)
        if schema == "0001":
            assert {photo.facts.drive for photo in found.values()} == {None} and unread == [1, 2, 3, 4]
        else:
            assert (found[1].facts.drive, found[1].facts.bracketing) == (
                Drive.CONTINUOUS,
                Bracketing.EXPOSURE,
            )
            assert unread == [2], "its notes were read of the revision before"
        assert marks[1] == Decision(Flag.PICK, 4, "red") and marks[2].label == "to print"
        assert set(levels) == {1} and levels[1][Aspect.QUALITY].mean > 4
        assert known[1].agreed == marks[1] and known[1].sidecars["IMG_0001.xmp"].digest == "00ff"
        assert "no frame" in failures[4][0].message
        assert (held[0].photo_ids, answers[0].winner) == ((1, 2), 1)
        with catalog.write() as tx:
            edits.undo(tx)
            assert decisions.decisions_of(tx, [1])[1].stars == 0
        with closing(sqlite3.connect(path)) as raw:
            assert raw.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
    finally:
        catalog.close()
    names = [made.name for made in backup.existing(path)]
    assert any("before" in name for name in names) is (schema != HEAD), "a migration backs up first"
