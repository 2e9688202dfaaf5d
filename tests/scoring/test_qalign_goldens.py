"""The scorer against numbers of the published implementation (random weights, float32, CPU)."""

import json

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from culler.domain.assessment import Aspect
from culler.domain.levels import LevelDistribution
from culler.scoring import qalign
from culler.scoring.scorer import ScorerOptions

pytestmark = pytest.mark.corpus

LOGITS, SHARES = 2e-4, 5e-5


@pytest.fixture
def golden(corpus):
    return corpus / "reference" / "qalign_tiny_alpha"


@pytest.fixture
def tensors(golden):
    return load_file(golden / "goldens.safetensors")


def load(folder, **options):
    return qalign.load(ScorerOptions(device="cpu", dtype="float32", checkpoint=folder, **options))


def judged(scorer, golden):
    names = json.loads((golden / "goldens.json").read_text())["names"]
    prepared = []
    for name in names:
        with Image.open(golden / "images" / f"{name}.png") as image:
            prepared.append(scorer.prepare(image.convert("RGB")))
    return scorer.score(prepared)


@pytest.mark.parametrize("form", ["checkpoint_safetensors", "checkpoint_bin"])
@pytest.mark.parametrize(("recipe", "prefix"), [("trained", ""), ("score", "hf_score_")])
def test_levels_and_means_of_every_picture(golden, tensors, form, recipe, prefix):
    verdicts = judged(load(golden / form, recipe=recipe), golden)
    for aspect in (Aspect.QUALITY, Aspect.AESTHETICS):
        logits = torch.tensor([verdict.logits[aspect] for verdict in verdicts])
        assert float((logits.flip(1) - tensors[f"{prefix}{aspect}.logits5"]).abs().max()) < LOGITS
        levels = [LevelDistribution.from_logits(verdict.logits[aspect]) for verdict in verdicts]
        shares = torch.tensor([list(level)[::-1] for level in levels])
        assert float((shares - tensors[f"{prefix}{aspect}.probs5"]).abs().max()) < SHARES
        means = torch.tensor([level.mean for level in levels])
        assert float((means - tensors[f"{prefix}{aspect}.score_1_5"]).abs().max()) < SHARES


def test_an_adapter(golden, tensors):
    verdicts = judged(load(golden / "checkpoint_bin", adapter=golden / "lora_adapter"), golden)
    for aspect in (Aspect.QUALITY, Aspect.AESTHETICS):
        logits = torch.tensor([verdict.logits[aspect] for verdict in verdicts])
        assert float((logits.flip(1) - tensors[f"lora.{aspect}.logits5"]).abs().max()) < LOGITS


@pytest.mark.parametrize(("recipe", "prompt"), [("trained", "video"), ("score", "hf_score_video")])
def test_a_clip(golden, tensors, recipe, prompt):
    scorer = load(golden / "checkpoint_safetensors", recipe=recipe)
    frames = [Image.open(path) for path in sorted((golden / "video").iterdir())]
    (verdict,) = scorer.score([scorer.prepare_frames(frames)])
    for frame in frames:
        frame.close()
    logits = torch.tensor(verdict.logits[Aspect.QUALITY]).flip(0)
    assert float((logits - tensors[f"{prompt}.logits5"][0]).abs().max()) < LOGITS


def test_both_file_forms_are_one_judge_with_two_versions(golden):
    """Versions follow the files' bytes: the same weights in another precision of storage are told apart."""
    first, second = (load(golden / form) for form in ("checkpoint_safetensors", "checkpoint_bin"))
    assert first.id.name == second.id.name
    assert first.id.version != second.id.version
