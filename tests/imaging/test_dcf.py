"""Adobe RGB named by the DCF file kind alone, as cameras do it."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from culler.imaging import color, dcf, raw
from culler.imaging.decode import preview

GREEN = (100, 200, 100)


def exif_of(index: str | None) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "R03 Cameras"  # the letters alone mean nothing
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.IFD.Interop] = {} if index is None else {1: index}
    return exif


def shown(path: Path) -> tuple[int, ...]:
    found = preview(path).getpixel((8, 8))
    assert isinstance(found, tuple)
    return found


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return tmp_path / "_MG_0001.JPG"


def test_adobe_rgb_without_a_profile_is_brought_to_srgb(photo: Path) -> None:
    Image.new("RGB", (64, 64), GREEN).save(photo, quality=98, exif=exif_of("R03"))
    # The formulas of Adobe RGB (1998) and IEC 61966-2-1: linear light by 2.19921875, primaries, back.
    linear = (np.array(GREEN) / 255) ** 2.19921875
    to_srgb = np.array([[1.39836, -0.39836, 0.0], [0.0, 1.0, 0.0], [0.0, -0.04293, 1.04293]])
    light = np.clip(to_srgb @ linear, 0, 1)
    expected = 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(np.array(shown(photo)) - expected).max() <= 3


@pytest.mark.parametrize("index", ["R98", "THM", None])
def test_other_file_kinds_are_srgb(photo: Path, index: str | None) -> None:
    Image.new("RGB", (64, 64), GREEN).save(photo, quality=98, exif=exif_of(index))
    assert np.abs(np.array(shown(photo)) - GREEN).max() <= 1


def test_a_profile_counts_more_than_the_file_kind(photo: Path) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (64, 64), GREEN).save(photo, quality=98, exif=exif_of("R03"), icc_profile=srgb)
    assert np.abs(np.array(shown(photo)) - GREEN).max() <= 1


def test_a_broken_block_is_srgb() -> None:
    block = exif_of("R03").tobytes().removeprefix(b"Exif\x00\x00")
    assert dcf.profile(block) == color.adobe_rgb()
    assert {dcf.profile(block[:cut]) for cut in range(0, len(block) - 8, 3)} <= {None, color.adobe_rgb()}
    assert dcf.profile(b"R03") is None


@pytest.mark.parametrize(("index", "is_wide"), [("R03", True), ("R98", False)])
def test_the_preview_in_a_raw_is_of_the_raw_s_colour_space(
    index: str, is_wide: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stands in for LibRaw alone, which wants a sensor's data in the file."""
    jpeg = io.BytesIO()
    Image.new("RGB", (1600, 1200), GREEN).save(jpeg, "JPEG", quality=98)
    header = raw.RawHeader(1600, 1200, orientation=1, jpeg=jpeg.getvalue())
    monkeypatch.setattr(raw, "read_header", lambda *_: header)
    path = tmp_path / "_MG_0001.NEF"
    path.write_bytes(exif_of(index).tobytes().removeprefix(b"Exif\x00\x00"))
    assert (abs(shown(path)[0] - GREEN[0]) > 3) is is_wide


def test_a_dng_s_preview_is_the_converter_s() -> None:
    exif = exif_of("R03")
    exif[0xC612] = b"\x01\x04\x00\x00"
    assert dcf.preview_profile(io.BytesIO(exif.tobytes().removeprefix(b"Exif\x00\x00"))) is None


def test_the_profile_made_is_that_of_adobe_rgb(photo: Path) -> None:
    """Judged by LittleCMS: its grey is a plain power, its white is white."""
    steps = np.arange(0, 256, 17, dtype=np.uint8)
    ramp = Image.fromarray(np.repeat(steps[:, None], 3, axis=1)[None])
    found = np.asarray(color.to_srgb(ramp, color.adobe_rgb()))[0]
    assert found[0].tolist() == [0, 0, 0] and found[-1].tolist() == [255, 255, 255]
    assert np.ptp(found.astype(int), axis=1).max() <= 1, "greys stay grey"
