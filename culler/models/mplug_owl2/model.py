"""mPLUG-Owl2 assembled: pictures and text in, next-token logits out.

Module names are those of the published checkpoints. Pictures become `tokens_per_image` decoder
positions each, spliced between chunks of text; attention is plainly causal over both.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from culler.models.mplug_owl2.abstractor import VisualAbstractor
from culler.models.mplug_owl2.config import MPlugOwl2Config
from culler.models.mplug_owl2.decoder import Decoder, KeyValues, Layout, Modality
from culler.models.mplug_owl2.vision import VisionModel

Chunks = Sequence[Sequence[int]]
"""A prompt's token ids, cut at its image markers: n chunks stand around n − 1 images."""


class Body(Decoder):
    """Everything but the vocabulary head, under the checkpoint's prefix `model.`."""

    def __init__(self, config: MPlugOwl2Config) -> None:
        super().__init__(config.decoder)
        self.vision_model = VisionModel(config.vision)
        self.visual_abstractor = VisualAbstractor(config.abstractor, config.decoder.hidden_size)


class MPlugOwl2(nn.Module):
    def __init__(self, config: MPlugOwl2Config) -> None:
        super().__init__()
        self.config = config
        self.model = Body(config)
        self.lm_head = nn.Linear(config.decoder.hidden_size, config.decoder.vocab_size, bias=False)

    @property
    def device(self) -> torch.device:
        return self.model.embed_tokens.weight.device

    @property
    def dtype(self) -> torch.dtype:
        """What it computes in; weights of a quantised decoder are stored smaller."""
        return self.model.embed_tokens.weight.dtype

    def look(self, pixels: Tensor) -> Tensor:
        """Normalised pixels (batch, 3, side, side) → abstractor outputs before their projection,
        (batch, queries, width): what is known of a picture before any question."""
        return self.model.visual_abstractor.read(self.model.vision_model(pixels.to(self.dtype)))

    def image_tokens(self, seen: Tensor) -> Tensor:
        """What `look` returned → decoder inputs (batch, tokens per image, decoder width)."""
        return self.model.visual_abstractor.project(seen)

    def text_tokens(self, ids: Sequence[int]) -> Tensor:
        """Token ids → decoder inputs (tokens, 1, decoder width)."""
        embeds: Tensor = self.model.embed_tokens(torch.tensor(ids, dtype=torch.long, device=self.device))
        return embeds[:, None]

    def splice(self, chunks: Chunks, images: Sequence[Tensor]) -> tuple[Tensor, list[Modality]]:
        """A prompt around its images (each (batch, tokens, width)) → decoder inputs (tokens, batch,
        width) and the modality of every token. A video is one image of all its frames' tokens."""
        if len(chunks) != len(images) + 1:
            raise ValueError(f"{len(chunks)} chunks of text take {len(chunks) - 1} images, not {len(images)}")
        batch = len(images[0]) if images else 1
        parts: list[Tensor] = []
        modalities: list[Modality] = []
        for at, ids in enumerate(chunks):
            if ids:
                parts.append(self.text_tokens(ids).expand(-1, batch, -1))
                modalities += [Modality.TEXT] * len(ids)
            if at < len(images):
                parts.append(images[at].transpose(0, 1))
                modalities += [Modality.IMAGE] * images[at].shape[1]
        return torch.cat(parts), modalities

    def logits(self, hidden: Tensor) -> Tensor:
        """Hidden states → logits over the vocabulary, in the network's precision."""
        scores: Tensor = self.lm_head(hidden)
        return scores

    def forward(
        self, chunks: Chunks, images: Sequence[Tensor], every: bool = False
    ) -> tuple[Tensor, list[KeyValues]]:
        """Logits (batch, vocabulary) after the prompt's last token, or (tokens, batch, vocabulary) after
        every token, and the keys and values of all tokens."""
        embeds, modalities = self.splice(chunks, images)
        reads = None if every else (len(modalities) - 1,)
        hidden, cache = self.model.decode(embeds, Layout.plain(modalities, embeds.device, reads))
        return self.logits(hidden) if every else self.logits(hidden[0]), cache
