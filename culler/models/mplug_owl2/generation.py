"""Greedy continuation of a prompt with pictures, token by token, with a key/value cache."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from culler.models.mplug_owl2.decoder import KeyValues, Layout, Modality, Run
from culler.models.mplug_owl2.model import Chunks, MPlugOwl2


def greedy(
    network: MPlugOwl2, chunks: Chunks, images: Sequence[Tensor], max_new_tokens: int
) -> Iterator[tuple[int, Tensor]]:
    """Each new token's id with the float32 logits (vocabulary,) it was chosen from.

    `images` are decoder inputs, each (1, tokens, width), in the order of the prompt's markers. Ends
    with the end-of-text token or after `max_new_tokens`; closing the iterator stops the work. No
    inference mode is on while the caller holds a token.
    """
    logits, cache = _read_prompt(network, chunks, images)
    for step in range(max_new_tokens):
        token = int(logits.argmax())
        yield token, logits
        if token == network.config.decoder.eos_id or step == max_new_tokens - 1:
            return
        logits, cache = _read_token(network, token, cache)


@torch.inference_mode()
def _read_prompt(
    network: MPlugOwl2, chunks: Chunks, images: Sequence[Tensor]
) -> tuple[Tensor, list[KeyValues]]:
    logits, cache = network(chunks, images)
    return logits[0].float(), cache


@torch.inference_mode()
def _read_token(network: MPlugOwl2, token: int, cache: list[KeyValues]) -> tuple[Tensor, list[KeyValues]]:
    """One step: new tokens are text, whatever stood before, at the cache's length."""
    place = torch.tensor([len(cache[0][0])], device=network.device)
    layout = Layout((Run(0, 1, Modality.TEXT),), place)
    hidden, cache = network.model.decode(network.text_tokens([token]), layout, cache)
    return network.logits(hidden[0, 0]).float(), cache
