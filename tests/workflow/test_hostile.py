"""A photographer's real world: folders by two names, files that come and go, disks that vanish, two
Cullers at once."""

import os
import shutil
import sqlite3
import threading
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from pictures import write_photo, write_shoot

from culler.domain.assessment import Stage
from culler.domain.decision import Flag
from culler.domain.errors import CullerError
from culler.workflow import cull, listing
from culler.workflow.export import ExportRequest, export, select
from culler.workflow.job import drive
from culler.workflow.look import look
from culler.workflow.scan import ScanReport, scan
from culler.workflow.score import ScoreReport, ScoreRequest, score
from culler.workflow.workspace import Workspace, open_workspace

unprivileged = pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind this user"
)


def scanned(workspace: Workspace, *roots: Path) -> ScanReport:
    report = drive(scan(workspace, roots))
    assert report is not None
    return report


def scored(workspace: Workspace, *folders: Path) -> ScoreReport:
    report = drive(score(workspace, ScoreRequest(folders, scorer="fake")))
    assert report is not None
    return report


def names(workspace: Workspace, *roots: Path) -> list[str]:
    return [entry.photo.relative_path for entry in listing.photos_in(workspace, roots)]


def pick(workspace: Workspace, path: Path) -> None:
    cull.set_flag(workspace, listing.ids_at(workspace, [path]), Flag.PICK)


def picked(workspace: Workspace, *roots: Path) -> list[str]:
    found = listing.photos_in(workspace, roots)
    return [entry.photo.name for entry in found if entry.decision.flag is Flag.PICK]


# --- one folder by two paths ---------------------------------------------------------------------


def test_a_folder_reached_through_a_link_is_the_same_folder(workspace: Workspace, tmp_path: Path) -> None:
    write_shoot(tmp_path / "shoot", 2)
    (tmp_path / "link").symlink_to(tmp_path / "shoot")
    scanned(workspace, tmp_path / "shoot")
    pick(workspace, tmp_path / "link" / "IMG_0001.JPG")
    report = scanned(workspace, tmp_path / "link")
    assert (report.added, report.unchanged, report.missing) == (0, 2, 0)
    assert picked(workspace, tmp_path / "shoot") == picked(workspace, tmp_path / "link") == ["IMG_0001.JPG"]


def test_a_parent_takes_over_a_folder_that_was_known_through_a_link(
    workspace: Workspace, tmp_path: Path
) -> None:
    write_shoot(tmp_path / "all" / "shoot", 2)
    (tmp_path / "link").symlink_to(tmp_path / "all" / "shoot")
    scanned(workspace, tmp_path / "link")
    pick(workspace, tmp_path / "link" / "IMG_0001.JPG")
    report = scanned(workspace, tmp_path / "all")
    assert (report.added, report.unchanged, report.missing) == (0, 2, 0)
    assert picked(workspace, tmp_path / "all") == ["IMG_0001.JPG"]


def test_a_link_that_sorts_first_does_not_hide_the_photos_behind_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    write_shoot(tmp_path / "z shoot", 2)
    scanned(workspace, tmp_path / "z shoot")
    pick(workspace, tmp_path / "z shoot" / "IMG_0001.JPG")
    (tmp_path / "a link").symlink_to(tmp_path / "z shoot")
    report = scanned(workspace, tmp_path)
    assert (report.added, report.missing) == (0, 0)
    assert names(workspace, tmp_path) == ["z shoot/IMG_0001.JPG", "z shoot/IMG_0002.JPG"]
    assert picked(workspace, tmp_path) == ["IMG_0001.JPG"]


def test_a_path_with_dots_addresses_the_photo(workspace: Workspace, tmp_path: Path) -> None:
    write_shoot(tmp_path / "shoot", 1)
    scanned(workspace, tmp_path / "shoot")
    roundabout = tmp_path / "shoot" / ".." / "shoot" / "IMG_0001.JPG"
    assert len(listing.ids_at(workspace, [roundabout, tmp_path / "shoot" / "IMG_0001.JPG"])) == 1


