import csv
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from pictures import write_photo, write_shoot

from culler.domain.decision import Decision, Flag
from culler.imaging import copying, placing
from culler.imaging.xmp import merge
from culler.workflow import cull, files_by_hand, listing
from culler.workflow.export import ExportReport, ExportRequest, export, select
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.score import ScoreRequest, score
from culler.workflow.workspace import Workspace


@pytest.fixture
def shoot(workspace: Workspace, tmp_path: Path) -> Path:
    """Three photos; the second is a RAW with its JPEG and sidecar."""
    folder = tmp_path / "shoot"
    paths = write_shoot(folder, 3)
    shutil.copy(paths[1], folder / "IMG_0002.CR2")
    (folder / "IMG_0002.xmp").write_bytes(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    drive(scan(workspace, [folder]))
    return folder


def exported(workspace: Workspace, to: Path, **options: object) -> ExportReport:
    ids = tuple(entry.photo.id for entry in listing.photos_in(workspace, None))
    report = drive(export(workspace, ExportRequest(ids, to, **options)))  # type: ignore[arg-type]
    assert report is not None
    return report


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_raw_and_its_jpeg_travel_together(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    exported(workspace, tmp_path / "out")
    assert names(tmp_path / "out") == ["IMG_0001.JPG", "IMG_0002.CR2", "IMG_0002.JPG", "IMG_0003.JPG"]
    assert (tmp_path / "out" / "IMG_0001.JPG").read_bytes() == (shoot / "IMG_0001.JPG").read_bytes()


def test_sidecars_come_along_when_asked(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    exported(workspace, tmp_path / "out", sidecars=True)
    assert "IMG_0002.xmp" in names(tmp_path / "out")


def test_photos_of_two_folders_do_not_become_a_pair(workspace: Workspace, tmp_path: Path) -> None:
    one, other = tmp_path / "shoot" / "one", tmp_path / "shoot" / "other"
    raw = write_photo(one / "IMG_0001.JPG", 1).rename(one / "IMG_0001.CR2")
    jpeg = write_photo(other / "IMG_0001.JPG", 2)
    for path in (raw, jpeg):
        path.with_suffix(".xmp").write_bytes(merge(None, Decision(stars=path is jpeg)))
    drive(scan(workspace, [tmp_path / "shoot"]))
    exported(workspace, tmp_path / "out")
    assert names(tmp_path / "out") == ["IMG_0001 (2).JPG", "IMG_0001.CR2"]
    exported(workspace, tmp_path / "out", sidecars=True)
    assert names(tmp_path / "out")[:2] == ["IMG_0001 (2).JPG", "IMG_0001 (2).xmp"]
    assert len(names(tmp_path / "out")) == 4, "what was exported before is found there"
    exported(workspace, tmp_path / "same", name="a")
    assert names(tmp_path / "same") == ["a (2).JPG", "a.CR2"]


def test_a_photo_beside_another_of_its_stem_keeps_its_name(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    ids = listing.ids_at(workspace, [shoot / "IMG_0002.CR2"])
    files_by_hand.split(workspace, ids)
    exported(workspace, tmp_path / "out")
    assert {"IMG_0002.CR2", "IMG_0002.JPG"} <= set(names(tmp_path / "out"))


def test_what_a_killed_export_left_behind_goes_once_nobody_can_be_writing_it(
    workspace: Workspace, shoot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    half = placing.temporary_beside(out / "IMG_0001.JPG")
    half.write_bytes(b"half a copy")
    exported(workspace, out)
    assert half.exists(), "another export may be writing it"
    monkeypatch.setattr(placing, "ABANDONED_S", -1)
    exported(workspace, out, dry_run=True)
    assert half.exists()
    exported(workspace, out)
    assert not half.exists() and "IMG_0001.JPG" in names(out)


def test_nothing_is_overwritten_and_a_photo_s_files_keep_one_name(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "IMG_0002.JPG").write_bytes(b"somebody else's")
    exported(workspace, out)
    assert (out / "IMG_0002.JPG").read_bytes() == b"somebody else's"
    assert {"IMG_0002 (2).CR2", "IMG_0002 (2).JPG"} <= set(names(out))


def test_running_again_copies_nothing_twice(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    exported(workspace, tmp_path / "out")
    report = exported(workspace, tmp_path / "out")
    assert {item.action for item in report.items} == {"exists"}
    assert len(names(tmp_path / "out")) == 4


def test_equal_names_from_two_folders_both_arrive(workspace: Workspace, tmp_path: Path) -> None:
    for k, day in enumerate(("day1", "day2")):
        write_photo(tmp_path / day / "IMG_1.JPG", seed=k)
    drive(scan(workspace, [tmp_path / "day1", tmp_path / "day2"]))
    exported(workspace, tmp_path / "out")
    assert names(tmp_path / "out") == ["IMG_1 (2).JPG", "IMG_1.JPG"]


def test_a_dry_run_touches_nothing_and_says_everything(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    report = exported(workspace, tmp_path / "out", dry_run=True, csv=tmp_path / "t.csv")
    assert not (tmp_path / "out").exists() and not (tmp_path / "t.csv").exists()
    assert {item.action for item in report.items} == {"would copy"} and len(report.items) == 4


def test_a_moved_photo_keeps_its_marks_in_its_new_place(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    (photo_id,) = listing.ids_at(workspace, [shoot / "IMG_0002.JPG"])
    cull.set_flag(workspace, [photo_id], Flag.PICK)
    drive(export(workspace, ExportRequest((photo_id,), tmp_path / "out", "move")))
    assert names(shoot) == ["IMG_0001.JPG", "IMG_0003.JPG"]
    assert names(tmp_path / "out") == ["IMG_0002.CR2", "IMG_0002.JPG", "IMG_0002.xmp"]
    report = drive(scan(workspace, [shoot, tmp_path / "out"]))
    assert report is not None and (report.added, report.changed, report.missing) == (0, 0, 0)
    (entry,) = listing.photos_in(workspace, [tmp_path / "out"])
    assert (entry.photo.id, entry.decision.flag) == (photo_id, Flag.PICK)


def test_a_move_that_cannot_take_every_file_takes_none(
    workspace: Workspace, shoot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from culler.domain.errors import CullerError

    transferring = copying.transferring

    def stumble(action: copying.Action, source: Path, target: Path) -> copying.Transferring:
        if source.suffix == ".JPG" and source.parent == shoot:
            raise CullerError("The disk is full.")
        return transferring(action, source, target)

    monkeypatch.setattr(copying, "transferring", stumble)
    (photo_id,) = listing.ids_at(workspace, [shoot / "IMG_0002.CR2"])
    report = drive(export(workspace, ExportRequest((photo_id,), tmp_path / "out", "move")))
    assert report is not None and {item.action for item in report.items} == {"failed"}
    assert {"IMG_0002.CR2", "IMG_0002.JPG", "IMG_0002.xmp"} <= set(names(shoot))


def test_links_share_the_content(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    exported(workspace, tmp_path / "out", mode="link")
    assert (tmp_path / "out" / "IMG_0003.JPG").samefile(shoot / "IMG_0003.JPG")


def test_a_vanished_file_fails_alone(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    (shoot / "IMG_0001.JPG").unlink()
    report = exported(workspace, tmp_path / "out")
    failed = [item for item in report.items if item.action == "failed"]
    assert [item.path.name for item in failed] == ["IMG_0001.JPG"] and failed[0].message
    assert len(names(tmp_path / "out")) == 3


def test_the_table_holds_levels_and_marks_and_never_a_formula(
    workspace: Workspace, tmp_path: Path, fake_judge: str
) -> None:
    write_photo(tmp_path / "s" / "=cmd.jpg", taken=datetime(2026, 1, 2, 3, 4, 5))
    drive(scan(workspace, [tmp_path / "s"]))
    drive(score(workspace, ScoreRequest((tmp_path / "s",), scorer=fake_judge)))
    exported(workspace, tmp_path / "out", csv=tmp_path / "t.csv")
    with open(tmp_path / "t.csv", encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["files"] == "'=cmd.jpg"
    assert row["taken"] == "2026-01-02T03:04:05"
    levels = [float(row[f"quality_{word}"]) for word in ("excellent", "good", "fair", "poor", "bad")]
    assert sum(levels) == pytest.approx(1)
    assert float(row["quality_mean"]) == pytest.approx(
        sum(k * p for k, p in zip((5, 4, 3, 2, 1), levels, strict=True))
    )


def test_the_best_are_chosen_by_score_and_by_marks(
    workspace: Workspace, tmp_path: Path, fake_judge: str
) -> None:
    paths = write_shoot(tmp_path / "s", 5)
    drive(scan(workspace, [tmp_path / "s"]))
    drive(score(workspace, ScoreRequest((tmp_path / "s",), scorer=fake_judge)))
    ids = listing.ids_at(workspace, paths)
    write_photo(tmp_path / "s" / "late.jpg")
    drive(scan(workspace, [tmp_path / "s"]))
    assert select(workspace, [tmp_path / "s"], top=2) == ((ids[4], ids[3]), 1)
    cull.set_stars(workspace, ids[:2], 3)
    cull.set_flag(workspace, ids[1:3], Flag.PICK)
    assert set(select(workspace, [tmp_path / "s"], min_stars=3)[0]) == set(ids[:2])
    assert select(workspace, [tmp_path / "s"], flag=Flag.PICK, min_stars=1)[0] == (ids[1],)
