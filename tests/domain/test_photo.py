import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from culler.domain.photo import CaptureFacts, FileRole, FileStamp, PhotoFile, shown_name


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("Canon", "Canon EOS R6", "Canon EOS R6"),
        ("NIKON CORPORATION", "NIKON D70", "NIKON D70"),
        ("EASTMAN KODAK COMPANY", "KODAK DC240 ZOOM", "KODAK DC240 ZOOM"),
        ("samsung", "SM-S901E", "samsung SM-S901E"),
        (None, "X100", "X100"),
        ("Leica", None, "Leica"),
        (None, None, None),
    ],
)
def test_a_camera_is_named_without_saying_its_make_twice(
    make: str | None, model: str | None, camera: str | None
) -> None:
    assert CaptureFacts(make=make, model=model).camera == camera


def test_a_moment_carries_its_zone_where_the_file_names_one() -> None:
    noon = datetime(2026, 5, 1, 12)
    assert CaptureFacts(taken=noon).taken_at == noon
    aware = CaptureFacts(taken=noon, utc_offset=timedelta(hours=2)).taken_at
    assert aware is not None and aware.isoformat() == "2026-05-01T12:00:00+02:00"


def test_what_one_reader_misses_the_other_fills() -> None:
    first = CaptureFacts(make="Canon", iso=400)
    second = CaptureFacts(make="CANON INC.", model="EOS R6", iso=100, orientation=6)
    filled = first.filled_from(second)
    assert (filled.make, filled.model, filled.iso, filled.orientation) == ("Canon", "EOS R6", 400, 6)


@pytest.mark.skipif(os.name == "nt", reason="needs names of raw bytes")
def test_a_name_that_is_not_utf8_keeps_its_bytes() -> None:
    name = os.fsdecode(b"a/caf\xe9.jpg")
    text, raw = shown_name(name)
    assert (text, raw) == ("a/caf\\xe9.jpg", b"a/caf\xe9.jpg")
    file = PhotoFile(FileRole.RENDERED, text, FileStamp(1, 1), raw)
    assert file.path(Path("/photos")) == Path("/photos") / name
