"""`culler scan --json` over the reference photographs, against every row of their manifest.

The manifest was written with other programs (ExifTool, ImageMagick, ffprobe). Disagreements are
printed as one table; those explained in EXPLAINED are no failure. What the test cannot prove: that the
pixels are right, which tests/imaging/test_corpus_photos.py looks at.
"""

import csv
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from culler.cli.main import run

# The product ignores Pillow's warnings about odd metadata; pytest makes errors of them.
pytestmark = [pytest.mark.corpus, pytest.mark.filterwarnings("ignore::UserWarning:PIL")]

SHOWN = {"show", "show_raw_preview", "show_raw_decode", "video"}
REFUSED = {"skip_error", "raw_no_picture"}
EITHER = {"show_or_skip", "bomb"}  # of a bomb, an error or a bounded preview
LABELS = {"": "none", "Red": "red", "Second": "yellow"}  # the third is Bridge's word for yellow

EXPLAINED: dict[tuple[str, str], str] = {
    ("bursts/ukbench/ukbench09040.jpg", "taken"): "0000:00:00 00:00:00 is no time",
}

Record = dict[str, Any]


def test_a_scan_agrees_with_every_row_of_the_manifest(
    corpus: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = corpus / "photos"
    assert run(["scan", str(folder), "--json"]) == 0
    captured = capfd.readouterr()  # what C libraries print is seen as well
    records = [json.loads(line) for line in captured.out.splitlines()]
    by_path = {Path(record["path"]).relative_to(folder).as_posix(): record for record in records}
    owners = {
        Path(path).relative_to(folder).as_posix(): record
        for record in records
        for path in record.get("companions", ())
    }
    with (folder / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    table = [
        f"{row['file']:60} {column:10} found {found!s:34} expected {expected}"
        for row in rows
        for column, found, expected in disagreements(row, by_path.get(row["file"]), owners.get(row["file"]))
        if (row["file"], column) not in EXPLAINED
    ]
    listed = {row["file"] for row in rows} | {"MANIFEST.csv", "README.md"}
    table += [f"{path:60} is not in the manifest" for path in by_path if path not in listed]
    print("\n".join(table) or f"{len(rows)} rows, no disagreement")
    assert len(rows) > 200
    assert not table, "\n" + "\n".join(table)


def disagreements(
    row: dict[str, str], record: Record | None, owner: Record | None
) -> Iterator[tuple[str, object, object]]:
    """(column, found, expected) wherever the line printed for a file is not what its row says."""
    expect = row["expect"]
    partner = row["pair_with"]
    if owner is not None:
        if Path(owner["path"]).name != partner:
            yield "pair", Path(owner["path"]).name, partner or "alone"
        return
    if record is None:
        yield "listed", "nothing", expect
        return
    if partner and partner not in [Path(path).name for path in record["companions"]]:
        yield "pair", record["companions"], partner
    status = record["status"]
    if expect in ("sidecar", "ignore"):
        if status != "ignored":
            yield "status", status, "ignored"
        return
    wanted = "ok" if expect in SHOWN else "failed" if expect in REFUSED else status
    if status != wanted or expect not in SHOWN | REFUSED | EITHER:
        yield "status", status, f"{wanted} ({expect})"
    if status == "failed":
        if Path(row["file"]).name not in record["error"] or not record["error"].endswith("."):
            yield "sentence", record["error"], "a sentence with the file's name"
        return
    if record["kind"] != ("video" if expect == "video" else "still"):
        yield "kind", record["kind"], expect
    yield from differing_facts(row, record)


def differing_facts(row: dict[str, str], record: Record) -> Iterator[tuple[str, object, object]]:
    if row["display_width"]:
        size = (int(row["display_width"]), int(row["display_height"]))
        if (record["width"], record["height"]) != size:
            yield "size", (record["width"], record["height"]), size
    if row["exif_datetime_original"].strip() and record["taken"] != taken_of(row):
        yield "taken", record["taken"], taken_of(row)
    if row["model"].strip() not in (record["camera"] or ""):
        yield "model", record["camera"], row["model"]
    rating = row["rating_xmp"] or row["rating_exif_or_maker"]
    if rating:
        stars = int(float(rating))
        if (record["rating"], record["stars"]) != (stars, max(0, stars)):
            yield "rating", (record["rating"], record["stars"]), stars
    elif record["stars"]:
        yield "rating", record["stars"], "none"
    flag = {"": "none", "1": "pick", "-1": "reject"}[row["pick"].strip()]
    if record["flag"] != flag:
        yield "pick", record["flag"], flag
    if record["label"] != LABELS[row["label"].strip()]:
        yield "label", record["label"], row["label"]


def taken_of(row: dict[str, str]) -> str:
    """The capture time as the scan prints it: ISO 8601 with sub-seconds and zone where they are known."""
    stamp = row["exif_datetime_original"].strip()
    try:
        moment = datetime.strptime(stamp, "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return f"no time: {stamp}"
    fraction = row["exif_subsec_original"].strip()[:6].ljust(6, "0")
    moment += timedelta(microseconds=int(fraction))
    zone = row["exif_offset_original"].strip()
    if zone:
        moment = moment.replace(tzinfo=datetime.strptime(zone, "%z").tzinfo)
    return moment.isoformat()
