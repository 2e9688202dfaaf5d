"""Prompts and their token ids."""

import json

import pytest

from culler.domain.assessment import Aspect
from culler.domain.errors import CullerError
from culler.scoring.prompts import LEVEL_WORDS, RECIPES, SCORE, TRAINED, Tokenizer, recipe_named


def test_the_trained_recipe_asks_as_the_published_scorers_do():
    assert TRAINED.questions[Aspect.AESTHETICS] == (
        "USER: How would you rate the aesthetics of this image?\n<|image|>\n"
        "ASSISTANT: The aesthetics of the image is"
    )
    assert TRAINED.clip == (
        "USER: How would you rate the quality of this video?\n<|image|>\n"
        "ASSISTANT: The quality of the video is"
    )


def test_the_score_recipe_swaps_the_nouns_of_the_answer():
    assert SCORE.questions[Aspect.QUALITY] == (
        "USER: How would you rate the quality of this image?\n<|image|>\n"
        "ASSISTANT: The image of the quality is"
    )


def test_an_unknown_recipe_is_answered_with_the_known_ones():
    assert recipe_named(None) is TRAINED
    with pytest.raises(CullerError, match="no recipe 'best'; choose one of trained, score"):
        recipe_named("best")


def test_recipes_differ_in_what_enters_the_version():
    assert len({recipe.text() for recipe in RECIPES.values()}) == len(RECIPES)


def test_only_the_first_piece_opens_the_text_and_each_has_its_own_space(tiny):
    before, between, after = Tokenizer(tiny).chunks("USER:<|image|>\n<|image|> good")
    tokenizer = Tokenizer(tiny)
    assert before[0] == 1 and 1 not in between + after
    assert tokenizer.text(list(between)) in ("\n", " \n")
    assert after[-1] == tokenizer.word_ids(("good",))[0]


def test_level_words_are_in_the_order_of_levels(tiny):
    assert LEVEL_WORDS == ("bad", "poor", "fair", "good", "excellent")
    assert Tokenizer(tiny).word_ids() == (3, 4, 5, 6, 7)


def test_words_that_begin_alike_are_refused(tiny):
    with pytest.raises(CullerError, match="begins 'good' and 'goods' with the same token"):
        Tokenizer(tiny).word_ids(("bad", "good", "goods"))


def test_a_missing_tokenizer_is_named(tmp_path):
    with pytest.raises(CullerError, match=r"has no tokenizer\.model; copy it"):
        Tokenizer(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a model"])
def test_a_broken_tokenizer_is_named(tmp_path, content):
    (tmp_path / "tokenizer.model").write_bytes(content)
    with pytest.raises(CullerError, match=r"tokenizer\.model is no SentencePiece model"):
        Tokenizer(tmp_path)


@pytest.mark.corpus
def test_token_ids_are_the_published_ones(corpus):
    folder = corpus / "reference" / "qalign_tiny_alpha"
    facts = json.loads((folder / "goldens.json").read_text())
    tokenizer = Tokenizer(folder / "checkpoint_safetensors")
    prompts = [*facts["prompts"].values(), *facts["generation"].values()]
    for prompt in prompts:
        chunks = tokenizer.chunks(
            prompt.get("text") if "input_ids" in prompt and "prompt" not in prompt else prompt["prompt"]
        )
        ids = list(chunks[0])
        for chunk in chunks[1:]:
            ids += [-200, *chunk]
        assert ids == prompt["input_ids"]
    assert tokenizer.word_ids(tuple(facts["words"])) == tuple(facts["word_ids"])
    recipes = {"quality": TRAINED, "hf_score_quality": SCORE}
    for name, recipe in recipes.items():
        assert recipe.questions[Aspect.QUALITY] == facts["prompts"][name]["text"]
        aesthetics = name.replace("quality", "aesthetics")
        assert recipe.questions[Aspect.AESTHETICS] == facts["prompts"][aesthetics]["text"]
    assert TRAINED.clip == facts["prompts"]["video"]["text"]
    assert SCORE.clip == facts["prompts"]["hf_score_video"]["text"]
