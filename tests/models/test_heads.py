"""The head that learns a judge's answers from stored embeddings."""

import pytest
import torch
from scipy import stats

from culler.models.heads import (
    LevelHead,
    fit_level_head,
    level_means,
    load_head,
    rank_correlation,
    save_head,
)
from culler.models.stored_head import read_head


def examples(count, width=24, noise=0.0, seed=5):
    """Embeddings, and level probabilities that follow from them along one direction."""
    chance = torch.Generator().manual_seed(seed)
    embeddings = torch.randn(count, width, generator=chance) * 3 + 1
    along = embeddings[:, :4].sum(1) / 6 + noise * torch.randn(count, generator=chance)
    levels = torch.arange(-2.0, 3.0)
    return embeddings, (-((along[:, None] - levels) ** 2)).softmax(1)


def test_a_fitted_head_agrees_on_photos_it_did_not_see():
    embeddings, targets = examples(500)
    head, agreement = fit_level_head(embeddings[:400], targets[:400])
    said = level_means(head(embeddings[400:]))
    true = targets[400:] @ torch.arange(1.0, 6.0)
    assert rank_correlation(said, true) > 0.95
    assert agreement.photos == 400
    assert agreement.srcc > 0.95
    assert agreement.error < 0.5 * agreement.flat_error


def test_the_agreement_is_honest_where_there_is_nothing_to_learn():
    embeddings, targets = examples(300)
    shuffled = targets[torch.randperm(300, generator=torch.Generator().manual_seed(1))]
    _, agreement = fit_level_head(embeddings, shuffled)
    assert abs(agreement.srcc) < 0.2
    assert agreement.error > 0.9 * agreement.flat_error


def test_more_numbers_than_photos_are_no_trouble():
    embeddings, targets = examples(120, width=400)
    _, agreement = fit_level_head(embeddings.half(), targets)
    assert agreement.srcc > 0.3


def test_a_fit_can_be_repeated():
    embeddings, targets = examples(150, noise=0.3)
    first, second = (fit_level_head(embeddings, targets)[0] for _ in range(2))
    assert torch.equal(first(embeddings), second(embeddings))


def test_a_constant_number_says_nothing_of_other_photos():
    embeddings, targets = examples(150)
    embeddings[:, 7] = 2.0
    head, _ = fit_level_head(embeddings, targets)
    assert head.linear.weight[:, 7].eq(0).all()
    assert head(embeddings).isfinite().all()


def test_a_head_comes_back_from_its_file_for_its_own_encoder_only(tmp_path):
    embeddings, targets = examples(120)
    head, _ = fit_level_head(embeddings, targets)
    save_head(head, tmp_path / "head.safetensors", "some@1")
    again = load_head(tmp_path / "head.safetensors", "some@1")
    assert isinstance(again, LevelHead)
    assert torch.equal(again(embeddings), head(embeddings))
    assert load_head(tmp_path / "head.safetensors", "some@2") is None


@pytest.mark.parametrize(
    ("count", "spoil", "sentence"),
    [
        (99, lambda e, t: (e, t), "99 photos are too few"),
        (120, lambda e, t: (e, t[:, :4]), "do not go with"),
        (120, lambda e, t: (e.index_fill(0, torch.tensor([3]), float("nan")), t), "finite"),
        (120, lambda e, t: (e, t.index_fill(0, torch.tensor([3]), 0.0)), "positive sum"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(count, spoil, sentence):
    with pytest.raises(ValueError, match=sentence):
        fit_level_head(*spoil(*examples(count)))


def test_rank_correlation_is_spearmans_with_ties():
    chance = torch.Generator().manual_seed(2)
    a, b = (torch.randint(0, 6, (60,), generator=chance).float() for _ in range(2))
    assert rank_correlation(a, b) == pytest.approx(stats.spearmanr(a, b).statistic)


def test_a_stored_head_says_the_same_without_torch(tmp_path):
    embeddings, targets = examples(300)
    head, agreement = fit_level_head(embeddings, targets)
    save_head(head, tmp_path / "head", "eyes@1", agreement)
    stored = read_head(tmp_path / "head", "eyes@1")
    assert stored.agreement == agreement
    assert torch.allclose(
        torch.from_numpy(stored.logits(embeddings.numpy())).float(), head(embeddings), atol=1e-5
    )
    alone = stored.logits(embeddings[:1].numpy())
    assert (alone == stored.logits(embeddings.numpy())[:1]).all(), "one photo or many: the same bits"
    assert read_head(tmp_path / "head", "eyes@2") is None
    assert read_head(tmp_path / "nothing", "eyes@1") is None
