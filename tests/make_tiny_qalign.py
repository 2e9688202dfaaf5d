"""Makes a tiny checkpoint in the official Q-Align layout: own random weights, own tokenizer.

    python tests/make_tiny_qalign.py FOLDER [safetensors|bin]

The same seed gives the same checkpoint. Sizes, eps values and rope_theta are unlike the published
ones on purpose: everything has to be read from config.json.
"""

import io
import json
import sys
from pathlib import Path

import sentencepiece
import torch
from safetensors.torch import save_file

VISION = {"hidden": 48, "mlp": 80, "layers": 2, "heads": 3, "image": 56, "patch": 14, "eps": 3e-5}
ABSTRACTOR = {"queries": 5, "layers": 2, "heads": 4, "mlp": 56, "eps": 2e-4}
DECODER = {"hidden": 64, "mlp": 96, "layers": 3, "heads": 4, "vocabulary": 400, "eps": 3e-6, "theta": 5000.0}
LEVEL_WORDS = ("bad", "poor", "fair", "good", "excellent")
SENTENCES = [
    "USER: How would you rate the quality of this image?\n",
    "USER: How would you rate the aesthetics of this image?\n",
    "USER: How would you rate the quality of this video?\n",
    "\nASSISTANT: The quality of the image is",
    "\nASSISTANT: The aesthetics of the image is",
    "The first image: The second image: Which image has better quality, and why? ASSISTANT:",
    "excellent good fair poor bad",
] * 4


def config_values():
    return {
        "model_type": "mplug_owl2",
        "architectures": ["MPLUGOwl2LlamaForCausalLM"],
        "hidden_size": DECODER["hidden"],
        "intermediate_size": DECODER["mlp"],
        "num_hidden_layers": DECODER["layers"],
        "num_attention_heads": DECODER["heads"],
        "num_key_value_heads": DECODER["heads"],
        "hidden_act": "silu",
        "rms_norm_eps": DECODER["eps"],
        "rope_theta": DECODER["theta"],
        "rope_scaling": None,
        "vocab_size": DECODER["vocabulary"],
        "max_position_embeddings": 128,
        "attention_bias": False,
        "tie_word_embeddings": False,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "visual_config": {
            "visual_model": {
                "hidden_size": VISION["hidden"],
                "intermediate_size": VISION["mlp"],
                "num_hidden_layers": VISION["layers"],
                "num_attention_heads": VISION["heads"],
                "image_size": VISION["image"],
                "patch_size": VISION["patch"],
                "layer_norm_eps": VISION["eps"],
                "hidden_act": "quick_gelu",
            },
            "visual_abstractor": {
                "hidden_size": VISION["hidden"],
                "encoder_hidden_size": VISION["hidden"],
                "intermediate_size": ABSTRACTOR["mlp"],
                "num_hidden_layers": ABSTRACTOR["layers"],
                "num_attention_heads": ABSTRACTOR["heads"],
                "num_learnable_queries": ABSTRACTOR["queries"],
                "grid_size": VISION["image"] // VISION["patch"],
                "layer_norm_eps": ABSTRACTOR["eps"],
            },
        },
    }


