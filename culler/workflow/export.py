"""Export: copies, moves or links of chosen photos with all their files, and a table of all that is
known. Nothing is ever overwritten; run again, it goes on where it stopped.
"""

import filecmp
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from culler.catalog import folders, photos
from culler.domain.assessment import ScorerId
from culler.domain.changes import NO_CHANGES, Changed, Changes, Progress
from culler.domain.decision import Flag
from culler.domain.errors import CullerError
from culler.domain.photo import FileRole, Photo, PhotoFile, PhotoId
from culler.imaging import copying
from culler.imaging.copying import Action, Outcome
from culler.workflow import listing, rank, ranking, table
from culler.workflow.job import Job
from culler.workflow.workspace import Workspace

MODES = ("copy", "move", "link")


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to export, in order, and how; picklable. `mode` is copy, move or link. Sidecars always move
    with their photo; with copies and links they go along when asked. `csv` is a table of the photos."""

    photo_ids: tuple[PhotoId, ...]
    to: Path
    mode: str = "copy"
    sidecars: bool = False
    csv: Path | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class ExportItem:
    """What was done with one file. `action` is copied, moved, linked, exists (it is there already),
    "would copy" and so on in a dry run, or failed with the sentence in `message`."""

    photo_id: PhotoId
    path: Path
    to: Path
    action: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """Every file in order, and the table if one was written."""

    items: tuple[ExportItem, ...]
    to: Path
    csv: Path | None = None


def select(
    workspace: Workspace,
    roots: Sequence[Path] | None,
    top: int | None = None,
    by: ranking.RankKey = ranking.RankKey.OVERALL,
    flag: Flag | None = None,
    min_stars: int = 0,
    scorer: ScorerId | None = None,
) -> tuple[tuple[PhotoId, ...], int]:
    """The photos to export, best first where `top` asks for the best N, and how many of the others were
    left out because nobody scored them."""
    scorer = scorer or rank.current_scorer(workspace)
    unscored = 0
    if top is None:
        entries = listing.photos_in(workspace, roots)
    else:
        places, unscored = ranking.ranked(workspace, roots, by, scorer)
        entries = [place.entry for place in places]
    chosen = [
        entry.photo.id
        for entry in entries
        if (flag is None or entry.decision.flag is flag) and entry.decision.stars >= min_stars
    ]
    return tuple(chosen[:top]), unscored


def export(workspace: Workspace, request: ExportRequest) -> Job[ExportReport]:
    """Do it. Raises CullerError when the target folder cannot be used at all."""
    if request.mode not in MODES:
        raise CullerError(f"An export copies, moves or links; {request.mode} is none of these.")
    target = Path(request.to).expanduser().absolute()
    entries = listing.entries(workspace, request.photo_ids, rank.current_scorer(workspace))
    items: list[ExportItem] = []
    used: set[str] = set()
    yield Progress(0, len(entries), "Exporting")
    for done, entry in enumerate(entries, 1):
        outcome = _export_photo(entry.photo, target, request, used)
        items += outcome
        changes = NO_CHANGES
        if any(item.action == "moved" for item in outcome):
            changes = _follow(workspace, entry.photo, target, outcome)
        yield Progress(done, len(entries), "Exporting", changes)
    written = None
    if request.csv is not None and not request.dry_run:
        written = table.write_csv(request.csv, entries, rank.current_scorer(workspace))
    return ExportReport(tuple(items), target, written)


def _export_photo(photo: Photo, target: Path, request: ExportRequest, used: set[str]) -> list[ExportItem]:
    """Every file of one photo under one stem; a move that cannot take them all takes none."""
    files = [
        file
        for file in photo.files
        if file.role is not FileRole.SIDECAR or request.sidecars or request.mode == "move"
    ]
    plan = _free_names(photo, files, target, used)
    if request.dry_run:
        return [ExportItem(photo.id, source, to, f"would {request.mode}") for source, to in plan]
    items: list[ExportItem] = []
    for source, to in plan:
        try:
            items.append(ExportItem(photo.id, source, to, _transfer(request.mode, source, to)))
        except CullerError as error:
            if request.mode == "move":
                items = [_moved_back(item) for item in items]
            items.append(ExportItem(photo.id, source, to, "failed", str(error)))
            if request.mode == "move":
                break
    return items


def _transfer(mode: str, source: Path, to: Path) -> str:
    """What was done with one file; raises CullerError."""
    if mode != "link":
        done = copying.transfer(Action(mode), source, to)
    else:
        try:
            done = copying.transfer(Action.HARD_LINK, source, to)
        except copying.TargetTaken:
            raise
        except CullerError:  # another disk, or one without hard links
            done = copying.transfer(Action.SYMLINK, source, to)
    return "exists" if done.outcome is Outcome.ALREADY_THERE else done.outcome.value


def _moved_back(item: ExportItem) -> ExportItem:
    if item.action != "moved":
        return item
    try:
        copying.move_file(item.to, item.path)
    except CullerError as error:
        return replace(item, message=f"{error} The file is in {item.to.parent} now.")
    text = f"{item.path.name} stays where it was: another file of its photo could not be moved."
    return replace(item, action="failed", message=text)


def _free_names(
    photo: Photo, files: Sequence[PhotoFile], target: Path, used: set[str]
) -> list[tuple[Path, Path]]:
    """Source and target of each file. All files of a photo get the same number where a name is taken by
    something else; a name that holds the very same content is not taken."""
    number = 1
    while True:
        paths = [file.path(photo.root) for file in files]
        plan = [(path, target / _numbered(path.name, number)) for path in paths]
        names = {str(to).casefold() for _, to in plan}
        if not names & used and all(_free(source, to) for source, to in plan):
            used |= names
            return plan
        number += 1


def _numbered(name: str, number: int) -> str:
    """IMG.CR2.xmp → IMG (2).CR2.xmp: the number follows the stem that a photo's files share."""
    if number == 1:
        return name
    stem, dot, suffixes = name.partition(".")
    return f"{stem} ({number}){dot}{suffixes}"


def _free(source: Path, to: Path) -> bool:
    try:
        if not to.exists():
            return not to.is_symlink()
        return to.is_file() and filecmp.cmp(source, to, shallow=False)
    except OSError:
        return True  # the transfer will say what is wrong


def _follow(workspace: Workspace, photo: Photo, target: Path, items: Sequence[ExportItem]) -> Changes:
    """Let the catalog know where a moved photo is now; its marks and scores go with it."""
    if any(item.action != "moved" for item in items) or len(items) != len(photo.files):
        return NO_CHANGES
    with workspace.catalog.write() as tx:
        scope = folders.add(tx, target)
        photos.relocate(tx, photo.id, scope, [item.to for item in items])
    return Changes.of([photo.id], Changed.PHOTOS)
