"""Edits of other programs are noticed while a folder is open, and nothing is taken over."""

import shutil
import unicodedata
from pathlib import Path
from typing import Literal

import pytest
from pictures import write_photo, write_shoot

from culler.domain.decision import Decision, Flag
from culler.domain.photo import PhotoId
from culler.imaging.xmp_files import write_marks
from culler.workflow import cull, files_by_hand, listing, sidecar_watch, sidecars
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.sidecar_watch import Noticed
from culler.workflow.sidecars import WriteRequest
from culler.workflow.workspace import Workspace

NormalForm = Literal["NFC", "NFD"]


@pytest.fixture
def shoot(workspace: Workspace, tmp_path: Path) -> Path:
    """Three photos with three stars each, written into sidecars."""
    folder = tmp_path / "shoot"
    paths = write_shoot(folder, 3)
    drive(scan(workspace, [folder]))
    ids = tuple(listing.ids_at(workspace, paths))
    cull.set_stars(workspace, ids, 3)
    drive(sidecars.write(workspace, WriteRequest(ids)))
    return folder


def noticed(workspace: Workspace, folder: Path, before: Noticed | None = None) -> Noticed:
    found = drive(sidecar_watch.notice(workspace, [folder], before))
    assert found is not None
    return found


def id_of(workspace: Workspace, path: Path) -> PhotoId:
    return listing.ids_at(workspace, [path])[0]


def test_our_own_writes_are_no_news(workspace: Workspace, shoot: Path) -> None:
    first = noticed(workspace, shoot)
    assert not first.changed
    photo_id = id_of(workspace, shoot / "IMG_0001.JPG")
    cull.set_flag(workspace, [photo_id], Flag.PICK)
    drive(sidecars.write(workspace, WriteRequest((photo_id,))))
    assert not noticed(workspace, shoot, first).changed


@pytest.mark.parametrize("name", ["IMG_0002.xmp", "IMG_0002.JPG.xmp"])
def test_a_change_of_another_program_is_news_until_it_is_settled(
    workspace: Workspace, shoot: Path, name: str
) -> None:
    before = noticed(workspace, shoot)
    if name == "IMG_0002.JPG.xmp":
        (shoot / "IMG_0002.xmp").rename(shoot / name)
    write_marks(shoot / name, Decision(Flag.NONE, 5), overrule=True)
    photo_id = id_of(workspace, shoot / "IMG_0002.JPG")
    after = noticed(workspace, shoot, before)
    assert after.changed == {photo_id} and not after.conflicts
    again = noticed(workspace, shoot, after)
    assert again.changed == {photo_id}, "told until it is settled"
    assert listing.entries(workspace, [photo_id])[0].decision.stars == 3, "nothing is taken over"
    drive(sidecars.read(workspace, [photo_id]))
    assert not noticed(workspace, shoot, again).changed


def test_a_quick_look_finds_a_new_sidecar_in_a_folder_it_knows(workspace: Workspace, shoot: Path) -> None:
    (shoot / "IMG_0001.xmp").unlink()
    before = noticed(workspace, shoot)
    drive(sidecars.read(workspace, sorted(before.changed)))
    write_marks(shoot / "IMG_0001.xmp", Decision(Flag.NONE, 5))
    found = drive(sidecar_watch.notice(workspace, [shoot], before, rescanned=False))
    assert found is not None and found.changed == {id_of(workspace, shoot / "IMG_0001.JPG")}


def test_what_changed_on_both_sides_is_a_conflict(workspace: Workspace, shoot: Path) -> None:
    before = noticed(workspace, shoot)
    photo_id = id_of(workspace, shoot / "IMG_0003.JPG")
    cull.set_stars(workspace, [photo_id], 1)
    write_marks(shoot / "IMG_0003.xmp", Decision(Flag.NONE, 5), overrule=True)
    assert noticed(workspace, shoot, before).conflicts == {photo_id}


def test_what_changed_while_culler_was_closed_is_noticed_at_the_first_look(
    workspace: Workspace, shoot: Path
) -> None:
    write_marks(shoot / "IMG_0001.xmp", Decision(Flag.NONE, 5), overrule=True)
    drive(scan(workspace, [shoot]))
    assert noticed(workspace, shoot).changed == {id_of(workspace, shoot / "IMG_0001.JPG")}


def test_a_folder_that_is_gone_is_told_and_its_sidecars_are_not_missed(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    before = noticed(workspace, shoot)
    shutil.move(shoot, tmp_path / "unplugged")
    gone = noticed(workspace, shoot, before)
    assert gone.absent == (shoot,) and not gone.changed
    shutil.move(tmp_path / "unplugged", shoot)
    back = noticed(workspace, shoot, gone)
    assert back.absent == () and not back.changed


def test_a_changed_sidecar_of_a_joined_file_is_noticed(workspace: Workspace, shoot: Path) -> None:
    """It has the name of that file, not the photo's."""
    first, second = (id_of(workspace, shoot / f"IMG_000{k}.JPG") for k in (1, 2))
    files_by_hand.join(workspace, [first, second])
    before = noticed(workspace, shoot)
    write_marks(shoot / "IMG_0002.xmp", Decision(Flag.NONE, 5), overrule=True)
    assert not before.changed and noticed(workspace, shoot, before).changed == {first}


@pytest.mark.parametrize(("photo", "sidecar"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_names_of_composed_letters_and_their_parts_are_the_same(
    workspace: Workspace, tmp_path: Path, photo: NormalForm, sidecar: NormalForm
) -> None:
    path = write_photo(tmp_path / "shoot" / unicodedata.normalize(photo, "Été.jpg"))
    drive(scan(workspace, [path.parent]))
    before = noticed(workspace, path.parent)
    write_marks(path.parent / unicodedata.normalize(sidecar, "Été.xmp"), Decision(Flag.NONE, 5))
    assert noticed(workspace, path.parent, before).changed == {id_of(workspace, path)}


def test_a_link_that_leads_nowhere_hides_no_other_sidecar(workspace: Workspace, shoot: Path) -> None:
    (shoot / "A.xmp").symlink_to(shoot / "nowhere.xmp")
    before = noticed(workspace, shoot)
    write_marks(shoot / "IMG_0002.xmp", Decision(Flag.NONE, 5), overrule=True)
    assert noticed(workspace, shoot, before).changed == {id_of(workspace, shoot / "IMG_0002.JPG")}
