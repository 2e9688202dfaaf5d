"""Export: copies, moves, links or smaller copies of chosen photos with all their files, and tables, a
contact sheet or a list of them. Nothing is ever overwritten; run again, it goes on where it stopped.

Moves are kept in a journal: what a crash cut short is finished at the next start, and `undo` brings
everything back.
"""

import os
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from culler.catalog import folders
from culler.domain.assessment import Aspect, ScorerId
from culler.domain.changes import NO_CHANGES, Changed, Changes, Progress
from culler.domain.decision import Flag
from culler.domain.errors import CullerError
from culler.domain.levels import Level
from culler.domain.photo import FileRole, PhotoId, PhotoKind
from culler.imaging import conversion, copying
from culler.imaging.conversion import MetadataPolicy, Recipe, Target
from culler.imaging.copying import Action, Outcome, TargetTaken
from culler.imaging.naming import DEFAULT_TEMPLATE
from culler.workflow import develop, export_papers, listing, moves, rank, ranking, suggestions, table
from culler.workflow.export_names import Into, Names, stack_names
from culler.workflow.job import Job
from culler.workflow.listing import Entry
from culler.workflow.moves import Journal, Move, MovedBack, MoveKind
from culler.workflow.workspace import Workspace

__all__ = [
    "MODES",
    "ExportItem",
    "ExportReport",
    "ExportRequest",
    "Into",
    "MetadataPolicy",
    "Target",
    "can_undo",
    "export",
    "select",
    "undo",
]

MODES = ("copy", "move", "link", "hardlink", "symlink")
LARGE_BYTES = 32 * 2**20
"""Files that are copied step by step, so that a cancel need not wait for their end."""
STEP_S = 0.2


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to export, in order, and how; picklable.

    `mode` is copy, move, hardlink, symlink, or link (a hard link where the disks allow it). Sidecars
    always move with their photo; with copies and links they go along when asked. `name` is a template
    (`culler.imaging.naming`), `into` what gets a folder of its own; `ranked` says that the order is a
    ranking. With a `format`, smaller or other copies are made instead, at most `max_side_px` long.
    `csv` and `json` are tables of all that is known, `sheet` a contact sheet, `list` a list of files.
    """

    photo_ids: tuple[PhotoId, ...]
    to: Path
    mode: str = "copy"
    sidecars: bool = False
    csv: Path | None = None
    dry_run: bool = False
    name: str = DEFAULT_TEMPLATE
    into: Into = Into.ONE
    ranked: bool = False
    format: Target | None = None
    max_side_px: int | None = None
    metadata: MetadataPolicy = MetadataPolicy.ALL
    json: Path | None = None
    sheet: Path | None = None
    list: Path | None = None


@dataclass(frozen=True, slots=True)
class ExportItem:
    """What was done with one file. `action` is copied, moved, linked, converted, exists (it is there
    already), "would copy" and so on in a dry run, or failed with the sentence in `message`."""

    photo_id: PhotoId
    path: Path
    to: Path
    action: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """Every file in order, and the table and other papers that were written."""

    items: tuple[ExportItem, ...]
    to: Path
    csv: Path | None = None
    papers: tuple[Path, ...] = ()


def select(
    workspace: Workspace,
    roots: Sequence[Path] | None,
    top: int | None = None,
    by: ranking.RankKey = ranking.RankKey.OVERALL,
    flag: Flag | None = None,
    min_stars: int = 0,
    scorer: ScorerId | None = None,
    label: str | None = None,
    min_level: Level | None = None,
    queue: str | None = None,
) -> tuple[tuple[PhotoId, ...], int]:
    """The photos to export, best first where `top` asks for the best N, and how many of the others were
    left out because nobody scored them. `min_level` is the least likeliest level of quality, `queue` a
    SuggestionKind's value."""
    scorer = scorer or rank.current_scorer(workspace)
    unscored = 0
    if top is None:
        entries = listing.photos_in(workspace, roots, scorer)
    else:
        places, unscored = ranking.ranked(workspace, roots, by, scorer)
        entries = [place.entry for place in places]
    queued = None
    if queue is not None:
        said = suggestions.suggest(workspace, roots, scorer=scorer)
        queued = {each.photo_id for each in said.each if each.kind.value == queue}

    def wanted(entry: Entry) -> bool:
        quality = entry.levels.get(Aspect.QUALITY)
        return (
            (flag is None or entry.decision.flag is flag)
            and entry.decision.stars >= min_stars
            and (label is None or entry.decision.label == label)
            and (min_level is None or (quality is not None and quality.likeliest >= min_level))
            and (queued is None or entry.photo.id in queued)
        )

    chosen = [entry.photo.id for entry in entries if wanted(entry)]
    return tuple(chosen[:top]), unscored


