"""mPLUG-Owl2 scoring written as plainly as can be: what the tests and the benchmark measure against.

Functions over a state dict, straight from the description of the architecture, with no line shared
with culler. It works the way the published scorer works: one whole pass a question, every position
through every layer, a key/value cache that nobody reads, both copies of the doubled weights by
gather and scatter, attention written out, the whole vocabulary's logits at every position.
"""

import math

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

MARK = -200


def pixel_values(image, side, mean, std):
    image = image.convert("RGB")
    longer = max(image.size)
    square = Image.new("RGB", (longer, longer), tuple(int(part * 255) for part in mean))
    square.paste(image, ((longer - image.width) // 2, (longer - image.height) // 2))
    small = np.asarray(square.resize((side, side), Image.Resampling.BICUBIC))
    scaled = (small * (1 / 255)).astype(np.float32)
    normed = (scaled - np.array(mean, np.float32)) / np.array(std, np.float32)
    return torch.from_numpy(normed.transpose(2, 0, 1).copy())


def prompt_ids(pieces, prompt):
    ids = [pieces.bos_id()]
    for at, text in enumerate(prompt.split("<|image|>")):
        if at:
            ids.append(MARK)
        ids += pieces.encode(text)
    return ids


def linear(weights, name, hidden):
    return F.linear(hidden, weights[f"{name}.weight"], weights.get(f"{name}.bias"))


def layer_norm(weights, name, hidden, eps):
    return F.layer_norm(hidden, hidden.shape[-1:], weights[f"{name}.weight"], weights[f"{name}.bias"], eps)


def attention(query, key, value, mask=None):
    """(batch, heads, tokens, width) each; the whole matrix is made."""
    scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores + mask
    return scores.softmax(-1, dtype=torch.float32).to(query.dtype) @ value


def heads_of(hidden, heads):
    batch, tokens, width = hidden.shape
    return hidden.reshape(batch, tokens, heads, width // heads).transpose(1, 2)


def joined(mixed):
    batch, heads, tokens, width = mixed.shape
    return mixed.transpose(1, 2).reshape(batch, tokens, heads * width)


def vision_tokens(weights, config, pixels):
    config = config["visual_config"]["visual_model"]
    eps, heads, root = config["layer_norm_eps"], config["num_attention_heads"], "model.vision_model"
    patches = F.conv2d(pixels, weights[f"{root}.embeddings.patch_embed.weight"], stride=config["patch_size"])
    patches = patches.flatten(2).transpose(1, 2)
    first = weights[f"{root}.embeddings.cls_token"].repeat(len(pixels), 1, 1)
    hidden = torch.cat([first, patches], 1) + weights[f"{root}.embeddings.position_embedding"]
    hidden = layer_norm(weights, f"{root}.embeddings.pre_layernorm", hidden, eps)
    for at in range(config["num_hidden_layers"]):
        layer = f"{root}.encoder.layers.{at}"
        normed = layer_norm(weights, f"{layer}.input_layernorm", hidden, eps)
        fused = linear(weights, f"{layer}.self_attn.query_key_value", normed)
        width = hidden.shape[-1] // heads
        per_head = [fused[..., 3 * width * h : 3 * width * (h + 1)] for h in range(heads)]
        query, key, value = (
            torch.stack([part[..., width * i : width * (i + 1)] for part in per_head], 1) for i in range(3)
        )
        mixed = joined(attention(query, key, value))
        hidden = hidden + linear(weights, f"{layer}.self_attn.dense", mixed)
        normed = layer_norm(weights, f"{layer}.post_attention_layernorm", hidden, eps)
        inner = linear(weights, f"{layer}.mlp.fc1", normed)
        hidden = hidden + linear(weights, f"{layer}.mlp.fc2", inner * torch.sigmoid(1.702 * inner))
    return layer_norm(weights, f"{root}.post_layernorm", hidden, eps)


def query_outputs(weights, config, vision):
    config = config["visual_config"]["visual_abstractor"]
    heads, root = config["num_attention_heads"], "model.visual_abstractor"
    queries = weights[f"{root}.query_embeds"].repeat(len(vision), 1, 1)
    for at in range(config["num_hidden_layers"]):
        layer = f"{root}.encoder.layers.{at}.crossattention"
        queries = layer_norm(weights, f"{layer}.norm1", queries, 1e-5)
        seen = torch.cat([queries, layer_norm(weights, f"{layer}.normk", vision, 1e-5)], 1)
        q_places = weights[f"{layer}.attention.q_pos_embed"]
        places = torch.cat([q_places, weights[f"{layer}.attention.k_pos_embed"]])
        query = heads_of(linear(weights, f"{layer}.attention.query", queries + q_places), heads)
        key = heads_of(linear(weights, f"{layer}.attention.key", seen + places), heads)
        value = heads_of(linear(weights, f"{layer}.attention.value", seen), heads)
        mixed = joined(attention(query, key, value))
        queries = queries + linear(weights, f"{layer}.output.out_proj", mixed)
        normed = layer_norm(weights, f"{layer}.output.norm2", queries, 1e-5)
        mlp = f"{layer}.output.mlp"
        gated = F.silu(linear(weights, f"{mlp}.w1", normed)) * linear(weights, f"{mlp}.w3", normed)
        gated = layer_norm(weights, f"{mlp}.ffn_ln", gated, config["layer_norm_eps"])
        queries = queries + linear(weights, f"{mlp}.w2", gated)
    return queries


def image_tokens(weights, queries):
    projected = linear(weights, "model.visual_abstractor.visual_fc", queries)
    end = weights["model.visual_abstractor.vit_eos"].repeat(len(queries), 1, 1)
    return torch.cat([projected, end], 1)


def rms_norm(hidden, eps):
    return hidden * torch.rsqrt(hidden.float().pow(2).mean(-1, keepdim=True) + eps).to(hidden.dtype)


def two_ways(hidden, is_image, of_text, of_image):
    """Each position through its own copy, gathered and scattered back."""
    outputs = None
    for flag, function in ((False, of_text), (True, of_image)):
        where = torch.nonzero(is_image == flag, as_tuple=True)
        if len(where[0]):
            part = function(hidden[where])
            outputs = part.new_zeros(*hidden.shape[:2], part.shape[-1]) if outputs is None else outputs
            outputs[where] = part
    return outputs


def two_way_linear(weights, name, hidden, is_image):
    text, image = (weights[f"{name}.multiway.{way}.weight"] for way in (0, 1))
    return two_ways(hidden, is_image, lambda x: F.linear(x, text), lambda x: F.linear(x, image))


def two_way_norm(weights, name, hidden, is_image, eps):
    text, image = (weights[f"{name}.multiway.{way}.weight"] for way in (0, 1))
    return two_ways(hidden, is_image, lambda x: rms_norm(x, eps) * text, lambda x: rms_norm(x, eps) * image)


def rotated(heads, theta):
    tokens, width = heads.shape[-2:]
    device, dtype = heads.device, heads.dtype
    places = torch.arange(tokens, device=device).float()[:, None]
    angles = places / theta ** (torch.arange(0, width, 2, device=device).float() / width)
    cos, sin = (torch.cat([part] * 2, -1).to(dtype) for part in (angles.cos(), angles.sin()))
    turned = torch.cat([-heads[..., width // 2 :], heads[..., : width // 2]], -1)
    return heads * cos + turned * sin


def decoder_logits(weights, config, embeds, is_image):
    """Embeddings (batch, tokens, width) → logits at every position (batch, tokens, vocabulary)."""
    eps, heads = config["rms_norm_eps"], config["num_attention_heads"]
    theta = config["rope_theta"]
    tokens = embeds.shape[1]
    lowest = torch.finfo(embeds.dtype).min
    mask = torch.full((tokens, tokens), lowest, dtype=embeds.dtype, device=embeds.device).triu(1)
    hidden, cache = embeds, []
    for at in range(config["num_hidden_layers"]):
        layer = f"model.layers.{at}"
        normed = two_way_norm(weights, f"{layer}.input_layernorm", hidden, is_image, eps)
        query = heads_of(linear(weights, f"{layer}.self_attn.q_proj", normed), heads)
        key = heads_of(two_way_linear(weights, f"{layer}.self_attn.k_proj", normed, is_image), heads)
        value = heads_of(two_way_linear(weights, f"{layer}.self_attn.v_proj", normed, is_image), heads)
        key = rotated(key, theta)
        cache.append((key, value))
        mixed = joined(attention(rotated(query, theta), key, value, mask))
        hidden = hidden + linear(weights, f"{layer}.self_attn.o_proj", mixed)
        normed = two_way_norm(weights, f"{layer}.post_attention_layernorm", hidden, is_image, eps)
        gate = F.silu(linear(weights, f"{layer}.mlp.gate_proj", normed))
        hidden = hidden + linear(
            weights, f"{layer}.mlp.down_proj", gate * linear(weights, f"{layer}.mlp.up_proj", normed)
        )
    return linear(weights, "lm_head", rms_norm(hidden, eps) * weights["model.norm.weight"])


def prompt_logits(weights, config, ids, images):
    """The last position's logits (batch, vocabulary); `images` (batch, tokens, width) per marker."""
    parts, flags = [], []
    images = list(images)
    batch = len(images[0])
    for token in ids:
        if token == MARK:
            parts.append(images.pop(0))
            flags += [True] * parts[-1].shape[1]
        else:
            embedding = weights["model.embed_tokens.weight"][token]
            parts.append(embedding[None, None].repeat(batch, 1, 1))
            flags.append(False)
    is_image = torch.tensor(flags, device=parts[0].device)[None].repeat(batch, 1)
    return decoder_logits(weights, config, torch.cat(parts, 1), is_image)[:, -1]


def photo_logits(weights, config, ids, pixels):
    """One question about each picture, from its pixels: the vision tower runs for every question."""
    seen = query_outputs(weights, config, vision_tokens(weights, config, pixels))
    return prompt_logits(weights, config, ids, [image_tokens(weights, seen)])
