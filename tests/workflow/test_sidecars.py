"""Marks and sidecars in step: nothing written or taken over unasked, nothing lost, conflicts told."""

import os
import shutil
from pathlib import Path

import pytest
from pictures import picture, write_photo, write_shoot

from culler.catalog import decisions
from culler.domain.decision import UNMARKED, ColorLabel, Decision, Facet, Flag
from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId
from culler.imaging import placing
from culler.imaging.exiftool import find_exiftool
from culler.imaging.placing import leftovers
from culler.imaging.xmp import Marks, merge, read_marks
from culler.imaging.xmp_packet import Packet
from culler.settings import Places
from culler.workflow import cull, listing, sidecars
from culler.workflow.job import drive
from culler.workflow.scan import ScanReport, scan
from culler.workflow.score import ScoreRequest, score
from culler.workflow.sidecars import MarksState, SidecarReport, SidecarStatus, WriteRequest
from culler.workflow.workspace import Workspace, open_workspace

FOREIGN = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" crs:Tint="7"/>'
    b"</rdf:RDF></x:xmpmeta>"
)


def scanned(workspace: Workspace, folder: Path) -> ScanReport:
    report = drive(scan(workspace, [folder]))
    assert report is not None
    return report


def id_of(workspace: Workspace, path: Path) -> PhotoId:
    return listing.ids_at(workspace, [path])[0]


def marks_here(workspace: Workspace, photo_id: PhotoId) -> Decision:
    with workspace.catalog.read() as tx:
        return decisions.decisions_of(tx, [photo_id])[photo_id]


def status_of(workspace: Workspace, photo_id: PhotoId) -> SidecarStatus:
    report = drive(sidecars.status(workspace))
    assert report is not None
    return next(item for item in report.items if item.photo_id == photo_id)


def write(workspace: Workspace, *photo_ids: PhotoId, **options: bool) -> SidecarReport:
    report = drive(sidecars.write(workspace, WriteRequest(photo_ids, **options)))
    assert report is not None
    return report


def read(workspace: Workspace, *photo_ids: PhotoId) -> SidecarReport:
    report = drive(sidecars.read(workspace, photo_ids))
    assert report is not None
    return report


def outside(path: Path, decision: Decision) -> None:
    """Another program states these marks."""
    path.write_bytes(merge(path.read_bytes() if path.exists() else FOREIGN, decision))


@pytest.fixture
def photo(workspace: Workspace, tmp_path: Path) -> Path:
    path = write_shoot(tmp_path / "shoot", 1)[0]
    scanned(workspace, tmp_path / "shoot")
    return path


@pytest.fixture
def photo_id(workspace: Workspace, photo: Path) -> PhotoId:
    return id_of(workspace, photo)


def test_nothing_is_pending_after_the_first_scan(workspace: Workspace, tmp_path: Path) -> None:
    rated = write_photo(tmp_path / "rated.jpg", rating=4)
    write_photo(tmp_path / "plain.jpg", seed=1)
    (tmp_path / "lightroom.xmp").write_bytes(merge(FOREIGN, Decision(Flag.PICK, 3, "red")))
    shutil.copy(rated, tmp_path / "lightroom.jpg")
    scanned(workspace, tmp_path)
    assert sidecars.pending(workspace) == ()
    report = drive(sidecars.status(workspace, [tmp_path]))
    assert report is not None and dict(report.states) == {MarksState.IN_SYNC: 3}
    assert marks_here(workspace, id_of(workspace, tmp_path / "lightroom.jpg")) == Decision(
        Flag.PICK, 3, "red"
    )


def test_a_mark_is_pending_until_it_is_written(workspace: Workspace, photo: Path, photo_id: PhotoId) -> None:
    cull.set_stars(workspace, [photo_id], 4)
    assert sidecars.pending(workspace) == (photo_id,)
    assert status_of(workspace, photo_id).state is MarksState.PENDING
    assert not photo.with_suffix(".xmp").exists(), "nothing is written before it is asked for"
    (item,) = write(workspace, photo_id).items
    assert (item.action, item.state) == ("written", MarksState.IN_SYNC)
    assert read_marks(photo.with_suffix(".xmp").read_bytes()).stars == 4
    assert sidecars.pending(workspace) == ()


