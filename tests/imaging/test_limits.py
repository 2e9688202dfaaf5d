"""The rule of what is decoded whole, reduced or refused, on plain numbers."""

from culler.imaging import limits
from culler.imaging.formats import Format
from culler.imaging.limits import Need, plan

GFX = (11648, 8736)
PIXEL_SHIFT = (23296, 17472)
PHONE = (16320, 12240)


def test_a_camera_picture_of_100_megapixels_is_decoded_whole() -> None:
    for format_ in (Format.JPEG, Format.PNG, Format.TIFF, Format.HEIC):
        found = plan(Need(format_, GFX), 1)
        assert found is not None and found.scale == 1, format_


def test_a_phone_picture_of_200_megapixels_is_previewed_by_bands_and_halved_at_full_size() -> None:
    need = Need(Format.HEIC, PHONE, band_bytes=40e6)
    preview, whole = plan(need, 8), plan(need, 1, may_reduce=True)
    assert preview is not None and (preview.scale, preview.banded) == (8, True)
    assert whole is not None and (whole.scale, whole.banded) == (2, True)
    assert plan(need, 1) is None


def test_a_part_of_a_large_picture_is_cut_out_at_full_size_or_refused() -> None:
    need = Need(Format.HEIC, PHONE, band_bytes=40e6)
    part = plan(need, 1, part_pixels=512 * 512, may_reduce=True)
    assert part is not None and part.scale == 1
    assert plan(Need(Format.JPEG, PIXEL_SHIFT), 1, part_pixels=512 * 512, may_reduce=True) is None


def test_a_jpeg_is_reduced_by_its_decoder_as_far_as_it_needs() -> None:
    whole = plan(Need(Format.JPEG, PIXEL_SHIFT), 1, may_reduce=True)
    assert whole is not None and (whole.scale, whole.banded) == (2, False)
    coefficients = PIXEL_SHIFT[0] * PIXEL_SHIFT[1] * 2 * 3.0
    assert plan(Need(Format.JPEG, PIXEL_SHIFT, beside=coefficients), 8, may_reduce=True) is None


def test_a_bomb_is_refused_at_any_scale() -> None:
    for format_ in (Format.PNG, Format.GIF, Format.WEBP, Format.AVIF):
        assert plan(Need(format_, (65000, 65000)), 64, may_reduce=True) is None


def test_no_plan_takes_more_than_the_limit() -> None:
    for format_ in Format:
        if format_ in (Format.RAW, Format.VIDEO):
            continue
        for edge in (1000, 10_000, 20_000, 60_000):
            for band_bytes in (None, 40e6):
                found = plan(Need(format_, (edge, edge), 4.0, band_bytes=band_bytes), 1, may_reduce=True)
                assert found is None or found.peak_bytes <= limits.MEMORY_LIMIT_BYTES


def test_large_sensors_are_developed_at_half_size_only() -> None:
    assert limits.raw_fits(61_000_000, half_size=False)
    assert not limits.raw_fits(151_000_000, half_size=False)
    assert limits.raw_fits(151_000_000, half_size=True)
