"""Makes the bitmaps of the program's icon from resources/icons/culler.svg.

    python packaging/make_icons.py

culler.png for Linux desktops, culler.ico for Windows, culler.icns for macOS; run after every change
of the drawing, and commit what it made.
"""

import io
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ICONS = Path(__file__).resolve().parents[1] / "resources" / "icons"
ICO_SIDES = (16, 24, 32, 48, 64, 128, 256)


def drawn(side: int) -> Image.Image:
    """The icon, drawn at this size rather than scaled to it."""
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(ICONS / "culler.svg")).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return Image.open(io.BytesIO(buffer.data().data()))


def main() -> None:
    app = QGuiApplication(sys.argv)
    drawn(512).save(ICONS / "culler.png", optimize=True)
    drawn(256).save(
        ICONS / "culler.ico",
        sizes=[(side, side) for side in ICO_SIDES],
        append_images=[drawn(side) for side in ICO_SIDES[:-1]],
    )
    drawn(1024).save(ICONS / "culler.icns", append_images=[drawn(side) for side in (16, 32, 128, 256, 512)])
    app.quit()


if __name__ == "__main__":
    main()
