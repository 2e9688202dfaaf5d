"""The Q-Align scorer on the project's own tiny checkpoint, against a plain implementation."""

import json
import shutil

import numpy as np
import pytest
import sentencepiece
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from culler.domain.assessment import Aspect
from culler.domain.errors import CullerError
from culler.domain.levels import LevelDistribution
from culler.scoring import qalign
from culler.scoring.devices import GIB, Gpu, Machine
from culler.scoring.preprocess import CLIP_MEAN, CLIP_STD
from culler.scoring.prompts import RECIPES
from culler.scoring.scorer import SCORERS, PixelSource, ScorerOptions

TOLERANCE = 1e-4


def load(folder, **options):
    return qalign.load(ScorerOptions(checkpoint=folder, **({"device": "cpu", "dtype": "float32"} | options)))


@pytest.fixture(scope="module")
def scorer(tiny):
    scorer = load(tiny)
    yield scorer
    scorer.close()


@pytest.fixture(scope="module")
def pictures():
    chance = np.random.default_rng(1)
    sizes = [(90, 60), (40, 70), (56, 56), (5, 3), (200, 120)]
    noise = [chance.integers(0, 256, (height, width, 3), np.uint8) for width, height in sizes]
    return [Image.fromarray(values // (1 + at)) for at, values in enumerate(noise)]


@pytest.fixture(scope="module")
def expected(tiny, plain, pictures):
    """{recipe: {aspect: (pictures, 5) logits}} from the plain implementation, one picture at a time."""
    config = json.loads((tiny / "config.json").read_text())
    shards = [load_file(path) for path in sorted(tiny.glob("*.safetensors"))]
    weights = {name: tensor.float() for shard in shards for name, tensor in shard.items()}
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(tiny / "tokenizer.model"))
    words = [pieces.encode(word)[0] for word in ("bad", "poor", "fair", "good", "excellent")]
    pixels = [plain.pixel_values(image, 56, CLIP_MEAN, CLIP_STD)[None] for image in pictures]

    def logits(prompt):
        ids = plain.prompt_ids(pieces, prompt)
        return torch.cat([plain.photo_logits(weights, config, ids, one)[:, words] for one in pixels])

    return {
        name: {aspect: logits(prompt) for aspect, prompt in recipe.questions.items()}
        for name, recipe in RECIPES.items()
    }


def rows(verdicts, aspect):
    return torch.tensor([verdict.logits[aspect] for verdict in verdicts])


def gap(a, b):
    return float((a - b).abs().max())


@pytest.mark.parametrize("name", list(RECIPES))
def test_both_aspects_have_the_logits_of_whole_passes(tiny, pictures, expected, name):
    scorer = load(tiny, recipe=name)
    verdicts = scorer.score([scorer.prepare(picture) for picture in pictures])
    assert scorer.aspects == (Aspect.QUALITY, Aspect.AESTHETICS)
    for aspect in scorer.aspects:
        assert gap(rows(verdicts, aspect), expected[name][aspect]) < TOLERANCE
    means = [LevelDistribution.from_logits(verdict.logits[Aspect.QUALITY]).mean for verdict in verdicts]
    assert max(means) - min(means) > 0.1  # the tiny network tells pictures apart


def test_levels_do_not_depend_on_batch_or_order(scorer, pictures):
    prepared = [scorer.prepare(picture) for picture in pictures]
    together = scorer.score(prepared)
    turned = scorer.score(prepared[::-1])[::-1]
    alone = [scorer.score([one])[0] for one in prepared]
    for aspect in scorer.aspects:
        assert gap(rows(together, aspect), rows(turned, aspect)) < 1e-5
        assert gap(rows(together, aspect), rows(alone, aspect)) < 1e-5


def test_an_embedding_is_the_mean_of_the_abstractors_outputs(scorer, pictures):
    prepared = [scorer.prepare(picture) for picture in pictures]
    verdicts = scorer.score(prepared)
    seen = scorer._engines[0].see([one.pixels for one in prepared])
    for verdict, row in zip(verdicts, seen.mean(1), strict=True):
        assert verdict.embedding.dtype == np.float16
        assert np.allclose(verdict.embedding, row.numpy(), atol=2e-3)
    assert not np.array_equal(verdicts[0].embedding, verdicts[1].embedding)


def test_nothing_to_score_is_no_trouble(scorer):
    assert scorer.score([]) == []


def test_only_prepared_pictures_are_scored(scorer):
    with pytest.raises(TypeError, match="what prepare returned"):
        scorer.score([np.zeros((3, 56, 56), np.uint8)])


def test_quality_alone_has_the_same_numbers(tiny, pictures, expected):
    scorer = load(tiny)
    scorer.ask([Aspect.QUALITY])
    (verdict,) = scorer.score([scorer.prepare(pictures[0])])
    assert list(verdict.logits) == [Aspect.QUALITY]
    wanted = expected["trained"][Aspect.QUALITY][0]
    assert gap(torch.tensor(verdict.logits[Aspect.QUALITY]), wanted) < TOLERANCE
    assert scorer.id == load(tiny).id


def test_pixels_come_from_the_encoded_preview(scorer):
    assert scorer.source is PixelSource.ENCODED


def test_the_scorer_table_opens_it(tiny):
    scorer = SCORERS["qalign"].load(ScorerOptions(checkpoint=tiny, device="cpu"))
    assert scorer.id.name == "qalign"
    assert scorer.device == "the CPU, float32"


def test_a_clip_is_judged_on_quality_whatever_stands_beside_it(scorer, pictures, tiny, plain):
    frames = [picture.resize((64, 48)) for picture in pictures[:3]]
    clip, photo = scorer.prepare_frames(frames), scorer.prepare(pictures[0])
    mixed = scorer.score([clip, photo, clip])
    assert [list(verdict.logits) for verdict in mixed] == [
        [Aspect.QUALITY],
        [Aspect.QUALITY, Aspect.AESTHETICS],
        [Aspect.QUALITY],
    ]
    assert mixed[0].logits == mixed[2].logits
    assert mixed[0].embedding.shape == mixed[1].embedding.shape
    config = json.loads((tiny / "config.json").read_text())
    shards = [load_file(path) for path in sorted(tiny.glob("*.safetensors"))]
    weights = {name: tensor.float() for shard in shards for name, tensor in shard.items()}
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(tiny / "tokenizer.model"))
    pixels = torch.stack([plain.pixel_values(frame, 56, CLIP_MEAN, CLIP_STD) for frame in frames])
    seen = plain.query_outputs(weights, config, plain.vision_tokens(weights, config, pixels))
    tokens = plain.image_tokens(weights, seen).flatten(0, 1)[None]
    ids = plain.prompt_ids(pieces, RECIPES["trained"].clip)
    logits = plain.prompt_logits(weights, config, ids, [tokens])[0, [3, 4, 5, 6, 7]]
    assert gap(torch.tensor(mixed[0].logits[Aspect.QUALITY]), logits) < TOLERANCE


