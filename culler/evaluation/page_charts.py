"""Small drawings of reports as inline SVG, and numbers as people read them.

The style sheet colours them; attributes stand in where a reader drops it.
"""

import math
from collections.abc import Sequence
from html import escape

from culler.evaluation.metrics import Interval
from culler.evaluation.metrics_levels import Reliability

_SIZE, _EDGE, _TOP, _ROOM = 240, 34, 12, 190.0
_LINE = 'stroke="currentColor"'


def interval_bar(interval: Interval) -> str:
    """A figure as a dot on 0 … 100 %, its interval as a bar behind it, and both as text."""
    if math.isnan(interval.value):
        return "–"
    low, high = (interval.value if math.isnan(one) else one for one in (interval.low, interval.high))
    at, left, right = (4 + 132 * one for one in (interval.value, low, high))
    value, between = percent(interval.value), range_text(interval)
    return (
        f'<svg class="range" viewBox="0 0 140 16" width="140" height="16" role="img" '
        f'aria-label="{value}, {between}">{_line("track", 4, 8, 136, 8)}{_line("half", 70, 3, 70, 13)}'
        f'<rect class="span" fill="currentColor" fill-opacity=".4" x="{left:.1f}" y="5" '
        f'width="{max(right - left, 1):.1f}" height="6" rx="3"/>{_circle(at, 8, 4)}</svg>'
        f'<span class="value">{value}</span><span class="low">{between}</span>'
    )


def reliability_curve(name: str, table: Sequence[Reliability], kind: str) -> str:
    """Said against right, from even odds up: the other half says the same the other way round."""
    rows = [row for row in table if row.low >= 0.5]
    most = max((row.n for row in rows), default=1)
    places = [(_x(row.confidence), _y(row.accuracy)) for row in rows]
    upright = (0.0, 0.25, 0.5, 0.75, 1.0)
    grid = "".join(_line("grid", _EDGE, _y(p), _EDGE + _ROOM, _y(p)) for p in upright)
    labels = "".join(_text(_EDGE - 6, _y(p) + 4, "end", f"{p:.0%}") for p in upright)
    labels += "".join(_text(_x(p), _y(0) + 18, "middle", f"{p:.0%}") for p in (0.5, 0.75, 1.0))
    labels += _text(_EDGE + _ROOM / 2, _SIZE - 2, "middle", "said")
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(
        _circle(x, y, 3 + 4 * math.sqrt(row.n / most), _bin(row))
        for row, (x, y) in zip(rows, places, strict=True)
    )
    spoken = escape(f"Reliability of {name}: " + "; ".join(_bin(row) for row in rows))
    return (
        f'<figure class="card"><figcaption><b>{escape(name)}</b><span class="low">{escape(kind)}</span>'
        f'</figcaption><svg viewBox="0 0 {_SIZE} {_SIZE}" role="img" aria-label="{spoken}">{grid}{labels}'
        f"{_line('ideal', _x(0.5), _y(0.5), _x(1), _y(1))}"
        f'<polyline class="curve" fill="none" {_LINE} points="{points}"/>{dots}</svg></figure>'
    )


def percent(value: float) -> str:
    """ "58%", or a dash for what is not known."""
    return "–" if math.isnan(value) else f"{value:.0%}"


def range_text(interval: Interval) -> str:
    """ "38–77%"."""
    if math.isnan(interval.low):
        return "no range"
    return f"{100 * interval.low:.0f}–{100 * interval.high:.0f}%"


def count(number: int, one: str) -> str:
    """ "1 burst", "3 bursts"."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def _x(p: float) -> float:
    return _EDGE + _ROOM * (p - 0.5) / 0.5


def _y(p: float) -> float:
    return _TOP + _ROOM * (1.0 - p)


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line class="{kind}" {_LINE} stroke-opacity=".5" {ends}/>'


def _circle(x: float, y: float, radius: float, title: str = "") -> str:
    said = f"<title>{escape(title)}</title>" if title else ""
    return (
        f'<circle class="dot" fill="currentColor" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}">{said}</circle>'
    )


def _text(x: float, y: float, anchor: str, text: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text font-size="11" fill="currentColor" {place}>{text}</text>'


def _bin(row: Reliability) -> str:
    return f"said {row.confidence:.0%}, right {row.accuracy:.0%} of {count(row.n, 'pair')}"
