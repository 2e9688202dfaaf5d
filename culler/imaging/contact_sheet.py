"""Contact sheets: one self-contained HTML page, or a PDF (`contact_sheet_pdf`), from the same entries.

Each photo shows its thumbnail, name, marks and, for every aspect it was judged by, the five levels as
one bar. The page loads nothing from anywhere and follows the reader's dark or light setting.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape as html_escape

from culler.domain.assessment import Aspect
from culler.domain.decision import UNMARKED, ColorLabel, Decision, Flag
from culler.domain.levels import Level, LevelDistribution

LEVEL_COLORS = {
    Level.BAD: "#b2432f",
    Level.POOR: "#e39a6f",
    Level.FAIR: "#c2bfb4",
    Level.GOOD: "#74b3d8",
    Level.EXCELLENT: "#2166ac",
}
"""From red to blue by way of grey: told apart with any colour vision."""
LABEL_COLORS = {
    ColorLabel.RED.value: "#d0402f",
    ColorLabel.YELLOW.value: "#d9b310",
    ColorLabel.GREEN.value: "#3c9d4b",
    ColorLabel.BLUE.value: "#3a78c9",
    ColorLabel.PURPLE.value: "#8a55b5",
}
FOREIGN_LABEL_COLOR = "#808080"
_JPEG_START = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """One photo on a sheet. `thumbnail` is JPEG, upright; None where there is no picture."""

    name: str
    thumbnail: bytes | None = None
    levels: Mapping[Aspect, LevelDistribution] = field(default_factory=dict)
    decision: Decision = UNMARKED
    caption: str = ""

    @property
    def judged(self) -> list[tuple[Aspect, LevelDistribution]]:
        """The aspects it was judged by, in the order in which they are shown everywhere."""
        return [(aspect, self.levels[aspect]) for aspect in Aspect if aspect in self.levels]

    @property
    def jpeg(self) -> bytes | None:
        """The thumbnail, if it is a JPEG indeed."""
        return self.thumbnail if self.thumbnail and self.thumbnail.startswith(_JPEG_START) else None


def html_sheet(entries: Iterable[SheetEntry], title: str, note: str = "") -> str:
    """The whole page; `html_parts` where it might be large."""
    return "".join(html_parts(entries, title, note))


def html_parts(entries: Iterable[SheetEntry], title: str, note: str = "") -> Iterator[str]:
    """The page piece by piece, one entry held at a time. `note` stands under the title."""
    legend = "".join(
        f'<li><i style="background:{LEVEL_COLORS[level]}"></i>{level.word}</li>' for level in reversed(Level)
    )
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n"
        f"<title>{_escaped(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>{_escaped(title)}</h1><p>{_escaped(note)}</p>"
        f'<ul class="legend">{legend}</ul></header>\n<main>\n'
    )
    for entry in entries:
        yield _figure(entry)
    yield "</main>\n</body>\n</html>\n"


def stars_text(stars: int) -> str:
    """ "★★★☆☆"; empty for none."""
    return "★" * stars + "☆" * (5 - stars) if stars else ""


def level_text(levels: LevelDistribution) -> str:
    """ "good 3.8": the likeliest level and the mean."""
    return f"{levels.likeliest.word} {levels.mean:.1f}"


def printable(text: str) -> str:
    """The text with "?" for what is no character: parts of names that are not UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _escaped(text: str) -> str:
    return html_escape(printable(text))


def _figure(entry: SheetEntry) -> str:
    name = _escaped(entry.name)
    if entry.jpeg is None:
        picture = '<div class="none">no picture</div>'
    else:
        data = base64.b64encode(entry.jpeg).decode("ascii")
        picture = f'<img alt="{name}" loading="lazy" src="data:image/jpeg;base64,{data}">'
    bars = "".join(_bar(aspect, levels) for aspect, levels in entry.judged)
    caption = f"<small>{_escaped(entry.caption)}</small>" if entry.caption else ""
    return (
        f'<figure class="{entry.decision.flag.value}"><div class="frame">{picture}</div>'
        f"<figcaption><b>{name}</b>{_marks(entry.decision)}{bars}{caption}</figcaption></figure>\n"
    )


def _marks(decision: Decision) -> str:
    marks = []
    if decision.flag is not Flag.NONE:
        marks.append(f"<span>{'✓' if decision.flag is Flag.PICK else '✕'} {decision.flag.value}</span>")
    if decision.stars:
        marks.append(
            f'<span role="img" aria-label="{decision.stars} stars">{stars_text(decision.stars)}</span>'
        )
    if decision.label != ColorLabel.NONE.value:
        color = LABEL_COLORS.get(decision.label, FOREIGN_LABEL_COLOR)
        marks.append(f'<span><i style="background:{color}"></i>{_escaped(decision.label)}</span>')
    return f'<div class="marks">{"".join(marks)}</div>' if marks else ""


def _bar(aspect: Aspect, levels: LevelDistribution) -> str:
    shares = ", ".join(f"{level.word} {levels[level]:.0%}" for level in reversed(Level))
    parts = "".join(
        f'<i style="width:{levels[level] * 100:.2f}%;background:{LEVEL_COLORS[level]}"></i>'
        for level in reversed(Level)
    )
    return (
        f'<div class="aspect"><span>{aspect.value}</span><span>{level_text(levels)}</span></div>'
        f'<div class="bar" role="img" aria-label="{aspect.value}: {shares}" title="{shares}">{parts}</div>'
    )


_STYLE = """
:root { color-scheme: light dark }
:root { --page: #fafaf8; --card: #fff; --ink: #1d1d1b; --soft: #6b6b66; --line: #dcdcd6 }
@media (prefers-color-scheme: dark) {
  :root { --page: #161616; --card: #212121; --ink: #ececea; --soft: #a0a09a; --line: #383836 }
}
* { box-sizing: border-box }
body { margin: 0; padding: 1.5rem; background: var(--page); color: var(--ink) }
body { font: 14px/1.4 system-ui, sans-serif }
h1 { margin: 0; font-size: 1.4rem; font-weight: 600 }
header p { margin: .2rem 0; color: var(--soft) }
.legend { display: flex; flex-wrap: wrap; gap: 1rem; margin: .5rem 0 1.5rem; padding: 0; list-style: none;
  color: var(--soft) }
.legend i, .marks i { display: inline-block; width: .8em; height: .8em; margin-right: .35em }
.legend i, .marks i { border-radius: 2px }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1rem }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 6px }
figure { overflow: hidden; break-inside: avoid }
figure.reject .frame { opacity: .45 }
.frame { display: grid; place-items: center; aspect-ratio: 1; background: var(--page); position: relative }
.frame img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain }
.none { color: var(--soft) }
figcaption { padding: .6rem .7rem .7rem }
figcaption b { display: block; overflow-wrap: anywhere; font-weight: 600 }
.marks { display: flex; flex-wrap: wrap; gap: .2rem .8rem }
.aspect { display: flex; justify-content: space-between; margin-top: .3rem }
.aspect { color: var(--soft); font-size: .85em }
.bar { display: flex; height: .5rem; border-radius: 2px; overflow: hidden }
small { display: block; margin-top: .4rem; color: var(--soft) }
@media print {
  body { padding: 0 }
  main { grid-template-columns: repeat(4, 1fr) }
  .bar i, .legend i, .marks i { print-color-adjust: exact; -webkit-print-color-adjust: exact }
}
"""
