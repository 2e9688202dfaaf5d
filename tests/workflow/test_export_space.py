"""What an export takes: sizes by the catalog, room by the disk."""

import shutil
from pathlib import Path

import pytest
from pictures import write_shoot

from culler.imaging.conversion import Target
from culler.workflow import export_space, listing
from culler.workflow.export import ExportRequest, Members
from culler.workflow.export_space import space
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.workspace import Workspace


@pytest.fixture
def ids(workspace: Workspace, tmp_path: Path) -> tuple[int, ...]:
    """Two photos, one of them a RAW with its JPEG and a sidecar."""
    paths = write_shoot(tmp_path / "s", 2)
    shutil.copy(paths[1], tmp_path / "s" / "IMG_0002.CR2")
    (tmp_path / "s" / "IMG_0002.xmp").write_bytes(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    drive(scan(workspace, [tmp_path / "s"]))
    return tuple(entry.photo.id for entry in listing.photos_in(workspace, None))


def test_the_size_is_of_the_files_that_go(workspace: Workspace, ids: tuple[int, ...], tmp_path: Path) -> None:
    size = {path.name: path.stat().st_size for path in (tmp_path / "s").iterdir()}
    without = space(workspace, ExportRequest(ids, tmp_path / "out" / "below"))
    assert without.files == 3 and without.size_bytes == sum(size.values()) - size["IMG_0002.xmp"]
    everything = space(workspace, ExportRequest(ids, tmp_path, sidecars=True))
    assert everything.files == 4 and everything.size_bytes == sum(size.values())
    raw = space(workspace, ExportRequest(ids, tmp_path, members=Members.RAW))
    assert raw.size_bytes == size["IMG_0001.JPG"] + size["IMG_0002.CR2"]
    assert without.free_bytes and without.fits and not (tmp_path / "out").exists()


def test_only_copies_need_room(
    workspace: Workspace, ids: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_space, "_free", lambda folder: 10)
    assert not space(workspace, ExportRequest(ids, tmp_path)).fits
    for more in ({"mode": "move"}, {"mode": "link"}, {"format": Target.JPEG}):
        assert space(workspace, ExportRequest(ids, tmp_path, **more)).fits  # type: ignore[arg-type]


def test_a_place_that_is_none_has_no_room_that_could_be_told(
    workspace: Workspace, ids: tuple[int, ...]
) -> None:
    assert space(workspace, ExportRequest(ids, Path("~nobody-at-all/x"))).free_bytes is None
