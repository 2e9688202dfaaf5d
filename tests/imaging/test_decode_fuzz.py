"""Files with flipped, cut and repeated bytes: a picture or a sentence, never anything else.

What this cannot prove: memory and time of files larger than those here (test_decode has the limits).
"""

import io
import random
import time
from pathlib import Path

import pytest
from PIL import Image

from culler.domain.errors import CullerError
from culler.imaging import exif
from culler.imaging.decode import develop
from culler.imaging.formats import SNIFF_BYTES, sniff

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

LONGEST_S = 10.0


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The bytes with a few faults of the kinds that cards and copies make, and some malice."""
    broken = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = (
            chance.randrange(len(broken))
            if chance.random() < 0.5
            else chance.randrange(min(600, len(broken)))
        )
        kind = chance.randrange(6)
        if kind == 0:
            broken[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            broken[at] = chance.choice((0, 0xFF, 0x7F, 0x80))
        elif kind == 2:
            broken[at : at + 4] = chance.randbytes(4)
        elif kind == 3:
            broken[at : at + 4] = chance.choice(
                (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x00\x00\x00\x00")
            )
        elif kind == 4:
            del broken[at : at + chance.randrange(1, 64)]
        else:
            broken[at:at] = broken[at : at + chance.randrange(1, 64)]
        if len(broken) <= 16:
            return bytes(broken)
    return bytes(broken[: chance.randrange(16, len(broken))] if chance.random() < 0.15 else broken)


def attempt(path: Path) -> None:
    started = time.perf_counter()
    try:
        developed = develop(path)
        assert developed.preview.mode == "RGB"
        assert 0 <= developed.dhash < 1 << 64
    except CullerError as error:
        assert path.name in str(error)
    data = path.read_bytes()
    format = sniff(data[:SNIFF_BYTES], path.name)
    if format is not None:
        exif.read_facts(data, format)
    exif.embedded_thumbnail(data)
    assert time.perf_counter() - started < LONGEST_S, path


def small_files() -> dict[str, bytes]:
    noise = Image.merge("RGB", [Image.effect_noise((48, 32), 60) for _ in range(3)])
    tags = Image.Exif()
    tags[0x0110], tags[0x0112] = "Canon EOS R6", 6
    tags.get_ifd(0x8769).update({0x9003: "2024:05:05 12:13:14", 0x9291: "02", 0x829A: 1 / 250})
    files = {}
    for name, image, options in [
        ("a.jpg", noise, {"exif": tags.tobytes()}),
        ("progressive.jpg", noise, {"progressive": True}),
        ("cmyk.jpg", noise.convert("CMYK"), {}),
        ("a.png", noise, {"exif": tags.tobytes()}),
        ("palette.png", noise.quantize(16), {}),
        ("a.tif", noise, {"exif": tags.tobytes()}),
        ("lzw.tif", noise, {"compression": "tiff_lzw"}),
        ("raw.dng", noise, {"format": "TIFF"}),
        ("a.webp", noise, {}),
        ("lossless.webp", noise, {"lossless": True}),
        ("a.gif", noise.quantize(16), {}),
        ("a.avif", noise, {"exif": tags.tobytes(), "speed": 10}),
    ]:
        buffer = io.BytesIO()
        format = options.pop("format", {"jpg": "JPEG", "tif": "TIFF"}.get(name[-3:], name.rpartition(".")[2]))
        image.save(buffer, format, **options)
        files[name] = buffer.getvalue()
    return files


def test_a_mutated_small_file_is_a_picture_or_a_sentence(tmp_path: Path) -> None:
    chance = random.Random(20240505)
    for name, data in small_files().items():
        path = tmp_path / name
        for _ in range(60):
            path.write_bytes(mutated(data, chance))
            attempt(path)


@pytest.mark.slow
@pytest.mark.corpus
def test_a_mutated_real_file_is_a_picture_or_a_sentence(
    corpus: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every real file below 1 MB, with faults, in one process: no crash, no hang, no memory blow-up."""
    resource = pytest.importorskip("resource")
    chance = random.Random(7)
    folders = ("cameras", "heif", "hostile", "orientation", "raw", "video")
    for folder in folders:
        for source in sorted((corpus / "photos" / folder).iterdir()):
            data = source.read_bytes()
            if len(data) < 16 or len(data) > 1_000_000:
                continue
            path = tmp_path / source.name
            for _ in range(12):
                path.write_bytes(mutated(data, chance))
                attempt(path)
            path.unlink()
    assert capfd.readouterr().err == ""
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1_500_000
