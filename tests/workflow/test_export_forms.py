"""Exports in other forms: names, folders, formats, papers; and moves that come back."""

import json
import os
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from pictures import write_photo, write_shoot
from PIL import Image

from culler.catalog import folders
from culler.domain.decision import ColorLabel, Flag
from culler.domain.errors import CullerError
from culler.domain.levels import Level
from culler.imaging import copying
from culler.imaging.conversion import Target
from culler.imaging.placing import leftovers
from culler.workflow import cull, listing, moves, sidecars
from culler.workflow.export import ExportReport, ExportRequest, Into, can_undo, export, select, undo
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.score import ScoreRequest, score
from culler.workflow.sidecars import WriteRequest
from culler.workflow.workspace import Workspace, open_workspace


@pytest.fixture
def shoot(workspace: Workspace, tmp_path: Path) -> Path:
    """Three photos; the second is a RAW with its JPEG and sidecar."""
    folder = tmp_path / "shoot"
    paths = write_shoot(folder, 3)
    shutil.copy(paths[1], folder / "IMG_0002.CR2")
    (folder / "IMG_0002.xmp").write_bytes(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    drive(scan(workspace, [folder]))
    return folder


def exported(workspace: Workspace, to: Path, **options: object) -> ExportReport:
    ids = tuple(entry.photo.id for entry in listing.photos_in(workspace, None))
    report = drive(export(workspace, ExportRequest(ids, to, **options)))  # type: ignore[arg-type]
    assert report is not None
    return report


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_template_names_all_files_of_a_photo_alike(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    exported(workspace, tmp_path / "out", name="{date:%Y%m%d}_{sequence:03}", sidecars=True)
    assert sorted(tree(tmp_path / "out")) == [
        "20260501_001.JPG",
        "20260501_002.CR2",
        "20260501_002.JPG",
        "20260501_002.xmp",
        "20260501_003.JPG",
    ]


def test_names_that_do_not_tell_photos_apart_are_numbered(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    exported(workspace, tmp_path / "out", name="wedding")
    assert sorted(tree(tmp_path / "out")) == [
        "wedding (2).CR2",
        "wedding (2).JPG",
        "wedding (3).JPG",
        "wedding.JPG",
    ]


def test_a_template_that_is_none_is_a_sentence_and_nothing_is_done(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    with pytest.raises(CullerError, match="unknown field"):
        exported(workspace, tmp_path / "out", name="{nam}")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("into", "folders"),
    [
        (Into.STARS, {"no stars", "3 stars"}),
        (Into.FLAG, {"no flag", "pick"}),
        (Into.LABEL, {"no label", "red"}),
        (Into.DATE, {"2026-05-01"}),
    ],
)
def test_each_rating_flag_label_or_date_gets_its_folder(
    workspace: Workspace, shoot: Path, tmp_path: Path, into: Into, folders: set[str]
) -> None:
    ids = listing.ids_at(workspace, [shoot / "IMG_0002.CR2"])
    cull.set_stars(workspace, ids, 3)
    cull.set_flag(workspace, ids, Flag.PICK)
    cull.set_label(workspace, ids, ColorLabel.RED)
    exported(workspace, tmp_path / "out", into=into)
    assert {path.name for path in (tmp_path / "out").iterdir()} == folders
    (home,) = {path.parent for path in (tmp_path / "out").rglob("IMG_0002*")}
    assert len(list(home.glob("IMG_0002*"))) == 2
    again = exported(workspace, tmp_path / "out", into=into)
    assert {item.action for item in again.items} == {"exists"}


def test_another_order_copies_nothing_twice(workspace: Workspace, tmp_path: Path) -> None:
    for k, day in enumerate(("day1", "day2")):
        write_photo(tmp_path / day / "IMG_1.JPG", seed=k)
    drive(scan(workspace, [tmp_path / "day1", tmp_path / "day2"]))
    ids = tuple(entry.photo.id for entry in listing.photos_in(workspace, None))
    for order in (ids, ids[::-1]):
        for format_ in (None, Target.JPEG):
            drive(export(workspace, ExportRequest(order, tmp_path / str(format_), format=format_)))
    assert sorted(tree(tmp_path / "None")) == ["IMG_1 (2).JPG", "IMG_1.JPG"]
    assert sorted(tree(tmp_path / "jpg")) == ["IMG_1 (2).jpg", "IMG_1.jpg"]


def test_each_stack_gets_its_folder(workspace: Workspace, tmp_path: Path) -> None:
    for k in range(3):
        write_photo(tmp_path / "s" / f"B{k}.jpg", seed=7, taken=datetime(2026, 5, 1, 12, 0, 0, k * 100000))
    write_photo(tmp_path / "s" / "Z.jpg", seed=3, taken=datetime(2026, 5, 2))
    drive(scan(workspace, [tmp_path / "s"]))
    exported(workspace, tmp_path / "out", into=Into.STACK)
    assert sorted(tree(tmp_path / "out")) == [
        "B0 to B2/B0.jpg",
        "B0 to B2/B1.jpg",
        "B0 to B2/B2.jpg",
        "single photos/Z.jpg",
    ]


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_hard_and_symbolic_links(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    exported(workspace, tmp_path / "hard", mode="hardlink")
    exported(workspace, tmp_path / "soft", mode="symlink")
    assert (tmp_path / "hard" / "IMG_0001.JPG").stat().st_nlink == 2
    assert (tmp_path / "soft" / "IMG_0001.JPG").readlink() == shoot / "IMG_0001.JPG"


def test_photos_become_smaller_pictures_once(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    before = tree(shoot)
    report = exported(workspace, tmp_path / "out", format=Target.AVIF, max_side_px=48)
    assert sorted(tree(tmp_path / "out")) == ["IMG_0001.avif", "IMG_0002.avif", "IMG_0003.avif"]
    assert [item.action for item in report.items] == ["converted"] * 3
    with Image.open(tmp_path / "out" / "IMG_0001.avif") as image:
        assert max(image.size) == 48
    again = exported(workspace, tmp_path / "out", format=Target.AVIF, max_side_px=48)
    assert [item.action for item in again.items] == ["exists"] * 3
    assert tree(shoot) == before


def test_a_picture_that_cannot_be_converted_fails_alone(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    (shoot / "broken.jpg").write_bytes(b"nothing")
    drive(scan(workspace, [shoot]))
    report = exported(workspace, tmp_path / "out", format=Target.JPEG)
    assert [(item.path.name, item.action) for item in report.items if item.message] == [
        ("broken.jpg", "failed")
    ]
    assert len(tree(tmp_path / "out")) == 3


def test_a_format_cannot_be_moved(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    with pytest.raises(CullerError, match="copies"):
        exported(workspace, tmp_path / "out", mode="move", format=Target.JPEG)
    with pytest.raises(CullerError, match="format"):
        exported(workspace, tmp_path / "out", max_side_px=100)


def test_papers_say_what_is_known_and_never_overwrite(
    workspace: Workspace, shoot: Path, tmp_path: Path, fake_judge: str
) -> None:
    drive(score(workspace, ScoreRequest((shoot,), scorer=fake_judge)))
    (tmp_path / "sheet.html").write_text("mine")
    report = exported(
        workspace,
        tmp_path / "out",
        json=tmp_path / "known.json",
        sheets=(tmp_path / "sheet.html",),
        list=tmp_path / "files.txt",
    )
    rows = json.loads((tmp_path / "known.json").read_text("utf-8"))
    assert [row["files"] for row in rows][1] == "IMG_0002.CR2; IMG_0002.JPG; IMG_0002.xmp"
    assert sum(rows[0][f"quality_{level.word}"] for level in Level) == pytest.approx(1)
    assert (tmp_path / "sheet.html").read_text() == "mine"
    (page,) = (path for path in report.papers if path.suffix == ".html")
    text = page.read_text("utf-8")
    assert text.count("<img") == 3 and text.count('class="bar"') == 6 and 'src="http' not in text
    listed = (tmp_path / "files.txt").read_text("utf-8").splitlines()
    assert len(listed) == 4 and all(Path(line).is_file() for line in listed)


def test_papers_of_a_move_name_the_new_places(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    report = exported(
        workspace, tmp_path / "out", mode="move", json=tmp_path / "j.json", sheets=(tmp_path / "s.html",)
    )
    assert len(report.papers) == 2
    rows = json.loads((tmp_path / "j.json").read_text("utf-8"))
    assert all(Path(row["path"]).is_file() for row in rows)
    assert (tmp_path / "s.html").read_text("utf-8").count("<img") == 3


def test_a_contact_sheet_may_be_a_pdf_and_nothing_else(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    exported(workspace, tmp_path / "out", sheets=(tmp_path / "sheet.pdf",))
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(CullerError, match="HTML page or a PDF"):
        exported(workspace, tmp_path / "out", sheets=(tmp_path / "sheet.doc",))


def test_photos_are_chosen_by_label_level_and_queue(
    workspace: Workspace, tmp_path: Path, fake_judge: str
) -> None:
    paths = write_shoot(tmp_path / "s", 5)
    drive(scan(workspace, [tmp_path / "s"]))
    drive(score(workspace, ScoreRequest((tmp_path / "s",), scorer=fake_judge)))
    ids = listing.ids_at(workspace, paths)
    cull.set_label(workspace, ids[:1], ColorLabel.BLUE)
    assert select(workspace, None, label="blue")[0] == (ids[0],)
    good = select(workspace, None, min_level=Level.GOOD)[0]
    fair = select(workspace, None, min_level=Level.FAIR)[0]
    assert set(good) < set(fair) and ids[4] in good and ids[0] not in fair
    queues = [set(select(workspace, None, queue=name)[0]) for name in ("keep", "reject", "you decide")]
    assert set.union(*queues) == set(ids) and sum(map(len, queues)) == len(ids)


def test_a_move_comes_back_with_everything_known(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    before = tree(shoot)
    ids = listing.ids_at(workspace, [shoot / "IMG_0002.CR2"])
    cull.set_stars(workspace, ids, 4)
    exported(workspace, tmp_path / "out", mode="move", name="{sequence:02}_{name}")
    assert tree(shoot) == {} and can_undo(workspace) == 3
    items = drive(undo(workspace))
    assert items is not None and not any(item.message for item in items)
    assert tree(shoot) == before and tree(tmp_path / "out") == {}
    report = drive(scan(workspace, [shoot]))
    assert report is not None and (report.added, report.changed, report.missing) == (0, 0, 0)
    assert {e.photo.id: e.decision.stars for e in listing.photos_in(workspace, [shoot])}[ids[0]] == 4
    assert can_undo(workspace) == 0


def test_a_move_into_many_folders_makes_one_root(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    cull.set_stars(workspace, listing.ids_at(workspace, [shoot / "IMG_0001.JPG"]), 2)
    exported(workspace, tmp_path / "out", mode="move", into=Into.STARS)
    assert sorted(tree(tmp_path / "out"))[0] == "2 stars/IMG_0001.JPG"
    with workspace.catalog.read() as tx:
        assert set(folders.roots(tx).values()) == {shoot, tmp_path / "out"}
    assert len(listing.photos_in(workspace, [tmp_path / "out"])) == 3


def test_a_sidecar_written_after_the_move_comes_back_too(workspace: Workspace, tmp_path: Path) -> None:
    (path,) = write_shoot(tmp_path / "s", 1)
    drive(scan(workspace, [tmp_path / "s"]))
    ids = listing.ids_at(workspace, [path])
    exported(workspace, tmp_path / "out", mode="move", name="new")
    cull.set_stars(workspace, ids, 4)
    drive(sidecars.write(workspace, WriteRequest(tuple(ids))))
    assert sorted(tree(tmp_path / "out")) == ["new.JPG", "new.xmp"]
    drive(undo(workspace))
    assert sorted(tree(tmp_path / "s")) == ["IMG_0001.JPG", "IMG_0001.xmp"]
    assert sidecars.pending(workspace) == ()


def test_undoing_a_move_overwrites_nothing(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    exported(workspace, tmp_path / "out", mode="move")
    write_photo(shoot / "IMG_0001.JPG", seed=99)
    stranger = (shoot / "IMG_0001.JPG").read_bytes()
    items = drive(undo(workspace))
    assert items is not None and [item.to.name for item in items if item.message] == ["IMG_0001.JPG"]
    assert (shoot / "IMG_0001.JPG").read_bytes() == stranger
    assert (tmp_path / "out" / "IMG_0001.JPG").exists() and (shoot / "IMG_0003.JPG").exists()
    assert can_undo(workspace) == 1


def test_a_move_cut_short_is_finished_at_the_next_start(
    workspace: Workspace, shoot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = listing.ids_at(workspace, [shoot / "IMG_0002.CR2"])
    transferring = copying.transferring

    def die(action: copying.Action, source: Path, target: Path) -> copying.Transferring:
        if source.name == "IMG_0002.JPG":
            raise KeyboardInterrupt
        return transferring(action, source, target)

    monkeypatch.setattr(copying, "transferring", die)
    with pytest.raises(KeyboardInterrupt):
        exported(workspace, tmp_path / "out", mode="move")
    assert "IMG_0002.JPG" in tree(shoot) and "IMG_0002.CR2" in tree(tmp_path / "out")
    monkeypatch.undo()
    again = open_workspace(workspace.places)
    try:
        assert sorted(tree(tmp_path / "out")) == [
            "IMG_0001.JPG",
            "IMG_0002.CR2",
            "IMG_0002.JPG",
            "IMG_0002.xmp",
        ]
        (entry,) = listing.entries(again, ids)
        assert entry.photo.path == tmp_path / "out" / "IMG_0002.CR2"
        assert moves.settle(again) == 0
        drive(undo(again))
        assert len(tree(shoot)) == 5
    finally:
        again.close()


def test_a_move_that_cannot_be_finished_goes_back(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    before = tree(shoot)
    ids = listing.ids_at(workspace, [shoot / "IMG_0002.CR2"])
    out = tmp_path / "out"
    plan = tuple((shoot / name, out / name) for name in ("IMG_0002.CR2", "IMG_0002.JPG", "IMG_0002.xmp"))
    journal = moves.Journal(workspace, moves.MoveKind.EXPORT)
    journal.intend(moves.Move(ids[0], plan))
    copying.move_file(*plan[0])
    (out / "IMG_0002.xmp").write_bytes(b"a stranger's")
    assert moves.settle(workspace) == 0, "its process is alive"
    journal.__exit__()
    assert moves.settle(workspace) == 1
    assert tree(shoot) == before
    assert tree(out) == {"IMG_0002.xmp": b"a stranger's"}


def test_a_cancelled_move_leaves_every_photo_whole(
    workspace: Workspace, shoot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("culler.workflow.export_files.STEP_S", -1.0)
    monkeypatch.setattr("culler.imaging.copying._CHUNK_BYTES", 512)
    monkeypatch.setattr("culler.imaging.copying.place_new", _other_disk(copying.place_new, shoot))
    ids = tuple(listing.ids_at(workspace, [shoot / "IMG_0002.CR2"]))
    job = export(workspace, ExportRequest(ids, tmp_path / "out", "move"))
    while not (tmp_path / "out" / "IMG_0002.CR2").exists():
        next(job)
    next(job)
    job.close()
    assert len(tree(shoot)) == 5 and tree(tmp_path / "out") == {}
    assert not leftovers(tmp_path / "out") and can_undo(workspace) == 0


def _other_disk(place_new: object, home: Path) -> object:
    """Moves out of `home` by renaming fail, as between two disks."""
    import errno

    def place(source: Path, target: Path) -> None:
        if source.parent == home:
            raise OSError(errno.EXDEV, "another disk")
        place_new(source, target)  # type: ignore[operator]

    return place
