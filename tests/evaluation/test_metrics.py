"""Metrics against scipy, and against cases small enough to count by hand."""

import math

import numpy as np
import pytest
from scipy import stats

from culler.evaluation.metrics import (
    agreement,
    bootstrap,
    krcc,
    logistic_fit,
    pair_accuracy,
    pair_counts,
    plcc,
    srcc,
    top_hits,
)

RNG = np.random.default_rng(7)
TRUTH = RNG.normal(size=60)
PREDICTED = np.round(TRUTH + RNG.normal(size=60), 1)  # rounded, so that there are ties


def test_correlations_are_those_of_scipy() -> None:
    assert srcc(PREDICTED, TRUTH) == pytest.approx(stats.spearmanr(PREDICTED, TRUTH).statistic, abs=1e-12)
    assert krcc(PREDICTED, TRUTH) == pytest.approx(stats.kendalltau(PREDICTED, TRUTH).statistic, abs=1e-12)
    assert plcc(PREDICTED, TRUTH) == pytest.approx(stats.pearsonr(PREDICTED, TRUTH).statistic, abs=1e-12)


@pytest.mark.parametrize("metric", [srcc, krcc, plcc])
def test_a_constant_side_has_no_correlation(metric: object) -> None:
    assert math.isnan(metric([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]))  # type: ignore[operator]
    assert math.isnan(metric([1.0], [1.0]))  # type: ignore[operator]


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        srcc([1.0, float("nan")], [1.0, 2.0])
    with pytest.raises(ValueError, match="equal lists"):
        srcc([1.0], [1.0, 2.0])


def test_the_logistic_straightens_a_logistic_relation() -> None:
    z = np.linspace(-3, 3, 80)
    opinions = 1 + 4 / (1 + np.exp(-(z - 0.4) / 0.5))
    mapped, converged = logistic_fit(z, opinions)
    assert converged
    assert plcc(mapped, opinions) == pytest.approx(1, abs=1e-6)
    assert plcc(z, opinions) < 0.99


def test_a_fit_that_fails_leaves_the_scores_raw_and_says_so() -> None:
    result = agreement([1.0, 2.0, 3.0], [1.0, 2.0, 2.5])
    assert not result.fit_converged
    assert result.plcc_fitted == result.plcc


def test_tied_pairs_are_counted() -> None:
    assert agreement([1.0, 1.0, 1.0, 2.0, 2.0], [1.0, 2.0, 3.0, 4.0, 5.0]).ties == 4


def test_pairs_count_ties_as_halves_and_leave_out_close_opinions() -> None:
    predicted, truth = [1.0, 1.0, 3.0], [0.1, 0.5, 0.55]
    assert pair_counts(predicted, truth) == (2.5, 3)
    assert pair_counts(predicted, truth, margin=0.1) == (1.5, 2)
    assert pair_accuracy(predicted, truth, groups=["a", "b", "b"]) == 1.0


def test_the_best_of_a_burst_is_a_hit_when_it_is_close_to_the_best_opinion() -> None:
    groups = ["a", "a", "b", "b", "alone"]
    predicted, truth = [1.0, 2.0, 5.0, 1.0, 0.0], [0.52, 0.5, 0.2, 0.9, 0.5]
    assert top_hits(predicted, truth, groups) == 0.0
    assert top_hits(predicted, truth, groups, within=0.05) == 0.5
    assert top_hits(predicted, truth, groups, k=2) == 1.0


def test_predictions_that_tie_for_the_top_share_the_hit() -> None:
    assert top_hits([1.0, 1.0], [0.2, 0.9], ["a", "a"]) == 0.5


def test_the_bootstrap_interval_holds_the_value_and_repeats_with_its_seed() -> None:
    def correlation(rows: np.ndarray) -> float:
        return srcc(PREDICTED[rows], TRUTH[rows])

    first = bootstrap(correlation, len(TRUTH), draws=200, seed=3)
    assert first == bootstrap(correlation, len(TRUTH), draws=200, seed=3)
    assert -1 <= first.low < first.value < first.high <= 1
    theory = math.tanh(math.atanh(first.value) - 1.96 / math.sqrt(len(TRUTH) - 3))
    assert first.low == pytest.approx(theory, abs=0.12)


def test_the_bootstrap_draws_whole_bursts() -> None:
    seen: list[set[int]] = []
    groups = ["a", "a", "b", "b", "c", "c"]

    def remember(rows: np.ndarray) -> float:
        seen.append(set(rows.tolist()))
        return float(len(rows))

    bootstrap(remember, 6, groups, draws=20)
    assert all((0 in rows) == (1 in rows) and (2 in rows) == (3 in rows) for rows in seen)
