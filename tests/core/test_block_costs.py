"""The MAC formulas of the blocks: by hand, against a count product by product, and what must not be forgotten."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core import block_costs
from edgekit.core.block_costs import Layer, macs, weights


def counted(size, in_channels, channels, kernel, stride, groups):
    """Every product of the convolution, counted one by one."""
    products = 0
    for i, _j in itertools.product(range(0, size[0], stride[0]), range(0, size[1], stride[1])):
        for o in range(channels):
            group = o // (channels // groups)
            mine = [c for c in range(in_channels) if c // (in_channels // groups) == group]
            products += len(mine) * kernel[0] * kernel[1]
        assert i < size[0]
    return products


@given(st.integers(1, 6), st.integers(2, 7), st.sampled_from([1, 2, 4]), st.integers(1, 2), st.integers(1, 3),
       st.sampled_from([1, 3, 5]), st.integers(1, 3))
def test_grouped_convolution_counted_one_by_one(height, width, groups, per_group, outputs, kernel, stride):
    layer, = block_costs.standard((height, width), groups * per_group, groups * outputs, kernel, stride, groups)
    shape = (1 if height == 1 else kernel, kernel), (1 if height == 1 else stride, stride)
    assert layer.macs == counted((height, width), groups * per_group, groups * outputs, *shape, groups)
    assert layer.weights * layer.out_size[0] * layer.out_size[1] == layer.macs


def test_the_formulas_of_the_lesson():
    k, c, d, h, w = 3, 32, 64, 14, 10
    assert macs(block_costs.standard((h, w), c, d, k)) == k * k * c * d * h * w
    assert macs(block_costs.separable((h, w), c, d, k)) == k * k * c * h * w + c * d * h * w
    wide = 6 * c
    expected = c * wide * h * w + k * k * wide * h * w + wide * d * h * w
    assert macs(block_costs.inverted_residual((h, w), c, wide, d, k)) == expected
    excited = block_costs.inverted_residual((h, w), c, wide, d, k, narrow=48)
    assert macs(excited) == expected + 2 * wide * 48
    assert macs(block_costs.shuffle_unit((h, w), c, 16, 4, k)) == (2 * c * 16 // 4 + k * k * 16) * h * w


def test_stride_acts_before_the_pointwise_part():
    depthwise, pointwise = block_costs.separable((7, 7), 8, 16, 3, 2)
    assert (depthwise.out_size, pointwise.size, pointwise.out_size) == ((4, 4), (4, 4), (4, 4))
    assert macs((depthwise, pointwise)) == (9 * 8 + 8 * 16) * 16


def test_a_signal_has_no_vertical_kernel_or_stride():
    layer, = block_costs.standard((1, 100), 4, 8, 9, 2)
    assert (layer.kernel, layer.stride, layer.out_size) == ((1, 9), (1, 2), (1, 50))
    assert weights([layer]) == 9 * 4 * 8


def test_reads_and_writes():
    layer = Layer("one", 3, 8, (3, 3), 1, (96, 96), (2, 2))
    assert (layer.reads, layer.writes) == (96 * 96 * 3, 48 * 48 * 8)


def test_a_bottleneck_that_does_not_widen_has_two_layers():
    assert [layer.name for layer in block_costs.inverted_residual(8, 16, 16, 24)] == ["depthwise", "narrow"]


@pytest.mark.parametrize(("channels", "groups"), [((6, 8), 4), ((8, 6), 4), ((8, 8), 0)])
def test_groups_divide_both(channels, groups):
    with pytest.raises(ValueError, match=f"do not divide into {groups} groups; take a divisor"):
        block_costs.standard(4, *channels, groups=groups)
