"""culler files: which files are one photo, where their names do not say it."""

from pathlib import Path
from typing import Annotated

import typer

from culler.cli.options import Json
from culler.cli.output import counted, path_text, put, say, workspace
from culler.workflow import files_by_hand, listing
from culler.workflow.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Split photos into their files, and join files into photos.")

Paths = Annotated[
    list[Path], typer.Argument(help="Photos; any file of a photo will do.", metavar="PATH…", readable=False)
]


@app.command()
def split(paths: Paths, json: Json = False) -> int:
    """Make every picture file of these photos a photo of its own, with the same marks.

    No file is touched, and later scans leave it so; culler undo takes it back.
    """
    with workspace() as ws:
        done = files_by_hand.split(ws, listing.ids_at(ws, paths))
        if json:
            for parts in done.photo_ids.values():
                _put(ws, parts)
    parts_ = sum(map(len, done.photo_ids.values()))
    say(f"{counted(len(done.photo_ids), 'photo')} split into {parts_}; culler undo takes it back.")
    return 0


@app.command()
def join(paths: Paths, json: Json = False) -> int:
    """Make these photos of one folder a single one, which all marks, moves and exports act on.

    A RAW comes first. Marks of the first photo stay; where it has none, it takes those of the others.
    No file is touched, and later scans leave it so; culler undo takes it back.
    """
    with workspace() as ws:
        done = files_by_hand.join(ws, listing.ids_at(ws, paths))
        if json:
            lost = [
                {
                    "name": each.name,
                    "flag": each.marks.flag.value,
                    "stars": each.marks.stars,
                    "label": each.marks.label,
                }
                for each in done.set_aside
            ]
            _put(ws, [done.photo_id], set_aside=lost)
    if done.note:
        say(done.note)
    say(f"{counted(done.files, 'picture file')} are one photo now; culler undo takes it back.")
    return 0


def _put(ws: Workspace, photo_ids: "list[int] | tuple[int, ...]", **more: object) -> None:
    for entry in listing.entries(ws, photo_ids):
        files = [path_text(path) for path in entry.photo.paths]
        put({"path": path_text(entry.photo.path), "files": files, **more})
