"""Arguments and options that several verbs share."""

from pathlib import Path
from typing import Annotated, Optional

import typer

Folders = Annotated[list[Path], typer.Argument(help="Folders of photos.", metavar="FOLDER…", readable=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line on stdout.")]
ScorerName = Annotated[
    Optional[str],  # noqa: UP045 — typer reads this form
    typer.Option("--scorer", help="A scorer's name, or its checkpoint folder. Default: the current scorer."),
]
