"""Choosing a device and a precision on made-up machines, and what happens when memory runs out.

No real GPU is asked here: that CUDA and MPS behave as these machines do is not proven.
"""

import gc
import threading
import weakref

import pytest
import torch

from culler.domain.errors import CullerError
from culler.models.quantised import Quantisation
from culler.scoring.devices import (
    GIB,
    Gpu,
    Halving,
    Machine,
    free_ram_bytes,
    is_out_of_memory,
    place,
    spread,
    this_machine,
)

BIG = Gpu(0, "Big", 80 * GIB)
SMALL = Gpu(1, "Small", 12 * GIB)
OLD = Gpu(2, "Old", 24 * GIB, has_bfloat16=False)


def weights(dtype, quantisation):
    """The published network's sizes."""
    if quantisation is Quantisation.INT8:
        return int(9.2 * GIB)
    if quantisation is Quantisation.NF4:
        return int(5.3 * GIB)
    return int(15.3 * GIB) * dtype.itemsize // 2


def placed(device="auto", precision=None, gpus=(), mps=None, cpu=64 * GIB):
    return place(device, precision, weights, Machine(tuple(gpus), mps, cpu))


def test_auto_takes_the_gpu_and_says_so():
    found = placed(gpus=[BIG])
    assert found.devices == (torch.device("cuda", 0),)
    assert (found.dtype, found.quantisation) == (torch.bfloat16, None)
    assert found.note == "Big, bfloat16"
    assert found.precision == "bfloat16"


def test_a_card_without_bfloat16_gets_float16():
    assert placed(gpus=[OLD]).dtype is torch.float16


def test_a_card_of_twelve_gigabytes_gets_eight_bits():
    found = placed(gpus=[SMALL])
    assert found.quantisation is Quantisation.INT8
    assert found.precision == "int8 in bfloat16"


def test_a_card_of_eight_gigabytes_gets_four_bits():
    assert placed(gpus=[Gpu(0, "Tiny", 8 * GIB)]).quantisation is Quantisation.NF4


def test_a_card_that_is_too_small_leaves_the_work_to_the_cpu():
    found = placed(gpus=[Gpu(0, "Tiny", 4 * GIB)])
    assert found.devices == (torch.device("cpu"),)


def test_several_gpus_share_the_work_where_the_best_precision_fits():
    found = placed(gpus=[BIG, SMALL, Gpu(3, "Big", 70 * GIB)])
    assert found.devices == (torch.device("cuda", 0), torch.device("cuda", 3))
    assert found.batch_size % 2 == 0
    assert placed("cuda:1", gpus=[BIG, SMALL]).devices == (torch.device("cuda", 1),)


def test_batches_grow_with_free_memory():
    tight, roomy = (placed(gpus=[Gpu(0, "G", room * GIB)]).batch_size for room in (18, 80))
    assert 1 <= tight < roomy <= 64


def test_apple_gpus_come_before_the_cpu():
    found = placed(mps=20 * GIB)
    assert (found.devices, found.dtype) == ((torch.device("mps"),), torch.float16)


def test_the_cpu_gets_float32_or_what_fits():
    assert placed(cpu=64 * GIB).dtype is torch.float32
    assert placed(cpu=20 * GIB).dtype is torch.bfloat16
    assert placed(cpu=12 * GIB).precision == "int8 in float32"
    assert placed(cpu=None).dtype is torch.float32


def test_the_wish_for_a_precision_is_kept():
    assert placed(precision="float16", gpus=[BIG]).dtype is torch.float16
    assert placed(precision="nf4", gpus=[BIG]).quantisation is Quantisation.NF4
    assert placed("cpu", "bfloat16").dtype is torch.bfloat16


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"device": "cuda"}, "no CUDA device here, or this torch is built without CUDA; use --device cpu"),
        ({"device": "cuda:4", "gpus": [BIG]}, "no CUDA device 4 here"),
        ({"device": "mps"}, "no Apple GPU"),
        ({"device": "tpu"}, "no device 'tpu'; choose auto, cuda, cuda:0, mps or cpu"),
        ({"device": "cuda:x", "gpus": [BIG]}, "no device 'cuda:x'"),
        ({"precision": "int3"}, "no precision 'int3'; choose one of float32"),
        ({"cpu": 2 * GIB}, r"even at 4 bits it needs 5\.3 GB and 2\.0 GB are free"),
        ({"device": "cpu", "precision": "float32", "cpu": 8 * GIB}, "not enough memory for float32"),
        ({"device": "cuda", "precision": "bfloat16", "gpus": [SMALL]}, "use --dtype nf4"),
        ({"precision": "nf4", "cpu": 2 * GIB}, "Close programs"),
    ],
)
def test_what_cannot_be_is_a_sentence(wish, sentence):
    with pytest.raises(CullerError, match=sentence):
        placed(**wish)


