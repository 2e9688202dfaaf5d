"""Weights in 8 and 4 bits."""

import pytest
import torch
from torch.nn import functional as F

from culler.models.quantised import (
    NF4_LEVELS,
    FusedNf4Linear,
    Int8Linear,
    Nf4Linear,
    Quantisation,
    quantised_linear,
)


@pytest.fixture
def weight():
    return torch.randn(48, 80, generator=torch.Generator().manual_seed(4)) * 0.05


@pytest.fixture
def hidden():
    return torch.randn(3, 7, 80, generator=torch.Generator().manual_seed(6))


def test_int8_weights_are_off_by_half_a_step_at_most(weight):
    layer = Int8Linear(weight)
    step = weight.abs().amax(1, keepdim=True) / 127
    assert ((layer.packed * layer.scale[:, None] - weight).abs() <= step / 2 * 1.001).all()
    assert int(layer.packed.abs().max()) == 127


def test_nf4_takes_the_nearest_level_of_every_block(weight):
    exact = weight.flatten().view(-1, 64)
    scale = exact.abs().amax(1, keepdim=True)
    levels = torch.tensor(NF4_LEVELS)
    nearest = levels[((exact / scale)[..., None] - levels).abs().argmin(-1)] * scale
    assert torch.allclose(Nf4Linear(weight).unpacked(torch.float32), nearest.view(48, 80), atol=1e-7)


def test_nf4_keeps_zero_and_the_largest_of_a_block():
    weight = torch.zeros(2, 64)
    weight[0, 5], weight[1, 9] = 0.3, -0.7
    assert torch.equal(Nf4Linear(weight).unpacked(torch.float32), weight)


def test_a_last_block_may_be_short():
    weight = torch.randn(3, 50, generator=torch.Generator().manual_seed(8))
    assert Nf4Linear(weight).unpacked(torch.float32).shape == (3, 50)


def test_an_odd_number_of_weights_is_refused():
    with pytest.raises(ValueError, match="odd"):
        Nf4Linear(torch.ones(3, 5))


@pytest.mark.parametrize(("how", "error"), [(Quantisation.INT8, 0.02), (Quantisation.NF4, 0.15)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_products_are_near_those_of_the_exact_weights(weight, hidden, how, error, dtype):
    exact = F.linear(hidden, weight)
    product = quantised_linear(weight, how)(hidden.to(dtype))
    assert product.dtype == dtype
    assert float((product.float() - exact).norm() / exact.norm()) < error


def test_a_bias_is_added(weight, hidden):
    for how in Quantisation:
        layer = quantised_linear(weight, how)
        without = layer(hidden)
        layer.bias = torch.nn.Parameter(torch.ones(48))
        assert torch.allclose(layer(hidden), without + 1, atol=1e-5)


def test_an_empty_row_stays_empty(hidden):
    for how in Quantisation:
        assert quantised_linear(torch.zeros(4, 80), how)(hidden).eq(0).all()


def test_the_optional_kernels_give_the_same_products(weight, hidden):
    pytest.importorskip("bitsandbytes", exc_type=ImportError)
    weight, hidden = weight[:, :64].contiguous(), hidden[..., :64].contiguous()
    plain, fused = Nf4Linear(weight), FusedNf4Linear(weight)
    assert torch.allclose(fused(hidden), plain(hidden), atol=1e-6)


def test_without_a_gpu_the_plain_way_is_taken(weight):
    assert type(quantised_linear(weight, Quantisation.NF4)) is Nf4Linear
