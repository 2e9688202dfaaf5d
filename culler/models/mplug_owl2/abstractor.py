"""The visual abstractor of mPLUG-Owl2: learned queries that read all vision tokens.

Three traps, each held by a golden test: the residual starts from the *normed* queries; keys and
values are the normed queries followed by the normed vision tokens, positions being added to queries
and keys alone; and the attention's norms use torch's 1e-5 whatever the config says, only the norm
inside the MLP takes the config's eps.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from culler.models.mplug_owl2.config import AbstractorConfig


class Attention(nn.Module):
    q_pos_embed: Tensor  # (queries, width)
    k_pos_embed: Tensor  # (1 + grid², width)

    def __init__(self, config: AbstractorConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.heads = config.heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        # Published checkpoints store both, rounded to half precision; base checkpoints lack them.
        self.register_buffer("q_pos_embed", torch.empty(config.queries, width))
        self.register_buffer("k_pos_embed", torch.empty(config.grid**2 + 1, width))

    def forward(self, queries: Tensor, vision: Tensor) -> Tensor:
        """Normed queries (batch, queries, width) and vision tokens → what the queries read."""
        sources = torch.cat([queries, vision], dim=1)
        positions = torch.cat([self.q_pos_embed, self.k_pos_embed])
        query = self._split(self.query(queries + self.q_pos_embed))
        key = self._split(self.key(sources + positions))
        value = self._split(self.value(sources))
        mixed = F.scaled_dot_product_attention(query, key, value)
        return mixed.transpose(1, 2).flatten(2)

    def _split(self, tokens: Tensor) -> Tensor:
        batch, length, width = tokens.shape
        return tokens.view(batch, length, self.heads, width // self.heads).transpose(1, 2)


class Mlp(nn.Module):
    def __init__(self, config: AbstractorConfig) -> None:
        super().__init__()
        self.w1 = nn.Linear(config.hidden_size, config.intermediate_size)
        self.w2 = nn.Linear(config.intermediate_size, config.hidden_size)
        self.w3 = nn.Linear(config.hidden_size, config.intermediate_size)
        self.ffn_ln = nn.LayerNorm(config.intermediate_size, eps=config.layer_norm_eps)

    def forward(self, tokens: Tensor) -> Tensor:
        out: Tensor = self.w2(self.ffn_ln(F.silu(self.w1(tokens)) * self.w3(tokens)))
        return out


class Output(nn.Module):
    def __init__(self, config: AbstractorConfig) -> None:
        super().__init__()
        self.out_proj = nn.Linear(config.hidden_size, config.hidden_size)
        self.norm2 = nn.LayerNorm(config.hidden_size)
        self.mlp = Mlp(config)

    def forward(self, mixed: Tensor, residual: Tensor) -> Tensor:
        queries = residual + self.out_proj(mixed)
        out: Tensor = queries + self.mlp(self.norm2(queries))
        return out


class CrossAttention(nn.Module):
    def __init__(self, config: AbstractorConfig) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(config.hidden_size)
        self.normk = nn.LayerNorm(config.hidden_size)
        self.attention = Attention(config)
        self.output = Output(config)

    def forward(self, queries: Tensor, vision: Tensor) -> Tensor:
        queries = self.norm1(queries)  # the residual's base, too
        out: Tensor = self.output(self.attention(queries, self.normk(vision)), queries)
        return out


class Layer(nn.Module):
    def __init__(self, config: AbstractorConfig) -> None:
        super().__init__()
        self.crossattention = CrossAttention(config)

    def forward(self, queries: Tensor, vision: Tensor) -> Tensor:
        out: Tensor = self.crossattention(queries, vision)
        return out


class Encoder(nn.Module):
    def __init__(self, config: AbstractorConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))


class VisualAbstractor(nn.Module):
    def __init__(self, config: AbstractorConfig, decoder_width: int) -> None:
        super().__init__()
        self.config = config
        self.query_embeds = nn.Parameter(torch.empty(1, config.queries, config.hidden_size))
        self.encoder = Encoder(config)
        self.visual_fc = nn.Linear(config.hidden_size, decoder_width)
        self.vit_eos = nn.Parameter(torch.empty(1, 1, decoder_width))

    def read(self, vision: Tensor) -> Tensor:
        """Vision tokens (batch, 1 + grid², width) → query outputs (batch, queries, width)."""
        queries = self.query_embeds.expand(len(vision), -1, -1)
        for layer in self.encoder.layers:
            queries = layer(queries, vision)
        return queries

    def project(self, queries: Tensor) -> Tensor:
        """Query outputs → what an image is to the decoder, (batch, queries + 1, decoder width).

        The learned end mark is appended after the projection.
        """
        end = self.vit_eos.expand(len(queries), -1, -1)
        return torch.cat([self.visual_fc(queries), end], dim=1)

    def restore_positions(self) -> None:
        """Fills the position buffers by their formula, for checkpoints that do not hold them."""
        for attention in self.modules():
            if not isinstance(attention, Attention):
                continue
            attention.q_pos_embed = line_positions(self.config.queries, self.config.hidden_size)
            attention.k_pos_embed = grid_positions(self.config.grid, self.config.hidden_size)


def line_positions(count: int, width: int) -> Tensor:
    """(count, width) float32: sines in the first half, cosines in the second, of i·10000^(−2j/width)."""
    return _waves(torch.arange(count, dtype=torch.float32), width)


def grid_positions(side: int, width: int) -> Tensor:
    """(1 + side², width) float32: zeros for the class token, then the grid row by row.

    The first half of the width encodes the column, the second the row.
    """
    rows, columns = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    encoded = [_waves(axis.flatten().float(), width // 2) for axis in (columns, rows)]
    return torch.cat([torch.zeros(1, width), torch.cat(encoded, dim=1)])


def _waves(places: Tensor, width: int) -> Tensor:
    omega = 10000.0 ** -(torch.arange(width // 2, dtype=torch.float64) / (width / 2))
    angles = places[:, None] * omega.float()[None]
    return torch.cat([angles.sin(), angles.cos()], dim=1)
