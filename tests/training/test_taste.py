from dataclasses import replace
from pathlib import Path
from time import process_time

import numpy as np
import pytest
from PIL import Image

from culler.domain.assessment import EncoderId
from culler.domain.errors import CullerError
from culler.scoring import features
from culler.training import taste
from culler.training.taste import TasteHead, fit_taste, held_out_levels
from culler.training.taste_marks import Answer, TasteExamples, grades, has_embedding, joined, sessions

ENCODER = EncoderId("fake", "1")
UNKNOWN = np.full((2, 5), np.nan)


def simulated(
    n: int = 320, users_taste: float = 1.0, scorer_share: float = 0.3, shoots: int = 8, seed: int = 0
) -> TasteExamples:
    """Photos of several shoots with random embeddings; the user grades by a hidden direction of them
    (`users_taste`) and by the scorer's levels (`scorer_share`), or by chance when both are 0."""
    random = np.random.default_rng(seed)
    embeddings = random.normal(0, 1, (n, 96)) * np.linspace(2, 0.3, 96)
    hidden = np.random.default_rng(99).normal(0, 1, 96)
    level = random.normal(3, 0.6, n)
    levels = np.exp(-0.5 * ((np.arange(1, 6) - level[:, None]) / 0.7) ** 2)
    levels /= levels.sum(axis=1, keepdims=True)
    liking = users_taste * (embeddings @ hidden) / np.linalg.norm(hidden) + scorer_share * (level - 3)
    liking += random.normal(0, 0.5, n)
    stars = np.digitize(liking, np.quantile(liking, [0.2, 0.4, 0.6, 0.8])) + 1
    return TasteExamples(
        embeddings=embeddings.astype(np.float32),
        levels=np.stack([levels, levels], axis=1),
        scores=level,
        sessions=np.arange(n) * shoots // n,
        grades=stars.astype(np.float64),
    )


def of_random_user(seed: int) -> TasteExamples:
    return simulated(n=160, users_taste=0.0, scorer_share=0.0, seed=seed)


def test_a_taste_is_learnt_and_found_useful_on_sessions_it_did_not_see() -> None:
    start = process_time()
    head = fit_taste(simulated())
    assert process_time() - start < 10
    assert head is not None
    assert head.report.is_useful
    assert head.report.accuracy > head.report.scorer_accuracy + 0.1
    assert head.report.sessions == 8
    assert "held-out" in head.report.verdict


def test_the_held_out_accuracy_is_what_new_photos_show() -> None:
    head = fit_taste(simulated())
    assert head is not None
    fresh = simulated(n=400, seed=77)
    utility = head.utilities(fresh.embeddings, fresh.levels)
    a, b = np.triu_indices(400, 1)
    told = fresh.grades[a] != fresh.grades[b]
    right = (np.sign(utility[a] - utility[b]) == np.sign(fresh.grades[a] - fresh.grades[b]))[told].mean()
    assert right == pytest.approx(head.report.accuracy, abs=0.05)


def test_held_out_accuracy_grows_with_picks() -> None:
    accuracies = []
    for n in (48, 160, 480):
        heads = [fit_taste(simulated(n=n, seed=seed)) for seed in range(4)]
        accuracies.append(np.mean([head.report.accuracy for head in heads if head is not None]))
    assert accuracies[0] < accuracies[1] < accuracies[2]


def test_a_random_user_is_refused() -> None:
    heads = [fit_taste(of_random_user(seed)) for seed in range(8)]
    assert not any(head.report.is_useful for head in heads if head is not None)
    assert all("Not used" in head.report.verdict for head in heads if head is not None)


def test_a_user_who_agrees_with_the_scorer_gains_nothing() -> None:
    head = fit_taste(simulated(users_taste=0.0, scorer_share=3.0))
    assert head is not None
    assert head.report.scorer_accuracy > 0.8
    assert not head.report.is_useful


def test_marks_of_too_few_sessions_cannot_be_tried_out() -> None:
    head = fit_taste(simulated(shoots=2))
    assert head is not None
    assert not head.report.is_useful
    assert "3 sessions" in head.report.verdict