def test_a_clip_takes_no_more_frames_than_the_network_has_positions(scorer):
    # 128 positions, 6 a frame, beside the words of the question.
    assert 15 <= scorer.most_frames <= 20


def test_a_batch_without_memory_is_halved(tiny, pictures, monkeypatch):
    scorer = load(tiny)
    sizes = []
    see = qalign.Engine.see

    def tight(engine, pixels):
        sizes.append(len(pixels))
        if len(pixels) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return see(engine, pixels)

    monkeypatch.setattr(qalign.Engine, "see", tight)
    prepared = [scorer.prepare(picture) for picture in pictures]
    verdicts = scorer.score(prepared)
    assert sizes == [5, 2, 2, 1]
    monkeypatch.undo()
    assert gap(rows(verdicts, Aspect.QUALITY), rows(scorer.score(prepared), Aspect.QUALITY)) < 1e-5


def test_a_clip_without_memory_is_seen_in_smaller_parts(tiny, pictures, monkeypatch):
    scorer = load(tiny, batch_size=5)
    clip = scorer.prepare_frames(pictures)
    (whole,) = scorer.score([clip])
    see = qalign.Engine.see

    def tight(engine, pixels):
        if len(pixels) > 1:
            raise MemoryError
        return see(engine, pixels)

    monkeypatch.setattr(qalign.Engine, "see", tight)
    (parts,) = scorer.score([clip])
    assert gap(torch.tensor(parts.logits["quality"]), torch.tensor(whole.logits["quality"])) < 1e-5
    monkeypatch.setattr(qalign.Engine, "see", lambda engine, pixels: (_ for _ in ()).throw(MemoryError()))
    with pytest.raises(MemoryError):
        scorer.score([clip])


