"""culler export: the words of the command line reach the export."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from culler.cli.main import run


def exported(shoot: Path, to: Path, *words: str) -> int:
    return run(["export", str(shoot), "--to", str(to), *words])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_only_the_jpegs_of_pairs_go_when_asked(shoot: Path, tmp_path: Path) -> None:
    shutil.copy(shoot / "IMG_0001.JPG", shoot / "IMG_0001.CR2")
    assert exported(shoot, tmp_path / "jpeg", "--members", "jpeg") == 0
    assert exported(shoot, tmp_path / "raw", "--members", "raw") == 0
    assert names(tmp_path / "jpeg") == [f"IMG_000{k}.JPG" for k in range(1, 6)]
    assert names(tmp_path / "raw")[:2] == ["IMG_0001.CR2", "IMG_0002.JPG"]


def test_sidecars_travel_with_their_photos_unless_they_are_to_stay(shoot: Path, tmp_path: Path) -> None:
    run(["mark", str(shoot / "IMG_0001.JPG"), "--stars", "3"])
    run(["xmp", "write", str(shoot)])
    assert exported(shoot, tmp_path / "all", "--min-stars", "3") == 0
    assert exported(shoot, tmp_path / "bare", "--min-stars", "3", "--no-sidecars") == 0
    assert names(tmp_path / "all") == ["IMG_0001.JPG", "IMG_0001.xmp"]
    assert names(tmp_path / "bare") == ["IMG_0001.JPG"]


def test_new_pictures_have_the_size_and_quality_that_are_asked_for(shoot: Path, tmp_path: Path) -> None:
    sizes = []
    for quality in ("90", "20"):
        words = ("--format", "jpeg", "--max-side", "48", "--quality", quality)
        assert exported(shoot, tmp_path / quality, *words) == 0
        with Image.open(tmp_path / quality / "IMG_0001.jpg") as image:
            assert max(image.size) == 48
        sizes.append((tmp_path / quality / "IMG_0001.jpg").stat().st_size)
    assert sizes[1] < sizes[0]


def test_several_contact_sheets_are_made_and_one_that_cannot_be_is_said(
    shoot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    sheets = [tmp_path / "a.pdf", tmp_path / "a.html", tmp_path / "file" / "b.html"]
    words = [word for sheet in sheets for word in ("--contact-sheet", str(sheet))]
    assert exported(shoot, tmp_path / "out", *words) == 0
    said = capsys.readouterr().err
    assert sheets[0].exists() and sheets[1].exists()
    assert f"Written: {sheets[1]}." in said and "Cannot write b.html" in said


def test_a_dry_run_says_what_would_happen_to_every_file(
    shoot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exported(shoot, tmp_path / "out") == 0
    (tmp_path / "out" / "IMG_0002.JPG").unlink()
    capsys.readouterr()
    assert exported(shoot, tmp_path / "out", "--dry-run", "--json") == 0
    actions = [json.loads(line)["action"] for line in capsys.readouterr().out.splitlines()]
    assert actions == ["exists", "would copy", "exists", "exists", "exists"]


def test_a_move_takes_all_files_or_says_why_not(
    shoot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exported(shoot, tmp_path / "out", "--members", "raw", "--mode", "move") == 1
    assert "moves with all its files" in capsys.readouterr().err
    assert len(names(shoot)) == 5
