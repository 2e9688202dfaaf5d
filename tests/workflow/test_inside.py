"""Marks that other programs write into the pictures themselves: noticed, and read only when needed."""

from pathlib import Path

import pytest
from pictures import picture

from culler.catalog import decisions
from culler.domain.decision import Decision, Facet, Flag
from culler.domain.photo import PhotoId
from culler.imaging.exiftool import find_exiftool
from culler.imaging.xmp import merge, read_marks
from culler.workflow import cull, inside, listing, sidecars
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.sidecars import MarksState, SidecarStatus, WriteRequest
from culler.workflow.workspace import Workspace


def write_marked(path: Path, decision: Decision | None, seed: int = 0) -> Path:
    """A JPEG as another program leaves it, with these marks inside."""
    extra = {} if decision is None else {"xmp": merge(None, decision)}
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(seed).save(path, quality=90, **extra)
    return path


def scanned(workspace: Workspace, folder: Path) -> None:
    drive(scan(workspace, [folder]))


def one(workspace: Workspace, path: Path) -> PhotoId:
    return listing.ids_at(workspace, [path])[0]


def status(workspace: Workspace) -> SidecarStatus:
    report = drive(sidecars.status(workspace))
    assert report is not None
    return report.items[0]


def here(workspace: Workspace, photo_id: PhotoId) -> Decision:
    with workspace.catalog.read() as tx:
        return decisions.decisions_of(tx, [photo_id])[photo_id]


@pytest.mark.parametrize("first", [None, Decision(stars=2)])
@pytest.mark.parametrize("rescan", [False, True])
def test_a_rating_written_into_the_picture_is_told_and_taken_over(
    workspace: Workspace, tmp_path: Path, first: Decision | None, rescan: bool
) -> None:
    path = write_marked(tmp_path / "a.jpg", first)
    scanned(workspace, tmp_path)
    photo_id = one(workspace, path)
    assert here(workspace, photo_id) == (first or Decision())
    assert status(workspace).state is MarksState.IN_SYNC
    write_marked(path, Decision(Flag.PICK, 5))
    if rescan:
        scanned(workspace, tmp_path)
    seen = status(workspace)
    assert seen.state is MarksState.CHANGED_OUTSIDE
    assert [(said.path, said.stars) for said in seen.theirs] == [(path, 5)]
    drive(sidecars.read(workspace, [photo_id]))
    assert here(workspace, photo_id) == Decision(Flag.PICK, 5)
    assert status(workspace).state is MarksState.IN_SYNC
    for _ in range(2):
        cull.undo(workspace)
    assert here(workspace, photo_id) == (first or Decision())


def test_marks_changed_inside_and_here_are_a_conflict(workspace: Workspace, tmp_path: Path) -> None:
    path = write_marked(tmp_path / "a.jpg", Decision(stars=2))
    scanned(workspace, tmp_path)
    photo_id = one(workspace, path)
    cull.set_stars(workspace, [photo_id], 1)
    write_marked(path, Decision(stars=5))
    seen = status(workspace)
    assert (seen.state, seen.conflict) == (MarksState.CONFLICT, (Facet.STARS,))
    sidecars.resolve(workspace, photo_id, "theirs")
    assert here(workspace, photo_id) == Decision(stars=5)
    assert status(workspace).state is MarksState.IN_SYNC


def test_keeping_ours_against_a_picture_writes_a_sidecar_and_not_the_picture(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = write_marked(tmp_path / "a.jpg", Decision(stars=2))
    scanned(workspace, tmp_path)
    photo_id = one(workspace, path)
    cull.set_stars(workspace, [photo_id], 1)
    write_marked(path, Decision(stars=5))
    before = path.read_bytes()
    sidecars.resolve(workspace, photo_id, "ours")
    assert path.read_bytes() == before
    assert read_marks((tmp_path / "a.xmp").read_bytes()).stars == 1
    assert status(workspace).state is MarksState.IN_SYNC


def test_a_picture_saved_anew_without_other_marks_is_no_change(workspace: Workspace, tmp_path: Path) -> None:
    path = write_marked(tmp_path / "a.jpg", Decision(stars=2))
    scanned(workspace, tmp_path)
    write_marked(path, Decision(stars=2), seed=9)
    scanned(workspace, tmp_path)
    assert status(workspace).state is MarksState.IN_SYNC


def test_unchanged_pictures_are_not_opened(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for k, decision in enumerate((None, Decision(stars=2))):
        write_marked(tmp_path / f"{k}.jpg", decision, seed=k)
    scanned(workspace, tmp_path)
    monkeypatch.setattr(inside, "packet_marks", None)
    assert status(workspace).state is MarksState.IN_SYNC
    scanned(workspace, tmp_path)
    assert status(workspace).state is MarksState.IN_SYNC


@pytest.mark.skipif(find_exiftool() is None, reason="needs ExifTool")
def test_what_we_put_inside_is_no_change_from_outside(workspace: Workspace, tmp_path: Path) -> None:
    path = write_marked(tmp_path / "a.jpg", Decision(stars=2))
    scanned(workspace, tmp_path)
    photo_id = one(workspace, path)
    cull.set_stars(workspace, [photo_id], 4)
    drive(sidecars.write(workspace, WriteRequest((photo_id,), embed=True)))
    assert status(workspace).state is MarksState.IN_SYNC
    found = inside.packet_marks(path)
    assert found is not None and found.marks.stars == 4
    scanned(workspace, tmp_path)
    assert status(workspace).state is MarksState.IN_SYNC
