"""Every row of the reference photographs' manifest, against what this package makes of the file.

The manifest was written with other programs (ExifTool, ImageMagick, ffprobe). Disagreements are
printed as one table; those explained in EXPLAINED are no failure.
"""

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from culler.domain.errors import CullerError
from culler.domain.photo import FileRole
from culler.imaging.decode import Developed, develop
from culler.imaging.formats import role_of

# The product ignores Pillow's warnings about odd metadata; pytest makes errors of them.
pytestmark = [pytest.mark.corpus, pytest.mark.filterwarnings("ignore::UserWarning:PIL")]

SHOWN = {"show", "show_raw_preview", "show_raw_decode", "video"}
REFUSED = {"skip_error", "raw_no_picture"}

EXPLAINED: dict[tuple[str, str], str] = {
    ("bursts/ukbench/ukbench09040.jpg", "taken"): "0000:00:00 00:00:00 is no time",
}


def rows(corpus: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    with (corpus / "photos" / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield corpus / "photos" / row["file"], row


def test_the_manifest_agrees(corpus: Path, capfd: pytest.CaptureFixture[str]) -> None:
    table = []
    seen = 0
    for path, row in rows(corpus):
        seen += 1
        for column, found, expected in disagreements(path, row):
            if (row["file"], column) not in EXPLAINED:
                table.append(f"{row['file']:60} {column:12} found {found!s:30} expected {expected}")
    assert capfd.readouterr().err == "", "a library wrote to the user's terminal"
    print("\n".join(table) or f"{seen} files, no disagreement")
    assert seen > 200
    assert not table, "\n" + "\n".join(table)


def test_a_phone_photo_of_200_megapixels_is_shown(corpus: Path) -> None:
    developed = develop(corpus / "photos" / "hostile" / "200MP.heic")
    assert (developed.width, developed.height) == (12240, 16320)
    assert developed.preview.size == (1530, 2040)
    assert developed.damaged is None


def disagreements(path: Path, row: dict[str, str]) -> Iterator[tuple[str, object, object]]:
    expect = row["expect"]
    role = {"sidecar": FileRole.SIDECAR, "ignore": None, "video": FileRole.VIDEO}.get(
        expect, role_of(path.name)
    )
    if role_of(path.name) is not role:
        yield "role", role_of(path.name), role
    if expect in ("sidecar", "ignore"):
        return
    try:
        developed = develop(path)
    except CullerError as error:
        if expect in SHOWN:
            yield "shown", error, "a picture"
        elif path.name not in str(error) or not str(error).endswith("."):
            yield "sentence", error, "a sentence with the file's name"
        return
    if expect in REFUSED:
        yield "refused", "a picture", "a sentence"
    if expect in SHOWN and developed.damaged is not None:
        yield "damaged", developed.damaged, "whole"
    yield from differing_facts(developed, row)


def differing_facts(developed: Developed, row: dict[str, str]) -> Iterator[tuple[str, object, object]]:
    facts = developed.facts
    if row["display_width"]:
        size = (int(row["display_width"]), int(row["display_height"]))
        if (developed.width, developed.height) != size:
            yield "size", (developed.width, developed.height), size
        shape, expected = (max(edges) / min(edges) for edges in (developed.preview.size, size))
        if abs(shape / expected - 1) > 0.02:
            yield "shape", developed.preview.size, size
    stamp, fraction = row["exif_datetime_original"].strip(), row["exif_subsec_original"].strip()
    if stamp:
        taken = facts.taken.strftime("%Y:%m:%d %H:%M:%S") if facts.taken else ""
        if taken != stamp:
            yield "taken", taken, stamp
        elif fraction and facts.taken != at(stamp, fraction):
            yield "fraction", facts.taken, fraction
    zone = row["exif_offset_original"].strip()
    if zone and facts.utc_offset != datetime.strptime(zone, "%z").utcoffset():
        yield "zone", facts.utc_offset, zone
    if (facts.model or "") != row["model"].strip():
        yield "model", facts.model, row["model"]
    rating = row["rating_xmp"] or row["rating_exif_or_maker"]
    if rating and facts.camera_rating != int(float(rating)):
        yield "rating", facts.camera_rating, rating


def at(stamp: str, fraction: str) -> datetime:
    return datetime.strptime(f"{stamp}.{fraction[:6].ljust(6, '0')}", "%Y:%m:%d %H:%M:%S.%f")
