"""Several fixed questions about each picture of a batch, answered in one pass over the decoder.

The same logits as asking one by one over the whole vocabulary, with less work:

- the text before the picture does not depend on the picture (attention is causal), so its keys and
  values are computed once, with one row, and shared by every batch;
- the questions stand side by side in one row, all their picture tokens first, all their endings
  after, so that there are two runs of one modality each and every weight is read once a batch; a
  static mask keeps each question to itself;
- the last layer works on the last token of each question, and the head on the rows of the level
  words alone, in float32.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from culler.models.mplug_owl2.decoder import KeyValues, Layout, Modality, Run
from culler.models.mplug_owl2.model import MPlugOwl2


@dataclass(frozen=True, slots=True)
class Question:
    """Token ids on either side of the picture."""

    before: tuple[int, ...]
    after: tuple[int, ...]


class Questions:
    """Bound to a network as it is now; make it anew when weights change."""

    def __init__(self, network: MPlugOwl2, questions: Sequence[Question], word_ids: Sequence[int]) -> None:
        if not questions or not all(question.before and question.after for question in questions):
            raise ValueError("a question has text on either side of the picture")
        self._network = network
        self._questions = tuple(questions)
        self._word_rows = network.lm_head.weight[list(word_ids)].float()  # (words, width)
        self._past = self._shared_past()
        self._endings = torch.cat([network.text_tokens(question.after) for question in questions])
        self._layouts: dict[int, Layout] = {}

    def answer(self, image_tokens: Tensor) -> Tensor:
        """Decoder inputs of a batch of pictures (batch, tokens, width) → float32 logits (batch,
        questions, words), words in the order of `word_ids`. All rows have the same number of tokens."""
        batch, count = image_tokens.shape[:2]
        picture = image_tokens.transpose(0, 1)
        row = [picture] * len(self._questions) + [self._endings.expand(-1, batch, -1)]
        hidden, _ = self._network.model.decode(torch.cat(row), self._layout(count), self._past, keep=False)
        logits = hidden.float() @ self._word_rows.T  # (questions, batch, words)
        return logits.transpose(0, 1)

    def _shared_past(self) -> list[KeyValues]:
        """Keys and values of all beginnings, one after the other, one pair a layer."""
        asked = []
        for question in self._questions:
            layout = Layout.plain([Modality.TEXT] * len(question.before), self._network.device)
            asked.append(self._network.model.decode(self._network.text_tokens(question.before), layout)[1])
        return [
            (torch.cat([keys for keys, _ in layer]), torch.cat([values for _, values in layer]))
            for layer in zip(*asked, strict=True)
        ]

    def _layout(self, count: int) -> Layout:
        """The row of `answer` for pictures of `count` tokens."""
        if count not in self._layouts:
            self._layouts[count] = self._make_layout(count)
        return self._layouts[count]

    def _make_layout(self, count: int) -> Layout:
        asked = range(len(self._questions))
        before = [len(question.before) for question in self._questions]
        after = [len(question.after) for question in self._questions]
        owner = torch.tensor(
            [q for q in asked for _ in range(before[q])]
            + [q for q in asked for _ in range(count)]
            + [q for q in asked for _ in range(after[q])]
        )
        place = torch.cat(
            [torch.arange(before[q]) for q in asked]
            + [before[q] + torch.arange(count) for q in asked]
            + [before[q] + count + torch.arange(after[q]) for q in asked]
        )
        same = owner[:, None] == owner[None]
        visible = (same & (place[None] <= place[:, None]))[sum(before) :]  # (tokens, past + tokens)
        pictures = count * len(asked)
        ends = [pictures + sum(after[: q + 1]) - 1 for q in asked]
        device = self._network.device
        return Layout(
            runs=(
                Run(0, pictures, Modality.IMAGE),
                Run(pictures, pictures + sum(after), Modality.TEXT),
            ),
            positions=place[sum(before) :].to(device),
            visible=visible.to(device),
            reads=tuple(ends),
        )
