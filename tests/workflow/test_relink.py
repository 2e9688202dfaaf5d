"""Moved folders: photos found again by relative path and fingerprint, never by guess."""

import os
import shutil
from pathlib import Path

import pytest
from pictures import write_photo, write_shoot

from culler.catalog import folders, photos
from culler.domain.decision import Flag
from culler.domain.errors import CullerError
from culler.workflow import cull, files_by_hand, listing, sidecars
from culler.workflow.job import drive
from culler.workflow.look import look
from culler.workflow.relink import KnownFolder, RelinkReport, known_folders, relink
from culler.workflow.scan import ScanReport, scan
from culler.workflow.sidecars import MarksState, WriteRequest
from culler.workflow.workspace import Workspace


@pytest.fixture
def shoot(workspace: Workspace, tmp_path: Path) -> Path:
    """Four photos in two folders, the first one marked; its sidecar is written."""
    folder = tmp_path / "old" / "shoot"
    write_shoot(folder / "day1", 2)
    for k in (8, 9):
        write_photo(folder / "day2" / f"B{k}.jpg", seed=k)
    scanned(workspace, folder)
    drive(look(workspace, [folder]))
    ids = listing.ids_at(workspace, [folder / "day1" / "IMG_0001.JPG"])
    cull.set_flag(workspace, ids, Flag.PICK)
    drive(sidecars.write(workspace, WriteRequest(tuple(ids))))
    return folder


def scanned(workspace: Workspace, folder: Path) -> ScanReport:
    report = drive(scan(workspace, [folder]))
    assert report is not None
    return report


def relinked(workspace: Workspace, old: Path, new: Path) -> RelinkReport:
    report = drive(relink(workspace, old, new))
    assert report is not None
    return report


def marks(workspace: Workspace, folder: Path) -> dict[str, tuple[int, Flag]]:
    return {e.photo.name: (e.photo.id, e.decision.flag) for e in listing.photos_in(workspace, [folder])}


def test_a_moved_folder_keeps_everything(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    before = marks(workspace, shoot)
    new = Path(shutil.move(shoot, tmp_path / "new"))
    report = relinked(workspace, shoot, new)
    assert (len(report.relinked), report.present, report.left) == (4, 0, ())
    assert marks(workspace, new) == before
    after = scanned(workspace, new)
    assert (after.added, after.changed, after.missing, after.unchanged) == (0, 0, 0, 4)
    status = drive(sidecars.status(workspace))
    assert status is not None and dict(status.states) == {MarksState.IN_SYNC: 4}
    with pytest.raises(CullerError, match="not seen"):
        relinked(workspace, shoot, new)


def test_a_folder_scanned_at_its_new_place_first_is_relinked_all_the_same(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    before = marks(workspace, shoot)
    new = Path(shutil.move(shoot, tmp_path / "new"))
    (new / "day1" / "IMG_0001.xmp").unlink()  # else the new rows have the marks from there
    scanned(workspace, new)
    relinked(workspace, shoot, new)
    assert marks(workspace, new) == before
    assert scanned(workspace, new).unchanged >= 3


def test_marks_made_at_the_new_place_are_not_overruled(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    new = Path(shutil.move(shoot, tmp_path / "new"))
    (new / "day1" / "IMG_0001.xmp").unlink()
    scanned(workspace, new)
    ids = listing.ids_at(workspace, [new / "day1" / "IMG_0001.JPG"])
    cull.set_flag(workspace, ids, Flag.REJECT)
    report = relinked(workspace, shoot, new)
    assert [item.path.name for item in report.left] == ["IMG_0001.JPG"]
    assert marks(workspace, new)["IMG_0001.JPG"] == (ids[0], Flag.REJECT)


def test_copies_without_their_times_are_known_by_their_look(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    shutil.copytree(shoot, new, copy_function=shutil.copyfile)
    for path in new.rglob("*.*"):
        os.utime(path, (1, 1))
    shutil.rmtree(shoot)
    report = relinked(workspace, shoot, new)
    assert len(report.relinked) == 4
    after = scanned(workspace, new)
    assert (after.added, after.changed) == (0, 0), "the same pixels make no new revision"


def test_another_picture_of_the_same_name_is_not_taken_for_it(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    new = Path(shutil.move(shoot, tmp_path / "new"))
    write_photo(new / "day1" / "IMG_0001.JPG", seed=55, size=(120, 60))
    report = relinked(workspace, shoot, new)
    (left,) = report.left
    assert left.path == shoot / "day1" / "IMG_0001.JPG" and len(report.relinked) == 3


def test_photos_sorted_into_other_folders_are_found_by_name(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    new = Path(shutil.move(shoot, tmp_path / "new"))
    (new / "best").mkdir()
    for name in ("IMG_0001.JPG", "IMG_0001.xmp"):
        shutil.move(new / "day1" / name, new / "best" / name)
    report = relinked(workspace, shoot, new)
    assert len(report.relinked) == 4
    (entry,) = listing.photos_in(workspace, [new / "best"])
    assert entry.decision.flag is Flag.PICK


def test_what_is_still_there_stays(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    shutil.copytree(shoot, tmp_path / "new")
    report = relinked(workspace, shoot, tmp_path / "new")
    assert (report.relinked, report.present) == ((), 4)
    assert len(listing.photos_in(workspace, [shoot])) == 4


def test_a_part_of_a_folder_that_moved(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    new = Path(shutil.move(shoot / "day2", tmp_path / "elsewhere"))
    report = relinked(workspace, shoot / "day2", new)
    assert (len(report.relinked), report.present) == (2, 0)
    assert len(listing.photos_in(workspace, [shoot])) == 2 and len(listing.photos_in(workspace, [new])) == 2


def test_a_new_folder_that_is_none_is_a_sentence(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    with pytest.raises(CullerError, match="no folder"):
        relinked(workspace, shoot, tmp_path / "nowhere")
    with pytest.raises(CullerError, match="knows already"):
        relinked(workspace, shoot, shoot)


def test_folders_that_are_gone_come_first_and_those_below_one_that_is_there_are_named(
    workspace: Workspace, tmp_path: Path
) -> None:
    trip, card = tmp_path / "trip", tmp_path / "card"
    write_shoot(trip, 1)
    write_shoot(trip / "day 1" / "a", 2)
    write_shoot(card, 3)
    scanned(workspace, trip)
    scanned(workspace, card)
    shutil.rmtree(trip / "day 1")
    shutil.rmtree(card)
    assert known_folders(workspace) == (
        KnownFolder(card, 3, False),
        KnownFolder(trip / "day 1", 2, False),
        KnownFolder(trip, 3, True),
    )


def test_photos_without_files_are_none_and_their_names_no_folders(
    workspace: Workspace, tmp_path: Path
) -> None:
    first, second = write_shoot(tmp_path / "trip", 2)
    scanned(workspace, tmp_path / "trip")
    files_by_hand.join(workspace, listing.ids_at(workspace, [first, second]))
    with workspace.catalog.write() as tx:  # the name is wanted by another photo
        folder_id = next(iter(folders.roots(tx)))
        photos.make_way(tx, folder_id, {second.name: None})
    assert known_folders(workspace) == (KnownFolder(tmp_path / "trip", 1, True),)
