"""culler mark, undo and redo: flags, stars and labels, one undoable step a call."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from culler.cli.output import counted, say, workspace
from culler.domain.decision import ColorLabel, Flag
from culler.workflow import cull, listing


def mark(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Photos; any file of a photo will do.", metavar="PATH…", readable=False),
    ],
    flag: Annotated[Optional[Flag], typer.Option("--flag", help="Pick, reject, or neither.")] = None,  # noqa: UP045
    stars: Annotated[Optional[int], typer.Option("--stars", min=0, max=5, help="0 takes them away.")] = None,  # noqa: UP045
    label: Annotated[Optional[ColorLabel], typer.Option("--label", help="A colour label.")] = None,  # noqa: UP045
) -> int:
    """Set flag, stars or colour label of photos. Nothing is written to the photos or their sidecars."""
    if flag is None and stars is None and label is None:
        raise typer.BadParameter("Say what to set: --flag, --stars or --label.")
    with workspace() as ws:
        photo_ids = listing.ids_at(ws, paths)
        changes = cull.set_marks(ws, photo_ids, flag, stars, label)
    if not changes:
        say("Nothing changed: it was so already.")
    else:
        say(f"{counted(len(changes.photo_ids), 'photo')} changed; culler undo takes it back.")
    return 0


def undo() -> int:
    """Take back the latest mark, split or join."""
    with workspace() as ws:
        undone = cull.undo(ws)
    if undone is None:
        say("There is nothing to undo.")
        return 1
    say(f"Taken back: {undone.title}.")
    return 0


def redo() -> int:
    """Do again what was taken back last."""
    with workspace() as ws:
        redone = cull.redo(ws)
    if redone is None:
        say("There is nothing to redo.")
        return 1
    say(f"Done again: {redone.title}.")
    return 0
