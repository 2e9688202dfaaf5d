"""Maker notes, written by hand and by cameras; ExifTool is the judge of the real ones."""

import json
import runpy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import maker_blocks as blocks
import pytest
from maker_blocks import Note, write_noted

from culler.domain.photo import Bracketing, Drive, MakerFacts
from culler.imaging.maker_notes import NOTHING, read_maker_facts

SINGLE, CONTINUOUS, SELF_TIMER, REMOTE = Drive.SINGLE, Drive.CONTINUOUS, Drive.SELF_TIMER, Drive.REMOTE
NONE, EXPOSURE, FOCUS = Bracketing.NONE, Bracketing.EXPOSURE, Bracketing.FOCUS
WHITE_BALANCE, OTHER = Bracketing.WHITE_BALANCE, Bracketing.OTHER


def canon_settings(**places: int) -> list[int]:
    return [places.get(f"at{k}", 92 if k == 0 else 0) for k in range(46)]


NOTES = [
    ("Canon", blocks.canon_bracketed(1), CONTINUOUS, EXPOSURE),
    ("Canon", blocks.canon_bracketed(0, drive=0), SINGLE, NONE),
    ("Canon", blocks.canon_bracketed(4, drive=5), CONTINUOUS, WHITE_BALANCE),
    ("Canon", blocks.canon({0x0001: ("H", canon_settings(at2=100))}), SELF_TIMER, None),
    ("Canon", blocks.canon({0x0001: ("H", canon_settings(at5=2))}), None, None),
    ("Canon", blocks.canon({0x0004: ("H", [36] + [0] * 15 + [0xFFFF, 64])}), None, EXPOSURE),
    ("Canon", blocks.canon({0x0093: ("H", [20] + [0] * 9), 0x4053: ("I", [32, 1, 9])}), None, FOCUS),
    ("NIKON CORPORATION", blocks.nikon({0x0089: ("H", 0x11)}), CONTINUOUS, EXPOSURE),
    ("NIKON CORPORATION", blocks.nikon({0x0089: ("H", 0x20)}), SINGLE, NONE),
    ("NIKON CORPORATION", blocks.nikon({0x0089: ("H", 0x52)}), SELF_TIMER, WHITE_BALANCE),
    ("NIKON CORPORATION", blocks.nikon({0x0089: ("H", 0x08)}), SELF_TIMER, NONE),
    ("NIKON CORPORATION", blocks.nikon({0x0089: ("H", 0x190)}), REMOTE, OTHER),
    ("SONY", blocks.sony({0xB049: ("H", 5)}), None, EXPOSURE),
    ("SONY", blocks.sony({0xB049: ("H", 2)}), CONTINUOUS, NONE),
    ("SONY", blocks.sony({0xB049: ("H", 0xFFFF)}), None, None),
    ("FUJIFILM", blocks.fujifilm({0x1100: ("H", 0), 0x1103: ("I", 0x0A000002)}), CONTINUOUS, NONE),
    ("FUJIFILM", blocks.fujifilm({0x1100: ("H", 1), 0x1103: ("I", 0)}), SINGLE, OTHER),
    ("OLYMPUS CORPORATION", blocks.olympus({0x0600: ("H", [2, 1, 0])}), None, EXPOSURE),
    ("OLYMPUS CORPORATION", blocks.olympus({0x0600: ("H", [1, 4, 0])}), CONTINUOUS, NONE),
    ("OM Digital Solutions", blocks.om_system({0x0600: ("H", [5, 7, 0x40, 0, 4])}), None, FOCUS),
    ("OM Digital Solutions", blocks.om_system({0x0600: ("H", [5, 7, 0x01, 0, 4])}), None, EXPOSURE),
    ("Panasonic", blocks.panasonic({0x002A: ("H", 3), 0x002E: ("H", 1)}), None, FOCUS),
    ("Panasonic", blocks.panasonic({0x002A: ("H", 0), 0x002E: ("H", 2)}), SELF_TIMER, NONE),
    ("Panasonic", blocks.panasonic({0x002A: ("H", 2), 0x0045: ("H", 4)}), None, EXPOSURE),
    ("PENTAX", blocks.pentax({0x0034: ("B", [1, 0, 0, 0]), 0x0018: ("H", [2, 0])}), CONTINUOUS, EXPOSURE),
    ("PENTAX", blocks.pentax({0x0034: ("B", [0, 0, 1, 0]), 0x0018: ("H", [0x2000, 0])}), REMOTE, NONE),
    ("RICOH IMAGING COMPANY, LTD.", blocks.gr({0x0034: ("B", [0, 2, 0, 0])}), SELF_TIMER, None),
    ("RICOH", blocks.ricoh({0x1002: ("H", 1), 0x1007: ("H", 9)}), CONTINUOUS, EXPOSURE),
    ("Apple", blocks.apple({0x000B: ("T", b"5A0B-11")}), CONTINUOUS, None),
    ("Apple", blocks.apple({0x0001: ("I", 15)}), None, None),
]  # fmt: skip


