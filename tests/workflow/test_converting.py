"""New pictures made ahead: in order, each its own, never too many at once, and gone when it is cancelled."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from pictures import write_shoot

from culler.domain.errors import CullerError
from culler.domain.photo import Photo
from culler.imaging import conversion
from culler.imaging.conversion import Recipe, Target
from culler.workflow import listing
from culler.workflow.converting import Converting
from culler.workflow.export import ExportRequest, export
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.workspace import Workspace

RECIPE = Recipe(Target.JPEG, 32)


@pytest.fixture
def photos(workspace: Workspace, tmp_path: Path) -> list[Photo]:
    write_shoot(tmp_path / "s", 6)
    drive(scan(workspace, [tmp_path / "s"]))
    return [entry.photo for entry in listing.photos_in(workspace, None)]


def test_every_photo_gets_its_own_picture_and_a_bad_one_fails_alone(photos: list[Photo]) -> None:
    photos[2].path.write_bytes(b"nothing")
    converting = Converting(photos, RECIPE)
    try:
        for place, photo in enumerate(photos):
            while not converting.is_ready(photo):
                pass
            if place == 2:
                with pytest.raises(CullerError):
                    converting.take(photo)
            else:
                assert converting.take(photo) == conversion.convert(photo, RECIPE)
    finally:
        converting.close()


@pytest.mark.parametrize(("side_px", "together"), [(100, 3), (14_000, 1)])
def test_large_photos_are_worked_on_one_after_the_other(
    photos: list[Photo], monkeypatch: pytest.MonkeyPatch, side_px: int, together: int
) -> None:
    begun: list[int] = []
    go = threading.Event()

    def convert(photo: Photo, recipe: Recipe, companion: Path | None) -> bytes:
        begun.append(photo.id)
        go.wait(10)
        return b"picture"

    monkeypatch.setattr(conversion, "convert", convert)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    facts = replace(photos[0].facts, width=side_px, height=side_px)
    converting = Converting([replace(photo, facts=facts) for photo in photos], RECIPE)
    try:
        assert not converting.is_ready(photos[0])
        assert len(converting._in_hand) == together
        go.set()
        assert [converting.take(photo) for photo in photos] == [b"picture"] * len(photos)
        assert sorted(begun) == [photo.id for photo in photos]
    finally:
        go.set()
        converting.close()


def test_a_cancelled_export_of_new_pictures_leaves_no_thread_and_goes_on(
    workspace: Workspace, photos: list[Photo], tmp_path: Path
) -> None:
    before = set(threading.enumerate())
    request = ExportRequest(tuple(photo.id for photo in photos), tmp_path / "out", format=Target.JPEG)
    job = export(workspace, request)
    while not list(tmp_path.glob("out/*")):
        next(job)
    job.close()
    assert set(threading.enumerate()) == before
    done = len(list(tmp_path.glob("out/*")))
    report = drive(export(workspace, request))
    assert report is not None and 0 < done < len(photos)
    assert [item.action for item in report.items] == ["exists"] * done + ["converted"] * (6 - done)
