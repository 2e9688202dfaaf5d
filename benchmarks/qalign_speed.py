"""Q-Align's two questions: Culler's network against a path that works as the published scorer does.

    python benchmarks/qalign_speed.py --size mid --rounds 5 --limit 0.40
    python benchmarks/qalign_speed.py --size full --device cuda --dtype bfloat16 --batch 32

Random weights, prompts of the real lengths, pixels in memory. Both paths run in turn in one process;
figures are medians. On the CPU the ratio is of process-CPU time, on a GPU of wall time. Operations
are those that the shared way needs (a multiply and an add are two), so the utilisation is the same
whatever else a path computes. With --limit the exit code says whether the ratio is within it.
qalign_gpu.py does all that concerns a GPU, files on disk included. Only CPU figures were measured so far.
"""

import argparse
import json
import resource
import runpy
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from culler.models.mplug_owl2.config import MPlugOwl2Config
from culler.models.mplug_owl2.model import MPlugOwl2
from culler.models.mplug_owl2.questions import Question, Questions
from culler.models.weights import meta_network

PLAIN = Path(__file__).resolve().parents[1] / "tests" / "plain_mplug_owl2.py"
# Text tokens before and after the picture with the LLaMA tokenizer: quality, aesthetics.
LENGTHS = ((15, 12), (18, 15))
WORDS = 5
# decoder (layers, width, heads, MLP, vocabulary), vision (layers, width, heads, MLP, side), abstractor
# (layers, queries, heads, MLP)
SIZES = {
    "tiny": ((2, 64, 4, 96, 400), (2, 48, 3, 80, 56), (2, 5, 4, 56)),
    "mid": ((8, 1024, 16, 2752, 32000), (12, 512, 8, 2048, 448), (6, 64, 8, 1408)),
    "full": ((32, 4096, 32, 11008, 32000), (24, 1024, 16, 4096, 448), (6, 64, 16, 2816)),
}
PATCH = 14
# Dense half-precision peaks in TFLOP/s, from the makers' data sheets.
PEAKS = {"H200": 989.0, "H100": 989.0, "A100": 312.0, "L40S": 362.0, "4090": 165.0}


def config_values(size: str) -> dict[str, Any]:
    """config.json of a network of one of SIZES."""
    decoder, vision, abstractor = SIZES[size]
    names = ("num_hidden_layers", "hidden_size", "num_attention_heads", "intermediate_size")
    return {
        "model_type": "mplug_owl2",
        **dict(zip(names, decoder[:4], strict=True)),
        "vocab_size": decoder[4],
        "rms_norm_eps": 1e-6,
        "rope_theta": 10000.0,
        "visual_config": {
            "visual_model": {
                **dict(zip(names, vision[:4], strict=True)),
                "image_size": vision[4],
                "patch_size": PATCH,
                "layer_norm_eps": 1e-6,
            },
            "visual_abstractor": {
                "num_hidden_layers": abstractor[0],
                "hidden_size": vision[1],
                "num_learnable_queries": abstractor[1],
                "num_attention_heads": abstractor[2],
                "intermediate_size": abstractor[3],
                "grid_size": vision[4] // PATCH,
                "layer_norm_eps": 1e-6,
            },
        },
    }


def random_network(config: MPlugOwl2Config, device: torch.device, dtype: torch.dtype) -> MPlugOwl2:
    """The network with small random weights; norms scale by one."""
    network = meta_network(config).to_empty(device=device).to(dtype).eval().requires_grad_(False)
    for name, tensor in network.state_dict().items():
        if "norm" in name and name.endswith("weight"):
            tensor.fill_(1.0)
        else:
            tensor.normal_(0.0, 0.02)
    return network


