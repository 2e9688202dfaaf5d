"""From measured examples to the embedded judge's head: terms, networks, calibration.

The networks learn levels by themselves, by the cross-entropy of a normal around their answer against
two-level soft labels (as DeQA-Score has, arXiv 2501.11561) and a margin on the order of copies of one
photograph. They then count for a small share beside the monotone terms: made faults teach what damage
looks like, but not what real frames of a burst differ in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from culler.models.compact import REACH, Compact, Network
from culler.scoring import features
from culler.training.embedded_examples import CLEAN, Examples
from culler.training.embedded_terms import fit_terms

LEARNT_SHARE = 0.6
"""Spread of the networks' answers beside that of the monotone part."""
_LABEL_SPREAD = 0.65
"""Levels; how wide the networks' answers are taken in training. Opinions of thirty people on one photo
spread by about as much."""


@dataclass(frozen=True, slots=True)
class FitSettings:
    """How many networks share the learnt part, and how long each is trained."""

    networks: int = 5
    steps: int = 600


# A narrow layer and much noise on the inputs: on held-out photographs this orders damage better than wide
# networks do (0.95 of pairs against 0.90), which learn the training photographs instead.
_HIDDEN = (32,)
_INPUT_NOISE = 0.5
_BATCH_SCENES = 24
_DIGITS = 4
_BOUNDS = (1.5, 2.5, 3.5, 4.5)
_IGNORED = ("ln_long_side", "ln_short_side")  # a size is no fault
# Half of the photographs were chosen as wallpapers by editors, half are everyday frames: good on the whole.
_CLEAN_LEVEL, _CLEAN_STEP = 4.2, 0.45  # level of the middle undamaged photograph; levels a deviation


def fit(
    examples: Examples, seed: int, report: Callable[[str], None], settings: FitSettings | None = None
) -> Compact:
    """The head learnt from the examples; the same seed gives the same head."""
    settings = settings or FitSettings()
    names = features.names()
    clean = np.array([kind == CLEAN for kind in examples.kind])
    terms = fit_terms(names, examples)
    sums = terms(examples.vectors)
    mean, deviation = float(sums[clean].mean()), float(sums[clean].std())
    hand = (sums - mean) / deviation
    levels = _labels(examples, hand, clean)

    centre = examples.vectors.mean(axis=0)
    scale = examples.vectors.std(axis=0) + 1e-3
    for name in _IGNORED:
        scale[names.index(name)] = 1e6
    inputs = np.clip((examples.vectors - centre) / scale, -REACH, REACH).astype(np.float32)
    networks = []
    for index in range(settings.networks):
        network = _network(inputs, levels, examples.scene, settings.steps, seed * 100 + index)
        networks.append(_weighted(network, inputs, LEARNT_SHARE * float(hand.std())))
        report(f"trained network {index + 1} of {settings.networks}")
    constants = {"hand_mean": mean, "hand_deviation": deviation, "slope": 1.0, "offset": 0.0, "spread": 1.0}
    head = Compact(names, terms, centre, scale, tuple(networks), constants)
    # Calibration: the straight line from scores to the examples' levels that errs least, and how far it
    # misses them; undamaged pictures count for half, as most of what people shoot is.
    score = head.score(examples.vectors)
    weight = np.where(clean, 0.5 / clean.sum(), 0.5 / (~clean).sum())
    slope, offset = (float(value) for value in np.polyfit(score, levels - 3, 1, w=np.sqrt(weight)))
    missed = slope * score + offset - (levels - 3)
    constants |= {"slope": slope, "offset": offset, "spread": float(np.sqrt(weight @ np.square(missed)))}
    constants = {name: round(value, _DIGITS) for name, value in constants.items()}
    return Compact(names, terms, centre, scale, tuple(networks), constants)


