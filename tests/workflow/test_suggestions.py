import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from pictures import picture, write_photo
from PIL import Image, ImageFilter

from culler.domain.decision import Flag
from culler.ranking.suggest import ReasonKind, Suggestion, SuggestionKind
from culler.workflow import cull, groups, listing, suggestions
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.score import ScoreRequest, score
from culler.workflow.workspace import Workspace

NOON = datetime(2026, 5, 1, 12)


def write_burst(folder: Path) -> None:
    """Four frames of one scene: as it is, soft, with a white sky, black below."""
    scene = picture(4, (640, 480), brightness=0.45)
    pixels = np.asarray(scene)
    white, black = pixels.copy(), pixels.copy()
    white[:60] = 255
    black[-40:] = 0
    frames = {
        "fine": scene,
        "soft": scene.filter(ImageFilter.GaussianBlur(3)),
        "white": Image.fromarray(white),
        "black": Image.fromarray(black),
    }
    for k, (name, image) in enumerate(frames.items()):
        path = write_photo(folder / f"{name}.jpg", taken=NOON + timedelta(milliseconds=300 * k))
        with Image.open(path) as made:
            exif = made.getexif()
        image.save(path, quality=95, exif=exif)


def told(workspace: Workspace) -> dict[str, Suggestion]:
    said = suggestions.suggest(workspace, max_lost_keepers=1.0)
    names = {e.photo.id: e.photo.name for e in listing.photos_in(workspace, None)}
    return {names[each.photo_id]: each for each in said.each}


def kinds(suggestion: Suggestion) -> set[ReasonKind]:
    return {reason.kind for reason in suggestion.reasons}


@pytest.fixture
def burst(workspace: Workspace, tmp_path: Path) -> Path:
    write_burst(tmp_path)
    drive(scan(workspace, [tmp_path]))
    drive(score(workspace, ScoreRequest((tmp_path,), scorer="embedded")))
    return tmp_path


def test_reasons_name_what_was_measured(workspace: Workspace, burst: Path) -> None:
    said = told(workspace)
    assert ReasonKind.SOFTEST in kinds(said["soft.jpg"])
    assert "softest of the burst" in {reason.text for reason in said["soft.jpg"].reasons}
    assert ReasonKind.HIGHLIGHTS in kinds(said["white.jpg"])
    assert ReasonKind.SHADOWS in kinds(said["black.jpg"])
    assert not {ReasonKind.SOFTEST, ReasonKind.HIGHLIGHTS, ReasonKind.SHADOWS} & kinds(said["fine.jpg"])


def test_closed_eyes_are_a_reason_where_faces_are_stored(workspace: Workspace, burst: Path) -> None:
    ids = listing.ids_at(workspace, [burst / "soft.jpg", burst / "white.jpg"])
    connection = sqlite3.connect(workspace.places.catalog)
    for photo_id, eyes in zip(ids, ("closed", None), strict=True):
        connection.execute(
            "INSERT INTO face (photo_id, encoder_id, revision, left, top, right, bottom, confidence, eyes)"
            " SELECT id, (SELECT min(id) FROM encoder), revision, .1, .1, .4, .4, .9, ? FROM photo"
            " WHERE id = ?",
            (eyes, photo_id),
        )
    connection.commit()
    connection.close()
    said = told(workspace)
    assert ReasonKind.EYES_CLOSED in kinds(said["soft.jpg"])
    assert ReasonKind.EYES_CLOSED not in kinds(said["white.jpg"]) | kinds(said["black.jpg"])


def test_a_burst_of_one_file_twice_is_a_tie(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        write_photo(tmp_path / name, taken=NOON)
    drive(scan(workspace, [tmp_path]))
    drive(score(workspace, ScoreRequest((tmp_path,), scorer="embedded")))
    (group,) = groups.ranked(workspace, groups.grouped(workspace))
    assert group.p_best == pytest.approx(0.5, abs=1e-9)
    assert all(each.reasons for each in told(workspace).values())


def flagged_shoot(workspace: Workspace, folder: Path, judge: str, keep_from: float) -> None:
    """Sixty photos an hour apart, those as bright as `keep_from` kept and the others rejected; and
    ten without a flag."""
    for k in range(70):
        write_photo(
            folder / f"{k:02}.jpg",
            seed=k,
            brightness=0.1 + 0.8 * (k % 10) / 10,
            taken=NOON + k * timedelta(hours=1),
        )
    drive(scan(workspace, [folder]))
    drive(score(workspace, ScoreRequest((folder,), scorer=judge)))
    ids = listing.ids_at(workspace, [folder / f"{k:02}.jpg" for k in range(60)])
    flags = {key: Flag.PICK if k % 10 >= keep_from else Flag.REJECT for k, key in enumerate(ids)}
    cull.set_flags(workspace, flags, "Flag sixty")


def test_odds_follow_the_user_s_own_flags_once_there_are_enough(
    workspace: Workspace, tmp_path: Path, fake_judge: str
) -> None:
    flagged_shoot(workspace, tmp_path, fake_judge, keep_from=8)
    said = suggestions.suggest(workspace, max_lost_keepers=1.0)
    assert said.is_calibrated
    assert len(said.each) == 10
    strict = [each.p_keeper for each in said.each]
    cull.undo(workspace)
    lenient = suggestions.suggest(workspace, max_lost_keepers=1.0)
    assert not lenient.is_calibrated
    by_id = {each.photo_id: each.p_keeper for each in lenient.each}
    # A user who rejects all but the brightest keeps fewer than the judge alone would expect.
    fair = [(each, by_id[each.photo_id]) for each in said.each][4:7]
    assert all(float(each.p_keeper or 0) < float(alone or 0) - 0.2 for each, alone in fair)
    assert strict == sorted(strict, key=lambda p: float(p or 0))


def test_flags_elsewhere_in_the_catalog_count(workspace: Workspace, tmp_path: Path, fake_judge: str) -> None:
    flagged_shoot(workspace, tmp_path / "old", fake_judge, keep_from=5)
    write_photo(tmp_path / "new" / "a.jpg", brightness=0.95)
    drive(scan(workspace, [tmp_path / "new"]))
    drive(score(workspace, ScoreRequest((tmp_path / "new",), scorer=fake_judge)))
    said = suggestions.suggest(workspace, [tmp_path / "new"])
    assert said.is_calibrated and len(said.each) == 1
    assert said.each[0].kind is SuggestionKind.KEEP
