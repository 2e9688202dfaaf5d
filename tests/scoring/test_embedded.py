"""The embedded judge's answers: defined for every picture, in the right order, and never fooled by noise.

Photographs ship with scikit-image: `astronaut` (NASA), `coffee` (R. Michel, CC0), `chelsea` (S. van der
Walt, CC0) and `rocket` (SpaceX, CC0).
"""

import math
import subprocess
import sys
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from culler.domain.assessment import Aspect
from culler.domain.levels import LevelDistribution
from culler.scoring import features
from culler.scoring.embedded import EmbeddedScorer, encoder, load, notes
from culler.scoring.scorer import PixelSource, ScorerOptions, Verdict

Pixels = NDArray[np.uint8]
PHOTOGRAPHS = {
    name: np.asarray(getattr(data, name)(), np.uint8) for name in ("astronaut", "coffee", "chelsea", "rocket")
}


@pytest.fixture(scope="module")
def judge() -> EmbeddedScorer:
    return load(ScorerOptions())


def verdict(judge: EmbeddedScorer, picture: Pixels | Image.Image) -> Verdict:
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    return judge.score([judge.prepare(image)])[0]


def quality(judge: EmbeddedScorer, picture: Pixels | Image.Image) -> LevelDistribution:
    return LevelDistribution.from_logits(verdict(judge, picture).logits[Aspect.QUALITY])


def blurred(picture: Pixels, sigma: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
@pytest.mark.parametrize("sigma", [6, 12, 20, 32, 50])
def test_a_noisy_copy_never_beats_the_clean_one(judge: EmbeddedScorer, name: str, sigma: float) -> None:
    clean = PHOTOGRAPHS[name]
    noise = np.random.default_rng(sigma).normal(0, sigma, clean.shape)
    noisy = np.clip(clean + noise, 0, 255).astype(np.uint8)
    assert quality(judge, noisy).mean < quality(judge, clean).mean


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_noisy_copy_of_a_soft_photo_never_beats_it(judge: EmbeddedScorer, name: str) -> None:
    soft = blurred(PHOTOGRAPHS[name], 1.5)
    noise = np.random.default_rng(5).normal(0, 15, soft.shape)
    noisy = np.clip(soft + noise, 0, 255).astype(np.uint8)
    assert quality(judge, noisy).mean < quality(judge, soft).mean


@pytest.mark.parametrize("radius", [4, 8])
def test_a_portrait_with_soft_background_falls_at_most_one_level(judge: EmbeddedScorer, radius: int) -> None:
    sharp = PHOTOGRAPHS["astronaut"]
    mask = np.zeros(sharp.shape[:2], np.float32)
    cv2.ellipse(mask, (225, 260), (120, 250), 0, 0, 360, 1.0, -1)  # head and shoulders
    mask = cv2.GaussianBlur(mask, (0, 0), 6)[..., None]
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2).astype(np.float32)
    background = cv2.filter2D(sharp, -1, disc / disc.sum())
    portrait = (sharp * mask + background * (1 - mask)).astype(np.uint8)
    assert quality(judge, portrait).mean > quality(judge, sharp).mean - 1


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_more_blur_is_always_worse(judge: EmbeddedScorer, name: str) -> None:
    means = [quality(judge, blurred(PHOTOGRAPHS[name], sigma)).mean for sigma in (0.3, 1.2, 2.4, 5)]
    assert all(sharper > softer for sharper, softer in pairwise(means))


def test_strong_compression_is_worse(judge: EmbeddedScorer) -> None:
    for picture in PHOTOGRAPHS.values():
        _, packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 8])
        assert quality(judge, cv2.imdecode(packed, cv2.IMREAD_COLOR)).mean < quality(judge, picture).mean


@cache
def odd_pictures() -> dict[str, Image.Image]:
    rng = np.random.default_rng(0)
    screen = np.full((700, 1200, 3), 245, np.uint8)
    for line in range(20):
        cv2.putText(screen, "Files  Edit  View  " * 4, (10, 30 + 32 * line), 0, 0.6, (20, 20, 20), 1)
    return {
        "one pixel": Image.new("RGB", (1, 1), (9, 9, 9)),
        "one column": Image.new("RGB", (1, 900), (200, 10, 10)),
        "one row": Image.new("RGB", (3000, 1)),
        "black": Image.new("RGB", (640, 480)),
        "white": Image.new("RGB", (640, 480), (255, 255, 255)),
        "grey": Image.new("L", (640, 480), 128),
        "greyscale": Image.fromarray(data.camera()),
        "16 bit": Image.fromarray(data.camera().astype(np.uint16) * 257),
        "float": Image.fromarray(data.camera().astype(np.float32)),
        "bilevel": Image.fromarray(data.camera() > 120),
        "alpha": Image.fromarray(data.coffee()).convert("RGBA"),
        "palette": Image.fromarray(data.coffee()).convert("P"),
        "panorama": Image.fromarray(rng.integers(0, 255, (300, 20_000, 3), np.uint8)),
        "noise": Image.fromarray(rng.integers(0, 255, (480, 640, 3), np.uint8)),
        "screenshot": Image.fromarray(screen),
        "two colours": Image.fromarray(np.kron(np.eye(8, dtype=np.uint8), np.full((80, 80), 255, np.uint8))),
    }