def random_weights(config, seed, with_positions):
    """A state dict by the published names; magnitudes that make the levels differ by picture."""
    chance = torch.Generator().manual_seed(seed)
    weights = {}

    def add(name, *shape, spread=None):
        spread = shape[-1] ** -0.5 if spread is None else spread
        weights[name] = spread * torch.randn(shape, generator=chance)

    def add_linear(name, inputs, outputs, bias=True):
        add(f"{name}.weight", outputs, inputs)
        if bias:
            add(f"{name}.bias", outputs, spread=0.1)

    def add_norm(name, width, bias=True):
        weights[f"{name}.weight"] = 1 + 0.2 * torch.randn(width, generator=chance)
        if bias:
            add(f"{name}.bias", width, spread=0.1)

    visual = config["visual_config"]["visual_model"]
    width, mlp = visual["hidden_size"], visual["intermediate_size"]
    patch, grid = visual["patch_size"], visual["image_size"] // visual["patch_size"]
    root = "model.vision_model"
    add(f"{root}.embeddings.cls_token", 1, 1, width, spread=0.5)
    add(f"{root}.embeddings.patch_embed.weight", width, 3, patch, patch, spread=(3 * patch**2) ** -0.5)
    add(f"{root}.embeddings.position_embedding", 1, grid**2 + 1, width, spread=0.3)
    add_norm(f"{root}.embeddings.pre_layernorm", width)
    add_norm(f"{root}.post_layernorm", width)
    for at in range(visual["num_hidden_layers"]):
        layer = f"{root}.encoder.layers.{at}"
        add_norm(f"{layer}.input_layernorm", width)
        add_norm(f"{layer}.post_attention_layernorm", width)
        add_linear(f"{layer}.self_attn.query_key_value", width, 3 * width)
        add_linear(f"{layer}.self_attn.dense", width, width)
        add_linear(f"{layer}.mlp.fc1", width, mlp)
        add_linear(f"{layer}.mlp.fc2", mlp, width)

    abstractor = config["visual_config"]["visual_abstractor"]
    inner, hidden = abstractor["intermediate_size"], config["hidden_size"]
    root = "model.visual_abstractor"
    add(f"{root}.query_embeds", 1, abstractor["num_learnable_queries"], width, spread=1.0)
    add(f"{root}.vit_eos", 1, 1, hidden, spread=0.5)
    add_linear(f"{root}.visual_fc", width, hidden)
    for at in range(abstractor["num_hidden_layers"]):
        layer = f"{root}.encoder.layers.{at}.crossattention"
        for norm in ("norm1", "normk", "output.norm2"):
            add_norm(f"{layer}.{norm}", width)
        for part in ("query", "key", "value"):
            add_linear(f"{layer}.attention.{part}", width, width)
        if with_positions:
            add(f"{layer}.attention.q_pos_embed", abstractor["num_learnable_queries"], width, spread=0.5)
            add(f"{layer}.attention.k_pos_embed", grid**2 + 1, width, spread=0.5)
        add_linear(f"{layer}.output.out_proj", width, width)
        add_linear(f"{layer}.output.mlp.w1", width, inner)
        add_linear(f"{layer}.output.mlp.w3", width, inner)
        add_linear(f"{layer}.output.mlp.w2", inner, width)
        add_norm(f"{layer}.output.mlp.ffn_ln", inner)

    mlp = config["intermediate_size"]
    add("model.embed_tokens.weight", config["vocab_size"], hidden, spread=0.5)
    add_norm("model.norm", hidden, bias=False)
    add("lm_head.weight", config["vocab_size"], hidden, spread=0.25)
    for at in range(config["num_hidden_layers"]):
        layer = f"model.layers.{at}"
        for way in (0, 1):
            add_norm(f"{layer}.input_layernorm.multiway.{way}", hidden, bias=False)
            add_norm(f"{layer}.post_attention_layernorm.multiway.{way}", hidden, bias=False)
            add_linear(f"{layer}.self_attn.k_proj.multiway.{way}", hidden, hidden, bias=False)
            add_linear(f"{layer}.self_attn.v_proj.multiway.{way}", hidden, hidden, bias=False)
        add_linear(f"{layer}.self_attn.q_proj", hidden, hidden, bias=False)
        add_linear(f"{layer}.self_attn.o_proj", hidden, hidden, bias=False)
        for part in ("gate_proj", "up_proj"):
            add_linear(f"{layer}.mlp.{part}", hidden, mlp, bias=False)
        add_linear(f"{layer}.mlp.down_proj", mlp, hidden, bias=False)
    return {name: tensor.bfloat16() for name, tensor in weights.items()}


def tokenizer_bytes(vocabulary):
    """A byte-falling-back BPE in the layout of LLaMA's, trained on the prompts."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES),
        model_writer=model,
        model_type="bpe",
        vocab_size=vocabulary,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        user_defined_symbols=[f"▁{word}" for word in LEVEL_WORDS],
        unk_id=0,
        bos_id=1,
        eos_id=2,
        pad_id=-1,
        num_threads=1,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return model.getvalue()


def make_tiny_qalign(folder, form="safetensors", seed=7, with_positions=True, with_inv_freq=False):
    """Writes the checkpoint, in two shards, and returns its folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    config = config_values()
    weights = random_weights(config, seed, with_positions)
    if with_inv_freq:
        for at in range(config["num_hidden_layers"]):
            weights[f"model.layers.{at}.self_attn.rotary_emb.inv_freq"] = torch.ones(8)
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    (folder / "tokenizer.model").write_bytes(tokenizer_bytes(config["vocab_size"]))
    names = sorted(weights)
    stem = "model" if form == "safetensors" else "pytorch_model"
    shards = {
        f"{stem}-{number:05}-of-00002.{form}": {name: weights[name].contiguous() for name in part}
        for number, part in ((1, names[: len(names) // 2]), (2, names[len(names) // 2 :]))
    }
    for name, part in shards.items():
        if form == "safetensors":
            save_file(part, folder / name, {"format": "pt"})
        else:
            torch.save(part, folder / name)
    index = "model.safetensors.index.json" if form == "safetensors" else "pytorch_model.bin.index.json"
    places = {name: shard for shard, part in shards.items() for name in part}
    (folder / index).write_text(json.dumps({"metadata": {}, "weight_map": places}))
    return folder


if __name__ == "__main__":
    make_tiny_qalign(*sys.argv[1:3])
