"""The trust report as one self-contained page: no script, no request, dark and light as the reader's
system is. Numbers come from `picks`, pictures from the caller.
"""

import base64
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from culler.evaluation.metrics import Interval
from culler.evaluation.page_charts import count, interval_bar, percent, range_text, reliability_curve
from culler.evaluation.page_style import CSS
from culler.evaluation.picks import FalseReject, JudgeTrust, TrustReport

MOST_SHOWN = 18
"""Lost keepers shown a judge; the JSON has them all."""
_FEW_BURSTS = 30


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What the page says besides the figures. `names` are the photos' by row; `picture` answers a photo's
    JPEG thumbnail by row, None where there is none; `current` names a judge, and `kinds` say in a word
    what a judge's odds rest on."""

    names: Sequence[str]
    picture: Callable[[int], bytes | None]
    folders: Sequence[str] = ()
    made: str = ""
    current: str | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()


def page(report: TrustReport, facts: PageFacts) -> str:
    """The whole document."""
    where = ", ".join(facts.folders) or "the whole catalog"
    parts = [_opening(report, facts, where)]
    if report.is_empty:
        parts.append(_empty(report))
    else:
        parts += [_cards(report, facts), _comparison(report, facts), _curves(report, facts)]
        parts += [_lost(report, facts), _reading(report)]
    body = "\n".join(parts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'\">\n"
        '<meta name="color-scheme" content="dark light">\n'
        f"<title>Trust report – Culler</title>\n<style>{CSS}</style>\n</head>\n<body>\n<main>\n{body}\n"
        f"</main>\n</body>\n</html>\n"
    )


def _opening(report: TrustReport, facts: PageFacts, where: str) -> str:
    made = f" · {escape(facts.made)}" if facts.made else ""
    return (
        f'<header><p class="mark">Culler · trust report{made}</p>'
        "<h1>Would it have picked your picks?</h1>"
        f'<p class="lead">Every judge, asked about the bursts you have culled yourself in '
        f"<b>{escape(where)}</b>.</p></header>"
    )


def _empty(report: TrustReport) -> str:
    reason = (
        f"{count(report.marked, 'burst')} with marks, but in none of them some photos were kept and others"
        " not."
        if report.marked
        else "None of the bursts here has a mark."
    )
    return (
        f'<section class="card"><h2>Nothing to compare yet</h2><p>{reason} Pick, reject or star photos in'
        " some bursts, in Culler or in the program you use now, and make the report again: marks in sidecars"
        " count.</p></section>"
    )


def _cards(report: TrustReport, facts: PageFacts) -> str:
    asked = next((one for one in report.judges if one.name == facts.current), None)
    asked = asked or next((one for one in report.judges if not one.is_baseline), report.judges[0])
    bar = max((one for one in report.judges if one.is_baseline), key=_by_pairs, default=None)
    random = _by_chance(report)
    cards = [
        _card(
            percent(asked.top_one.value),
            f"of bursts, its first choice was one you kept ({range_text(asked.top_one)}). "
            f"By chance it would be {percent(random)}.",
            asked.name,
        ),
        _card(
            percent(asked.pairs.value),
            f"of the time it puts a photo you kept before one you did not ({range_text(asked.pairs)});"
            " 50% is chance.",
            asked.name,
        ),
    ]
    if asked.gain is not None and bar is not None and not math.isnan(asked.gain.value):
        cards.append(
            _card(
                f"{_points(asked.gain.value)} points",
                f"in that over {escape(bar.name)}, the best simple rule "
                f"({_points(asked.gain.low)} to {_points(asked.gain.high)}).",
                _verdict(asked.gain),
            )
        )
    cards.append(
        _card(
            f"{report.bursts:,}",
            f"{'burst' if report.bursts == 1 else 'bursts'} where you kept some photos and not others: "
            f"{report.kept:,} kept of {report.photos:,}.",
            "few bursts: wide ranges" if report.bursts < _FEW_BURSTS else "what this rests on",
        )
    )
    return f'<section class="cards">{"".join(cards)}</section>'


def _card(figure: str, text: str, title: str) -> str:
    heading = f'<p class="title">{escape(title)}</p><p class="figure">{figure}</p>'
    return f'<div class="card">{heading}<p>{text}</p></div>'


def _verdict(gain: Interval) -> str:
    if gain.low > 0:
        return "better than a simple rule"
    return "worse than a simple rule" if gain.high < 0 else "no sure gain yet"


def _by_chance(report: TrustReport) -> float:
    return report.kept / report.photos if report.photos else float("nan")


def _comparison(report: TrustReport, facts: PageFacts) -> str:
    head = (
        "<tr><th>Judge</th><th>First choice kept</th>"
        f"<th>One of its first {report.k} kept</th><th>Pairs in your order</th>"
        '<th class="number">Keepers found</th><th class="number">Odds off by</th>'
        '<th class="number">Bursts</th></tr>'
    )
    rows = "".join(_row(one, facts) for one in report.judges)
    notes = "".join(f"<p>{escape(note)}</p>" for note in facts.notes)
    return (
        '<section><h2>Judges side by side</h2><div class="wide"><table><thead>'
        f'{head}</thead><tbody>{rows}</tbody></table></div><div class="notes">{notes}</div></section>'
    )


