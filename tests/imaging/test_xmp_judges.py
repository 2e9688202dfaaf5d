"""Marks written here, read by programs that nobody here wrote: exiftool, exiv2 and darktable."""

import io
import json
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from culler.domain.decision import UNMARKED, Decision, Flag
from culler.domain.errors import CullerError
from culler.imaging import exiftool
from culler.imaging.exiftool import find_exiftool
from culler.imaging.xmp import Marks, WriteOptions, merge, read_marks
from culler.imaging.xmp_files import write_marks

DECISIONS = [
    Decision(Flag.PICK, 4, "red"),
    Decision(Flag.REJECT, 2, "blue"),
    Decision(Flag.NONE, 5, "purple"),
    Decision(Flag.PICK, 0, "none"),
    Decision(Flag.NONE, 1, "Grün & <gelb>"),
]
COLORS = ["red", "yellow", "green", "blue", "purple"]


def judge(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def run(*command: str | Path, timeout_s: float = 60) -> str:
    done = subprocess.run(command, capture_output=True, check=True, timeout=timeout_s, text=True)
    return done.stdout


def expected(decision: Decision) -> dict[str, object]:
    pick = {Flag.PICK: (1, "True"), Flag.REJECT: (-1, "False"), Flag.NONE: (None, None)}[decision.flag]
    label = decision.label.capitalize() if decision.label in COLORS else decision.label
    known = {
        "Rating": decision.stars,
        "Label": None if label == "none" else label,
        "Pick": pick[0],
        "Good": pick[1],
    }
    return {name: value for name, value in known.items() if value is not None}


def photo(folder: Path, name: str = "IMG.jpg") -> Path:
    path = folder / name
    Image.linear_gradient("L").convert("RGB").save(path, quality=90)
    return path


@pytest.mark.parametrize("decision", DECISIONS)
def test_exiftool_reads_a_new_sidecar_equal_and_finds_it_valid(tmp_path: Path, decision: Decision) -> None:
    exiftool = judge("exiftool")
    path = tmp_path / "IMG.xmp"
    write_marks(path, decision, scores={"Quality": 3.5}, sidecar_for_extension="CR2")
    tags = ("-XMP-xmp:Rating", "-XMP-xmp:Label", "-XMP-xmpDM:Pick", "-XMP-xmpDM:Good")
    (said,) = json.loads(run(exiftool, "-j", "-n", *tags, path))
    said.pop("SourceFile")
    assert {name: str(value) for name, value in said.items()} == {
        name: str(value) for name, value in expected(decision).items()
    }
    (owner,) = json.loads(run(exiftool, "-j", "-SidecarForExtension", "-XMP:Quality", path))
    assert (owner["SidecarForExtension"], owner["Quality"]) == ("CR2", 3.5)
    assert "Warning" not in run(exiftool, "-validate", "-warning", "-error", path)


@pytest.mark.parametrize("decision", DECISIONS)
def test_exiv2_reads_a_new_sidecar_equal(tmp_path: Path, decision: Decision) -> None:
    exiv2 = judge("exiv2")
    path = tmp_path / "IMG.xmp"
    write_marks(path, decision)
    said = {}
    for line in run(exiv2, "-PXkv", "pr", path).splitlines():
        name, _, value = line.partition(" ")
        said[name] = value.strip()
    keys = {
        "Rating": "Xmp.xmp.Rating",
        "Label": "Xmp.xmp.Label",
        "Pick": "Xmp.xmpDM.pick",
        "Good": "Xmp.xmpDM.good",
    }
    assert said == {keys[name]: str(value) for name, value in expected(decision).items()}


@pytest.mark.corpus
def test_exiftool_reads_every_foreign_property_of_real_sidecars_as_before(
    corpus: Path, tmp_path: Path
) -> None:
    exiftool = judge("exiftool")
    sources = [
        path for path in sorted((corpus / "photos" / "sidecars").glob("*.xmp")) if path.name != "XMP2.xmp"
    ]
    for source in sources:
        write_marks_to = tmp_path / source.name
        shutil.copy(source, write_marks_to)
        write_marks(write_marks_to, Decision(Flag.PICK, 4, "green"), overrule=True)
    command = (exiftool, "-j", "-a", "-n", "-G1:4", "-struct", "--System:all", "--File:all", "--ExifTool:all")
    before = json.loads(run(*command, *sources))
    after = json.loads(run(*command, *(tmp_path / source.name for source in sources)))
    unreadable = set()
    for old, new in zip(before, after, strict=True):
        ours = {"XMP-xmp:Rating": 4, "XMP-xmp:Label": "Green", "XMP-xmpDM:Pick": 1, "XMP-xmpDM:Good": "True"}
        old, new = ({key.replace(":Copy", ""): value for key, value in side.items()} for side in (old, new))
        name = Path(old.pop("SourceFile")).name
        new.pop("SourceFile")
        if not old:
            unreadable.add(name)  # UTF-16, which exiftool does not read and our writing makes UTF-8
            continue
        assert {key: str(new.pop(key)) for key in ours} == {key: str(value) for key, value in ours.items()}, (
            name
        )
        for key in ours:
            old.pop(key, None)
        assert new == old, name
    assert unreadable <= {"2000.xmp", "2010.xmp", "2020.xmp"}


SHORT, LONG = "{stem}.xmp", "{name}.xmp"
BY_RATING = WriteOptions(rating_for_reject=True)


@pytest.mark.parametrize(
    ("kind", "name", "decision", "options"),
    [
        ("jpeg", LONG, Decision(Flag.PICK, 0, "blue"), WriteOptions()),
        ("jpeg", LONG, Decision(Flag.REJECT, 3, "green"), BY_RATING),
        ("jpeg", SHORT, Decision(Flag.PICK, 4, "yellow"), WriteOptions()),
        ("dng", LONG, Decision(Flag.PICK, 5, "red"), WriteOptions()),
        ("dng", LONG, Decision(Flag.REJECT, 0, "purple"), BY_RATING),
        ("dng", SHORT, Decision(Flag.NONE, 2, "purple"), WriteOptions()),
        ("tiff", LONG, Decision(Flag.NONE, 3, "purple"), WriteOptions()),
        ("tiff", SHORT, Decision(Flag.NONE, 3, "blue"), WriteOptions()),
        ("heic", LONG, Decision(Flag.REJECT, 0, "red"), BY_RATING),
        ("heic", SHORT, Decision(Flag.NONE, 5, "green"), WriteOptions()),
    ],
)
def test_darktable_imports_the_marks(
    tmp_path: Path,
    request: pytest.FixtureRequest,
    name: str,
    kind: str,
    decision: Decision,
    options: WriteOptions,
) -> None:
    """Stars, reject and colour as its library database holds them. darktable knows a reject only from
    xmp:Rating −1 and only in a long-named sidecar; from a short-named one, which it takes for
    Lightroom's, it reads colours and two to five stars: its 4.2 drops a single one."""
    path = source_of(kind, tmp_path, request)
    write_marks(tmp_path / name.format(stem=path.stem, name=path.name), decision, options=options)
    stars, rejected, colors = imported(path, tmp_path)
    assert rejected == (decision.flag is Flag.REJECT)
    assert colors == [decision.label]
    if not rejected:
        assert stars == decision.stars


def test_darktable_sees_that_marks_were_cleared(tmp_path: Path) -> None:
    path = photo(tmp_path)
    sidecar = tmp_path / "IMG.jpg.xmp"
    write_marks(sidecar, Decision(Flag.REJECT, 4, "red"), options=BY_RATING)
    assert imported(path, tmp_path)[1:] == (True, ["red"])
    write_marks(sidecar, UNMARKED, overrule=True)
    assert imported(path, tmp_path) == (0, False, [])


def test_darktable_takes_our_zero_over_the_rating_inside_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "IMG.jpg"
    inside = merge(None, Decision(stars=4, label="red"))
    Image.linear_gradient("L").convert("RGB").save(path, quality=90, xmp=inside)
    assert imported(path, tmp_path)[0] == 4
    (tmp_path / "IMG.jpg.xmp").unlink(missing_ok=True)
    write_marks(tmp_path / "IMG.jpg.xmp", UNMARKED, beneath=read_marks(inside))
    stars, _, colors = imported(path, tmp_path)
    assert (stars, colors) == (0, [])


def source_of(kind: str, folder: Path, request: pytest.FixtureRequest) -> Path:
    """A picture of this kind in the folder; a real one where none can be made here."""
    if kind == "jpeg":
        return photo(folder)
    if kind == "tiff":
        return photo(folder, "IMG.tif")
    pattern = {"dng": "raw/*.dng", "heic": "heif/arrow.heic"}[kind]
    source = sorted((request.getfixturevalue("corpus") / "photos").glob(pattern))[0]
    path = folder / f"IMG{source.suffix}"
    shutil.copy(source, path)
    return path


def imported(path: Path, folder: Path) -> tuple[int, bool, list[str]]:
    """Stars, reject and colours of the picture in a new library of darktable's."""
    darktable = judge("darktable-cli")
    library = folder / "library.db"
    library.unlink(missing_ok=True)
    state = ("--configdir", folder / "config", "--cachedir", folder / "cache", "--library", library)
    subprocess.run(
        [darktable, path, folder / "out.jpg", "--width", "64", "--core", "--disable-opencl", *state],
        capture_output=True,
        timeout=120,
        check=False,
    )
    (folder / "out.jpg").unlink(missing_ok=True)
    connection = sqlite3.connect(library)
    try:
        ((stars, rejected),) = connection.execute("SELECT flags & 7, flags & 8 FROM images").fetchall()
        colors = [COLORS[row[0]] for row in connection.execute("SELECT color FROM color_labels")]
    finally:
        connection.close()
    return int(stars), bool(rejected), colors


@pytest.mark.corpus
@pytest.mark.parametrize("source", ["heif/arrow.heic", "cameras/tiff_16bit_RGB.tiff", "raw/DSC8695.dng"])
def test_exiftool_and_exiv2_agree_on_the_sidecar_of_any_picture(
    corpus: Path, tmp_path: Path, source: str
) -> None:
    """Marks, then cleared ones, in the short-named sidecar of a HEIC, a TIFF and a DNG."""
    tools = judge("exiftool"), judge("exiv2")
    path = tmp_path / Path(source).with_suffix(".xmp").name
    for decision in (Decision(Flag.REJECT, 3, "purple"), UNMARKED, Decision(Flag.PICK, 0, "yellow")):
        write_marks(
            path, decision, sidecar_for_extension=Path(source).suffix, beneath=Marks(stars=1), overrule=True
        )
        (said,) = json.loads(run(tools[0], "-j", "-n", "-XMP:Rating", "-XMP:Label", "-XMP:Pick", path))
        assert (said["Rating"], said.get("Label", "none").lower()) == (decision.stars, decision.label)
        assert said.get("Pick", 0) == {Flag.PICK: 1, Flag.NONE: 0, Flag.REJECT: -1}[decision.flag]
        assert f"Xmp.xmp.Rating {decision.stars}" in " ".join(run(tools[1], "-PXkv", "pr", path).split())


def test_marks_written_into_a_jpeg_are_read_back_and_its_pixels_stay(tmp_path: Path) -> None:
    tool = find_exiftool()
    if tool is None:
        pytest.skip("exiftool is not installed")
    path = photo(tmp_path, "Grün ß.jpg")
    path.chmod(0o640)
    before = path.read_bytes()
    assert tool.embed(path, Decision(Flag.PICK, 4, "red"), scores={"Quality": 4.0})
    assert read_marks(tool.packet(path) or b"") == Marks(Flag.PICK, 4, "red")
    with Image.open(path) as new, Image.open(io.BytesIO(before)) as old:
        assert new.tobytes() == old.tobytes()
    assert path.stat().st_mode & 0o777 == 0o640
    assert not tool.embed(path, Decision(Flag.PICK, 4, "red"))
    assert tool.embed(path, UNMARKED)
    assert [entry.name for entry in tmp_path.iterdir()] == ["Grün ß.jpg"]


def test_a_picture_changed_while_marks_are_written_into_it_stays_as_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the last moment before the swap, and where the swap itself is what finds out."""
    tool = find_exiftool()
    if tool is None:
        pytest.skip("exiftool is not installed")
    path = photo(tmp_path)
    original = path.read_bytes()
    swap = exiftool.exchange

    def changed_just_before(source: Path, target: Path) -> bool:
        if target.read_bytes() == original:
            target.write_bytes(b"another program was here")
        return swap(source, target)

    monkeypatch.setattr(exiftool, "exchange", changed_just_before)
    with pytest.raises(CullerError, match="changed by another program"):
        tool.embed(path, Decision(Flag.PICK, 4, "red"))
    assert path.read_bytes() == b"another program was here"
    assert [entry.name for entry in tmp_path.iterdir()] == ["IMG.jpg"]


@pytest.mark.corpus
@pytest.mark.parametrize("pattern", ["sidecars/*.jpg", "heif/*.heic", "cameras/*.tif*", "raw/*.dng"])
def test_real_pictures_keep_their_metadata_when_marks_are_embedded(
    corpus: Path, tmp_path: Path, pattern: str
) -> None:
    tool = find_exiftool()
    if tool is None:
        pytest.skip("exiftool is not installed")
    command = (tool.program, "-j", "-a", "-n", "-G1:4", "--System:all", "--File:all", "--ExifTool:all")
    embedded = 0
    for source in sorted((corpus / "photos").glob(pattern))[:2]:
        path = tmp_path / source.name
        shutil.copy(source, path)
        try:
            tool.embed(path, Decision(Flag.REJECT, 5, "blue"))
        except CullerError as error:
            assert path.read_bytes() == source.read_bytes(), str(error)
            continue
        embedded += 1
        (before,), (after,) = (json.loads(run(*command, side)) for side in (source, path))
        assert after["XMP-xmp:Rating"] == 5
        # Offsets move when the file grows, and so do the pointers to what lies behind them.
        moved = (
            "Offset",
            "Start",
            "Length",
            "XMPToolkit",
            "ByteCounts",
            "SourceFile",
            "Rating",
            "Label",
            "Pick",
        )
        for key, value in before.items():
            if not any(word in key for word in (*moved, "Good", "XMP-x:", "Digest", "Position", "MediaData")):
                assert after.get(key) == value, f"{source.name} {key}"
    assert embedded


def test_files_that_cannot_carry_marks_are_refused(tmp_path: Path) -> None:
    tool = find_exiftool()
    if tool is None:
        pytest.skip("exiftool is not installed")
    with pytest.raises(CullerError, match="write a sidecar"):
        tool.embed(tmp_path / "IMG.CR2", UNMARKED)
    (tmp_path / "IMG.jpg").write_bytes(b"no picture")
    with pytest.raises(CullerError, match=r"IMG\.jpg"):
        tool.embed(tmp_path / "IMG.jpg", Decision(stars=1))
    assert [path.name for path in tmp_path.iterdir()] == ["IMG.jpg"]


def test_no_exiftool_is_told_as_none() -> None:
    assert find_exiftool("no-such-program-as-this") is None
