"""The language model of mPLUG-Owl2: LLaMA 2 whose keys, values and norms know two modalities.

Differs from stock LLaMA in one thing: k_proj, v_proj, input_layernorm and post_attention_layernorm
exist twice, for text (0) and for image tokens (1). Which token is which is known before the first
product (it follows from the prompt), so a `Layout` names contiguous runs and the two copies work on
slices: no gather, no look at the device.

Hidden states are token-major, (tokens, batch, width): a run of tokens is one contiguous block for
the whole batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from culler.models.mplug_owl2.config import DecoderConfig

KeyValues = tuple[Tensor, Tensor]
"""Keys and values of one layer, each (tokens, batch or 1, heads, head width), keys rotated."""


class Modality(IntEnum):
    """Which copy of the doubled weights a token uses; the index in the checkpoint's names."""

    TEXT = 0
    IMAGE = 1


@dataclass(frozen=True, slots=True)
class Run:
    """Tokens start … stop − 1, all of one modality."""

    start: int
    stop: int
    modality: Modality


@dataclass(frozen=True, slots=True)
class Layout:
    """How the tokens of every row of a batch stand.

    `runs` covers the tokens in order; `positions` (tokens,) are rotary positions; `visible` (tokens,
    past + tokens) bool says which keys a token may see, None for all; `causal` stands for the plain
    lower triangle where there is no past. `reads` are the tokens whose last hidden state is wanted,
    None for all: the last layer computes no others.
    """

    runs: tuple[Run, ...]
    positions: Tensor
    visible: Tensor | None = None
    causal: bool = False
    reads: tuple[int, ...] | None = None

    @classmethod
    def plain(
        cls, modalities: Sequence[Modality], device: torch.device, reads: tuple[int, ...] | None = None
    ) -> "Layout":
        """Tokens one after the other from position 0, each seeing itself and those before."""
        positions = torch.arange(len(modalities), device=device)
        return cls(runs_of(modalities), positions, causal=True, reads=reads)


def runs_of(modalities: Sequence[Modality]) -> tuple[Run, ...]:
    """Equal neighbours as runs."""
    starts = [at for at in range(len(modalities)) if at == 0 or modalities[at] != modalities[at - 1]]
    stops = [*starts[1:], len(modalities)][: len(starts)]
    return tuple(Run(a, b, modalities[a]) for a, b in zip(starts, stops, strict=True))


