"""Which judges there are, and loading one by name or by the folder of its checkpoint."""

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

from culler.catalog import assessments
from culler.domain.assessment import ScorerId
from culler.domain.errors import CullerError
from culler.scoring.scorer import DEFAULT_SCORER, SCORERS, Identity, ScorerOptions, ScorerSpec
from culler.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ScorerChoice:
    """A judge as the window offers it. `checkpoint` is the folder of its weights; a judge that needs one
    and has none cannot be chosen yet."""

    name: str
    title: str
    licence: str
    size: str
    needs_checkpoint: bool
    current: bool
    checkpoint: Path | None = None

    @property
    def source(self) -> str | None:
        """What a ScoreRequest calls it; None while its checkpoint is not known."""
        if self.checkpoint is not None:
            return str(self.checkpoint)
        return None if self.needs_checkpoint else self.name


def chosen(workspace: Workspace, wanted: str, options: ScorerOptions) -> tuple[ScorerSpec, ScorerOptions]:
    """The scorer of this name, or the one that opens this checkpoint folder, and how to load it. A name
    alone takes the current checkpoint, else the one added or used last.

    Raises CullerError when there is no such scorer or its checkpoint is not known.
    """
    spec, checkpoint = resolve(wanted)
    if spec.name == DEFAULT_SCORER and options.adapter is None and refit_path(workspace).is_file():
        options = replace(options, adapter=refit_path(workspace))
    if spec.needs_checkpoint and checkpoint is None:
        checkpoint = next(iter(_checkpoints(workspace, spec)), None)
        if checkpoint is None:
            raise CullerError(
                f"{spec.title} needs its checkpoint ({spec.size}). Fetch it with culler scorers download, or"
                " give the folder that holds its config.json."
            )
    return spec, options if checkpoint is None else replace(options, checkpoint=checkpoint)


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
    """Every judge there is to choose, the catalog's current one marked: one a checkpoint that is known,
    and a line without a checkpoint for a judge that still needs one."""
    with workspace.catalog.read() as tx:
        record = assessments.current(tx)
    current: tuple[str, str | None] = (DEFAULT_SCORER, None)
    if record is not None and record.scorer.name in SCORERS:
        current = record.scorer.name, record.checkpoint
    found = []
    for spec in SCORERS.values():
        places: list[Path | None] = [None]
        if spec.needs_checkpoint:
            places = [*_checkpoints(workspace, spec)] or [None]
        for place in places:
            is_current = current == (spec.name, None if place is None else str(place))
            size = spec.size if place is None else _size(place)
            found.append(
                ScorerChoice(
                    spec.name, spec.title, spec.licence, size, spec.needs_checkpoint, is_current, place
                )
            )
    return tuple(found)


def runs_on(choice: ScorerChoice, device: str = "auto", dtype: str | None = None) -> str:
    """Where the judge would run now, in words; not a weight is loaded, but torch is. Raises CullerError
    when it cannot run."""
    if choice.source is None:
        raise CullerError(f"{choice.title} needs its checkpoint.")
    options = ScorerOptions(device=device, dtype=dtype, checkpoint=choice.checkpoint)
    identity = SCORERS[choice.name].identity(options)
    return "the CPU" if identity is None else identity.device


def add_checkpoint(workspace: Workspace, folder: Path) -> ScorerChoice:
    """Remember a checkpoint folder; the choice that it is now. Raises CullerError with a sentence when it
    is none, or none that can run here."""
    spec, checkpoint = resolve(str(folder))
    if checkpoint is None:
        raise CullerError(f"{folder} is a scorer's name. Give the folder of a checkpoint.")
    spec.identity(ScorerOptions(checkpoint=checkpoint))
    path = _list_path(workspace)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.with_suffix(".new")
        folders = [str(checkpoint), *(known for known in _added(workspace) if known != str(checkpoint))]
        written.write_text(json.dumps(folders), "utf-8")
        os.replace(written, path)
    except OSError as error:
        raise CullerError(f"Cannot write {path}: {error.strerror or error}.") from error
    return next(choice for choice in choices(workspace) if choice.checkpoint == checkpoint)


def make_current(workspace: Workspace, wanted: str) -> ScorerId:
    """Make a judge, by name or checkpoint folder, the one that ranking and the window use; raises
    CullerError when it cannot be loaded here."""
    spec, options = chosen(workspace, wanted, ScorerOptions())
    checkpoint = None if options.checkpoint is None else str(options.checkpoint)
    identity = spec.identity(options)
    if identity is None:
        loaded = spec.load(options)
        loaded.close()
        identity = Identity(loaded.id, loaded.encoder, "the CPU")
    with workspace.catalog.write() as tx:
        records = [
            record
            for record in assessments.scorers(tx)
            if (record.scorer.name, record.checkpoint) == (spec.name, checkpoint)
        ]
        if not records or not spec.needs_checkpoint:
            assessments.register(tx, identity.scorer, identity.encoder, checkpoint, current=True)
            return identity.scorer
        # What it scored last, in whichever precision: those are the numbers to show.
        assessments.set_current(tx, records[0].scorer)
        return records[0].scorer


def _checkpoints(workspace: Workspace, spec: ScorerSpec) -> list[Path]:
    """The checkpoint folders known for a judge: the current one, then those added by hand, then those
    that scored here, the latest first."""
    with workspace.catalog.read() as tx:
        records = [record for record in assessments.scorers(tx) if record.scorer.name == spec.name]
    used = [record.checkpoint for record in records if record.checkpoint]
    current = [record.checkpoint for record in records if record.checkpoint and record.is_current]
    added = [folder for folder in _added(workspace) if _opens(spec, folder)]
    return [Path(folder) for folder in dict.fromkeys([*current, *added, *used])]


def _size(folder: Path) -> str:
    """How large the weights in a folder are, in words."""
    ends = (".safetensors", ".bin")
    try:
        total = sum(file.stat().st_size for file in folder.iterdir() if file.name.endswith(ends))
    except OSError:
        return "not there now"
    return f"{total / 1e9:.1f} GB" if total >= 1e8 else f"{total / 1e6:.1f} MB"


def _opens(spec: ScorerSpec, folder: str) -> bool:
    try:
        return resolve(folder)[0] is spec
    except CullerError:
        return False  # moved or emptied since


def _added(workspace: Workspace) -> list[str]:
    """The checkpoint folders that were added by hand, the latest first."""
    try:
        stored = json.loads(_list_path(workspace).read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return [folder for folder in stored if isinstance(folder, str)] if isinstance(stored, list) else []


def refit_path(workspace: Workspace) -> Path:
    """The file of what the embedded judge learnt from a bigger one, whether it is there or not: one for
    each version of its features, so that a later version begins with the shipped head."""
    from culler.scoring.embedded import encoder

    return workspace.places.data / "heads" / f"embedded-refit-{encoder().version}.safetensors"


def _list_path(workspace: Workspace) -> Path:
    return workspace.places.config / "checkpoints.json"


def sees_clips(name: str) -> bool:
    """Whether this scorer judges a clip as a whole, not its first frame."""
    return name in SCORERS and bool(SCORERS[name].clip_aspects)


def quality_weight(name: str | None) -> float:
    """w of overall = w·quality + (1 − w)·aesthetics for a scorer's name."""
    spec = SCORERS.get(name or DEFAULT_SCORER)
    return 0.5 if spec is None else spec.quality_weight