def export(workspace: Workspace, request: ExportRequest) -> Job[ExportReport]:
    """Do it. Raises CullerError when the request cannot be done at all: an unknown mode, a template that
    is none, a target folder that cannot be used."""
    if request.mode not in MODES:
        raise CullerError(f"An export copies, moves or links; {request.mode} is none of these.")
    if request.format is not None and request.mode != "copy":
        raise CullerError(f"Photos in another format are copies; they cannot be made with {request.mode}.")
    if request.max_side_px is not None and request.format is None:
        raise CullerError("Smaller pictures need a format: JPEG or AVIF.")
    if request.sheet is not None:
        export_papers.check_sheet(request.sheet)
    target = Path(request.to).expanduser().absolute()
    if target.exists() and not target.is_dir():
        raise CullerError(f"{target} is a file, not a folder. Choose a folder to export into.")
    scorer = rank.current_scorer(workspace)
    entries = listing.entries(workspace, request.photo_ids, scorer)
    stacks = stack_names(workspace, entries) if request.into is Into.STACK else {}
    names = Names(target, request.name, request.into, request.ranked, stacks)
    yield Progress(0, len(entries), "Exporting")
    if request.mode == "move" and not request.dry_run:
        with Journal(workspace, MoveKind.EXPORT) as journal:
            items = yield from _export_all(workspace, entries, names, request, journal)
    else:
        items = yield from _export_all(workspace, entries, names, request, None)
    if request.dry_run:
        return ExportReport(tuple(items), target)
    if request.mode == "move":
        entries = listing.entries(workspace, request.photo_ids, scorer)  # where they are now
    csv = None if request.csv is None else table.write_csv(request.csv, entries, scorer)
    papers = [] if request.json is None else [table.write_json(request.json, entries, scorer)]
    if request.sheet is not None:
        papers.append((yield from export_papers.contact_sheet(workspace, request.sheet, entries, scorer)))
    if request.list is not None:
        done = [item.to for item in items if item.action != "failed"]
        papers.append(export_papers.file_list(request.list, done))
    return ExportReport(tuple(items), target, csv, tuple(papers))


def can_undo(workspace: Workspace) -> int:
    """How many photos `undo` would move back."""
    return moves.can_undo(workspace, MoveKind.EXPORT)


def undo(workspace: Workspace) -> Job[tuple[MovedBack, ...]]:
    """Move back what the latest export moved. Raises CullerError when there is nothing to move back."""
    return moves.undo(workspace, MoveKind.EXPORT)


_Items = Generator[Progress, None, list[ExportItem]]


def _export_all(
    workspace: Workspace,
    entries: Sequence[Entry],
    names: Names,
    request: ExportRequest,
    journal: Journal | None,
) -> _Items:
    items: list[ExportItem] = []
    for done, entry in enumerate(entries):
        here = Progress(done, len(entries), "Exporting")
        changes = NO_CHANGES
        if request.format is not None and entry.photo.kind is PhotoKind.STILL:
            items.append(_convert(entry, done + 1, names, request, request.format))
        else:
            outcome = yield from _export_photo(workspace, entry, done + 1, names, request, journal, here)
            items += outcome
            if any(item.action == "moved" for item in outcome):
                changes = Changes.of([entry.photo.id], Changed.PHOTOS)
        yield replace(here, done=done + 1, changes=changes)
    return items


