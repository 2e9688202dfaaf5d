"""The three small networks of MTCNN, which find faces and five landmarks (Zhang, Zhang, Li and Qiao 2016,
arXiv 1604.02878), as trained for PyPI's mtcnn 1.0.0.

Inputs are `(n, 3, height, width)` RGB as (value - 127.5) / 128. Layers stand in the order of the wheel's
weight lists. That implementation swaps height and width before its first linear layer; so do these.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor, nn


class Proposal(nn.Module):
    """Looks at every window of 12 px, two pixels apart."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 10, 3),
            nn.PReLU(10),
            nn.MaxPool2d(2, 2, ceil_mode=True),
            nn.Conv2d(10, 16, 3),
            nn.PReLU(16),
            nn.Conv2d(16, 32, 3),
            nn.PReLU(32),
        )
        self.box = nn.Conv2d(32, 4, 1)
        self.face = nn.Conv2d(32, 2, 1)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Box corrections `(n, 4, rows, columns)` and P(face) `(n, rows, columns)`."""
        seen = self.body(pictures)
        return self.box(seen), torch.softmax(self.face(seen), dim=1)[:, 1]


class Refine(nn.Module):
    """Judges candidates of 24 × 24 px."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 28, 3),
            nn.PReLU(28),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            nn.Conv2d(28, 48, 3),
            nn.PReLU(48),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(48, 64, 2),
            nn.PReLU(64),
        )
        self.tail = nn.Sequential(nn.Linear(576, 128), nn.PReLU(128))
        self.box = nn.Linear(128, 4)
        self.face = nn.Linear(128, 2)

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Box corrections `(n, 4)` and P(face) `(n,)`."""
        seen = self.tail(_across_first(self.body(crops)))
        return self.box(seen), torch.softmax(self.face(seen), dim=1)[:, 1]


class Output(nn.Module):
    """Judges candidates of 48 × 48 px and places the landmarks."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 32, 3),
            nn.PReLU(32),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            nn.Conv2d(32, 64, 3),
            nn.PReLU(64),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(64, 64, 3),
            nn.PReLU(64),
            nn.MaxPool2d(2, 2, ceil_mode=True),
            nn.Conv2d(64, 128, 2),
            nn.PReLU(128),
        )
        self.tail = nn.Sequential(nn.Linear(1152, 256), nn.PReLU(256))
        self.box = nn.Linear(256, 4)
        self.landmarks = nn.Linear(256, 10)
        self.face = nn.Linear(256, 2)

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Box corrections `(n, 4)`, landmarks `(n, 10)` (five x, five y, in boxes) and P(face) `(n,)`."""
        seen = self.tail(_across_first(self.body(crops)))
        return self.box(seen), self.landmarks(seen), torch.softmax(self.face(seen), dim=1)[:, 1]


@dataclass(frozen=True, slots=True)
class FaceNetworks:
    """The cascade, in evaluation mode."""

    proposal: Proposal
    refine: Refine
    output: Output


def read(path: Path) -> FaceNetworks:
    """The networks from a safetensors file with tensors `proposal.…`, `refine.…` and `output.…`."""
    networks = FaceNetworks(Proposal(), Refine(), Output())
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    for part in ("proposal", "refine", "output"):
        network: nn.Module = getattr(networks, part)
        start = f"{part}."
        own = {name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)}
        network.load_state_dict(own)
        network.eval().requires_grad_(False)
    return networks


def _across_first(seen: Tensor) -> Tensor:
    """(n, channels, height, width) flattened as (n, width · height · channels)."""
    return seen.permute(0, 3, 2, 1).flatten(1)
