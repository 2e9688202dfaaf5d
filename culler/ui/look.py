"""How a photo is looked at, as numbers: fitted, or close up with pan and zoom at a point.

Zoom counts device pixels per pixel of the photo, so that 1.0 is the true 1:1 on any screen.
"""

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize

MAX_ZOOM = 8.0
MAX_FIT_ZOOM = 2.0
"""Small pictures are fitted by enlarging them, but not into a blur."""
_NOTCH_ZOOMS = 1.25
_NEARLY_FITTED = 1.001


@dataclass(frozen=True, slots=True)
class Look:
    """How a photo is looked at: `zoom` None fits it; else (x, y) of the photo, from 0 to 1, is in the
    middle of the view."""

    zoom: float | None = None
    x: float = 0.5
    y: float = 0.5


FIT = Look()


@dataclass(frozen=True, slots=True)
class Framing:
    """A photo of so many pixels in a view of so many logical pixels, each `ratio` of the screen's wide.
    Points and rectangles are the view's, logical pixels."""

    photo: QSize
    view: QSize
    ratio: float

    @property
    def fit_zoom(self) -> float:
        if self.photo.isEmpty():
            return 1.0
        fit = min(self.view.width() / self.photo.width(), self.view.height() / self.photo.height())
        return min(fit * self.ratio, MAX_FIT_ZOOM * self.ratio)

    def zoom(self, look: Look) -> float:
        return self.fit_zoom if look.zoom is None else look.zoom

    def rect(self, look: Look) -> QRectF:
        """Where the whole photo lies, on whole device pixels; larger than the view when close up."""
        scale = self.zoom(look) / self.ratio
        width, height = self.photo.width() * scale, self.photo.height() * scale
        if look.zoom is None:
            left, top = (self.view.width() - width) / 2, (self.view.height() - height) / 2
        else:
            left = self.view.width() / 2 - look.x * width
            top = self.view.height() / 2 - look.y * height
        return QRectF(
            round(left * self.ratio) / self.ratio, round(top * self.ratio) / self.ratio, width, height
        )

    def clamped(self, look: Look) -> Look:
        """No closer than the closest; the photo's edge never leaves the view's edge inwards."""
        if look.zoom is None or self.photo.isEmpty():
            return look
        zoom = min(look.zoom, MAX_ZOOM)
        scale = zoom / self.ratio

        def middle(at: float, extent: int, view: int) -> float:
            half = view / 2 / max(1e-6, extent * scale)
            return 0.5 if half >= 0.5 else min(1 - half, max(half, at))

        return Look(
            zoom,
            middle(look.x, self.photo.width(), self.view.width()),
            middle(look.y, self.photo.height(), self.view.height()),
        )

    def zoomed(self, look: Look, point: QPointF, zoom: float) -> Look:
        """What is under the point stays under it, or as near as the edges allow; beside the photo it is
        the middle that stays."""
        where = self.rect(look)
        x = (point.x() - where.left()) / where.width()
        y = (point.y() - where.top()) / where.height()
        if not (0 <= x <= 1 and 0 <= y <= 1):
            x, y, point = 0.5, 0.5, QPointF(QRect(QPoint(), self.view).center())
        scale = zoom / self.ratio
        return self.clamped(
            Look(
                zoom,
                x + (self.view.width() / 2 - point.x()) / (self.photo.width() * scale),
                y + (self.view.height() / 2 - point.y()) / (self.photo.height() * scale),
            )
        )

    def wheeled(self, look: Look, point: QPointF, notches: float) -> Look:
        """In or out at the point by notches of a wheel; out as far as fitted."""
        fit = self.fit_zoom
        zoom = self.zoom(look) * _NOTCH_ZOOMS**notches
        if zoom <= fit * _NEARLY_FITTED and notches < 0:
            return FIT
        return self.zoomed(look, point, min(MAX_ZOOM, zoom))

    def dragged(self, look: Look, moved: QPoint) -> Look:
        """The photo pulled along with the hand; a fitted one stays."""
        if look.zoom is None:
            return look
        scale = look.zoom / self.ratio
        return self.clamped(
            Look(
                look.zoom,
                look.x - moved.x() / (self.photo.width() * scale),
                look.y - moved.y() / (self.photo.height() * scale),
            )
        )
