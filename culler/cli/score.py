"""culler score: have photos judged, and print what the judge said."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from culler.cli.options import Folders, Json
from culler.cli.output import counted, follow, path_text, put, say, scanned, workspace
from culler.domain.assessment import Aspect
from culler.domain.errors import CullerError
from culler.workflow import listing
from culler.workflow import score as scoring


def score(
    folders: Folders,
    scorer: Annotated[
        str, typer.Option("--scorer", help="A scorer's name, or the folder of a checkpoint.")
    ] = "embedded",
    aspects: Annotated[
        str, typer.Option("--aspects", help="What to judge: quality, aesthetics, or both.")
    ] = "quality,aesthetics",
    device: Annotated[str, typer.Option("--device", help="auto, cuda, mps or cpu.")] = "auto",
    dtype: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--dtype", help="bfloat16, float16, float32, int8 or nf4. Default: what suits the device."
        ),
    ] = None,
    batch_size: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--batch-size", min=1, help="Photos at once. Default: what suits the memory."),
    ] = None,
    adapter: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--adapter", help="The folder of a LoRA adapter for the checkpoint."),
    ] = None,
    recipe: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--recipe", help="How the model is asked: trained (default) or score."),
    ] = None,
    rescore: Annotated[bool, typer.Option("--rescore", help="Judge again what is judged already.")] = False,
    fast_aesthetics: Annotated[
        bool,
        typer.Option(
            "--fast-aesthetics",
            help="Ask the model about quality alone; a head that learnt its answers says the rest.",
        ),
    ] = False,
    json: Json = False,
) -> int:
    """Judge every photo of the folders that this scorer has not judged yet.

    Stop it whenever you like: what was judged is kept, and the same command goes on.
    """
    if device not in ("auto", "cuda", "mps", "cpu") and not device.startswith("cuda:"):
        raise typer.BadParameter(f"{device} is no device: auto, cuda, mps or cpu.")
    wanted = _aspects(aspects)
    with workspace() as ws:
        found = scanned(ws, folders)
        if not found.total:
            raise CullerError("There are no photos in " + ", ".join(map(path_text, found.folders)) + ".")
        request = scoring.ScoreRequest(
            folders=found.folders,
            scorer=scorer,
            aspects=wanted,
            device=device,
            dtype=dtype,
            batch_size=batch_size,
            adapter=adapter,
            recipe=recipe,
            rescore=rescore,
            fast_aesthetics=fast_aesthetics,
        )
        report = follow(scoring.score(ws, request), "Judging photos")
        entries = listing.entries(ws, report.photo_ids, report.scorer)
    failed = [entry for entry in entries if not entry.levels]
    for entry in entries:
        if json:
            put(_record(entry, report, wanted))
        if not entry.levels:
            say(entry.failures[0].message if entry.failures else f"{entry.photo.name} was not judged.")
    posters = sum(listing.POSTER_NOTE in entry.notes for entry in entries)
    if posters:
        say(f"{counted(posters, 'clip')} judged by the first frame alone.")
    if fast_aesthetics:
        say(_about_head(report))
    if report.scored:
        where = f" on {report.device}" if report.device else ""
        judged = counted(len(report.scored), "photo")
        say(f"{report.scorer}: {judged} judged now{where}, {report.already} before.")
    else:
        say(f"{report.scorer}: nothing to do, {counted(report.already, 'photo')} judged before.")
    if failed:
        say(f"{counted(len(failed), 'photo')} could not be judged; they stay in the list unrated.")
    return 0 if len(failed) < len(entries) else 1


def _about_head(report: scoring.ScoreReport) -> str:
    if report.head is None:
        return "Fast aesthetics changes nothing here: it stands in for the second of a model's two questions."
    return report.head.sentence


def _aspects(text: str) -> tuple[Aspect, ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    known = {Aspect.QUALITY.value: Aspect.QUALITY, Aspect.AESTHETICS.value: Aspect.AESTHETICS}
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise typer.BadParameter(f"{text} is not quality, aesthetics, or quality,aesthetics.")
    return tuple(dict.fromkeys(known[name] for name in names))


def _record(
    entry: listing.Entry, report: scoring.ScoreReport, wanted: tuple[Aspect, ...]
) -> dict[str, object]:
    path = path_text(entry.photo.path)
    if not entry.levels:
        error = entry.failures[0].message if entry.failures else "not judged"
        return {"path": path, "scorer": str(report.scorer), "error": error}
    levels = {aspect: entry.levels[aspect] for aspect in wanted if aspect in entry.levels}
    record: dict[str, object] = {
        "path": path,
        "scorer": str(report.scorer),
        "new": entry.photo.id in report.scored,
        "levels": {aspect.value: distribution.as_words() for aspect, distribution in levels.items()},
        "mean": {aspect.value: distribution.mean for aspect, distribution in levels.items()},
    }
    return record | ({"note": "; ".join(entry.notes)} if entry.notes else {})