def test_without_marks_or_without_embeddings_there_is_no_taste() -> None:
    examples = simulated(n=60)
    assert fit_taste(replace(examples, grades=np.full(60, np.nan))) is None
    assert fit_taste(replace(examples, grades=np.full(60, 3.0))) is None
    assert fit_taste(replace(examples, embeddings=np.zeros((60, 8), np.float32))) is None
    assert fit_taste(replace(examples, embeddings=np.full((60, 8), np.nan, np.float32))) is None


def test_answers_alone_teach_a_taste() -> None:
    examples = simulated(n=240)
    random = np.random.default_rng(1)
    said = []
    for _ in range(5000):
        a, b = random.integers(0, 240, 2).tolist()
        if examples.sessions[a] == examples.sessions[b] and examples.grades[a] != examples.grades[b]:
            said.append(Answer(a, b, float(examples.grades[a] > examples.grades[b])))
    head = fit_taste(replace(examples, grades=np.full(240, np.nan), answers=said))
    assert head is not None
    utility = head.utilities(examples.embeddings, examples.levels)
    assert np.corrcoef(utility, examples.grades)[0, 1] > 0.6


def test_contradictory_answers_teach_nothing() -> None:
    examples = simulated(n=30)
    circle = [Answer(0, 1), Answer(1, 2), Answer(2, 0)]
    head = fit_taste(replace(examples, grades=np.full(30, np.nan), answers=circle))
    assert head is not None
    assert not head.report.is_useful


@pytest.fixture(scope="module")
def learnt() -> TasteHead:
    head = fit_taste(simulated())
    assert head is not None
    return head


def test_levels_are_distributions_that_follow_the_utility(learnt: TasteHead) -> None:
    examples = simulated(n=200, seed=5)
    levels = learnt.levels(examples.embeddings, examples.levels)
    assert levels.sum(axis=1) == pytest.approx(np.ones(200), abs=1e-5)
    assert (levels >= 0).all()
    means = levels @ np.arange(1, 6)
    utility = learnt.utilities(examples.embeddings, examples.levels)
    assert (np.argsort(means, kind="stable") == np.argsort(utility, kind="stable")).mean() > 0.99
    assert levels.mean(axis=0) == pytest.approx(taste.LEVEL_SHARES, abs=0.08)


def test_photos_without_an_embedding_have_no_taste(learnt: TasteHead) -> None:
    embeddings = np.stack([np.zeros(96), np.full(96, np.nan), np.ones(96)])
    levels = learnt.levels(embeddings, np.stack([UNKNOWN] * 3))
    assert np.isnan(levels).all(axis=1).tolist() == [True, True, False]
    assert has_embedding(embeddings).tolist() == [False, False, True]