@pytest.mark.parametrize(("make", "note", "drive", "bracketing"), NOTES)
def test_the_notes_of_each_maker_are_understood(
    tmp_path: Path, make: str, note: Note, drive: Drive | None, bracketing: Bracketing | None
) -> None:
    path = write_noted(tmp_path / "a.jpg", make, note)
    assert read_maker_facts(path) == MakerFacts(drive, bracketing)


@pytest.mark.parametrize(
    ("make", "note"),
    [
        ("SONY", blocks.sony({0x2002: ("I", 4)})),
        ("FUJIFILM", blocks.fujifilm({0x1431: ("I", 4)})),
    ],
)
def test_a_rating_given_on_the_camera_is_found(tmp_path: Path, make: str, note: Note) -> None:
    assert read_maker_facts(write_noted(tmp_path / "a.jpg", make, note)).rating == 4


def test_exif_s_own_auto_bracket_stands_in_for_notes_that_do_not_say_what_is_bracketed(
    tmp_path: Path,
) -> None:
    some = blocks.fujifilm({0x1100: ("H", 1)})
    assert read_maker_facts(write_noted(tmp_path / "a.jpg", "FUJIFILM", some, 2)).bracketing is EXPOSURE
    unknown = Note(b"WHO KNOWS", {})
    assert read_maker_facts(write_noted(tmp_path / "b.jpg", "Acme", unknown, 2)).bracketing is EXPOSURE
    assert read_maker_facts(write_noted(tmp_path / "c.jpg", "Acme", unknown, 1)) == NOTHING
    told = blocks.canon_bracketed(0)
    contradicted = read_maker_facts(write_noted(tmp_path / "d.jpg", "Canon", told, 2))
    assert contradicted.bracketing is None, "EXIF says the contrary"


def test_notes_that_adobe_s_converter_moved_into_a_dng_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a.dng"
    path.write_bytes(blocks.adobe_dng("Canon", blocks.canon_bracketed(1)))
    assert read_maker_facts(path) == MakerFacts(CONTINUOUS, EXPOSURE)
    path.write_bytes(blocks.adobe_dng("NIKON CORPORATION", blocks.nikon({0x0089: ("H", 0x10)})))
    assert read_maker_facts(path) == MakerFacts(SINGLE, EXPOSURE)


def test_notes_cut_short_or_scrambled_say_nothing_and_never_fail(tmp_path: Path) -> None:
    whole = write_noted(tmp_path / "a.jpg", "Canon", blocks.canon_bracketed(1)).read_bytes()
    path = tmp_path / "b.jpg"
    for end in range(0, 500, 7):
        path.write_bytes(whole[:end])
        read_maker_facts(path)
    for at in range(20, 400):
        path.write_bytes(whole[:at] + b"\xff\xff" + whole[at + 2 :])
        read_maker_facts(path)
    path.write_bytes(b"")
    assert read_maker_facts(path) == NOTHING
    with pytest.raises(OSError):
        read_maker_facts(tmp_path / "gone.jpg")


def test_the_benchmark_runs_and_finds_what_notes_tell(tmp_path: Path) -> None:
    script = Path(__file__).resolve().parents[2] / "benchmarks" / "maker_notes.py"
    for k in range(3):
        write_noted(tmp_path / f"{k}.jpg", "Canon", blocks.canon_bracketed(1), seed=k)
    result = runpy.run_path(str(script))["measure"](tmp_path, 1)
    assert (result["files"], result["telling"]) == (3, 3)


# --- real files, judged by ExifTool ---------------------------------------------------------------

