"""Where a large judge runs and in which precision, and what to do when memory runs out.

`auto` takes the best precision that fits the best device, and says what it took. Measured on the
CPU alone; the CUDA and MPS choices are unverified on real devices (tests use made-up machines).
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import torch

from culler.domain.errors import CullerError
from culler.models.quantised import Quantisation

GIB = 1 << 30
HEADROOM_BYTES = GIB + GIB // 2
"""Kept free beside the weights for activations; scaled down for networks smaller than it."""
PHOTO_BYTES = GIB // 6
"""Activations of one photo at the full size in half precision, generously."""
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
PRECISIONS = (*DTYPES, *Quantisation)

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Gpu:
    """A CUDA device as far as choosing needs to know it."""

    index: int
    name: str
    free_bytes: int
    has_bfloat16: bool = True


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is to run on. None: unknown, so nothing is refused for it."""

    gpus: tuple[Gpu, ...] = ()
    mps_bytes: int | None = None
    cpu_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a network goes: one copy a device. `note` says so to a person."""

    devices: tuple[torch.device, ...]
    dtype: torch.dtype
    quantisation: Quantisation | None
    batch_size: int
    note: str

    @property
    def precision(self) -> str:
        """What shapes the numbers, for the scorer's version."""
        name = str(self.dtype).removeprefix("torch.")
        return f"{self.quantisation.value} in {name}" if self.quantisation else name


class WeightBytes(Protocol):
    """The size of a network's weights in a precision."""

    def __call__(self, dtype: torch.dtype, quantisation: Quantisation | None) -> int: ...


def this_machine() -> Machine:
    """The devices of this computer and their free memory, now."""
    gpus = tuple(
        Gpu(
            index,
            torch.cuda.get_device_name(index),
            torch.cuda.mem_get_info(index)[0],
            torch.cuda.get_device_capability(index) >= (8, 0),
        )
        for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0)
    )
    has_mps = torch.backends.mps.is_available()
    return Machine(gpus, torch.mps.recommended_max_memory() if has_mps else None, free_ram_bytes())


