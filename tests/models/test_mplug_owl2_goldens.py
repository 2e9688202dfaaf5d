"""The network against numbers of the published implementation (random weights, float32, CPU)."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from culler.models.adapter import read_adapter
from culler.models.mplug_owl2.decoder import Layout
from culler.models.mplug_owl2.generation import greedy
from culler.models.mplug_owl2.questions import Question, Questions
from culler.models.weights import load_network, open_checkpoint
from culler.scoring.preprocess import normalised, read_pixel_recipe, square_bytes, value_table

pytestmark = pytest.mark.corpus

LOGITS, ABSTRACTOR, PROBABILITIES = 2e-4, 2e-6, 5e-5
FORMS = ("checkpoint_safetensors", "checkpoint_bin")
PROMPTS = (
    "quality",
    "aesthetics",
    "hf_score_quality",
    "hf_score_aesthetics",
    "eval_iqa",
    "eval_iaa",
    "video",
    "hf_score_video",
)


class Golden:
    """The golden folder, and a network of it with its pictures seen."""

    def __init__(self, folder, form, adapter=None):
        self.tensors = load_file(folder / "goldens.safetensors")
        self.facts = json.loads((folder / "goldens.json").read_text())
        checkpoint = open_checkpoint(folder / form)
        self.network = load_network(checkpoint, torch.device("cpu"), torch.float32, adapter=adapter)
        recipe = read_pixel_recipe(checkpoint.folder, checkpoint.config.vision.image_size)
        table = value_table(recipe)

        def pixels(paths):
            pictures = []
            for path in paths:
                with Image.open(path) as image:
                    pictures.append(square_bytes(image, recipe))
            return normalised(torch.from_numpy(np.stack(pictures)), table)

        self.pixels = pixels(folder / "images" / f"{name}.png" for name in self.facts["names"])
        self.frames = pixels(sorted((folder / "video").iterdir()))
        with torch.inference_mode():
            self.images = self.network.image_tokens(self.network.look(self.pixels))
            self.clip = self.network.image_tokens(self.network.look(self.frames)).flatten(0, 1)[None]

    def chunks(self, ids):
        parts = [[]]
        for token in ids:
            if token == -200:
                parts.append([])
            else:
                parts[-1].append(token)
        return parts


@pytest.fixture(scope="module", params=FORMS)
def golden(request):
    from pathlib import Path

    shared = Path(__file__).resolve().parents[3] / "shared" / "reference" / "qalign_tiny_alpha"
    if not shared.is_dir():
        pytest.skip("the golden set is not beside this checkout")
    return Golden(shared, request.param)


def gap(a, b):
    return float((a - b).abs().max())


def test_pixel_values_are_exact(golden):
    rows = golden.facts["pixel_values_rows"]
    assert torch.equal(golden.pixels[rows], golden.tensors["pixel_values"])
    assert torch.equal(golden.frames[:1], golden.tensors["video_pixel_values_frame0"])


def test_vision_and_abstractor(golden):
    rows = golden.facts["vision_last_hidden_state_rows"]
    with torch.inference_mode():
        vision = golden.network.model.vision_model(golden.pixels)[rows]
    assert gap(vision, golden.tensors["vision_last_hidden_state"]) < 1e-5
    assert gap(golden.images, golden.tensors["abstractor_output"]) < ABSTRACTOR


def test_every_layer_of_the_decoder(golden):
    chunks = golden.chunks(golden.facts["prompts"]["quality"]["input_ids"])
    embeds, modalities = golden.network.splice(chunks, [golden.images[1:2]])
    assert gap(embeds[:, 0], golden.tensors["inter.llm.inputs_embeds"][0]) < ABSTRACTOR
    assert modalities == golden.tensors["inter.llm.modality_indicators"][0].tolist()
    seen = []
    hooks = [
        layer.register_forward_hook(lambda _m, _i, out: seen.append(out[0]))
        for layer in golden.network.model.layers
    ]
    with torch.inference_mode():
        normed, _ = golden.network.model.decode(embeds, Layout.plain(modalities, embeds.device))
    for hook in hooks:
        hook.remove()
    for at, hidden in enumerate(seen):
        assert gap(hidden[:, 0], golden.tensors[f"inter.llm.layer{at}"][0]) < 1e-4
    assert gap(normed[:, 0], golden.tensors["inter.llm.norm"][0]) < 1e-4


@pytest.mark.parametrize("prompt", PROMPTS)
def test_logits_of_every_prompt(golden, prompt):
    chunks = golden.chunks(golden.facts["prompts"][prompt]["input_ids"])
    images = golden.clip if "video" in prompt else golden.images
    with torch.inference_mode():
        logits, _ = golden.network(chunks, [images])
        question = Question(*map(tuple, chunks))
        answers = Questions(golden.network, [question], golden.facts["word_ids"]).answer(images)[:, 0]
    assert gap(logits, golden.tensors[f"{prompt}.logits_last"]) < LOGITS
    assert gap(answers, golden.tensors[f"{prompt}.logits5"]) < LOGITS
    assert gap(answers.softmax(-1), golden.tensors[f"{prompt}.probs5"]) < PROBABILITIES


def test_a_shorter_clip_is_not_padded(golden):
    chunks = golden.chunks(golden.facts["prompts"]["video"]["input_ids"])
    three = golden.clip[:, : 3 * golden.images.shape[1]]
    with torch.inference_mode():
        question = Questions(golden.network, [Question(*map(tuple, chunks))], golden.facts["word_ids"])
        shares = question.answer(three)[0, 0].softmax(-1)
    score = shares @ torch.tensor(golden.facts["weights_0_1"]).float()
    assert gap(score, golden.tensors["scorer.video_first3frames"][0]) < PROBABILITIES


@pytest.mark.parametrize("name", ["one_image", "two_images", "two_images_swapped", "three_images"])
def test_greedy_generation(golden, name):
    facts = golden.facts["generation"][name]
    images = [golden.images[at : at + 1] for at in facts["image_indices"]]
    steps = list(greedy(golden.network, golden.chunks(facts["input_ids"]), images, 12))
    assert [token for token, _ in steps] == facts["new_token_ids"]
    logits = torch.stack([logits for _, logits in steps])
    assert gap(logits, golden.tensors[f"gen.{name}.step_logits"]) < LOGITS


@pytest.mark.parametrize("form", FORMS)
def test_a_merged_adapter(corpus, form):
    folder = corpus / "reference" / "qalign_tiny_alpha"
    golden = Golden(folder, form, read_adapter(folder / "lora_adapter"))
    names = ("quality", "aesthetics")
    questions = [
        Question(*map(tuple, golden.chunks(golden.facts["prompts"][name]["input_ids"]))) for name in names
    ]
    with torch.inference_mode():
        answers = Questions(golden.network, questions, golden.facts["word_ids"]).answer(golden.images)
    for at, name in enumerate(names):
        assert gap(answers[:, at], golden.tensors[f"lora.{name}.logits5"]) < LOGITS
        assert gap(answers[:, at].softmax(-1), golden.tensors[f"lora.{name}.probs5"]) < PROBABILITIES


def test_recomputed_positions_round_to_the_stored_ones(golden):
    """To one step of bfloat16: published buffers were computed in float32 and then rounded."""
    from culler.models.mplug_owl2.abstractor import grid_positions, line_positions

    config = golden.network.config.abstractor
    stored = golden.network.model.visual_abstractor.encoder.layers[0].crossattention.attention
    for made, kept in (
        (line_positions(config.queries, config.hidden_size), stored.q_pos_embed),
        (grid_positions(config.grid, config.hidden_size), stored.k_pos_embed),
    ):
        assert gap(made, kept) < 2**-8