def _weighted(network: Network, inputs: NDArray[np.float32], share: float) -> Network:
    """The network with its answers brought to mean 0 and this deviation over the examples."""
    answers = network(inputs.astype(np.float64))
    factor = share / float(answers.std())
    weights = (*network.weights[:-1], _rounded(network.weights[-1] * factor))
    last = (network.biases[-1] - float(answers.mean())) * factor
    return Network(weights, (*network.biases[:-1], _rounded(last)))


def _labels(examples: Examples, hand: NDArray[np.float64], clean: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(n,) level of every example: its clean picture's, less what damage took."""
    base = {int(scene): value for scene, value in zip(examples.scene[clean], hand[clean], strict=True)}
    start = np.array([base[int(scene)] for scene in examples.scene])
    start = np.clip(_CLEAN_LEVEL + _CLEAN_STEP * start, 2.4, 4.8)
    return np.asarray(1 + (start - 1) * (1 - examples.drop))


def _network(
    inputs: NDArray[np.float32],
    levels: NDArray[np.float64],
    scene: NDArray[np.int32],
    steps: int,
    seed: int,
) -> Network:
    """One network that answers with a level, 3 taken off."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    widths = (inputs.shape[1], *_HIDDEN, 1)
    layers: list[nn.Module] = []
    for one, other in pairwise(widths):
        layers += [nn.Linear(one, other), nn.ReLU(), nn.Dropout(0.2)]
    # Double precision, and rounded at the end: in single, the order of sums in memory decides digits that
    # 600 steps make large, and the same seed would not give the same file.
    network = nn.Sequential(*layers[:-2]).double()
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, steps)
    pictures = torch.from_numpy(inputs.astype(np.float64))
    wanted = torch.from_numpy(levels)
    rows = {int(number): np.nonzero(scene == number)[0] for number in np.unique(scene)}
    scenes = np.array(list(rows))
    for _ in range(steps):
        chosen = [rows[int(number)] for number in rng.choice(scenes, min(_BATCH_SCENES, len(scenes)), False)]
        batch = torch.from_numpy(np.concatenate(chosen))
        group = torch.from_numpy(np.repeat(np.arange(len(chosen)), [len(one) for one in chosen]))
        noisy = pictures[batch] + _INPUT_NOISE * torch.randn(len(batch), inputs.shape[1], dtype=torch.float64)
        found = 3 + network(noisy)[:, 0]
        loss = _distribution_loss(found, wanted[batch]) + _order_loss(found, wanted[batch], group)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        schedule.step()
    linear = [layer for layer in network if isinstance(layer, nn.Linear)]
    return Network(
        tuple(_rounded(layer.weight.detach().numpy().T) for layer in linear),
        tuple(_rounded(layer.bias.detach().numpy()) for layer in linear),
    )


def _rounded(values: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.round(values, _DIGITS).astype(np.float32)


def _distribution_loss(found: Tensor, levels: Tensor) -> Tensor:
    """Cross-entropy of the normal around each found level against the two levels next to its label,
    weighted so that their mean is the label."""
    place = (levels - 1).clamp(0, 4)
    lower = place.floor().clamp(max=3).long()
    share = (place - lower)[:, None]
    target = functional.one_hot(lower, 5) * (1 - share) + functional.one_hot(lower + 1, 5) * share
    cuts = (torch.tensor(_BOUNDS, dtype=torch.float64) - found[:, None]) / _LABEL_SPREAD
    below = torch.special.ndtr(cuts)
    ends = found.new_zeros(len(found), 1), found.new_ones(len(found), 1)
    mass = torch.diff(torch.cat([ends[0], below, ends[1]], dim=1), dim=1).clamp_min(1e-4)
    return -(target * mass.log()).sum(dim=1).mean()


def _order_loss(found: Tensor, levels: Tensor, group: Tensor) -> Tensor:
    """Hinge on how far two copies of one photograph are apart."""
    apart = levels[:, None] - levels[None, :]
    pairs = (group[:, None] == group[None, :]) & (apart > 0.1)
    got = found[:, None] - found[None, :]
    return functional.relu(0.8 * apart[pairs] - got[pairs]).mean()
