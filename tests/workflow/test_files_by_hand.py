"""Files that the user split or joined: one undo step, and no scan takes it back."""

import os
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import write_photo

from culler.domain.decision import UNMARKED, ColorLabel, Decision, Flag
from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId
from culler.imaging.xmp import merge, owner, read_marks
from culler.settings import Places
from culler.workflow import cull, export, files_by_hand, listing, look, rank, relink, sidecars
from culler.workflow.export import ExportRequest
from culler.workflow.job import drive
from culler.workflow.listing import Entry
from culler.workflow.scan import FIRST_STEP, ScanReport, scan
from culler.workflow.sidecars import WriteRequest
from culler.workflow.workspace import Workspace, open_workspace

TAKEN = datetime(2026, 5, 1, 12)


def scanned(workspace: Workspace, folder: Path, deep: bool = True) -> ScanReport:
    report = drive(scan(workspace, [folder], deep))
    assert report is not None
    return report


def a_raw(path: Path, seed: int = 0) -> Path:
    """What passes for a RAW file by its name."""
    write_photo(path.with_suffix(".tif"), seed, taken=TAKEN)
    os.rename(path.with_suffix(".tif"), path)
    return path


def a_pair(folder: Path, stem: str = "A", seed: int = 0) -> tuple[Path, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    return a_raw(folder / f"{stem}.CR2", seed), write_photo(folder / f"{stem}.JPG", seed, taken=TAKEN)


def id_of(workspace: Workspace, path: Path) -> PhotoId:
    return listing.ids_at(workspace, [path])[0]


def there(workspace: Workspace, folder: Path) -> dict[str, Entry]:
    """The photos of a folder by the names of their files."""
    return {
        " ".join(path.name for path in entry.photo.paths): entry
        for entry in listing.photos_in(workspace, [folder])
    }


def names(workspace: Workspace, folder: Path) -> list[str]:
    return sorted(there(workspace, folder))


def split(workspace: Workspace, path: Path) -> tuple[PhotoId, ...]:
    photo_id = id_of(workspace, path)
    return files_by_hand.split(workspace, [photo_id]).photo_ids[photo_id]


def join(workspace: Workspace, paths: Sequence[Path]) -> files_by_hand.Joined:
    return files_by_hand.join(workspace, listing.ids_at(workspace, paths))


def marked(workspace: Workspace, path: Path, stars: int) -> PhotoId:
    photo_id = id_of(workspace, path)
    cull.set_stars(workspace, [photo_id], stars)
    return photo_id


def test_splitting_makes_every_picture_a_photo_with_the_same_marks(
    workspace: Workspace, tmp_path: Path
) -> None:
    raw, jpeg = a_pair(tmp_path)
    scanned(workspace, tmp_path)
    whole = marked(workspace, raw, 4)
    cull.set_label(workspace, [whole], ColorLabel.RED)
    ids = split(workspace, jpeg)
    parts = there(workspace, tmp_path)
    assert sorted(parts) == ["A.CR2", "A.JPG"]
    assert ids == (id_of(workspace, raw), id_of(workspace, jpeg)) and ids[0] == whole
    assert {entry.decision for entry in parts.values()} == {Decision(stars=4, label="red")}
    assert parts["A.JPG"].photo.facts.taken == TAKEN


def test_splitting_is_one_step_back_and_forth(workspace: Workspace, tmp_path: Path) -> None:
    raw, jpeg = a_pair(tmp_path)
    scanned(workspace, tmp_path)
    marked(workspace, raw, 4)
    ids = split(workspace, raw)
    undone = cull.undo(workspace)
    assert undone is not None and undone.changes.photo_ids == set(ids)
    assert names(workspace, tmp_path) == ["A.CR2 A.JPG"]
    assert there(workspace, tmp_path)["A.CR2 A.JPG"].decision.stars == 4
    cull.redo(workspace)
    assert names(workspace, tmp_path) == ["A.CR2", "A.JPG"]
    assert id_of(workspace, jpeg) == ids[1]


def test_several_photos_are_split_in_one_step_and_others_left(workspace: Workspace, tmp_path: Path) -> None:
    pairs = [a_pair(tmp_path / day, seed=k)[0] for k, day in enumerate(("one", "two"))]
    single = write_photo(tmp_path / "one" / "B.jpg")
    scanned(workspace, tmp_path)
    before = names(workspace, tmp_path)
    marked(workspace, pairs[1], 2)
    done = files_by_hand.split(workspace, listing.ids_at(workspace, [*pairs, single]))
    assert [len(parts) for parts in done.photo_ids.values()] == [2, 2]
    assert len(listing.photos_in(workspace, [tmp_path])) == 5
    assert [e.decision.stars for e in listing.photos_in(workspace, [tmp_path / "two"])] == [2, 2]
    cull.undo(workspace)
    assert names(workspace, tmp_path) == before


def test_files_that_were_moved_apart_since_are_not_put_together_again(
    workspace: Workspace, tmp_path: Path
) -> None:
    raw, jpeg = a_pair(tmp_path / "shoot")
    scanned(workspace, tmp_path / "shoot")
    ids = split(workspace, raw)
    drive(export.export(workspace, ExportRequest((ids[1],), tmp_path / "picks", mode="move")))
    with pytest.raises(CullerError, match="different folders now"):
        cull.undo(workspace)
    assert names(workspace, tmp_path / "shoot") == ["A.CR2"]
    drive(export.undo(workspace))
    cull.undo(workspace)
    assert names(workspace, tmp_path / "shoot") == ["A.CR2 A.JPG"] and jpeg.exists()


def test_undo_needs_no_files(workspace: Workspace, tmp_path: Path) -> None:
    raw, _ = a_pair(tmp_path / "disk")
    scanned(workspace, tmp_path / "disk")
    split(workspace, raw)
    os.rename(tmp_path / "disk", tmp_path / "away")
    cull.undo(workspace)
    assert names(workspace, tmp_path / "disk") == ["A.CR2 A.JPG"]


def test_a_photo_split_undone_and_split_again_is_the_same_photos(
    workspace: Workspace, tmp_path: Path
) -> None:
    raw, _ = a_pair(tmp_path)
    scanned(workspace, tmp_path)
    ids = split(workspace, raw)
    cull.undo(workspace)
    marked(workspace, raw, 2)
    assert split(workspace, raw) == ids
    assert {entry.decision.stars for entry in there(workspace, tmp_path).values()} == {2}


def test_a_photo_of_one_file_cannot_be_split(workspace: Workspace, tmp_path: Path) -> None:
    path = write_photo(tmp_path / "A.JPG")
    with pytest.raises(CullerError, match=r"A\.JPG is one picture file"):
        split(workspace, path)


def test_joining_makes_one_photo_with_the_raw_first(workspace: Workspace, tmp_path: Path) -> None:
    edit, raw = write_photo(tmp_path / "A-edit.jpg"), a_raw(tmp_path / "A.CR2")
    scanned(workspace, tmp_path)
    survivor = id_of(workspace, raw)
    joined = join(workspace, [edit, raw])
    assert names(workspace, tmp_path) == ["A.CR2 A-edit.jpg"]
    assert joined.photo_id == survivor == id_of(workspace, edit)
    assert (joined.files, joined.set_aside) == (2, ())


def test_an_original_goes_before_what_was_made_of_it(workspace: Workspace, tmp_path: Path) -> None:
    paths = [write_photo(tmp_path / name) for name in ("A-edit.jpg", "A.jpg")]
    scanned(workspace, tmp_path)
    join(workspace, paths)
    assert names(workspace, tmp_path) == ["A.jpg A-edit.jpg"]


def test_a_raw_its_jpeg_and_its_heic_are_joined_by_hand(workspace: Workspace, tmp_path: Path) -> None:
    raw, jpeg = a_pair(tmp_path)
    heic = shutil.copy(jpeg, tmp_path / "A.HEIC")
    scanned(workspace, tmp_path)
    assert names(workspace, tmp_path) == ["A.CR2", "A.HEIC", "A.JPG"]
    join(workspace, [heic, jpeg, raw])
    assert names(workspace, tmp_path) == ["A.CR2 A.HEIC A.JPG"]


def test_an_unmarked_photo_takes_the_marks_of_those_joined_to_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    raw, edit = a_raw(tmp_path / "A.CR2"), write_photo(tmp_path / "B.jpg")
    scanned(workspace, tmp_path)
    other = marked(workspace, edit, 3)
    cull.set_flag(workspace, [id_of(workspace, raw)], Flag.PICK)
    assert join(workspace, [raw, edit]).set_aside == ()
    assert there(workspace, tmp_path)["A.CR2 B.jpg"].decision == Decision(Flag.PICK, 3)
    cull.undo(workspace)
    back = there(workspace, tmp_path)
    assert (back["A.CR2"].decision, back["B.jpg"].decision) == (Decision(Flag.PICK), Decision(stars=3))
    assert back["B.jpg"].photo.id == other


def test_marks_that_lose_are_told_and_undo_brings_them_back(workspace: Workspace, tmp_path: Path) -> None:
    raw, edit = a_raw(tmp_path / "A.CR2"), write_photo(tmp_path / "B.jpg")
    scanned(workspace, tmp_path)
    marked(workspace, raw, 5)
    marked(workspace, edit, 1)
    cull.set_label(workspace, [id_of(workspace, edit)], ColorLabel.BLUE)
    joined = join(workspace, [raw, edit])
    assert joined.set_aside == (files_by_hand.SetAside("B.jpg", Decision(stars=1)),)
    assert there(workspace, tmp_path)["A.CR2 B.jpg"].decision == Decision(stars=5, label="blue")
    cull.undo(workspace)
    assert there(workspace, tmp_path)["B.jpg"].decision == Decision(stars=1, label="blue")


def test_photos_of_different_folders_and_clips_are_not_joined(workspace: Workspace, tmp_path: Path) -> None:
    here, elsewhere = write_photo(tmp_path / "A.jpg"), write_photo(tmp_path / "b" / "A.jpg")
    clip = tmp_path / "A.mov"
    clip.write_bytes(b"\0\0\0\x14ftypqt  " + bytes(8))
    scanned(workspace, tmp_path)
    with pytest.raises(CullerError, match="different folders"):
        join(workspace, [here, elsewhere])
    with pytest.raises(CullerError, match=r"A\.mov is a clip"):
        join(workspace, [here, clip])
    with pytest.raises(CullerError, match="two photos or more"):
        join(workspace, [here])
    assert len(listing.photos_in(workspace, [tmp_path])) == 3


def test_a_scan_reads_nothing_after_a_split_and_a_join(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, _ = a_pair(tmp_path)
    others = [write_photo(tmp_path / "B.jpg"), write_photo(tmp_path / "C.jpg")]
    scanned(workspace, tmp_path)
    split(workspace, raw)
    join(workspace, others)
    before = names(workspace, tmp_path)
    monkeypatch.setattr("culler.workflow.scan._compare", None)
    report = scanned(workspace, tmp_path)
    assert (report.unchanged, report.missing) == (3, 0)
    assert names(workspace, tmp_path) == before == ["A.CR2", "A.JPG", "B.jpg C.jpg"]


@pytest.mark.parametrize("deep", [True, False])
def test_a_scan_of_a_changed_folder_keeps_what_was_split_and_joined(
    workspace: Workspace, tmp_path: Path, deep: bool
) -> None:
    raw, jpeg = a_pair(tmp_path)
    others = [write_photo(tmp_path / "B.jpg"), write_photo(tmp_path / "C.jpg")]
    scanned(workspace, tmp_path)
    ids = split(workspace, raw)
    joined = join(workspace, others)
    write_photo(jpeg, seed=5)
    write_photo(tmp_path / "A.HEIC".replace("HEIC", "png"))
    a_raw(tmp_path / "C.NEF")
    report = scanned(workspace, tmp_path, deep)
    assert names(workspace, tmp_path) == ["A.CR2", "A.JPG", "A.png", "B.jpg C.jpg", "C.NEF"]
    assert (report.added, report.changed, report.unchanged) == (2, 1, 2)
    assert (id_of(workspace, jpeg), id_of(workspace, others[1])) == (ids[1], joined.photo_id)


def test_what_is_split_and_joined_while_a_scan_runs_stays_so(workspace: Workspace, tmp_path: Path) -> None:
    first = a_pair(tmp_path, "P000")
    for number in range(1, FIRST_STEP + 4):
        for path in first:
            shutil.copy(path, path.with_name(path.name.replace("000", f"{number:03}")))
    scanned(workspace, tmp_path)
    late = [tmp_path / f"P{number:03}.CR2" for number in range(FIRST_STEP + 1, FIRST_STEP + 4)]
    for path in tmp_path.iterdir():
        os.utime(path, ns=(1, 1))
    done = False
    for progress in scan(workspace, [tmp_path]):
        if progress.changes and not done:
            done = True
            split(workspace, late[0])
            join(workspace, late[1:])
    expected = ["P061.CR2", "P061.JPG", "P062.CR2 P063.CR2 P062.JPG P063.JPG"]
    assert names(workspace, tmp_path)[-3:] == expected
    report = scanned(workspace, tmp_path)
    assert (report.added, report.changed, report.missing) == (0, 3, 0)
    assert names(workspace, tmp_path)[-3:] == expected


def test_a_folder_above_takes_over_what_was_joined(workspace: Workspace, tmp_path: Path) -> None:
    paths = [write_photo(tmp_path / "day" / name) for name in ("A.jpg", "B.jpg")]
    scanned(workspace, tmp_path / "day")
    join(workspace, paths)
    write_photo(tmp_path / "day" / "C.jpg")
    scanned(workspace, tmp_path)
    assert names(workspace, tmp_path) == ["A.jpg B.jpg", "C.jpg"]
    cull.undo(workspace)
    assert names(workspace, tmp_path) == ["A.jpg", "B.jpg", "C.jpg"]


def test_a_joined_photo_whose_file_is_gone_goes_on_and_undo_is_refused(
    workspace: Workspace, tmp_path: Path
) -> None:
    paths = [write_photo(tmp_path / name) for name in ("A.jpg", "B.jpg")]
    scanned(workspace, tmp_path)
    joined = join(workspace, paths)
    paths[0].unlink()
    scanned(workspace, tmp_path)
    assert names(workspace, tmp_path) == ["B.jpg"]
    assert id_of(workspace, paths[1]) == joined.photo_id
    with pytest.raises(CullerError, match=r'Cannot undo "Join 2 photos"'):
        cull.undo(workspace)


@pytest.mark.parametrize("away", ["A.CR2", "B.jpg", "C.jpg"])
def test_a_file_that_was_away_for_a_scan_belongs_to_its_photo_as_before(
    workspace: Workspace, tmp_path: Path, away: str
) -> None:
    paths = [a_raw(tmp_path / "A.CR2"), *(write_photo(tmp_path / name) for name in ("B.jpg", "C.jpg"))]
    scanned(workspace, tmp_path)
    marked(workspace, paths[0], 3)
    joined = join(workspace, paths)
    shutil.move(tmp_path / away, tmp_path.parent / away)
    for _ in range(2):
        write_photo(tmp_path / "other.png")
        scanned(workspace, tmp_path)
        assert names(workspace, tmp_path) == [
            " ".join(path.name for path in paths if path.name != away),
            "other.png",
        ]
    shutil.move(tmp_path.parent / away, tmp_path / away)
    scanned(workspace, tmp_path)
    found = there(workspace, tmp_path)
    assert sorted(found) == ["A.CR2 B.jpg C.jpg", "other.png"]
    assert found["A.CR2 B.jpg C.jpg"].photo.id == joined.photo_id
    assert found["A.CR2 B.jpg C.jpg"].decision.stars == 3
    cull.undo(workspace)
    assert names(workspace, tmp_path) == ["A.CR2", "B.jpg", "C.jpg", "other.png"]


def test_a_joined_photo_that_was_gone_as_a_whole_comes_back_joined(
    workspace: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "disk"
    paths = [write_photo(folder / name) for name in ("A.jpg", "B.jpg", "other/C.jpg")]
    scanned(workspace, folder)
    join(workspace, paths[:2])
    for path in paths[:2]:
        shutil.move(path, tmp_path / path.name)
    assert scanned(workspace, folder).missing == 1
    for path in paths[:2]:
        shutil.move(tmp_path / path.name, path)
    scanned(workspace, folder)
    assert names(workspace, folder) == ["A.jpg B.jpg", "C.jpg"]


def test_other_files_are_another_revision_and_keep_the_marks(workspace: Workspace, tmp_path: Path) -> None:
    raw, jpeg = a_pair(tmp_path)
    scanned(workspace, tmp_path)
    drive(look.look(workspace, [tmp_path]))
    whole = marked(workspace, raw, 3)
    split(workspace, raw)
    parts = there(workspace, tmp_path)
    assert parts["A.CR2"].photo.revision == 2
    report = drive(look.look(workspace, [tmp_path]))
    assert report is not None and parts["A.CR2"].photo.id == whole
    join(workspace, [raw, jpeg])
    again = there(workspace, tmp_path)["A.CR2 A.JPG"]
    assert (again.photo.revision, again.decision.stars) == (3, 3)


def test_a_photo_without_files_is_in_no_list(workspace: Workspace, tmp_path: Path) -> None:
    paths = [write_photo(tmp_path / name) for name in ("A.jpg", "B.jpg")]
    scanned(workspace, tmp_path)
    marked(workspace, paths[1], 2)
    joined = join(workspace, paths)
    assert rank.load_columns(workspace, [tmp_path]).ids.tolist() == [joined.photo_id]


def test_sidecars_follow_the_files_they_are_named_after(workspace: Workspace, tmp_path: Path) -> None:
    raw, jpeg = a_pair(tmp_path)
    for name, stars in (("A.xmp", 4), ("A.JPG.xmp", 4)):
        (tmp_path / name).write_bytes(merge(None, Decision(stars=stars)))
    scanned(workspace, tmp_path)
    split(workspace, raw)
    assert names(workspace, tmp_path) == ["A.CR2 A.xmp", "A.JPG A.JPG.xmp"]
    (tmp_path / "C.jpg").write_bytes(jpeg.read_bytes())
    scanned(workspace, tmp_path)
    assert names(workspace, tmp_path) == ["A.CR2 A.xmp", "A.JPG A.JPG.xmp", "C.jpg"]
    cull.undo(workspace)
    assert names(workspace, tmp_path) == ["A.CR2 A.JPG A.JPG.xmp A.xmp", "C.jpg"]


def test_the_parts_of_a_pair_never_write_the_same_sidecar(workspace: Workspace, tmp_path: Path) -> None:
    raw, _ = a_pair(tmp_path)
    (tmp_path / "A.xmp").write_bytes(merge(None, Decision(stars=4)))
    scanned(workspace, tmp_path)
    ids = split(workspace, raw)
    cull.set_stars(workspace, [ids[1]], 1)
    drive(sidecars.write(workspace, WriteRequest(ids)))
    assert names(workspace, tmp_path) == ["A.CR2 A.xmp", "A.JPG A.JPG.xmp"]
    assert sidecars.pending(workspace) == ()
    scanned(workspace, tmp_path)
    report = drive(sidecars.status(workspace))
    assert report is not None and {item.state for item in report.items} == {sidecars.MarksState.IN_SYNC}
    assert {name: entry.decision.stars for name, entry in there(workspace, tmp_path).items()} == {
        "A.CR2 A.xmp": 4,
        "A.JPG A.JPG.xmp": 1,
    }


def test_marks_of_a_joined_photo_go_into_the_sidecars_of_all_its_files(
    workspace: Workspace, tmp_path: Path
) -> None:
    raw, edit = a_raw(tmp_path / "A.CR2"), write_photo(tmp_path / "B.jpg")
    for name, stars in (("A.xmp", 4), ("B.xmp", 2)):
        (tmp_path / name).write_bytes(merge(None, Decision(stars=stars)))
    scanned(workspace, tmp_path)
    joined = join(workspace, [raw, edit])
    assert [each.marks.stars for each in joined.set_aside] == [2]
    assert names(workspace, tmp_path) == ["A.CR2 B.jpg A.xmp B.xmp"]
    assert sidecars.pending(workspace) == (joined.photo_id,)
    drive(sidecars.write(workspace, WriteRequest((joined.photo_id,))))
    assert sidecars.pending(workspace) == ()
    packet = (tmp_path / "B.xmp").read_bytes()
    assert read_marks(packet).stars == 4 and owner(packet) == "jpg"
    scanned(workspace, tmp_path)
    assert names(workspace, tmp_path) == ["A.CR2 B.jpg A.xmp B.xmp"]


def test_a_moved_folder_takes_along_what_was_split_and_joined(workspace: Workspace, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    raw, _ = a_pair(old)
    others = [write_photo(old / name, seed=k) for k, name in enumerate(("B.jpg", "C.jpg"))]
    scanned(workspace, old)
    split(workspace, raw)
    join(workspace, others)
    before = names(workspace, old)
    os.rename(old, new)
    report = drive(relink.relink(workspace, old, new))
    assert report is not None and (len(report.relinked), report.left) == (3, ())
    write_photo(new / "D.jpg")
    scanned(workspace, new)
    assert names(workspace, new) == [*before, "D.jpg"]
    cull.undo(workspace)
    assert names(workspace, new) == ["A.CR2", "A.JPG", "B.jpg", "C.jpg", "D.jpg"]


def test_a_moved_folder_that_was_scanned_before_takes_joined_photos_back(
    workspace: Workspace, tmp_path: Path
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    paths = [write_photo(old / name, seed=k) for k, name in enumerate(("B.jpg", "C.jpg"))]
    scanned(workspace, old)
    joined = join(workspace, paths)
    os.rename(old, new)
    scanned(workspace, new)
    report = drive(relink.relink(workspace, old, new))
    assert report is not None and report.relinked == (joined.photo_id,)
    assert rank.load_columns(workspace, [new]).ids.tolist() == [joined.photo_id]
    scanned(workspace, new)
    assert names(workspace, new) == ["B.jpg C.jpg"]


STEMS = ("A.CR2", "A.JPG", "B.JPG", "B.HEIC", "C.NEF")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("split"), st.sampled_from(STEMS)),
        st.tuples(st.just("join"), st.sets(st.sampled_from(STEMS), min_size=2)),
        st.tuples(st.just("mark"), st.sampled_from(STEMS), st.integers(1, 5)),
        st.tuples(st.just("new"), st.sampled_from(("C.JPG", "B.CR3", "D.JPG"))),
        st.tuples(st.just("away"), st.sampled_from(STEMS)),
        st.tuples(st.sampled_from(("undo", "redo", "scan", "back"))),
    ),
    max_size=12,
)


@settings(max_examples=20, deadline=None)
@given(steps=STEPS)
def test_whatever_is_done_every_file_is_in_one_photo_and_undo_brings_all_marks_back(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[object, ...]]
) -> None:
    folder, elsewhere = tmp_path_factory.mktemp("shoot"), tmp_path_factory.mktemp("away")
    home = tmp_path_factory.mktemp("home")
    workspace = open_workspace(Places(home, home, home, home))
    for name in STEMS:
        a_raw(folder / name)
    scanned(workspace, folder)

    def state() -> tuple[list[str], dict[str, Decision]]:
        found = there(workspace, folder)
        files = [name for names_ in found for name in names_.split(" ")]
        on_disk = sorted(path.name for path in folder.iterdir())
        assert sorted(name for name in files if name in on_disk) == on_disk
        return sorted(found), {key: entry.decision for key, entry in found.items()}

    count = 0
    for what, *how in steps:
        before = state()
        try:
            match what:
                case "split":
                    split(workspace, folder / str(how[0]))
                case "join":
                    join(workspace, [folder / name for name in how[0]])  # type: ignore[attr-defined]
                case "mark":
                    marked(workspace, folder / str(how[0]), int(how[1]))  # type: ignore[call-overload]
                case "new":
                    a_raw(folder / str(how[0]))
                    scanned(workspace, folder)
                case "away":
                    if (folder / str(how[0])).exists():
                        shutil.move(folder / str(how[0]), elsewhere)
                    scanned(workspace, folder)
                case "back":
                    for path in elsewhere.iterdir():
                        shutil.move(path, folder)
                    scanned(workspace, folder)
                case "undo" | "redo":
                    getattr(cull, str(what))(workspace)
                case "scan":
                    for path in folder.iterdir():
                        os.utime(path, ns=(count, count))
                    count += 1
                    scanned(workspace, folder)
        except CullerError:
            assert state() == before
        state()
    for path in elsewhere.iterdir():
        shutil.move(path, folder)
    scanned(workspace, folder)
    try:
        while cull.undo(workspace) is not None:
            state()
    except CullerError:
        # Files came meanwhile and brought their marks along, or were not there when they were dealt out.
        assert any(step[0] in ("new", "away") for step in steps)
    else:
        scanned(workspace, folder)
        found, marks = state()
        if not any(step[0] in ("new", "away") for step in steps):
            assert set(marks.values()) == {UNMARKED}
            assert found == ["A.CR2 A.JPG", "B.HEIC", "B.JPG", "C.NEF"]
    workspace.close()