def _export_photo(
    workspace: Workspace,
    entry: Entry,
    sequence: int,
    names: Names,
    request: ExportRequest,
    journal: Journal | None,
    here: Progress,
) -> _Items:
    """Every file of one photo under one stem; a move that cannot take them all takes none."""
    photo = entry.photo
    files = [
        file
        for file in photo.files
        if file.role is not FileRole.SIDECAR or request.sidecars or request.mode == "move"
    ]
    plan = names.plan(entry, sequence, files)
    if request.dry_run:
        return [ExportItem(photo.id, source, to, f"would {request.mode}") for source, to in plan]
    if journal is not None:
        journal.intend(Move(photo.id, tuple(plan)))
    items: list[ExportItem] = []
    for file, (source, to) in zip(files, plan, strict=True):
        try:
            large = file.stamp.size_bytes > LARGE_BYTES
            action = yield from _transfer(request.mode, source, to, here if large else None)
            items.append(ExportItem(photo.id, source, to, action))
        except GeneratorExit:
            if journal is not None:
                for item in items:
                    _moved_back(item)
                journal.given_up(photo.id)
            raise
        except CullerError as error:
            if request.mode == "move":
                items = [_moved_back(item) for item in items]
            items.append(ExportItem(photo.id, source, to, "failed", str(error)))
            if request.mode == "move":
                break
    if journal is not None:
        if all(item.action == "moved" for item in items):
            with workspace.catalog.write() as tx:
                folders.add(tx, Path(request.to).expanduser().absolute())  # one root for all folders in it
            moves.follow(workspace, MoveKind.EXPORT, Move(photo.id, tuple(plan)))
            journal.arrived(photo.id)
        else:
            journal.given_up(photo.id)
    return items


def _transfer(mode: str, source: Path, to: Path, here: Progress | None) -> Generator[Progress, None, str]:
    """What was done with one file; with `here`, step by step. Raises CullerError."""
    if mode == "link":
        try:
            done = copying.transfer(Action.HARD_LINK, source, to)
        except TargetTaken:
            raise
        except CullerError:  # another disk, or one without hard links
            done = copying.transfer(Action.SYMLINK, source, to)
    elif here is None:
        done = copying.transfer(Action(mode), source, to)
    else:
        steps = copying.transferring(Action(mode), source, to)
        since = time.monotonic()
        try:
            while True:
                try:
                    next(steps)
                except StopIteration as stop:
                    done = stop.value
                    break
                if time.monotonic() - since > STEP_S:
                    since = time.monotonic()
                    yield here
        finally:
            steps.close()
    if done.outcome is not Outcome.ALREADY_THERE:
        return done.outcome.value
    if mode == "move" and os.path.realpath(source) != os.path.realpath(to):
        raise CullerError(f"{source.name} stays where it was: {to} is a link to it already.")
    return "exists"


def _convert(entry: Entry, sequence: int, names: Names, request: ExportRequest, target: Target) -> ExportItem:
    photo = entry.photo
    if request.dry_run:
        to = names.place(entry, sequence, target.value, None)
        return ExportItem(photo.id, photo.path, to, "would convert")
    recipe = Recipe(target, request.max_side_px, request.metadata)
    try:
        data = conversion.convert(photo, recipe, develop.companion_of(photo))
        to = names.place(entry, sequence, target.value, data)
        if to.exists():
            return ExportItem(photo.id, photo.path, to, "exists")
        return ExportItem(photo.id, photo.path, table.write_new(to, data), "converted")
    except CullerError as error:
        return ExportItem(photo.id, photo.path, Path(request.to), "failed", str(error))


def _moved_back(item: ExportItem) -> ExportItem:
    if item.action != "moved":
        return item
    try:
        copying.move_file(item.to, item.path)
    except CullerError as error:
        return replace(item, message=f"{error} The file is in {item.to.parent} now.")
    text = f"{item.path.name} stays where it was: another file of its photo could not be moved."
    return replace(item, action="failed", message=text)
