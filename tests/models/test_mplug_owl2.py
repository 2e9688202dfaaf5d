"""The network against a plain implementation, on the project's own random weights."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from culler.models.mplug_owl2.decoder import Layout, Modality, Run, runs_of
from culler.models.mplug_owl2.generation import greedy
from culler.models.mplug_owl2.questions import Question, Questions
from culler.models.weights import load_network, open_checkpoint

TOLERANCE = 1e-4
WORDS = (3, 4, 5, 6, 7)
SHORT = Question((1, 20, 30, 40), (50, 60, 70))
LONG = Question((1, 21, 31, 41, 51, 61), (71, 81, 91, 101))


@pytest.fixture(scope="module")
def network(tiny):
    return load_network(open_checkpoint(tiny), torch.device("cpu"), torch.float32)


@pytest.fixture(scope="module")
def weights(tiny):
    shards = [load_file(path) for path in sorted(tiny.glob("*.safetensors"))]
    return {name: tensor.float() for shard in shards for name, tensor in shard.items()}


@pytest.fixture(scope="module")
def config(tiny):
    return json.loads((tiny / "config.json").read_text())


@pytest.fixture(scope="module")
def pixels():
    return torch.randn(4, 3, 56, 56, generator=torch.Generator().manual_seed(3))


@pytest.fixture(scope="module")
def images(network, pixels):
    with torch.no_grad():
        return network.image_tokens(network.look(pixels))


def ids_of(question, mark):
    return [*question.before, mark, *question.after]


def gap(a, b):
    return float((a - b).abs().max())


def test_the_vision_tower_agrees_with_the_plain_one(network, plain, weights, config, pixels):
    assert gap(network.model.vision_model(pixels), plain.vision_tokens(weights, config, pixels)) < TOLERANCE


def test_the_abstractor_agrees_with_the_plain_one(network, plain, weights, config, pixels):
    seen = plain.query_outputs(weights, config, plain.vision_tokens(weights, config, pixels))
    assert gap(network.look(pixels), seen) < TOLERANCE
    assert gap(network.image_tokens(network.look(pixels)), plain.image_tokens(weights, seen)) < TOLERANCE


def test_a_prompt_has_the_plain_logits_at_every_position(network, plain, weights, config, images):
    ids = ids_of(SHORT, plain.MARK)
    with torch.no_grad():
        every, _ = network([SHORT.before, SHORT.after], [images], every=True)
        last, _ = network([SHORT.before, SHORT.after], [images])
    assert gap(last, plain.prompt_logits(weights, config, ids, [images])) < TOLERANCE
    assert gap(every[-1], last) < TOLERANCE
    assert every.shape == (len(ids) - 1 + images.shape[1], 4, 400)


def test_questions_side_by_side_have_the_logits_of_whole_passes(network, plain, weights, config, images):
    answers = Questions(network, [SHORT, LONG], WORDS).answer(images)
    for at, question in enumerate((SHORT, LONG)):
        logits = plain.prompt_logits(weights, config, ids_of(question, plain.MARK), [images])
        assert gap(answers[:, at], logits[:, list(WORDS)]) < TOLERANCE


def test_an_answer_does_not_depend_on_the_batch_or_on_other_questions(network, images):
    both = Questions(network, [SHORT, LONG], WORDS)
    alone = Questions(network, [LONG], WORDS)
    batch = both.answer(images)
    for row in range(len(images)):
        assert gap(both.answer(images[row : row + 1])[0], batch[row]) < TOLERANCE
        assert gap(alone.answer(images[row : row + 1])[0, 0], batch[row, 1]) < TOLERANCE
    assert gap(batch[0], batch[1]) > 0.01  # the pictures do differ


def test_a_clip_is_one_picture_of_all_its_frames_tokens(network, plain, weights, config, images):
    clip = images.flatten(0, 1)[None]
    answer = Questions(network, [SHORT], WORDS).answer(clip)[0, 0]
    logits = plain.prompt_logits(weights, config, ids_of(SHORT, plain.MARK), [clip])
    assert gap(answer, logits[0, list(WORDS)]) < TOLERANCE


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_greedy_tokens_are_those_of_whole_passes_without_a_cache(
    network, plain, weights, config, images, count
):
    chunks = [(1, 20, 30), *[(40 + at, 50) for at in range(count - 1)], (60, 70)]
    asked = [images[at : at + 1] for at in range(count)]
    ids = [*chunks[0]]
    for chunk in chunks[1:]:
        ids += [plain.MARK, *chunk]
    tokens = []
    for token, logits in greedy(network, chunks, asked, 6):
        whole = plain.prompt_logits(weights, config, ids, asked)[0]
        assert gap(logits, whole) < TOLERANCE
        assert token == int(whole.argmax())
        ids.append(token)
        tokens.append(token)
    assert tokens[-1] == 2 or len(tokens) == 6


def test_greedy_stops_after_the_end_of_text(network, images, monkeypatch):
    prompt = [(1, 20), (30,)], [images[:1]]
    tokens = [token for token, _ in greedy(network, *prompt, 5)]
    end = next(token for token in tokens[1:] if token != tokens[0])
    decoder = replace(network.config.decoder, eos_id=end)
    monkeypatch.setattr(network, "config", replace(network.config, decoder=decoder))
    stopped = [token for token, _ in greedy(network, *prompt, 5)]
    assert stopped == tokens[: tokens.index(end) + 1]


def test_inference_mode_is_off_while_a_token_is_held(network, images):
    for _token, _logits in greedy(network, [(1, 20), (30,)], [images[:1]], 2):
        assert not torch.is_inference_mode_enabled()


def test_equal_neighbours_are_runs():
    text, image = Modality.TEXT, Modality.IMAGE
    assert runs_of([text, image, image, text]) == (Run(0, 1, text), Run(1, 3, image), Run(3, 4, text))
    assert runs_of([]) == ()


def test_the_last_layer_computes_only_what_is_read(network, images):
    embeds, modalities = network.splice([SHORT.before, SHORT.after], [images])
    with torch.no_grad():
        whole, _ = network.model.decode(embeds, Layout.plain(modalities, embeds.device))
        some, _ = network.model.decode(embeds, Layout.plain(modalities, embeds.device, reads=(2, 8)))
    assert gap(some, whole[[2, 8]]) < TOLERANCE
    assert len(some) == 2


def test_gradients_reach_the_image_copies(network, images):
    """Fine-tuning trains the image copy of v_proj and the abstractor through this same code."""
    weight = network.model.layers[0].self_attn.v_proj.multiway[1].weight
    weight.requires_grad_(True)
    try:
        logits, _ = network([SHORT.before, SHORT.after], [images])
        logits.logsumexp(-1).sum().backward()
        assert weight.grad is not None and float(weight.grad.abs().max()) > 0
    finally:
        weight.requires_grad_(False)
        weight.grad = None


def test_an_answer_is_one_graph_without_breaks(network, pixels):
    """What compiling and CUDA graphs need: no look at values on the way from pixels to logits."""
    questions = Questions(network, [SHORT, LONG], WORDS)

    def answer(pictures):
        return questions.answer(network.image_tokens(network.look(pictures)))

    with torch.inference_mode():
        compiled = torch.compile(answer, fullgraph=True, backend="eager", dynamic=False)
        assert gap(compiled(pixels), answer(pixels)) < TOLERANCE
