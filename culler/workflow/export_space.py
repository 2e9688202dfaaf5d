"""How much an export takes, and how much room there is for it."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from culler.catalog import photo_files
from culler.domain.photo import PhotoFile
from culler.workflow.export_request import ExportRequest
from culler.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Space:
    """`size_bytes` of the `files` as they are now; `free_bytes` where they go, None where nobody can tell.
    `fits` is False where copies of all of them surely find no room."""

    files: int
    size_bytes: int
    free_bytes: int | None
    fits: bool


def space(workspace: Workspace, request: ExportRequest) -> Space:
    """By what the catalog knows of the files; they themselves are not looked at."""
    with workspace.catalog.read() as tx:
        found = photo_files.files_of(tx, request.photo_ids)
    chosen: list[PhotoFile] = []
    for files in found.values():
        chosen += request.files_of(files)
    size = sum(file.stamp.size_bytes for file in chosen)
    free = _free(Path(request.to))
    takes_room = request.mode == "copy" and request.format is None
    return Space(len(chosen), size, free, free is None or not takes_room or size <= free)


def _free(folder: Path) -> int | None:
    """Room on the disk where the folder is, or would be made."""
    try:
        there = Path(os.path.abspath(folder.expanduser()))
        while not there.is_dir() and there != there.parent:
            there = there.parent
        return shutil.disk_usage(there).free
    except (OSError, RuntimeError, ValueError):
        return None
