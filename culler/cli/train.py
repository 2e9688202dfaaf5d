"""culler train: make the weights of the judge that ships inside."""

from pathlib import Path
from typing import Annotated

import typer

from culler.cli.output import counted, path_text, say
from culler.workflow.train import train_embedded

app = typer.Typer(help="Train the judge that ships inside.", no_args_is_help=True)


@app.callback()
def root() -> None:
    """Train the judge that ships inside."""


@app.command()
def embedded(
    photos: Annotated[Path, typer.Option("--photos", help="The folder of photographs.", file_okay=False)],
    manifest: Annotated[Path, typer.Option("--manifest", help="A CSV of file, sha256, licence and use.")],
    out: Annotated[Path, typer.Option("--out", help="Where the weights go (safetensors).")],
    seed: Annotated[int, typer.Option("--seed", help="Equal seeds make equal weights.")] = 0,
) -> int:
    """Train the embedded judge on degraded copies of good photographs; some minutes on two cores."""
    made = train_embedded(photos, manifest, out, seed, say)
    print(
        f"{path_text(out)}: {made.size_bytes:,} bytes, SHA-256 {made.sha256}, from "
        f"{counted(made.photos, 'photograph')} ({made.held_out} held out, {made.unlicensed} left out for "
        f"their licence); {made.fitted_pairs:.1%} of its own pairs in order."
    )
    return 0
