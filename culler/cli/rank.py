"""culler rank and culler compare: order and odds from stored distributions, no model call."""

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from culler.cli.options import Folders, Json, ScorerName
from culler.cli.output import counted, follow, harmless, path_text, put, say, scanned, workspace
from culler.domain.assessment import Aspect
from culler.domain.levels import LevelDistribution
from culler.workflow import listing, ranking
from culler.workflow import rank as comparing
from culler.workflow import score as scoring

LEVEL_STYLES = {
    "excellent": "green3",
    "good": "chartreuse3",
    "fair": "yellow3",
    "poor": "orange3",
    "bad": "red3",
}


def rank(
    folders: Folders,
    by: Annotated[
        ranking.RankKey, typer.Option("--by", help="What to order by, the best (or least sure) first.")
    ] = ranking.RankKey.OVERALL,
    top: Annotated[Optional[int], typer.Option("--top", min=1, help="Only the first N.")] = None,  # noqa: UP045
    scorer: ScorerName = None,
    json: Json = False,
) -> int:
    """Order photos by what the judge said. Photos without a score are left out and counted."""
    with workspace() as ws:
        found = scanned(ws, folders)
        ranked, unscored = ranking.ranked(ws, found.folders, by, comparing.current_scorer(ws, scorer), top)
    if unscored:
        say(f"{counted(unscored, 'photo')} not scored yet and left out; culler score judges them.")
    if json:
        for place in ranked:
            put(
                {
                    "rank": place.rank,
                    "path": path_text(place.entry.photo.path),
                    "value": place.value,
                    "mean": {aspect.value: levels.mean for aspect, levels in place.entry.levels.items()},
                    "flag": place.entry.decision.flag.value,
                    "stars": place.entry.decision.stars,
                }
            )
    elif ranked:
        print_table(ranked, by)
    if not ranked:
        say("There is nothing to rank: no photo of these folders has a score.")
        return 1
    return 0


def compare(
    a: Annotated[Path, typer.Argument(help="A photo.", readable=False)],
    b: Annotated[Path, typer.Argument(help="Another photo.", readable=False)],
    aspect: Annotated[
        ranking.CompareAspect, typer.Option("--aspect", help="What to compare.")
    ] = ranking.CompareAspect.OVERALL,
    scorer: ScorerName = None,
    json: Json = False,
) -> int:
    """Say how sure the judge is that photo A is better than photo B."""
    with workspace() as ws:
        first, second = (listing.ids_at(ws, [path])[0] for path in (a, b))
        judge = comparing.current_scorer(ws, scorer)
        unscored = [entry for entry in listing.entries(ws, [first, second], judge) if not entry.levels]
        if unscored and scorer is None:
            say(f"{counted(len(unscored), 'photo')} not scored yet; judged now.")
            request = scoring.ScoreRequest(
                photo_ids=tuple(entry.photo.id for entry in unscored), scorer=comparing.current_source(ws)
            )
            judge = follow(scoring.score(ws, request), "Judging photos").scorer
        asked = None if aspect is ranking.CompareAspect.OVERALL else Aspect(aspect.value)
        outcome = comparing.compare(ws, first, second, asked, judge)
    if json:
        put(
            {
                "p_a_better": outcome.p_a_better,
                "tie": outcome.tie,
                "aspect": outcome.aspect,
                "scorer": str(outcome.scorer),
                "calibrated": outcome.calibrated,
            }
        )
        return 0
    print(
        f"{a.name} is better than {b.name} with probability {outcome.p_a_better:.0%} ({outcome.aspect}; "
        f"same level: {outcome.tie:.0%}; {'calibrated' if outcome.calibrated else 'uncalibrated'})."
    )
    return 0


def print_table(ranked: list[ranking.Ranked], by: ranking.RankKey) -> None:
    """The ranking as a table with level bars."""
    console = Console(file=sys.stdout)
    table = Table(box=None, pad_edge=False)
    table.add_column("#", justify="right")
    table.add_column("photo", overflow="ellipsis", no_wrap=True)
    table.add_column(by.value, justify="right", no_wrap=True)
    table.add_column("quality, best first", no_wrap=True)
    if by is ranking.RankKey.AESTHETICS or console.width >= 100:
        table.add_column("aesthetics", no_wrap=True)
    for place in ranked:
        levels = place.entry.levels
        name = Text(harmless(place.entry.photo.relative_path))
        cells: list[Text | str] = [str(place.rank), name, f"{place.value:.2f}"]
        cells += [_bar(levels.get(Aspect.QUALITY)), _bar(levels.get(Aspect.AESTHETICS))]
        table.add_row(*cells[: len(table.columns)])
    console.print(table)


def _bar(levels: LevelDistribution | None, width: int = 12) -> str:
    """A distribution as a bar of `width` characters, best level first."""
    if levels is None:
        return ""
    parts, filled = [], 0
    total = 0.0
    for word, probability in levels.as_words().items():
        total += probability
        end = round(total * width)
        parts.append(f"[{LEVEL_STYLES[word]}]{'█' * (end - filled)}[/]")
        filled = end
    return "".join(parts) + f" {levels.likeliest.word}"
