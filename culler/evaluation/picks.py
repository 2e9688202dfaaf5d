"""The numbers of the trust report: how well judges agree with the user's own past picks, per burst.

Pure: scores and marks in, figures out. Every judge (scorers, the taste head, capture order, sharpness
alone) is measured on the same bursts, and bursts, not photos, are resampled for the intervals. A burst
counts when some of it was kept and some was not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culler.evaluation.metrics import Interval, bootstrap
from culler.evaluation.metrics_levels import Reliability, ece, reliability
from culler.evaluation.metrics_picks import brier, log_loss

Values = NDArray[np.float64]
Rows = NDArray[np.intp]

MOST_PAIRS_A_BURST = 2000
"""Of a burst of thousands this many pairs are drawn; its weight is that of one burst anyway."""


@dataclass(frozen=True, slots=True)
class Judge:
    """One judge's answers about n photos.

    `scores` (n,), larger is better, NaN where it has none; `levels` (n, 5) probabilities at the judge's
    temperature, None for judges without probabilities. A judge of several aspects has (n, a, 5), NaN where
    an aspect is not assessed, and its odds are the aspects' by `weights` (a,).
    """

    name: str
    scores: Values
    levels: NDArray[np.floating[Any]] | None = None
    is_baseline: bool = False
    weights: tuple[float, ...] = (1.0,)


@dataclass(frozen=True, slots=True)
class FalseReject:
    """A photo the user kept and the judge ranks below as many others as the user kept of its burst.
    `burst` counts the report's bursts; `best_row` is the judge's own first."""

    row: int
    burst: int
    rank: int
    burst_size: int
    best_row: int


@dataclass(frozen=True, slots=True)
class JudgeTrust:
    """One judge against the user's picks, with 95 % intervals over bursts.

    `top_one`, `top_k`: the judge's first (one of its first k) was kept. `pairs`: kept before not kept.
    `precision`, `recall` at the user's own keep rate, over all photos of counted bursts. `gain`:
    pairs beyond the best baseline's, on the same bursts. Probability figures are None for judges
    without probabilities, intervals are NaN where nothing can be resampled.
    """

    name: str
    is_baseline: bool
    bursts: int
    judged: int
    top_one: Interval
    top_k: Interval
    pairs: Interval
    gain: Interval | None
    precision: float
    recall: float
    brier: float | None
    log_loss: float | None
    ece: float | None
    reliability: tuple[Reliability, ...]
    false_rejects: tuple[FalseReject, ...]


@dataclass(frozen=True, slots=True)
class TrustReport:
    """All judges, best first by pairwise accuracy, baselines among them. `bursts` counted of `marked`
    bursts with any mark; `kept` of `photos` photos in them."""

    judges: tuple[JudgeTrust, ...]
    bursts: int
    marked: int
    photos: int
    kept: int
    k: int

    @property
    def is_empty(self) -> bool:
        """No burst had both a kept and a dropped photo: there is nothing to report."""
        return self.bursts == 0


def kept_by_marks(
    flags: NDArray[np.integer[Any]],
    stars: NDArray[np.integer[Any]],
    bursts: NDArray[np.integer[Any]],
) -> Values:
    """1 kept, 0 not, NaN unknown, from flags (−1 reject, 1 pick) and stars, burst by burst.

    A pick is kept and a reject is not. Where a burst has no flags, the photos of most stars in it are
    kept. Unmarked photos are not kept when another of their burst (−1: alone) is.
    """
    kept = np.full(len(flags), np.nan)
    kept[flags > 0], kept[flags < 0] = 1.0, 0.0
    for rows in _bursts(bursts):
        if not (flags[rows] != 0).any() and stars[rows].max() > 0:
            kept[rows] = stars[rows] == stars[rows].max()
        elif (kept[rows] == 1).any():
            kept[rows] = np.where(np.isnan(kept[rows]), 0.0, kept[rows])
    return kept


def trust(
    judges: Sequence[Judge],
    kept: Values,
    bursts: NDArray[np.integer[Any]],
    *,
    k: int = 3,
    draws: int = 1000,
    seed: int = 0,
    most_false_rejects: int = 200,
) -> TrustReport:
    """The report on these judges; `kept` (n,) as `kept_by_marks` answers, `bursts` (n,) group numbers,
    −1 alone."""
    marked = [rows for rows in _bursts(bursts) if not np.isnan(kept[rows]).all()]
    known = [rows[~np.isnan(kept[rows])] for rows in marked]
    counted = [rows for rows in known if 0 < kept[rows].sum() < len(rows)]
    measured = [_Measured(judge, kept, counted, k, seed) for judge in judges]
    baselines = [one for one in measured if one.judge.is_baseline]
    bar = max(baselines, key=lambda one: _mean(one.pairs), default=None)
    results = [one.trust(bar, draws, seed, most_false_rejects) for one in measured]
    photos = np.concatenate(counted) if counted else np.zeros(0, np.intp)
    return TrustReport(
        tuple(sorted(results, key=lambda one: -np.nan_to_num(one.pairs.value, nan=-1.0))),
        len(counted),
        len(marked),
        len(photos),
        int(kept[photos].sum()),
        k,
    )


def capture_order(bursts: NDArray[np.integer[Any]], sequence: Rows) -> Judge:
    """The baseline that takes the first frame of each burst for the best. `sequence` (n,) are all rows
    in order of capture."""
    scores = np.empty(len(bursts))
    scores[sequence] = -np.arange(len(sequence), dtype=np.float64)
    return Judge("capture order", scores, is_baseline=True)


def _bursts(bursts: NDArray[np.integer[Any]]) -> list[Rows]:
    inside = np.flatnonzero(bursts >= 0)
    ordered = inside[np.argsort(bursts[inside], kind="stable")]
    return [rows for rows in np.split(ordered, np.flatnonzero(np.diff(bursts[ordered])) + 1) if len(rows) > 1]


def _mean(values: Values) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


class _Measured:
    """One judge's outcome in every counted burst; NaN where it judged too little of a burst."""

    def __init__(self, judge: Judge, kept: Values, counted: Sequence[Rows], k: int, seed: int) -> None:
        self.judge, self.kept, self.counted = judge, kept, counted
        self.top_one, self.top_k, self.pairs = (np.full(len(counted), np.nan) for _ in range(3))
        self.hits = self.taken = 0
        self.false_rejects: list[FalseReject] = []
        self.probabilities: list[Values] = []
        random = np.random.default_rng(seed)
        for index, rows in enumerate(counted):
            judged = rows[~np.isnan(judge.scores[rows])]
            if not 0 < kept[judged].sum() < len(judged):
                continue
            scores, good = judge.scores[judged], kept[judged] == 1
            self.top_one[index] = good[scores == scores.max()].mean()
            order = np.argsort(-scores, kind="stable")
            self.top_k[index] = float(good[order[:k]].any())
            winners, losers = _kept_against_dropped(judged[good], judged[~good], random)
            gaps = judge.scores[winners] - judge.scores[losers]
            self.pairs[index] = (1.0 + np.sign(gaps)).mean() / 2.0
            if judge.levels is not None:
                self.probabilities.append(_p_better(judge, winners, losers))
            number = int(good.sum())
            self.hits, self.taken = self.hits + int(good[order[:number]].sum()), self.taken + number
            border = scores[order[number - 1]]
            for place in np.flatnonzero(good & (scores < border)).tolist():
                rank = 1 + int((scores > scores[place]).sum())
                self.false_rejects.append(
                    FalseReject(int(judged[place]), index, rank, len(judged), int(judged[order[0]]))
                )

    def trust(self, bar: "_Measured | None", draws: int, seed: int, most: int) -> JudgeTrust:
        p = np.concatenate(self.probabilities) if self.probabilities else np.zeros(0)
        p = p[~np.isnan(p)]
        # Each pair stands once for either order: the winner is not always the first one named.
        both, won = np.concatenate([p, 1.0 - p]), np.concatenate([np.ones(len(p)), np.zeros(len(p))])
        # As many are taken as were kept, so that precision and recall are one figure.
        at_keep_rate = self.hits / self.taken if self.taken else float("nan")
        gain = None if bar is None or bar is self else self._over_bursts(self.pairs - bar.pairs, draws, seed)
        worst = sorted(self.false_rejects, key=lambda one: -one.rank / one.burst_size)
        return JudgeTrust(
            name=self.judge.name,
            is_baseline=self.judge.is_baseline,
            bursts=int((~np.isnan(self.pairs)).sum()),
            judged=sum(int((~np.isnan(self.judge.scores[rows])).sum()) for rows in self.counted),
            top_one=self._over_bursts(self.top_one, draws, seed),
            top_k=self._over_bursts(self.top_k, draws, seed),
            pairs=self._over_bursts(self.pairs, draws, seed),
            gain=gain,
            precision=at_keep_rate,
            recall=at_keep_rate,
            brier=brier(both, won) if len(p) else None,
            log_loss=log_loss(both, won) if len(p) else None,
            ece=ece(both, won) if len(p) else None,
            reliability=reliability(both, won) if len(p) else (),
            false_rejects=tuple(worst[:most]),
        )

    @staticmethod
    def _over_bursts(values: Values, draws: int, seed: int) -> Interval:
        known = values[~np.isnan(values)]
        if not len(known):
            return Interval(float("nan"), float("nan"), float("nan"))
        return bootstrap(lambda rows: float(known[rows].mean()), len(known), draws=draws, seed=seed)


