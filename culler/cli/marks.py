"""culler marks: all marks mirrored in one file, and restored from it."""

from pathlib import Path
from typing import Annotated

import typer

from culler.cli.options import Folders
from culler.cli.output import counted, follow, path_text, say, scanned, workspace
from culler.workflow import marks_file, marks_mirror

app = typer.Typer(no_args_is_help=True, help="Mirror marks in a file, and restore them.")

File = Annotated[Path, typer.Argument(help="The file of marks.", metavar="FILE", readable=False)]


@app.command()
def save(file: File, folders: Folders) -> int:
    """Write all flags, stars and labels of these folders' photos to one file (JSON), anew each time."""
    with workspace() as ws:
        count = marks_file.save(ws, file, scanned(ws, folders).folders)
    say(f"The marks of {counted(count, 'photo')} are in {path_text(file)}.")
    return 0


@app.command()
def load(
    file: File,
    folders: Folders,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where a photo has other marks now.")
    ] = False,
) -> int:
    """Restore marks to the photos of these folders, wherever they are now; culler undo takes it back."""
    with workspace() as ws:
        found = scanned(ws, folders)
        report = follow(marks_file.load(ws, file, found.folders, replace), "Restoring marks")
    for path in report.kept:
        say(f"{path_text(path)} has other marks and keeps them; --replace overrules.")
    for name in report.unknown:
        say(f"{name} is not in these folders.")
    say(
        f"{counted(len(report.restored), 'photo')} restored, {report.equal} as they were, "
        f"{len(report.kept)} kept, {len(report.unknown)} not here."
    )
    return 0 if report.restored or report.equal else 1


@app.command()
def restore(
    mirror: Annotated[
        Path | None,
        typer.Option("--from", help="Another mirror than the newest.", metavar="FILE", readable=False),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Also where you set other marks since.")] = False,
) -> int:
    """Give photos the marks back that Culler mirrors by itself beside the catalog's backups.

    For when a catalog was lost: the folders that the mirror names are read, and their photos get the marks
    they had. culler undo takes it back.
    """
    with workspace() as ws:
        report = follow(marks_mirror.restore(ws, replace, mirror), "Restoring marks")
    for path in report.kept:
        say(f"{path_text(path)} has other marks and keeps them; --replace overrules.")
    for root in report.absent:
        say(
            f"{path_text(root)} is not there. Connect its disk and run this again, or, where it moved: "
            f"culler marks load {path_text(report.mirror)} FOLDER."
        )
    moment = marks_mirror.saved_at(report.mirror)
    when = "" if moment is None else f" of {moment.astimezone():%d %b %Y, %H:%M}"
    say(
        f"From the mirror{when}: {counted(report.restored, 'photo')} restored, {report.equal} as they were, "
        f"{len(report.kept)} kept, {len(report.unknown)} not found."
    )
    return 0 if report.restored or report.equal else 1
