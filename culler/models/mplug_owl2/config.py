"""Sizes and constants of an mPLUG-Owl2 network, read from a checkpoint's config.json.

Nothing has a silent default that would change numbers: a value is in the file, or it is the one the
published class of the same model_type gives when the file leaves it out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MODEL_TYPE = "mplug_owl2"


class CheckpointError(Exception):
    """A checkpoint that cannot be used; the text is a sentence that says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class VisionConfig:
    """The image encoder: a ViT on square pictures, with a class token."""

    hidden_size: int
    intermediate_size: int
    layers: int
    heads: int
    image_size: int
    patch_size: int
    channels: int
    layer_norm_eps: float

    @property
    def grid(self) -> int:
        """Patches along one side."""
        return self.image_size // self.patch_size

    @property
    def tokens(self) -> int:
        """Patches and the class token."""
        return self.grid**2 + 1


@dataclass(frozen=True, slots=True)
class AbstractorConfig:
    """The resampler that turns all vision tokens into a few learned queries."""

    hidden_size: int
    intermediate_size: int
    layers: int
    heads: int
    queries: int
    grid: int
    layer_norm_eps: float


@dataclass(frozen=True, slots=True)
class DecoderConfig:
    """The language model: LLaMA 2 with two copies of some weights, one a modality."""

    hidden_size: int
    intermediate_size: int
    layers: int
    heads: int
    head_dim: int
    vocab_size: int
    rms_norm_eps: float
    rope_theta: float
    max_positions: int
    attention_bias: bool
    tied_embeddings: bool
    bos_id: int
    eos_id: int


@dataclass(frozen=True, slots=True)
class MPlugOwl2Config:
    vision: VisionConfig
    abstractor: AbstractorConfig
    decoder: DecoderConfig

    @property
    def tokens_per_image(self) -> int:
        """Decoder positions an image takes: the queries and the learned end mark."""
        return self.abstractor.queries + 1

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "MPlugOwl2Config":
        """The sizes in a parsed config.json.

        Raises CheckpointError for another model_type, a missing or impossible value, or a variant
        of the network that these modules do not build.
        """
        model_type = values.get("model_type")
        if model_type != MODEL_TYPE:
            raise CheckpointError(f"its model_type is {model_type!r}, not {MODEL_TYPE!r}")
        visual = _mapping(values, "visual_config")
        try:
            config = cls(
                vision=_vision(_mapping(visual, "visual_model")),
                abstractor=_abstractor(_mapping(visual, "visual_abstractor")),
                decoder=_decoder(values),
            )
        except KeyError as error:
            raise CheckpointError(f"its config.json has no {error.args[0]!r}") from None
        except (TypeError, ValueError) as error:
            raise CheckpointError(f"its config.json has a value that is no number ({error})") from None
        _check(config, values)
        return config


def _mapping(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = values.get(key)
    if not isinstance(found, Mapping):
        raise CheckpointError(f"its config.json has no {key!r} section")
    return found


def _vision(values: Mapping[str, Any]) -> VisionConfig:
    for key, only in (("use_cls_token", True), ("use_post_layernorm", True), ("add_v2t_pos_emb", False)):
        if values.get(key, only) is not only:
            raise CheckpointError(f"its vision tower has {key} = {values[key]}, which Culler does not build")
    return VisionConfig(
        hidden_size=int(values["hidden_size"]),
        intermediate_size=int(values["intermediate_size"]),
        layers=int(values["num_hidden_layers"]),
        heads=int(values["num_attention_heads"]),
        image_size=int(values["image_size"]),
        patch_size=int(values["patch_size"]),
        channels=int(values.get("num_channels", 3)),
        layer_norm_eps=float(values.get("layer_norm_eps", 1e-6)),
    )


def _abstractor(values: Mapping[str, Any]) -> AbstractorConfig:
    encoder_hidden_size = values.get("encoder_hidden_size", values["hidden_size"])
    if encoder_hidden_size != values["hidden_size"]:
        raise CheckpointError("its abstractor is not as wide as its vision tower")
    return AbstractorConfig(
        hidden_size=int(values["hidden_size"]),
        intermediate_size=int(values["intermediate_size"]),
        layers=int(values["num_hidden_layers"]),
        heads=int(values["num_attention_heads"]),
        queries=int(values["num_learnable_queries"]),
        grid=int(values["grid_size"]),
        layer_norm_eps=float(values.get("layer_norm_eps", 1e-6)),
    )


def _decoder(values: Mapping[str, Any]) -> DecoderConfig:
    hidden_size, heads = int(values["hidden_size"]), int(values["num_attention_heads"])
    return DecoderConfig(
        hidden_size=hidden_size,
        intermediate_size=int(values["intermediate_size"]),
        layers=int(values["num_hidden_layers"]),
        heads=heads,
        head_dim=int(values.get("head_dim") or hidden_size // heads),
        vocab_size=int(values.get("vocab_size", 32000)),
        rms_norm_eps=float(values.get("rms_norm_eps", 1e-6)),
        rope_theta=float(values.get("rope_theta", 10000.0)),
        max_positions=int(values.get("max_position_embeddings", 2048)),
        attention_bias=bool(values.get("attention_bias", False)),
        tied_embeddings=bool(values.get("tie_word_embeddings", False)),
        bos_id=int(values.get("bos_token_id", 1)),
        eos_id=int(values.get("eos_token_id", 2)),
    )


def _check(config: MPlugOwl2Config, values: Mapping[str, Any]) -> None:
    """Refuses what the network below would compute wrongly or not at all."""
    vision, abstractor, decoder = config.vision, config.abstractor, config.decoder
    if values.get("num_key_value_heads", decoder.heads) != decoder.heads:
        raise CheckpointError("it has grouped key/value heads, which mPLUG-Owl2 does not define")
    if values.get("rope_scaling") is not None:
        raise CheckpointError("it has scaled rotary positions, which Culler does not build")
    if values.get("hidden_act", "silu") != "silu":
        raise CheckpointError(f"its language model uses {values['hidden_act']!r} instead of 'silu'")
    if min(vision.heads, abstractor.heads, decoder.heads, vision.patch_size) < 1:
        raise CheckpointError("its config.json has a size below one")
    if vision.image_size % vision.patch_size:
        raise CheckpointError("its picture size is no multiple of its patch size")
    if abstractor.grid != vision.grid or abstractor.hidden_size != vision.hidden_size:
        raise CheckpointError("its abstractor does not fit its vision tower")
    if vision.hidden_size % vision.heads or abstractor.hidden_size % abstractor.heads:
        raise CheckpointError("its widths are no multiples of its numbers of heads")
