import os
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from pictures import write_photo, write_shoot

from culler.catalog import decisions, folders, photos
from culler.catalog import scanned as scanning
from culler.catalog.scanned import Found
from culler.domain.decision import Decision, Flag
from culler.domain.errors import CullerError
from culler.domain.photo import CaptureFacts, PhotoKind
from culler.imaging.xmp import merge
from culler.workflow import cull, listing, scan_step
from culler.workflow.job import drive
from culler.workflow.scan import ScanReport, scan
from culler.workflow.scan_step import Step, Tally
from culler.workflow.workspace import Workspace


def scanned(workspace: Workspace, *roots: Path) -> ScanReport:
    report = drive(scan(workspace, roots))
    assert report is not None
    return report


def test_a_scan_finds_photos_below_the_folder_with_their_facts(workspace: Workspace, tmp_path: Path) -> None:
    write_photo(tmp_path / "a" / "one.jpg", taken=datetime(2026, 5, 1, 12, 0, 0, 250000), orientation=6)
    (tmp_path / "notes.txt").write_text("no photo")
    report = scanned(workspace, tmp_path)
    (entry,) = listing.photos_in(workspace, [tmp_path])
    assert (report.added, [ignored.path.name for ignored in report.ignored]) == (1, ["notes.txt"])
    assert entry.photo.relative_path == "a/one.jpg"
    assert entry.photo.facts.taken == datetime(2026, 5, 1, 12, 0, 0, 250000)
    assert (entry.photo.facts.width, entry.photo.facts.height) == (64, 96)
    assert entry.photo.facts.camera == "Canon EOS R6"


