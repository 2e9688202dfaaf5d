"""The system's bin: where a file lies in it, and what is left of it once it came back."""

import os
import sys
from pathlib import Path

import pytest

from culler.imaging import bin

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the bin of other systems cannot be put elsewhere"
)


@pytest.fixture
def home_bin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bin of the test's own."""
    from send2trash import plat_other

    monkeypatch.setattr("send2trash.send2trash", plat_other.send2trash)
    monkeypatch.setattr(plat_other, "HOMETRASH_B", os.fsencode(tmp_path / "bin"))
    monkeypatch.setattr(plat_other, "get_dev", lambda path: 1)
    return tmp_path / "bin"


def photo(folder: Path, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "IMG_0001.CR2"
    path.write_bytes(content)
    return path


def test_the_bin_says_where_each_of_two_files_of_one_name_lies(tmp_path: Path, home_bin: Path) -> None:
    places = [bin.put(photo(tmp_path / name, name.encode())) for name in ("a", "b")]
    assert [None if place is None else place.read_bytes() for place in places] == [b"a", b"b"]
    assert {place.parent for place in places if place is not None} == {home_bin / "files"}


def test_names_that_are_no_text_are_found(tmp_path: Path, home_bin: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 [1].jpg"))
    path.write_bytes(b"x")
    place = bin.put(path)
    assert place is not None and place.read_bytes() == b"x"


def test_a_file_that_came_back_is_no_longer_listed(tmp_path: Path, home_bin: Path) -> None:
    path = photo(tmp_path / "a", b"a")
    place = bin.put(path)
    assert place is not None
    place.rename(path)
    bin.taken_out(place)
    assert list((home_bin / "info").iterdir()) == []


def test_a_bin_that_tells_nothing_is_asked_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("send2trash.send2trash", lambda path: Path(path).unlink())
    path = photo(tmp_path / "a", b"a")
    assert bin.put(path) is None and not path.exists()


def test_what_the_bin_refuses_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise OSError("no bin here")

    monkeypatch.setattr("send2trash.send2trash", refuse)
    path = photo(tmp_path / "a", b"a")
    with pytest.raises(OSError, match="no bin"):
        bin.put(path)
    assert path.read_bytes() == b"a"
