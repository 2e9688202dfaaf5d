"""One copy of an mPLUG-Owl2 network on one device, from bytes of pictures to logits and embeddings."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from culler.models.mplug_owl2.model import MPlugOwl2
from culler.models.mplug_owl2.questions import Question, Questions
from culler.scoring.preprocess import PixelRecipe, normalised, value_table

HALF_MAX = float(torch.finfo(torch.float16).max)


class Engine:
    """One copy of the network on one device."""

    def __init__(self, network: MPlugOwl2, pixels: PixelRecipe) -> None:
        self.network = network
        self._table = value_table(pixels).to(network.device)

    @torch.inference_mode()
    def bind(self, questions: Sequence[Question], level_ids: Sequence[int]) -> Questions:
        """The questions with all that is known of them before a picture is seen."""
        return Questions(self.network, questions, level_ids)

    @torch.inference_mode()
    def see(self, pixels: Sequence[NDArray[np.uint8]]) -> Tensor:
        """Pictures, each (3, side, side) uint8 → abstractor outputs (batch, queries, width)."""
        stacked = torch.from_numpy(np.stack(pixels))
        if self.network.device.type == "cuda":
            stacked = stacked.pin_memory()
        on_device = stacked.to(self.network.device, non_blocking=True)
        return self.network.look(normalised(on_device, self._table))

    @torch.inference_mode()
    def photos(self, questions: Questions, pixels: Sequence[NDArray[np.uint8]]) -> tuple[Tensor, Tensor]:
        """Pictures → float32 logits (batch, questions, levels) and float16 embeddings, on the CPU."""
        seen = self.see(pixels)
        logits = questions.answer(self.network.image_tokens(seen))
        return logits.cpu(), _pooled(seen)

    @torch.inference_mode()
    def clip(self, question: Questions, frames: NDArray[np.uint8], at_once: int) -> tuple[Tensor, Tensor]:
        """A clip's frames → float32 logits (1, 1, levels) and one float16 embedding (1, width)."""
        seen = torch.cat([self.see(list(frames[at : at + at_once])) for at in range(0, len(frames), at_once)])
        tokens = self.network.image_tokens(seen).flatten(0, 1)[None]
        return question.answer(tokens).cpu(), _pooled(seen).float().mean(0, keepdim=True).half()


def _pooled(seen: Tensor) -> Tensor:
    """Mean of the abstractor outputs, (batch, width) float16 on the CPU."""
    return seen.float().mean(1).clamp(-HALF_MAX, HALF_MAX).half().cpu()
