"""From measured examples to the embedded judge's head: terms, networks, calibration.

The networks learn level distributions by cross-entropy on two-level soft labels (as DeQA-Score does,
arXiv 2501.11561) and the order of copies of one photograph by a margin. Where undamaged photographs stand
among each other nobody told: there the monotone terms stand in, and the networks add what damage does.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from culler.models.compact import Compact, Network
from culler.scoring import features
from culler.training.embedded_examples import CLEAN, Examples
from culler.training.embedded_terms import fit_terms

LEARNT_SHARE = 0.5
"""Weight of the networks beside the monotone part, both on their own spread."""
SPREAD = 0.65
"""Levels; how unsure the judge says it is. A choice, not a claim: opinions of thirty people on one photo
spread by about as much."""

_HIDDEN = (96, 24)
_NETWORKS = 3
_STEPS = 1500
_BATCH_SCENES = 24
_IGNORED = ("ln_long_side", "ln_short_side")  # a size is no fault
_CLEAN_LEVEL, _CLEAN_STEP = 3.9, 0.45  # level of an undamaged photograph of middling detail; per deviation


def fit(examples: Examples, seed: int, report: Callable[[str], None]) -> Compact:
    """The head learnt from the examples; the same seed gives the same head."""
    names = features.names()
    clean = np.array([kind == CLEAN for kind in examples.kind])
    terms = fit_terms(names, examples.vectors[clean])
    hand = terms(examples.vectors)
    constants = {"hand_mean": float(hand[clean].mean()), "hand_deviation": float(hand[clean].std())}
    levels = _labels(examples, (hand - constants["hand_mean"]) / constants["hand_deviation"], clean)

    centre = examples.vectors.mean(axis=0)
    scale = examples.vectors.std(axis=0) + 1e-3
    for name in _IGNORED:
        scale[names.index(name)] = 1e6
    inputs = np.clip((examples.vectors - centre) / scale, -5, 5).astype(np.float32)
    networks = []
    for index in range(_NETWORKS):
        networks.append(_network(inputs, levels, examples.scene, seed * 100 + index))
        report(f"trained network {index + 1} of {_NETWORKS}")

    plain = {"learnt_mean": 0.0, "learnt_deviation": 1.0, "learnt_share": LEARNT_SHARE}
    head = Compact(names, terms, centre, scale, tuple(networks), constants | plain)
    learnt = head.learnt(examples.vectors)
    constants |= {
        "learnt_mean": float(learnt[clean].mean()),
        # In the same unit as the monotone part: its spread over everything, not over good photographs.
        "learnt_deviation": float(learnt.std() / (hand.std() / constants["hand_deviation"])),
        "learnt_share": LEARNT_SHARE,
    }
    head = Compact(names, terms, centre, scale, tuple(networks), constants)
    slope, offset = np.polyfit(head.score(examples.vectors), levels - 3, 1)
    constants |= {"slope": float(slope), "offset": float(offset), "spread": SPREAD}
    return Compact(names, terms, centre, scale, tuple(networks), constants)


def _labels(examples: Examples, hand: NDArray[np.float64], clean: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(n,) level of every example: its clean picture's, less what damage took."""
    base = {int(scene): value for scene, value in zip(examples.scene[clean], hand[clean], strict=True)}
    start = np.array([base[int(scene)] for scene in examples.scene])
    start = np.clip(_CLEAN_LEVEL + _CLEAN_STEP * start, 2.4, 4.8)
    return np.asarray(1 + (start - 1) * (1 - examples.drop))


def _network(
    inputs: NDArray[np.float32], levels: NDArray[np.float64], scene: NDArray[np.int32], seed: int
) -> Network:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    widths = (inputs.shape[1], *_HIDDEN, 5)
    layers: list[nn.Module] = []
    for one, other in pairwise(widths):
        layers += [nn.Linear(one, other), nn.ReLU(), nn.Dropout(0.1)]
    network = nn.Sequential(*layers[:-2])
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.03)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, _STEPS)
    pictures, wanted = torch.from_numpy(inputs), torch.from_numpy(levels.astype(np.float32))
    rows = {int(number): np.nonzero(scene == number)[0] for number in np.unique(scene)}
    scenes = np.array(list(rows))
    for _ in range(_STEPS):
        chosen = [rows[int(number)] for number in rng.choice(scenes, min(_BATCH_SCENES, len(scenes)), False)]
        batch = torch.from_numpy(np.concatenate(chosen))
        group = torch.from_numpy(np.repeat(np.arange(len(chosen)), [len(one) for one in chosen]))
        noisy = pictures[batch] + 0.05 * torch.randn(len(batch), inputs.shape[1])
        logits = network(noisy)
        loss = _distribution_loss(logits, wanted[batch]) + 0.5 * _order_loss(logits, wanted[batch], group)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        schedule.step()
    linear = [layer for layer in network if isinstance(layer, nn.Linear)]
    return Network(
        tuple(layer.weight.detach().numpy().T.copy() for layer in linear),
        tuple(layer.bias.detach().numpy().copy() for layer in linear),
    )


def _distribution_loss(logits: Tensor, levels: Tensor) -> Tensor:
    """Cross-entropy against the two levels next to each label, weighted so that their mean is the label."""
    place = (levels - 1).clamp(0, 4)
    lower = place.floor().clamp(max=3).long()
    upper_share = (place - lower)[:, None]
    target = functional.one_hot(lower, 5) * (1 - upper_share) + functional.one_hot(lower + 1, 5) * upper_share
    return -(target * functional.log_softmax(logits, dim=1)).sum(dim=1).mean()


def _order_loss(logits: Tensor, levels: Tensor, group: Tensor) -> Tensor:
    """Hinge on how far the expected levels of two copies of one photograph are apart."""
    expected = functional.softmax(logits, dim=1) @ torch.arange(1.0, 6.0)
    apart = levels[:, None] - levels[None, :]
    pairs = (group[:, None] == group[None, :]) & (apart > 0.15)
    got = expected[:, None] - expected[None, :]
    return functional.relu(0.7 * apart[pairs] - got[pairs]).mean()