class RMSNorm(nn.Module):
    """Holds a scale; `Multiway` and the decoder do the division."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(width))


class Multiway(nn.Module):
    """Two copies of a module, one a modality."""

    def __init__(self, text: nn.Module, image: nn.Module) -> None:
        super().__init__()
        self.multiway = nn.ModuleList([text, image])

    def of(self, modality: Modality) -> Any:
        """The copy that tokens of this modality use."""
        # Not indexed by the enum itself: torch.compile does not follow that.
        return self.multiway[1 if modality is Modality.IMAGE else 0]


class MultiwayLinear(Multiway):
    def __init__(self, inputs: int, outputs: int, bias: bool) -> None:
        super().__init__(nn.Linear(inputs, outputs, bias), nn.Linear(inputs, outputs, bias))

    def forward(self, hidden: Tensor, runs: tuple[Run, ...]) -> Tensor:
        parts = [self.of(run.modality)(hidden[run.start : run.stop]) for run in runs]
        return parts[0] if len(parts) == 1 else torch.cat(parts)


class MultiwayRMSNorm(Multiway):
    def __init__(self, width: int, eps: float) -> None:
        super().__init__(RMSNorm(width), RMSNorm(width))
        self.eps = eps

    def forward(self, hidden: Tensor, runs: tuple[Run, ...]) -> Tensor:
        scales = [self.of(run.modality).weight.expand(run.stop - run.start, -1) for run in runs]
        scale = torch.cat(scales)[:, None]  # (tokens, 1, width)
        return F.rms_norm(hidden, hidden.shape[-1:], eps=self.eps) * scale


class Attention(nn.Module):
    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        inner = config.heads * config.head_dim
        self.heads, self.head_dim = config.heads, config.head_dim
        self.q_proj = nn.Linear(config.hidden_size, inner, bias=config.attention_bias)
        self.k_proj = MultiwayLinear(config.hidden_size, inner, bias=config.attention_bias)
        self.v_proj = MultiwayLinear(config.hidden_size, inner, bias=config.attention_bias)
        self.o_proj = nn.Linear(inner, config.hidden_size, bias=config.attention_bias)

    def forward(
        self,
        hidden: Tensor,
        layout: Layout,
        turns: tuple[Tensor, Tensor],
        past: KeyValues | None,
        reads: tuple[int, ...] | None,
    ) -> tuple[Tensor, KeyValues]:
        """What the tokens (`reads` only, if given) take from those they see, and all keys and values."""
        shape = (-1, hidden.shape[1], self.heads, self.head_dim)
        cos, sin = turns
        key = rotate(self.k_proj(hidden, layout.runs).view(shape), cos, sin)
        value = self.v_proj(hidden, layout.runs).view(shape)
        if past is not None:
            key, value = (
                torch.cat([before.expand(-1, hidden.shape[1], -1, -1), own])
                for before, own in zip(past, (key, value), strict=True)
            )
        visible, causal = layout.visible, layout.causal
        if reads is not None:
            if causal:  # a row of the lower triangle
                visible, causal = _triangle(len(hidden), hidden.device), False
            hidden, cos, sin = take(hidden, reads), take(cos, reads), take(sin, reads)
            visible = None if visible is None else take(visible, reads)
        query = rotate(self.q_proj(hidden).view(shape), cos, sin)
        mixed = F.scaled_dot_product_attention(
            query.permute(1, 2, 0, 3),  # (batch, heads, tokens, head width)
            key.permute(1, 2, 0, 3),
            value.permute(1, 2, 0, 3),
            attn_mask=visible,
            is_causal=causal,
        )
        out: Tensor = self.o_proj(mixed.permute(2, 0, 1, 3).flatten(2))
        return out, (key, value)


class Mlp(nn.Module):
    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)

    def forward(self, hidden: Tensor) -> Tensor:
        out: Tensor = self.down_proj(F.silu(self.gate_proj(hidden)) * self.up_proj(hidden))
        return out


class Layer(nn.Module):
    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.input_layernorm = MultiwayRMSNorm(config.hidden_size, config.rms_norm_eps)
        self.self_attn = Attention(config)
        self.post_attention_layernorm = MultiwayRMSNorm(config.hidden_size, config.rms_norm_eps)
        self.mlp = Mlp(config)

    def forward(
        self,
        hidden: Tensor,
        layout: Layout,
        turns: tuple[Tensor, Tensor],
        past: KeyValues | None,
        reads: tuple[int, ...] | None,
    ) -> tuple[Tensor, KeyValues]:
        normed = self.input_layernorm(hidden, layout.runs)
        mixed, keys_values = self.self_attn(normed, layout, turns, past, reads)
        runs = layout.runs
        if reads is not None:
            hidden = take(hidden, reads)
            modalities = [run.modality for run in runs for _ in range(run.start, run.stop)]
            runs = runs_of([modalities[at] for at in reads])
        hidden = hidden + mixed
        hidden = hidden + self.mlp(self.post_attention_layernorm(hidden, runs))
        return hidden, keys_values


class Decoder(nn.Module):
    """Token embeddings, layers and the last norm; the vocabulary head stands outside."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm = RMSNorm(config.hidden_size)

    def decode(
        self, embeds: Tensor, layout: Layout, past: Sequence[KeyValues] | None = None, keep: bool = True
    ) -> tuple[Tensor, list[KeyValues]]:
        """Token embeddings (tokens, batch, width) → normed hidden states (reads, batch, width), and the
        keys and values of all tokens, those of `past` first, one pair a layer.

        `past` may have one row for a whole batch (a shared beginning). Without `keep` no keys and
        values come back and each layer's are freed as soon as it is done.
        """
        turns = rotary_turns(layout.positions, self.config, embeds.dtype)
        hidden = embeds
        kept: list[KeyValues] = []
        last = len(self.layers) - 1
        for at, layer in enumerate(self.layers):
            reads = layout.reads if at == last else None
            hidden, keys_values = layer(hidden, layout, turns, past[at] if past else None, reads)
            if keep:
                kept.append(keys_values)
        return F.rms_norm(hidden, hidden.shape[-1:], self.norm.weight, self.config.rms_norm_eps), kept


def rotary_turns(positions: Tensor, config: DecoderConfig, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Cosines and sines (tokens, 1, 1, head width) of every token's rotation, computed in float32."""
    exponents = torch.arange(0, config.head_dim, 2, device=positions.device).float() / config.head_dim
    angles = positions[:, None].float() * (1.0 / config.rope_theta**exponents)
    angles = torch.cat([angles, angles], dim=1)[:, None, None]
    return angles.cos().to(dtype), angles.sin().to(dtype)


def rotate(heads: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions in the layout of the published weights: halves, not neighbours, are pairs."""
    first, second = heads.chunk(2, dim=-1)
    return heads * cos + torch.cat([-second, first], dim=-1) * sin


def take(tokens: Tensor, reads: tuple[int, ...]) -> Tensor:
    """The given tokens, by slices known in advance."""
    return torch.cat([tokens[at : at + 1] for at in reads])


def _triangle(tokens: int, device: torch.device) -> Tensor:
    return torch.ones(tokens, tokens, dtype=torch.bool, device=device).tril()