def free_ram_bytes() -> int | None:
    """Memory that can be had without swapping; all there is where only that is known; else None."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def place(device: str, precision: str | None, weights: WeightBytes, machine: Machine) -> Placement:
    """The device or devices and the precision for a network.

    `device`: auto, cuda (every GPU that fits), cuda:N, mps or cpu. `precision`: one of PRECISIONS, or
    None for the best that fits. Raises CullerError when it is not there or nothing fits.
    """
    if precision is not None and precision not in PRECISIONS:
        raise CullerError(f"There is no precision {precision!r}; choose one of {', '.join(PRECISIONS)}.")
    kind, _, number = device.partition(":")
    if kind not in ("auto", "cuda", "mps", "cpu") or (number and (kind != "cuda" or not number.isdigit())):
        raise CullerError(f"There is no device {device!r}; choose auto, cuda, cuda:0, mps or cpu.")
    gpus = machine.gpus
    if number:
        gpus = tuple(gpu for gpu in gpus if gpu.index == int(number))
    if kind == "cuda" and not gpus:
        raise CullerError(
            f"There is no CUDA device {number} here; use --device cpu."
            if machine.gpus
            else "There is no CUDA device here, or this torch is built without CUDA; use --device cpu."
        )
    if kind == "mps" and machine.mps_bytes is None:
        raise CullerError("This computer has no Apple GPU that torch can use; use --device cpu.")
    tries: list[Callable[[], Placement | None]] = []
    if gpus and kind in ("auto", "cuda"):
        tries.append(lambda: _on_cuda(gpus, precision, weights))
    if machine.mps_bytes is not None and kind in ("auto", "mps"):
        tries.append(lambda: _on_mps(machine.mps_bytes or 0, precision, weights))
    if kind in ("auto", "cpu"):
        tries.append(lambda: _on_cpu(machine.cpu_bytes, precision, weights))
    for attempt in tries:
        if (found := attempt()) is not None:
            return found
    smallest = weights(torch.float16, Quantisation.NF4) if precision is None else None
    raise CullerError(_too_large(device, precision, smallest, machine))


def _choices(
    precision: str | None, best: torch.dtype, weights: WeightBytes
) -> list[tuple[torch.dtype, Quantisation | None, int]]:
    """(compute dtype, storage, weight bytes), best first; quantised weights compute in `best`."""
    if precision in DTYPES:
        return [(DTYPES[precision], None, weights(DTYPES[precision], None))]
    if precision is not None:
        how = Quantisation(precision)
        return [(best, how, weights(best, how))]
    dtypes = [best] if best is not torch.float32 else [torch.float32, torch.bfloat16]
    plain = [(dtype, None, weights(dtype, None)) for dtype in dtypes]
    return [*plain, *((best, how, weights(best, how)) for how in Quantisation)]


def _with_headroom(weight_bytes: int) -> int:
    return weight_bytes + min(HEADROOM_BYTES, weight_bytes)


def _on_cuda(gpus: Sequence[Gpu], precision: str | None, weights: WeightBytes) -> Placement | None:
    best = torch.bfloat16 if all(gpu.has_bfloat16 for gpu in gpus) else torch.float16
    for dtype, how, size in _choices(precision, best, weights):
        fitting = [gpu for gpu in gpus if gpu.free_bytes >= _with_headroom(size)]
        if fitting:
            spare = min(gpu.free_bytes for gpu in fitting) - size
            batch = max(1, min(64, spare // PHOTO_BYTES)) * len(fitting)
            names = ", ".join(gpu.name for gpu in fitting)
            devices = tuple(torch.device("cuda", gpu.index) for gpu in fitting)
            return Placement(devices, dtype, how, batch, f"{names}, {_named(dtype, how)}")
    return None


def _on_mps(free: int, precision: str | None, weights: WeightBytes) -> Placement | None:
    for dtype, how, size in _choices(precision, torch.float16, weights):
        if free >= _with_headroom(size):
            note = f"the Apple GPU, {_named(dtype, how)}"
            return Placement((torch.device("mps"),), dtype, how, 4, note)
    return None


def _on_cpu(free: int | None, precision: str | None, weights: WeightBytes) -> Placement | None:
    for dtype, how, size in _choices(precision, torch.float32, weights):
        if free is None or free >= _with_headroom(size):
            return Placement((torch.device("cpu"),), dtype, how, 4, f"the CPU, {_named(dtype, how)}")
    return None


def _named(dtype: torch.dtype, how: Quantisation | None) -> str:
    name = str(dtype).removeprefix("torch.")
    return f"{how.value} weights, {name}" if how else name


def _too_large(device: str, precision: str | None, smallest: int | None, machine: Machine) -> str:
    room = [gpu.free_bytes for gpu in machine.gpus] if device != "cpu" else []
    room += [part for part in (machine.mps_bytes, machine.cpu_bytes) if part is not None]
    free = f"{max(room, default=0) / GIB:.1f} GB are free"
    if precision is not None and precision != Quantisation.NF4:
        return f"There is not enough memory for {precision} ({free}); use --dtype nf4 or close programs."
    needs = f"even at 4 bits it needs {smallest / GIB:.1f} GB and " if smallest is not None else ""
    return f"There is not enough memory for this checkpoint: {needs}{free}. Close programs and try again."


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, by any of the ways in which torch says so."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error).lower()
    said = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")
    return isinstance(error, RuntimeError) and any(words in text for words in said)


class Halving(Generic[Item, Answer]):
    """Runs batches that fit: halves on out-of-memory, and remembers the size that went through."""

    def __init__(self, run: Callable[[Sequence[Item]], list[Answer]], limit: int | None = None) -> None:
        self._run = run
        self.limit = limit

    def __call__(self, items: Sequence[Item]) -> list[Answer]:
        """One answer an item, in order. Raises MemoryError when an item does not fit alone."""
        answers: list[Answer] = []
        before, at = self.limit, 0
        while at < len(items):
            part = items[at : at + (self.limit or len(items))]
            if (done := self._attempt(part)) is not None:
                answers += done
                at += len(part)
            elif len(part) == 1:
                self.limit = before  # this item is the trouble, not the size of batches
                raise MemoryError("There is not enough memory to score this photo.")
            else:
                self.limit = len(part) // 2
        return answers

    def _attempt(self, part: Sequence[Item]) -> list[Answer] | None:
        # The error must be gone before the next try: its traceback holds the tensors.
        try:
            return self._run(part)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return None


def spread(runs: Sequence[Callable[[Sequence[Item]], list[Answer]]], items: Sequence[Item]) -> list[Answer]:
    """One answer an item, in order, the items shared out evenly over `runs`, each in its own thread."""
    if len(runs) == 1 or len(items) < 2:
        return runs[0](items)
    edges = [len(items) * at // len(runs) for at in range(len(runs) + 1)]
    shares = [items[a:b] for a, b in pairwise(edges)]
    with ThreadPoolExecutor(len(runs)) as pool:
        parts = list(pool.map(lambda run, share: run(share) if share else [], runs, shares))
    return [answer for part in parts for answer in part]
