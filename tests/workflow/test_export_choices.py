"""What an export takes along, foresees and reports, on real files."""

import os
import shutil
from pathlib import Path

import pytest
from pictures import write_photo, write_shoot
from PIL import Image

from culler.domain.errors import CullerError
from culler.imaging.conversion import Target
from culler.workflow import export_names, listing
from culler.workflow.export import ExportReport, ExportRequest, Into, Members, export, preview
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.workspace import Workspace

SIDECAR = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"


@pytest.fixture
def shoot(workspace: Workspace, tmp_path: Path) -> Path:
    """Three photos; the second is a RAW with its JPEG, a sidecar of both and one of the RAW alone."""
    folder = tmp_path / "shoot"
    paths = write_shoot(folder, 3)
    shutil.copy(paths[1], folder / "IMG_0002.CR2")
    (folder / "IMG_0002.xmp").write_bytes(SIDECAR)
    (folder / "IMG_0002.CR2.xmp").write_bytes(SIDECAR)
    drive(scan(workspace, [folder]))
    return folder


def request_of(workspace: Workspace, to: Path, **options: object) -> ExportRequest:
    ids = tuple(entry.photo.id for entry in listing.photos_in(workspace, None))
    return ExportRequest(ids, to, **options)  # type: ignore[arg-type]


