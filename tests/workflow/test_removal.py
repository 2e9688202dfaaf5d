"""Rejects leave only after a list, whole, and only while they are what was listed."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from pictures import write_photo, write_shoot

from culler.domain.decision import Flag
from culler.domain.errors import CullerError
from culler.imaging import copying
from culler.imaging.xmp_files import digest_of
from culler.workflow import cull, listing, removal
from culler.workflow.job import drive
from culler.workflow.removal import Removed
from culler.workflow.scan import scan
from culler.workflow.workspace import Workspace


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system bin of the test's own."""
    if sys.platform != "linux":
        pytest.skip("the bin of other systems cannot be put elsewhere")
    from send2trash import plat_other

    monkeypatch.setattr("send2trash.send2trash", plat_other.send2trash)
    monkeypatch.setattr(plat_other, "HOMETRASH_B", os.fsencode(tmp_path / "bin"))
    monkeypatch.setattr(plat_other, "get_dev", lambda path: 1)
    return tmp_path / "bin" / "files"


@pytest.fixture
def no_bin(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk without a bin."""

    def refuse(path: Path) -> None:
        raise PermissionError(13, "no bin here")

    monkeypatch.setattr("send2trash.send2trash", refuse)


@pytest.fixture
def shoot(workspace: Workspace, tmp_path: Path) -> Path:
    """Three photos; the second is a RAW with its JPEG and sidecar, and a reject."""
    folder = tmp_path / "shoot"
    paths = write_shoot(folder, 3)
    shutil.copy(paths[1], folder / "IMG_0002.CR2")
    (folder / "IMG_0002.xmp").write_bytes(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    drive(scan(workspace, [folder]))
    cull.set_flag(workspace, listing.ids_at(workspace, [folder / "IMG_0002.CR2"]), Flag.REJECT)
    return folder


def removed(workspace: Workspace, listed: removal.RemovalList | None = None) -> tuple[Removed, ...]:
    done = drive(removal.remove(workspace, listed or removal.rejects(workspace)))
    assert done is not None
    return done


def contents(folder: Path) -> dict[str, str]:
    return {path.name: digest_of(path.read_bytes()) for path in folder.iterdir() if path.is_file()}


def test_the_list_names_every_file_and_the_whole_size(workspace: Workspace, shoot: Path) -> None:
    listed = removal.rejects(workspace, [shoot])
    (item,) = listed.items
    names = [path.name for path, _ in item.files]
    assert names == ["IMG_0002.CR2", "IMG_0002.JPG", "IMG_0002.xmp"]
    assert listed.size_bytes == sum((shoot / name).stat().st_size for name in names)


def test_a_reject_goes_to_the_bin_with_all_its_files(
    workspace: Workspace, shoot: Path, bin_folder: Path
) -> None:
    before = contents(shoot)
    (item,) = removed(workspace)
    assert item.action == "binned"
    assert sorted(contents(shoot)) == ["IMG_0001.JPG", "IMG_0003.JPG"]
    assert contents(bin_folder) == {name: before[name] for name in before if "0002" in name}
    assert [entry.photo.name for entry in listing.photos_in(workspace, [shoot])] == [
        "IMG_0001.JPG",
        "IMG_0003.JPG",
    ]


def test_what_comes_back_from_the_bin_is_the_same_photo(
    workspace: Workspace, shoot: Path, bin_folder: Path
) -> None:
    (item,) = removed(workspace)
    for path in bin_folder.iterdir():
        shutil.move(path, shoot)
    drive(scan(workspace, [shoot]))
    back = {entry.photo.id: entry.decision.flag for entry in listing.photos_in(workspace, [shoot])}
    assert back[item.photo_id] is Flag.REJECT


def test_a_removal_is_taken_back_from_the_bin(workspace: Workspace, shoot: Path, bin_folder: Path) -> None:
    before = contents(shoot)
    bin_folder.mkdir(parents=True)
    (bin_folder / "IMG_0002.JPG").write_bytes(b"somebody else's, binned before")
    (item,) = removed(workspace)
    assert (item.action, removal.can_undo(workspace)) == ("binned", 1)
    drive(removal.undo(workspace))
    assert contents(shoot) == before
    (entry,) = listing.entries(workspace, [item.photo_id])
    assert not entry.photo.missing and entry.decision.flag is Flag.REJECT
    assert [path.name for path in bin_folder.iterdir()] == ["IMG_0002.JPG"]
    assert list((bin_folder.parent / "info").iterdir()) == [], "the bin still lists what came back"


def test_what_was_emptied_from_the_bin_is_told(workspace: Workspace, shoot: Path, bin_folder: Path) -> None:
    (item,) = removed(workspace)
    for path in bin_folder.iterdir():
        path.unlink()
    (told,) = drive(removal.undo(workspace)) or ()
    assert told.message.startswith("IMG_0002.CR2 is no longer where it was moved to")
    assert listing.entries(workspace, [item.photo_id])[0].photo.missing


def test_without_a_bin_photos_are_set_aside_where_scans_do_not_look_and_come_back(
    workspace: Workspace, shoot: Path, no_bin: None
) -> None:
    before = contents(shoot)
    (item,) = removed(workspace)
    assert item.action == "set aside"
    assert sorted(contents(shoot / "_Rejected")) == ["IMG_0002.CR2", "IMG_0002.JPG", "IMG_0002.xmp"]
    drive(scan(workspace, [shoot]))
    assert len(listing.photos_in(workspace, [shoot])) == 2
    assert removal.can_undo(workspace) == 1
    drive(removal.undo(workspace))
    assert contents(shoot) == before
    drive(scan(workspace, [shoot]))
    back = {entry.photo.id: entry.decision.flag for entry in listing.photos_in(workspace, [shoot])}
    assert len(back) == 3 and back[item.photo_id] is Flag.REJECT
    assert removal.can_undo(workspace) == 0
    with pytest.raises(CullerError, match="no removal to take back"):
        drive(removal.undo(workspace))


def test_a_photo_that_is_no_reject_any_more_stays(
    workspace: Workspace, shoot: Path, bin_folder: Path
) -> None:
    listed = removal.rejects(workspace)
    before = contents(shoot)
    cull.set_flag(workspace, [listed.items[0].photo_id], Flag.NONE)
    (item,) = removed(workspace, listed)
    assert item.action == "kept" and "not a reject any more" in item.message
    assert contents(shoot) == before


@pytest.mark.parametrize("name", ["IMG_0002.CR2", "IMG_0002.JPG", "IMG_0002.xmp"])
def test_a_photo_whose_file_changed_since_the_list_stays(
    workspace: Workspace, shoot: Path, bin_folder: Path, name: str
) -> None:
    listed = removal.rejects(workspace)
    (shoot / name).write_bytes(b"something new")
    before = contents(shoot)
    (item,) = removed(workspace, listed)
    assert item.action == "kept" and "changed since" in item.message
    assert contents(shoot) == before


def test_a_photo_that_got_another_file_since_the_list_stays(
    workspace: Workspace, shoot: Path, bin_folder: Path
) -> None:
    listed = removal.rejects(workspace)
    (shoot / "IMG_0002.CR2.xmp").write_bytes(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    (item,) = removed(workspace, listed)
    assert item.action == "kept"


def test_a_reject_flagged_after_the_list_was_shown_stays(
    workspace: Workspace, shoot: Path, bin_folder: Path
) -> None:
    listed = removal.rejects(workspace)
    cull.set_flag(workspace, listing.ids_at(workspace, [shoot / "IMG_0001.JPG"]), Flag.REJECT)
    removed(workspace, listed)
    assert (shoot / "IMG_0001.JPG").exists()


def test_a_sidecar_that_two_photos_share_stays_with_the_other(
    workspace: Workspace, tmp_path: Path, bin_folder: Path
) -> None:
    folder = tmp_path / "twins"
    write_photo(folder / "A.jpg")
    write_photo(folder / "A.png", seed=1)
    (folder / "A.xmp").write_bytes(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    drive(scan(workspace, [folder]))
    cull.set_flag(workspace, listing.ids_at(workspace, [folder / "A.jpg"]), Flag.REJECT)
    removed(workspace)
    assert sorted(contents(folder)) == ["A.png", "A.xmp"]


def test_a_bin_that_gives_up_halfway_leaves_no_half_photo_behind(
    workspace: Workspace, shoot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Path] = []

    def take_one(path: Path) -> None:
        if taken:
            raise OSError(28, "bin full")
        taken.append(path)
        shutil.move(path, tmp_path / path.name)

    monkeypatch.setattr("send2trash.send2trash", take_one)
    removed(workspace)
    assert sorted(contents(shoot)) == ["IMG_0001.JPG", "IMG_0003.JPG"]
    assert sorted(contents(shoot / "_Rejected")) == ["IMG_0002.CR2", "IMG_0002.JPG"]


def test_a_photo_that_cannot_be_set_aside_whole_stays_whole(
    workspace: Workspace, shoot: Path, no_bin: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(shoot)
    move_file = copying.move_file

    def refuse(source: Path, target: Path) -> copying.Transfer:
        if source.suffix == ".xmp":
            raise CullerError("Cannot move IMG_0002.xmp: the disk is full.")
        return move_file(source, target)

    monkeypatch.setattr("culler.imaging.copying.move_file", refuse)
    (item,) = removed(workspace)
    assert item.action == "kept" and "full" in item.message
    assert contents(shoot) == before
    assert removal.can_undo(workspace) == 0


def test_undo_overwrites_nothing(workspace: Workspace, shoot: Path, no_bin: None) -> None:
    removed(workspace)
    (shoot / "IMG_0002.JPG").write_bytes(b"another one")
    (item,) = drive(removal.undo(workspace)) or ()
    assert "another file" in item.message
    assert (shoot / "IMG_0002.JPG").read_bytes() == b"another one"
    assert sorted(contents(shoot / "_Rejected")) == ["IMG_0002.CR2", "IMG_0002.JPG", "IMG_0002.xmp"]
    (shoot / "IMG_0002.JPG").unlink()
    drive(removal.undo(workspace))
    assert "IMG_0002.CR2" in contents(shoot), "what stayed behind can still be brought back"
