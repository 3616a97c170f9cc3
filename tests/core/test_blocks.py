"""Blocks in NumPy against a loop over every output, which is their definition; torch is asked in tests/nn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core import blocks
from edgekit.core.shape_ops import channel_shuffle


def draw(rng, *shape):
    """Whole numbers in float64: every order of summing is exact."""
    return rng.integers(-3, 4, shape).astype(float)


def convolution(x, w, b, stride=(1, 1), groups=1):
    """The definition, one output after the other; zeros outside."""
    (n, height, width, _), (outputs, kh, kw, each) = x.shape, w.shape
    y = np.zeros((n, -(-height // stride[0]), -(-width // stride[1]), outputs))
    for place in np.ndindex(y.shape):
        image, i, j, o = place
        first = o // (outputs // groups) * each
        for u, v, c in np.ndindex(kh, kw, each):
            row, column = i * stride[0] + u - kh // 2, j * stride[1] + v - kw // 2
            if 0 <= row < height and 0 <= column < width:
                y[place] += x[image, row, column, first + c] * w[o, u, v, c]
        y[place] += b[o]
    return y


def layer(rng, outputs, kernel, inputs):
    return draw(rng, outputs, *kernel, inputs), draw(rng, outputs)


SHAPES = pytest.mark.parametrize(("size", "kernel"), [((5, 6), (3, 3)), ((1, 9), (1, 5)), ((4, 4), (5, 5))])


@SHAPES
@pytest.mark.parametrize("stride", [1, 2])
def test_separable(size, kernel, stride):
    rng = np.random.default_rng(0)
    x, deep, point = draw(rng, 2, *size, 4), layer(rng, 4, kernel, 1), layer(rng, 6, (1, 1), 4)
    steps = (1 if size[0] == 1 else stride, stride)
    middle = np.maximum(convolution(x, *deep, steps, groups=4), 0)
    expected = np.maximum(convolution(middle, *point), 0)
    np.testing.assert_array_equal(blocks.separable(x, deep, point, stride), expected)


@SHAPES
def test_inverted_residual(size, kernel):
    rng = np.random.default_rng(1)
    x = draw(rng, 2, *size, 4)
    widen, deep, narrow = layer(rng, 8, (1, 1), 4), layer(rng, 8, kernel, 1), layer(rng, 4, (1, 1), 8)
    middle = np.maximum(convolution(np.maximum(convolution(x, *widen), 0), *deep, groups=8), 0)
    expected = convolution(middle, *narrow)
    np.testing.assert_array_equal(blocks.inverted_residual(x, widen, deep, narrow), x + expected)
    assert (expected < 0).any(), "the bottleneck is linear"
    other = layer(rng, 6, (1, 1), 8)
    np.testing.assert_array_equal(blocks.inverted_residual(x, widen, deep, other), convolution(middle, *other))


def test_without_widening_and_with_excitement():
    rng = np.random.default_rng(2)
    x, deep, narrow = draw(rng, 1, 4, 4, 4), layer(rng, 4, (3, 3), 1), layer(rng, 2, (1, 1), 4)
    excite = layer(rng, 2, (1, 1), 4), layer(rng, 4, (1, 1), 2)
    middle = blocks.squeeze_excite(np.maximum(convolution(x, *deep, groups=4), 0), *excite)
    y = blocks.inverted_residual(x, None, deep, narrow, excite)
    np.testing.assert_allclose(y, convolution(middle, *narrow), rtol=1e-12)


def test_squeeze_excite_by_its_equation():
    rng = np.random.default_rng(3)
    x, (w1, b1), (w2, b2) = draw(rng, 3, 4, 2, 5), layer(rng, 2, (1, 1), 5), layer(rng, 5, (1, 1), 2)
    y = blocks.squeeze_excite(x, (w1, b1), (w2, b2))
    for n in range(3):
        hidden = np.maximum(w1[:, 0, 0] @ x[n].mean((0, 1)) + b1, 0)
        gate = np.clip(w2[:, 0, 0] @ hidden + b2 + 3, 0, 6) / 6
        np.testing.assert_allclose(y[n], x[n] * gate, rtol=1e-12)


def test_shuffle_unit():
    rng = np.random.default_rng(4)
    x, deep = draw(rng, 2, 3, 4, 6), layer(rng, 4, (3, 3), 1)
    first, last = layer(rng, 4, (1, 1), 3), layer(rng, 6, (1, 1), 2)
    middle = np.maximum(convolution(x, *first, groups=2), 0)[..., [0, 2, 1, 3]]
    expected = np.maximum(x + convolution(convolution(middle, *deep, groups=4), *last, groups=2), 0)
    np.testing.assert_array_equal(blocks.shuffle_unit(x, first, deep, last, 2), expected)


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_shuffle_deals_the_channels_and_dealing_the_other_way_undoes_it(groups, each, seed):
    x = np.random.default_rng(seed).normal(size=(2, 3, groups * each))
    y = channel_shuffle(x, groups)
    for j, i in np.ndindex(each, groups):
        np.testing.assert_array_equal(y[..., j * groups + i], x[..., i * each + j])
    np.testing.assert_array_equal(channel_shuffle(y, each), x)


def test_shuffle_needs_groups_that_divide():
    with pytest.raises(ValueError, match="groups must divide the 6 channels, got 4"):
        channel_shuffle(np.zeros((1, 6)), 4)