@pytest.mark.parametrize("name", odd_pictures())
def test_every_picture_has_an_answer(judge: EmbeddedScorer, name: str) -> None:
    answer = verdict(judge, odd_pictures()[name])
    assert answer.embedding is not None
    assert np.isfinite(answer.embedding).all()
    for logits in answer.logits.values():
        assert all(math.isfinite(logit) for logit in logits)
        assert math.fsum(LevelDistribution.from_logits(logits)) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        ("one pixel", "very small picture"),
        ("black", "flat picture"),
        ("white", "flat picture"),
        ("panorama", "very small picture"),
        ("screenshot", "graphic"),
        ("two colours", "graphic"),
    ],
)
def test_pictures_it_was_not_made_for_are_flagged_and_judged_widely(
    judge: EmbeddedScorer, name: str, flag: str
) -> None:
    answer = verdict(judge, odd_pictures()[name])
    assert flag in answer.notes
    assert LevelDistribution.from_logits(answer.logits[Aspect.QUALITY]).spread > 1


def test_photographs_carry_no_flag_of_pictures_it_was_not_made_for(judge: EmbeddedScorer) -> None:
    for picture in PHOTOGRAPHS.values():
        assert not {"graphic", "flat picture", "very small picture"} & set(verdict(judge, picture).notes)


def test_clipping_darkness_and_noise_are_flagged(judge: EmbeddedScorer) -> None:
    coffee = PHOTOGRAPHS["coffee"]
    assert "clipped highlights" in verdict(judge, np.clip(coffee * 3.0, 0, 255).astype(np.uint8)).notes
    assert "very dark" in verdict(judge, (coffee * 0.12).astype(np.uint8)).notes
    noise = np.random.default_rng(1).normal(0, 30, coffee.shape)
    assert "strong noise" in verdict(judge, np.clip(coffee + noise, 0, 255).astype(np.uint8)).notes
    assert "black and white" in verdict(judge, Image.fromarray(data.camera())).notes


def test_aesthetics_is_a_wide_guess(judge: EmbeddedScorer) -> None:
    for picture in PHOTOGRAPHS.values():
        appeal = LevelDistribution.from_logits(verdict(judge, picture).logits[Aspect.AESTHETICS])
        assert appeal.spread >= 1.05
        assert 2 < appeal.mean < 4.2


def test_answers_do_not_depend_on_the_batch(judge: EmbeddedScorer) -> None:
    prepared = [judge.prepare(Image.fromarray(picture)) for picture in PHOTOGRAPHS.values()]
    together = judge.score(prepared)
    alone = [judge.score([one])[0] for one in prepared]
    for one, other in zip(together, alone, strict=True):
        assert one.logits[Aspect.QUALITY] == pytest.approx(other.logits[Aspect.QUALITY], abs=1e-9)
        assert one.notes == other.notes
    assert judge.score([]) == []


def test_levels_and_flags_follow_from_the_stored_vector_alone(judge: EmbeddedScorer) -> None:
    answers = [verdict(judge, picture) for picture in PHOTOGRAPHS.values()]
    stored = np.stack([np.asarray(answer.embedding, np.float32) for answer in answers])
    again = judge.score_embeddings(stored)
    for index, answer in enumerate(answers):
        assert tuple(again[Aspect.QUALITY][index]) == pytest.approx(answer.logits[Aspect.QUALITY], abs=1e-9)
        assert notes(stored[index]) == answer.notes


def test_the_judge_keeps_its_contract(judge: EmbeddedScorer) -> None:
    assert judge.source is PixelSource.PREVIEW
    assert judge.aspects == (Aspect.QUALITY, Aspect.AESTHETICS)
    assert judge.id.name == "embedded" and len(judge.id.version) == 12
    assert judge.encoder == encoder()
    assert load(ScorerOptions()).id == judge.id
    judge.close()


def test_a_picture_of_1024_px_and_its_double_are_judged_alike(judge: EmbeddedScorer) -> None:
    large = np.asarray(cv2.resize(PHOTOGRAPHS["astronaut"], (2048, 2048), interpolation=cv2.INTER_CUBIC))
    small = np.asarray(cv2.resize(large, (1024, 1024), interpolation=cv2.INTER_AREA), np.uint8)
    assert features.measure_pixels(np.asarray(large, np.uint8)) == pytest.approx(
        features.measure_pixels(small)
    )


def test_judging_loads_no_torch() -> None:
    code = "import sys, culler.scoring.embedded, culler.scoring.crops; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
