"""How well a judge agrees with the user's own picks: which photos were kept, of which bursts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from culler.evaluation.metrics import pair_accuracy, top_hits
from culler.evaluation.metrics_levels import ece


@dataclass(frozen=True, slots=True)
class PickAgreement:
    """Scores beside picks. `precision` and `recall` at the user's own keep rate: as many photos are
    taken from the top of the order as the user kept."""

    n: int
    kept: int
    burst_pairs: float
    top_one: float
    top_three: float
    precision: float
    recall: float


def pick_agreement(predicted: ArrayLike, kept: ArrayLike, bursts: Sequence[object]) -> PickAgreement:
    """Agreement of scores with which photos were kept (true) and which not, burst by burst."""
    scores, picks = np.asarray(predicted, np.float64), np.asarray(kept, bool)
    number = int(picks.sum())
    taken = np.argsort(-scores, kind="stable")[:number]
    hits = float(picks[taken].sum())
    # Bursts without a pick, or picked whole, say nothing about the best frame.
    outcomes: dict[object, set[bool]] = {}
    for burst, pick in zip(bursts, picks, strict=True):
        outcomes.setdefault(burst, set()).add(bool(pick))
    inside = np.array([len(outcomes[burst]) == 2 for burst in bursts], bool)
    names = [burst for burst in bursts if len(outcomes[burst]) == 2]
    nan = float("nan")
    return PickAgreement(
        n=len(scores),
        kept=number,
        burst_pairs=pair_accuracy(scores, picks.astype(float), bursts),
        top_one=top_hits(scores[inside], picks[inside].astype(float), names),
        top_three=top_hits(scores[inside], picks[inside].astype(float), names, k=3),
        precision=hits / number if number else nan,
        recall=hits / number if number else nan,
    )


def brier(probabilities: ArrayLike, outcomes: ArrayLike) -> float:
    """Mean squared error of P(A beats B) against 1 (A won), 0 (B won), ½ (tie)."""
    return float(np.square(np.asarray(probabilities, np.float64) - np.asarray(outcomes, np.float64)).mean())


def log_loss(probabilities: ArrayLike, outcomes: ArrayLike) -> float:
    """Mean cross-entropy, in nats, of P(A beats B) against the outcomes."""
    p = np.clip(np.asarray(probabilities, np.float64), 1e-12, 1 - 1e-12)
    y = np.asarray(outcomes, np.float64)
    return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())


def pair_ece(probabilities: ArrayLike, outcomes: ArrayLike, bins: int = 10) -> float:
    """Calibration error of P(A beats B); ties are left out."""
    p, y = np.asarray(probabilities, np.float64), np.asarray(outcomes, np.float64)
    decided = y != 0.5
    return ece(p[decided], y[decided], bins)