def exported(workspace: Workspace, to: Path, **options: object) -> ExportReport:
    report = drive(export(workspace, request_of(workspace, to, **options)))
    assert report is not None
    return report


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("members", "pair"),
    [
        (Members.ALL, ["IMG_0002.CR2", "IMG_0002.CR2.xmp", "IMG_0002.JPG", "IMG_0002.xmp"]),
        (Members.RAW, ["IMG_0002.CR2", "IMG_0002.CR2.xmp", "IMG_0002.xmp"]),
        (Members.RENDERED, ["IMG_0002.JPG", "IMG_0002.xmp"]),
    ],
)
def test_of_a_pair_both_or_one_of_them_goes_with_its_sidecars(
    workspace: Workspace, shoot: Path, tmp_path: Path, members: Members, pair: list[str]
) -> None:
    exported(workspace, tmp_path / "out", members=members, sidecars=True)
    assert names(tmp_path / "out") == ["IMG_0001.JPG", *pair, "IMG_0003.JPG"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"members": Members.RAW, "mode": "move"}, "moves with all its files"),
        ({"quality": 80}, "need a format"),
        ({"quality": 101, "format": Target.JPEG}, "1 to 100"),
        ({"max_side_px": 1, "format": Target.JPEG}, "at least 16"),
        ({"to": Path("~nobody-at-all/x")}, "does not know"),
        ({"to": Path("/tmp/a\0b")}, "No folder has such a name"),
        pytest.param(
            {"to": Path("/tmp") / ("x" * 300)},
            "name is too long",
            marks=pytest.mark.skipif(os.name == "nt", reason="says it in other words"),
        ),
        ({"to": Path(__file__) / "below"}, "is a file, not a folder"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_before_anything_is_done(
    workspace: Workspace, shoot: Path, tmp_path: Path, options: dict[str, object], sentence: str
) -> None:
    for dry_run in (True, False):
        with pytest.raises(CullerError, match=sentence):
            exported(workspace, **({"to": tmp_path / "out", "dry_run": dry_run} | options))  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_a_preview_has_the_names_that_the_export_will_give(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    for template in ("{name}", "wedding", "{sequence:03}_{date:%d.%m.}"):
        for format_ in (None, Target.AVIF):
            out = tmp_path / f"{len(template)}{format_}"
            request = request_of(workspace, out, name=template, format=format_)
            foreseen = preview(workspace, request, 2)
            assert not out.exists() and {item.photo_id for item in foreseen} == set(request.photo_ids[:2])
            report = drive(export(workspace, request))
            assert report is not None
            assert [item.to for item in foreseen] == [item.to for item in report.items[: len(foreseen)]]
            assert {item.action for item in preview(workspace, request, 2)} == {"exists"}


def test_a_dry_run_tells_what_is_there_already_and_what_is_gone(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    for format_ in (None, Target.JPEG):
        out = tmp_path / str(format_)
        exported(workspace, out, format=format_)
        first = next(path for path in sorted(out.iterdir()) if path.stem == "IMG_0001")
        first.unlink()
        foreseen = exported(workspace, out, format=format_, dry_run=True)
        assert [item.action for item in foreseen.items if item.path.stem == "IMG_0001"] == [
            "would copy" if format_ is None else "would convert"
        ]
        assert {item.action for item in foreseen.items if item.path.stem != "IMG_0001"} == {"exists"}
    (shoot / "IMG_0003.JPG").unlink()
    foreseen = exported(workspace, tmp_path / "new", dry_run=True)
    assert [item.path.name for item in foreseen.items if item.action == "failed"] == ["IMG_0003.JPG"]


def test_a_copy_that_is_there_is_as_good_as_a_link(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    exported(workspace, tmp_path / "out")
    for mode in ("link", "hardlink", "symlink"):
        assert {item.action for item in exported(workspace, tmp_path / "out", mode=mode).items} == {"exists"}
    assert len(names(tmp_path / "out")) == 4


def test_another_file_of_the_same_size_is_not_taken_for_the_photo(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    stranger = tmp_path / "out" / "IMG_0001.JPG"
    stranger.parent.mkdir()
    stranger.write_bytes(bytes((shoot / "IMG_0001.JPG").stat().st_size))
    exported(workspace, tmp_path / "out")
    assert "IMG_0001 (2).JPG" in names(tmp_path / "out")
    assert not any(stranger.read_bytes())


def test_the_number_follows_the_whole_stem_whatever_dots_it_has(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    exported(workspace, tmp_path / "out", name="{date:%d.%m.%Y}", sidecars=True)
    assert names(tmp_path / "out") == [
        "01.05.2026 (2).CR2",
        "01.05.2026 (2).CR2.xmp",
        "01.05.2026 (2).JPG",
        "01.05.2026 (2).xmp",
        "01.05.2026 (3).JPG",
        "01.05.2026.JPG",
    ]


def test_names_that_differ_by_case_alone_are_numbered(workspace: Workspace, tmp_path: Path) -> None:
    for k, name in enumerate(("a/img_1.jpg", "b/IMG_1.jpg")):
        write_photo(tmp_path / "s" / name, seed=k)
    drive(scan(workspace, [tmp_path / "s"]))
    exported(workspace, tmp_path / "out")
    assert len({name.casefold() for name in names(tmp_path / "out")}) == 2


def test_many_photos_of_one_name_are_numbered_without_trying_every_number(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for k in range(40):
        write_photo(tmp_path / "s" / f"{k}.jpg", seed=k)
    drive(scan(workspace, [tmp_path / "s"]))
    tried: list[int] = []
    numbered = export_names.naming.numbered

    def counting(name: str, stem: str, number: int) -> str:
        tried.append(number)
        return numbered(name, stem, number)

    monkeypatch.setattr(export_names.naming, "numbered", counting)
    exported(workspace, tmp_path / "out", name="wedding")
    assert len(names(tmp_path / "out")) == 40 and len(tried) < 100


def test_a_paper_that_cannot_be_written_keeps_nothing_else_back(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    report = exported(
        workspace,
        tmp_path / "out",
        csv=in_the_way / "known.csv",
        sheets=(in_the_way / "sheet.pdf", tmp_path / "sheet.html"),
        list=tmp_path / "files.txt",
    )
    assert {item.action for item in report.items} == {"copied"}
    assert report.csv is None and report.papers == (tmp_path / "sheet.html", tmp_path / "files.txt")
    assert [sentence.partition(" Nothing")[0] for sentence in report.troubles] == [
        "Cannot write known.csv: a folder on its path is a file.",
        "Cannot write sheet.pdf: a folder on its path is a file.",
    ]


def test_the_list_for_other_programs_names_pictures_where_they_are_now(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    exported(workspace, tmp_path / "out", mode="move", list=tmp_path / "files.txt")
    listed = (tmp_path / "files.txt").read_text("utf-8").splitlines()
    assert [Path(line).name for line in listed] == [
        "IMG_0001.JPG",
        "IMG_0002.CR2",
        "IMG_0002.JPG",
        "IMG_0003.JPG",
    ]
    assert all(Path(line).exists() for line in listed)


def test_papers_that_say_the_same_again_are_not_written_twice(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    papers = {"csv": tmp_path / "t.csv", "sheets": (tmp_path / "s.html", tmp_path / "s.pdf")}
    first = exported(workspace, tmp_path / "out", **papers)
    again = exported(workspace, tmp_path / "out", **papers)
    assert (first.csv, first.papers) == (again.csv, again.papers)
    assert len(list(tmp_path.glob("t*.csv"))) == len(list(tmp_path.glob("s*.pdf"))) == 1


def test_a_lower_quality_makes_smaller_files(workspace: Workspace, shoot: Path, tmp_path: Path) -> None:
    sizes = []
    for quality in (None, 30):
        out = tmp_path / str(quality)
        exported(workspace, out, format=Target.JPEG, quality=quality)
        with Image.open(out / "IMG_0001.jpg") as image:
            image.load()
        sizes.append((out / "IMG_0001.jpg").stat().st_size)
    assert sizes[1] < sizes[0]


def test_folders_of_stacks_are_the_stacks_that_are_meant(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    request = request_of(workspace, tmp_path / "out", into=Into.STACK)
    first, second = request.photo_ids[:2]
    chosen = ExportRequest((second,), request.to, into=Into.STACK, stacks=((first, second),))
    drive(export(workspace, chosen))
    assert names(tmp_path / "out" / "IMG_0001 to IMG_0002") == ["IMG_0002.CR2", "IMG_0002.JPG"]


def test_a_cancelled_export_goes_on_where_it_stopped(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    job = export(workspace, request_of(workspace, tmp_path / "out"))
    while not list((tmp_path / "out").glob("*")) if (tmp_path / "out").exists() else True:
        next(job)
    job.close()
    assert names(tmp_path / "out") == ["IMG_0001.JPG"]
    assert [item.action for item in exported(workspace, tmp_path / "out").items] == [
        "exists",
        "copied",
        "copied",
        "copied",
    ]
