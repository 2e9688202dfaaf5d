"""All files of a joined photo, whatever their names, go where the photo goes; split ones go alone."""

import os
import shutil
from pathlib import Path

import pytest
from pictures import write_photo

from culler.domain.decision import Decision, Flag
from culler.domain.photo import PhotoId
from culler.imaging.xmp import merge, read_marks
from culler.workflow import cull, export, files_by_hand, listing, marks_file, removal, sidecars
from culler.workflow.export import ExportReport, ExportRequest
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.sidecars import WriteRequest
from culler.workflow.workspace import Workspace

NAMES = ("IMG_1.CR2", "IMG_1.JPG", "IMG_1-edit.jpg", "DSC_9.jpg", "IMG_1.xmp", "DSC_9.xmp", "DSC_9.jpg.xmp")


def scanned(workspace: Workspace, folder: Path) -> None:
    assert drive(scan(workspace, [folder])) is not None


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    """A pair, two pictures made of it, and sidecars."""
    folder = tmp_path / "shoot"
    for seed, name in enumerate(name for name in NAMES if not name.endswith("xmp")):
        path = write_photo(folder / "new.tif" if name.endswith("CR2") else folder / name, seed=seed)
        path.rename(folder / name)
    for name in NAMES:
        if name.endswith("xmp"):
            (folder / name).write_bytes(merge(None, Decision(stars=3)))
    return folder


@pytest.fixture
def whole(workspace: Workspace, shoot: Path) -> PhotoId:
    """All of them as one photo."""
    scanned(workspace, shoot)
    paths = [shoot / name for name in NAMES if not name.endswith("xmp")]
    joined = files_by_hand.join(workspace, listing.ids_at(workspace, paths))
    assert len(listing.photos_in(workspace, [shoot])) == 1
    return joined.photo_id


def exported(workspace: Workspace, to: Path, *ids: PhotoId, **options: object) -> ExportReport:
    report = drive(export.export(workspace, ExportRequest(ids, to, **options)))  # type: ignore[arg-type]
    assert report is not None and not any(item.action == "failed" for item in report.items)
    return report


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def photos(workspace: Workspace, folder: Path) -> list[list[str]]:
    return [[path.name for path in entry.photo.paths] for entry in listing.photos_in(workspace, [folder])]


def test_a_joined_photo_is_copied_with_all_its_files(
    workspace: Workspace, shoot: Path, whole: PhotoId, tmp_path: Path
) -> None:
    exported(workspace, tmp_path / "picks", whole, sidecars=True)
    assert files(tmp_path / "picks") == sorted(NAMES)


def test_a_template_gives_every_file_of_a_joined_photo_a_name_of_its_own(
    workspace: Workspace, shoot: Path, whole: PhotoId, tmp_path: Path
) -> None:
    exported(workspace, tmp_path / "picks", whole, sidecars=True, name="new")
    assert files(tmp_path / "picks") == sorted(
        [
            *("new.CR2", "new.JPG", "new.xmp", "new-edit.jpg"),
            *("new-DSC_9.jpg", "new-DSC_9.xmp", "new-DSC_9.jpg.xmp"),
        ]
    )


