"""Q-Align / OneAlign (arXiv 2312.17090): five text levels for quality and aesthetics from one look.

Opens any mPLUG-Owl2 checkpoint that was trained on the level words (OneAlign, Q-Align, DeQA-Score,
LoRA fine-tunes of them). Written from the papers and the checkpoints' layout; golden tests hold it
to the published numbers.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from culler.domain.assessment import Aspect, EncoderId, Logits, ScorerId
from culler.domain.errors import CullerError
from culler.models.mplug_owl2.config import CheckpointError
from culler.models.mplug_owl2.questions import Questions
from culler.models.weights import load_network
from culler.scoring.devices import (
    Halving,
    Machine,
    Placement,
    is_out_of_memory,
    spread,
    this_machine,
)
from culler.scoring.preprocess import PixelRecipe, square_bytes
from culler.scoring.qalign_engine import Engine
from culler.scoring.qalign_plan import Words, checkpoint_of, plan
from culler.scoring.scorer import PixelSource, ScorerOptions, Verdict
from culler.scoring.video_clip import second_frames


@dataclass(frozen=True, slots=True)
class PreparedPhoto:
    """(3, side, side) uint8."""

    pixels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PreparedClip:
    """(frames, 3, side, side) uint8."""

    pixels: NDArray[np.uint8]


def load(options: ScorerOptions) -> "QAlignScorer":
    """The judge in `options.checkpoint`; raises CullerError with a sentence when it cannot be loaded."""
    return load_on(this_machine(), checkpoint_of(options), options)


def load_on(machine: Machine, folder: Path, options: ScorerOptions) -> "QAlignScorer":
    """As `load`, on a machine that is described."""
    made = plan(machine, folder, options)
    placement = made.placement
    try:
        engines = [
            Engine(
                load_network(made.checkpoint, device, placement.dtype, placement.quantisation, made.adapter),
                made.pixels,
            )
            for device in placement.devices
        ]
        return QAlignScorer(
            engines,
            made.words,
            made.pixels,
            placement,
            made.scorer,
            made.encoder,
            batch_size=options.batch_size,
        )
    except CheckpointError as error:
        raise CullerError(f"{error}.") from error
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise CullerError(
            f"There is not enough memory to load {folder}; use --dtype int8 or nf4, or close programs."
        ) from error


class QAlignScorer:
    """A loaded judge; see `culler.scoring.scorer.Scorer` for what may be called where.

    `device` says to a person where it runs. Without `ask`, it answers every aspect of its recipe.
    """

    source = PixelSource.ENCODED

    def __init__(
        self,
        engines: Sequence[Engine],
        words: Words,
        pixels: PixelRecipe,
        placement: Placement,
        scorer_id: ScorerId,
        encoder: EncoderId,
        batch_size: int | None = None,
    ) -> None:
        self.id = scorer_id
        self.encoder: EncoderId | None = encoder
        self.batch_size = max(1, batch_size or placement.batch_size)
        self.device = placement.note
        self._placement = placement
        self._engines = list(engines)
        self._config = engines[0].network.config
        self._words = words
        self._pixels = pixels
        self._clip_questions: list[Questions] = []
        self.ask(tuple(words.questions))

    def ask(self, aspects: Sequence[Aspect]) -> None:
        """Answers only these aspects from now on: quality alone is quicker, where a head that learnt
        aesthetics from the embedding stands in for the second question. The numbers do not change."""
        self.aspects = tuple(aspects)
        asked = [self._words.questions[aspect] for aspect in aspects]
        bound = [engine.bind(asked, self._words.level_ids) for engine in self._engines]
        self._runs: list[Halving[NDArray[np.uint8], Verdict]] = [
            Halving(_photo_run(engine, questions, self.aspects))
            for engine, questions in zip(self._engines, bound, strict=True)
        ]

    def prepare(self, image: Image.Image) -> PreparedPhoto:
        """An upright RGB picture as the network wants it; any thread."""
        return PreparedPhoto(square_bytes(image, self._pixels))

    def prepare_clip(self, path: Path, name: str) -> PreparedClip:
        """A clip's frames, one a second, evenly spaced ones of a clip too long for the network's
        positions; any thread. Raises CullerError when no frame decodes."""
        return self.prepare_frames(second_frames(path, name, self.most_frames))

    def prepare_frames(self, frames: Iterable[Image.Image]) -> PreparedClip:
        """At most `most_frames` upright frames as one clip; any thread."""
        return PreparedClip(np.stack([square_bytes(frame, self._pixels) for frame in frames]))

    @property
    def side_px(self) -> int:
        """The side of the square that a picture becomes."""
        return self._pixels.side

    @property
    def most_frames(self) -> int:
        """How many frames the network has positions for, beside the question."""
        text = len(self._words.clip.before) + len(self._words.clip.after)
        config = self._config
        return max(1, (config.decoder.max_positions - text) // config.tokens_per_image)

    def score(self, batch: Sequence[object]) -> list[Verdict]:
        """One verdict a prepared photo or clip, in order; clips are judged one by one, on quality.

        Halves what does not fit and goes on; raises MemoryError when something does not fit alone, and
        FloatingPointError when an answer is no number.
        """
        if not all(isinstance(item, PreparedPhoto | PreparedClip) for item in batch):
            raise TypeError("score takes what prepare returned")
        photos = [item.pixels for item in batch if isinstance(item, PreparedPhoto)]
        answers = iter(spread(self._runs, photos)) if photos else iter(())
        return [
            next(answers) if isinstance(item, PreparedPhoto) else self._score_clip(item)
            for item in batch
            if isinstance(item, PreparedPhoto | PreparedClip)
        ]

    def close(self) -> None:
        """Frees the networks; nothing may be scored afterwards."""
        self._engines.clear()
        self._runs.clear()
        self._clip_questions.clear()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _score_clip(self, clip: PreparedClip) -> Verdict:
        engine = self._engines[0]
        if not self._clip_questions:
            self._clip_questions.append(engine.bind([self._words.clip], self._words.level_ids))
        question = self._clip_questions[0]
        at_once = min(self.batch_size, len(clip.pixels))
        while True:
            found = self._attempt_clip(engine, question, clip, at_once)
            if found is not None:
                (verdict,) = _verdicts(*found, (Aspect.QUALITY,))
                return verdict
            if at_once == 1:
                raise MemoryError("There is not enough memory to score this clip.")
            at_once //= 2

    @staticmethod
    def _attempt_clip(
        engine: Engine, question: Questions, clip: PreparedClip, at_once: int
    ) -> tuple[Tensor, Tensor] | None:
        try:
            return engine.clip(question, clip.pixels, at_once)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
        return None


def _photo_run(
    engine: Engine, questions: Questions, aspects: tuple[Aspect, ...]
) -> Callable[[Sequence[NDArray[np.uint8]]], list[Verdict]]:
    """One engine's way from prepared pictures to verdicts."""
    return lambda pixels: _verdicts(*engine.photos(questions, pixels), aspects)


def _verdicts(logits: Tensor, embeddings: Tensor, aspects: Sequence[Aspect]) -> list[Verdict]:
    """Rows of logits (batch, aspects, levels) and of embeddings as verdicts."""
    if not logits.isfinite().all():
        raise FloatingPointError(
            "the network gave no finite answer; --dtype bfloat16 or float32 has more range"
        )
    return [
        Verdict({aspect: _logits(row) for aspect, row in zip(aspects, rows, strict=True)}, vector)
        for rows, vector in zip(logits.tolist(), embeddings.numpy(), strict=True)
    ]


def _logits(row: list[float]) -> Logits:
    bad, poor, fair, good, excellent = row
    return bad, poor, fair, good, excellent
