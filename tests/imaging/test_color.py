"""Every mode and profile becomes opaque 8-bit sRGB."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from culler.imaging import color
from culler.imaging.decode import preview


def pixel(image: Image.Image, at: tuple[int, int] = (4, 4)) -> tuple[int, ...]:
    value = image.getpixel(at)
    assert isinstance(value, tuple)
    return value


def wide_profile() -> bytes:
    """An ICC profile with red and green exchanged: impossible to overlook when applied."""
    srgb = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = srgb.index(b"rXYZ", 128), srgb.index(b"gXYZ", 128)
    srgb[red : red + 4], srgb[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(srgb)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I", "F"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    image = Image.new(mode, (8, 8))
    result = color.to_srgb(image, None)
    assert (result.mode, result.size) == ("RGB", (8, 8))


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bit_grey_keeps_its_tones(tmp_path: Path, suffix: str) -> None:
    ramp = np.tile(np.linspace(0, 65535, 300).astype(np.uint16), (600, 1))
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(ramp).save(path)
    found = np.asarray(preview(path))[0, :, 0]
    assert found[0] == 0
    assert found[-1] == 255
    assert abs(int(found[150]) - 128) <= 1


def test_floating_point_grey_is_read_by_its_range() -> None:
    for top in (1.0, 255.0, 65535.0):
        ramp = np.tile(np.linspace(0, top, 256, dtype=np.float32), (8, 1))
        found = np.asarray(color.to_srgb(Image.fromarray(ramp), None))[0, :, 0].astype(int)
        assert np.abs(found - np.arange(256)).max() <= 1


def test_transparency_is_dropped_and_the_colours_below_it_stay(save_picture) -> None:
    image = Image.new("RGBA", (20, 10), (200, 100, 50, 0))
    image.paste((10, 20, 30, 255), (0, 0, 10, 10))
    shown = preview(save_picture(image, "a.png"))
    assert (pixel(shown, (15, 5)), pixel(shown, (5, 5))) == ((200, 100, 50), (10, 20, 30))


@pytest.mark.parametrize("mode", ["LA", "PA", "RGBa"])
def test_every_transparent_mode_becomes_opaque(mode: str) -> None:
    image = Image.new("RGBA", (8, 8), (90, 90, 90, 255)).convert(mode)
    assert pixel(color.to_srgb(image, None)) == (90, 90, 90)


def test_a_transparent_palette_entry_shows_its_colour(save_picture) -> None:
    image = Image.new("P", (8, 8), 3)
    image.putpalette([0, 0, 0] * 3 + [10, 200, 30])
    assert pixel(preview(save_picture(image, "b.png", transparency=3))) == (10, 200, 30)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp", "avif"])
def test_an_icc_profile_is_applied(save_picture, suffix: str) -> None:
    image = Image.new("RGB", (32, 32), (220, 40, 40))
    path = save_picture(image, f"a.{suffix}", icc_profile=wide_profile(), quality=95)
    red, green, _ = pixel(preview(path))
    assert green > red + 100


def test_a_profile_that_changes_nothing_costs_nothing() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGB", (8, 8), (1, 2, 3))
    assert color.to_srgb(image, srgb) is image


@pytest.mark.parametrize("profile", [b"", b"rubbish", b"\x00" * 200, wide_profile()[:300]])
def test_a_broken_profile_counts_as_absent(profile: bytes) -> None:
    assert pixel(color.to_srgb(Image.new("RGB", (8, 8), (9, 8, 7)), profile)) == (9, 8, 7)


def test_a_profile_of_another_mode_counts_as_absent() -> None:
    assert pixel(color.to_srgb(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), wide_profile())) == (255, 255, 255)


def test_a_cmyk_jpeg_is_not_negative() -> None:
    buffer = io.BytesIO()
    Image.new("CMYK", (64, 64), (0, 255, 255, 0)).save(buffer, "JPEG", quality=95)
    from culler.imaging.formats import Format
    from culler.imaging.pictures import open_picture
    from culler.imaging.render import Wanted, render

    red, green, blue = pixel(render(open_picture(buffer.getvalue(), Format.JPEG, "a.jpg"), Wanted()).image)
    assert red > 200
    assert max(green, blue) < 60
