"""Copies are verified, nothing is overwritten, and interruptions and full disks leave nothing half-done."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from culler.domain.errors import CullerError
from culler.imaging import copying, placing
from culler.imaging.copying import (
    Action,
    Outcome,
    TargetTaken,
    copy_file,
    move_file,
    transfer,
    transferring,
)
from culler.imaging.placing import leftovers
from culler.imaging.xmp_files import write_atomically, write_marks


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "card" / "DSC_0412.JPG"
    path.parent.mkdir()
    Image.effect_noise((320, 240), 80).save(path)
    path.chmod(0o640)
    os.utime(path, ns=(1_700_000_000_000_000_000, 1_700_000_000_123_456_000))
    return path


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte; only root may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("needs root on Linux")
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def other_disk() -> Path:
    folder = Path("/dev/shm")
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        pytest.skip("needs a second disk")
    return folder


def test_a_copy_has_the_content_the_times_and_the_mode(photo: Path, tmp_path: Path) -> None:
    done = copy_file(photo, tmp_path / "out" / "deep" / "new.JPG")
    assert (done.outcome, done.size_bytes) == (Outcome.COPIED, photo.stat().st_size)
    assert done.target.read_bytes() == photo.read_bytes()
    assert (done.target.stat().st_mtime_ns, done.target.stat().st_mode) == (
        photo.stat().st_mtime_ns,
        photo.stat().st_mode,
    )
    assert [path.name for path in done.target.parent.iterdir()] == ["new.JPG"]


@pytest.mark.parametrize("action", list(Action))
def test_no_action_overwrites_another_file(photo: Path, tmp_path: Path, action: Action) -> None:
    taken = tmp_path / "out.JPG"
    taken.write_bytes(b"mine")
    with pytest.raises(TargetTaken, match=r"out\.JPG already exists with other content"):
        transfer(action, photo, taken)
    assert taken.read_bytes() == b"mine"
    assert photo.exists()
    dangling = tmp_path / "dangling.JPG"
    dangling.symlink_to(tmp_path / "nowhere")
    with pytest.raises(TargetTaken):
        transfer(action, photo, dangling)
    assert dangling.is_symlink()
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("action", [Action.COPY, Action.HARD_LINK, Action.SYMLINK])
def test_a_second_run_finds_what_is_already_there(photo: Path, tmp_path: Path, action: Action) -> None:
    first = transfer(action, photo, tmp_path / "out.JPG")
    before = (tmp_path / "out.JPG").lstat().st_mtime_ns
    again = transfer(action, photo, tmp_path / "out.JPG")
    assert first.outcome in (Outcome.COPIED, Outcome.LINKED)
    assert again.outcome is Outcome.ALREADY_THERE
    assert (tmp_path / "out.JPG").lstat().st_mtime_ns == before


def test_equal_size_does_not_pass_for_equal_content(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "out.JPG").write_bytes(photo.read_bytes()[:-1] + b"x")
    with pytest.raises(TargetTaken):
        copy_file(photo, tmp_path / "out.JPG")


def test_links_lead_to_the_photo(photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(photo.parent)
    transfer(Action.SYMLINK, Path(photo.name), tmp_path / "soft.JPG")
    transfer(Action.HARD_LINK, Path(photo.name), tmp_path / "hard.JPG")
    assert (tmp_path / "soft.JPG").resolve() == photo
    assert os.path.samefile(tmp_path / "hard.JPG", photo)


def test_a_move_on_one_disk_is_a_rename(photo: Path, tmp_path: Path) -> None:
    inode = photo.stat().st_ino
    done = move_file(photo, tmp_path / "out.JPG")
    assert done.outcome is Outcome.MOVED
    assert (tmp_path / "out.JPG").stat().st_ino == inode
    assert not photo.exists()
    move_file(tmp_path / "out.JPG", photo)
    assert photo.stat().st_ino == inode


def test_a_move_to_another_disk_is_a_verified_copy_and_a_removal(photo: Path) -> None:
    target = other_disk() / f"culler-test-{os.getpid()}.JPG"
    content = photo.read_bytes()
    if photo.stat().st_dev == target.parent.stat().st_dev:
        pytest.skip("needs a second disk")
    try:
        done = move_file(photo, target)
        assert (done.outcome, target.read_bytes(), photo.exists()) == (Outcome.MOVED, content, False)
        assert done.digest is not None
    finally:
        target.unlink(missing_ok=True)


def test_an_interrupted_move_between_disks_is_finished_by_the_next_run(photo: Path, tmp_path: Path) -> None:
    copy_file(photo, tmp_path / "out.JPG")
    assert move_file(photo, tmp_path / "out.JPG").outcome is Outcome.MOVED
    assert not photo.exists()
    assert (tmp_path / "out.JPG").stat().st_size > 0


def test_a_move_onto_another_name_of_itself_removes_nothing(photo: Path, tmp_path: Path) -> None:
    assert move_file(photo, photo).outcome is Outcome.ALREADY_THERE
    (tmp_path / "linked").symlink_to(photo.parent)
    assert move_file(photo, tmp_path / "linked" / photo.name).outcome is Outcome.ALREADY_THERE
    (tmp_path / "soft.JPG").symlink_to(photo)
    assert move_file(photo, tmp_path / "soft.JPG").outcome is Outcome.ALREADY_THERE
    assert photo.exists()


def test_a_link_is_not_moved_away_from_its_file(photo: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.JPG"
    link.symlink_to(photo)
    with pytest.raises(CullerError, match="is a link"):
        move_file(link, tmp_path / "out" / "link.JPG")
    assert link.is_symlink()


def test_a_copy_that_reads_back_differently_is_not_kept(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bad_disk(file: object) -> None:
        for path in leftovers(tmp_path / "out"):
            path.write_bytes(path.read_bytes()[:-1] + b"?")

    monkeypatch.setattr(copying, "_forget_cached", bad_disk)
    with pytest.raises(CullerError, match="read back differently"):
        copy_file(photo, tmp_path / "out" / "a.JPG")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_photo_that_changes_while_it_is_copied_is_not_kept(photo: Path, tmp_path: Path) -> None:
    steps = transferring(Action.COPY, photo, tmp_path / "a.JPG")
    next(steps)
    with open(photo, "ab") as file:
        file.write(b"more")
    with pytest.raises(CullerError, match="changed while it was being copied"):
        list(steps)
    assert leftovers(tmp_path) == []
    assert not (tmp_path / "a.JPG").exists()


def test_a_cancelled_copy_leaves_nothing(photo: Path, tmp_path: Path) -> None:
    steps = transferring(Action.COPY, photo, tmp_path / "out" / "a.JPG")
    assert next(steps) == photo.stat().st_size
    steps.close()
    assert list((tmp_path / "out").iterdir()) == []


def test_a_name_taken_at_the_last_moment_stays(photo: Path, tmp_path: Path) -> None:
    steps = transferring(Action.COPY, photo, tmp_path / "a.JPG")
    next(steps)
    (tmp_path / "a.JPG").write_bytes(b"mine")
    with pytest.raises(TargetTaken):
        list(steps)
    assert (tmp_path / "a.JPG").read_bytes() == b"mine"
    assert leftovers(tmp_path) == []


def test_a_missing_photo_is_a_sentence(tmp_path: Path) -> None:
    for action in Action:
        with pytest.raises(CullerError, match=r"^Cannot .* DSC\.NEF to .*gone"):
            transfer(action, tmp_path / "DSC.NEF", tmp_path / "out" / "DSC.NEF")


def test_a_full_disk_ends_in_a_sentence_and_loses_nothing(photo: Path, small_disk: Path) -> None:
    with open(photo, "ab") as file:
        file.write(os.urandom(2_000_000))
    size = photo.stat().st_size
    for act in (copy_file, move_file):
        with pytest.raises(CullerError, match=r"DSC_0412\.JPG to .*: the disk is full"):
            act(photo, small_disk / "a.JPG")
        assert list(small_disk.iterdir()) == []
        assert photo.stat().st_size == size


def test_a_full_disk_leaves_the_sidecar_as_it_was(small_disk: Path) -> None:
    from culler.domain.decision import Decision

    sidecar = small_disk / "IMG.xmp"
    write_marks(sidecar, Decision(stars=3), scores={"Filler": "x" * 300_000})
    before = sidecar.read_bytes()
    with pytest.raises(OSError, match="space"), open(small_disk / "rest", "wb", buffering=0) as file:
        for _ in range(1000):
            file.write(b"x" * 4096)
    with pytest.raises(CullerError, match=r"^Cannot write IMG\.xmp: the disk is full"):
        write_marks(sidecar, Decision(stars=5), overrule=True)
    with pytest.raises(CullerError, match=r"^Cannot write IMG\.xmp: the disk is full"):
        write_atomically(sidecar, before)
    assert sidecar.read_bytes() == before
    assert leftovers(small_disk) == []


def test_a_killed_copy_leaves_no_half_file_under_a_final_name(tmp_path: Path) -> None:
    source = tmp_path / "big.mov"
    source.write_bytes(os.urandom(8_000_000))
    code = (
        "import sys; from pathlib import Path; from culler.imaging.copying import copy_file\n"
        "print('ready', flush=True)\n"
        "for n in range(1000): copy_file(Path(sys.argv[1]), Path(sys.argv[2]) / f'{n}.mov')"
    )
    out = tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(source), str(out)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.15)
    process.kill()
    process.wait()
    process.stdout.close()
    content = source.read_bytes()
    finals = [path for path in out.iterdir() if path not in leftovers(out)]
    assert all(path.read_bytes() == content for path in finals)
    for path in finals:
        assert copy_file(source, path).outcome is Outcome.ALREADY_THERE


@pytest.mark.parametrize("links", [True, False])
def test_systems_without_exclusive_renames_overwrite_nothing_either(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    monkeypatch.setattr(placing, "_special_rename", lambda *args, **kwargs: False)
    if not links:

        def no_links(*args: object) -> None:
            raise OSError(95, "Operation not supported")

        monkeypatch.setattr(os, "link", no_links)
    assert copy_file(photo, tmp_path / "a.JPG").outcome is Outcome.COPIED
    (tmp_path / "b.JPG").write_bytes(b"mine")
    with pytest.raises(TargetTaken):
        move_file(photo, tmp_path / "b.JPG")
    assert move_file(photo, tmp_path / "c.JPG").outcome is Outcome.MOVED
    assert (tmp_path / "b.JPG").read_bytes() == b"mine"
    assert leftovers(tmp_path) == []
