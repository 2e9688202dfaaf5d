"""Turning stored pixels upright, and finding a part of the upright picture among them."""

from PIL import Image

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels of the upright full-size picture."""

_T = Image.Transpose
_TURNS = {
    2: _T.FLIP_LEFT_RIGHT,
    3: _T.ROTATE_180,
    4: _T.FLIP_TOP_BOTTOM,
    5: _T.TRANSPOSE,
    6: _T.ROTATE_270,
    7: _T.TRANSVERSE,
    8: _T.ROTATE_90,
}


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """The stored pixels upright, by EXIF orientation."""
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def stored_box(box: Box, orientation: int, stored: tuple[int, int]) -> Box:
    """Where a box of the upright picture lies in the picture as stored, cut to its edges."""
    width, height = stored
    left, top, right, bottom = box
    if orientation in (5, 6, 7, 8):
        left, top, right, bottom = top, left, bottom, right
    # In stored axes now; some orientations count from the far edge.
    if orientation in (2, 3, 7, 8):
        left, right = width - right, width - left
    if orientation in (3, 4, 6, 7):
        top, bottom = height - bottom, height - top
    return max(0, left), max(0, top), min(width, right), min(height, bottom)
