"""Files with flipped, cut and repeated bytes: a picture or a sentence, never anything else.

What this cannot prove: memory and time of files larger than those here (test_decode has the limits).
"""

import io
import random
import struct
import time
from pathlib import Path

import pytest
from PIL import Image
from reader_fuzz import LONGEST_S, fuzz, mutated

from culler.domain.errors import CullerError
from culler.imaging import exif, maker_notes
from culler.imaging.decode import develop
from culler.imaging.formats import SNIFF_BYTES, sniff

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


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
@pytest.mark.timeout(600)
def test_a_mutated_real_file_is_a_picture_or_a_sentence(corpus: Path) -> None:
    """Real files with faults, in a process of their own: no crash, no hang, no memory blow-up. For more
    of them than these, run tests/support/reader_fuzz.py."""
    found = fuzz(corpus / "photos", seed=7, seconds=300, most=2000, keep=None)
    assert found["failures"] == []


def test_maker_notes_that_announce_too_much_are_given_up(tmp_path: Path) -> None:
    """Found by fuzzing: exifread would read four thousand million numbers, one by one."""
    directory = struct.pack("<HHHII", 1, 0x927C, 3, 0xFFFFFFF0, 0) + bytes(4)
    main = struct.pack("<HHHII", 1, 0x8769, 4, 1, 26) + bytes(4)
    block = b"II*\x00" + struct.pack("<I", 8) + main + directory
    segment = b"Exif\x00\x00" + block
    path = tmp_path / "a.jpg"
    noise = io.BytesIO()
    Image.effect_noise((48, 32), 60).save(noise, "JPEG")
    head = b"\xff\xd8\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment
    path.write_bytes(head + noise.getvalue()[2:])
    started = time.perf_counter()
    maker_notes.read_maker_facts(path)
    attempt(path)
    assert time.perf_counter() - started < LONGEST_S
