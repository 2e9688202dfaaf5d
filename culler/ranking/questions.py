"""Which pair to ask next, whether to ask at all, and about how many questions are left.

Asked is always about a photo that would be kept now: does the likeliest challenger beat it? That is
as good as maximising the expected information in simulation (benchmarks/questions.py) and can be
explained to anybody. A pair that was asked before counts less each time. Asking stops when the best is
sure enough, or when an answer would tell too little.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culler.ranking.consensus import GroupRanking, sigmoid

Pair = tuple[int, int]
Values = NDArray[np.float64]

SURE_ENOUGH = 0.9
"""P(best) above which nothing more is asked."""
LEAST_GAIN_BITS = 0.02
"""An answer that is expected to tell less than this is not worth a key press."""
REPEAT_FACTOR = 0.7
"""What a question is still worth each time it is asked again: people repeat themselves."""
QUESTIONS_PER_BIT = 12.0
SETTLED_BITS = 0.4
"""Doubt that remains, on average, when a best is called sure."""
CHALLENGERS = 8
"""So many of the likeliest challengers are considered."""
SAMPLES = 2048


@dataclass(frozen=True, slots=True)
class Question:
    """Ask which of two photos, by their places in the group, is better.

    `gain_bits` is what the answer is expected to tell about the two; `left` estimates the questions
    still to come, this one included.
    """

    first: int
    second: int
    gain_bits: float
    left: int


def ordered(first: int, second: int) -> Pair:
    """The pair as `asked` counts it."""
    return (first, second) if first < second else (second, first)


def next_question(
    ranking: GroupRanking, asked: Mapping[Pair, int] | None = None, keep: int = 1, seed: int = 0
) -> Question | None:
    """The most useful pair to ask, or None when it is time to stop.

    `asked` counts earlier questions by ordered pair, skipped ones included. `keep` is how many photos
    the user wants of this group. Stops when the likeliest best (of several, the least sure keeper) is
    beyond SURE_ENOUGH, or when no pair is worth LEAST_GAIN_BITS.
    """
    k = len(ranking)
    keep = min(max(keep, 1), k)
    if keep == k:
        return None
    drawn = ranking.samples(min(SAMPLES, max(256, 6_000_000 // k)), seed)
    chance = ranking.p_best if keep == 1 else _kept(drawn, keep).mean(axis=0)
    by_chance = np.lexsort((-ranking.scores, -chance))
    keepers, challengers = by_chance[:keep], by_chance[keep : keep + CHALLENGERS]
    if float(chance[keepers].min()) > SURE_ENOUGH:
        return None
    shaky = keepers[np.argsort(chance[keepers], kind="stable")][:CHALLENGERS]
    best: tuple[float, float, Pair] | None = None
    for keeper in shaky.tolist():
        for challenger in challengers.tolist():
            pair = ordered(keeper, challenger)
            discount = REPEAT_FACTOR ** (asked or {}).get(pair, 0)
            p_first = sigmoid(drawn[:, pair[0]].astype(np.float64) - drawn[:, pair[1]])
            gain = discount * answer_information(p_first)
            # How likely the two change places, were all known: the keeper's doubt times the
            # challenger's chance.
            value = discount * (1.0 - chance[keeper]) * chance[challenger]
            if gain >= LEAST_GAIN_BITS and (best is None or value > best[0]):
                best = (value, gain, pair)
    if best is None:
        return None
    return Question(*best[2], best[1], questions_left(chance, keep))


def _kept(drawn: NDArray[np.floating[Any]], keep: int) -> Values:
    """(draws, k): 1 where the photo is among the `keep` best of its draw."""
    kept = np.zeros(drawn.shape)
    top = np.argpartition(-drawn, keep - 1, axis=1)[:, :keep]
    np.put_along_axis(kept, top, 1.0, axis=1)
    return kept


def _entropy(p: Values) -> Values:
    """−p log₂ p, elementwise."""
    return np.asarray(-p * np.log2(np.where(p > 0, p, 1.0)), np.float64)


def answer_information(p_first: Values) -> float:
    """Bits that an answer tells about two scores, from draws of P(first wins): the doubt in the answer
    beyond the chooser's own noise."""
    mean = np.asarray([p_first.mean()])
    total = _entropy(mean) + _entropy(1.0 - mean)
    noise = (_entropy(p_first) + _entropy(1.0 - p_first)).mean()
    return float(total[0] - noise)


def questions_left(chance: Values, keep: int = 1) -> int:
    """About how many questions until it is settled, from each photo's chance (k,) of being kept.

    Linear in the doubt about who is kept, as it is for simulated users (benchmarks/questions.py).
    """
    doubt = float(_entropy(chance).sum())
    if keep > 1:
        doubt += float(_entropy(1.0 - chance).sum())
    return max(1, round(QUESTIONS_PER_BIT * (doubt - SETTLED_BITS)))
