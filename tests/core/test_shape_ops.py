"""Operators that move elements, against NumPy and against PyTorch; what does not fit is refused."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core import ops, shape_ops

SIZES = st.tuples(*[st.integers(1, 12)] * 4)


def numbered(*shape):
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


@given(SIZES)
def test_resize_equals_torch(sizes):
    """'nearest' floors as LiteRT's default does; 'nearest-exact' takes half pixels."""
    h, w, rows, columns = sizes
    x = numbered(2, h, w, 3)
    for mode, half_pixel in (("nearest", False), ("nearest-exact", True)):
        expected = F.interpolate(torch.from_numpy(x).permute(0, 3, 1, 2), size=(rows, columns), mode=mode)
        y = shape_ops.resize_nearest(x, (rows, columns), half_pixel=half_pixel)
        assert np.array_equal(y, expected.permute(0, 2, 3, 1).numpy())


@given(st.integers(1, 40), st.integers(1, 40))
def test_aligned_corners_stay_and_every_index_is_the_nearest(inputs, outputs):
    indices = shape_ops.nearest_indices(inputs, outputs, align_corners=True)
    place = np.arange(outputs) * ((inputs - 1) / (outputs - 1) if outputs > 1 else inputs)
    assert (np.abs(indices - np.minimum(place, inputs - 1)) <= 0.5 + 1e-5).all()
    assert (indices[0], indices[-1]) == (0, inputs - 1 if outputs > 1 else 0)


def test_concat_pad_and_mean():
    x = numbered(2, 3, 4, 5)
    assert shape_ops.concat(x, x[:, :2], axis=-3).shape == (2, 5, 4, 5)
    padded = shape_ops.pad(x, ((1, 0), (0, 2)), value=-1)
    assert padded.shape == (2, 4, 6, 5)
    assert np.array_equal(padded[:, 1:, :4], x)
    assert padded.sum() == x.sum() - (padded.size - x.size)
    assert np.array_equal(shape_ops.mean(x), x.mean(axis=(1, 2)))
    assert shape_ops.mean(x, (-1,), keepdims=True).shape == (2, 3, 4, 1)
    assert shape_ops.mean(x).dtype == np.float32


def test_mul_stretches_all_axes_but_inserts_new_ones_after_the_batch():
    x, gates = numbered(2, 3, 4, 5), numbered(2, 5)
    assert np.array_equal(ops.mul(x, gates), x * gates[:, None, None])
    assert np.array_equal(ops.mul(gates.reshape(2, 1, 1, 5), x), x * gates[:, None, None])
    assert np.array_equal(ops.mul(x, gates[:1]), x * gates[0])


@pytest.mark.parametrize(("call", "message"), [
    (lambda: ops.mul(np.ones((2, 3)), np.ones((2, 4))), r"mul: shapes \(2, 3\) and \(2, 4\) do not fit"),
    (lambda: shape_ops.concat(np.ones((1, 2)), np.ones((1, 2)), axis=0), "concat: axes must be different, from -1"),
    (lambda: shape_ops.concat(np.ones((1, 2, 3)), np.ones((1, 3, 3))), "concat: all axes but -1 must be equal"),
    (lambda: shape_ops.concat(np.ones((1, 2, 3)), np.ones((1, 3))), "concat: all axes but -1 must be equal"),
    (lambda: shape_ops.pad(np.ones((1, 2, 3)), ((0, 0), (0, 0))), "pad: x must be"),
    (lambda: shape_ops.pad(np.ones((1, 2, 3, 1)), ((0, -1), (0, 0))), "must be >= 0"),
    (lambda: shape_ops.mean(np.ones((2, 3, 3, 1)), (1, 2)), "mean: axes must be different, from -3 to -1"),
    (lambda: shape_ops.mean(np.ones((2, 3)), (-1, -1)), "mean: axes must be different"),
    (lambda: shape_ops.resize_nearest(np.ones((1, 2, 2, 1)), (0, 4)), "sizes must be >= 1, got 2 -> 0"),
    (lambda: shape_ops.resize_nearest(np.ones((2, 2, 1)), 2), "resize_nearest: x must be"),
])
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