def test_a_picture_whose_name_only_begins_alike_is_another_stem(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("IMG_1.jpg", "IMG_10.jpg", "IMG_2.png"):
        write_photo(tmp_path / "shoot" / name)
    ids = listing.ids_at(workspace, sorted((tmp_path / "shoot").iterdir()))
    exported(workspace, tmp_path / "picks", files_by_hand.join(workspace, ids).photo_id, name="new")
    assert files(tmp_path / "picks") == ["new-IMG_10.jpg", "new.jpg", "new.png"]


@pytest.mark.parametrize("name", ["{name}", "moved_{sequence}"])
def test_a_joined_photo_moves_as_one_stays_one_and_comes_back(
    workspace: Workspace, shoot: Path, whole: PhotoId, tmp_path: Path, name: str
) -> None:
    before = photos(workspace, shoot)
    exported(workspace, tmp_path / "picks", whole, mode="move", name=name)
    assert (files(shoot), len(files(tmp_path / "picks"))) == ([], len(NAMES))
    write_photo(tmp_path / "picks" / "other.jpg")
    scanned(workspace, tmp_path / "picks")
    there = photos(workspace, tmp_path / "picks")
    assert sorted(map(len, there)) == [1, len(NAMES)]
    moved = drive(export.undo(workspace))
    assert moved is not None and not any(item.message for item in moved)
    assert files(shoot) == sorted(NAMES)
    write_photo(shoot / "other.jpg")
    scanned(workspace, shoot)
    assert sorted(photos(workspace, shoot)) == sorted([*before, ["other.jpg"]])
    cull.undo(workspace)
    assert [each[0] for each in photos(workspace, shoot)] == [
        *("DSC_9.jpg", "IMG_1-edit.jpg", "IMG_1.CR2", "other.jpg"),
    ]


def test_the_parts_of_a_split_photo_move_alone(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    scanned(workspace, shoot)
    (pair,) = listing.ids_at(workspace, [shoot / "IMG_1.JPG"])
    _, jpeg = files_by_hand.split(workspace, [pair]).photo_ids[pair]
    exported(workspace, tmp_path / "picks", jpeg, mode="move")
    assert files(tmp_path / "picks") == ["IMG_1.JPG"]
    drive(export.undo(workspace))
    write_photo(shoot / "other.jpg")
    scanned(workspace, shoot)
    assert ["IMG_1.JPG"] in photos(workspace, shoot)


def test_a_move_of_files_that_were_joined_since_is_not_taken_back(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    scanned(workspace, shoot)
    ids = listing.ids_at(workspace, [shoot / "IMG_1.CR2", shoot / "DSC_9.jpg"])
    exported(workspace, tmp_path / "picks", *ids, mode="move")
    files_by_hand.join(workspace, ids)
    before = files(tmp_path / "picks")
    moved = drive(export.undo(workspace))
    assert moved is not None
    assert [item.message for item in moved] == [
        f"{name} was split or joined since it was moved. Take that back first."
        for name in ("DSC_9.jpg", "IMG_1.CR2")
    ]
    assert files(tmp_path / "picks") == before
    cull.undo(workspace)
    moved = drive(export.undo(workspace))
    assert moved is not None and not any(item.message for item in moved)
    assert files(shoot) == sorted(NAMES)


def test_a_move_of_files_that_were_split_since_is_not_taken_back(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    scanned(workspace, shoot)
    ids = listing.ids_at(workspace, [shoot / "IMG_1.CR2"])
    exported(workspace, tmp_path / "picks", *ids, mode="move")
    files_by_hand.split(workspace, ids)
    moved = drive(export.undo(workspace))
    assert moved is not None and [bool(item.message) for item in moved] == [True]
    assert "IMG_1.JPG" in files(tmp_path / "picks")


def test_files_of_one_stem_are_not_paired_by_their_move_and_come_back_apart(
    workspace: Workspace, tmp_path: Path
) -> None:
    jpeg = write_photo(tmp_path / "two" / "A.JPG")
    raw = write_photo(tmp_path / "one" / "A.tif").rename(tmp_path / "one" / "A.CR2")
    ids = listing.ids_at(workspace, [raw, jpeg])
    cull.set_stars(workspace, [ids[1]], 2)
    exported(workspace, tmp_path / "picks", *ids, mode="move")
    write_photo(tmp_path / "picks" / "B.jpg")
    scanned(workspace, tmp_path / "picks")
    assert sorted(photos(workspace, tmp_path / "picks")) == [["A (2).JPG"], ["A.CR2"], ["B.jpg"]]
    moved = drive(export.undo(workspace))
    assert moved is not None and not any(item.message for item in moved)
    for folder in (raw.parent, jpeg.parent, tmp_path / "picks"):
        scanned(workspace, folder)
    assert photos(workspace, tmp_path / "picks") == [["B.jpg"]]
    (entry,) = listing.photos_in(workspace, [jpeg.parent])
    assert (entry.photo.path, entry.decision.stars) == (jpeg, 2)
    assert photos(workspace, raw.parent) == [["A.CR2"]]


def test_a_joined_reject_goes_with_all_its_files_and_comes_back_joined(
    workspace: Workspace, shoot: Path, whole: PhotoId, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "no bin here")

    monkeypatch.setattr("send2trash.send2trash", refuse)
    before = photos(workspace, shoot)
    cull.set_flag(workspace, [whole], Flag.REJECT)
    listed = removal.rejects(workspace, [shoot])
    drive(removal.remove(workspace, listed))
    assert files(shoot) == ["_Rejected"] and files(shoot / "_Rejected") == sorted(NAMES)
    drive(removal.undo(workspace))
    assert files(shoot) == sorted(NAMES)
    scanned(workspace, shoot)
    assert photos(workspace, shoot) == before


def test_what_was_joined_comes_back_joined_from_a_bin_that_says_nothing(
    workspace: Workspace, shoot: Path, whole: PhotoId, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    monkeypatch.setattr("send2trash.send2trash", lambda path: os.rename(path, bin_ / Path(path).name))
    before = photos(workspace, shoot)
    cull.set_flag(workspace, [whole], Flag.REJECT)
    drive(removal.remove(workspace, removal.rejects(workspace, [shoot])))
    scanned(workspace, shoot)
    assert photos(workspace, shoot) == []
    for path in bin_.iterdir():
        shutil.move(path, shoot)
    scanned(workspace, shoot)
    assert photos(workspace, shoot) == before


def test_marks_of_a_joined_photo_are_written_once_and_saved_once(
    workspace: Workspace, shoot: Path, whole: PhotoId, tmp_path: Path
) -> None:
    cull.set_stars(workspace, [whole], 5)
    drive(sidecars.write(workspace, WriteRequest((whole,))))
    for name in NAMES:
        if name.endswith("xmp"):
            assert read_marks((shoot / name).read_bytes()).stars == 5
    assert marks_file.save(workspace, tmp_path / "marks.json", [shoot]) == 1
