import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culler.domain.assessment import Aspect, overall
from culler.domain.levels import Level, LevelDistribution

weights = st.lists(st.floats(0, 1e6), min_size=5, max_size=5).filter(lambda w: sum(w) > 0)
distributions = weights.map(lambda w: LevelDistribution(tuple(w)))


def best_first(*p: float) -> LevelDistribution:
    return LevelDistribution(tuple(reversed(p)))


@given(distributions)
def test_probabilities_sum_to_one_and_the_mean_stays_on_the_scale(levels: LevelDistribution) -> None:
    assert math.isclose(sum(levels), 1, abs_tol=1e-12)
    assert 1 <= levels.mean <= 5
    assert 0 <= levels.spread <= 2 + 1e-9


@given(distributions, distributions)
def test_swapping_two_photos_gives_the_exact_complement(a: LevelDistribution, b: LevelDistribution) -> None:
    assert a.beats(b) + b.beats(a) == 1
    assert math.isclose(a.tie(b), b.tie(a), abs_tol=1e-12)


@given(distributions)
def test_identical_distributions_beat_each_other_half_the_time(levels: LevelDistribution) -> None:
    assert levels.beats(levels) == 0.5


def test_the_worked_examples_of_the_discrete_comparison() -> None:
    a, b = best_first(0.1, 0.6, 0.25, 0.05, 0), best_first(0.05, 0.35, 0.45, 0.1, 0.05)
    assert round(a.beats(b), 3) == 0.661
    assert round(a.tie(b), 2) == 0.33
    a, b = best_first(0.02, 0.95, 0.03, 0, 0), best_first(0, 0.9, 0.1, 0, 0)
    assert round(a.beats(b), 3) == 0.544


def test_logits_are_softmaxed_bad_first() -> None:
    levels = LevelDistribution.from_logits((0.0, 0.0, 0.0, 0.0, math.log(4)))
    assert math.isclose(levels[Level.EXCELLENT], 0.5)
    assert levels.likeliest is Level.EXCELLENT
    assert math.isclose(levels.at_least(Level.GOOD), 0.625)


def test_huge_logits_do_not_overflow() -> None:
    assert LevelDistribution.from_logits((1e4, 0, 0, 0, -1e4)).mean == 1


@pytest.mark.parametrize("bad", [(0, 0, 0, 0, 0), (1, 1, 1, 1), (math.nan, 1, 1, 1, 1), (-1, 2, 0, 0, 0)])
def test_what_is_no_distribution_is_refused(bad: tuple[float, ...]) -> None:
    with pytest.raises(ValueError):
        LevelDistribution(bad)  # type: ignore[arg-type]


def test_words_run_from_excellent_to_bad_and_come_back() -> None:
    levels = LevelDistribution((0.1, 0.2, 0.3, 0.25, 0.15))
    assert list(levels.as_words()) == ["excellent", "good", "fair", "poor", "bad"]
    assert LevelDistribution.from_words(levels.as_words()) == levels


def test_overall_weighs_the_aspects_and_takes_the_one_that_is_there() -> None:
    assert overall({Aspect.QUALITY: 4.0, Aspect.AESTHETICS: 2.0}, 0.9) == pytest.approx(3.8)
    assert overall({Aspect.AESTHETICS: 2.0}, 0.9) == 2.0
    assert overall({}, 0.9) is None
