"""Which judges there are, and loading one by name or by the folder of its checkpoint."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from culler.catalog import assessments
from culler.domain.errors import CullerError
from culler.scoring.scorer import DEFAULT_SCORER, SCORERS, ScorerOptions, ScorerSpec
from culler.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ScorerChoice:
    """A judge as the window offers it. `checkpoint` is where it was loaded from last."""

    name: str
    title: str
    licence: str
    size: str
    needs_checkpoint: bool
    current: bool
    checkpoint: Path | None = None


def chosen(wanted: str, options: ScorerOptions) -> tuple[ScorerSpec, ScorerOptions]:
    """The scorer of this name, or the one that opens this checkpoint folder, and how to load it.

    Raises CullerError when there is no such scorer or its checkpoint is not known.
    """
    spec, checkpoint = resolve(wanted)
    if checkpoint is not None:
        options = replace(options, checkpoint=checkpoint)
    elif spec.needs_checkpoint and options.checkpoint is None:
        raise CullerError(
            f"{spec.title} needs its checkpoint ({spec.size}). Download it and give its folder."
        )
    return spec, options


def resolve(wanted: str) -> tuple[ScorerSpec, Path | None]:
    """The spec of a scorer name, or of the checkpoint in a folder."""
    if wanted in SCORERS:
        return SCORERS[wanted], None
    folder = Path(wanted).expanduser().absolute()
    if not folder.is_dir():
        names = ", ".join(SCORERS)
        raise CullerError(f"There is no scorer {wanted}. Give one of {names}, or a checkpoint's folder.")
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        model_type = str(config["model_type"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CullerError(f"{folder} is not a checkpoint folder: its config.json cannot be read.") from error
    for spec in SCORERS.values():
        if model_type in spec.model_types:
            return spec, folder
    known = ", ".join(name for spec in SCORERS.values() for name in spec.model_types)
    raise CullerError(f"Culler cannot score with a model of type {model_type} ({folder}); it knows {known}.")


def choices(workspace: Workspace) -> tuple[ScorerChoice, ...]:
    """Every judge of the table, the catalog's current one marked."""
    with workspace.catalog.read() as tx:
        records = assessments.scorers(tx)
    current = next((record.scorer.name for record in records if record.is_current), DEFAULT_SCORER)
    folders = {record.scorer.name: record.checkpoint for record in reversed(records) if record.checkpoint}
    return tuple(
        ScorerChoice(
            spec.name,
            spec.title,
            spec.licence,
            spec.size,
            spec.needs_checkpoint,
            spec.name == current,
            Path(folders[spec.name]) if spec.name in folders else None,
        )
        for spec in SCORERS.values()
    )


def sees_clips(name: str) -> bool:
    """Whether this scorer judges a clip as a whole, not its first frame."""
    return name in SCORERS and bool(SCORERS[name].clip_aspects)


def quality_weight(name: str | None) -> float:
    """w of overall = w·quality + (1 − w)·aesthetics for a scorer's name."""
    spec = SCORERS.get(name or DEFAULT_SCORER)
    return 0.5 if spec is None else spec.quality_weight
