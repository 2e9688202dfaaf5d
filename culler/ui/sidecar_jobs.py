"""The jobs behind the Metadata menu, over the opened folders. What is heavy is imported when a job begins."""

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

from culler.domain.changes import NO_CHANGES, Progress
from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId

Folders = tuple[Path, ...]


def pending(workspace: Any, folders: Folders) -> Generator[Progress, None, frozenset[PhotoId]]:
    """The photos whose marks are in no sidecar yet."""
    from culler.workflow import sidecars

    yield Progress(0, None)
    return frozenset(sidecars.pending(workspace, folders))


def write(workspace: Any, folders: Folders, options: Mapping[str, bool]) -> Generator[Progress, None, object]:
    """`options` are those of a culler.workflow.sidecars.WriteRequest."""
    from culler.workflow import sidecars

    ids = (sidecars.marked if options.get("embed") else sidecars.pending)(workspace, folders)
    return (yield from sidecars.write(workspace, sidecars.WriteRequest(ids, **options)))


def tool(workspace: Any, folders: Folders) -> Generator[Progress, None, tuple[int, str]]:
    """How many photos have marks, and the version of the user's ExifTool; "" where there is none."""
    from culler.workflow import sidecars

    yield Progress(0, None)
    return len(sidecars.marked(workspace, folders)), sidecars.exiftool_version()


def read(workspace: Any, folders: Folders) -> Generator[Progress, None, object]:
    """Take over what other programs changed."""
    from culler.workflow import sidecars

    return (yield from sidecars.read(workspace, sidecars.photos_in(workspace, folders)))


def look(workspace: Any, folders: Folders) -> Generator[Progress, None, object]:
    """How the sidecars stand."""
    from culler.workflow import sidecars

    return (yield from sidecars.status(workspace, folders))


def settle(
    workspace: Any, _folders: Folders, choices: Sequence[tuple[PhotoId, Any, Path | None]]
) -> Generator[Progress, None, tuple[int, list[str]]]:
    """How many conflicts were settled, and why others were not."""
    from culler.workflow.sidecars import resolve

    settled, problems = 0, []
    for done, (photo_id, keep, sidecar) in enumerate(choices, 1):
        changes = NO_CHANGES
        try:
            changes = resolve(workspace, photo_id, keep, sidecar)
            settled += 1
        except CullerError as error:
            problems.append(str(error))
        yield Progress(done, len(choices), "", changes)
    return settled, problems