def test_naming_one_photo_reads_its_folder_and_not_those_inside(workspace: Workspace, tmp_path: Path) -> None:
    write_shoot(tmp_path, 1)
    write_shoot(tmp_path / "inner", 1)
    pick(workspace, tmp_path / "IMG_0001.JPG")
    assert names(workspace, tmp_path) == ["IMG_0001.JPG"]
    assert scanned(workspace, tmp_path).added == 1
    write_photo(tmp_path / "late.jpg")
    pick(workspace, tmp_path / "late.jpg")
    assert len(names(workspace, tmp_path)) == 3


def test_names_with_wildcards_do_not_mix_folders_that_a_parent_takes_over(
    workspace: Workspace, tmp_path: Path
) -> None:
    for name in ("a_b", "aXb", "a%"):
        write_shoot(tmp_path / name, 1)
        scanned(workspace, tmp_path / name)
    assert scanned(workspace, tmp_path).unchanged == 3
    assert names(workspace, tmp_path / "a_b") == ["a_b/IMG_0001.JPG"]


def test_a_hidden_folder_scanned_by_itself_stays_when_its_parent_is_scanned(
    workspace: Workspace, tmp_path: Path
) -> None:
    write_shoot(tmp_path / "_Rejected", 1)
    write_shoot(tmp_path, 1)
    scanned(workspace, tmp_path / "_Rejected")
    assert scanned(workspace, tmp_path).missing == 0
    assert scanned(workspace, tmp_path / "_Rejected").unchanged == 1


# --- pairs that come and go ----------------------------------------------------------------------


@pytest.fixture
def trio(tmp_path: Path) -> Path:
    """A JPEG and two RAWs of one stem: three photos; without one of the RAWs, one photo."""
    folder = tmp_path / "trio"
    write_photo(folder / "A.jpg", taken=datetime(2026, 1, 1))
    for name in ("A.CR2", "A.DNG"):
        shutil.copy(folder / "A.jpg", folder / name)
    return folder


def test_photos_that_become_one_keep_the_marks_of_both(workspace: Workspace, trio: Path) -> None:
    scanned(workspace, trio)
    pick(workspace, trio / "A.jpg")
    cull.set_stars(workspace, listing.ids_at(workspace, [trio / "A.CR2"]), 3)
    (trio / "A.DNG").unlink()
    scanned(workspace, trio)
    (entry,) = listing.photos_in(workspace, [trio])
    assert [path.name for path in entry.photo.paths] == ["A.CR2", "A.jpg"]
    assert (entry.decision.flag, entry.decision.stars) == (Flag.PICK, 3)


def test_files_of_a_pair_may_go_and_come_in_any_order(workspace: Workspace, trio: Path) -> None:
    aside = trio.parent / "aside"
    aside.mkdir()
    scanned(workspace, trio)
    for step in (
        "-A.DNG",
        "-A.CR2",
        "+A.CR2",
        "-A.jpg",
        "+A.jpg",
        "+A.DNG",
        "-A.CR2",
        "-A.jpg",
        "+A.jpg",
        "+A.CR2",
    ):
        there, gone = (trio, aside) if step[0] == "-" else (aside, trio)
        os.rename(there / step[1:], gone / step[1:])
        scanned(workspace, trio)
        shown = [path for entry in listing.photos_in(workspace, [trio]) for path in entry.photo.paths]
        assert sorted(shown) == sorted(trio.iterdir()), step
        assert scanned(workspace, trio).added == 0, step


