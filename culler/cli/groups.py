"""culler groups and culler suggest: moments, their best frames, and what may go, with reasons."""

import math
from pathlib import Path
from typing import Annotated

import typer

from culler.cli.options import Folders, Json, ScorerName
from culler.cli.output import counted, follow, harmless, path_text, put, say, scanned, workspace
from culler.domain.errors import CullerError
from culler.ranking.bursts import Knobs
from culler.ranking.suggest import SuggestionKind
from culler.workflow import crops, listing, maker_notes, rank, suggestions
from culler.workflow import groups as grouping
from culler.workflow import score as scoring
from culler.workflow.workspace import Workspace


def groups(
    folders: Folders,
    gap: Annotated[
        float, typer.Option("--gap", min=0, help="Seconds within which frames are one burst.")
    ] = 2.0,
    similarity: Annotated[
        float, typer.Option("--similarity", min=0, max=1, help="How alike frames must look, 0 to 1.")
    ] = 0.5,
    closer: Annotated[
        bool,
        typer.Option("--closer", help="Compare the frames of small groups at full size first; slower."),
    ] = False,
    scorer: ScorerName = None,
    json: Json = False,
) -> int:
    """Group bursts, similar photos, brackets, panoramas and focus stacks; name the best of each.

    Photos that were not read or scored yet are read and scored first. What a closer look found is kept,
    and used from then on.
    """
    with workspace() as ws:
        roots = _prepared(ws, folders, scorer)
        judge = rank.current_scorer(ws, scorer)
        found = grouping.grouped(ws, roots, Knobs(gap, similarity), judge)
        if closer:
            seen = follow(crops.look_closer(ws, found, None if judge is None else judge.name), "Comparing")
            say(f"Compared {counted(seen.frames, 'frame')} of {counted(seen.groups, 'group')} closely now.")
            found = grouping.grouped(ws, roots, Knobs(gap, similarity), judge)
        ranked = grouping.ranked(ws, found, judge)
        ids = [photo_id for group in ranked for photo_id in group.photo_ids]
        paths = {key: path_text(path) for key, path in listing.paths(ws, found.columns).items()}
    for group in ranked:
        if json:
            put(
                {
                    "kind": group.kind.value,
                    "photos": [paths[photo_id] for photo_id in group.photo_ids],
                    "best": None if group.best is None else paths[group.best],
                    "p_best": group.p_best,
                    "by_hand": group.by_hand,
                }
            )
        else:
            sure = "" if group.p_best is None else f", best with probability {group.p_best:.0%}"
            first = harmless(paths[group.photo_ids[0]])
            print(f"{group.kind.value}: {len(group.photo_ids)} photos, {first} first{sure}")
    say(f"{counted(len(ranked), 'group')}, {counted(len(ids), 'photo')} of {len(found.columns)} in them.")
    return 0


def suggest(
    folders: Folders,
    max_lost_keepers: Annotated[
        float,
        typer.Option("--max-lost-keepers", min=0, max=1, help="Share of keepers that rejects may cost."),
    ] = suggestions.MAX_LOST_KEEPERS,
    scorer: ScorerName = None,
    json: Json = False,
) -> int:
    """Suggest keeps and rejects with reasons; the rest is yours to decide. Nothing is marked."""
    with workspace() as ws:
        roots = _prepared(ws, folders, scorer)
        judge = rank.current_scorer(ws, scorer)
        found = grouping.grouped(ws, roots, scorer=judge)
        said = suggestions.suggest(ws, roots, max_lost_keepers, judge, found)
        paths = {key: path_text(path) for key, path in listing.paths(ws, found.columns).items()}
    for each in said.each:
        path = paths[each.photo_id]
        if json:
            put(
                {
                    "path": path,
                    "suggestion": each.kind.value,
                    "confidence": each.confidence,
                    "reasons": [reason.text for reason in each.reasons],
                }
            )
        else:
            reasons = "; ".join(reason.text for reason in each.reasons)
            print(f"{each.kind.value:10} {harmless(path)}: {reasons}")
    counts = {kind: sum(each.kind is kind for each in said.each) for kind in SuggestionKind}
    lost = math.ceil(said.expected_lost * 10) / 10
    say(
        f"Suggestions: {counts[SuggestionKind.KEEP]} keep, {counts[SuggestionKind.REJECT]} reject candidates "
        f"(about {lost:g} keepers among them), {counts[SuggestionKind.YOU_DECIDE]} for you to decide"
        f"{'' if said.is_calibrated else '; uncalibrated until you have marked more'}."
    )
    return 0 if said.each else 1


def _prepared(ws: Workspace, folders: Folders, scorer: str | None) -> tuple[Path, ...]:
    """Scan, score what the current (or named) scorer has not scored yet, and read the maker notes of what
    may be a bracket or a focus stack."""
    found = scanned(ws, folders)
    if not found.total:
        raise CullerError("There are no photos in " + ", ".join(map(path_text, found.folders)) + ".")
    wanted = scorer or rank.current_source(ws)
    report = follow(scoring.score(ws, scoring.ScoreRequest(found.folders, scorer=wanted)), "Judging photos")
    if report.failed:
        say(f"{counted(report.failed, 'photo')} could not be judged; they stay in the list unrated.")
    follow(maker_notes.read(ws, found.folders), maker_notes.NOTE)
    return found.folders