def _row(judge: JudgeTrust, facts: PageFacts) -> str:
    tags = []
    if judge.name == facts.current:
        tags.append("in use")
    if judge.is_baseline:
        tags.append("simple rule")
    elif facts.kinds.get(judge.name):
        tags.append(facts.kinds[judge.name])
    badge = "".join(f'<span class="tag">{escape(tag)}</span>' for tag in tags)
    off = "–" if judge.ece is None else f"{100 * judge.ece:.0f} points"
    kind = ' class="baseline"' if judge.is_baseline else ""
    return (
        f'<tr{kind}><th scope="row">{escape(judge.name[:1].upper() + judge.name[1:])}{badge}</th>'
        f"<td>{interval_bar(judge.top_one)}</td><td>{interval_bar(judge.top_k)}</td><td>{interval_bar(judge.pairs)}</td>"
        f'<td class="number">{percent(judge.recall)}</td><td class="number">{off}</td>'
        f'<td class="number">{judge.bursts:,}</td></tr>'
    )


def _curves(report: TrustReport, facts: PageFacts) -> str:
    drawn = [
        reliability_curve(one.name, one.reliability, facts.kinds.get(one.name, ""))
        for one in report.judges
        if one.reliability and not one.is_baseline
    ]
    if not drawn:
        return ""
    return (
        "<section><h2>Do its odds hold?</h2><p>When a judge says that one photo of a burst is better with"
        " 80%, that should be the one you kept 80% of the time: then its dots lie on the line. Below the line"
        ' it is too sure of itself, above it too modest.</p><div class="curves">'
        f"{''.join(drawn)}</div></section>"
    )


def _lost(report: TrustReport, facts: PageFacts) -> str:
    judges = [one for one in report.judges if not one.is_baseline and one.false_rejects]
    judges.sort(key=lambda one: one.name != facts.current)
    if not judges:
        return ""
    blocks = [_lost_by(one, facts, index == 0) for index, one in enumerate(judges)]
    return (
        "<section><h2>Keepers it would have passed over</h2><p>Photos you kept that would have gone, had you"
        " kept as many of each burst and left the choice to the judge. Beside each is the frame it likes"
        f" best.</p>{''.join(blocks)}</section>"
    )


def _lost_by(judge: JudgeTrust, facts: PageFacts, is_open: bool) -> str:
    shown = judge.false_rejects[:MOST_SHOWN]
    rest = len(judge.false_rejects) - len(shown)
    more = f'<p class="low">{count(rest, "more photo")} in the JSON report.</p>' if rest else ""
    cards = "".join(_lost_card(one, facts) for one in shown)
    return (
        f"<details{' open' if is_open else ''}><summary>{escape(judge.name)}: "
        f'{count(len(judge.false_rejects), "photo")}</summary><div class="lost">{cards}</div>{more}</details>'
    )


def _lost_card(lost: FalseReject, facts: PageFacts) -> str:
    yours, theirs = _picture(lost.row, "you kept", facts), _picture(lost.best_row, "it likes best", facts)
    return (
        f'<div class="card pair">{yours}{theirs}<p>{escape(facts.names[lost.row])}: '
        f"{_ordinal(lost.rank)} of {lost.burst_size} for the judge</p></div>"
    )


def _picture(row: int, caption: str, facts: PageFacts) -> str:
    encoded = facts.picture(row)
    name = escape(facts.names[row])
    if encoded is None:
        shown = '<span class="absent">no picture</span>'
    else:
        text = base64.b64encode(encoded).decode("ascii")
        shown = f'<img alt="{name}" loading="lazy" src="data:image/jpeg;base64,{text}">'
    return f'<figure title="{name}">{shown}<figcaption>{caption}</figcaption></figure>'


def _reading(report: TrustReport) -> str:
    return (
        "<section><h2>How to read this</h2><dl>"
        "<dt>Kept</dt><dd>A pick is kept, a reject is not; where a burst has no flags, its photos of most"
        " stars are kept. Unmarked photos beside a kept one are not.</dd>"
        "<dt>Ranges</dt><dd>The bars are 95% intervals: bursts, not photos, are drawn again and again, so"
        " that one long burst does not pass for many.</dd>"
        "<dt>Keepers found</dt><dd>Of the photos you kept, those the judge would keep too, when it may keep"
        " as many of each burst as you did.</dd>"
        "<dt>Odds off by</dt><dd>How far the odds it gives for a pair lie from how often it is right,"
        " on average.</dd>"
        "<dt>Simple rules</dt><dd>The first frame, or the sharpest. A judge that does not beat them is not"
        " worth its while.</dd></dl></section>"
    )


def _by_pairs(judge: JudgeTrust) -> float:
    return -1.0 if math.isnan(judge.pairs.value) else judge.pairs.value


def _points(gain: float) -> str:
    return f"{100 * gain:+.0f}".replace("-", "−")


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
