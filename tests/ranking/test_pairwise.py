import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from culler.domain.levels import LevelDistribution
from culler.ranking import pairwise
from culler.ranking.judgement import means, spreads, tempered

WEIGHTS = st.tuples(*[st.floats(0.0, 1.0)] * 5).filter(lambda w: sum(w) > 1e-3)
A = np.array([0.0, 0.05, 0.25, 0.6, 0.1])
B = np.array([0.05, 0.1, 0.45, 0.35, 0.05])
SHARP_A = np.array([0.0, 0.0, 0.03, 0.95, 0.02])
SHARP_B = np.array([0.0, 0.0, 0.1, 0.9, 0.0])


def distribution(weights: tuple[float, ...]) -> np.ndarray:
    return np.array(tuple(LevelDistribution(weights)))  # type: ignore[arg-type]


def test_the_worked_examples_come_out() -> None:
    assert pairwise.p_better(A, B) == pytest.approx(0.661, abs=5e-4)
    assert pairwise.tie_mass(A, B) == pytest.approx(0.33, abs=5e-3)
    assert pairwise.p_better(SHARP_A, SHARP_B) == pytest.approx(0.544, abs=5e-4)


def test_thurstone_is_over_sure_of_two_sharp_judgements() -> None:
    def over(a: np.ndarray, b: np.ndarray, choice_sd: float) -> float:
        (mu_a, mu_b), (v_a, v_b) = means(np.stack([a, b])), spreads(np.stack([a, b])) ** 2
        return float(pairwise.thurstone(mu_a, v_a, mu_b, v_b, choice_sd))

    assert over(A, B, 1e-9) == pytest.approx(0.671, abs=5e-4)
    assert over(SHARP_A, SHARP_B, 1e-9) == pytest.approx(0.595, abs=5e-4)
    assert over(SHARP_A, SHARP_B, 0.5) == pytest.approx(0.544, abs=0.02)


@given(WEIGHTS, WEIGHTS)
def test_swapping_gives_the_exact_complement_and_identity_a_half(
    a: tuple[float, ...], b: tuple[float, ...]
) -> None:
    p, q = distribution(a), distribution(b)
    assert pairwise.p_better(p, q) + pairwise.p_better(q, p) == pytest.approx(1.0, abs=1e-12)
    assert pairwise.p_better(p, p) == 0.5
    assert pairwise.p_better(p, q) == pytest.approx(
        LevelDistribution(tuple(p)).beats(LevelDistribution(tuple(q))),
        abs=1e-12,  # type: ignore[arg-type]
    )


def test_many_pairs_are_compared_at_once_and_unknown_ones_stay_unknown() -> None:
    many = np.stack([A, B, np.full(5, np.nan)])
    result = pairwise.p_better(many[:, None], many[None])
    assert result.shape == (3, 3)
    assert np.isnan(result[2]).all()
    assert result[0, 1] == pytest.approx(0.661, abs=5e-4)


def test_a_comparison_uses_the_temperature_and_keeps_its_symmetry() -> None:
    cold, warm = pairwise.Calibration(0.5, 30), pairwise.Calibration(3.0, 30)
    assert pairwise.compare(A, B, cold).p_a_better > pairwise.compare(A, B).p_a_better
    assert pairwise.compare(A, B, warm).p_a_better < pairwise.compare(A, B).p_a_better
    there, back = pairwise.compare(A, B, warm), pairwise.compare(B, A, warm)
    assert there.p_a_better + back.p_a_better == pytest.approx(1.0, abs=1e-12)
    assert pairwise.compare(A, A, warm).p_a_better == 0.5


def test_a_photo_nobody_judged_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="not assessed"):
        pairwise.compare(A, np.full(5, np.nan))
    nothing = np.full((2, 5), np.nan)
    with pytest.raises(ValueError, match="not assessed"):
        pairwise.compare_overall(nothing, np.stack([A, np.full(5, np.nan)]), 0.5)


def test_overall_comparison_is_that_of_the_weighted_sum() -> None:
    quality, aesthetics = np.stack([A, B]), np.stack([B, SHARP_B])
    random = np.random.default_rng(0)
    drawn = [
        0.9 * random.choice(5, 200_000, p=quality[row]) + 0.1 * random.choice(5, 200_000, p=aesthetics[row])
        for row in (0, 1)
    ]
    gap = np.round(drawn[0] - drawn[1], 6)
    result = pairwise.compare_overall(quality, aesthetics, 0.9)
    assert result.p_a_better == pytest.approx(np.mean(gap > 0) + 0.5 * np.mean(gap == 0), abs=0.005)
    assert result.tie == pytest.approx(np.mean(gap == 0), abs=0.005)
    same = pairwise.compare_overall(np.stack([A, A]), np.stack([B, B]), 0.9)
    assert same.p_a_better == 0.5


def test_overall_takes_the_aspect_that_is_there() -> None:
    quality = np.stack([A, B])
    alone = pairwise.compare_overall(quality, np.full((2, 5), np.nan), 0.3)
    assert alone.p_a_better == pytest.approx(float(pairwise.p_better(A, B)), abs=1e-12)


def test_the_temperature_of_a_judge_is_found_again() -> None:
    random = np.random.default_rng(3)
    said = random.dirichlet(np.full(5, 0.3), (3000, 2))
    true_p = pairwise.p_better(tempered(said[:, 0], 2.0), tempered(said[:, 1], 2.0))
    shares = (random.random(3000) < true_p).astype(float)
    fitted = pairwise.fit_temperature(said[:, 0], said[:, 1], shares)
    assert fitted.is_calibrated
    assert fitted.temperature == pytest.approx(2.0, rel=0.2)
    assert fitted.loss_after is not None and fitted.loss_before is not None
    assert fitted.loss_after < fitted.loss_before


def test_few_picks_or_none_leave_a_scorer_uncalibrated() -> None:
    none = np.empty((0, 5))
    assert pairwise.fit_temperature(none, none) == pairwise.UNCALIBRATED
    unscored = np.full((40, 5), np.nan)
    assert not pairwise.fit_temperature(unscored, unscored).is_calibrated
    few = pairwise.fit_temperature(np.stack([A] * 3), np.stack([B] * 3))
    assert not few.is_calibrated


@pytest.mark.parametrize("swapped", [False, True])
def test_answers_that_all_agree_or_all_contradict_keep_a_finite_temperature(swapped: bool) -> None:
    better, worse = np.stack([A] * 50), np.stack([B] * 50)
    fitted = pairwise.fit_temperature(worse, better) if swapped else pairwise.fit_temperature(better, worse)
    low, high = pairwise.TEMPERATURE_RANGE
    assert low < fitted.temperature < high
    assert (fitted.temperature > 1) is swapped
