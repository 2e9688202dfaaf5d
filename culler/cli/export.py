"""culler export: copies, moves or links of the photos that made it, and a table of all that is known."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Optional

import typer

from culler.cli.mark import FlagName
from culler.cli.options import Folders, Json, ScorerName
from culler.cli.output import counted, follow, harmless, path_text, put, say, workspace
from culler.domain.decision import Flag
from culler.domain.errors import CullerError
from culler.workflow import export as exporting
from culler.workflow import rank, ranking
from culler.workflow import scan as scanning


class ModeName(StrEnum):
    COPY = "copy"
    MOVE = "move"
    LINK = "link"


def export(
    folders: Folders,
    to: Annotated[Path, typer.Option("--to", help="The folder to export into; made where it is not there.")],
    top: Annotated[Optional[int], typer.Option("--top", min=1, help="Only the best N.")] = None,  # noqa: UP045
    by: Annotated[
        ranking.RankKey, typer.Option("--by", help="What the best are chosen by.")
    ] = ranking.RankKey.OVERALL,
    flag: Annotated[Optional[FlagName], typer.Option("--flag", help="Only photos with this flag.")] = None,  # noqa: UP045
    min_stars: Annotated[
        int, typer.Option("--min-stars", min=0, max=5, help="At least this many stars.")
    ] = 0,
    mode: Annotated[
        ModeName, typer.Option("--mode", help="Copies are verified; moves can be taken back.")
    ] = ModeName.COPY,
    sidecars: Annotated[bool, typer.Option("--sidecars", help="Take XMP sidecars along.")] = False,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Also write a table of all that is known.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    scorer: ScorerName = None,
    json: Json = False,
) -> int:
    """Export photos with all their files. Nothing is ever overwritten."""
    with workspace() as ws:
        found = follow(scanning.scan(ws, folders), "Reading folders")
        judge = rank.current_scorer(ws, scorer)
        photo_ids, unscored = exporting.select(
            ws, found.folders, top, by, None if flag is None else Flag(flag.value), min_stars, judge
        )
        if top is not None and unscored:
            say(f"{counted(unscored, 'photo')} not scored yet and left out; culler score judges them.")
        if not photo_ids:
            raise CullerError("There is nothing to export: no photo of these folders is what you asked for.")
        request = exporting.ExportRequest(photo_ids, to, mode.value, sidecars, csv, dry_run)
        report = follow(exporting.export(ws, request), "Exporting")
    for item in report.items:
        if json:
            record = {"path": path_text(item.path), "to": path_text(item.to), "action": item.action}
            put(record | ({"error": item.message} if item.message else {}))
        elif not item.message:
            print(harmless(f"{item.action}: {item.path} → {item.to}"))
        if item.message:
            say(item.message)
    failed = sum(item.action == "failed" for item in report.items)
    done = len(report.items) - failed
    there = sum(item.action == "exists" for item in report.items)
    verb = "would be exported" if dry_run else "exported"
    say(
        f"{counted(done - there, 'file')} {verb} to {path_text(report.to)}, {there} there already, "
        f"{failed} failed."
    )
    return 0 if done else 1
