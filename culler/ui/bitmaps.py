"""Pictures as the window paints them, made in loading threads without holding up the window.

Qt's own conversions keep the interpreter's lock to the end, a sixth of a second for 24 megapixels; so
the work is Pillow's (culler.workflow.bitmaps), and pixels cross over a strip at a time.
"""

from typing import Any

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage

_STRIP_BYTES = 1 << 20
"""Copied at once: well below a millisecond."""


def from_pil(picture: Any) -> QImage:
    """A PIL picture as pixels the screen takes."""
    rgb = picture if picture.mode == "RGB" else picture.convert("RGB")
    return _copied(rgb, lambda strip: strip.convert("RGBA").tobytes("raw", "BGRA"))


def for_screen(image: QImage, screen: bytes | None) -> QImage:
    """An sRGB picture in the colours of the screen whose ICC profile is given; itself where none is."""
    if screen is None or image.isNull():
        return image
    from culler.workflow.bitmaps import for_screen

    converted = for_screen(*_bitmap(image), screen)
    return image if converted is None else from_pil(converted)


def scaled(image: QImage, part: QRectF, size: QSize) -> QImage:
    """A part of a picture at another size, as good as it gets."""
    from culler.workflow.bitmaps import scaled

    pixels, whole = _bitmap(image)
    box = (
        max(0.0, part.left()),
        max(0.0, part.top()),
        min(float(whole[0]), part.right()),
        min(float(whole[1]), part.bottom()),
    )
    picture = scaled(pixels, whole, box, (size.width(), size.height()))
    return _copied(picture, lambda strip: strip.tobytes())


def _bitmap(image: QImage) -> tuple[memoryview, tuple[int, int]]:
    """Its pixels, shared: the image must live as long as they are used."""
    assert image.format() == QImage.Format.Format_RGB32, "what the loading threads make"
    return memoryview(image.constBits()), (image.width(), image.height())


def _copied(picture: Any, pixels_of: Any) -> QImage:
    width, height = picture.size
    image = QImage(width, height, QImage.Format.Format_RGB32)
    if image.isNull():
        return image
    pixels, stride = memoryview(image.bits()), image.bytesPerLine()
    rows = max(1, _STRIP_BYTES // stride)
    for row in range(0, height, rows):
        end = min(height, row + rows)
        pixels[row * stride : end * stride] = pixels_of(picture.crop((0, row, width, end)))
    return image
