"""When the catalog cannot be opened: what is wrong with it, and the newest sound backup in its place.

The damaged file is kept aside. Marks set since the backup come back from their mirror.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from culler.catalog import backup
from culler.domain.changes import Progress
from culler.domain.errors import CullerError
from culler.settings import Places
from culler.workflow import marks_mirror
from culler.workflow.job import Job
from culler.workflow.workspace import open_workspace


@dataclass(frozen=True, slots=True)
class Rescue:
    """A damaged catalog (`wrong` says in which way) and the backup that can take its place."""

    catalog: Path
    wrong: str
    backup: Path
    made: datetime

    @property
    def when(self) -> str:
        """When the backup was made, in words."""
        return f"{self.made.astimezone():%d %b %Y, %H:%M}"


@dataclass(frozen=True, slots=True)
class Rescued:
    """What was put in place, where the damaged file is now (None: there was none), and how many photos
    got marks from the mirror, which are newer than the backup."""

    backup: Path
    aside: Path | None
    marks: int


def rescue(where: Places) -> Rescue | None:
    """What can be done about a catalog that is damaged or gone; None for a sound one, and where no
    backup is sound."""
    wrong = backup.what_is_wrong(where.catalog)
    chosen = None if wrong is None or wrong == backup.NEWER else backup.newest_sound(where.catalog)
    if wrong is None or chosen is None:
        return None
    return Rescue(where.catalog, wrong, chosen, datetime.fromtimestamp(chosen.stat().st_mtime, UTC))


def restore(where: Places) -> Job[Rescued]:
    """Put the newest sound backup in the catalog's place. Raises CullerError where the catalog is sound,
    where no backup is, and where it cannot be done; then nothing was changed."""
    yield Progress(0, None, "Looking at the backups")
    found = rescue(where)
    if found is None:
        wrong = backup.what_is_wrong(where.catalog)
        if wrong is None or wrong == backup.NEWER:
            raise CullerError(f"The catalog {where.catalog} is sound; nothing was changed.")
        folder = backup.folder_of(where.catalog)
        raise CullerError(
            f"There is no sound backup in {folder}. Move {where.catalog} away to begin anew; "
            "culler marks restore then brings back the marks."
        )
    aside = backup.restore(where.catalog, found.backup)
    yield Progress(0, None, "Restoring marks")
    marks = 0
    mirror = marks_mirror.best(where)
    mirrored = None if mirror is None else marks_mirror.saved_at(mirror)
    if mirror is not None and mirrored is not None and mirrored > found.made:
        workspace = open_workspace(where)
        try:
            marks = (yield from marks_mirror.restore(workspace, True, mirror)).restored
        finally:
            workspace.close()
    return Rescued(found.backup, aside, marks)