def test_a_write_removes_what_killed_writes_left_behind(
    workspace: Workspace, photo: Path, photo_id: PhotoId, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, fresh = placing.temporary_beside(photo), placing.temporary_beside(photo)
    left.write_bytes(b"half a sidecar")
    fresh.write_bytes(b"of another Culler")
    ages = {left: placing.ABANDONED_S + 1, fresh: placing.ABANDONED_S - 1}
    monkeypatch.setattr(placing, "untouched_s", lambda path: ages.get(path, 0.0))
    cull.set_stars(workspace, [photo_id], 3)
    write(workspace, photo_id)
    assert leftovers(photo.parent) == [fresh]


def test_undo_after_a_write_makes_the_photo_pending_and_writes_nothing(
    workspace: Workspace, photo: Path, photo_id: PhotoId
) -> None:
    cull.set_flag(workspace, [photo_id], Flag.REJECT)
    write(workspace, photo_id)
    written = photo.with_suffix(".xmp").read_bytes()
    cull.undo(workspace)
    assert photo.with_suffix(".xmp").read_bytes() == written
    assert status_of(workspace, photo_id).state is MarksState.PENDING
    write(workspace, photo_id)
    assert read_marks(photo.with_suffix(".xmp").read_bytes()).flag in (None, Flag.NONE)
    assert sidecars.pending(workspace) == ()


def test_a_written_sidecar_is_no_news_to_the_next_scan(
    workspace: Workspace, photo: Path, photo_id: PhotoId
) -> None:
    cull.set_label(workspace, [photo_id], ColorLabel.GREEN)
    write(workspace, photo_id)
    report = scanned(workspace, photo.parent)
    assert (report.changed, report.unchanged) == (0, 1)


def test_a_change_made_outside_is_told_taken_over_and_undone(
    workspace: Workspace, photo: Path, photo_id: PhotoId
) -> None:
    cull.set_stars(workspace, [photo_id], 2)
    write(workspace, photo_id)
    outside(photo.with_suffix(".xmp"), Decision(Flag.PICK, 5, "blue"))
    assert status_of(workspace, photo_id).state is MarksState.CHANGED_OUTSIDE
    assert marks_here(workspace, photo_id) == Decision(stars=2), "nothing is taken over unasked"
    (item,) = read(workspace, photo_id).items
    assert item.action == "read"
    assert marks_here(workspace, photo_id) == Decision(Flag.PICK, 5, "blue")
    assert status_of(workspace, photo_id).state is MarksState.IN_SYNC
    cull.undo(workspace)
    assert marks_here(workspace, photo_id) == Decision(stars=2), "all three at once"
    assert status_of(workspace, photo_id).state is MarksState.PENDING


def test_marks_of_both_sides_in_different_facets_are_merged_by_a_write(
    workspace: Workspace, photo: Path, photo_id: PhotoId
) -> None:
    path = photo.with_suffix(".xmp")
    cull.set_stars(workspace, [photo_id], 2)
    write(workspace, photo_id)
    outside(path, Decision(stars=2, label="blue"))
    cull.set_flag(workspace, [photo_id], Flag.PICK)
    write(workspace, photo_id)
    assert read_marks(path.read_bytes()) == Marks(Flag.PICK, 2, "blue")
    assert marks_here(workspace, photo_id) == Decision(Flag.PICK, 2, "blue")


def test_reading_keeps_marks_set_here_pending(workspace: Workspace, photo: Path, photo_id: PhotoId) -> None:
    cull.set_stars(workspace, [photo_id], 2)
    write(workspace, photo_id)
    outside(photo.with_suffix(".xmp"), Decision(stars=2, label="blue"))
    cull.set_flag(workspace, [photo_id], Flag.PICK)
    read(workspace, photo_id)
    assert marks_here(workspace, photo_id) == Decision(Flag.PICK, 2, "blue")
    assert sidecars.pending(workspace) == (photo_id,)


def conflicted(workspace: Workspace, photo: Path, photo_id: PhotoId) -> Path:
    path = photo.with_suffix(".xmp")
    cull.set_stars(workspace, [photo_id], 2)
    write(workspace, photo_id)
    outside(path, Decision(stars=5))
    cull.set_stars(workspace, [photo_id], 1)
    return path


def test_a_conflict_is_told_by_status_read_and_write_and_nothing_changes(
    workspace: Workspace, photo: Path, photo_id: PhotoId
) -> None:
    path = conflicted(workspace, photo, photo_id)
    before = path.read_bytes()
    for items in (
        [status_of(workspace, photo_id)],
        write(workspace, photo_id).items,
        read(workspace, photo_id).items,
    ):
        (item,) = items
        assert (item.state, item.conflict) == (MarksState.CONFLICT, (Facet.STARS,))
        assert (item.ours.stars, [said.stars for said in item.theirs]) == (1, [5])
    assert path.read_bytes() == before
    assert marks_here(workspace, photo_id).stars == 1


def test_keeping_ours_writes_our_marks(workspace: Workspace, photo: Path, photo_id: PhotoId) -> None:
    path = conflicted(workspace, photo, photo_id)
    sidecars.resolve(workspace, photo_id, "ours")
    assert read_marks(path.read_bytes()).stars == 1
    assert Packet.parse(path.read_bytes()).get("xmp:Rating") == "1"
    assert status_of(workspace, photo_id).state is MarksState.IN_SYNC


def test_where_there_is_no_conflict_nothing_is_settled(
    workspace: Workspace, photo: Path, photo_id: PhotoId
) -> None:
    cull.set_stars(workspace, [photo_id], 3)
    for keep in ("ours", "theirs"):
        assert not sidecars.resolve(workspace, photo_id, keep)  # type: ignore[arg-type]
    assert not photo.with_suffix(".xmp").exists() and marks_here(workspace, photo_id).stars == 3


def test_keeping_theirs_takes_them_undoably(workspace: Workspace, photo: Path, photo_id: PhotoId) -> None:
    path = conflicted(workspace, photo, photo_id)
    before = path.read_bytes()
    sidecars.resolve(workspace, photo_id, "theirs")
    assert marks_here(workspace, photo_id).stars == 5
    assert path.read_bytes() == before
    assert status_of(workspace, photo_id).state is MarksState.IN_SYNC
    cull.undo(workspace)
    assert marks_here(workspace, photo_id).stars == 1


def test_two_sidecars_that_disagree_are_a_conflict_until_one_is_chosen(
    workspace: Workspace, tmp_path: Path
) -> None:
    raw = write_photo(tmp_path / "IMG.jpg").rename(tmp_path / "IMG.CR2")
    short, long = tmp_path / "IMG.xmp", tmp_path / "IMG.CR2.xmp"
    outside(short, Decision(stars=2, label="red"))
    outside(long, Decision(stars=4, label="red"))
    scanned(workspace, tmp_path)
    photo_id = id_of(workspace, raw)
    assert marks_here(workspace, photo_id) == Decision(label="red")
    assert status_of(workspace, photo_id).state is MarksState.CONFLICT
    sidecars.resolve(workspace, photo_id, "theirs", sidecar=short)
    assert marks_here(workspace, photo_id) == Decision(stars=2, label="red")
    assert status_of(workspace, photo_id).state is MarksState.PENDING, "the other sidecar says otherwise"
    write(workspace, photo_id)
    assert [read_marks(path.read_bytes()).stars for path in (short, long)] == [2, 2]
    assert status_of(workspace, photo_id).state is MarksState.IN_SYNC


def test_a_malformed_sidecar_is_told_and_never_overwritten(
    workspace: Workspace, photo: Path, photo_id: PhotoId
) -> None:
    path = photo.with_suffix(".xmp")
    path.write_bytes(b"<x:xmpmeta \x1a not xml")
    cull.set_stars(workspace, [photo_id], 3)
    assert status_of(workspace, photo_id).state is MarksState.MALFORMED
    (item,) = write(workspace, photo_id).items
    assert item.action == "skipped" and path.name in item.message
    with pytest.raises(CullerError, match="not well-formed"):
        sidecars.resolve(workspace, photo_id, "ours")
    assert path.read_bytes() == b"<x:xmpmeta \x1a not xml"


def test_a_sidecar_that_is_gone_is_told_and_written_anew(
    workspace: Workspace, photo: Path, photo_id: PhotoId
) -> None:
    path = photo.with_suffix(".xmp")
    cull.set_stars(workspace, [photo_id], 3)
    write(workspace, photo_id)
    path.unlink()
    assert status_of(workspace, photo_id).state is MarksState.CHANGED_OUTSIDE
    read(workspace, photo_id)
    assert marks_here(workspace, photo_id).stars == 3, "a lost file takes no marks away"
    assert status_of(workspace, photo_id).state is MarksState.PENDING
    write(workspace, photo_id)
    assert read_marks(path.read_bytes()).stars == 3


def test_foreign_changes_alone_are_no_change_of_marks(
    workspace: Workspace, photo: Path, photo_id: PhotoId
) -> None:
    path = photo.with_suffix(".xmp")
    cull.set_stars(workspace, [photo_id], 3)
    write(workspace, photo_id)
    path.write_bytes(path.read_bytes().replace(b'rdf:about=""', b'rdf:about="" xmlns:f="f:" f:Tint="9"', 1))
    assert status_of(workspace, photo_id).state is MarksState.IN_SYNC
    cull.set_stars(workspace, [photo_id], 4)
    write(workspace, photo_id)
    assert b'f:Tint="9"' in path.read_bytes() and read_marks(path.read_bytes()).stars == 4


def test_another_program_overrules_the_camera_s_rating_without_conflict(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = write_photo(tmp_path / "a.jpg", rating=4)
    scanned(workspace, tmp_path)
    photo_id = id_of(workspace, path)
    outside(tmp_path / "a.xmp", Decision(stars=2))
    assert status_of(workspace, photo_id).state is MarksState.CHANGED_OUTSIDE
    read(workspace, photo_id)
    assert marks_here(workspace, photo_id).stars == 2


def test_a_reject_written_as_rating_keeps_its_stars_here(
    workspace: Workspace, photo: Path, photo_id: PhotoId
) -> None:
    cull.set_stars(workspace, [photo_id], 4)
    cull.set_flag(workspace, [photo_id], Flag.REJECT)
    write(workspace, photo_id, reject_as_rating=True)
    assert Packet.parse(photo.with_suffix(".xmp").read_bytes()).get("xmp:Rating") == "-1"
    assert status_of(workspace, photo_id).state is MarksState.IN_SYNC
    read(workspace, photo_id)
    assert marks_here(workspace, photo_id) == Decision(Flag.REJECT, 4)


def test_new_sidecars_take_the_long_name_where_asked_or_needed(workspace: Workspace, tmp_path: Path) -> None:
    lone = write_photo(tmp_path / "A.jpg")
    twins = [write_photo(tmp_path / "B.jpg", seed=1), write_photo(tmp_path / "B.png", seed=2)]
    scanned(workspace, tmp_path)
    ids = [id_of(workspace, path) for path in (lone, *twins)]
    cull.set_stars(workspace, ids, 3)
    write(workspace, *ids[1:])
    write(workspace, ids[0], long_names=True)
    assert sorted(path.name for path in tmp_path.glob("*.xmp")) == ["A.jpg.xmp", "B.jpg.xmp", "B.png.xmp"]


def test_a_short_sidecar_names_its_owner(workspace: Workspace, photo: Path, photo_id: PhotoId) -> None:
    cull.set_stars(workspace, [photo_id], 3)
    write(workspace, photo_id)
    packet = Packet.parse(photo.with_suffix(".xmp").read_bytes())
    assert packet.get("photoshop:SidecarForExtension") == "JPG"


def test_unmarked_photos_get_no_sidecar(workspace: Workspace, photo: Path, photo_id: PhotoId) -> None:
    (item,) = write(workspace, photo_id).items
    assert item.action == "unchanged"
    assert [path.name for path in photo.parent.iterdir()] == [photo.name]


def test_a_dry_run_names_the_sidecars_and_writes_none(
    workspace: Workspace, photo: Path, photo_id: PhotoId
) -> None:
    cull.set_stars(workspace, [photo_id], 3)
    (item,) = write(workspace, photo_id, dry_run=True).items
    assert (item.action, item.sidecars) == ("would write", (photo.with_suffix(".xmp"),))
    assert not photo.with_suffix(".xmp").exists()
    assert sidecars.pending(workspace) == (photo_id,)


def test_scores_go_into_our_own_namespace_only_when_asked(
    workspace: Workspace, photo: Path, photo_id: PhotoId, fake_judge: str
) -> None:
    drive(score(workspace, ScoreRequest((photo.parent,), scorer=fake_judge)))
    cull.set_stars(workspace, [photo_id], 3)
    write(workspace, photo_id)
    path = photo.with_suffix(".xmp")
    assert Packet.parse(path.read_bytes()).names("culler") == ()
    write(workspace, photo_id, scores=True)
    packet = Packet.parse(path.read_bytes())
    assert 1 <= float(packet.get("culler:Quality") or 0) <= 5
    assert packet.get("culler:Scorer") == "fake@1" and packet.get("xmp:Rating") == "3"


def test_raw_jpeg_and_sidecar_are_one(workspace: Workspace, tmp_path: Path) -> None:
    jpeg = write_photo(tmp_path / "A.JPG")
    shutil.copy(jpeg, tmp_path / "A.CR2")
    scanned(workspace, tmp_path)
    photo_id = id_of(workspace, jpeg)
    cull.set_stars(workspace, [photo_id], 3)
    write(workspace, photo_id)
    assert [path.name for path in tmp_path.glob("*.xmp")] == ["A.xmp"]
    assert Packet.parse((tmp_path / "A.xmp").read_bytes()).get("photoshop:SidecarForExtension") == "CR2"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs folders that cannot be written to")
def test_a_read_only_folder_is_a_sentence_a_photo(
    workspace: Workspace, photo: Path, photo_id: PhotoId
) -> None:
    cull.set_stars(workspace, [photo_id], 3)
    photo.parent.chmod(0o555)
    try:
        (item,) = write(workspace, photo_id).items
    finally:
        photo.parent.chmod(0o755)
    assert item.action == "failed" and "denied" in item.message
    assert sidecars.pending(workspace) == (photo_id,)


def test_a_missing_photo_gets_no_sidecar(workspace: Workspace, photo: Path, photo_id: PhotoId) -> None:
    cull.set_stars(workspace, [photo_id], 3)
    photo.unlink()
    write_photo(photo.with_name("other.jpg"))
    scanned(workspace, photo.parent)
    (item,) = write(workspace, photo_id).items
    assert item.action == "failed" and "not there any more" in item.message
    assert not list(photo.parent.glob("*.xmp"))


def test_a_mark_set_while_reading_is_not_overruled(
    workspace: Workspace, photo: Path, photo_id: PhotoId
) -> None:
    cull.set_stars(workspace, [photo_id], 2)
    write(workspace, photo_id)
    outside(photo.with_suffix(".xmp"), Decision(stars=5))
    job = sidecars.read(workspace, [photo_id])
    next(job)
    next(job)  # looked at, not yet taken over
    cull.set_stars(workspace, [photo_id], 1)
    drive(job)
    assert marks_here(workspace, photo_id).stars == 1


def test_clearing_marks_is_written_too(workspace: Workspace, photo: Path, photo_id: PhotoId) -> None:
    cull.set_stars(workspace, [photo_id], 3)
    write(workspace, photo_id)
    cull.set_stars(workspace, [photo_id], 0)
    assert sidecars.pending(workspace) == (photo_id,)
    write(workspace, photo_id)
    assert read_marks(photo.with_suffix(".xmp").read_bytes()).on(UNMARKED) == UNMARKED
    assert status_of(workspace, photo_id).state is MarksState.IN_SYNC


@pytest.mark.skipif(find_exiftool() is None, reason="needs ExifTool")
def test_marks_go_into_the_file_only_when_asked_and_its_scores_stay(
    workspace: Workspace, photo: Path, photo_id: PhotoId, fake_judge: str
) -> None:
    drive(score(workspace, ScoreRequest((photo.parent,), scorer=fake_judge)))
    cull.set_stars(workspace, [photo_id], 3)
    before = photo.read_bytes()
    write(workspace, photo_id)
    assert photo.read_bytes() == before
    write(workspace, photo_id, embed=True)
    tool = find_exiftool()
    assert tool is not None
    assert read_marks(tool.packet(photo) or b"").stars == 3
    assert scanned(workspace, photo.parent).changed == 0, "our own write makes no new revision"
    assert not leftovers(photo.parent)


def test_embedding_without_exiftool_is_a_sentence(
    workspace: Workspace, photo_id: PhotoId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("culler.imaging.exiftool.find_exiftool", lambda: None)
    with pytest.raises(CullerError, match="ExifTool"):
        write(workspace, photo_id, embed=True)


def test_remembered_sidecars_follow_a_folder_above(
    workspace: Workspace, photo: Path, photo_id: PhotoId
) -> None:
    cull.set_stars(workspace, [photo_id], 3)
    write(workspace, photo_id)
    scanned(workspace, photo.parent.parent)
    assert status_of(workspace, photo_id).state is MarksState.IN_SYNC
    assert sidecars.pending(workspace) == ()


@pytest.mark.parametrize("inside", [Decision(Flag.PICK, 4, "red"), Decision(stars=3)])
def test_marks_inside_a_picture_are_cleared_by_a_statement_in_its_sidecar(
    workspace: Workspace, tmp_path: Path, inside: Decision
) -> None:
    """A sidecar that only fell silent would let the picture's own marks come back in the next catalog,
    and in other programs."""
    path = tmp_path / "shoot" / "a.jpg"
    path.parent.mkdir()
    picture().save(path, quality=90, xmp=merge(None, inside))
    drive(scan(workspace, [path.parent]))
    photo_id = listing.ids_at(workspace, [path])[0]
    cull.set_flag(workspace, [photo_id], Flag.NONE)
    cull.set_stars(workspace, [photo_id], 0)
    cull.set_label(workspace, [photo_id], ColorLabel.NONE)
    drive(sidecars.write(workspace, WriteRequest((photo_id,))))
    written = read_marks(path.with_suffix(".xmp").read_bytes())
    assert written.on(inside) == UNMARKED
    assert marks_in_a_fresh_catalog(path, tmp_path / "other") == UNMARKED


def test_a_rating_of_the_camera_is_cleared_by_a_statement_in_the_sidecar(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "shoot" / "a.jpg"
    path.parent.mkdir()
    write_photo(path, rating=4)
    drive(scan(workspace, [path.parent]))
    photo_id = listing.ids_at(workspace, [path])[0]
    assert marks_in_a_fresh_catalog(path, tmp_path / "before") == Decision(stars=4)
    cull.set_stars(workspace, [photo_id], 0)
    assert photo_id in sidecars.pending(workspace)
    drive(sidecars.write(workspace, WriteRequest((photo_id,))))
    assert read_marks(path.with_suffix(".xmp").read_bytes()) == Marks(stars=0)
    assert marks_in_a_fresh_catalog(path, tmp_path / "after") == UNMARKED
    cull.set_stars(workspace, [photo_id], 2)
    drive(sidecars.write(workspace, WriteRequest((photo_id,))))
    assert marks_in_a_fresh_catalog(path, tmp_path / "again") == Decision(stars=2)


def marks_in_a_fresh_catalog(path: Path, home: Path) -> Decision:
    other = open_workspace(Places(home / "data", home / "config", home / "cache", home / "logs"))
    try:
        drive(scan(other, [path.parent]))
        photo_id = listing.ids_at(other, [path])[0]
        with other.catalog.read() as tx:
            return decisions.decisions_of(tx, [photo_id])[photo_id]
    finally:
        other.close()