def test_a_photo_that_does_not_fit_alone_is_a_memory_error(tiny, pictures, monkeypatch):
    scorer = load(tiny)
    monkeypatch.setattr(qalign.Engine, "see", lambda engine, pixels: (_ for _ in ()).throw(MemoryError()))
    with pytest.raises(MemoryError, match="not enough memory to score this photo"):
        scorer.score([scorer.prepare(pictures[0])])


def test_an_answer_that_is_no_number_is_an_error(tiny, pictures, monkeypatch):
    scorer = load(tiny)
    see = qalign.Engine.see
    monkeypatch.setattr(qalign.Engine, "see", lambda engine, pixels: see(engine, pixels) * float("nan"))
    with pytest.raises(FloatingPointError, match="no finite answer"):
        scorer.score([scorer.prepare(pictures[0])])


def test_several_devices_share_a_batch(tiny, pictures, scorer):
    """Two copies on the CPU stand for two GPUs."""
    one = load(tiny)
    engines = [one._engines[0], load(tiny)._engines[0]]
    two = qalign.QAlignScorer(engines, one._words, one._pixels, one._placement, one.id, one.encoder)
    prepared = [scorer.prepare(picture) for picture in pictures]
    assert gap(rows(two.score(prepared), Aspect.QUALITY), rows(scorer.score(prepared), "quality")) < 1e-5


# Identity


def version(folder, **options):
    return load(folder, **options).id.version


def test_the_version_does_not_know_place_or_batch_size(make_tiny, tiny, tmp_path):
    assert version(make_tiny(tmp_path / "elsewhere")) == version(tiny)
    assert version(tiny, batch_size=9) == version(tiny)
    assert load(tiny, batch_size=9).batch_size == 9


def test_the_version_knows_recipe_precision_and_weights(make_tiny, tiny, tmp_path):
    versions = {
        version(tiny),
        version(tiny, recipe="score"),
        version(tiny, dtype="bfloat16"),
        version(tiny, dtype="int8"),
        version(make_tiny(tmp_path / "other", seed=8)),
    }
    assert len(versions) == 5


def test_the_version_knows_the_preprocessing(make_tiny, tiny, tmp_path):
    folder = make_tiny(tmp_path / "same")
    (folder / "preprocessor_config.json").write_text(json.dumps({"image_mean": [0.5, 0.5, 0.5]}))
    assert version(folder) != version(tiny)


def test_embeddings_are_those_of_one_encoder_whatever_is_asked(tiny):
    trained, other = load(tiny), load(tiny, recipe="score")
    assert trained.encoder == other.encoder
    assert trained.encoder.name != trained.id.name
    assert load(tiny, dtype="bfloat16").encoder != trained.encoder


@pytest.fixture
def adapter(tmp_path):
    folder = tmp_path / "adapter"
    folder.mkdir()
    config = {"peft_type": "LORA", "r": 2, "lora_alpha": 4}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    stem = "base_model.model.model.layers.0.self_attn.q_proj"
    tensors = {f"{stem}.lora_A.weight": torch.ones(2, 64) / 8, f"{stem}.lora_B.weight": torch.ones(64, 2) / 8}
    save_file(tensors, folder / "adapter_model.safetensors")
    return folder


def test_an_adapter_changes_numbers_and_version(tiny, adapter, scorer, pictures):
    tuned = load(tiny, adapter=adapter)
    assert tuned.id.version != scorer.id.version
    before, after = (one.score([one.prepare(pictures[0])]) for one in (scorer, tuned))
    assert gap(rows(before, Aspect.QUALITY), rows(after, Aspect.QUALITY)) > 1e-3


# Precisions