def test_a_second_scan_reads_no_file(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_shoot(tmp_path, 3)
    scanned(workspace, tmp_path)
    monkeypatch.setattr("culler.workflow.file_facts.read_facts", None)
    report = scanned(workspace, tmp_path)
    assert (report.added, report.changed, report.unchanged) == (0, 0, 3)


def test_a_changed_file_gets_a_new_revision_and_keeps_its_marks(workspace: Workspace, tmp_path: Path) -> None:
    path = write_shoot(tmp_path, 1)[0]
    scanned(workspace, tmp_path)
    (photo_id,) = listing.ids_at(workspace, [path])
    cull.set_flag(workspace, [photo_id], Flag.PICK)
    write_photo(path, seed=9, size=(120, 80))
    report = scanned(workspace, tmp_path)
    (entry,) = listing.photos_in(workspace, [tmp_path])
    assert report.changed == 1
    assert (entry.photo.id, entry.photo.revision) == (photo_id, 2)
    assert entry.photo.facts.width == 120
    assert entry.decision.flag is Flag.PICK


def test_a_missing_photo_is_marked_not_dropped_and_comes_back(workspace: Workspace, tmp_path: Path) -> None:
    path = write_shoot(tmp_path / "shoot", 2)[0]
    scanned(workspace, tmp_path)
    (photo_id,) = listing.ids_at(workspace, [path])
    cull.set_stars(workspace, [photo_id], 4)
    shutil.move(path, tmp_path / "elsewhere")
    assert scanned(workspace, tmp_path).missing == 1
    assert len(listing.photos_in(workspace, [tmp_path])) == 1
    shutil.move(tmp_path / "elsewhere", path)
    scanned(workspace, tmp_path)
    marked = {entry.photo.id: entry.decision.stars for entry in listing.photos_in(workspace, [tmp_path])}
    assert marked[photo_id] == 4


def test_a_raw_that_joins_its_jpeg_later_becomes_the_same_photo(workspace: Workspace, tmp_path: Path) -> None:
    write_photo(tmp_path / "A.JPG", taken=datetime(2026, 1, 1))
    scanned(workspace, tmp_path)
    (before,) = listing.photos_in(workspace, [tmp_path])
    write_photo(tmp_path / "A.tif")
    os.rename(tmp_path / "A.tif", tmp_path / "A.CR2")
    scanned(workspace, tmp_path)
    (after,) = listing.photos_in(workspace, [tmp_path])
    assert after.photo.id == before.photo.id
    assert [path.name for path in after.photo.paths] == ["A.CR2", "A.JPG"]
    assert after.photo.revision == 2


def test_any_member_addresses_the_photo(workspace: Workspace, tmp_path: Path) -> None:
    write_photo(tmp_path / "A.JPG")
    shutil.copy(tmp_path / "A.JPG", tmp_path / "A.NEF")
    (tmp_path / "A.xmp").write_text("<x/>")
    ids = {listing.ids_at(workspace, [tmp_path / name])[0] for name in ("A.JPG", "A.NEF", "A.xmp")}
    assert len(ids) == 1


def test_a_subfolder_of_a_known_folder_is_the_same_photos(workspace: Workspace, tmp_path: Path) -> None:
    write_shoot(tmp_path / "day1", 2)
    write_shoot(tmp_path / "day2", 3)
    scanned(workspace, tmp_path)
    report = scanned(workspace, tmp_path / "day2")
    assert (report.added, report.unchanged) == (0, 3)
    assert len(listing.photos_in(workspace, [tmp_path / "day2"])) == 3


def test_a_folder_above_known_ones_takes_them_over_with_marks(workspace: Workspace, tmp_path: Path) -> None:
    (path,) = write_shoot(tmp_path / "day1", 1)
    scanned(workspace, tmp_path / "day1")
    (photo_id,) = listing.ids_at(workspace, [path])
    cull.set_flag(workspace, [photo_id], Flag.REJECT)
    report = scanned(workspace, tmp_path)
    assert (report.added, report.unchanged) == (0, 1)
    with workspace.catalog.read() as tx:
        assert list(folders.roots(tx).values()) == [tmp_path]
        assert decisions.decisions_of(tx, [photo_id])[photo_id].flag is Flag.REJECT
        assert photos.get(tx, [photo_id])[photo_id].path == path


def test_a_neighbour_whose_name_begins_alike_is_not_inside(workspace: Workspace, tmp_path: Path) -> None:
    write_shoot(tmp_path / "day", 1)
    write_shoot(tmp_path / "day 2", 2)
    write_shoot(tmp_path / "day_2", 4)
    scanned(workspace, tmp_path)
    assert len(listing.photos_in(workspace, [tmp_path / "day"])) == 1


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_a_loop_of_links_is_walked_once(workspace: Workspace, tmp_path: Path) -> None:
    write_shoot(tmp_path / "a", 2)
    (tmp_path / "a" / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "b").symlink_to(tmp_path / "a", target_is_directory=True)
    (tmp_path / "broken.jpg").symlink_to(tmp_path / "nowhere.jpg")
    report = scanned(workspace, tmp_path)
    assert report.added == 2
    assert [ignored.path.name for ignored in report.ignored] == ["broken.jpg"]


@pytest.mark.skipif(os.name == "nt" or os.uname().sysname == "Darwin", reason="needs names of raw bytes")
def test_a_name_that_is_not_utf8_is_shown_escaped_and_found_again(
    workspace: Workspace, tmp_path: Path
) -> None:
    source = write_photo(tmp_path / "x.jpg")
    raw = os.path.join(os.fsencode(tmp_path), b"caf\xe9.jpg")
    os.rename(source, raw)
    scanned(workspace, tmp_path)
    (entry,) = listing.photos_in(workspace, [tmp_path])
    assert entry.photo.relative_path == "caf\\xe9.jpg"
    assert entry.photo.path.read_bytes()[:2] == b"\xff\xd8"
    assert scanned(workspace, tmp_path).unchanged == 1


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [("empty.jpg", b"", "empty"), ("text.jpg", b"hello, I am no picture", "not a picture")],
)
def test_what_is_no_picture_stays_listed_with_a_sentence(
    workspace: Workspace, tmp_path: Path, name: str, content: bytes, part: str
) -> None:
    (tmp_path / name).write_bytes(content)
    report = scanned(workspace, tmp_path)
    (entry,) = listing.photos_in(workspace, [tmp_path])
    assert report.failed == 1
    assert name in entry.failures[0].message and part in entry.failures[0].message


