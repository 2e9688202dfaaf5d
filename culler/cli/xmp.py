"""culler xmp: marks in XMP sidecars, so that other programs see them and Culler sees theirs."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from culler.cli.options import Folders, Json
from culler.cli.output import counted, follow, harmless, path_text, put, say, scanned, workspace
from culler.workflow import listing, sidecars
from culler.workflow.sidecars import MarksState, SidecarReport, SidecarStatus, WriteRequest

app = typer.Typer(no_args_is_help=True, help="Read and write marks in XMP sidecars.")


class Side(StrEnum):
    OURS = "ours"
    THEIRS = "theirs"


DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]


@app.command()
def status(folders: Folders, json: Json = False) -> int:
    """Say how marks and sidecars stand: in sync, pending, changed outside, conflict or malformed."""
    with workspace() as ws:
        found = scanned(ws, folders)
        report = follow(sidecars.status(ws, found.folders), "Looking at sidecars")
    _tell(report, json, quiet=(MarksState.IN_SYNC,))
    counts = [f"{report.states[state]} {state.value}" for state in MarksState if report.states[state]]
    say(f"{counted(len(report.items), 'photo')}: {', '.join(counts) or 'nothing there'}.")
    return 0 if report.items else 1


@app.command()
def write(
    folders: Folders,
    reject_as_rating: Annotated[
        bool,
        typer.Option(
            "--reject-as-rating", help="Also rate rejects −1, as Bridge and darktable do; loses their stars."
        ),
    ] = False,
    long_names: Annotated[
        bool, typer.Option("--long-names", help="Name new sidecars IMG.CR2.xmp instead of IMG.xmp.")
    ] = False,
    scores: Annotated[
        bool, typer.Option("--scores", help="Add the judge's levels, in Culler's own namespace.")
    ] = False,
    embed: Annotated[
        bool,
        typer.Option("--embed", help="Also write into JPEG, TIFF, HEIC and DNG files, by your ExifTool."),
    ] = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Write marks into sidecars. What they hold otherwise stays; conflicts are told and left alone."""
    with workspace() as ws:
        found = scanned(ws, folders)
        ids = sidecars.photos_in(ws, found.folders)
        request = WriteRequest(ids, reject_as_rating, long_names, scores, embed, dry_run)
        report = follow(sidecars.write(ws, request), "Writing sidecars")
    _tell(report, json, quiet=())
    return _verdict(
        report, "would write" if dry_run else "written", "written", "culler xmp status lists them"
    )


@app.command()
def read(folders: Folders, dry_run: DryRun = False, json: Json = False) -> int:
    """Take over marks that other programs changed in sidecars, as edits that culler undo takes back."""
    with workspace() as ws:
        found = scanned(ws, folders)
        report = follow(sidecars.read(ws, sidecars.photos_in(ws, found.folders), dry_run), "Reading sidecars")
    _tell(report, json, quiet=())
    return _verdict(
        report, "would read" if dry_run else "read", "read", "culler xmp resolve settles conflicts"
    )


@app.command()
def resolve(
    photos: Annotated[
        list[Path], typer.Argument(help="Photos in conflict.", metavar="PATH…", readable=False)
    ],
    keep: Annotated[Side, typer.Option("--keep", help="Whose marks to keep.")],
) -> int:
    """Settle conflicts: keep the marks here, which are written, or those of the sidecars."""
    side: Literal["ours", "theirs"] = "ours" if keep is Side.OURS else "theirs"
    with workspace() as ws:
        ids = listing.ids_at(ws, photos)
        settled = sum(bool(sidecars.resolve(ws, photo_id, side)) for photo_id in ids)
    say(f"{counted(settled, 'photo')} settled, {len(ids) - settled} had no conflict.")
    return 0 if settled else 1


def _tell(report: SidecarReport, json: bool, quiet: tuple[MarksState, ...]) -> None:
    for item in report.items:
        if json:
            put(_record(item))
        elif item.message:
            say(f"{harmless(str(item.path))}: {item.message}")
        elif item.state not in quiet and item.action != "unchanged":
            print(f"{item.action or item.state.value}: {harmless(str(item.path))}")


def _verdict(report: SidecarReport, wanted: str, verb: str, advice: str) -> int:
    """The last line, and the exit code: 1 where something should have been done and nothing was."""
    done = sum(item.action == wanted for item in report.items)
    problems = [item for item in report.items if item.state in (MarksState.CONFLICT, MarksState.MALFORMED)]
    failed = sum(item.action == "failed" for item in report.items)
    how = "would be " if wanted.startswith("would") else ""
    text = f"{counted(done, 'photo')} {how}{verb}, {failed} failed"
    if problems:
        text += f", {len(problems)} left alone (conflict or malformed; {advice})"
    say(text + ".")
    return 1 if not report.items or (not done and (problems or failed)) else 0


def _record(item: SidecarStatus) -> dict[str, object]:
    return {
        "path": path_text(item.path),
        "state": item.state.value,
        "action": item.action,
        "sidecars": [path_text(path) for path in item.sidecars],
        "flag": item.ours.flag.value,
        "stars": item.ours.stars,
        "label": item.ours.label,
        "theirs": [
            {"path": path_text(said.path), "flag": said.flag, "stars": said.stars, "label": said.label}
            for said in item.theirs
        ],
        "conflict": [facet.value for facet in item.conflict],
        "message": item.message or None,
    }
