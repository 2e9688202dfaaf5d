"""culler relink: photos whose folder moved are found again with all their marks."""

from pathlib import Path
from typing import Annotated

import typer

from culler.cli.options import Json
from culler.cli.output import counted, follow, path_text, put, say, workspace
from culler.workflow import relink as relinking


def relink(
    old: Annotated[Path, typer.Argument(help="Where the folder was.", readable=False)],
    new: Annotated[Path, typer.Argument(help="Where it is now.", readable=False)],
    json: Json = False,
) -> int:
    """Find the photos of a folder that was moved or renamed. Files are read, none is touched."""
    with workspace() as ws:
        report = follow(relinking.relink(ws, old, new), "Looking for moved photos")
    for left in report.left:
        if json:
            put({"path": path_text(left.path), "error": left.reason})
        say(left.reason)
    say(
        f"{counted(len(report.relinked), 'photo')} found again, {len(report.left)} not; "
        f"{report.present} are still where they were."
    )
    return 0 if report.relinked or not report.left else 1
