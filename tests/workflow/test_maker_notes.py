"""Maker notes are read for few photos, when asked, and never on the way of many."""

from datetime import datetime
from pathlib import Path

import pytest
from pictures import picture, write_photo, write_shoot
from PIL import Image

from culler.cli.main import run
from culler.imaging import exif
from culler.imaging.exif import MakerFacts
from culler.workflow import cull, listing, maker_notes, sidecars
from culler.workflow.export import ExportRequest, export
from culler.workflow.job import drive
from culler.workflow.look import look
from culler.workflow.maker_notes import MakerReport
from culler.workflow.scan import scan
from culler.workflow.score import ScoreRequest, score
from culler.workflow.sidecars import WriteRequest
from culler.workflow.workspace import Workspace


def write_sony(path: Path, seed: int = 0, rating: int | None = None) -> Path:
    tags = Image.Exif()
    tags[0x010F], tags[0x0110] = "SONY", "ILCE-7M4"
    if rating is not None:
        tags[0x4746] = rating
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(seed).save(path, exif=tags)
    return path


def write_frame(path: Path, second: int, bias_ev: float, seed: int = 5) -> Path:
    tags = Image.Exif()
    tags[0x010F], tags[0x0110] = "Canon", "Canon EOS R6"
    details = tags.get_ifd(0x8769)
    details[0x9003] = datetime(2026, 5, 1, 12, 0, second).strftime("%Y:%m:%d %H:%M:%S")
    details[0x829A], details[0x829D], details[0x8827] = 0.01 * 2**bias_ev, 8.0, 100
    details[0x9204] = bias_ev
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(seed, brightness=0.5 * 1.2**bias_ev).save(path, exif=tags)
    return path


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> dict[str, MakerFacts]:
    """What maker notes say, by file name; reading another file's fails the test."""
    said: dict[str, MakerFacts] = {}
    monkeypatch.setattr(exif, "read_maker_facts", lambda path: said[path.name])
    return said


def read(workspace: Workspace) -> MakerReport:
    report = drive(maker_notes.read(workspace))
    assert report is not None
    return report


def test_many_photos_are_read_without_their_maker_notes(
    workspace: Workspace, tmp_path: Path, notes: dict[str, MakerFacts], fake_judge: str
) -> None:
    write_sony(tmp_path / "s" / "DSC1.jpg")
    write_shoot(tmp_path / "s", 3)
    drive(scan(workspace, [tmp_path / "s"]))
    drive(look(workspace, [tmp_path / "s"]))
    drive(score(workspace, ScoreRequest((tmp_path / "s",), scorer=fake_judge)))
    ids = sidecars.photos_in(workspace, [tmp_path / "s"])
    cull.set_stars(workspace, ids, 3)
    drive(sidecars.write(workspace, WriteRequest(ids)))
    drive(export(workspace, ExportRequest(ids, tmp_path / "out")))
    assert run(["scan", str(tmp_path / "s")]) == 0


def test_a_rating_in_the_maker_notes_becomes_the_first_decision(
    workspace: Workspace, tmp_path: Path, notes: dict[str, MakerFacts]
) -> None:
    write_sony(tmp_path / "hidden.jpg")
    write_sony(tmp_path / "marked.jpg", seed=1)
    write_sony(tmp_path / "open.jpg", seed=2, rating=2)
    write_photo(tmp_path / "canon.jpg", seed=3)
    drive(scan(workspace, [tmp_path]))
    cull.set_stars(workspace, listing.ids_at(workspace, [tmp_path / "marked.jpg"]), 5)
    notes["hidden.jpg"] = MakerFacts("Normal", None, 4)
    report = read(workspace)
    assert len(report.facts) == 1 and len(report.rated) == 1
    stars = {e.photo.name: e.decision.stars for e in listing.photos_in(workspace, None)}
    assert stars == {"hidden.jpg": 4, "marked.jpg": 5, "open.jpg": 2, "canon.jpg": 0}
    assert sidecars.pending(workspace) == tuple(listing.ids_at(workspace, [tmp_path / "marked.jpg"]))
    assert read(workspace).facts == {}, "what was found is not looked for again"


def test_a_mark_made_meanwhile_is_the_user_s(
    workspace: Workspace, tmp_path: Path, notes: dict[str, MakerFacts]
) -> None:
    path = write_sony(tmp_path / "a.jpg")
    drive(scan(workspace, [tmp_path]))
    notes["a.jpg"] = MakerFacts(rating=4)
    job = maker_notes.read(workspace)
    next(job)
    cull.set_stars(workspace, listing.ids_at(workspace, [path]), 1)
    drive(job)
    (entry,) = listing.photos_in(workspace, None)
    assert (entry.decision.stars, entry.photo.facts.camera_rating) == (1, 4)


def test_frames_of_changing_exposure_are_asked_for_their_bracketing(
    workspace: Workspace, tmp_path: Path, notes: dict[str, MakerFacts]
) -> None:
    for k, bias_ev in enumerate((0.0, -2.0, 2.0)):
        write_frame(tmp_path / f"bracket{k}.jpg", k, bias_ev)
        notes[f"bracket{k}.jpg"] = MakerFacts("Continuous", "AEB", None)
    for k in range(3):
        write_frame(tmp_path / f"burst{k}.jpg", 30 + k, 0.0, seed=6)
    drive(scan(workspace, [tmp_path]))
    drive(look(workspace, [tmp_path]))
    report = read(workspace)
    names = {entry.photo.id: entry.photo.name for entry in listing.photos_in(workspace, None)}
    assert {names[photo_id] for photo_id in report.facts} == {f"bracket{k}.jpg" for k in range(3)}
    assert {said.bracket for said in report.facts.values()} == {"AEB"}


def test_a_file_that_is_gone_is_passed_over(workspace: Workspace, tmp_path: Path) -> None:
    path = write_sony(tmp_path / "a.jpg")
    drive(scan(workspace, [tmp_path]))
    path.unlink()
    assert read(workspace).facts == {}


@pytest.mark.corpus
def test_a_real_camera_s_rating_is_found(workspace: Workspace, corpus: Path) -> None:
    drive(scan(workspace, [corpus / "photos" / "cameras"]))
    report = read(workspace)
    names = {e.photo.id: e.photo for e in listing.photos_in(workspace, None)}
    rated = {
        names[i].name: names[i].facts.camera_rating
        for i, said in report.facts.items()
        if said.rating is not None
    }
    assert rated["r_sony.jpg"] == 0
