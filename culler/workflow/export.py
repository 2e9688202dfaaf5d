"""Export: copies, moves, links or smaller copies of chosen photos with all their files, and tables, a
contact sheet or a list of them. Nothing is ever overwritten; run again, it goes on where it stopped.

Moves are kept in a journal: what a crash cut short is finished at the next start, and `undo` brings
everything back.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from culler.catalog.keys import CHUNK
from culler.domain.assessment import Aspect, ScorerId
from culler.domain.changes import NO_CHANGES, Changed, Changes, Progress
from culler.domain.decision import Flag
from culler.domain.levels import Level
from culler.domain.photo import PhotoId, PhotoKind
from culler.imaging import placing
from culler.imaging.conversion import QUALITIES, MetadataPolicy, Target
from culler.imaging.naming import DEFAULT_TEMPLATE
from culler.imaging.naming import problem as name_problem
from culler.workflow import export_papers, listing, moving_back, rank, ranking, suggestions
from culler.workflow.converting import Converting
from culler.workflow.export_files import Items, convert_photo, export_photo
from culler.workflow.export_names import Into, Names, Place, drained, stack_names
from culler.workflow.export_request import MODES, ExportItem, ExportReport, ExportRequest, Members
from culler.workflow.job import Job
from culler.workflow.listing import Entry
from culler.workflow.moves import Journal, MoveKind
from culler.workflow.moving_back import MovedBack
from culler.workflow.workspace import Workspace

__all__ = [
    "DEFAULT_TEMPLATE",
    "MODES",
    "QUALITIES",
    "ExportItem",
    "ExportReport",
    "ExportRequest",
    "Into",
    "Members",
    "MetadataPolicy",
    "Target",
    "can_undo",
    "export",
    "name_problem",
    "preview",
    "select",
    "undo",
]


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
        ids = listing.ids_in(workspace, roots)
    else:
        ids, unscored = ranking.in_order(workspace, roots, by, scorer)
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

    chosen: list[PhotoId] = []
    for start in range(0, len(ids), CHUNK):
        if top is None or len(chosen) < top:
            some = listing.entries(workspace, ids[start : start + CHUNK], scorer)
            chosen += [entry.photo.id for entry in some if wanted(entry)]
    return tuple(chosen[:top]), unscored


def export(workspace: Workspace, request: ExportRequest) -> Job[ExportReport]:
    """Do it. Raises CullerError when the request cannot be done at all: it contradicts itself, its
    template is none, its folder cannot be used. What fails later is in the report."""
    target = request.target()
    scorer = rank.current_scorer(workspace)
    entries = listing.entries(workspace, request.photo_ids, scorer)
    names = _names(workspace, request, target, entries)
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
    placing.sweep({item.to.parent for item in items if item.action != "failed"})
    written = yield from export_papers.write(workspace, request, entries, items, scorer)
    return ExportReport(tuple(items), target, written.csv, written.others, written.troubles)


def preview(workspace: Workspace, request: ExportRequest, count: int) -> tuple[ExportItem, ...]:
    """What the first photos would be called, told from names and sizes alone; an action "exists" says that
    the name is in use, probably by the very same. Raises CullerError as `export` does."""
    target = request.target()
    entries = listing.entries(workspace, request.photo_ids[:count], rank.current_scorer(workspace))
    names = _names(workspace, request, target, entries, reading=False)
    items = []
    for sequence, entry in enumerate(entries, 1):
        plan: tuple[Place, ...]
        if _is_converted(entry, request):
            assert request.format is not None
            plan = (names.place(entry, sequence, request.format.value, None),)
        else:
            plan = drained(names.plan(entry, sequence, request.files_of(entry.photo.files)))
        items += [
            ExportItem(entry.photo.id, each.source, each.to, "exists" if each.there else "") for each in plan
        ]
    return tuple(items)


def can_undo(workspace: Workspace) -> int:
    """How many photos `undo` would move back."""
    return moving_back.can_undo(workspace, MoveKind.EXPORT)


def undo(workspace: Workspace) -> Job[tuple[MovedBack, ...]]:
    """Move back what the latest export moved. Raises CullerError when there is nothing to move back."""
    return moving_back.undo(workspace, MoveKind.EXPORT)


def _names(
    workspace: Workspace, request: ExportRequest, target: Path, entries: Sequence[Entry], reading: bool = True
) -> Names:
    stacks = stack_names(workspace, entries, request.stacks) if request.into is Into.STACK else {}
    return Names(target, request.name, request.into, request.ranked, stacks, reading)


def _is_converted(entry: Entry, request: ExportRequest) -> bool:
    return request.format is not None and entry.photo.kind is PhotoKind.STILL


def _export_all(
    workspace: Workspace,
    entries: Sequence[Entry],
    names: Names,
    request: ExportRequest,
    journal: Journal | None,
) -> Items:
    items: list[ExportItem] = []
    recipe = request.recipe
    ahead = None
    if recipe is not None and not request.dry_run:
        ahead = Converting([entry.photo for entry in entries if _is_converted(entry, request)], recipe)
    try:
        for done, entry in enumerate(entries):
            here = Progress(done, len(entries), "Exporting")
            changes = NO_CHANGES
            if _is_converted(entry, request):
                items.append((yield from convert_photo(entry, done + 1, names, request, ahead, here)))
            else:
                outcome = yield from export_photo(workspace, entry, done + 1, names, request, journal, here)
                items += outcome
                if any(item.action == "moved" for item in outcome):
                    changes = Changes.of([entry.photo.id], Changed.PHOTOS)
            yield replace(here, done=done + 1, changes=changes)
    finally:
        if ahead is not None:
            ahead.close()
    return items
