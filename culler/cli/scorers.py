"""culler scorers: the judges there are, adding a checkpoint, choosing one, fetching a published one."""

from pathlib import Path
from typing import Annotated

import typer

from culler.cli.options import Json
from culler.cli.output import follow, path_text, put, say, workspace
from culler.domain.errors import CullerError
from culler.workflow import downloads
from culler.workflow import scorers as judging

scorers = typer.Typer(
    help="List the judges there are, and add, choose or download one.", invoke_without_command=True
)


@scorers.callback()
def show(context: typer.Context, json: Json = False) -> int:
    """List the judges there are: licence, size, where each would run, and which one is current."""
    if context.invoked_subcommand is not None:
        return 0
    with workspace() as ws:
        for choice in judging.choices(ws):
            device, problem = _device(choice)
            if json:
                put(
                    {
                        "name": choice.name,
                        "title": choice.title,
                        "licence": choice.licence,
                        "size": choice.size,
                        "current": choice.current,
                        "checkpoint": None if choice.checkpoint is None else path_text(choice.checkpoint),
                        "source": choice.source,
                        "device": device,
                        "problem": problem,
                    }
                )
                continue
            print(f"{'*' if choice.current else ' '} {choice.name}: {choice.title}, {choice.size}")
            print(f"    licence: {choice.licence}")
            if choice.checkpoint is not None:
                print(f"    checkpoint: {path_text(choice.checkpoint)}")
            print(f"    would run on {device}" if device else f"    {problem}")
    return 0


@scorers.command()
def add(folder: Annotated[Path, typer.Argument(help="The folder that holds its config.json.")]) -> int:
    """Remember the folder of a checkpoint."""
    with workspace() as ws:
        choice = judging.add_checkpoint(ws, folder)
        say(f"{choice.title} in {path_text(folder)} can be used now: culler scorers use {choice.source}")
    return 0


@scorers.command()
def use(
    scorer: Annotated[str, typer.Argument(help="A scorer's name, or the folder of a checkpoint.")],
) -> int:
    """Make a judge the one that ranking and the window use."""
    with workspace() as ws:
        say(f"{judging.make_current(ws, scorer)} is current now; culler score judges what it has not seen.")
    return 0


@scorers.command()
def download(
    name: Annotated[str, typer.Argument(help="What to fetch: " + ", ".join(downloads.PUBLISHED) + ".")],
    to: Annotated[Path, typer.Option("--to", help="The folder to put it in.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> int:
    """Fetch a published checkpoint; stopped, the same command goes on where it ended."""
    offer = downloads.offer(name)
    say(
        f"{offer.title} from {offer.repository}: {offer.size_bytes / 1e9:.1f} GB in {len(offer.files)} files."
    )
    say(f"Licence: {offer.licence}.")
    if not yes and not typer.confirm(f"Download it to {path_text(to)}?", err=True):
        say("Nothing was downloaded.")
        return 1
    folder = follow(downloads.download(offer, to), "Downloading, in MB")
    with workspace() as ws:
        choice = judging.add_checkpoint(ws, folder)
    say(f"{offer.title} is in {path_text(folder)}: culler score FOLDER --scorer {choice.source}")
    return 0


def _device(choice: judging.ScorerChoice) -> tuple[str | None, str | None]:
    """Where the judge would run, or the sentence that says why it would not."""
    try:
        return judging.runs_on(choice), None
    except CullerError as error:
        return None, str(error)
