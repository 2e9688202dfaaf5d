"""A mirror of all marks that renews itself, and a catalog that is lost."""

import os
import time
from pathlib import Path

import pytest
from pictures import write_shoot

from culler.catalog import backup
from culler.domain.decision import Decision, Flag
from culler.domain.errors import CullerError
from culler.workflow import catalog_care, cull, listing, marks_mirror
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.workspace import Workspace, open_workspace


@pytest.fixture
def shoot(workspace: Workspace, tmp_path: Path) -> Path:
    """Three photos; the first a pick with four stars, the second a reject."""
    folder = tmp_path / "shoot"
    paths = write_shoot(folder, 3)
    drive(scan(workspace, [folder]))
    first, second, _ = listing.ids_at(workspace, paths)
    cull.set_flag(workspace, [first], Flag.PICK)
    cull.set_stars(workspace, [first], 4)
    cull.set_flag(workspace, [second], Flag.REJECT)
    return folder


def marks(workspace: Workspace, folder: Path) -> dict[str, Decision]:
    return {entry.photo.name: entry.decision for entry in listing.photos_in(workspace, [folder])}


def lose(workspace: Workspace) -> Workspace:
    """A workspace whose catalog, and every backup of it, is gone."""
    workspace.close()
    for path in workspace.places.data.rglob("*.sqlite*"):
        path.unlink()
    return open_workspace()


def test_a_lost_catalog_loses_no_marks(workspace: Workspace, shoot: Path) -> None:
    before = marks(workspace, shoot)
    marks_mirror.renew(workspace)
    anew = lose(workspace)
    report = drive(marks_mirror.restore(anew))
    assert report is not None and report.restored == 2
    assert marks(anew, shoot) == before
    anew.close()


def test_a_mirror_is_renewed_only_where_marks_changed(workspace: Workspace, shoot: Path) -> None:
    first = marks_mirror.renew(workspace)
    assert first is not None and marks_mirror.renew(workspace) is None
    cull.undo(workspace)
    assert marks_mirror.renew(workspace, older_than_s=3600) is None, "not that soon"
    second = marks_mirror.renew(workspace)
    assert second is not None and marks_mirror.existing(workspace.places) == [first, second]


def test_nothing_is_mirrored_before_there_is_a_mark(workspace: Workspace, tmp_path: Path) -> None:
    write_shoot(tmp_path / "s", 1)
    drive(scan(workspace, [tmp_path / "s"]))
    assert marks_mirror.renew(workspace) is None


def test_a_catalog_begun_anew_does_not_push_out_the_old_one_s_mirror(
    workspace: Workspace, shoot: Path
) -> None:
    before = marks(workspace, shoot)
    old = marks_mirror.renew(workspace)
    anew = lose(workspace)
    drive(scan(anew, [shoot]))
    (first,) = listing.ids_at(anew, [shoot / "IMG_0003.JPG"])
    for stars in range(marks_mirror.KEPT + 2):
        cull.set_stars(anew, [first], 1 + stars % 5)
        marks_mirror.renew(anew)
    assert len(marks_mirror.existing(anew.places)) == marks_mirror.KEPT + 1
    assert marks_mirror.best(anew.places) in (old, marks_mirror.existing(anew.places)[-1])
    drive(marks_mirror.restore(anew, mirror=old))
    assert {name: marks(anew, shoot)[name] for name in ("IMG_0001.JPG", "IMG_0002.JPG")} == {
        name: before[name] for name in ("IMG_0001.JPG", "IMG_0002.JPG")
    }
    anew.close()


def test_marks_that_files_brought_along_give_way_and_those_set_by_hand_stay(
    workspace: Workspace, shoot: Path
) -> None:
    marks_mirror.renew(workspace)
    anew = lose(workspace)
    sidecar = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="1"/>'
        "</rdf:RDF></x:xmpmeta>"
    )
    (shoot / "IMG_0001.xmp").write_text(sidecar)
    drive(scan(anew, [shoot]))
    cull.set_flag(anew, listing.ids_at(anew, [shoot / "IMG_0002.JPG"]), Flag.PICK)
    report = drive(marks_mirror.restore(anew))
    assert report is not None and [path.name for path in report.kept] == ["IMG_0002.JPG"]
    assert marks(anew, shoot)["IMG_0001.JPG"] == Decision(Flag.PICK, 4)
    assert marks(anew, shoot)["IMG_0002.JPG"].flag is Flag.PICK
    anew.close()


def test_folders_that_are_not_there_are_named(workspace: Workspace, shoot: Path) -> None:
    marks_mirror.renew(workspace)
    shoot.rename(shoot.with_name("elsewhere"))
    report = drive(marks_mirror.restore(workspace))
    assert report is not None and report.absent == (shoot,)


def test_without_a_mirror_there_is_a_sentence(workspace: Workspace) -> None:
    with pytest.raises(CullerError, match="no mirror of marks yet"):
        drive(marks_mirror.restore(workspace))


def test_a_damaged_catalog_is_rescued_with_the_marks_set_since_its_backup(
    workspace: Workspace, shoot: Path
) -> None:
    made = backup.make(workspace.catalog.path)
    os.utime(made, (time.time() - 3600,) * 2)
    (third,) = listing.ids_at(workspace, [shoot / "IMG_0003.JPG"])
    cull.set_stars(workspace, [third], 5)
    before = marks(workspace, shoot)
    marks_mirror.renew(workspace)
    workspace.close()
    workspace.catalog.path.write_bytes(b"garbage" * 1000)
    found = catalog_care.rescue(workspace.places)
    assert found is not None and found.backup == made
    done = drive(catalog_care.restore(workspace.places))
    assert done is not None and done.marks == 1
    assert done.aside is not None and done.aside.read_bytes() == b"garbage" * 1000
    again = open_workspace()
    assert marks(again, shoot) == before
    again.close()


def test_a_sound_catalog_is_not_replaced(workspace: Workspace, shoot: Path) -> None:
    backup.make(workspace.catalog.path)
    assert catalog_care.rescue(workspace.places) is None
    with pytest.raises(CullerError, match="sound; nothing was changed"):
        drive(catalog_care.restore(workspace.places))
