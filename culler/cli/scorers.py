"""culler scorers: the judges there are, adding a checkpoint, choosing one, fetching a published one."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from culler.cli.options import Json
from culler.cli.output import follow, path_text, put, say, workspace
from culler.domain.errors import CullerError
from culler.workflow import downloads, rank
from culler.workflow import refit as refits
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


@scorers.command()
def refit(
    teacher: Annotated[
        Optional[str],  # noqa: UP045 — typer reads this form
        typer.Option("--from", help="The judge to learn from. Default: the one with most photos here."),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Go back to the shipped head.")] = False,
    json: Json = False,
) -> int:
    """Have the embedded judge learn from a bigger one that scored 100 photos here; the shipped head stays."""
    with workspace() as ws:
        if reset:
            was = follow(refits.reset(ws), "Going back")
            say("The embedded judge is as it was shipped." if was else "There is nothing learnt to forget.")
            return 0 if was else 1
        wanted = None if teacher is None else rank.current_scorer(ws, teacher)
        report = follow(refits.refit(ws, wanted), "Learning")
    if json:
        put(
            {
                "teacher": str(report.teacher),
                "photos": report.photos,
                "learnt": None if report.learnt is None else str(report.learnt),
                "gains": {
                    aspect.value: {
                        "srcc_before": gain.srcc_before,
                        "srcc_after": gain.srcc_after,
                        "error_before": gain.error_before,
                        "error_after": gain.error_after,
                    }
                    for aspect, gain in report.gains.items()
                },
            }
        )
    else:
        print(report.sentence)
    return 0 if report.learnt is not None else 1


def _device(choice: judging.ScorerChoice) -> tuple[str | None, str | None]:
    """Where the judge would run, or the sentence that says why it would not."""
    try:
        return judging.runs_on(choice), None
    except CullerError as error:
        return None, str(error)