def needed_operations(values: Mapping[str, Any], lengths: tuple[tuple[int, int], ...] = LENGTHS) -> float:
    """Operations for both answers about one picture, with one look and nothing computed twice."""
    visual, reader = values["visual_config"]["visual_model"], values["visual_config"]["visual_abstractor"]
    width, mlp = visual["hidden_size"], visual["intermediate_size"]
    patches = (visual["image_size"] // PATCH) ** 2
    seen = patches + 1
    per_layer = 2 * seen * (4 * width**2 + 2 * width * mlp) + 4 * seen**2 * width
    total = 2 * patches * 3 * PATCH**2 * width + visual["num_hidden_layers"] * per_layer
    queries, inner = reader["num_learnable_queries"], reader["intermediate_size"]
    sources = queries + seen
    products = 2 * queries * (2 * width**2 + 3 * width * inner) + 2 * sources * 2 * width**2
    total += reader["num_hidden_layers"] * (products + 4 * queries * sources * width)
    hidden, wide, layers = values["hidden_size"], values["intermediate_size"], values["num_hidden_layers"]
    total += 2 * queries * width * hidden
    for before, after in lengths:
        tokens = queries + 1 + after
        whole = 2 * tokens * (4 * hidden**2 + 3 * hidden * wide)
        whole += 4 * hidden * sum(before + at + 1 for at in range(tokens))
        # The last layer: keys and values of all tokens, the rest of one.
        last = 2 * tokens * 2 * hidden**2 + 2 * (2 * hidden**2 + 3 * hidden * wide)
        last += 4 * hidden * (before + tokens)
        total += (layers - 1) * whole + last + 2 * WORDS * hidden
    return float(total)


class Paths:
    """Both ways to the same ten logits a picture."""

    def __init__(self, size: str, device: torch.device, dtype: torch.dtype, batch: int, compiled: bool):
        self.values = config_values(size)
        torch.manual_seed(0)
        self.network = random_network(MPlugOwl2Config.from_json(self.values), device, dtype)
        side = self.network.config.vision.image_size
        self.pixels = torch.randn(batch, 3, side, side, device=device, dtype=dtype)
        vocabulary = self.network.config.decoder.vocab_size
        self.prompts = [
            Question(
                tuple(torch.randint(3, vocabulary, (before,)).tolist()),
                tuple(torch.randint(3, vocabulary, (after,)).tolist()),
            )
            for before, after in LENGTHS
        ]
        self.word_ids = list(range(3, 3 + WORDS))
        self.questions = Questions(self.network, self.prompts, self.word_ids)
        self.quality = Questions(self.network, self.prompts[:1], self.word_ids)
        self.weights = self.network.state_dict()
        self.plain = SimpleNamespace(**runpy.run_path(str(PLAIN)))
        self.shared: Callable[[], Tensor] = torch.compile(self._shared) if compiled else self._shared

    def _shared(self) -> Tensor:
        return self.questions.answer(self.network.image_tokens(self.network.look(self.pixels))).float()

    def alone(self) -> Tensor:
        """Quality only: what is left to do where a head answers the second question."""
        return self.quality.answer(self.network.image_tokens(self.network.look(self.pixels))).float()

    def whole(self) -> Tensor:
        """Two passes from the pixels, as two scorer objects make them."""
        ids = [[*q.before, self.plain.MARK, *q.after] for q in self.prompts]
        logits = [self.plain.photo_logits(self.weights, self.values, row, self.pixels) for row in ids]
        return torch.stack([part[:, self.word_ids] for part in logits], 1).float()


def measured(run: Callable[[], Tensor], device: torch.device) -> tuple[float, float]:
    """Wall and process-CPU seconds of one call."""
    synchronise = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    synchronise()
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    synchronise()
    return time.perf_counter() - wall, time.process_time() - cpu


@torch.inference_mode()
def compare(args: argparse.Namespace) -> dict[str, Any]:
    torch.set_num_threads(args.threads)
    device = torch.device(args.device)
    paths = Paths(args.size, device, getattr(torch, args.dtype), args.batch, args.compile)
    shared, whole = paths.shared(), paths.whole()  # also the warm-up
    gap = float((shared - whole).abs().max() / whole.abs().max())
    for _ in range(2):  # compiled code may be made anew once more, now that the layouts are known
        paths.shared()
        paths.alone()
    ways = {"shared": paths.shared, "whole": paths.whole, "alone": paths.alone}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(args.rounds):
        for name, run in ways.items():
            times[name].append(measured(run, device))
    which = 0 if device.type == "cuda" else 1

    def ratio(mine: str, theirs: str) -> float:
        pairs = zip(times[mine], times[theirs], strict=True)
        return statistics.median(a[which] / b[which] for a, b in pairs)

    wall = statistics.median(seconds for seconds, _ in times["shared"]) / args.batch
    operations = needed_operations(paths.values)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    peak = args.peak_tflops or next((tera for part, tera in PEAKS.items() if part in name), None)
    return {
        "size": args.size,
        "device": name,
        "dtype": args.dtype,
        "threads": args.threads,
        "batch": args.batch,
        "shared_cpu_s_per_image": statistics.median(cpu for _, cpu in times["shared"]) / args.batch,
        "whole_cpu_s_per_image": statistics.median(cpu for _, cpu in times["whole"]) / args.batch,
        "images_per_s": 1 / wall,
        "whole_images_per_s": args.batch / statistics.median(seconds for seconds, _ in times["whole"]),
        "gflop_per_image": operations / 1e9,
        "tflop_per_s": operations / wall / 1e12,
        "utilisation": operations / wall / 1e12 / peak if peak else None,
        "memory_gib": _memory_gib(device),
        "relative_gap_of_logits": gap,
        "quality_alone_to_both": ratio("alone", "shared"),
        "ratio": ratio("shared", "whole"),
    }


def _memory_gib(device: torch.device) -> float:
    """The most that was in use: of the GPU's memory, or of the process's."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**30
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="mid")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", choices=("float32", "bfloat16", "float16"), default="float32")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compile", action="store_true", help="compile the shared path")
    parser.add_argument("--peak-tflops", type=float, help="the device's dense peak in this precision")
    parser.add_argument("--limit", type=float, help="exit 1 when the ratio is above it")
    args = parser.parse_args(words)
    figures = compare(args)
    print(json.dumps(figures, indent=2))
    return int(args.limit is not None and figures["ratio"] > args.limit)


if __name__ == "__main__":
    sys.exit(main())
