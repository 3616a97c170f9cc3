"""Integer pools against their definition: loops over Python integers, division truncated as C truncates it."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.integer import pool

CASES = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2**32 - 1))


def loop_definition(q_x, kernel, stride, padding, reduce):
    (top, bottom), (left, right) = padding
    n, height, width, channels = q_x.shape
    rows = (height + top + bottom - kernel[0]) // stride[0] + 1
    columns = (width + left + right - kernel[1]) // stride[1] + 1
    y = np.zeros((n, rows, columns, channels), np.int64)
    for b, i, j, c in np.ndindex(y.shape):
        taps = np.ndindex(*kernel)
        place = [(i * stride[0] + u - top, j * stride[1] + v - left) for u, v in taps]
        y[b, i, j, c] = reduce([int(q_x[b, p, q, c]) for p, q in place if 0 <= p < height and 0 <= q < width])
    return y


def truncated_mean(values):
    total, n = sum(values), len(values)
    return int((abs(total) + n // 2) // n) * (1 if total > 0 else -1)


@given(CASES)
def test_pools_equal_the_loops(case):
    kh, kw, sh, sw, seed = case
    rng = np.random.default_rng(seed)
    q_x = rng.integers(-128, 128, (2, 5, 6, 2), np.int8)
    padding = tuple(tuple(int(n) for n in rng.integers(0, k, 2)) for k in (kh, kw))
    arguments = (kh, kw), (sh, sw), padding
    for operator, reduce in ((pool.avg_pool2d, truncated_mean), (pool.max_pool2d, max)):
        q_y = operator(q_x, *arguments)
        assert q_y.dtype == np.int8
        assert np.array_equal(q_y, loop_definition(q_x, *arguments, reduce))


def test_the_mean_rounds_half_away_from_zero():
    q_x = np.array([[1, 2], [-1, -2], [0, 1], [0, -1]], np.int8).reshape(4, 1, 2, 1)
    assert pool.avg_pool2d(q_x, (1, 2)).ravel().tolist() == [2, -2, 1, -1]


def test_a_fused_clip():
    q_x = np.array([-100, 100], np.int8).reshape(1, 1, 2, 1)
    for operator in (pool.avg_pool2d, pool.max_pool2d):
        assert operator(q_x, 1, qmin=-5, qmax=7).ravel().tolist() == [-5, 7]


def test_a_large_window_does_not_overflow():
    q_x = np.full((1, 300, 300, 1), 127, np.int8)
    assert pool.avg_pool2d(q_x, 300).item() == 127


@pytest.mark.parametrize("operator", [pool.avg_pool2d, pool.max_pool2d])
def test_errors(operator):
    with pytest.raises(ValueError, match="expected integer codes, got float64; quantize"):
        operator(np.ones((1, 2, 2, 1)), 2)
    with pytest.raises(ValueError, match="must be smaller than the kernel"):
        operator(np.ones((1, 2, 2, 1), np.int8), 1, 1, ((1, 0), (0, 0)))
