import numpy as np
import pytest

from culler.ranking.consensus import Choice, Prior, prior_from_means, rank_group
from culler.ranking.questions import answer_information, next_question, ordered, questions_left


def burst(*means: float, spread: float = 0.4) -> Prior:
    return prior_from_means(np.array(means), np.full(len(means), spread))


def test_the_leader_meets_its_likeliest_challenger() -> None:
    question = next_question(rank_group(burst(2.0, 3.5, 2.4, 3.4, 1.5)))
    assert question is not None
    assert (question.first, question.second) == (1, 3)
    assert question.gain_bits > 0.02
    assert question.left >= 1


def test_nothing_is_asked_once_the_best_is_sure() -> None:
    assert next_question(rank_group(burst(4.8, 2.0, 1.5, spread=0.2))) is None


def test_nothing_is_asked_of_one_photo_or_when_all_are_kept() -> None:
    assert next_question(rank_group(burst(3.0))) is None
    assert next_question(rank_group(burst(3.0, 3.1)), keep=2) is None


def test_a_pair_asked_before_gives_way_to_another() -> None:
    ranking = rank_group(burst(3.5, 3.4, 3.38))
    first = next_question(ranking)
    assert first is not None
    pair = ordered(first.first, first.second)
    second = next_question(ranking, {pair: 3})
    assert second is not None
    assert ordered(second.first, second.second) != pair


def test_two_photos_that_look_the_same_are_not_asked_about_for_ever() -> None:
    choices, asked = [], 0
    prior = burst(3.0, 3.0)
    while (question := next_question(rank_group(prior, choices), {(0, 1): asked})) is not None:
        choices.append(Choice(question.first, question.second, 0.5))
        asked += 1
        assert asked < 15
    assert asked >= 1


def test_contradictory_answers_come_to_an_end() -> None:
    prior = burst(3.0, 3.0, 3.0)
    choices: list[Choice] = []
    asked: dict[tuple[int, int], int] = {}
    cycle = {(0, 1): 1.0, (1, 2): 1.0, (0, 2): 0.0}
    while (question := next_question(rank_group(prior, choices), asked)) is not None:
        pair = (question.first, question.second)
        choices.append(Choice(*pair, cycle[pair]))
        asked[pair] = asked.get(pair, 0) + 1
        assert len(choices) < 60


def test_an_honest_user_is_led_to_the_best_with_few_questions() -> None:
    true = np.random.default_rng(4).permutation(12)
    prior = Prior(np.zeros(12), np.full(12, 1 / 2.5**2))
    choices: list[Choice] = []
    asked: dict[tuple[int, int], int] = {}
    while (question := next_question(rank_group(prior, choices), asked)) is not None:
        a, b = question.first, question.second
        choices.append(Choice(a, b, float(true[a] > true[b])))
        asked[ordered(a, b)] = asked.get(ordered(a, b), 0) + 1
        assert len(choices) < 66
    assert rank_group(prior, choices).best == int(true.argmax())
    assert len(choices) < 33  # half of a full round robin


def test_keeping_two_asks_about_the_border_between_second_and_third() -> None:
    question = next_question(rank_group(burst(4.8, 3.2, 3.1, 1.2, spread=0.25)), keep=2)
    assert question is not None
    assert (question.first, question.second) == (1, 2)


def test_a_burst_of_three_thousand_still_has_a_question() -> None:
    random = np.random.default_rng(0)
    ranking = rank_group(burst(*random.normal(3, 0.3, 3000)))
    question = next_question(ranking)
    assert question is not None
    assert ranking.best in (question.first, question.second)


def test_information_is_none_when_the_answer_is_known_or_pure_noise() -> None:
    assert answer_information(np.ones(10)) == pytest.approx(0.0, abs=1e-9)
    assert answer_information(np.full(10, 0.5)) == pytest.approx(0.0, abs=1e-9)
    assert answer_information(np.array([0.0, 1.0] * 5)) == pytest.approx(1.0)


def test_fewer_questions_are_left_the_surer_it_is() -> None:
    unsure, surer = np.full(12, 1 / 12), np.array([0.85] + [0.15 / 11] * 11)
    assert questions_left(unsure) > questions_left(surer) >= 1