@pytest.mark.parametrize(
    ("precision", "tolerance"), [("bfloat16", 0.25), ("float16", 0.05), ("int8", 0.15), ("nf4", 1.0)]
)
def test_smaller_precisions_stay_near(tiny, scorer, pictures, precision, tolerance):
    """Level means; random weights are less kind to rounding than trained ones."""
    small = load(tiny, dtype=precision)
    for picture in pictures:
        means = [
            LevelDistribution.from_logits(one.score([one.prepare(picture)])[0].logits[Aspect.QUALITY]).mean
            for one in (scorer, small)
        ]
        assert means[0] == pytest.approx(means[1], abs=tolerance)


# Bad input


def refused(sentence, folder, **options):
    with pytest.raises(CullerError, match=sentence) as found:
        load(folder, **options)
    assert str(found.value).endswith(".")


def test_no_checkpoint_was_named():
    with pytest.raises(CullerError, match="needs its checkpoint"):
        qalign.load(ScorerOptions())


def test_troubles_with_a_checkpoint_are_sentences(make_tiny, tmp_path):
    refused("is no folder", tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    refused("no checkpoint folder", tmp_path / "empty")
    folder = make_tiny(tmp_path / "tiny")
    (folder / "tokenizer.model").unlink()
    refused(r"no tokenizer\.model", folder)


def test_another_model_type(make_tiny, tmp_path):
    folder = make_tiny(tmp_path / "tiny")
    text = (folder / "config.json").read_text()
    (folder / "config.json").write_text(text.replace('"mplug_owl2"', '"llama"'))
    refused("its model_type is 'llama'", folder)


def test_level_words_with_one_first_token(make_tiny, tmp_path, tiny):
    """A tokenizer without the level words begins all of them with a bare space."""
    folder = make_tiny(tmp_path / "tiny")
    shutil.copytree(folder, tmp_path / "bytes")
    import io

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["xyz xyz"] * 9),
        model_writer=model,
        model_type="bpe",
        vocab_size=264,
        byte_fallback=True,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    (tmp_path / "bytes" / "tokenizer.model").write_bytes(model.getvalue())
    refused("with the same token", tmp_path / "bytes")


def test_a_tokenizer_of_a_larger_network(make_tiny, tmp_path):
    folder = make_tiny(tmp_path / "tiny")
    values = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(values | {"vocab_size": 300}))
    refused("belongs to another network", folder)


def test_an_adapter_that_is_none(tiny, tmp_path):
    refused("no adapter folder", tiny, adapter=tmp_path)


def test_wishes_that_cannot_be_met(tiny):
    refused("no recipe", tiny, recipe="none")
    refused("no precision", tiny, dtype="int2")
    refused("no device", tiny, device="tpu")
    if not torch.cuda.is_available():
        refused("no CUDA device", tiny, device="cuda")


def test_a_machine_without_memory(tiny):
    with pytest.raises(CullerError, match="not enough memory"):
        qalign.load_on(Machine(cpu_bytes=1000), tiny, ScorerOptions())


def test_memory_that_runs_out_while_loading_is_a_sentence(tiny, monkeypatch):
    def full(*args):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(qalign, "load_network", full)
    refused("not enough memory to load .*; use --dtype int8 or nf4", tiny)


def test_auto_says_what_it_picked(tiny, monkeypatch):
    """A GPU that is not there: the network is loaded on the CPU in its place."""
    places = []
    load_network = qalign.load_network

    def on_cpu(checkpoint, device, dtype, how, adapter):
        places.append((device, dtype))
        return load_network(checkpoint, torch.device("cpu"), dtype, how, adapter)

    monkeypatch.setattr(qalign, "load_network", on_cpu)
    machine = Machine((Gpu(0, "Some GPU", GIB), Gpu(1, "Some GPU", GIB)), None, GIB)
    scorer = qalign.load_on(machine, tiny, ScorerOptions())
    assert places == [(torch.device("cuda", at), torch.bfloat16) for at in (0, 1)]
    assert scorer.device == "Some GPU, Some GPU, bfloat16"


def test_a_judge_is_known_before_its_weights_are_read(tiny, monkeypatch):
    options = ScorerOptions(device="cpu", dtype="float32", checkpoint=tiny)
    loaded = qalign.load(options)
    monkeypatch.setattr("culler.scoring.qalign.load_network", None)
    identity = SCORERS["qalign"].identity(options)
    assert identity is not None
    assert (identity.scorer, identity.encoder, identity.device) == (loaded.id, loaded.encoder, loaded.device)
