"""Contact sheets show every photo, load nothing, and stand any name."""

import base64
import io
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from culler.domain.assessment import Aspect
from culler.domain.decision import Decision, Flag
from culler.domain.levels import LevelDistribution
from culler.imaging.contact_sheet import SheetEntry, html_parts, html_sheet
from culler.imaging.contact_sheet_pdf import pdf_sheet

LEVELS = LevelDistribution((0.05, 0.1, 0.2, 0.4, 0.25))


def thumbnail(color: str = "#336699", size: tuple[int, int] = (96, 64)) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", size, color).save(output, "JPEG", quality=90)
    return output.getvalue()


def entry(name: str = "DSC_0412.NEF", **changes: object) -> SheetEntry:
    values = {
        "thumbnail": thumbnail(),
        "levels": {Aspect.QUALITY: LEVELS, Aspect.AESTHETICS: LEVELS},
        "decision": Decision(Flag.PICK, 4, "red"),
        "caption": "2026-05-17 14:03 · Nikon Z 8",
    } | changes
    return SheetEntry(name, **values)


class Page(HTMLParser):
    """Collects what a test asks for; an unbalanced element fails."""

    VOID = frozenset(("meta", "img", "br", "link"))

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_shows_picture_name_marks_and_levels() -> None:
    page = Page(html_sheet([entry(), entry("b.jpg", decision=Decision(Flag.REJECT))], "Shoot", "2 photos"))
    images = [attributes["src"] for tag, attributes in page.found if tag == "img"]
    assert base64.b64decode(images[0].removeprefix("data:image/jpeg;base64,")) == thumbnail()
    for words in (
        "Shoot",
        "2 photos",
        "DSC_0412.NEF",
        "✓ pick",
        "★★★★☆",
        "red",
        "✕ reject",
        "good 3.7",
        "Nikon Z 8",
    ):
        assert words in page.text
    bars = [attributes["aria-label"] for tag, attributes in page.found if attributes.get("class") == "bar"]
    assert bars[0] == "quality: excellent 25%, good 40%, fair 20%, poor 10%, bad 5%"
    assert len(bars) == 4


def test_the_parts_of_a_level_bar_are_as_wide_as_their_levels() -> None:
    widths = re.findall(
        r"width:([\d.]+)%;background:#", html_sheet([entry(levels={Aspect.QUALITY: LEVELS})], "t")
    )
    assert [float(width) for width in widths] == [25, 40, 20, 10, 5], "excellent first, as in the window"


def test_quality_comes_first_whatever_was_judged_first() -> None:
    page = html_sheet([entry(levels={Aspect.AESTHETICS: LEVELS, Aspect.QUALITY: LEVELS})], "t")
    bars = [found["aria-label"] for _, found in Page(page).found if found.get("class") == "bar"]
    assert [bar.partition(":")[0] for bar in bars] == ["quality", "aesthetics"]


def test_the_page_loads_nothing_and_follows_dark_and_light() -> None:
    page = html_sheet([entry()], "t")
    addresses = [
        value for _, found in Page(page).found for name, value in found.items() if name in ("src", "href")
    ]
    assert all(address.startswith("data:") for address in addresses)
    assert "http" not in page.replace("http-equiv", "")
    assert "url(" not in page
    assert "prefers-color-scheme: dark" in page
    assert "default-src 'none'" in page


def test_names_and_words_cannot_become_markup() -> None:
    nasty = '<script>alert("1")</script>&"\'><img src=x>'
    page = Page(html_sheet([entry(nasty, decision=Decision(label=nasty), caption=nasty)], nasty, nasty))
    assert not [tag for tag, _ in page.found if tag == "script"]
    assert len([tag for tag, _ in page.found if tag == "img"]) == 1
    assert page.text.count(nasty) == 6


@pytest.mark.parametrize("bad", [None, b"", b"<svg onload='x'>", b"\xff\xd8\xff broken"])
def test_a_photo_without_a_picture_still_has_its_place(bad: bytes | None) -> None:
    assert "a.jpg" in Page(html_sheet([entry("a.jpg", thumbnail=bad)], "t")).text
    assert pdf_sheet([entry("a.jpg", thumbnail=bad)], "t").startswith(b"%PDF")
    if not bad or not bad.startswith(b"\xff"):
        assert "no picture" in html_sheet([entry(thumbnail=bad)], "t")


def test_the_page_is_made_one_photo_at_a_time() -> None:
    taken = []

    def entries():
        for number in range(3):
            taken.append(number)
            yield entry()

    parts = html_parts(entries(), "t")
    next(parts)
    next(parts)
    assert taken == [0]


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def test_the_pdf_has_as_many_pages_as_its_photos_need() -> None:
    assert pages(pdf_sheet([], "t")) == 1
    assert pages(pdf_sheet([entry()] * 3, "t")) == 1
    # A4: 123-pt cells in four columns make four rows.
    assert pages(pdf_sheet([entry(f"{number}.jpg") for number in range(16)], "t")) == 1
    assert pages(pdf_sheet([entry(f"{number}.jpg") for number in range(17)], "t")) == 2
    assert pages(pdf_sheet([entry()] * 17, "t", columns=8)) == 1
    with pytest.raises(ValueError, match="columns"):
        pdf_sheet([], "t", columns=0)


def test_the_pdf_holds_the_thumbnail_as_it_is() -> None:
    pdf = pdf_sheet([entry(thumbnail=thumbnail("#123456"))], "t")
    pictures = re.findall(rb"/DCTDecode.*?stream\r?\n(.*?)~>", pdf, re.DOTALL)
    encoded = [base64.a85decode(body) for body in pictures]
    assert thumbnail("#123456") in encoded


def test_the_pdf_is_the_same_for_the_same_entries() -> None:
    assert pdf_sheet([entry()], "t") == pdf_sheet([entry()], "t")


@pytest.mark.parametrize(
    "name", ["Grün ß.jpg", "Фото.jpg", "写真.jpg", "عكس.jpg", "🎈.jpg", "a" * 300, "x\udcff.jpg"]
)
def test_any_name_can_be_printed(name: str) -> None:
    assert pages(pdf_sheet([entry(name)], name, name)) == 1
    html_sheet([entry(name)], name).encode()


def test_a_renderer_finds_pictures_and_bars_on_the_page(tmp_path: Path) -> None:
    ghostscript = shutil.which("gs")
    if ghostscript is None:
        pytest.skip("ghostscript is not installed")
    pdf, png = tmp_path / "sheet.pdf", tmp_path / "sheet.png"
    pdf.write_bytes(pdf_sheet([entry(thumbnail=thumbnail("#00ff00"))], "t"))
    command = [
        ghostscript,
        "-q",
        "-dSAFER",
        "-dBATCH",
        "-dNOPAUSE",
        "-sDEVICE=png16m",
        "-r72",
        f"-sOutputFile={png}",
    ]
    subprocess.run([*command, str(pdf)], check=True, capture_output=True, timeout=60)
    with Image.open(png) as page:
        colors = {color for _, color in page.convert("RGB").getcolors(10**6) or []}
    assert any(green > 245 and red < 12 and blue < 12 for red, green, blue in colors)
    assert (0x21, 0x66, 0xAC) in colors
    assert (0xD0, 0x40, 0x2F) in colors