DRIVE_TAGS = ("ContinuousDrive", "SelfTimer", "ShootingMode", "ReleaseMode", "DriveMode", "BurstMode")
BRACKETING_TAGS = (
    "BracketMode", "WBBracketMode", "AutoExposureBracketing", "FocusBracketing", "ShootingMode",
    "ReleaseMode", "AutoBracketing", "DriveMode", "BurstMode", "BracketSettings",
)  # fmt: skip
MAKERS = ("Canon", "Nikon", "Sony", "FujiFilm", "Olympus", "Panasonic", "Pentax", "Ricoh")
CHANGED = {
    "raw/CanonRaw.cr2": [("Canon:BracketMode", k) for k in (1, 2, 3, 4)] + [("Canon:WBBracketMode", 1)],
    "raw/CanonRaw.cr3": [("Canon:BracketMode", 1), ("Canon:ContinuousDrive", 5)],
    "cameras/picasa.jpg": [("Canon:AutoExposureBracketing", k) for k in (-1, 1, 3)]
    + [("Canon:ContinuousDrive", k) for k in (1, 2, 3, 4, 5, 6, 8, 9, 10)]
    + [("Canon:SelfTimer", 100)],
    "cameras/32-lens_data.jpeg": [
        ("Nikon:ShootingMode", k) for k in (0, 1, 2, 8, 16, 17, 32, 80, 128, 272, 273)
    ],
    "raw/Nikon.nef": [("Nikon:ShootingMode", 17)],
    "cameras/r_sony.jpg": [("Sony:ReleaseMode", k) for k in (2, 5, 6, 8, 65535)] + [("Sony:Rating", 3)],
    "cameras/Fujifilm_FinePix_E500.jpg": [("FujiFilm:AutoBracketing", k) for k in (1, 6)],
    "cameras/r_pana.jpg": [("Panasonic:BurstMode", k) for k in (1, 2, 3, 4, 8, 17, 18)]
    + [("Panasonic:SelfTimer", k) for k in (2, 3)]
    + [("Panasonic:BracketSettings", k) for k in (1, 6)],
    "hostile/corrupted.jpg": [
        ("Olympus:DriveMode", value)
        for value in ("1 3 0", "2 1 0", "3 1 0", "4 1 0", "5 3 64", "5 1 1", "5 1 2", "5 1 16", "5 1 32")
    ],
}
"""Values that real files do not have, written into real notes by ExifTool."""


def in_words(file: dict[str, Any], tags: tuple[str, ...]) -> dict[str, str]:
    """ExifTool's words for these tags, from maker notes only. (Panasonic's ShootingMode is a scene.)"""
    keys = ((maker, tag) for maker in MAKERS for tag in tags if (maker, tag) != ("Panasonic", "ShootingMode"))
    return {tag: str(file[f"{maker}:{tag}"]) for maker, tag in keys if f"{maker}:{tag}" in file}


def drive_in_words(file: dict[str, Any]) -> Drive | None:
    said = in_words(file, DRIVE_TAGS)
    timer = said.pop("SelfTimer", "Off").startswith("Off")
    text = " ".join(said.values())
    if "Bracket" in text and "ShootingMode" not in said:
        return None
    if "Continuous" in text or said.get("BurstMode", "").startswith(("On", "Unlimited")):
        return CONTINUOUS
    if "Delay" in text or "Self-timer" in text or not timer:
        return SELF_TIMER
    if "IR Control" in text or "Remote Control" in text:
        return REMOTE
    return SINGLE if "Single" in text or "Normal" in text or said.get("BurstMode") == "Off" else None


def bracketing_in_words(file: dict[str, Any]) -> Bracketing | None:
    said = in_words(file, BRACKETING_TAGS)
    text = " ".join(said.values())
    for words, kind in (
        (("Focus",), FOCUS),
        (("White Balance", "White-Balance", "WB Bracketing", "shift"), WHITE_BALANCE),
        (("D-Lighting", "DRO", "FEB", "Aperture", "ISO Bracketing", "Pixel Shift"), OTHER),
        (("AEB", "Exposure Br", "AE Bracketing", "AE Auto", "Images, Sequence", "shot ", "0.7 EV"), EXPOSURE),
    ):
        if any(word in text for word in words) and "Exposure+WB" not in text:
            return kind
    exposure = (said.get("AutoExposureBracketing"), said.get("AutoBracketing")) in (
        ("On", None),
        (None, "AE"),
    )
    if "Exposure+WB" in text or exposure:
        return EXPOSURE
    if said.get("BracketMode") in ("ISO", "WB"):
        return OTHER if said["BracketMode"] == "ISO" else WHITE_BALANCE
    if said.get("AutoBracketing") == "On":
        return OTHER
    if "0/3 EV" in text:
        return NONE
    return NONE if said and "n/a" not in text else None


