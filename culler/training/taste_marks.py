"""What the user's marks and answers say of preference: grades, sessions, pairs within a session."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Places = NDArray[np.intp]

REJECTED, SEEN, PICKED = 0.0, 1.0, 4.0
"""Grades of marks without stars. A photo left unmarked beside a marked one lies above a reject and is
not thought better than a single star."""
SESSION_GAP_S = 3600.0
_PAIRS_A_SESSION = 1500
_PAIRS_IN_ALL = 12_000
_NO_TIME = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Answer:
    """One explicit comparison, by rows: `share` is what `first` got (1 won, ½ the same)."""

    first: int
    second: int
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class TasteExamples:
    """What there is to learn from, n photos.

    `embeddings` (n, d) of one encoder, rows with NaN or all zeros where there is none; `levels`
    (n, 2, 5) probabilities of quality and aesthetics, NaN where not assessed; `scores` (n,) what the
    scorer alone orders by; `sessions` (n,) from `sessions`; `grades` (n,) from `grades`, NaN where the
    user said nothing.
    """

    embeddings: NDArray[np.floating[Any]]
    levels: NDArray[np.floating[Any]]
    scores: Values
    sessions: NDArray[np.int64]
    grades: Values
    answers: Sequence[Answer] = ()


@dataclass(frozen=True, slots=True)
class Pairs:
    """m preferences within sessions: `share` is what `first` got."""

    first: Places
    second: Places
    share: Values
    session: NDArray[np.int64]

    def of(self, chosen: NDArray[np.bool_]) -> "Pairs":
        return Pairs(self.first[chosen], self.second[chosen], self.share[chosen], self.session[chosen])


def pairs_of(examples: TasteExamples, there: NDArray[np.bool_], seed: int) -> Pairs:
    random = np.random.default_rng(seed)
    first: list[Places] = []
    second: list[Places] = []
    graded = np.flatnonzero(there & ~np.isnan(examples.grades))
    ordered = graded[np.argsort(examples.sessions[graded], kind="stable")]
    cuts = np.flatnonzero(np.diff(examples.sessions[ordered])) + 1
    parts = np.split(ordered, cuts)
    most = max(50, min(_PAIRS_A_SESSION, _PAIRS_IN_ALL // max(len(parts), 1)))
    for rows in parts:
        grade = examples.grades[rows]
        if len(rows) <= 60:
            a, b = np.triu_indices(len(rows), 1)
        else:
            a, b = random.integers(0, len(rows), (2, 6 * most))
        differ = np.flatnonzero(np.abs(grade[a] - grade[b]) >= 0.5)
        if len(differ) > most:
            differ = random.permutation(differ)[:most]
        a, b = rows[a[differ]], rows[b[differ]]
        better = examples.grades[a] > examples.grades[b]
        first.append(np.where(better, a, b))
        second.append(np.where(better, b, a))
    said = [one for one in examples.answers if there[one.first] and there[one.second]]
    marks = sum(map(len, first))
    first.append(np.array([one.first for one in said], np.intp))
    second.append(np.array([one.second for one in said], np.intp))
    share = np.concatenate([np.ones(marks), np.array([one.share for one in said], np.float64)])
    one, other = np.concatenate(first).astype(np.intp), np.concatenate(second).astype(np.intp)
    return Pairs(one, other, share, examples.sessions[one])


def has_embedding(embeddings: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
    """Which rows hold a vector at all."""
    return np.asarray(np.isfinite(embeddings).all(axis=1) & (embeddings != 0).any(axis=1))


def sessions(taken_us: NDArray[np.int64], folders: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """A session number for each photo: a new one after an hour without a frame; photos without a
    time (int64's least) are one session a folder."""
    numbers = np.zeros(len(taken_us), np.int64)
    timed = np.flatnonzero(taken_us != _NO_TIME)
    ordered = timed[np.argsort(taken_us[timed], kind="stable")]
    if len(ordered):
        new = np.append(True, np.diff(taken_us[ordered]) > SESSION_GAP_S * 1e6)
        numbers[ordered] = np.cumsum(new) - 1
    untimed = np.flatnonzero(taken_us == _NO_TIME)
    _, place = np.unique(folders[untimed], return_inverse=True)
    numbers[untimed] = (int(numbers[ordered].max()) + 1 if len(ordered) else 0) + place
    return numbers


def joined(numbers: NDArray[np.int64], groups: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Sessions (n,) where those that share a group (−1: alone) count as one, so that no group has frames
    on both sides of a held-out trial."""
    parent = {int(number): int(number) for number in np.unique(numbers)}

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    inside = np.flatnonzero(groups >= 0)
    ordered = inside[np.argsort(groups[inside], kind="stable")]
    one, other = ordered[:-1], ordered[1:]
    spans = (groups[one] == groups[other]) & (numbers[one] != numbers[other])
    for a, b in zip(numbers[one[spans]].tolist(), numbers[other[spans]].tolist(), strict=True):
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    found, place = np.unique(numbers, return_inverse=True)
    return np.array([root(int(number)) for number in found], np.int64)[place]


def grades(
    flags: NDArray[np.integer[Any]],
    stars: NDArray[np.integer[Any]],
    groups: NDArray[np.integer[Any]] | None = None,
) -> Values:
    """The user's marks as one order: rejects (flag −1) below all, stars as they are, a pick without
    stars as four. An unmarked photo counts as seen, between the two, when another of its group
    (−1: alone) is marked; else the user may never have looked at it: NaN."""
    marked = (flags != 0) | (stars > 0)
    order = np.full(len(flags), np.nan)
    order[stars > 0] = stars[stars > 0]
    order[(flags > 0) & (stars == 0)] = PICKED
    order[flags < 0] = REJECTED
    if groups is not None and (groups >= 0).any():
        looked_at = np.zeros(int(groups.max()) + 1, bool)
        looked_at[groups[marked & (groups >= 0)]] = True
        seen = ~marked & (groups >= 0) & looked_at[np.maximum(groups, 0)]
        order[seen] = SEEN
    return order
