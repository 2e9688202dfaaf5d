"""culler remove: rejects to the system's bin, after a list of them has been shown."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from culler.cli.options import Json
from culler.cli.output import counted, follow, harmless, path_text, put, say, scanned, told_back, workspace
from culler.domain.errors import CullerError
from culler.workflow import removal
from culler.workflow.removal import RemovalList, Removed
from culler.workflow.workspace import Workspace


def remove(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Folders of photos.", metavar="FOLDER…", readable=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List the rejects and leave them.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Bring back what the last removal took.")] = False,
    json: Json = False,
) -> int:
    """List the photos flagged as rejects and, once you agree, move them to the system's bin.

    Where a disk has no bin they go to a folder _Rejected beside them. All files of a photo go together.
    """
    if not folders and not undo:
        raise typer.BadParameter("Say which folders.")
    if json and not (yes or dry_run or undo):
        raise typer.BadParameter("--json cannot ask; add --yes or --dry-run.")
    with workspace() as ws:
        if undo:
            return _undo(ws, json)
        found = scanned(ws, folders or [])
        listed = removal.rejects(ws, found.folders)
        if not json or dry_run:
            _list(listed, json)  # never asked without
        if not listed.items:
            say("There are no rejects in these folders.")
            return 1
        size = f"{listed.size_bytes / 1e6:,.1f} MB"
        say(f"{counted(len(listed.items), 'reject')}, {counted(listed.file_count, 'file')}, {size}.")
        if dry_run:
            return 0
        if not yes and not _agreed():
            say("Nothing was removed.")
            return 1
        done = follow(removal.remove(ws, listed), "Removing rejects")
        can_undo = bool(removal.can_undo(ws))
    return _report(done, can_undo, json)


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise CullerError(
            "Nothing was removed: there is nobody to ask. Add --yes, or --dry-run for the list."
        )
    return typer.confirm("Move them to the bin?", err=True)


def _list(listed: RemovalList, json: bool) -> None:
    for item in listed.items:
        paths = [path_text(path) for path, _ in item.files]
        if json:
            record = {"path": paths[0], "files": paths, "size_bytes": item.size_bytes}
            put(record | {"action": "would remove"})
        else:
            print("\n".join(map(harmless, paths)))


def _report(done: tuple[Removed, ...], can_undo: bool, json: bool) -> int:
    for item in done:
        if json:
            to = None if item.to is None else path_text(item.to)
            record = {"path": path_text(item.path), "action": item.action, "to": to}
            put(record | {"error": item.message or None})
        if item.message:
            say(item.message)
    counts = {
        action: sum(item.action == action for item in done) for action in ("binned", "set aside", "kept")
    }
    say(
        f"{counts['binned']} in the bin, {counts['set aside']} in _Rejected, {counts['kept']} left where "
        "they are." + (" culler remove --undo brings them back." if can_undo else "")
    )
    return 0 if counts["kept"] < len(done) else 1


def _undo(ws: Workspace, json: bool) -> int:
    return told_back(follow(removal.undo(ws), "Moving back"), json)
