"""Prompts as token ids, the way the published judges were trained.

A prompt is cut at its image markers and every piece is encoded by itself with plain SentencePiece:
a piece after a picture gets its own leading "▁", which transformers 5's tokenizer does not give it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import sentencepiece

from culler.domain.assessment import Aspect
from culler.domain.errors import CullerError
from culler.domain.levels import Level

IMAGE_MARK = "<|image|>"
LEVEL_WORDS = tuple(level.word for level in Level)
"""bad … excellent: the order of every row of logits."""

_QUESTION = f"USER: How would you rate the {{aspect}} of this {{kind}}?\n{IMAGE_MARK}\nASSISTANT: "


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which words ask for a judgement. `clip` asks about a video as a whole."""

    name: str
    questions: Mapping[Aspect, str]
    clip: str

    def text(self) -> str:
        """Everything about the recipe that shapes a score, for the scorer's version."""
        questions = {aspect.value: prompt for aspect, prompt in self.questions.items()}
        return json.dumps([questions, self.clip, LEVEL_WORDS], sort_keys=True)


def _recipe(name: str, stem: str) -> Recipe:
    def prompt(aspect: str, kind: str) -> str:
        return (_QUESTION + stem).format(aspect=aspect, kind=kind)

    questions = {aspect: prompt(aspect.value, "image") for aspect in (Aspect.QUALITY, Aspect.AESTHETICS)}
    return Recipe(name, questions, prompt("quality", "video"))


TRAINED = _recipe("trained", "The {aspect} of the {kind} is")
"""The answer the judge was trained to give; the repository's scorers ask this way."""
SCORE = _recipe("score", "The {kind} of the {aspect} is")
"""What the model's own `score()` method asks: it swaps the two nouns. The check value on the model
card and most published numbers of third parties come from it."""
RECIPES = {recipe.name: recipe for recipe in (TRAINED, SCORE)}


def recipe_named(name: str | None) -> Recipe:
    """The recipe of that name, TRAINED for None; raises CullerError with the names there are."""
    if name is None:
        return TRAINED
    if name not in RECIPES:
        raise CullerError(f"Q-Align has no recipe {name!r}; choose one of {', '.join(RECIPES)}.")
    return RECIPES[name]


class Tokenizer:
    """A checkpoint's SentencePiece model. Raises CullerError when it is missing or unreadable."""

    def __init__(self, folder: Path) -> None:
        path = folder / "tokenizer.model"
        if not path.is_file():
            raise CullerError(f"{folder} has no tokenizer.model; copy it there from the original checkpoint.")
        self._pieces = sentencepiece.SentencePieceProcessor()
        try:
            self._pieces.LoadFromSerializedProto(path.read_bytes())
        except (RuntimeError, OSError) as error:
            raise CullerError(f"{path} is no SentencePiece model; download it again.") from error

    def chunks(self, prompt: str) -> tuple[tuple[int, ...], ...]:
        """Token ids before, between and after the image marks; the first piece opens the text."""
        first, *others = (tuple(self._pieces.encode(text)) for text in prompt.split(IMAGE_MARK))
        return ((self._pieces.bos_id(), *first), *others)

    def text(self, ids: list[int]) -> str:
        """The words of generated token ids."""
        words: str = self._pieces.decode([token for token in ids if token != self._pieces.eos_id()])
        return words

    def word_ids(self, words: tuple[str, ...] = LEVEL_WORDS) -> tuple[int, ...]:
        """The first token of each word as it stands after a space.

        Raises CullerError when two words begin with the same token: they could not be told apart.
        """
        ids = tuple(int(self._pieces.encode(word)[0]) for word in words)
        for at, token in enumerate(ids):
            twin = ids.index(token)
            if twin != at:
                raise CullerError(
                    f"This checkpoint's tokenizer begins {words[twin]!r} and {words[at]!r} with the same"
                    " token, so it cannot tell these levels apart."
                )
        return ids
