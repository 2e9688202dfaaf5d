"""Pictures put together from bands are, pixel for pixel, the pictures decoded whole."""

import itertools
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from culler.domain.errors import CullerError
from culler.imaging import bands, large, limits
from culler.imaging.decode import develop, full, region
from culler.imaging.large_tiff import Bands

SAVED = [
    ("strips.tif", "RGB", {}),
    ("lzw.tif", "RGB", {"compression": "tiff_lzw"}),
    ("predicted.tif", "RGB", {"compression": "tiff_adobe_deflate", "tiffinfo": {317: 2}}),
    ("jpeg.tif", "RGB", {"compression": "jpeg", "quality": 90}),
    ("grey.tif", "L", {"compression": "tiff_lzw"}),
    ("deep.tif", "I;16", {}),
    ("palette.tif", "P", {"compression": "packbits"}),
    ("cmyk.tif", "CMYK", {"compression": "tiff_lzw"}),
    ("alpha.tif", "RGBA", {"compression": "tiff_deflate"}),
    ("turned.tif", "RGB", {"tiffinfo": {274: 6}}),
    ("mirrored.tif", "RGB", {"tiffinfo": {274: 4}, "compression": "tiff_lzw"}),
]


@pytest.fixture
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "LEAST_PIXELS", 0)
    monkeypatch.setattr(limits, "LARGE_BYTES", 0)
    monkeypatch.setattr("culler.imaging.large_tiff._BAND_BYTES", 200_000)


def picture(mode: str, width: int, height: int) -> Image.Image:
    noise = np.random.default_rng(3).integers(0, 256, (height // 8, width // 8, 3), np.uint8)
    image = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
    if mode == "I;16":
        return Image.fromarray(np.asarray(image.convert("L"), np.uint16) * 257)
    return image.convert(mode)


@pytest.mark.parametrize(("name", "mode", "options"), SAVED)
def test_a_large_tiff_looks_the_same_by_bands(
    tmp_path: Path, name: str, mode: str, options: dict[str, object], request: pytest.FixtureRequest
) -> None:
    path = tmp_path / name
    picture(mode, 2600, 1736).save(path, **options)  # type: ignore[arg-type]
    box = (301, 77, 903, 1203)
    whole = full(path), develop(path).preview, region(path, box)
    request.getfixturevalue("everything_is_large")
    banded = full(path), develop(path).preview, region(path, box)
    with path.open("rb") as file:
        assert len(list(Bands(file, TiffImageFile(file)))) > 1
    for one, other in zip(whole, banded, strict=True):
        assert one.size == other.size
        assert one.tobytes() == other.tobytes()


def test_a_tiled_planar_tiff_of_either_byte_order_looks_the_same_by_bands(
    tmp_path: Path, everything_is_large: None
) -> None:
    """Written by hand: Pillow writes neither tiles nor planes."""
    pixels = np.asarray(picture("RGB", 200, 136)).astype(np.uint16) * 257
    for order in "<>":
        path = tmp_path / "planar.tif"
        path.write_bytes(tiled_planar(pixels, order))
        with path.open("rb") as file:
            image = TiffImageFile(file)
            layout = Bands(file, image)
            rows = list(layout)
        assert layout.size == (200, 136) and len(rows) > 1
        shown = np.asarray(full(path), np.int16)
        assert np.abs(shown - (pixels >> 8)).max() <= 1


def tiled_planar(pixels: np.ndarray, order: str) -> bytes:  # type: ignore[type-arg]
    from culler.imaging.large_tiff import _directory

    height, width, planes = pixels.shape
    tiles = []
    for plane in range(planes):
        for top in range(0, height, 16):
            for left in range(0, width, 16):
                part = pixels[top : top + 16, left : left + 16, plane]
                whole = np.zeros((16, 16), np.uint16)
                whole[: part.shape[0], : part.shape[1]] = part
                tiles.append(zlib.compress(whole.astype(f"{order}u2").tobytes()))
    entries = {
        256: (4, (width,)),
        257: (4, (height,)),
        258: (3, (16,) * planes),
        259: (3, (8,)),
        262: (3, (2,)),
        277: (3, (planes,)),
        284: (3, (2,)),
        322: (4, (16,)),
        323: (4, (16,)),
        324: (4, (0,) * len(tiles)),
        325: (4, tuple(map(len, tiles))),
    }
    start = len(_directory(order, entries))
    ends = itertools.accumulate(map(len, tiles))
    entries[324] = (4, tuple(start + end - len(tile) for end, tile in zip(ends, tiles, strict=True)))
    return _directory(order, entries) + b"".join(tiles)


def test_a_large_tiff_cut_short_shows_what_is_there(tmp_path: Path, everything_is_large: None) -> None:
    path = tmp_path / "cut.tif"
    picture("RGB", 1200, 900).save(path, compression="tiff_lzw")
    data = path.read_bytes()
    with Image.open(path) as image:
        assert isinstance(image, TiffImageFile)
        middle = image.tag_v2[273][len(image.tag_v2[273]) // 2]
        size = image.tag_v2[279][len(image.tag_v2[279]) // 2]
    path.write_bytes(data[:middle] + b"\xff" * size + data[middle + size :])
    developed = develop(path)
    assert developed.damaged is not None and "cut.tif" in developed.damaged
    assert developed.preview.crop((0, 0, 1200, 100)).getextrema() != ((0, 0),) * 3


def test_a_lack_of_memory_is_not_told_as_damage(
    tmp_path: Path, everything_is_large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.tif"
    picture("RGB", 640, 480).save(path)
    band = Bands._band

    def starved(bands: Bands, first: int, count: int) -> bytes:
        if first:
            raise MemoryError
        return band(bands, first, count)

    monkeypatch.setattr(Bands, "_band", starved)
    with pytest.raises(CullerError, match="takes more memory"):
        full(path)


def test_a_tiff_too_large_to_be_read_whole_is_read_from_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.tif"
    image = picture("RGB", 2600, 1732)
    image.save(path, tiffinfo={271: "Maker", 274: 8})
    small = develop(path)
    monkeypatch.setattr(limits, "IN_MEMORY_BYTES", 1000)
    monkeypatch.setattr(limits, "LARGEST_FILE_BYTES", 2000)
    large = develop(path)
    assert (large.facts, large.width, large.height) == (small.facts, small.width, small.height)
    assert large.preview.tobytes() == small.preview.tobytes()
    assert full(path).size == (1732, 2600)


def test_bands_of_any_height_are_reduced_as_the_whole_is() -> None:
    image = picture("RGB", 101, 77)
    for height in (1, 3, 8, 50, 77):
        parts = [image.crop((0, top, 101, min(77, top + height))) for top in range(0, 77, height)]
        for factor in (1, 2, 8):
            expected = image.reduce(factor) if factor > 1 else image
            assert bands.reduced(parts, image.size, factor).tobytes() == expected.tobytes()
        assert bands.cut(parts, (3, 5, 90, 70)).tobytes() == image.crop((3, 5, 90, 70)).tobytes()