def test_a_sidecar_that_appears_causes_no_rescore(
    workspace: Workspace, tmp_path: Path, fake_judge: str
) -> None:
    write_shoot(tmp_path, 1)
    scanned(workspace, tmp_path)
    scored(workspace, tmp_path)
    (tmp_path / "IMG_0001.xmp").write_text("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    assert scanned(workspace, tmp_path).changed == 1
    assert not scored(workspace, tmp_path).scored


@pytest.mark.parametrize("mtime_ns", [0, -(10**18), 4 * 10**18, 1])
def test_odd_clocks_neither_fail_nor_rescore(
    workspace: Workspace, tmp_path: Path, fake_judge: str, mtime_ns: int
) -> None:
    (photo,) = write_shoot(tmp_path, 1)
    os.utime(photo, ns=(mtime_ns, mtime_ns))
    scanned(workspace, tmp_path)
    assert len(scored(workspace, tmp_path).scored) == 1
    assert scanned(workspace, tmp_path).unchanged == 1
    os.utime(photo, ns=(mtime_ns + 10**9, mtime_ns + 10**9))
    assert scanned(workspace, tmp_path).changed == 1
    assert len(scored(workspace, tmp_path).scored) == 1


# --- what passes -----------------------------------------------------------------------------------


def test_a_disk_that_comes_back_is_scored_though_it_was_gone_before(
    workspace: Workspace, tmp_path: Path, fake_judge: str
) -> None:
    write_shoot(tmp_path / "card", 3)
    scanned(workspace, tmp_path / "card")
    os.rename(tmp_path / "card", tmp_path / "away")
    report = scored(workspace, tmp_path / "card")
    assert not report.scored and report.failed == 3
    os.rename(tmp_path / "away", tmp_path / "card")
    scanned(workspace, tmp_path / "card")
    assert len(scored(workspace, tmp_path / "card").scored) == 3
    assert not any(entry.failures for entry in listing.photos_in(workspace, [tmp_path / "card"]))


def test_what_could_not_be_looked_at_is_looked_at_again(workspace: Workspace, tmp_path: Path) -> None:
    (photo,) = write_shoot(tmp_path / "card", 1)
    scanned(workspace, tmp_path / "card")
    os.rename(photo, tmp_path / "away.jpg")
    drive(look(workspace, [tmp_path / "card"]))
    os.rename(tmp_path / "away.jpg", photo)
    drive(look(workspace, [tmp_path / "card"]))
    (entry,) = listing.photos_in(workspace, [tmp_path / "card"])
    assert not entry.failures


def test_a_forbidden_file_is_read_once_it_is_allowed(
    workspace: Workspace, tmp_path: Path, fake_judge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_shoot(tmp_path, 2)

    def forbidden(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as context:
        context.setattr("culler.imaging.exif.read_facts", forbidden)
        scanned(workspace, tmp_path)
    first, _ = listing.photos_in(workspace, [tmp_path])
    assert [failure.stage for failure in first.failures] == [Stage.SCAN]
    assert "IMG_0001.JPG: permission denied" in first.failures[0].message
    assert scanned(workspace, tmp_path).changed == 2
    for entry in listing.photos_in(workspace, [tmp_path]):
        assert not entry.failures and entry.photo.facts.camera == "Canon EOS R6"
    assert scanned(workspace, tmp_path).changed == 0


@unprivileged
def test_a_folder_that_cannot_be_looked_into_keeps_its_photos(workspace: Workspace, tmp_path: Path) -> None:
    write_shoot(tmp_path / "in", 1)
    scanned(workspace, tmp_path)
    (tmp_path / "in").chmod(0)
    try:
        report = scanned(workspace, tmp_path)
        assert report.missing == 0 and [each.path.name for each in report.troubles] == ["in"]
        with pytest.raises(CullerError, match="Cannot look into"):
            scanned(workspace, tmp_path / "in")
    finally:
        (tmp_path / "in").chmod(0o755)


def test_a_folder_that_vanishes_during_the_scan_is_no_error(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_shoot(tmp_path / name, 70)
    job = scan(workspace, [tmp_path])
    while next(job).done < 60:
        pass
    shutil.rmtree(tmp_path / "b")
    drive(job)
    assert scanned(workspace, tmp_path).total == 70


# --- two Cullers -----------------------------------------------------------------------------------


def test_two_scans_of_a_new_folder_at_once_find_each_photo_once(workspace: Workspace, tmp_path: Path) -> None:
    write_shoot(tmp_path, 80)
    other = open_workspace()
    first, second = scan(workspace, [tmp_path]), scan(other, [tmp_path])
    for _ in range(2):  # both have read the same state before either writes
        next(first), next(second)
    assert drive(second) is not None and drive(first) is not None
    other.close()
    assert len(names(workspace, tmp_path)) == 80
    with workspace.catalog.read() as tx:
        assert tx.exec_driver_sql("SELECT MAX(revision), COUNT(*) FROM photo").one() == (1, 80)


def test_two_scans_of_a_changed_file_make_one_new_revision(workspace: Workspace, tmp_path: Path) -> None:
    (photo,) = write_shoot(tmp_path, 1)
    scanned(workspace, tmp_path)
    os.utime(photo, ns=(10**18, 10**18))
    first, second = scan(workspace, [tmp_path]), scan(workspace, [tmp_path])
    next(first), next(second)
    drive(first), drive(second)
    (entry,) = listing.photos_in(workspace, [tmp_path])
    assert entry.photo.revision == 2


def test_two_cullers_share_the_work_and_no_score_is_made_again(
    workspace: Workspace, tmp_path: Path, fake_judge: str
) -> None:
    count = 120
    write_shoot(tmp_path, count)
    scanned(workspace, tmp_path)
    other = open_workspace()
    jobs = [score(each, ScoreRequest((tmp_path,), scorer="fake")) for each in (workspace, other)]
    reports: list[ScoreReport] = []
    moments: dict[object, object] = {}
    waiting = list(jobs)
    while waiting:
        for job in list(waiting):
            try:
                next(job)
            except StopIteration as finished:
                reports.append(finished.value)
                waiting.remove(job)
        with workspace.catalog.read() as tx:
            rows = tx.exec_driver_sql("SELECT photo_id, aspect, created_at FROM assessment").all()
        present = {row[:2]: row[2] for row in map(tuple, rows)}
        assert all(present[key] == moment for key, moment in moments.items())
        moments = present
    other.close()
    assert len(moments) == 2 * count
    in_hand = 2 * (2 * 4 + 2 * 8)  # both sides' work under way when they meet
    assert sum(len(report.scored) for report in reports) <= count + in_hand


def test_a_catalog_that_another_program_holds_for_a_moment_is_waited_for(
    workspace: Workspace, tmp_path: Path
) -> None:
    (photo,) = write_shoot(tmp_path, 1)
    scanned(workspace, tmp_path)
    holder = sqlite3.connect(workspace.catalog.path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.5, lambda: holder.execute("ROLLBACK"))
    release.start()
    pick(workspace, photo)
    release.join()
    holder.close()
    assert picked(workspace, tmp_path) == [photo.name]


# --- export ----------------------------------------------------------------------------------------


def exported(workspace: Workspace, folder: Path, to: Path, mode: str) -> Counter[str]:
    scanned(workspace, folder)
    ids, _ = select(workspace, [folder])
    report = drive(export(workspace, ExportRequest(ids, to, mode)))
    assert report is not None
    return Counter(item.action for item in report.items)


@pytest.mark.parametrize("mode", ["copy", "move", "link"])
def test_an_export_into_a_folder_inside_its_source_does_not_grow(
    workspace: Workspace, tmp_path: Path, mode: str
) -> None:
    write_shoot(tmp_path / "a", 2)
    write_photo(tmp_path / "b" / "IMG_0001.JPG", seed=9)
    exported(workspace, tmp_path, tmp_path / "picks", mode)
    first = sorted(path.name for path in (tmp_path / "picks").iterdir())
    for _ in range(2):
        assert set(exported(workspace, tmp_path, tmp_path / "picks", mode)) == {"exists"}
    assert first == ["IMG_0001 (2).JPG", "IMG_0001.JPG", "IMG_0002.JPG"]
    assert sorted(path.name for path in (tmp_path / "picks").iterdir()) == first


@pytest.mark.parametrize("mode", ["copy", "move", "link"])
def test_an_export_into_its_own_folder_changes_nothing(
    workspace: Workspace, tmp_path: Path, mode: str
) -> None:
    write_shoot(tmp_path, 2)
    assert exported(workspace, tmp_path, tmp_path / "." / ".." / tmp_path.name, mode) == {"exists": 2}
    assert len(list(tmp_path.iterdir())) == 2


def test_an_export_into_a_file_is_a_sentence(workspace: Workspace, tmp_path: Path) -> None:
    write_shoot(tmp_path / "shoot", 1)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(CullerError, match="is a file, not a folder"):
        exported(workspace, tmp_path / "shoot", tmp_path / "file", "copy")
