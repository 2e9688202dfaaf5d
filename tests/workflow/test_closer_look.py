"""Frames of a burst compared at full size: what a preview hides decides, and ties stay ties."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from culler.cli.main import run
from culler.workflow import burst_order, crops, groups, stored_facts
from culler.workflow.groups import Grouped
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.score import ScoreRequest, score
from culler.workflow.workspace import Workspace

NOON = datetime(2026, 5, 1, 12)
Pixels = NDArray[np.uint8]


def scene() -> Pixels:
    """A photograph of 2,800 × 1,860 px, twice its preview, with detail down to the pixel."""
    coffee = cv2.resize(np.asarray(data.coffee(), np.uint8), (2800, 1860), interpolation=cv2.INTER_CUBIC)
    texture = np.tile(np.asarray(data.grass(), np.float32)[:, :, None] - 110, (4, 6, 1))[:1860, :2800]
    return np.clip(coffee + texture * 0.3, 0, 255).astype(np.uint8)


def person() -> Pixels:
    return np.asarray(cv2.resize(data.astronaut(), (1200, 1200), interpolation=cv2.INTER_CUBIC))


def soft(picture: Pixels, blur: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), blur))


def write(folder: Path, *frames: Pixels) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for place, frame in enumerate(frames):
        exif = Image.Exif()
        exif[0x010F], exif[0x0110] = "Canon", "Canon EOS R6"
        moment = NOON + timedelta(milliseconds=200 * place)
        details = exif.get_ifd(0x8769)
        details[0x9003] = moment.strftime("%Y:%m:%d %H:%M:%S")
        details[0x9291] = f"{moment.microsecond // 10000:02}"
        Image.fromarray(frame).save(folder / f"{place}.jpg", quality=95, exif=exif)
    return folder


def prepared(workspace: Workspace, folder: Path) -> Grouped:
    drive(scan(workspace, [folder]))
    drive(score(workspace, ScoreRequest((folder,))))
    return groups.grouped(workspace, [folder])


def looked(workspace: Workspace, found: Grouped) -> crops.CloserReport:
    report = drive(crops.look_closer(workspace, found, "embedded"))
    assert report is not None
    return report


def corrections(workspace: Workspace, folder: Path) -> list[float]:
    found = groups.grouped(workspace, [folder])
    assert found.within is not None
    return [float(found.within[row]) for row in np.argsort(found.columns.names)]


def test_the_frame_that_is_sharper_at_full_size_moves_up(workspace: Workspace, tmp_path: Path) -> None:
    sharp = scene()
    folder = write(tmp_path / "burst", soft(sharp, 1.3), sharp, soft(sharp, 1.3))
    found = prepared(workspace, folder)
    assert found.within is None
    report = looked(workspace, found)
    assert (report.groups, report.frames) == (1, 3)
    first, second, third = corrections(workspace, folder)
    assert second > max(first, third) + 0.2
    after = groups.ranked(workspace, groups.grouped(workspace, [folder]))[0]
    names = dict(zip(found.columns.ids.tolist(), found.columns.names.tolist(), strict=True))
    assert after.best is not None and names[after.best] == "1.jpg"


def test_frames_that_are_the_same_stay_a_tie(workspace: Workspace, tmp_path: Path) -> None:
    folder = write(tmp_path / "burst", scene(), scene())
    looked(workspace, prepared(workspace, folder))
    assert corrections(workspace, folder) == pytest.approx([0, 0], abs=1e-9)
    assert groups.ranked(workspace, groups.grouped(workspace, [folder]))[0].p_best == pytest.approx(
        0.5, abs=0.01
    )


def test_a_group_is_looked_at_once_and_again_when_it_is_another(workspace: Workspace, tmp_path: Path) -> None:
    sharp = scene()
    folder = write(tmp_path / "burst", sharp, soft(sharp, 1))
    looked(workspace, prepared(workspace, folder))
    assert looked(workspace, prepared(workspace, folder)).frames == 0
    write(folder, sharp, soft(sharp, 1), soft(sharp, 2))
    found = prepared(workspace, folder)
    assert found.within is None  # what was measured in other company no longer counts
    assert looked(workspace, found).frames == 3


def test_photos_no_larger_than_their_preview_are_not_read_again(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = np.asarray(data.coffee(), np.uint8)
    found = prepared(workspace, write(tmp_path / "burst", small, soft(small, 1)))
    monkeypatch.setattr("culler.imaging.decode.region", None)
    assert looked(workspace, found).frames == 2
    with workspace.catalog.read() as tx:
        assert np.isnan(crops.closer(tx, found.columns.ids, found.grouping).crops).all()


def test_where_there_are_faces_their_eyes_decide(workspace: Workspace, tmp_path: Path) -> None:
    """The second frame's background is the sharper, the first one's face."""
    sharp = person()
    blurred = soft(sharp, 3)
    face = np.zeros(sharp.shape[:2], np.float32)
    cv2.ellipse(face, (525, 270), (170, 210), 0, 0, 360, 1.0, -1)
    face = cv2.GaussianBlur(face, (0, 0), 15)[:, :, None]
    in_focus = (sharp * face + blurred * (1 - face)).astype(np.uint8)
    back_focus = (blurred * face + sharp * (1 - face)).astype(np.uint8)
    folder = write(tmp_path / "burst", in_focus, back_focus)
    found = prepared(workspace, folder)
    looked(workspace, found)
    first, second = corrections(workspace, folder)
    assert first > 0 > second
    again = groups.grouped(workspace, [folder])
    best = groups.ranked(workspace, again)[0].best
    names = dict(zip(again.columns.ids.tolist(), again.columns.names.tolist(), strict=True))
    assert best is not None and names[best] == "0.jpg"
    facts = stored_facts.stored_facts(workspace, again.columns, again.grouping)
    assert facts.sharpness is not None
    assert facts.sharpness[0] > 1.5 * facts.sharpness[1]


def test_another_judge_s_order_is_left_alone(workspace: Workspace, tmp_path: Path, fake_judge: str) -> None:
    sharp = scene()
    folder = write(tmp_path / "burst", sharp, soft(sharp, 1))
    looked(workspace, prepared(workspace, folder))
    drive(score(workspace, ScoreRequest((folder,), scorer=fake_judge)))
    found = groups.grouped(workspace, [folder])
    assert found.within is None
    assert burst_order.burst_facts(workspace, found.columns, found.grouping).closer.crops.shape == (2, 3)


def test_the_verb_looks_closer_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sharp = scene()
    folder = write(tmp_path / "burst", soft(sharp, 1), sharp)
    assert run(["groups", str(folder), "--closer", "--json"]) == 0
    captured = capsys.readouterr()
    (group,) = map(json.loads, captured.out.splitlines())
    assert Path(group["best"]).name == "1.jpg"
    assert "Compared 2 frames of 1 group closely now." in captured.err
