"""Looking for faces: once a photo, resumable, told in the terminal (NASA's Eileen Collins, public domain)."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from pictures import write_photo
from PIL import Image
from skimage import data

from culler.catalog import faces as stored
from culler.cli.main import run
from culler.scoring.faces import ENCODER
from culler.workflow import faces, rank
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.workspace import Workspace


def portrait(path: Path, blur: float = 0.0) -> Path:
    pixels = np.asarray(cv2.resize(data.astronaut(), (1024, 1024), interpolation=cv2.INTER_CUBIC))
    if blur:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), blur))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, quality=92)
    return path


@pytest.fixture
def shoot(tmp_path: Path, workspace: Workspace) -> Path:
    folder = tmp_path / "shoot"
    portrait(folder / "a.jpg")
    portrait(folder / "b.jpg", blur=5)
    write_photo(folder / "c.jpg")
    (folder / "d.jpg").write_bytes((folder / "a.jpg").read_bytes()[:40])
    drive(scan(workspace, [folder]))
    return folder


def looked(workspace: Workspace, folder: Path) -> faces.FacesReport:
    report = drive(faces.find_faces(workspace, [folder]))
    assert report is not None
    return report


def by_name(workspace: Workspace, report: faces.FacesReport) -> dict[str, tuple[stored.StoredFace, ...]]:
    names = faces.paths_of(workspace, report.photo_ids)
    return {names[key].name: seen for key, seen in faces.faces_of(workspace, report.photo_ids).items()}


def test_the_catalog_names_the_finder_that_looks() -> None:
    assert stored.FACES == ENCODER


def test_faces_are_stored_with_their_eyes_and_none_is_remembered_too(
    workspace: Workspace, shoot: Path
) -> None:
    report = looked(workspace, shoot)
    found = by_name(workspace, report)
    assert set(found) == {"a.jpg", "b.jpg", "c.jpg"}
    assert found["c.jpg"] == ()
    (sharp,), (soft,) = found["a.jpg"], found["b.jpg"]
    assert sharp.decides and soft.decides
    assert len(sharp.landmarks) == 5
    assert 0.35 < sharp.left < sharp.right < 0.6
    assert faces.sentence(found["a.jpg"]) == "1 face, eyes sharp"
    assert faces.sentence(found["b.jpg"]) == "1 face, eyes soft"
    assert faces.sentence(found["a.jpg"] + found["b.jpg"]) == "2 faces, sharpest eyes sharp, softest soft"


def test_a_photo_is_looked_at_once(
    workspace: Workspace, shoot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = looked(workspace, shoot)
    assert (first.looked, first.with_faces) == (3, 2)
    monkeypatch.setattr("culler.workflow.develop.encoded_preview", None)
    again = looked(workspace, shoot)
    assert again.looked == 0


def test_a_changed_photo_is_looked_at_again(workspace: Workspace, shoot: Path) -> None:
    looked(workspace, shoot)
    portrait(shoot / "c.jpg", blur=1)
    drive(scan(workspace, [shoot]))
    report = looked(workspace, shoot)
    assert report.looked == 1
    assert len(by_name(workspace, report)["c.jpg"]) == 1


def test_what_was_found_before_a_stop_is_kept(workspace: Workspace, shoot: Path) -> None:
    job = faces.find_faces(workspace, [shoot])
    while next(job).done == 0:
        pass
    job.close()
    again = looked(workspace, shoot)
    assert 1 <= again.looked + again.failed < len(again.photo_ids)


def test_the_detail_of_a_photo_tells_its_faces(workspace: Workspace, shoot: Path) -> None:
    report = looked(workspace, shoot)
    names = {path.name: key for key, path in faces.paths_of(workspace, report.photo_ids).items()}
    assert rank.detail(workspace, names["a.jpg"]).faces == "1 face, eyes sharp"
    assert rank.detail(workspace, names["c.jpg"]).faces == ""
    with workspace.catalog.read() as tx:
        eyes = stored.eye_sharpness(tx, report.photo_ids)
    assert eyes.keys() == {names["a.jpg"], names["b.jpg"]}
    assert eyes[names["a.jpg"]] > eyes[names["b.jpg"]] + 1


def test_faces_that_cannot_be_judged_are_counted_without_a_word_on_eyes() -> None:
    far = stored.StoredFace(0.1, 0.1, 0.12, 0.12, (), 0.95, None, False)
    assert faces.sentence([far]) == "1 face, too small or uncertain to judge the eyes"


def test_the_verb_prints_a_line_a_photo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    portrait(tmp_path / "shoot" / "a.jpg")
    write_photo(tmp_path / "shoot" / "b.jpg")
    assert run(["faces", str(tmp_path / "shoot"), "--json"]) == 0
    captured = capsys.readouterr()
    lines = {Path(line["path"]).name: line for line in map(json.loads, captured.out.splitlines())}
    assert len(lines["a.jpg"]["faces"]) == 1
    assert lines["a.jpg"]["faces"][0]["decides"] and lines["a.jpg"]["sentence"] == "1 face, eyes sharp"
    assert lines["b.jpg"]["faces"] == []
    assert lines["b.jpg"]["sentence"] == "no face"
    assert "2 photos looked at now" in captured.err
