import json

import numpy as np
import pytest

from culler.evaluation.picks import (
    MOST_PAIRS_A_BURST,
    Judge,
    as_dict,
    capture_order,
    kept_by_marks,
    trust,
)


def bursts_of(*sizes: int) -> np.ndarray:
    return np.repeat(np.arange(len(sizes)), sizes).astype(np.int32)


def simulated(
    bursts: int = 200, seed: int = 0, noise: float = 0.6
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Burst numbers, which photo of each five the user kept, and a judge's noisy scores."""
    random = np.random.default_rng(seed)
    truth = random.normal(3, 0.6, 5 * bursts)
    kept = np.zeros(5 * bursts)
    kept[truth.reshape(bursts, 5).argmax(axis=1) + 5 * np.arange(bursts)] = 1
    return bursts_of(*[5] * bursts), kept, truth + random.normal(0, noise, 5 * bursts)


def test_figures_of_two_bursts_by_hand() -> None:
    bursts = bursts_of(3, 2)
    kept = np.array([1.0, 0, 0, 0, 1])
    scores = np.array([3.0, 4, 1, 2, 2])
    (judge,) = trust([Judge("one", scores)], kept, bursts, k=2, draws=50).judges
    assert judge.top_one.value == pytest.approx((0 + 0.5) / 2)  # wrong, and a tie
    assert judge.top_k.value == 1
    assert judge.pairs.value == pytest.approx((0.5 + 0.5) / 2)
    assert judge.bursts == 2
    assert judge.judged == 5
    assert [(reject.row, reject.rank, reject.best_row) for reject in judge.false_rejects][:1] == [(0, 2, 1)]


def test_a_good_judge_beats_the_baselines_and_chance() -> None:
    bursts, kept, scores = simulated()
    random = Judge("sharpness alone", np.random.default_rng(9).normal(size=len(kept)), is_baseline=True)
    first = capture_order(bursts, np.arange(len(bursts)))
    report = trust([random, Judge("judge", scores), first], kept, bursts, draws=200)
    assert report.judges[0].name == "judge"
    best = report.judges[0]
    assert best.top_one.low <= best.top_one.value <= best.top_one.high
    assert best.top_one.low > 0.4
    assert best.gain is not None and best.gain.low > 0.1
    baselines = {one.name: one for one in report.judges if one.is_baseline}
    assert baselines["capture order"].top_one.value == pytest.approx(0.2, abs=0.1)
    assert baselines["sharpness alone"].pairs.value == pytest.approx(0.5, abs=0.06)
    assert best.precision == best.recall == best.top_one.value  # one is kept of each burst


def test_intervals_shrink_with_more_bursts() -> None:
    widths = []
    for count in (20, 500):
        bursts, kept, scores = simulated(count)
        pairs = trust([Judge("judge", scores)], kept, bursts, draws=200).judges[0].pairs
        widths.append(pairs.high - pairs.low)
    assert widths[1] < widths[0] / 3


def test_probabilities_are_checked_for_calibration() -> None:
    bursts, kept, scores = simulated()

    def levels(spread: float) -> np.ndarray:
        weights = np.exp(-0.5 * ((np.arange(1, 6) - scores[:, None]) / spread) ** 2)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    fair, over_sure = (
        trust([Judge("judge", scores, levels(spread))], kept, bursts, draws=10).judges[0]
        for spread in (0.9, 0.1)
    )
    assert fair.ece is not None and over_sure.ece is not None
    assert fair.ece < over_sure.ece
    assert fair.brier is not None and fair.brier < 0.25
    assert sum(bin_.n for bin_ in fair.reliability) == 2 * 4 * 200
    assert all(bin_.low <= bin_.confidence <= bin_.high for bin_ in fair.reliability)
    assert trust([Judge("bare", scores)], kept, bursts, draws=10).judges[0].ece is None


def test_identical_levels_are_exactly_even() -> None:
    levels = np.tile([0.1, 0.2, 0.4, 0.2, 0.1], (4, 1))
    judge = Judge("flat", np.full(4, 3.0), levels)
    (result,) = trust([judge], np.array([1.0, 0, 0, 0]), bursts_of(4), draws=10).judges
    assert result.pairs.value == 0.5
    assert result.top_one.value == 0.25
    assert [bin_.confidence for bin_ in result.reliability] == [0.5]


def test_a_catalog_without_marks_gives_an_empty_report() -> None:
    bursts = bursts_of(3, 3)
    kept = kept_by_marks(np.zeros(6, np.int8), np.zeros(6, np.int8), bursts)
    assert np.isnan(kept).all()
    report = trust([Judge("judge", np.arange(6.0))], kept, bursts)
    assert report.is_empty
    assert np.isnan(report.judges[0].pairs.value)
    assert json.loads(json.dumps(as_dict(report), allow_nan=False))["judges"][0]["pairs"] is None


def test_bursts_kept_or_dropped_whole_do_not_count() -> None:
    bursts = bursts_of(2, 2, 2)
    kept = np.array([1.0, 1, 0, 0, 1, 0])
    report = trust([Judge("judge", np.arange(6.0))], kept, bursts, draws=10)
    assert (report.bursts, report.marked, report.kept) == (1, 3, 1)


def test_photos_a_judge_did_not_score_are_left_out_of_its_figures() -> None:
    bursts = bursts_of(3, 3)
    kept = np.array([1.0, 0, 0, 1, 0, 0])
    scores = np.array([2.0, np.nan, 1.0, np.nan, np.nan, np.nan])
    (judge,) = trust([Judge("judge", scores)], kept, bursts, draws=10).judges
    assert (judge.bursts, judge.judged) == (1, 2)
    assert judge.pairs.value == 1
    (nothing,) = trust([Judge("none", np.full(6, np.nan))], kept, bursts, draws=10).judges
    assert nothing.bursts == 0
    assert np.isnan(nothing.precision)


def test_marks_say_what_was_kept() -> None:
    bursts = np.array([0, 0, 0, 1, 1, 1, 2, 2, -1, -1, 3, 3])
    flags = np.array([1, 0, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0], np.int8)
    stars = np.array([0, 5, 0, 4, 2, 4, 0, 0, 0, 3, 0, 0], np.int8)
    kept = kept_by_marks(flags, stars, bursts)
    assert kept[:6].tolist() == [1, 0, 0, 1, 0, 1]
    assert kept[6] == 0
    assert np.isnan(kept[7])
    assert kept[8] == 1
    assert np.isnan(kept[9:]).all()


def test_a_burst_of_three_thousand_is_sampled() -> None:
    scores = np.random.default_rng(0).normal(size=3000)
    kept = (scores + np.random.default_rng(1).normal(size=3000) > 1).astype(float)
    levels = np.tile([0.1, 0.2, 0.4, 0.2, 0.1], (3000, 1))
    (judge,) = trust([Judge("judge", scores, levels)], kept, bursts_of(3000), draws=20).judges
    assert judge.pairs.value > 0.7
    assert sum(bin_.n for bin_ in judge.reliability) == 2 * MOST_PAIRS_A_BURST


def test_the_report_travels_as_json() -> None:
    bursts, kept, scores = simulated(10)
    report = trust([Judge("judge", scores)], kept, bursts, draws=20)
    plain = json.loads(json.dumps(as_dict(report), allow_nan=False))
    assert plain["bursts"] == 10
    assert plain["judges"][0]["pairs"]["value"] == pytest.approx(report.judges[0].pairs.value)


def test_odds_of_two_aspects_are_their_odds_by_weight() -> None:
    sure = np.array([[0, 0, 0, 0, 1.0], [1.0, 0, 0, 0, 0]])
    even = np.full((2, 5), 0.2)
    both = Judge("both", np.array([2.0, 1]), np.stack([sure, even], axis=1), weights=(0.8, 0.2))
    lacking = np.stack([sure, np.full((2, 5), np.nan)], axis=1)
    one = Judge("one", np.array([2.0, 1]), lacking, weights=(0.8, 0.2))
    kept, bursts = np.array([1.0, 0]), bursts_of(2)
    report = {judge.name: judge for judge in trust([both, one], kept, bursts, draws=10).judges}
    assert report["both"].brier == pytest.approx((1 - 0.9) ** 2)
    assert report["one"].brier == pytest.approx(0)
