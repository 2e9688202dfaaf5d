"""culler marks: all marks mirrored in one file, and restored from it."""

from pathlib import Path
from typing import Annotated

import typer

from culler.cli.options import Folders
from culler.cli.output import counted, follow, path_text, say, scanned, workspace
from culler.workflow import marks_file

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
