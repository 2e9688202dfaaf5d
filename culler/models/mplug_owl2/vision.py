"""The image encoder of mPLUG-Owl2: a pre-norm ViT.

Differs from stock CLIP in four things, each held by a golden test: LayerNorm eps comes from the
config (1e-6, CLIP has 1e-5); queries, keys and values come from one product whose rows are ordered
head by head, (query, key, value) inside each head; the last LayerNorm runs over *all* tokens; and
all of them, the class token included, go on. quick_gelu is fixed, as in CLIP.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from culler.models.mplug_owl2.config import VisionConfig


class Embeddings(nn.Module):
    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.empty(1, 1, config.hidden_size))
        self.patch_embed = nn.Conv2d(
            config.channels,
            config.hidden_size,
            kernel_size=config.patch_size,
            stride=config.patch_size,
            bias=False,
        )
        self.position_embedding = nn.Parameter(torch.empty(1, config.tokens, config.hidden_size))
        self.pre_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, pixels: Tensor) -> Tensor:
        patches = self.patch_embed(pixels).flatten(2).transpose(1, 2)  # (batch, grid², width)
        tokens = torch.cat([self.cls_token.expand(len(pixels), -1, -1), patches], dim=1)
        normed: Tensor = self.pre_layernorm(tokens + self.position_embedding)
        return normed


class SelfAttention(nn.Module):
    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.query_key_value = nn.Linear(config.hidden_size, 3 * config.hidden_size)
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(self, tokens: Tensor) -> Tensor:
        batch, length, width = tokens.shape
        fused = self.query_key_value(tokens).view(batch, length, self.heads, 3, width // self.heads)
        query, key, value = fused.permute(3, 0, 2, 1, 4)  # each (batch, heads, tokens, head width)
        mixed = F.scaled_dot_product_attention(query, key, value)
        out: Tensor = self.dense(mixed.transpose(1, 2).reshape(batch, length, width))
        return out


class Mlp(nn.Module):
    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.fc1 = nn.Linear(config.hidden_size, config.intermediate_size)
        self.fc2 = nn.Linear(config.intermediate_size, config.hidden_size)

    def forward(self, tokens: Tensor) -> Tensor:
        inner = self.fc1(tokens)
        out: Tensor = self.fc2(inner * torch.sigmoid(1.702 * inner))  # quick_gelu
        return out


class Layer(nn.Module):
    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.input_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.self_attn = SelfAttention(config)
        self.post_attention_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.mlp = Mlp(config)

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = tokens + self.self_attn(self.input_layernorm(tokens))
        mixed: Tensor = tokens + self.mlp(self.post_attention_layernorm(tokens))
        return mixed


class Encoder(nn.Module):
    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))

    def forward(self, tokens: Tensor) -> Tensor:
        for layer in self.layers:
            tokens = layer(tokens)
        return tokens


class VisionModel(nn.Module):
    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.embeddings = Embeddings(config)
        self.encoder = Encoder(config)
        self.post_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, pixels: Tensor) -> Tensor:
        """Normalised pixels (batch, 3, side, side) → vision tokens (batch, 1 + grid², width), the class
        token first."""
        tokens: Tensor = self.post_layernorm(self.encoder(self.embeddings(pixels)))
        return tokens
