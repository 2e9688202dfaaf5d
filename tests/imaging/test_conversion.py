"""New pictures for others: upright, sRGB, the right size, and no more metadata than wanted."""

import io
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PIL import ExifTags, Image, ImageCms

from culler.domain.errors import CullerError
from culler.domain.photo import CaptureFacts, FileRole, FileStamp, Photo, PhotoFile, PhotoKind
from culler.imaging import conversion, exif
from culler.imaging.conversion import MetadataPolicy, Recipe, Target
from culler.imaging.formats import Format

TAKEN = datetime(2026, 5, 1, 12, 0, 0, 250000)
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6" '
    b'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:City="Graz"/></rdf:RDF></x:xmpmeta>'
)


def photo_at(path: Path, role: FileRole = FileRole.RENDERED) -> Photo:
    files = (PhotoFile(role, path.name, FileStamp(0, 0)),)
    return Photo(1, path.parent, path.name, 1, PhotoKind.STILL, files)


@pytest.fixture
def photo(tmp_path: Path) -> Photo:
    """Red on the left and blue on the right as stored; shown turned by a quarter."""
    image = Image.new("RGB", (300, 200), (220, 20, 20))
    image.paste((20, 20, 220), (150, 0, 300, 200))
    tags = Image.Exif()
    tags[ExifTags.Base.Make], tags[ExifTags.Base.Model] = "Canon", "Canon EOS R6"
    tags[ExifTags.Base.Orientation] = 6
    tags[ExifTags.Base.Artist], tags[ExifTags.Base.Copyright] = "Ana Ruiz", "© Ana Ruiz".encode()
    details = tags.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = "2026:05:01 12:00:00"
    details[ExifTags.Base.SubsecTimeOriginal] = "25"
    details[0x927C] = b"maker note" * 40
    place = tags.get_ifd(ExifTags.IFD.GPSInfo)
    place[1], place[2], place[3], place[4] = "N", (47.0, 4.0, 0.0), "E", (15.0, 26.0, 0.0)
    image.save(tmp_path / "a.jpg", quality=95, exif=tags, xmp=XMP)
    return photo_at(tmp_path / "a.jpg")


def made(photo: Photo, recipe: Recipe) -> Image.Image:
    return Image.open(io.BytesIO(conversion.convert(photo, recipe)))


@pytest.mark.parametrize("target", Target)
def test_the_picture_is_upright_srgb_and_as_small_as_asked(photo: Photo, target: Target) -> None:
    image = made(photo, Recipe(target, max_side_px=120))
    assert (image.format, image.size) == (target.name, (80, 120))
    top, bottom = image.convert("RGB").getpixel((40, 10)), image.convert("RGB").getpixel((40, 110))
    assert top[0] > 180 and bottom[2] > 180  # type: ignore[index]
    assert image.getexif().get(ExifTags.Base.Orientation, 1) == 1
    profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)


def test_a_small_picture_is_never_enlarged(photo: Photo) -> None:
    assert made(photo, Recipe(max_side_px=4000)).size == (200, 300)


@pytest.mark.parametrize("target", Target)
def test_all_metadata_but_maker_notes_goes_along(photo: Photo, target: Target, tmp_path: Path) -> None:
    data = conversion.convert(photo, Recipe(target))
    facts = exif.read_facts(data, Format[target.name])
    assert (facts.camera, facts.taken, facts.orientation) == ("Canon EOS R6", TAKEN, 1)
    assert facts.latitude == pytest.approx(47 + 4 / 60) and facts.longitude == pytest.approx(15 + 26 / 60)
    assert b"maker note" not in data
    assert b'photoshop:City="Graz"' in data and b'tiff:Orientation="1"' in data


@pytest.mark.parametrize("target", Target)
def test_copyright_alone_names_the_maker_and_no_place(photo: Photo, target: Target) -> None:
    data = conversion.convert(photo, Recipe(target, metadata=MetadataPolicy.COPYRIGHT))
    tags = dict(Image.open(io.BytesIO(data)).getexif())
    assert tags.pop(ExifTags.Base.Artist) == "Ana Ruiz"
    assert tags.pop(ExifTags.Base.Copyright).encode("latin-1") == "© Ana Ruiz".encode()
    assert tags == {}
    assert exif.read_facts(data, Format[target.name]).latitude is None
    assert b"Graz" not in data


@pytest.mark.parametrize("target", Target)
def test_no_metadata_is_none_but_the_profile(photo: Photo, target: Target) -> None:
    data = conversion.convert(photo, Recipe(target, metadata=MetadataPolicy.NONE))
    image = Image.open(io.BytesIO(data))
    assert not dict(image.getexif()) and "xmp" not in image.info and "icc_profile" in image.info
    assert b"Ruiz" not in data and b"Graz" not in data


def test_wide_colours_become_srgb(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    Image.new("LAB", (64, 64), (138, 208, 195)).save(tmp_path / "a.tif", icc_profile=lab)
    red, green, blue = made(photo_at(tmp_path / "a.tif"), Recipe()).getpixel((32, 32))  # type: ignore[misc]
    assert red > 200 and green < 60 and blue < 60


def test_equal_input_gives_equal_bytes(photo: Photo) -> None:
    assert conversion.convert(photo, Recipe()) == conversion.convert(photo, Recipe())


def test_what_a_raw_says_goes_along_rewritten() -> None:
    facts = CaptureFacts(
        make="Nikon", model="Z 8", taken=TAKEN, utc_offset=timedelta(hours=-3, minutes=-30), exposure_s=0.005,
        aperture=2.8, iso=800, focal_mm=85.0, lens="85 mm", latitude=-12.5, longitude=-77.25,
    )  # fmt: skip
    encoded = io.BytesIO()
    Image.new("RGB", (32, 32)).save(encoded, "JPEG", exif=conversion._exif_of_facts(facts).tobytes())
    read = exif.read_facts(encoded.getvalue(), Format.JPEG)
    assert (read.make, read.model, read.taken, read.utc_offset) == (
        "Nikon",
        "Z 8",
        TAKEN,
        facts.utc_offset,
    )
    assert (read.exposure_s, read.aperture, read.iso, read.focal_mm) == (0.005, 2.8, 800, 85.0)
    assert (read.latitude, read.longitude, read.lens) == (-12.5, -77.25, "85 mm")


@pytest.mark.corpus
def test_a_real_raw_becomes_a_jpeg_with_its_camera(corpus: Path) -> None:
    data = conversion.convert(photo_at(corpus / "photos" / "raw" / "DSC8695.dng", FileRole.RAW), Recipe())
    assert exif.read_facts(data, Format.JPEG).model


def test_what_cannot_be_shown_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    with pytest.raises(CullerError, match=r"a\.jpg"):
        conversion.convert(photo_at(tmp_path / "a.jpg"), Recipe())
