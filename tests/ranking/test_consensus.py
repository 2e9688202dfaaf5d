import choix
import numpy as np
import pytest

from culler.ranking import consensus
from culler.ranking.consensus import Choice, Prior, prior_from_levels, prior_from_means, rank_group
from culler.ranking.pairwise import thurstone

GOOD = (0.0, 0.0, 0.1, 0.8, 0.1)
FAIR = (0.0, 0.1, 0.8, 0.1, 0.0)
UNKNOWN = (np.nan,) * 5


def flat(k: int, precision: float = 1.0) -> Prior:
    return Prior(np.zeros(k), np.full(k, precision))


def test_newton_agrees_with_an_independent_optimiser() -> None:
    random = np.random.default_rng(5)
    k, precision = 9, 0.4
    pairs = [tuple(random.choice(k, 2, replace=False).tolist()) for _ in range(60)]
    ours = rank_group(flat(k, precision), [Choice(a, b) for a, b in pairs])
    theirs = choix.opt_pairwise(k, pairs, alpha=precision / 2, tol=1e-12)
    assert ours.scores == pytest.approx(theirs, abs=1e-6)
    assert ours.steps < 10


def test_the_covariance_is_the_inverse_curvature_of_the_cost() -> None:
    wins = np.array([[0, 3, 1], [1, 0, 2], [0, 0.5, 0]], float)
    means, precisions = np.array([0.3, 0.0, -0.2]), np.array([0.5, 1.0, 2.0])
    mode, covariance, _ = consensus.posterior_mode(wins, means, precisions)
    step = 1e-4
    curvature = np.zeros((3, 3))
    for i in range(3):
        for j in range(3):
            for si in (-1, 1):
                for sj in (-1, 1):
                    at = mode.copy()
                    at[i] += si * step
                    at[j] += sj * step
                    curvature[i, j] += si * sj * consensus._cost(wins, at, means, precisions)
    assert np.linalg.inv(covariance) == pytest.approx(curvature / (4 * step**2), abs=1e-4)


def test_without_choices_the_prior_is_the_ranking() -> None:
    prior = prior_from_levels(np.array([FAIR, GOOD, FAIR]))
    ranking = rank_group(prior)
    assert ranking.order.tolist() == [1, 0, 2]
    assert ranking.scores.tolist() == prior.means.tolist()
    assert ranking.p_best[1] > 0.6
    assert ranking.p_best.sum() == pytest.approx(1.0)


def test_before_any_choice_two_photos_compare_by_thurstone() -> None:
    prior = prior_from_means(np.array([3.4, 3.0]), np.array([0.3, 0.6]), choice_sd=0.5)
    expected = thurstone(*(np.array([v]) for v in (3.4, 0.09, 3.0, 0.36)), choice_sd=0.5)
    assert rank_group(prior).beats(0, 1) == pytest.approx(float(expected[0]), abs=1e-9)


def test_the_user_overrules_the_scorer() -> None:
    prior = prior_from_levels(np.array([FAIR, GOOD, FAIR]))
    ranking = rank_group(prior, [Choice(2, 1)] * 4 + [Choice(2, 0)])
    assert ranking.best == 2
    assert ranking.moved_by_user[2] > 0 > ranking.moved_by_user[1]


def test_contradictory_answers_cancel() -> None:
    ranking = rank_group(flat(3), [Choice(0, 1), Choice(1, 2), Choice(2, 0)])
    assert ranking.scores == pytest.approx([0, 0, 0], abs=1e-9)
    assert ranking.p_best == pytest.approx([1 / 3] * 3, abs=0.05)
    assert ranking.order.tolist() == [0, 1, 2]


def test_a_photo_tells_how_far_the_user_and_the_models_moved_it() -> None:
    prior = prior_from_levels(np.array([FAIR, GOOD, FAIR]))
    ranking = rank_group(prior, [Choice(0, 1)], [Choice(2, 1, 0.9), Choice(0, 2, 0.3)])
    rebuilt = prior.means + ranking.moved_by_user + ranking.moved_by_model
    assert ranking.scores == pytest.approx(rebuilt, abs=1e-8)
    assert ranking.moved_by_model[2] > 0


def test_a_models_word_counts_less_than_the_users() -> None:
    by_user = rank_group(flat(2), [Choice(0, 1)])
    by_model = rank_group(flat(2), (), [Choice(0, 1)])
    assert by_user.scores[0] > by_model.scores[0] > 0


def test_calling_two_photos_the_same_draws_them_together() -> None:
    prior = Prior(np.array([1.0, -1.0]), np.ones(2))
    ranking = rank_group(prior, [Choice(0, 1, 0.5)] * 8)
    assert 0 < ranking.scores[0] - ranking.scores[1] < 1
    assert ranking.errors.max() < 1


