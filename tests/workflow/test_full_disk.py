"""A disk that is full: a sentence, nothing lost, nothing half. Needs the right to mount a small disk."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pictures import write_shoot

from culler.domain.decision import ColorLabel, Flag
from culler.domain.errors import CullerError
from culler.imaging.conversion import Target
from culler.imaging.placing import leftovers
from culler.imaging.xmp import read_marks
from culler.settings import Places
from culler.workflow import cull, listing, marks_file, removal, sidecars
from culler.workflow.export import ExportReport, ExportRequest, can_undo, export
from culler.workflow.job import drive
from culler.workflow.look import look
from culler.workflow.scan import scan
from culler.workflow.sidecars import WriteRequest
from culler.workflow.workspace import Workspace, open_workspace


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "culler-test", str(folder)]
    if sys.platform != "linux" or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, leave_bytes: int = 0) -> None:
    """Take all the room but this much."""
    with open(disk / "ballast", "wb", buffering=0) as ballast, contextlib.suppress(OSError):
        while True:
            ballast.write(bytes(4096))
    os.truncate(disk / "ballast", max(0, (disk / "ballast").stat().st_size - leave_bytes))


def make_room(disk: Path) -> None:
    (disk / "ballast").unlink()


@pytest.fixture
def shoot(workspace: Workspace, tmp_path: Path) -> Path:
    folder = tmp_path / "shoot"
    paths = write_shoot(folder, 3)
    shutil.copy(paths[1], folder / "IMG_0002.CR2")
    drive(scan(workspace, [folder]))
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def exported(
    workspace: Workspace, to: Path, mode: str = "copy", format_: Target | None = None
) -> ExportReport:
    ids = tuple(entry.photo.id for entry in listing.photos_in(workspace, None))
    report = drive(export(workspace, ExportRequest(ids, to, mode, format=format_)))
    assert report is not None
    return report


@pytest.mark.parametrize("mode", ["copy", "move"])
def test_an_export_to_a_full_disk_says_so_and_goes_on_when_there_is_room(
    workspace: Workspace, shoot: Path, small_disk: Path, mode: str
) -> None:
    before = tree(shoot)
    size = len(before["IMG_0001.JPG"])
    fill(small_disk, leave_bytes=2 * size + 4096)
    report = exported(workspace, small_disk / "out", mode)
    failed = [item for item in report.items if item.action == "failed"]
    assert failed and all(item.message for item in failed)
    assert any("disk is full" in item.message for item in failed)
    there = tree(small_disk / "out")
    assert there.items() <= before.items() and not leftovers(small_disk / "out")
    assert tree(shoot) | there == before
    make_room(small_disk)
    exported(workspace, small_disk / "out", mode)
    assert tree(small_disk / "out") == before
    assert tree(shoot) == (before if mode == "copy" else {})
    if mode == "move":
        assert can_undo(workspace) >= 1


def test_pictures_that_do_not_fit_are_told_and_leave_no_half(
    workspace: Workspace, shoot: Path, small_disk: Path
) -> None:
    fill(small_disk)
    report = exported(workspace, small_disk / "out", format_=Target.JPEG)
    assert {item.action for item in report.items} == {"failed"}
    assert not (small_disk / "out").exists() or tree(small_disk / "out") == {}


def test_sidecars_on_a_full_disk_stay_as_they_were(workspace: Workspace, small_disk: Path) -> None:
    folder = small_disk / "shoot"
    paths = write_shoot(folder, 2)
    drive(scan(workspace, [folder]))
    ids = tuple(listing.ids_at(workspace, paths))
    cull.set_stars(workspace, ids[:1], 3)
    drive(sidecars.write(workspace, WriteRequest(ids)))
    cull.set_stars(workspace, ids, 5)
    fill(small_disk)
    report = drive(sidecars.write(workspace, WriteRequest(ids)))
    assert report is not None
    assert [item.action for item in report.items] == ["failed", "failed"]
    assert all("disk is full" in item.message for item in report.items)
    assert read_marks((folder / "IMG_0001.xmp").read_bytes()).stars == 3
    assert not (folder / "IMG_0002.xmp").exists() and not leftovers(folder)
    assert set(sidecars.pending(workspace)) == set(ids)
    make_room(small_disk)
    drive(sidecars.write(workspace, WriteRequest(ids)))
    assert sidecars.pending(workspace) == ()


def test_a_file_of_marks_is_whole_or_as_it_was(workspace: Workspace, shoot: Path, small_disk: Path) -> None:
    ids = listing.ids_at(workspace, [shoot / "IMG_0001.JPG"])
    cull.set_flag(workspace, ids, Flag.PICK)
    marks_file.save(workspace, small_disk / "marks.json", [shoot])
    before = (small_disk / "marks.json").read_bytes()
    cull.set_label(workspace, ids, ColorLabel.RED)
    fill(small_disk)
    with pytest.raises(CullerError, match="disk is full"):
        marks_file.save(workspace, small_disk / "marks.json", [shoot])
    assert (small_disk / "marks.json").read_bytes() == before and not leftovers(small_disk)


def test_rejects_on_a_full_disk_can_still_be_set_aside(
    workspace: Workspace, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("send2trash.send2trash", refuse)
    paths = write_shoot(small_disk / "shoot", 2)
    drive(scan(workspace, [small_disk / "shoot"]))
    cull.set_flag(workspace, listing.ids_at(workspace, paths[:1]), Flag.REJECT)
    listed = removal.rejects(workspace)
    before = tree(small_disk / "shoot")
    fill(small_disk)
    done = drive(removal.remove(workspace, listed)) or ()
    kept = tree(small_disk / "shoot")
    aside = small_disk / "shoot" / "_Rejected"
    assert kept | (tree(aside) if aside.exists() else {}) == before
    assert [item.action for item in done] == (["kept"] if kept == before else ["set aside"])


def test_a_catalog_on_a_full_disk_keeps_what_it_has_and_goes_on(tmp_path: Path, small_disk: Path) -> None:
    data = Places(small_disk / "data", tmp_path / "config", tmp_path / "cache", tmp_path / "logs")
    workspace = open_workspace(data)
    paths = write_shoot(tmp_path / "shoot", 20)
    drive(scan(workspace, [tmp_path / "shoot"]))
    ids = listing.ids_at(workspace, paths)
    cull.set_stars(workspace, ids[:1], 4)
    fill(small_disk)
    with pytest.raises(CullerError, match="full or failing"):
        for k in range(200):
            cull.set_stars(workspace, ids, k % 2 + 1)
    with pytest.raises(CullerError, match="full or failing"):
        for _ in range(20):
            drive(look(workspace, [tmp_path / "shoot"]))
            cull.set_label(workspace, ids, ColorLabel.RED)
            cull.set_label(workspace, ids, ColorLabel.BLUE)
    assert workspace.catalog.integrity() == "ok"
    make_room(small_disk)
    cull.set_stars(workspace, ids[:1], 3)
    workspace.close()
    again = open_workspace(data)
    stars = [entry.decision.stars for entry in listing.entries(again, ids)]
    assert stars[0] == 3 and len(set(stars[1:])) == 1, "an edit was kept in part"
    again.close()
