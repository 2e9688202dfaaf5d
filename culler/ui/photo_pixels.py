"""The pixels that are there of one photo: its preview, the full picture, or both for the same place."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

_COARSE = 1.05
"""A preview may be enlarged by so much before the full picture is wanted."""


class PhotoPixels:
    """`size` is the photo's own, in pixels, whatever stands for it; `key` names the photo, None one
    that is like no other."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.key: object = None
        self.preview = QImage()
        self.full = QImage()
        self.size = QSize()

    @property
    def is_empty(self) -> bool:
        return self.preview.isNull() and self.full.isNull()

    def is_of(self, key: object) -> bool:
        """Whether there is anything of this photo."""
        return self.key == key and not self.is_empty

    @property
    def reduction(self) -> int:
        """How many pixels of the photo's width one of the full picture's stands for; 1 for nearly all."""
        wide = 0 if self.full.isNull() else self.full.width()
        return max(1, round(self.size.width() / wide)) if wide else 1

    def set_preview(self, image: QImage, size: QSize, key: object) -> bool:
        """A preview of a photo of this size (of its own, if none is known). Whether it is another
        photo: the same keeps its full picture."""
        is_other = key is None or key != self.key
        if is_other or self.full.isNull():
            self.full = QImage()
            self.size = image.size() if size.isEmpty() else size
        self.key = key
        self.preview = image
        return is_other

    def set_full(self, image: QImage, key: object) -> None:
        """In place of the same photo's preview, or behind it; perhaps smaller than the photo."""
        if key != self.key:
            self.clear()
            self.key = key
        self.full = image
        if self.reduction == 1:  # else too large for memory: these pixels stand for several each
            self.size = image.size()

    def is_coarse_at(self, width_px: float) -> bool:
        """Whether a photo shown so many device pixels wide has more to show than is there."""
        if self.preview.isNull() or not self.full.isNull():
            return False
        return width_px > self.preview.width() * _COARSE and self.size.width() > self.preview.width()

    def image_for(self, width_px: float) -> QImage:
        """What to show of a photo that many device pixels wide: the preview, unless it is too small
        and the full picture is there."""
        if self.preview.isNull() or (self.preview.width() < width_px and not self.full.isNull()):
            return self.full
        return self.preview
