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
