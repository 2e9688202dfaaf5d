"""A head that reads five levels from a stored embedding, and its fit to a judge's own answers.

Multinomial logistic regression on standardised embeddings with soft targets: convex, so the answer
does not depend on a start, and done in seconds for thousands of photos. The ridge's strength is chosen by
cross-validation, whose held-out predictions also say how far the head agrees with the judge.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from culler.models.stored_head import LEAST_PHOTOS, MOST_COMPARED, Agreement, head_metadata

LEVELS = 5
MOST_PHOTOS = 20_000
"""Photos beyond these are left out of the fit by chance."""
STRENGTHS = (3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003)
FOLDS = 5
STEPS = 60


class LevelHead(nn.Module):
    """Embeddings (photos, width) → float32 logits (photos, levels), BAD … EXCELLENT."""

    centre: Tensor  # (width,)
    scale: Tensor  # (width,)

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))
        self.linear = nn.Linear(width, LEVELS)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, embeddings: Tensor) -> Tensor:
        logits: Tensor = self.linear((embeddings.float() - self.centre) / self.scale)
        return logits


def fit_level_head(
    embeddings: Tensor, targets: Tensor, strengths: Sequence[float] = STRENGTHS, seed: int = 0
) -> tuple[LevelHead, Agreement]:
    """A head for embeddings (photos, width) with the judge's level probabilities (photos, levels).

    Equal inputs give equal heads. Raises ValueError for fewer than LEAST_PHOTOS photos, for shapes that
    do not belong together and for values that are not finite.
    """
    _check(embeddings, targets)
    order = torch.randperm(len(embeddings), generator=torch.Generator().manual_seed(seed))[:MOST_PHOTOS]
    inputs, wanted = embeddings[order].float(), targets[order].float()
    wanted = wanted / wanted.sum(1, keepdim=True)
    compared_inputs, compared = inputs[:MOST_COMPARED], wanted[:MOST_COMPARED]
    held_out = _held_out(compared_inputs, compared, sorted(strengths, reverse=True))
    best = min(strengths, key=lambda strength: float(F.cross_entropy(held_out[strength], compared)))
    return _fitted(inputs, wanted, best), _agreement(held_out[best], compared)


def save_head(head: LevelHead, path: Path, encoder: str, agreement: Agreement | None = None) -> None:
    """Writes the head beside the name of the encoder whose embeddings it reads. A file that is there is
    replaced at once or not at all."""
    written = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        save_file(head.state_dict(), written, head_metadata(encoder, agreement))
        os.replace(written, path)
    finally:
        written.unlink(missing_ok=True)


def load_head(path: Path, encoder: str) -> LevelHead | None:
    """The head in a file, None when it was made for another encoder's embeddings."""
    with safe_open(path, framework="pt") as file:
        if (file.metadata() or {}).get("encoder") != encoder:
            return None
        state = {name: file.get_tensor(name) for name in ("centre", "scale", "linear.weight", "linear.bias")}
    head = LevelHead(len(state["centre"]))
    head.load_state_dict(state)
    return head.eval()


def level_means(logits: Tensor) -> Tensor:
    """(photos, levels) logits → (photos,) expected levels, 1 … 5."""
    return logits.softmax(-1) @ torch.arange(1.0, LEVELS + 1)


def rank_correlation(a: Tensor, b: Tensor) -> float:
    """Spearman's: equal values share the mean of their ranks. NaN where one of the two is constant."""
    x, y = (_ranks(part) for part in (a, b))
    x, y = x - x.mean(), y - y.mean()
    return float((x @ y) / (x.norm() * y.norm()))


def _check(embeddings: Tensor, targets: Tensor) -> None:
    if embeddings.ndim != 2 or targets.shape != (len(embeddings), LEVELS):
        raise ValueError(
            f"{tuple(embeddings.shape)} embeddings do not go with {tuple(targets.shape)} targets"
        )
    if len(embeddings) < LEAST_PHOTOS:
        raise ValueError(f"{len(embeddings)} photos are too few to learn from: {LEAST_PHOTOS} are needed")
    if not (embeddings.isfinite().all() and targets.isfinite().all() and (targets.sum(1) > 0).all()):
        raise ValueError("embeddings and targets are finite, and targets have a positive sum")


def _fitted(inputs: Tensor, wanted: Tensor, strength: float, start: LevelHead | None = None) -> LevelHead:
    head = LevelHead(inputs.shape[1])
    if start is not None:
        head.load_state_dict(start.state_dict())
    spread = inputs.std(0)
    head.centre.copy_(inputs.mean(0))
    head.scale.copy_(spread.clamp_min(1e-6))
    # Standardised once, not at each of the optimiser's steps; constant columns say nothing.
    ready = (inputs - head.centre) / head.scale * (spread > 1e-6)
    weight, bias = head.linear.weight, head.linear.bias
    optimiser = torch.optim.LBFGS(
        [weight, bias],
        max_iter=STEPS,
        tolerance_grad=1e-5,
        tolerance_change=1e-7,
        line_search_fn="strong_wolfe",
    )

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = F.cross_entropy(ready @ weight.T + bias, wanted) + strength / 2 * weight.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    with torch.enable_grad():
        optimiser.step(loss)  # type: ignore[no-untyped-call]
    return head.eval().requires_grad_(False)


def _held_out(inputs: Tensor, wanted: Tensor, strengths: Sequence[float]) -> dict[float, Tensor]:
    """(photos, levels) logits by strength, each from a head that did not see the photo; strengths fall,
    so that each fit starts near its end."""
    fold = torch.arange(len(inputs)) % FOLDS
    logits = {strength: torch.empty_like(wanted) for strength in strengths}
    for left_out in range(FOLDS):
        kept = fold != left_out
        head: LevelHead | None = None
        for strength in strengths:
            head = _fitted(inputs[kept], wanted[kept], strength, head)
            logits[strength][~kept] = head(inputs[~kept])
    return logits


def _agreement(logits: Tensor, wanted: Tensor) -> Agreement:
    said, true = level_means(logits), wanted @ torch.arange(1.0, LEVELS + 1)
    return Agreement(
        photos=len(wanted),
        srcc=rank_correlation(said, true),
        error=float((said - true).abs().mean()),
        flat_error=float((true - true.mean()).abs().mean()),
    )


def _ranks(values: Tensor) -> Tensor:
    _, places, counts = torch.unique(values, return_inverse=True, return_counts=True)
    ranks: Tensor = counts.cumsum(0).double() - (counts - 1) / 2
    return ranks[places]
