"""Maker notes are read for few photos, once, and never on the way of many."""

from datetime import datetime, timedelta
from pathlib import Path

import maker_blocks as blocks
import pytest
from maker_blocks import Note, write_frame, write_noted
from pictures import write_photo, write_shoot

from culler.cli.main import run
from culler.domain.changes import Changed
from culler.domain.decision import UNMARKED
from culler.domain.photo import Bracketing, Drive, MakerFacts
from culler.imaging import maker_notes as reader
from culler.imaging.xmp import Marks, merge
from culler.ranking.groups import GroupKind
from culler.workflow import cull, groups, listing, maker_notes, sidecars
from culler.workflow.export import ExportRequest, export
from culler.workflow.job import drive
from culler.workflow.look import look
from culler.workflow.maker_notes import MakerReport
from culler.workflow.scan import scan
from culler.workflow.score import ScoreRequest, score
from culler.workflow.sidecars import WriteRequest
from culler.workflow.workspace import Workspace

NOON = datetime(2026, 5, 1, 12, 0, 0)
BRACKETED = blocks.nikon({0x0089: ("H", 0x11)})
UNBRACKETED = blocks.nikon({0x0089: ("H", 0x01)})
FOCUS_STACKED = blocks.om_system({0x0600: ("H", [5, 1, 0x40, 0, 4])})


def write_series(
    folder: Path, name: str, start_s: float, note: Note | None, biases: tuple[float, ...], seed: int = 5
) -> list[Path]:
    """Frames 0.3 s apart, exposed by these compensations."""
    return [
        write_frame(
            folder / f"{name}{k}.jpg",
            NOON + timedelta(seconds=start_s + 0.3 * k),
            note,
            exposure_s=0.01 * 2**bias_ev,
            bias_ev=bias_ev,
            seed=seed,
            brightness=0.5 * 1.2**bias_ev,
        )
        for k, bias_ev in enumerate(biases)
    ]


def write_rated(path: Path, rating: int = 4, seed: int = 0) -> Path:
    return write_noted(path, "SONY", blocks.sony({0x2002: ("I", rating)}), seed=seed)


def read(workspace: Workspace) -> MakerReport:
    report = drive(maker_notes.read(workspace))
    assert report is not None
    return report


def asked(workspace: Workspace, report: MakerReport) -> set[str]:
    names = {entry.photo.id: entry.photo.name for entry in listing.photos_in(workspace, None)}
    return {names[photo_id] for photo_id in report.facts}


def looked_at(workspace: Workspace, folder: Path) -> None:
    drive(scan(workspace, [folder]))
    drive(look(workspace, [folder]))