def judged(paths: list[Path]) -> dict[str, dict[str, Any]]:
    command = ["exiftool", "-q", "-q", "-m", "-G1", "-json", "-FileName"]
    command += [f"-{tag}" for tag in {*DRIVE_TAGS, *BRACKETING_TAGS, "Rating"}]
    done = subprocess.run([*command, *map(str, paths)], capture_output=True, check=False)
    return {file["SourceFile"]: file for file in json.loads(done.stdout)}


def disagreements(paths: list[Path]) -> tuple[list[str], int]:
    """Files where ExifTool and Culler both speak and differ; and how many words of theirs agree."""
    wrong, agreed = [], 0
    for path, file in judged(paths).items():
        ours = read_maker_facts(Path(path))
        rating = next((file[f"{m}:Rating"] for m in MAKERS if f"{m}:Rating" in file), None)
        theirs = MakerFacts(drive_in_words(file), bracketing_in_words(file), rating)
        for name in ("drive", "bracketing", "rating"):
            mine, other = getattr(ours, name), getattr(theirs, name)
            if mine is not None and other is not None:
                agreed += mine == other
                if mine != other:
                    wrong.append(f"{Path(path).name}: {name} is {other} to ExifTool, {mine} to Culler")
    return wrong, agreed


needs_exiftool = pytest.mark.skipif(shutil.which("exiftool") is None, reason="ExifTool is not installed")


@needs_exiftool
def test_exiftool_agrees_about_notes_written_by_hand(tmp_path: Path) -> None:
    """So the notes of this file are laid out as cameras lay them out. It knows no focus bracketing of
    Canon in the versions that many have."""
    paths = [
        write_noted(tmp_path / f"{k}.jpg", make, note)
        for k, (make, note, _, bracketing) in enumerate(NOTES)
        if (make, bracketing) != ("Canon", FOCUS)
    ]
    paths.append(tmp_path / "a.dng")
    paths[-1].write_bytes(blocks.adobe_dng("Canon", blocks.canon_bracketed(1)))
    wrong, agreed = disagreements(paths)
    assert wrong == []
    assert agreed >= 36


@pytest.mark.corpus
@needs_exiftool
def test_exiftool_agrees_about_every_real_file(corpus: Path) -> None:
    paths = [path for path in sorted((corpus / "photos").rglob("*")) if path.is_file()]
    wrong, agreed = disagreements(paths)
    assert wrong == []
    assert agreed >= 40


@pytest.mark.corpus
@needs_exiftool
def test_exiftool_agrees_about_values_written_into_real_notes(corpus: Path, tmp_path: Path) -> None:
    paths, command = [], ["exiftool"]
    for name, values in CHANGED.items():
        for k, (tag, value) in enumerate(values):
            source = corpus / "photos" / name
            path = tmp_path / f"{source.stem}-{k}-{value}{source.suffix}"
            shutil.copy(source, path)
            path.chmod(0o644)
            command += ["-m", "-n", "-overwrite_original", f"-{tag}={value}", str(path), "-execute"]
            paths.append(path)
    subprocess.run(command[:-1], check=True, capture_output=True)
    wrong, agreed = disagreements(paths)
    assert wrong == []
    assert agreed >= 60


@pytest.mark.corpus
def test_what_real_cameras_say_is_read(corpus: Path) -> None:
    photos = corpus / "photos"
    assert read_maker_facts(photos / "cameras" / "22-canon_tags.jpg") == MakerFacts(SINGLE, NONE)
    assert read_maker_facts(photos / "heif" / "L_exif_xmp_iptc.heic") == MakerFacts(CONTINUOUS, NONE, 0)
    assert read_maker_facts(photos / "raw" / "CanonRaw.crw").drive is CONTINUOUS
    assert read_maker_facts(photos / "bursts" / "rawio_group" / "14.jpg").bracketing is EXPOSURE
    assert read_maker_facts(photos / "sidecars" / "1.xmp") == NOTHING