def test_equal_marks_make_equal_heads() -> None:
    first, second = (fit_taste(simulated(n=120)) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.weights.tolist() == second.weights.tolist()
    assert first.report == second.report


def test_a_head_survives_its_file_and_refuses_another_encoder(learnt: TasteHead, tmp_path: Path) -> None:
    path = tmp_path / "taste" / "head.safetensors"
    taste.write(learnt, path, ENCODER)
    again = taste.read(path, ENCODER)
    examples = simulated(n=20, seed=3)
    assert again.utilities(examples.embeddings, examples.levels).tolist() == (
        learnt.utilities(examples.embeddings, examples.levels).tolist()
    )
    assert again.report == learnt.report
    with pytest.raises(CullerError, match="another judge"):
        taste.read(path, EncoderId("fake", "2"))
    path.write_bytes(b"nonsense")
    with pytest.raises(CullerError, match="learn it again"):
        taste.read(path, ENCODER)
    with pytest.raises(CullerError, match="learn it again"):
        taste.read(tmp_path / "absent", ENCODER)


def test_long_embeddings_of_many_photos_are_learnt_in_seconds() -> None:
    random = np.random.default_rng(0)
    short = simulated(n=1800, shoots=12)
    wide = random.normal(0, 1, (96, 2048)).astype(np.float32)
    start = process_time()
    head = fit_taste(replace(short, embeddings=short.embeddings @ wide))
    assert process_time() - start < 20
    assert head is not None
    assert head.report.is_useful


def test_an_hour_without_a_frame_begins_a_session() -> None:
    minute = 60_000_000
    times = np.array([0, 50 * minute, 100 * minute, 170 * minute, taste_no_time(), taste_no_time()])
    numbers = sessions(times, np.array([0, 0, 0, 0, 5, 6]))
    assert numbers.tolist() == [0, 0, 0, 1, 2, 3]
    assert sessions(np.zeros(0, np.int64), np.zeros(0, np.int64)).tolist() == []


def taste_no_time() -> int:
    return int(np.iinfo(np.int64).min)


def test_marks_become_grades() -> None:
    flags = np.array([1, 1, -1, -1, 0, 0, 0, 0], np.int8)
    stars = np.array([0, 2, 0, 5, 3, 0, 0, 0], np.int8)
    groups = np.array([0, -1, -1, -1, -1, 0, 1, -1], np.int32)
    result = grades(flags, stars, groups)
    assert result[:6].tolist() == [4, 2, 0, 0, 3, 1]
    assert np.isnan(result[6:]).all()


@pytest.mark.corpus
def test_a_taste_over_real_embeddings_is_learnt_and_chance_is_not(corpus: Path) -> None:
    """Users who like what a hidden direction of the measured features prefers, over real photographs;
    each photograph is seen once, so that no head can remember it."""
    files = sorted((corpus / "iqa" / "train").glob("*.jpg"))[::3]
    vectors = []
    for file in files:
        with Image.open(file) as picture:
            picture.draft("RGB", (320, 320))
            vectors.append(features.measure(picture.convert("RGB").reduce(max(1, min(picture.size) // 256))))
    embeddings = np.stack(vectors)
    standard = (embeddings - embeddings.mean(axis=0)) / (embeddings.std(axis=0) + 1e-6)
    random = np.random.default_rng(0)
    n = len(files)
    levels = np.full((n, 2, 5), 0.2)
    order = random.permutation(n)

    def learnt_from(picks: int, liking: np.ndarray) -> TasteHead:
        stars = np.digitize(liking, np.quantile(liking, [0.25, 0.5, 0.75])) + 1.0
        chosen = order[:picks]
        head = fit_taste(
            TasteExamples(
                embeddings[chosen],
                levels[chosen],
                np.full(picks, 3.0),
                np.arange(picks) * 6 // picks,
                stars[chosen],
            )
        )
        assert head is not None
        return head

    _, _, directions = np.linalg.svd(standard, full_matrices=False)
    liking = standard @ (directions[0] + directions[1])
    few, many = (learnt_from(picks, liking).report for picks in (18, n))
    assert many.is_useful
    assert many.accuracy > max(few.accuracy, 0.75)
    assert not learnt_from(n, random.normal(0, 1, n)).report.is_useful


def test_groups_across_an_hour_s_break_join_their_sessions() -> None:
    numbers = np.array([0, 0, 1, 1, 2, 3])
    groups = np.array([-1, 7, 7, -1, 4, 5])
    assert joined(numbers, groups).tolist() == [0, 0, 0, 0, 2, 3]
    assert joined(numbers, np.full(6, -1)).tolist() == numbers.tolist()


def test_held_out_levels_come_from_heads_that_did_not_see_the_session() -> None:
    examples = simulated(n=160)
    levels = held_out_levels(examples)
    assert levels.sum(axis=1) == pytest.approx(np.ones(160), abs=1e-5)
    means = levels @ np.arange(1, 6)
    assert np.corrcoef(means, examples.grades)[0, 1] > 0.4
    # Marks of a session change nothing about its own levels.
    turned = replace(examples, grades=np.where(examples.sessions == 0, 6 - examples.grades, examples.grades))
    assert held_out_levels(turned)[examples.sessions == 0] == pytest.approx(levels[examples.sessions == 0])
