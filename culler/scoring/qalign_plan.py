"""What a Q-Align judge will be, from its checkpoint's small files: words, pixels, place and identity.

Gigabytes of weights stay unread, so that a run with nothing to do ends before they are.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from culler.domain.assessment import Aspect, EncoderId, ScorerId
from culler.domain.errors import CullerError
from culler.models.adapter import Adapter, read_adapter
from culler.models.mplug_owl2.config import CheckpointError
from culler.models.mplug_owl2.questions import Question
from culler.models.weights import Checkpoint, open_checkpoint, stored_bytes
from culler.scoring.devices import Machine, Placement, place, this_machine
from culler.scoring.preprocess import PixelRecipe, read_pixel_recipe
from culler.scoring.prompts import Recipe, Tokenizer, recipe_named
from culler.scoring.scorer import Identity, ScorerOptions

NAME = "qalign"
ENCODER = "qalign-abstractor"


@dataclass(frozen=True, slots=True)
class Words:
    """The recipe in a checkpoint's token ids."""

    questions: Mapping[Aspect, Question]
    clip: Question
    level_ids: tuple[int, ...]

    @classmethod
    def of(cls, recipe: Recipe, tokenizer: Tokenizer) -> "Words":
        return cls(
            {aspect: Question(*tokenizer.chunks(prompt)) for aspect, prompt in recipe.questions.items()},
            Question(*tokenizer.chunks(recipe.clip)),
            tokenizer.word_ids(),
        )

    def check(self, checkpoint: Checkpoint) -> None:
        asked = [*self.questions.values(), self.clip]
        largest = max(*self.level_ids, *(token for q in asked for token in (*q.before, *q.after)))
        if largest >= checkpoint.config.decoder.vocab_size:
            raise CheckpointError(f"The tokenizer.model in {checkpoint.folder} belongs to another network")


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is known of a judge before its weights are read."""

    checkpoint: Checkpoint
    words: Words
    pixels: PixelRecipe
    placement: Placement
    adapter: Adapter | None
    scorer: ScorerId
    encoder: EncoderId


def plan(machine: Machine, folder: Path, options: ScorerOptions) -> Plan:
    """Raises CullerError with a sentence when this judge cannot be loaded here, as far as can be told."""
    recipe = recipe_named(options.recipe)
    try:
        checkpoint = open_checkpoint(folder)
        tokenizer = Tokenizer(folder)
        pixels = read_pixel_recipe(folder, checkpoint.config.vision.image_size)
        words = Words.of(recipe, tokenizer)
        words.check(checkpoint)
        adapter = read_adapter(options.adapter) if options.adapter else None
        placement = place(
            options.device,
            options.dtype,
            lambda dtype, how: stored_bytes(checkpoint.config, dtype, how),
            machine,
        )
        scorer, encoder = _identities(checkpoint, folder, recipe, pixels, placement, adapter)
    except CheckpointError as error:
        raise CullerError(f"{error}.") from error
    return Plan(checkpoint, words, pixels, placement, adapter, scorer, encoder)


def identify(options: ScorerOptions) -> Identity:
    """Who the judge in `options.checkpoint` is, and where it would run now."""
    made = plan(this_machine(), checkpoint_of(options), options)
    return Identity(made.scorer, made.encoder, made.placement.note)


def checkpoint_of(options: ScorerOptions) -> Path:
    """The checkpoint's folder; raises CullerError where none is named."""
    if options.checkpoint is None:
        raise CullerError("Q-Align needs its checkpoint: name the folder that holds its config.json.")
    return options.checkpoint


def _identities(
    checkpoint: Checkpoint,
    folder: Path,
    recipe: Recipe,
    pixels: PixelRecipe,
    placement: Placement,
    adapter: Adapter | None,
) -> tuple[ScorerId, EncoderId]:
    """Who judges and who embeds: all that shapes the numbers, but not path, device or batch size."""
    seeing = [
        checkpoint.digest(),
        pixels.text(),
        placement.precision,
        adapter.digest if adapter else "",
    ]
    tokens = hashlib.sha256((folder / "tokenizer.model").read_bytes()).hexdigest()
    asking = [*seeing, recipe.text(), tokens]
    return ScorerId(NAME, _short_digest(asking)), EncoderId(ENCODER, _short_digest(seeing))


def _short_digest(parts: list[str]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