def test_small_networks_need_little_headroom():
    found = place("cpu", None, lambda dtype, how: 1_000_000, Machine(cpu_bytes=3_000_000))
    assert found.dtype is torch.float32


def test_this_machine_has_memory():
    assert (free_ram_bytes() or 0) > 10_000_000
    assert this_machine().cpu_bytes == pytest.approx(free_ram_bytes(), rel=0.5)


class Device:
    """Runs out of memory above `room` items, and on any item that is `poison`."""

    def __init__(self, room, poison=None, error=MemoryError):
        self.room, self.poison, self.error = room, poison, error
        self.calls, self.threads = [], set()

    def __call__(self, items):
        self.calls.append(len(items))
        self.threads.add(threading.get_ident())
        if len(items) > self.room or self.poison in items:
            raise self.error("CUDA out of memory. Tried to allocate 2 GiB")
        return [item * 10 for item in items]


@pytest.mark.parametrize("error", [MemoryError, RuntimeError, torch.OutOfMemoryError])
def test_a_batch_that_does_not_fit_is_halved_and_answered_in_order(error):
    device = Device(3, error=error)
    assert Halving(device)(range(10)) == [item * 10 for item in range(10)]
    assert device.calls == [10, 5, 2, 2, 2, 2, 2]


def test_the_size_that_went_through_is_remembered():
    device = Device(4)
    run = Halving(device)
    run(range(8))
    device.calls.clear()
    run(range(8))
    assert device.calls == [4, 4]


def test_an_item_that_does_not_fit_alone_is_a_memory_error_and_spoils_nothing_else():
    device = Device(8, poison=3)
    run = Halving(device)
    with pytest.raises(MemoryError, match="not enough memory to score this photo"):
        run(range(8))
    device.calls.clear()
    assert run(range(4, 8)) == [40, 50, 60, 70]
    assert device.calls == [4]


def test_other_errors_pass():
    def broken(items):
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        Halving(broken)([1, 2])


def test_the_failed_try_is_freed_before_the_next():
    alive = []

    class Activation:
        pass

    def run(items):
        gc.collect()
        assert all(ref() is None for ref in alive)
        activation = Activation()
        alive.append(weakref.ref(activation))
        if len(items) > 1:
            raise MemoryError
        return list(items)

    assert Halving(run)([1, 2]) == [1, 2]


def test_torchs_own_words_for_no_memory_are_known():
    assert is_out_of_memory(RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"))
    assert is_out_of_memory(RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"))
    assert is_out_of_memory(RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED"))
    assert not is_out_of_memory(RuntimeError("device-side assert"))
    with pytest.raises(RuntimeError) as found:
        torch.empty(1 << 60)
    assert is_out_of_memory(found.value)


def test_devices_share_a_batch_evenly_in_their_own_threads():
    devices = [Device(9), Device(9), Device(9)]
    assert spread(devices, list(range(10))) == [item * 10 for item in range(10)]
    assert sorted(device.calls[0] for device in devices) == [3, 3, 4]
    assert len(set.union(*(device.threads for device in devices))) >= 1


def test_fewer_items_than_devices():
    devices = [Device(9), Device(9), Device(9)]
    assert spread(devices, [1, 2]) == [10, 20]
    assert spread(devices, [7]) == [70]


def test_each_device_halves_for_itself():
    tight, roomy = Device(1), Device(8)
    assert spread([Halving(tight), Halving(roomy)], list(range(8))) == [item * 10 for item in range(8)]
    assert roomy.calls == [4]
    assert tight.calls[:2] == [4, 2]


def test_one_devices_trouble_is_not_swallowed():
    with pytest.raises(MemoryError):
        spread([Halving(Device(8, poison=0)), Halving(Device(8))], list(range(8)))