def test_many_photos_are_read_without_their_maker_notes(
    workspace: Workspace, tmp_path: Path, fake_judge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(reader, "read_maker_facts")
    write_rated(tmp_path / "s" / "DSC1.jpg")
    write_shoot(tmp_path / "s", 3)
    drive(scan(workspace, [tmp_path / "s"]))
    drive(look(workspace, [tmp_path / "s"]))
    drive(score(workspace, ScoreRequest((tmp_path / "s",), scorer=fake_judge)))
    ids = sidecars.photos_in(workspace, [tmp_path / "s"])
    cull.set_stars(workspace, ids, 3)
    drive(sidecars.write(workspace, WriteRequest(ids)))
    drive(export(workspace, ExportRequest(ids, tmp_path / "out")))
    assert run(["scan", str(tmp_path / "s")]) == 0


def test_a_rating_in_the_maker_notes_becomes_the_first_decision(workspace: Workspace, tmp_path: Path) -> None:
    write_rated(tmp_path / "hidden.jpg")
    write_rated(tmp_path / "marked.jpg", seed=1)
    write_photo(tmp_path / "canon.jpg", seed=3)
    drive(scan(workspace, [tmp_path]))
    cull.set_stars(workspace, listing.ids_at(workspace, [tmp_path / "marked.jpg"]), 5)
    report = read(workspace)
    assert asked(workspace, report) == {"hidden.jpg"} and len(report.rated) == 1
    stars = {e.photo.name: e.decision.stars for e in listing.photos_in(workspace, None)}
    assert stars == {"hidden.jpg": 4, "marked.jpg": 5, "canon.jpg": 0}
    assert sidecars.pending(workspace) == tuple(listing.ids_at(workspace, [tmp_path / "marked.jpg"]))


def test_a_rating_in_the_maker_notes_that_a_sidecar_cleared_stays_cleared(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = write_rated(tmp_path / "a.jpg")
    path.with_suffix(".xmp").write_bytes(merge(None, UNMARKED, beneath=Marks(stars=4)))
    drive(scan(workspace, [tmp_path]))
    assert read(workspace).rated == ()
    (entry,) = listing.photos_in(workspace, None)
    assert (entry.decision.stars, entry.photo.facts.camera_rating) == (0, 4)
    assert sidecars.pending(workspace) == ()


def test_a_mark_made_meanwhile_is_the_user_s(workspace: Workspace, tmp_path: Path) -> None:
    path = write_rated(tmp_path / "a.jpg")
    drive(scan(workspace, [tmp_path]))
    job = maker_notes.read(workspace)
    next(job)
    next(job)
    cull.set_stars(workspace, listing.ids_at(workspace, [path]), 1)
    drive(job)
    (entry,) = listing.photos_in(workspace, None)
    assert (entry.decision.stars, entry.photo.facts.camera_rating) == (1, 4)


def test_who_was_asked_is_not_asked_again_until_the_file_changes(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = write_noted(tmp_path / "silent.jpg", "SONY", blocks.sony({0x0102: ("I", 1)}))
    drive(scan(workspace, [tmp_path]))
    assert asked(workspace, read(workspace)) == {"silent.jpg"}
    assert read(workspace).facts == {}
    write_rated(path)
    drive(scan(workspace, [tmp_path]))
    assert asked(workspace, read(workspace)) == {"silent.jpg"}
    assert listing.photos_in(workspace, None)[0].decision.stars == 4


def test_a_file_that_changed_has_no_drive_until_it_is_read_again(
    workspace: Workspace, tmp_path: Path
) -> None:
    paths = write_series(tmp_path, "a", 0, BRACKETED, (0.0, -2.0, 2.0))
    looked_at(workspace, tmp_path)
    read(workspace)
    write_frame(paths[0], NOON, UNBRACKETED, seed=9)
    drive(scan(workspace, [tmp_path]))
    facts = {e.photo.name: e.photo.facts for e in listing.photos_in(workspace, None)}
    assert facts["a0.jpg"].bracketing is None
    assert (facts["a1.jpg"].drive, facts["a1.jpg"].bracketing) == (Drive.CONTINUOUS, Bracketing.EXPOSURE)


def test_frames_of_changing_exposure_are_asked_and_of_other_bursts_the_first(
    workspace: Workspace, tmp_path: Path
) -> None:
    write_series(tmp_path, "bracket", 0, BRACKETED, (0.0, -2.0, 2.0))
    write_series(tmp_path, "burst", 60, UNBRACKETED, (0.0, 0.0, 0.0, 0.0), seed=6)
    write_series(tmp_path, "pair", 120, UNBRACKETED, (0.0, 0.0), seed=7)
    looked_at(workspace, tmp_path)
    report = read(workspace)
    assert asked(workspace, report) == {"bracket0.jpg", "bracket1.jpg", "bracket2.jpg", "burst0.jpg"}
    assert read(workspace).facts == {}


def test_a_focus_stack_shot_as_fast_as_a_burst_is_known_by_the_camera_s_word(
    workspace: Workspace, tmp_path: Path
) -> None:
    write_series(tmp_path, "stack", 0, FOCUS_STACKED, (0.0,) * 4)
    looked_at(workspace, tmp_path)
    assert [g.kind for g in groups.grouped(workspace).grouping.groups] == [GroupKind.BURST]
    report = read(workspace)
    assert len(report.facts) == 4
    (group,) = groups.grouped(workspace).grouping.groups
    assert group.kind is GroupKind.FOCUS_STACK and len(group.rows) == 4
    assert read(workspace).facts == {}


def test_a_look_that_was_cancelled_goes_on_where_it_was(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maker_notes, "STEP", 1)
    write_series(tmp_path, "stack", 0, FOCUS_STACKED, (0.0,) * 4)
    looked_at(workspace, tmp_path)
    job = maker_notes.read(workspace)
    for _ in range(4):  # counting, counted, the first frame, one of the others
        progress = next(job)
    assert (progress.done, progress.total) == (2, 4)
    assert progress.changes.facets == {Changed.FACTS}
    job.close()
    (group,) = groups.grouped(workspace).grouping.groups
    assert (group.kind, len(group.rows)) == (GroupKind.FOCUS_STACK, 4)
    assert len(read(workspace).facts) == 2


def test_a_file_that_is_gone_is_passed_over(workspace: Workspace, tmp_path: Path) -> None:
    path = write_rated(tmp_path / "a.jpg")
    drive(scan(workspace, [tmp_path]))
    path.unlink()
    assert read(workspace).facts == {}


@pytest.mark.corpus
def test_a_real_camera_s_rating_is_found(workspace: Workspace, corpus: Path) -> None:
    drive(scan(workspace, [corpus / "photos" / "cameras"]))
    report = read(workspace)
    found = {e.photo.name: e.photo for e in listing.photos_in(workspace, None)}
    assert report.facts[found["r_sony.jpg"].id] == MakerFacts(Drive.SINGLE, Bracketing.NONE, 0)
    assert found["r_sony.jpg"].facts.camera_rating == 0
