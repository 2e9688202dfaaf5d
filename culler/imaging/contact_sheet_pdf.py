"""The contact sheet as a PDF: pages of thumbnails with names, marks and level bars.

Text is set in the first font found that has all its characters; thumbnails go in as the JPEG they are.
"""

import io
import math
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from culler.domain.decision import ColorLabel, Flag
from culler.domain.levels import Level, LevelDistribution
from culler.imaging.contact_sheet import (
    FOREIGN_LABEL_COLOR,
    LABEL_COLORS,
    LEVEL_COLORS,
    SheetEntry,
    level_text,
    printable,
)

PAPERS_PT = {"a4": (595.28, 841.89), "letter": (612.0, 792.0), "a3": (841.89, 1190.55)}
"""Width and height in points, upright."""

_MARGIN, _GAP, _HEAD, _FOOT = 36.0, 10.0, 30.0, 18.0
_SIZE, _LINE, _BAR, _AIR = 7.0, 9.0, 4.0, 3.5
_INK, _SOFT = "#1d1d1b", "#6b6b66"
# Fonts that come with systems, widest coverage first; reportlab's own Vera is Latin only.
_FONT_FILES = (
    "/Library/Fonts/Arial Unicode.ttf",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "C:/Windows/Fonts/arialuni.ttf",
    "C:/Windows/Fonts/segoeui.ttf",
    "C:/Windows/Fonts/msyh.ttc",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
)


def pdf_sheet(
    entries: Iterable[SheetEntry], title: str, note: str = "", *, paper: str = "a4", columns: int = 4
) -> bytes:
    """The PDF. `paper` is a key of PAPERS_PT; `columns` 1 to 10 photos stand side by side."""
    from reportlab.pdfgen.canvas import Canvas

    if not 1 <= columns <= 10:
        raise ValueError(f"a sheet has 1 to 10 columns, not {columns}")
    output = io.BytesIO()
    canvas = Canvas(output, pagesize=PAPERS_PT[paper], invariant=1, initialFontName=_fonts()[0][0])
    canvas.setTitle(printable(title))
    canvas.setCreator("Culler")
    sheet = _Sheet(canvas, PAPERS_PT[paper], columns, title, note)
    for entry in entries:
        sheet.place(entry)
    sheet.finish()
    canvas.save()
    return output.getvalue()


