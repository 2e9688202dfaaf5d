"""RAW files: embedded preview, else the picture beside, else the sensor's data."""

import io
import shutil
from pathlib import Path

import pytest
from PIL import Image

from culler.domain.errors import CullerError
from culler.imaging import raw
from culler.imaging.decode import develop, full, glance, preview, region
from culler.imaging.exif import read_facts
from culler.imaging.formats import Format

pytestmark = pytest.mark.corpus


@pytest.fixture
def raws(corpus: Path) -> Path:
    return corpus / "photos" / "raw"


def test_the_embedded_preview_is_shown_without_touching_the_sensor_data(raws: Path, monkeypatch) -> None:
    def forbidden(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("the sensor data was developed")

    monkeypatch.setattr(raw, "develop_raw", forbidden)
    for name in ("CRW.CRW", "DSC8695.dng"):
        assert develop(raws / name).damaged is None
    assert preview(raws / "CRW.CRW").size == (1440, 960)


def test_a_raw_without_a_preview_is_developed(raws: Path) -> None:
    developed = develop(raws / "colorchart.dng")
    assert (developed.width, developed.height) == (1734, 1156)
    assert max(developed.preview.size) >= 1280
    assert developed.facts.model == "Canon EOS Kiss X4"
    assert full(raws / "colorchart.dng").size == (1734, 1156)
    assert region(raws / "colorchart.dng", (100, 100, 300, 200)).size == (200, 100)


def test_the_picture_beside_a_raw_stands_in_for_a_missing_preview(
    raws: Path, make_picture, save_picture, monkeypatch
) -> None:
    def forbidden(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("the sensor data was developed")

    monkeypatch.setattr(raw, "develop_raw", forbidden)
    beside = save_picture(make_picture(1734, 1156), "colorchart.jpg")
    developed = develop(raws / "colorchart.dng", beside)
    assert developed.preview.tobytes() == preview(beside).tobytes()
    assert developed.facts.model == "Canon EOS Kiss X4"
    assert glance(raws / "colorchart.dng", beside).dhash == developed.dhash


def test_a_raw_that_nobody_can_open_shows_the_picture_beside_it(
    raws: Path, make_picture, save_picture
) -> None:
    beside = save_picture(make_picture(1500, 1000), "CanonRaw.jpg")
    with pytest.raises(CullerError, match=r"CanonRaw\.cr2"):
        develop(raws / "CanonRaw.cr2")
    assert develop(raws / "CanonRaw.cr2", beside).preview.size == (1500, 1000)


def test_a_companion_that_is_broken_is_no_hindrance(raws: Path, tmp_path: Path) -> None:
    broken = tmp_path / "colorchart.jpg"
    broken.write_bytes(b"\xff\xd8broken")
    assert develop(raws / "colorchart.dng", broken).width == 1734


def test_facts_come_from_raws_whose_picture_is_gone(raws: Path) -> None:
    for name, model in [
        ("CanonRaw.cr3", "Canon EOS M50"),
        ("CanonRaw.cr2", "Canon EOS 350D DIGITAL"),
        ("CanonRaw.crw", "Canon EOS DIGITAL REBEL"),
        ("FujiFilm.raf", "FinePix S5Pro"),
        ("Nikon.nef", "NIKON D70"),
        ("Panasonic.rw2", "DMC-LX3"),
    ]:
        facts = read_facts(raws / name, Format.RAW)
        assert facts.model == model
        assert facts.taken is not None


def test_a_cut_raw_is_a_sentence_and_the_terminal_stays_clean(
    raws: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = (raws / "colorchart.dng").read_bytes()
    for at, part in enumerate((0.001, 0.01, 0.1, 0.5, 0.9)):
        path = tmp_path / f"cut{at}.dng"
        path.write_bytes(data[: int(len(data) * part)])
        try:
            assert develop(path).damaged is not None
        except CullerError as error:
            assert path.name in str(error)
    assert capfd.readouterr().err == ""


def test_a_large_tiff_under_a_raw_name_is_shown(make_picture, save_picture, tmp_path: Path) -> None:
    path = save_picture(make_picture(1400, 1000), "scan.tif")
    shutil.move(path, tmp_path / "scan.nef")
    assert develop(tmp_path / "scan.nef").preview.size == (1400, 1000)


def test_a_preview_stored_lying_is_turned_like_its_raw(make_picture) -> None:
    from culler.imaging.decode import _embedded

    buffer = io.BytesIO()
    make_picture(1600, 1200).save(buffer, "JPEG")
    header = raw.RawHeader(3000, 4000, orientation=8, jpeg=buffer.getvalue())
    lying = _embedded(header, "a.nef")
    assert lying is not None
    assert lying.upright_size == (1200, 1600)
    upright = io.BytesIO()
    Image.new("RGB", (1200, 1600)).save(upright, "JPEG")
    standing = _embedded(raw.RawHeader(3000, 4000, orientation=8, jpeg=upright.getvalue()), "a.nef")
    assert standing is not None
    assert standing.upright_size == (1200, 1600)