def _kept_against_dropped(kept: Rows, dropped: Rows, random: np.random.Generator) -> tuple[Rows, Rows]:
    if len(kept) * len(dropped) <= MOST_PAIRS_A_BURST:
        return np.repeat(kept, len(dropped)), np.tile(dropped, len(kept))
    return random.choice(kept, MOST_PAIRS_A_BURST), random.choice(dropped, MOST_PAIRS_A_BURST)


def _p_better(judge: Judge, winners: Rows, losers: Rows) -> Values:
    """(m,) P(winner better), ties split, by the aspects that both photos have; NaN where there is none."""
    assert judge.levels is not None, "only judges with levels have odds"
    levels = judge.levels.astype(np.float64).reshape(len(judge.levels), len(judge.weights), 5)
    a, b = levels[winners], levels[losers]

    def wins(one: Values, other: Values) -> Values:
        below = np.cumsum(other, axis=2)
        return np.asarray((one[..., 1:] * below[..., :-1]).sum(axis=2))

    odds = 0.5 + 0.5 * (wins(a, b) - wins(b, a))
    weights = np.where(np.isnan(odds), 0.0, np.asarray(judge.weights))
    total = weights.sum(axis=1)
    known = total > 0
    shared = (weights * np.nan_to_num(odds)).sum(axis=1) / np.where(known, total, 1.0)
    return np.where(known, shared, np.nan)


def as_dict(report: TrustReport) -> Mapping[str, object]:
    """The report as plain values for JSON, None for what cannot be told; false rejects by row."""

    def figure(value: float | None) -> float | None:
        return None if value is None or np.isnan(value) else value

    def interval(one: Interval | None) -> dict[str, float | None] | None:
        if one is None or np.isnan(one.value):
            return None
        return {"value": one.value, "low": figure(one.low), "high": figure(one.high)}

    return {
        "bursts": report.bursts,
        "marked_bursts": report.marked,
        "photos": report.photos,
        "kept": report.kept,
        "k": report.k,
        "judges": [
            {
                "name": one.name,
                "baseline": one.is_baseline,
                "bursts": one.bursts,
                "photos_judged": one.judged,
                "top_one": interval(one.top_one),
                "top_k": interval(one.top_k),
                "pairs": interval(one.pairs),
                "gain_over_best_baseline": interval(one.gain),
                "precision": figure(one.precision),
                "recall": figure(one.recall),
                "brier": figure(one.brier),
                "log_loss": figure(one.log_loss),
                "ece": figure(one.ece),
                "false_rejects": [reject.row for reject in one.false_rejects],
            }
            for one in report.judges
        ],
    }
