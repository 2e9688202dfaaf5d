"""culler doctor: is everything in order, and what to do where it is not."""

from typing import Annotated

import typer

from culler.cli.options import Json
from culler.cli.output import counted, follow, harmless, put, say
from culler.domain.errors import CullerError
from culler.settings import places
from culler.workflow import catalog_care, health
from culler.workflow.health import Finding
from culler.workflow.workspace import open_workspace


def doctor(
    restore: Annotated[
        bool,
        typer.Option(
            "--restore",
            help="Put the newest sound backup in the place of a damaged catalog, which is kept aside.",
        ),
    ] = False,
    json: Json = False,
) -> int:
    """Check the catalog, caches, codecs, torch devices and free space."""
    if restore:
        return _restore()
    sound = True
    try:
        opened = open_workspace()
    except CullerError as error:
        _show(Finding("catalog", False, str(error)), json)
        for finding in health.without_catalog(places()):
            _show(finding, json)
        return 1
    try:
        for finding in health.findings(opened):
            _show(finding, json)
            sound = sound and finding.sound
    finally:
        opened.close()
    return 0 if sound else 1


def _show(finding: Finding, json: bool) -> None:
    if json:
        put({"subject": finding.subject, "sound": finding.sound, "text": finding.text})
    else:
        print(harmless(f"{'ok  ' if finding.sound else 'LOOK'}  {finding.subject}: {finding.text}"))


def _restore() -> int:
    done = follow(catalog_care.restore(places()), "Restoring the catalog")
    say(f"The backup {done.backup.name} is the catalog now.")
    if done.aside is not None:
        say(f"The damaged one is kept as {done.aside}.")
    if done.marks:
        say(
            f"{counted(done.marks, 'photo')} got newer marks back from their mirror; "
            "culler undo takes that back."
        )
    return 0
