"""HEIC files: what would take the process down is taken out, and bands are the whole picture."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from culler.imaging import bands, heif, large, limits
from culler.imaging.decode import develop, full, region

pytestmark = pytest.mark.corpus


def test_an_item_type_that_is_no_text_does_not_end_the_process(corpus: Path, tmp_path: Path) -> None:
    data = (corpus / "photos" / "heif" / "empty_icc.heic").read_bytes()
    at = data.index(b"application/rdf+xml")
    path = tmp_path / "broken.heic"
    path.write_bytes(data[:at] + b"\x98\x89\xff" + data[at + 3 :])
    code = (
        "import sys, pathlib, culler.imaging.decode as d; print(d.develop(pathlib.Path(sys.argv[1])).width)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().isdecimal()


def test_a_sound_file_is_left_as_it_is(corpus: Path) -> None:
    for path in sorted((corpus / "photos" / "heif").iterdir()):
        data = path.read_bytes()
        assert heif.harmless(data) is data, path.name


def test_a_large_heic_looks_the_same_by_bands(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("IMG_2682.heic", "arrow.heic", "alpha.heic", "HMD_Nokia_8.3_5G_hdr.heif", "RGB_10__29x100.heif")
    for name in names:
        path = corpus / "photos" / "heif" / name
        box = (10, 20, 29, 90)
        whole = full(path), develop(path).preview, region(path, box)
        with monkeypatch.context() as patch:
            patch.setattr(large, "LEAST_PIXELS", 0)
            patch.setattr(limits, "LARGE_BYTES", 0)
            banded = full(path), develop(path).preview, region(path, box)
        for one, other in zip(whole, banded, strict=True):
            assert one.size == other.size, name
            assert one.tobytes() == other.tobytes(), name


def test_the_bands_of_a_heic_are_its_rows(corpus: Path) -> None:
    data = (corpus / "photos" / "heif" / "arrow.heic").read_bytes()
    image = heif.opened(data)
    joined = bands.reduced(heif.bands(data), image.size, 1)
    assert isinstance(joined, Image.Image)
    assert joined.tobytes() == image.convert("RGB").tobytes()