class _Sheet:
    """Fills pages cell by cell, row by row; all cells of a sheet have the same height."""

    def __init__(
        self, canvas: Any, size_pt: tuple[float, float], columns: int, title: str, note: str
    ) -> None:
        self._canvas, self._columns, self._title, self._note = canvas, columns, title, note
        self._width_pt, self._height_pt = size_pt
        self._cell_pt = (self._width_pt - 2 * _MARGIN - (columns - 1) * _GAP) / columns
        self._text_pt = 3 * _LINE + 2 * (_LINE + _BAR + _AIR)
        room = self._height_pt - 2 * _MARGIN - _HEAD - _FOOT + _GAP
        # Frames are about square; a little lower or higher, so that rows fill the page.
        self._rows = max(1, round(room / (self._cell_pt + self._text_pt + _GAP)))
        self._frame_pt = room / self._rows - self._text_pt - _GAP
        self._placed = 0
        self._page = 0

    def place(self, entry: SheetEntry) -> None:
        index = self._placed % (self._rows * self._columns)
        if index == 0:
            self._turn_page()
        row, column = divmod(index, self._columns)
        left = _MARGIN + column * (self._cell_pt + _GAP)
        top = self._height_pt - _MARGIN - _HEAD - row * (self._frame_pt + self._text_pt + _GAP)
        self._picture(entry, left, top)
        y = top - self._frame_pt - _LINE
        self._text(entry.name, left, y, _INK)
        y -= _LINE
        self._marks(entry, left, y)
        for aspect, levels in entry.judged[:2]:
            y -= _LINE
            self._text(f"{aspect.value}: {level_text(levels)}", left, y, _SOFT)
            y -= _BAR + _AIR
            self._bar(levels, left, y)
        if entry.caption:
            self._text(entry.caption, left, y - _LINE, _SOFT)
        self._placed += 1

    def finish(self) -> None:
        if not self._page:
            self._turn_page()
        self._canvas.showPage()

    def _turn_page(self) -> None:
        if self._page:
            self._canvas.showPage()
        self._page += 1
        top = self._height_pt - _MARGIN
        room = self._width_pt - 2 * _MARGIN
        self._text(self._title, _MARGIN, top - 12, _INK, 12, room)
        self._text(self._note, _MARGIN, top - 23, _SOFT, _SIZE, room)
        x = _MARGIN
        for level in reversed(Level):
            self._canvas.setFillColor(LEVEL_COLORS[level])
            self._canvas.rect(x, _MARGIN, 6, 6, stroke=0, fill=1)
            self._text(level.word, x + 9, _MARGIN, _SOFT)
            x += 55
        self._text(str(self._page), self._width_pt - _MARGIN - 20, _MARGIN, _SOFT)

    def _picture(self, entry: SheetEntry, left: float, top: float) -> None:
        from reportlab.lib.utils import ImageReader

        cell, frame = self._cell_pt, self._frame_pt
        jpeg = entry.jpeg
        try:
            if jpeg is None:
                raise ValueError("no JPEG")
            image = ImageReader(io.BytesIO(jpeg))
            width, height = image.getSize()
            scale = min(cell / width, frame / height)
            x, y = left + (cell - width * scale) / 2, top - frame + (frame - height * scale) / 2
            self._canvas.drawImage(image, x, y, width * scale, height * scale)
        except (OSError, ValueError, ZeroDivisionError):
            self._canvas.setStrokeColor(_SOFT)
            self._canvas.rect(left, top - frame, cell, frame, stroke=1, fill=0)
            self._text("no picture", left + 6, top - frame / 2, _SOFT)

    def _marks(self, entry: SheetEntry, left: float, y: float) -> None:
        decision = entry.decision
        x = left
        for number in range(decision.stars):
            self._star(x + 3, y + 2.5, 3.2)
            x += 7 if number < decision.stars - 1 else 11
        if decision.label != ColorLabel.NONE.value:
            self._canvas.setFillColor(LABEL_COLORS.get(decision.label, FOREIGN_LABEL_COLOR))
            self._canvas.rect(x, y, 5, 5, stroke=0, fill=1)
            x += 8
        words = [] if decision.flag is Flag.NONE else [decision.flag.value]
        if decision.label != ColorLabel.NONE.value:
            words.insert(0, decision.label)
        self._text("   ".join(words), x, y, _INK, _SIZE, self._cell_pt - (x - left))

    def _star(self, x: float, y: float, radius: float) -> None:
        """A filled star, drawn: few fonts have one."""
        path = self._canvas.beginPath()
        for corner in range(10):
            angle = math.pi / 2 + corner * math.pi / 5
            reach = radius if corner % 2 == 0 else radius * 0.4
            point = (x + reach * math.cos(angle), y + reach * math.sin(angle))
            (path.lineTo if corner else path.moveTo)(*point)
        path.close()
        self._canvas.setFillColor(_INK)
        self._canvas.drawPath(path, stroke=0, fill=1)

    def _bar(self, levels: LevelDistribution, left: float, y: float) -> None:
        x = left
        for level in reversed(Level):
            width = levels[level] * self._cell_pt
            self._canvas.setFillColor(LEVEL_COLORS[level])
            self._canvas.rect(x, y, width, _BAR, stroke=0, fill=1)
            x += width

    def _text(
        self, text: str, x: float, y: float, color: str, size: float = _SIZE, room: float | None = None
    ) -> None:
        from reportlab.pdfbase.pdfmetrics import stringWidth

        if not text:
            return
        text, font = _settable(text)
        room = self._cell_pt if room is None else room
        if stringWidth(text, font, size) > room:
            # Both ends of a file name tell it apart: cut in its middle.
            keep = len(text)
            while keep > 2 and stringWidth(_shortened(text, keep), font, size) > room:
                keep -= 1
            text = _shortened(text, keep)
        self._canvas.setFillColor(color)
        self._canvas.setFont(font, size)
        self._canvas.drawString(x, y, text)


def _shortened(text: str, keep: int) -> str:
    return text[: (keep + 1) // 2] + "…" + text[len(text) - keep // 2 :]


def _settable(text: str) -> tuple[str, str]:
    """The text and a font that has its characters; those that no font has become "?"."""
    text = unicodedata.normalize("NFC", printable(text))
    characters = {ord(character) for character in text}
    name, glyphs = max(_fonts(), key=lambda font: len(characters & font[1]))
    return "".join(character if ord(character) in glyphs else "?" for character in text), name


@cache
def _fonts() -> Sequence[tuple[str, frozenset[int]]]:
    """Registered fonts with the characters that they have; reportlab's own comes first."""
    import reportlab
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    own = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
    found = []
    for number, path in enumerate((own, *map(Path, _FONT_FILES))):
        if not path.is_file():
            continue
        try:
            font = TTFont(f"Culler{number}", str(path))
        except (TTFError, OSError, ValueError):  # a font kind that cannot go into a PDF
            continue
        pdfmetrics.registerFont(font)
        found.append((font.fontName, frozenset(font.face.charToGlyph)))
    return tuple(found)
