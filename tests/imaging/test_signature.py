"""The difference hash: alike pictures are near, others far."""

import io

from PIL import Image, ImageEnhance

from culler.imaging.signature import HASH_BITS, dhash


def test_the_hash_is_64_bits_and_reads_left_to_right() -> None:
    rising = Image.linear_gradient("L").rotate(90)
    assert dhash(rising) == (1 << HASH_BITS) - 1
    assert dhash(rising.transpose(Image.Transpose.FLIP_LEFT_RIGHT)) == 0


def test_size_encoding_and_brightness_hardly_move_it(make_picture) -> None:
    image = make_picture(600, 400)
    buffer = io.BytesIO()
    ImageEnhance.Brightness(image.resize((250, 167))).enhance(0.8).save(buffer, "JPEG", quality=40)
    other = Image.open(buffer)
    assert (dhash(image) ^ dhash(other)).bit_count() <= 4


def test_a_mirrored_picture_is_far(make_picture) -> None:
    image = make_picture(600, 400)
    mirrored = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert (dhash(image) ^ dhash(mirrored)).bit_count() >= 20
