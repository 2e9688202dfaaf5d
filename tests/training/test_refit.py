"""Learning from a bigger judge, whose answers follow from the features by a rule the head can learn."""

from pathlib import Path

import numpy as np
import pytest

from culler.domain.assessment import Aspect
from culler.domain.errors import CullerError
from culler.evaluation.metrics import srcc
from culler.evaluation.metrics_levels import normal_levels
from culler.models import compact
from culler.models import refit as refits
from culler.scoring import features
from culler.scoring.embedded import load
from culler.scoring.scorer import ScorerOptions
from culler.training.refit import LEAST_PHOTOS, refit

LEVELS = np.arange(1, 6)


def stored(n: int, seed: int = 0) -> np.ndarray:
    """Feature vectors like photographs', spread as the shipped head expects."""
    from culler.settings import resource

    head = compact.read(resource("embedded/weights.safetensors"))
    spread = np.minimum(head.scale, 100)
    vectors = head.centre + spread * np.random.default_rng(seed).normal(0, 0.5, (n, len(head.names)))
    vectors[:, head.names.index("ln_short_side")] = 6.5
    vectors[:, head.names.index("equal_share")] = 0.1
    vectors[:, head.names.index("gradient_p99.8")] = 7
    return vectors.astype(np.float32)


def bigger_judge(vectors: np.ndarray) -> dict[Aspect, np.ndarray]:
    """Likes colour and light, which the shipped judge does not look at."""
    names = features.names()
    middle, spread = vectors.mean(axis=0), vectors.std(axis=0) + 1e-6
    z = (vectors - middle) / spread
    mean = 3 + 0.6 * z[:, names.index("colourfulness")] + 0.4 * z[:, names.index("luma_mean")]
    return {aspect: normal_levels(np.clip(mean, 1.2, 4.8), np.full(len(z), 0.5)) for aspect in
            (Aspect.QUALITY, Aspect.AESTHETICS)}  # fmt: skip


def shipped(vectors: np.ndarray) -> dict[Aspect, np.ndarray]:
    return {aspect: np.exp(rows) for aspect, rows in load(ScorerOptions()).score_embeddings(vectors).items()}


@pytest.fixture(scope="module")
def learnt() -> tuple[refits.Refit, dict]:
    vectors = stored(400)
    return refit(features.names(), vectors, bigger_judge(vectors), shipped(vectors))


def test_the_refit_agrees_better_on_photos_held_out(learnt: tuple[refits.Refit, dict]) -> None:
    for gain in learnt[1].values():
        assert gain.is_gain
        assert gain.srcc_after > gain.srcc_before + 0.2
        assert gain.error_after < gain.error_before


def test_the_gain_it_claims_is_the_gain_on_new_photos(
    learnt: tuple[refits.Refit, dict], tmp_path: Path
) -> None:
    refits.write(learnt[0], tmp_path / "refit.safetensors")
    judge = load(ScorerOptions(adapter=tmp_path / "refit.safetensors"))
    fresh = stored(400, seed=9)
    for aspect, wanted in bigger_judge(fresh).items():
        means = np.exp(judge.score_embeddings(fresh)[aspect]) @ LEVELS
        assert srcc(means, wanted @ LEVELS) == pytest.approx(learnt[1][aspect].srcc_after, abs=0.06)


def test_the_refitted_judge_is_another_judge_on_the_same_features(
    learnt: tuple[refits.Refit, dict], tmp_path: Path
) -> None:
    refits.write(learnt[0], tmp_path / "refit.safetensors")
    judge = load(ScorerOptions(adapter=tmp_path / "refit.safetensors"))
    assert judge.id != load(ScorerOptions()).id
    assert judge.encoder == load(ScorerOptions()).encoder


def test_a_refit_survives_its_file(learnt: tuple[refits.Refit, dict], tmp_path: Path) -> None:
    refits.write(learnt[0], tmp_path / "refit.safetensors")
    again = refits.read(tmp_path / "refit.safetensors")
    vectors = stored(5)
    for aspect in ("quality", "aesthetics"):
        base = np.full(5, 3.0)
        assert again.level_means(aspect, vectors, base) == pytest.approx(
            learnt[0].level_means(aspect, vectors, base)
        )


def test_a_broken_refit_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "refit.safetensors").write_bytes(b"not a head")
    with pytest.raises(CullerError, match="go back to the shipped judge"):
        load(ScorerOptions(adapter=tmp_path / "refit.safetensors"))


def test_too_few_photos_teach_nothing() -> None:
    vectors = stored(LEAST_PHOTOS - 1)
    with pytest.raises(ValueError, match="too few"):
        refit(features.names(), vectors, bigger_judge(vectors), shipped(vectors))


def test_a_judge_that_answers_at_random_is_no_gain_worth_having() -> None:
    vectors = stored(150)
    rng = np.random.default_rng(3)
    noise = {Aspect.QUALITY: normal_levels(rng.uniform(1, 5, 150), np.full(150, 0.5))}
    _, gains = refit(features.names(), vectors, noise, shipped(vectors))
    assert abs(gains[Aspect.QUALITY].srcc_after) < 0.25
