"""ICC profiles of made-up screens."""

from functools import cache

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColorSpace

from culler.imaging import color


@cache
def display_p3() -> bytes:
    return bytes(QColorSpace(QColorSpace.NamedColorSpace.DisplayP3).iccProfile().data())


@cache
def srgb() -> bytes:
    return bytes(QColorSpace(QColorSpace.NamedColorSpace.SRgb).iccProfile().data())


@cache
def swapped() -> bytes:
    """A screen whose red is green and whose green is red: impossible to overlook."""
    profile = bytearray(color.display_p3())
    red, green = profile.index(b"rXYZ", 128), profile.index(b"gXYZ", 128)
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


@cache
def gamma_18() -> bytes:
    """An old Mac's screen: sRGB's colours, another tone curve."""
    white = QPointF(0.3127, 0.3290)
    red, green, blue = QPointF(0.64, 0.33), QPointF(0.30, 0.60), QPointF(0.15, 0.06)
    space = QColorSpace(white, red, green, blue, QColorSpace.TransferFunction.Gamma, 1.8)
    return bytes(space.iccProfile().data())
