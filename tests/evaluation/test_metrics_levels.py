"""Distances of level distributions, against scipy and by hand."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from culler.evaluation.metrics_levels import (
    ece,
    js,
    kl,
    level_ece,
    level_of,
    nll,
    normal_levels,
    reliability,
    rps,
    w2,
)
from culler.evaluation.metrics_picks import brier, log_loss, pair_ece, pick_agreement

P = np.array([[0.1, 0.2, 0.4, 0.2, 0.1], [0.0, 0.0, 0.1, 0.3, 0.6]])
Q = np.array([[0.2, 0.2, 0.2, 0.2, 0.2], [0.05, 0.05, 0.1, 0.4, 0.4]])


def test_divergences_are_those_of_scipy() -> None:
    assert kl(P, Q) == pytest.approx(np.mean([stats.entropy(p, q) for p, q in zip(P, Q, strict=True)]))
    expected = np.mean([jensenshannon(p, q) ** 2 for p, q in zip(P, Q, strict=True)])
    assert js(P, Q) == pytest.approx(expected)


def test_every_distance_of_a_distribution_to_itself_is_nothing() -> None:
    assert [distance(P, P) for distance in (kl, js, w2, rps)] == pytest.approx([0, 0, 0, 0], abs=1e-12)


def test_the_ranked_score_grows_with_the_number_of_levels_missed() -> None:
    sure = np.eye(5)
    assert rps(sure[[0]], sure[[1]]) == 0.25
    assert rps(sure[[0]], sure[[4]]) == 1.0


def test_w2_is_the_distance_of_means_and_spreads() -> None:
    sure = np.eye(5)
    assert w2(sure[[1]], sure[[3]]) == pytest.approx(2)
    split = np.array([[0.5, 0, 0, 0, 0.5]])
    assert w2(sure[[2]], split) == pytest.approx(2)  # same mean, spread 2


def test_normal_levels_keep_mean_and_spread_of_a_middling_opinion() -> None:
    row = normal_levels([3.0], [0.7])[0]
    assert row.sum() == pytest.approx(1)
    assert row @ np.arange(1, 6) == pytest.approx(3)
    assert row[2] == pytest.approx(stats.norm.cdf(0.5 / 0.7) - stats.norm.cdf(-0.5 / 0.7))


def test_opinions_fall_into_five_equal_fifths() -> None:
    assert level_of([0, 19.9, 20, 59, 100], 0, 100).tolist() == [0, 0, 1, 2, 4]


def test_likelihood_and_calibration_by_hand() -> None:
    assert nll([2, 4], P) == pytest.approx(-(math.log(0.4) + math.log(0.6)) / 2)
    assert ece([0.9, 0.9, 0.9, 0.9], [1, 1, 1, 0]) == pytest.approx(0.15)
    assert level_ece([2, 4], P) == pytest.approx((0.6 + 0.4) / 2)
    (row,) = reliability([0.9, 0.9], [1, 0])
    assert (row.n, row.accuracy) == (2, 0.5)


def test_picks_are_judged_burst_by_burst_at_the_users_own_keep_rate() -> None:
    kept = [True, False, False, True, False]
    bursts = ["a", "a", "b", "b", "c"]
    result = pick_agreement([0.9, 0.1, 0.8, 0.2, 0.5], kept, bursts)
    assert (result.kept, result.burst_pairs, result.top_one, result.precision) == (2, 0.5, 0.5, 0.5)


def test_probabilities_of_pairs_are_scored_properly() -> None:
    assert brier([1.0, 0.5], [1.0, 0.0]) == pytest.approx(0.125)
    assert log_loss([0.8], [1.0]) == pytest.approx(-math.log(0.8))
    assert pair_ece([0.9, 0.9, 0.5], [1.0, 0.0, 0.5]) == pytest.approx(0.4)
