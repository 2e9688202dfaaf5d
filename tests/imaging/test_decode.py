"""One decode gives preview, thumbnail, hash and facts; what cannot be shown is a sentence."""

import io
import os
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from culler.domain.errors import CullerError
from culler.imaging import decode, limits, sizes
from culler.imaging.decode import develop, full, glance, needs_encoding, preview, region
from culler.imaging.formats import Format
from culler.imaging.signature import dhash

TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""What was done to an upright picture to store it so that this orientation undoes it."""


def difference(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, float) - np.asarray(other, float)).mean())


@pytest.mark.parametrize(
    ("edge", "expected"),
    [(1279, 1279), (1280, 1280), (2559, 1280), (2560, 1280), (2561, 1281), (5119, 1280), (6000, 1500)],
)
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_the_preview_is_the_smallest_power_of_two_of_at_least_1280(
    make_picture, save_picture, edge: int, expected: int, suffix: str
) -> None:
    path = save_picture(make_picture(edge, 60), f"a.{suffix}")
    assert max(preview(path).size) == expected


def test_a_picture_longer_than_a_decoder_can_reduce_is_reduced_further(make_picture, save_picture) -> None:
    developed = develop(save_picture(make_picture(20480, 40), "a.jpg"))
    assert developed.preview.size == (1280, 3)
    assert (developed.width, developed.height) == (20480, 40)


def test_a_picture_no_larger_than_its_preview_is_kept_as_it_is(make_picture, save_picture) -> None:
    image = make_picture(1500, 1000)
    developed = develop(save_picture(image, "a.png"))
    assert developed.preview.tobytes() == image.tobytes()
    assert not needs_encoding(1500, 1000, Format.PNG)
    assert needs_encoding(2560, 1000, Format.PNG)
    assert needs_encoding(640, 480, Format.RAW)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "avif"])
def test_every_orientation_is_turned_once(make_picture, save_picture, orientation: int, suffix: str) -> None:
    upright = make_picture(96, 64)
    turn = TURNS[orientation]
    stored = upright if turn is None else upright.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save_picture(stored, f"a.{suffix}", exif=exif, quality=95)
    developed = develop(path)
    assert (developed.width, developed.height) == developed.preview.size == (96, 64)
    assert difference(developed.preview, upright) < 4
    assert difference(full(path), upright) < 4


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_region_is_that_part_of_the_upright_picture(make_picture, save_picture, orientation: int) -> None:
    upright = make_picture(96, 64)
    turn = TURNS[orientation]
    stored = upright if turn is None else upright.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save_picture(stored, "a.png", exif=exif)
    box = (10, 20, 50, 60)
    assert region(path, box).tobytes() == upright.crop(box).tobytes()


def test_a_region_at_the_edge_stays_inside_the_picture(make_picture, save_picture) -> None:
    upright = make_picture(96, 64)
    assert region(save_picture(upright, "a.png"), (80, 50, 200, 200)).size == (16, 14)


@pytest.mark.parametrize("orientation", [0, 9, 42])
def test_an_orientation_that_is_none_changes_nothing(make_picture, save_picture, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    developed = develop(save_picture(make_picture(96, 64), "a.jpg", exif=exif))
    assert developed.preview.size == (96, 64)
    assert developed.facts.orientation == 1


def test_thumbnail_and_hash_come_from_the_upright_preview(make_picture, save_picture) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = make_picture(2000, 3000).transpose(Image.Transpose.ROTATE_90)
    developed = develop(save_picture(stored, "a.jpg", exif=exif))
    with Image.open(io.BytesIO(developed.thumbnail)) as thumbnail:
        assert thumbnail.size == (171, 256)
        assert (dhash(thumbnail) ^ developed.dhash).bit_count() <= 2
    assert (dhash(developed.preview) ^ developed.dhash).bit_count() <= 2


def test_preview_alone_has_the_same_pixels_as_development(make_picture, save_picture) -> None:
    path = save_picture(make_picture(3000, 2000), "a.jpg", quality=90)
    assert preview(path).tobytes() == develop(path).preview.tobytes()


def test_a_glance_has_the_same_facts_and_nearly_the_same_look(make_picture, save_picture) -> None:
    path = save_picture(make_picture(6000, 4000), "a.jpg", quality=90)
    quick, whole = glance(path), develop(path)
    assert max(quick.preview.size) == 750
    assert (quick.width, quick.height, quick.facts) == (whole.width, whole.height, whole.facts)
    assert (quick.dhash ^ whole.dhash).bit_count() <= 2


def test_the_encoded_preview_comes_back_with_full_colour_resolution(make_picture, save_picture) -> None:
    image = preview(save_picture(make_picture(1300, 900), "a.png"))
    encoded = decode.encode_preview(image)
    assert Image.open(io.BytesIO(encoded)).layer[1][1:3] == (1, 1)  # type: ignore[attr-defined]
    assert difference(decode.decode_preview(encoded), image) < 1


def test_the_preview_lets_go_of_its_file(make_picture, save_picture) -> None:
    image = preview(save_picture(make_picture(100, 80), "a.jpg", comment=b"x"))
    assert type(image) is Image.Image
    assert image.info == {}


def test_the_first_frame_of_an_animation_is_the_photo(make_picture, save_picture) -> None:
    first, second = make_picture(60, 40), Image.new("RGB", (60, 40), "white")
    for suffix in ("gif", "webp", "png"):
        path = save_picture(first, f"a.{suffix}", save_all=True, append_images=[second])
        assert difference(preview(path), first) < 12


def test_an_mpo_shows_its_first_picture(make_picture, save_picture) -> None:
    first, second = make_picture(60, 40), Image.new("RGB", (30, 20), "white")
    path = save_picture(first, "a.mpo", save_all=True, append_images=[second])
    assert difference(preview(path), first) < 6


def test_jpeg_xl_is_shown(make_picture, save_picture) -> None:
    pytest.importorskip("pillow_jxl")
    image = make_picture(90, 60)
    developed = develop(save_picture(image, "a.jxl", lossless=True))
    assert difference(developed.preview, image) < 1
    assert sizes.jxl_size(save_picture(image, "b.jxl").read_bytes()) == (90, 60)


def test_many_threads_see_the_same_pixels(make_picture, save_picture) -> None:
    paths = [save_picture(make_picture(1000 + 40 * at, 700), f"{at}.jpg", quality=85) for at in range(6)]
    alone = [develop(path) for path in paths]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(develop, paths * 4))
    for at, developed in enumerate(together):
        assert developed.preview.tobytes() == alone[at % 6].preview.tobytes()
        assert developed.dhash == alone[at % 6].dhash


# --- what cannot be shown ----------------------------------------------------------------------


def test_every_hopeless_file_is_a_sentence_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("not a picture")
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "head.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (tmp_path / "head.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "head.heic").write_bytes(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic")
    (tmp_path / "noise.dng").write_bytes(random.Random(1).randbytes(5000))
    (tmp_path / "noise.mp4").write_bytes(b"\x00\x00\x00\x18ftypisom" + random.Random(2).randbytes(5000))
    for path in [*tmp_path.iterdir(), tmp_path / "gone.jpg"]:
        with pytest.raises(CullerError, match=path.name) as caught:
            develop(path)
        assert str(caught.value).endswith(".")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_named_like_a_photo_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(CullerError, match="not an ordinary file"):
        develop(tmp_path / "pipe.jpg")


def test_a_forbidden_file_is_a_sentence(make_picture, save_picture, monkeypatch) -> None:
    path = save_picture(make_picture(8, 8), "secret.jpg")

    def forbid(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbid)
    with pytest.raises(CullerError, match=r"secret\.jpg.*permissions"):
        develop(path)


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_a_name_that_is_not_utf8_is_shown_escaped(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/br\xf6ken.jpg"))
    path.write_bytes(b"")
    with pytest.raises(CullerError) as caught:
        develop(path)
    assert r"br\xf6ken.jpg" in str(caught.value)
    str(caught.value).encode("utf-8")


@pytest.mark.parametrize(("suffix", "options"), [("jpg", {}), ("jpg", {"progressive": True}), ("png", {})])
def test_a_truncated_file_shows_what_is_there_and_says_so(
    make_picture, save_picture, suffix: str, options: dict[str, bool]
) -> None:
    noise = Image.effect_noise((400, 300), 90)
    image = Image.merge("RGB", (noise, *make_picture(400, 300).split()[1:]))
    path = save_picture(image, f"cut.{suffix}", **options)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    developed = develop(path)
    assert developed.damaged is not None
    assert path.name in developed.damaged
    assert developed.preview.size == (400, 300)
    upper = (0, 0, 400, 60)
    assert difference(developed.preview.crop(upper), image.crop(upper)) < 40


def test_a_file_cut_before_its_pixels_is_a_sentence(make_picture, save_picture) -> None:
    path = save_picture(make_picture(400, 300), "cut.jpg")
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"\xff\xda") + 14])
    with pytest.raises(CullerError, match=r"cut\.jpg"):
        develop(path)


def test_damage_in_one_thread_leaves_other_threads_strict(make_picture, save_picture) -> None:
    whole = save_picture(make_picture(800, 600), "whole.jpg")
    cut = save_picture(make_picture(800, 600), "cut.jpg")
    cut.write_bytes(cut.read_bytes()[:-4000])
    with ThreadPoolExecutor(4) as pool:
        damages = [found.damaged is not None for found in pool.map(develop, [whole, cut] * 20)]
    assert damages == [False, True] * 20


def test_a_png_bomb_is_refused_without_decoding(tmp_path: Path) -> None:
    import struct
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    path = tmp_path / "bomb.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00" * 10**6))
    )
    with pytest.raises(CullerError, match="60000 x 60000"):
        develop(path)


def test_the_memory_limit_counts_what_a_decode_really_needs(make_picture, save_picture, monkeypatch) -> None:
    """A huge JPEG is shown by a reduced decode where the whole would not fit."""
    path = save_picture(make_picture(4000, 3000), "huge.jpg")
    monkeypatch.setattr(limits, "MEMORY_LIMIT_BYTES", 20_000_000)
    assert develop(path).preview.size == (2000, 1500)
    assert full(path).size == (2000, 1500)
    with pytest.raises(CullerError, match="4000 x 3000"):
        full(path, may_reduce=False)
