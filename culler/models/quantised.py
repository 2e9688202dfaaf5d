"""Linear layers that store their weights in 8 or 4 bits and compute in the input's precision.

Plain torch, so that they run wherever torch runs. int8: one scale a row, symmetric. nf4: the
sixteen levels of QLoRA (arXiv 2305.14314, appendix E), one scale per 64 neighbours, two weights a
byte. Weights are unpacked layer by layer at use: memory is saved, not operations.
"""

from enum import StrEnum
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

NF4_BLOCK = 64
NF4_LEVELS = (
    -1.0,
    -0.6961928009986877,
    -0.5250730514526367,
    -0.39491748809814453,
    -0.28444138169288635,
    -0.18477343022823334,
    -0.09105003625154495,
    0.0,
    0.07958029955625534,
    0.16093020141124725,
    0.24611230194568634,
    0.33791524171829224,
    0.44070982933044434,
    0.5626170039176941,
    0.7229568362236023,
    1.0,
)
"""Quantiles of a normal distribution, scaled to [−1, 1] and holding 0 exactly."""


class Quantisation(StrEnum):
    """How the decoder's linear weights are stored."""

    INT8 = "int8"
    NF4 = "nf4"


class Int8Linear(nn.Module):
    packed: Tensor  # (outputs, inputs) int8
    scale: Tensor  # (outputs,) float32

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        exact = weight.float()
        scale = exact.abs().amax(dim=1).clamp_min(torch.finfo(torch.float32).tiny) / 127
        self.register_buffer("packed", (exact / scale[:, None]).round_().to(torch.int8))
        self.register_buffer("scale", scale)
        self.bias: nn.Parameter | None = None

    def forward(self, hidden: Tensor) -> Tensor:
        # The scale goes onto the product, not the weights: fewer numbers, and float32 scales keep
        # their precision until the end.
        product = F.linear(hidden, self.packed.to(hidden.dtype)) * self.scale.to(hidden.dtype)
        return product if self.bias is None else product + self.bias


class Nf4Linear(nn.Module):
    packed: Tensor  # (weights / 2,) uint8: the earlier weight in the high half
    scale: Tensor  # (blocks, 1) float32
    pairs: Tensor  # (256, 2) float32: the two levels a byte stands for

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        if weight.numel() % 2:
            raise ValueError("an odd number of weights cannot be packed in pairs")
        self.shape = (weight.shape[0], weight.shape[1])
        levels = torch.tensor(NF4_LEVELS, device=weight.device)
        flat = weight.float().flatten()
        blocks = F.pad(flat, (0, -len(flat) % NF4_BLOCK)).view(-1, NF4_BLOCK)
        scale = blocks.abs().amax(dim=1, keepdim=True).clamp_min(torch.finfo(torch.float32).tiny)
        borders = (levels[1:] + levels[:-1]) / 2
        codes = torch.bucketize(blocks / scale, borders).to(torch.uint8).flatten()[: len(flat)]
        self.register_buffer("packed", codes[0::2] << 4 | codes[1::2])
        self.register_buffer("scale", scale)
        self.register_buffer("pairs", torch.cartesian_prod(levels, levels))
        self.bias: nn.Parameter | None = None

    def unpacked(self, dtype: torch.dtype) -> Tensor:
        """The weights as they are used, (outputs, inputs)."""
        flat = self.pairs.to(dtype)[self.packed.int()].flatten()
        padded = F.pad(flat, (0, -len(flat) % NF4_BLOCK)).view(-1, NF4_BLOCK)
        return (padded * self.scale.to(dtype)).flatten()[: len(flat)].view(self.shape)

    def forward(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.unpacked(hidden.dtype), self.bias)


class FusedNf4Linear(Nf4Linear):
    """The same bits, multiplied by the kernels of bitsandbytes, an optional package.

    Packing and scales are laid out as that package lays them out. Unverified on CUDA; on the CPU its
    products equal those of `Nf4Linear`.
    """

    def forward(self, hidden: Tensor) -> Tensor:
        import bitsandbytes
        from bitsandbytes.functional import QuantState, get_4bit_type

        state = QuantState(
            absmax=self.scale.flatten(),
            shape=torch.Size(self.shape),
            code=get_4bit_type("nf4", device=hidden.device),
            blocksize=NF4_BLOCK,
            quant_type="nf4",
            dtype=hidden.dtype,
        )
        product: Tensor = bitsandbytes.matmul_4bit(hidden, self.packed[:, None].t(), state, bias=self.bias)
        return product


def quantised_linear(weight: Tensor, how: Quantisation) -> nn.Module:
    """A layer that stands for `nn.Linear` with this weight, on the weight's device."""
    if how is Quantisation.INT8:
        return Int8Linear(weight)
    whole_blocks = weight.shape[1] % NF4_BLOCK == 0  # some of those kernels are wrong otherwise
    return FusedNf4Linear(weight) if whole_blocks and _has_fused_nf4(weight.device) else Nf4Linear(weight)


@lru_cache
def _has_fused_nf4(device: torch.device) -> bool:
    """Whether bitsandbytes is installed and its kernels run on this GPU: one small product tells."""
    if device.type != "cuda":
        return False
    try:
        FusedNf4Linear(torch.ones(64, 64, device=device))(torch.ones(2, 64, device=device))
    except (ImportError, RuntimeError, OSError, AttributeError, TypeError):
        return False
    return True