def test_a_repaired_file_loses_its_failure(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    scanned(workspace, tmp_path)
    write_photo(tmp_path / "a.jpg")
    scanned(workspace, tmp_path)
    (entry,) = listing.photos_in(workspace, [tmp_path])
    assert entry.failures == ()


def test_a_folder_that_is_none_is_a_sentence(workspace: Workspace, tmp_path: Path) -> None:
    file = write_photo(tmp_path / "a.jpg")
    with pytest.raises(CullerError, match="is a file"):
        scanned(workspace, file)
    with pytest.raises(CullerError, match="no folder"):
        scanned(workspace, tmp_path / "gone")


def test_a_folder_named_like_a_photo_is_a_folder(workspace: Workspace, tmp_path: Path) -> None:
    write_photo(tmp_path / "x.jpg" / "inner.jpg")
    assert scanned(workspace, tmp_path).added == 1


def test_an_in_camera_rating_is_the_first_decision(workspace: Workspace, tmp_path: Path) -> None:
    path = write_photo(tmp_path / "a.jpg", rating=4)
    scanned(workspace, tmp_path)
    (entry,) = listing.photos_in(workspace, [tmp_path])
    assert entry.decision.stars == 4
    cull.set_stars(workspace, [entry.photo.id], 2)
    write_photo(path, seed=3, rating=4)
    scanned(workspace, tmp_path)
    (entry,) = listing.photos_in(workspace, [tmp_path])
    assert entry.decision.stars == 2, "a changed file does not overrule the user"


def test_photos_are_committed_in_steps_and_a_cancelled_scan_keeps_them(
    workspace: Workspace, tmp_path: Path
) -> None:
    write_shoot(tmp_path, 70)
    job = scan(workspace, [tmp_path])
    while not next(job).changes:
        pass
    job.close()
    assert 0 < len(listing.photos_in(workspace, [tmp_path])) < 70
    assert scanned(workspace, tmp_path).total == 70


def test_a_sidecar_that_names_its_file_is_that_files_first_mark(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("A.CR2", "A.NEF"):
        write_photo(tmp_path / "new.tif").rename(tmp_path / name)
    (tmp_path / "A.xmp").write_bytes(merge(None, Decision(stars=4), sidecar_for_extension="NEF"))
    scanned(workspace, tmp_path)
    found = {
        tuple(path.name for path in entry.photo.paths): entry.decision.stars
        for entry in listing.photos_in(workspace, [tmp_path])
    }
    assert found == {("A.CR2",): 0, ("A.NEF", "A.xmp"): 4}


def test_a_picture_that_takes_the_place_of_another_keeps_its_marks_by_its_sidecar(
    workspace: Workspace, tmp_path: Path
) -> None:
    jpeg = write_photo(tmp_path / "A.jpg")
    (tmp_path / "A.xmp").write_bytes(merge(None, Decision(stars=4)))
    scanned(workspace, tmp_path)
    (photo_id,) = listing.ids_at(workspace, [jpeg])
    jpeg.unlink()
    scanned(workspace, write_photo(tmp_path / "A.png").parent)
    (entry,) = listing.photos_in(workspace, [tmp_path])
    assert (entry.photo.id, entry.photo.name, entry.decision.stars) == (photo_id, "A.png", 4)


def test_a_sidecar_that_changes_owner_takes_no_photo_along(workspace: Workspace, tmp_path: Path) -> None:
    write_photo(tmp_path / "new.tif").rename(tmp_path / "A.NEF")
    sidecar = tmp_path / "A.xmp"
    sidecar.write_bytes(merge(None, Decision(stars=4)))
    scanned(workspace, tmp_path)
    (photo_id,) = listing.ids_at(workspace, [tmp_path / "A.NEF"])
    write_photo(tmp_path / "new.tif").rename(tmp_path / "A.CR2")
    sidecar.write_bytes(merge(None, Decision(stars=4), sidecar_for_extension="CR2"))
    scanned(workspace, tmp_path)
    assert listing.ids_at(workspace, [tmp_path / "A.NEF"]) == [photo_id]
    (other,) = listing.ids_at(workspace, [tmp_path / "A.CR2", sidecar])
    assert other != photo_id


def test_a_photo_that_another_culler_dropped_meanwhile_is_left_to_the_next_scan(
    workspace: Workspace, tmp_path: Path
) -> None:
    """Finding a moved folder drops photos that turn out to be others."""
    write_shoot(tmp_path, 1)
    scanned(workspace, tmp_path)
    with workspace.catalog.write() as tx:
        scope = folders.scope_of(tx, tmp_path)
        assert scope is not None
        (known,) = scanning.known(tx, photos.ids_in(tx, [scope]))
        photos.forget(tx, [known.id])
    found = Found(known.relative_path, PhotoKind.STILL, known.files, CaptureFacts())
    step = Step(other={known.id: found}, seen={known.id: known})
    assert not scan_step.write(workspace, scope, step, Tally()).photo_ids
    assert scanned(workspace, tmp_path).added == 1
