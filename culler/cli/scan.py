"""culler scan: read folders into the catalog and look at every file once."""

from typing import Annotated

import typer

from culler.cli.options import Folders, Json
from culler.cli.output import counted, follow, path_text, put, say, workspace
from culler.workflow import listing, look, maker_notes
from culler.workflow import scan as scanning


def scan(
    folders: Folders,
    json: Json = False,
    quick: Annotated[bool, typer.Option("--quick", help="Read metadata only; decode nothing.")] = False,
) -> int:
    """Read folders into the catalog: new, changed and missing photos.

    A second scan reads only what changed. Nothing in the folders is ever written to.
    """
    with workspace() as ws:
        report = follow(scanning.scan(ws, folders), "Reading folders")
        if not quick:
            follow(look.look(ws, report.folders), "Looking at photos")
        follow(maker_notes.read(ws, report.folders), maker_notes.NOTE)
        entries = listing.photos_in(ws, report.folders)
        if json:
            for entry in entries:
                put(_record(entry))
            for ignored in report.ignored:
                put({"path": path_text(ignored.path), "status": "ignored", "error": ignored.reason})
    for trouble in report.troubles:
        say(f"{path_text(trouble.path)}: {trouble.reason}.")
    failed = [entry for entry in entries if entry.failures]
    for entry in failed:
        say(entry.failures[0].message)
    say(
        f"{counted(len(entries), 'photo')}: {report.added} new, {report.changed} changed, "
        f"{report.unchanged} as before; {report.missing} missing now, {len(failed)} cannot be shown, "
        f"{counted(len(report.ignored), 'other file')} ignored."
    )
    if not entries:
        say("There are no photos in " + ", ".join(path_text(folder) for folder in report.folders) + ".")
        return 1
    return 0


def _record(entry: listing.Entry) -> dict[str, object]:
    photo, facts = entry.photo, entry.photo.facts
    return {
        "path": path_text(photo.path),
        "status": "failed" if entry.failures else "ok",
        "error": entry.failures[0].message if entry.failures else None,
        "width": facts.width,
        "height": facts.height,
        "taken": None if facts.taken_at is None else facts.taken_at.isoformat(),
        "camera": facts.camera,
        "rating": facts.camera_rating,
        "drive": facts.drive,
        "bracketing": facts.bracketing,
        "flag": entry.decision.flag.value,
        "stars": entry.decision.stars,
        "label": entry.decision.label,
        "kind": photo.kind.value,
        "companions": [path_text(path) for path in photo.paths[1:]],
    }