def test_keeping_one_of_several_is_a_choice_against_each() -> None:
    assert consensus.kept(2, range(4)) == (Choice(2, 0), Choice(2, 1), Choice(2, 3))


def test_one_photo_is_its_own_best() -> None:
    ranking = rank_group(flat(1))
    assert (ranking.best, ranking.p_best.tolist()) == (0, [1.0])
    with pytest.raises(ValueError, match="at least one"):
        rank_group(flat(0))


def test_two_identical_photos_are_even_and_keep_their_order() -> None:
    ranking = rank_group(prior_from_levels(np.array([GOOD, GOOD])))
    assert ranking.p_best.tolist() == [0.5, 0.5]
    assert ranking.beats(0, 1) == 0.5
    assert ranking.order.tolist() == [0, 1]


def test_a_group_whose_photos_failed_to_score_is_even() -> None:
    ranking = rank_group(prior_from_levels(np.array([UNKNOWN] * 4)))
    assert ranking.p_best == pytest.approx([0.25] * 4, abs=0.04)
    decided = rank_group(prior_from_levels(np.array([UNKNOWN] * 4)), [Choice(3, n) for n in range(3)])
    assert decided.best == 3


def test_a_photo_that_failed_among_scored_ones_ranks_in_the_middle_with_a_wide_error() -> None:
    ranking = rank_group(prior_from_levels(np.array([GOOD, UNKNOWN, FAIR])))
    assert ranking.order.tolist() == [0, 1, 2]
    assert ranking.errors[1] == ranking.errors.max()


def test_a_burst_of_three_thousand_ranks_in_a_moment() -> None:
    random = np.random.default_rng(0)
    prior = prior_from_means(random.normal(3, 0.5, 3000), np.full(3000, 0.4))
    top = int(prior.means.argmax())
    ranking = rank_group(prior, [Choice(5, top)] * 3)
    assert len(ranking.coupled) == 2
    assert ranking.p_best.sum() == pytest.approx(1.0)
    assert ranking.p_best[top] < rank_group(prior).p_best[top]


def test_p_best_is_that_of_the_true_posterior_where_it_is_skewed() -> None:
    """Against brute-force importance sampling from the prior: a photo that won everything."""
    k, wins = 4, [Choice(0, n) for n in (1, 2, 3)] * 2
    ranking = rank_group(flat(k, 0.1), wins)
    random = np.random.default_rng(1)
    drawn = random.normal(0, np.sqrt(10), (400_000, k))
    weights = np.exp(-sum(np.logaddexp(0, drawn[:, c.second] - drawn[:, c.first]) for c in wins))
    truth = np.bincount(drawn.argmax(axis=1), weights, k) / weights.sum()
    assert ranking.p_best == pytest.approx(truth, abs=0.03)


def test_a_useless_model_gets_no_weight_and_a_faithful_one_gets_some() -> None:
    random = np.random.default_rng(2)

    def groups(honest: bool) -> list[tuple[Prior, list[Choice], list[Choice]]]:
        made = []
        for _ in range(12):
            true = random.normal(0, 2, 5)
            pairs = [tuple(random.choice(5, 2, replace=False).tolist()) for _ in range(12)]
            said = [Choice(a, b, float(true[a] > true[b])) for a, b in pairs]
            model = true if honest else -true
            models = [Choice(a, b, float(model[a] > model[b])) for a in range(5) for b in range(a)]
            made.append((flat(5, 0.25), said[:4], models))
        return made

    assert consensus.fit_model_weight(groups(honest=False)) == 0.0
    assert consensus.fit_model_weight(groups(honest=True)) >= 0.5
    assert consensus.fit_model_weight([]) == consensus.MODEL_WEIGHT


def test_a_choice_refuses_nonsense() -> None:
    with pytest.raises(ValueError, match="itself"):
        Choice(1, 1)
    with pytest.raises(ValueError, match="share"):
        Choice(0, 1, 1.5)


@pytest.mark.parametrize("k", [2, 3, 12])
def test_the_odds_of_being_best_are_those_of_many_draws(k: int) -> None:
    random = np.random.default_rng(k)
    means, spreads = random.normal(3, 1, k), random.uniform(0.2, 1, k)
    ranking = rank_group(prior_from_means(means, spreads), [])
    drawn = random.standard_normal((200_000, k)) * ranking.errors + ranking.scores
    often = np.bincount(drawn.argmax(axis=1), minlength=k) / len(drawn)
    assert ranking.p_best == pytest.approx(often, abs=0.006)
    assert ranking.p_best.sum() == pytest.approx(1)


def test_equal_photos_are_equally_likely_the_best() -> None:
    ranking = rank_group(prior_from_means(np.full(5, 3.0), np.full(5, 0.7)), [])
    assert ranking.p_best == pytest.approx(np.full(5, 0.2), abs=1e-9)
