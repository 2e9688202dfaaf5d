"""culler export: copies, moves or links of the photos that made it, and what is known of them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Optional

import typer

from culler.cli.options import Json, ScorerName
from culler.cli.output import counted, follow, harmless, path_text, put, say, scanned, told_back, workspace
from culler.domain.decision import Flag
from culler.domain.errors import CullerError
from culler.domain.levels import Level
from culler.workflow import export as exporting
from culler.workflow import rank, ranking
from culler.workflow.workspace import Workspace


class ModeName(StrEnum):
    COPY = "copy"
    MOVE = "move"
    LINK = "link"
    HARD_LINK = "hardlink"
    SYMLINK = "symlink"


class FormatName(StrEnum):
    JPEG = "jpeg"
    AVIF = "avif"


class LevelName(StrEnum):
    POOR = "poor"
    FAIR = "fair"
    GOOD = "good"
    EXCELLENT = "excellent"


class QueueName(StrEnum):
    KEEP = "keep"
    REJECT = "reject"
    YOU_DECIDE = "you decide"


def export(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Folders of photos.", metavar="FOLDER…")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="The folder to export into; made where it is not there.")
    ] = None,
    top: Annotated[Optional[int], typer.Option("--top", min=1, help="Only the best N.")] = None,  # noqa: UP045
    by: Annotated[
        ranking.RankKey, typer.Option("--by", help="What the best are chosen by.")
    ] = ranking.RankKey.OVERALL,
    flag: Annotated[Optional[Flag], typer.Option("--flag", help="Only photos with this flag.")] = None,  # noqa: UP045
    min_stars: Annotated[
        int, typer.Option("--min-stars", min=0, max=5, help="At least this many stars.")
    ] = 0,
    label: Annotated[
        str | None, typer.Option("--label", help="Only photos with this colour label, such as red.")
    ] = None,
    min_level: Annotated[
        Optional[LevelName],  # noqa: UP045
        typer.Option("--min-level", help="Only photos whose likeliest quality is this or better."),
    ] = None,
    queue: Annotated[
        Optional[QueueName],  # noqa: UP045
        typer.Option("--queue", help="Only what culler suggest puts there."),
    ] = None,
    mode: Annotated[
        ModeName,
        typer.Option("--mode", help="Copies are verified, moves can be taken back; link: hard where it can."),
    ] = ModeName.COPY,
    sidecars: Annotated[
        bool, typer.Option("--sidecars/--no-sidecars", help="XMP sidecars go along, or stay.")
    ] = True,
    members: Annotated[
        exporting.Members, typer.Option("--members", help="Which files of RAW+JPEG pairs go.")
    ] = exporting.Members.ALL,
    name: Annotated[
        str, typer.Option("--name", help='A template, such as "{date:%Y%m%d}_{name}_{sequence:04}".')
    ] = "{name}",
    into: Annotated[
        exporting.Into, typer.Option("--into", help="What gets a folder of its own.")
    ] = exporting.Into.ONE,
    format: Annotated[
        Optional[FormatName],  # noqa: UP045
        typer.Option("--format", help="Make new pictures, in sRGB, instead of copies."),
    ] = None,
    max_side: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--max-side", min=16, help="Longest side of new pictures, in pixels."),
    ] = None,
    quality: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--quality", min=1, max=100, help="Of new pictures, instead of one that shows no loss."),
    ] = None,
    metadata: Annotated[
        exporting.MetadataPolicy, typer.Option("--metadata", help="What goes along into new pictures.")
    ] = exporting.MetadataPolicy.ALL,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Also write a table of all that is known.")
    ] = None,
    json_table: Annotated[
        Path | None, typer.Option("--json-table", help="The same table as one JSON file.")
    ] = None,
    contact_sheet: Annotated[
        list[Path] | None,
        typer.Option("--contact-sheet", help="Also write a contact sheet, FILE.html or FILE.pdf."),
    ] = None,
    list_: Annotated[
        Path | None,
        typer.Option("--list", help="Also write the paths of all files, for the import of other programs."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Move back what the last move exported.")] = False,
    scorer: ScorerName = None,
    json: Json = False,
) -> int:
    """Export photos with all their files. Nothing is ever overwritten."""
    if undo:
        with workspace() as ws:
            return _undo(ws, json)
    if not folders or to is None:
        raise typer.BadParameter("Say which folders, and where --to.")
    with workspace() as ws:
        found = scanned(ws, folders)
        judge = rank.current_scorer(ws, scorer)
        photo_ids, unscored = exporting.select(
            ws,
            found.folders,
            top,
            by,
            flag,
            min_stars,
            judge,
            label,
            None if min_level is None else Level[min_level.name],
            None if queue is None else queue.value,
        )
        if top is not None and unscored:
            say(f"{counted(unscored, 'photo')} not scored yet and left out; culler score judges them.")
        if not photo_ids:
            raise CullerError("There is nothing to export: no photo of these folders is what you asked for.")
        request = exporting.ExportRequest(
            photo_ids,
            to,
            mode.value,
            sidecars,
            csv,
            dry_run,
            name,
            into,
            ranked=top is not None,
            format=None if format is None else exporting.Target[format.name],
            max_side_px=max_side,
            metadata=metadata,
            json=json_table,
            sheets=tuple(contact_sheet or ()),
            list=list_,
            members=members,
            quality=quality,
        )
        report = follow(exporting.export(ws, request), "Exporting")
    for item in report.items:
        if json:
            record = {"path": path_text(item.path), "to": path_text(item.to), "action": item.action}
            put(record | ({"error": item.message} if item.message else {}))
        elif not item.message:
            print(harmless(f"{item.action}: {item.path} → {item.to}"))
        if item.message:
            say(item.message)
    for paper in report.papers:
        say(f"Written: {path_text(paper)}.")
    for trouble in report.troubles:
        say(trouble)
    failed = sum(item.action == "failed" for item in report.items)
    done = len(report.items) - failed
    there = sum(item.action == "exists" for item in report.items)
    verb = "would be exported" if dry_run else "exported"
    say(
        f"{counted(done - there, 'file')} {verb} to {path_text(report.to)}, {there} there already, "
        f"{failed} failed."
    )
    return 0 if done else 1


def _undo(ws: Workspace, json: bool) -> int:
    return told_back(follow(exporting.undo(ws), "Moving back"), json)
