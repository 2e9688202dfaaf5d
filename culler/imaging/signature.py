"""A photo's look in 64 bits: near-equal pictures differ in few of them.

The difference hash of Neal Krawetz (hackerfactor.com, "Kind of Like That", 2013): the signs of
brightness steps along the rows of a 9 x 8 miniature.
"""

from PIL import Image

HASH_BITS = 64


def dhash(image: Image.Image) -> int:
    """64-bit difference hash of an upright picture, first row in the highest bits."""
    pixels = image.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = 0
    for at in range(72):
        if at % 9 != 8:
            bits = bits << 1 | (pixels[at] < pixels[at + 1])
    return bits


LOOK_BYTES = 384


def look(image: Image.Image) -> bytes:
    """A picture's look, finer than a hash: LOOK_BYTES bytes, aspect ignored.

    256 bytes of a 16 × 16 luma miniature, row by row, then 8 × 8 of Cb and 8 × 8 of Cr (Pillow's
    YCbCr values, 0–255). An upright RGB picture of any size.
    """
    small = image.reduce(max(1, min(image.size) // 64)).convert("YCbCr")
    luma, blue, red = small.resize((16, 16), Image.Resampling.BOX).split()
    return luma.tobytes() + blue.reduce(2).tobytes() + red.reduce(2).tobytes()
