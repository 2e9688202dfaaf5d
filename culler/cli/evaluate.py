"""culler evaluate: how far the judges can be trusted, against your picks or against opinion scores."""

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.console import Console
from rich.table import Table

from culler.cli.output import follow, path_text, put, say, workspace
from culler.domain.errors import CullerError
from culler.workflow import opinions, rank, trust, trust_files
from culler.workflow import scan as scanning
from culler.workflow import score as scoring
from culler.workflow.trust import PicksReport

app = typer.Typer(
    no_args_is_help=True,
    help="Measure how far judges can be trusted: against your own picks, or against opinion scores.",
)

Draws = Annotated[int, typer.Option("--bootstrap", min=0, help="Resamples for the 95% intervals.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Equal seeds give equal intervals.")]
Out = Annotated[
    Optional[Path],  # noqa: UP045 — typer reads this form
    typer.Option("--out", help="Also write the figures as JSON."),
]
Rows = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--csv", help="Also write a line a photo."),
]
Page = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--html", help="Also write the report as one page, pictures inside."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object.")]


@app.command()
def picks(
    folders: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Argument(help="Folders you have culled. Default: the whole catalog.", metavar="[FOLDER…]"),
    ] = None,
    holdout: Annotated[
        float,
        typer.Option("--holdout", min=0.01, max=0.5, help="Share of sessions a taste is tried on at a time."),
    ] = trust.HOLDOUT,
    out: Out = None,
    csv: Rows = None,
    html: Page = None,
    bootstrap: Draws = trust.DRAWS,
    seed: Seed = 0,
    json: AsJson = False,
) -> int:
    """Ask every judge about the bursts that you have culled, in Culler or elsewhere: sidecars count.

    Photos of FOLDER that the current scorer has not judged yet are judged first.
    """
    with workspace() as ws:
        roots = None
        if folders:
            found = follow(scanning.scan(ws, folders), "Reading folders")
            if not found.total:
                raise CullerError("There are no photos in " + ", ".join(map(path_text, found.folders)) + ".")
            roots = found.folders
            request = scoring.ScoreRequest(roots, scorer=rank.current_source(ws))
            follow(scoring.score(ws, request), "Judging photos")
        job = trust.trust_report(ws, roots, holdout=holdout, draws=bootstrap, seed=seed)
        report = follow(job, "Comparing")
        if report.is_empty and html is None:
            raise CullerError(report.sentence)
        written = []
        if out is not None:
            written.append(trust_files.write_json(out, report))
        if csv is not None:
            written.append(trust_files.write_csv(csv, report))
        if html is not None:
            written.append(trust_files.write_page(html, ws, report, roots))
    if json:
        put(trust_files.as_record(report))
    elif not report.is_empty:
        _print(report)
    say(report.sentence)
    if not json:
        say(report.taste_note)
    for path in written:
        say(f"Written to {path_text(path)}.")
    return 1 if report.is_empty else 0


def _print(report: PicksReport) -> None:
    """The judges as a table, figures with their 95% intervals."""
    table = Table(box=None, pad_edge=False)
    table.add_column("judge")
    for heading in ("first kept", f"in first {report.trust.k}", "pairs", "found", "bursts"):
        table.add_column(heading, justify="right", no_wrap=True)
    for judge in report.trust.judges:
        name = judge.name + (" *" if judge.name == report.current else "")
        shown = [_interval(one.value, one.low, one.high) for one in (judge.top_one, judge.top_k, judge.pairs)]
        table.add_row(name, *shown, _percent(judge.recall), f"{judge.bursts:,}")
    Console(file=sys.stdout).print(table)
    print(
        "Kept: its first choice (one of its first three) was kept. Pairs: kept before not kept. Found: of the"
    )
    print("keepers, at your own keep rate. In brackets 95% intervals over bursts. * The scorer in use.")


def _interval(value: float, low: float, high: float) -> str:
    return _percent(value) if low != low else f"{value:.0%} ({100 * low:.0f}–{100 * high:.0f})"


def _percent(value: float) -> str:
    return "–" if value != value else f"{value:.0%}"


@app.command()
def scores(
    outputs: Annotated[Path, typer.Argument(help="A file of model outputs with opinion scores.")],
    logits: Annotated[
        str, typer.Option("--logits", help="The two words, the better one first.")
    ] = "good,poor",
    temperature: Annotated[float, typer.Option("--temperature", min=1e-6)] = 100.0,
    parts: Annotated[int, typer.Option("--parts", min=1, help="Mean over so many equal runs of rows.")] = 1,
    out: Out = None,
    bootstrap: Draws = trust.DRAWS,
    seed: Seed = 0,
    json: AsJson = False,
) -> int:
    """Correlate a model's logits with the opinion scores beside them (Q-Bench's files)."""
    record = opinions.outputs_record(outputs, logits, temperature, parts, bootstrap, seed)
    if json:
        put(record)
    else:
        print(
            f"SRCC {record['srcc']:.3f}, PLCC {record['plcc']:.3f}, KRCC {record['krcc']:.3f}, pairs"
            f" {record['pair_accuracy']:.1%}, {record['n']:,} records"
        )
    if out is not None:
        say(f"Written to {path_text(trust_files.write_record(out, record))}.")
    return 0
