"""Colours named by code points become sRGB; HDR light becomes light that a screen can show."""

import struct

import numpy as np
import pytest
from PIL import Image

from culler.imaging.decode import preview
from culler.imaging.nclx import ColorCoding, color_coding, to_srgb

SRGB, P3, BT2020 = 1, 12, 9
SDR, PQ, HLG = 13, 16, 18


def mapped(rgb: tuple[int, int, int], coding: ColorCoding) -> tuple[int, ...]:
    value = to_srgb(Image.new("RGB", (4, 4), rgb), coding).getpixel((1, 1))
    assert isinstance(value, tuple)
    return value


def test_ordinary_coding_changes_nothing() -> None:
    image = Image.new("RGB", (4, 4), (1, 2, 3))
    assert to_srgb(image, ColorCoding(SRGB, SDR)) is image
    assert to_srgb(image, None) is image


@pytest.mark.parametrize("primaries", [P3, BT2020])
def test_grey_stays_grey_and_colours_grow_stronger(primaries: int) -> None:
    coding = ColorCoding(primaries, SDR)
    assert mapped((128, 128, 128), coding) == pytest.approx((128, 128, 128), abs=1)
    assert mapped((255, 255, 255), coding) == pytest.approx((255, 255, 255), abs=1)
    red, green, _ = mapped((200, 100, 100), coding)
    assert red > 200
    assert green < 100


def from_chromaticities(red_x: float, red_y: float, green_x: float, green_y: float) -> np.ndarray:
    """RGB to XYZ for these primaries with the blue and white (D65) that sRGB and P3 share."""
    corners = np.array([[red_x, red_y], [green_x, green_y], [0.15, 0.06]])
    xyz = np.stack([corners[:, 0] / corners[:, 1], np.ones(3), (1 - corners.sum(1)) / corners[:, 1]])
    white = np.array([0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290])
    return xyz * np.linalg.solve(xyz, white)


def test_p3_is_converted_by_its_chromaticities() -> None:
    matrix = np.linalg.solve(
        from_chromaticities(0.64, 0.33, 0.30, 0.60), from_chromaticities(0.68, 0.32, 0.265, 0.69)
    )
    for rgb in [(128, 51, 51), (60, 160, 90), (20, 40, 200)]:
        light = matrix @ (((np.array(rgb) / 255 + 0.055) / 1.055) ** 2.4)
        expected = 255 * (1.055 * np.clip(light, 0.0032, 1) ** (1 / 2.4) - 0.055)
        found = mapped(rgb, ColorCoding(P3, SDR))
        kept = light > 0.0032  # below lies the linear foot of the curve, or out of gamut
        assert np.abs(np.array(found) - expected)[kept].max() <= 1


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_hdr_light_rises_evenly_and_shows_reference_white_bright(transfer: int) -> None:
    ramp = Image.fromarray(np.tile(np.arange(256, dtype=np.uint8)[None, :, None], (2, 1, 3)))
    tones = np.asarray(to_srgb(ramp, ColorCoding(BT2020, transfer)))[0, :, 1].astype(int)
    assert (np.diff(tones) >= 0).all()
    assert tones[0] == 0
    # BT.2408: reference white is 58 % of the PQ and 75 % of the HLG signal.
    white = tones[round(255 * (0.58 if transfer == PQ else 0.75))]
    assert 215 <= white <= 250
    assert tones[-1] > white


def test_the_box_is_read_and_applied_in_a_file(save_picture) -> None:
    path = save_picture(Image.new("RGB", (64, 64), (200, 100, 100)), "a.avif", quality=100)
    data = bytearray(path.read_bytes())
    at = data.index(b"colrnclx")
    assert color_coding(bytes(data)) == ColorCoding(1, 13)
    plain = preview(path).getpixel((30, 30))
    data[at + 8 : at + 12] = struct.pack(">HH", P3, SDR)
    path.write_bytes(data)
    assert preview(path).getpixel((30, 30))[0] > plain[0] + 5
