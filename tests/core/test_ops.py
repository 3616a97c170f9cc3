"""`edgekit.core.ops` against PyTorch; bounds are those of a float32 sum, K * eps * sum |x w|."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core import ops
from edgekit.core.windows import resolve_padding

EPS = np.finfo(np.float32).eps


def to_torch(x):
    """NHWC to NCHW; OHWI to OIHW is the same move."""
    return torch.from_numpy(np.ascontiguousarray(x)).permute(0, 3, 1, 2)


def from_torch(y):
    return y.permute(0, 2, 3, 1).numpy()


def torch_conv(x, w, b, stride, padding, dilation, groups):
    (top, bottom), (left, right) = padding
    padded = F.pad(to_torch(x), (left, right, top, bottom))
    bias = None if b is None else torch.from_numpy(b)
    return from_torch(F.conv2d(padded, to_torch(w), bias, stride, 0, dilation, groups))


GEOMETRY = st.fixed_dictionaries(
    {
        "size": st.tuples(st.integers(1, 9), st.integers(5, 14)),
        "kernel": st.tuples(st.integers(1, 3), st.integers(1, 5)),
        "stride": st.tuples(st.integers(1, 3), st.integers(1, 3)),
        "dilation": st.tuples(st.integers(1, 2), st.integers(1, 3)),
        "padding": st.tuples(
            st.tuples(st.integers(4, 5), st.integers(4, 6)), st.tuples(st.integers(4, 6), st.integers(4, 5))
        ),
        "groups": st.sampled_from([1, 2, 3, 6]),
        "per_group": st.integers(1, 3),
        "outputs": st.integers(1, 3),
        "batch": st.integers(1, 3),
        "seed": st.integers(0, 2**32 - 1),
    }
)


@given(GEOMETRY)
def test_conv2d_equals_torch(case):
    rng = np.random.default_rng(case["seed"])
    groups, per_group = case["groups"], case["per_group"]
    x = rng.standard_normal((case["batch"], *case["size"], groups * per_group)).astype(np.float32)
    w = rng.standard_normal((groups * case["outputs"], *case["kernel"], per_group)).astype(np.float32)
    b = rng.standard_normal(w.shape[0]).astype(np.float32)
    arguments = case["stride"], case["padding"], case["dilation"], groups
    y = ops.conv2d(x, w, b, *arguments)
    terms = int(np.prod(w.shape[1:])) + 1
    bound = 2 * terms * EPS * torch_conv(np.abs(x), np.abs(w), np.abs(b), *arguments)
    assert y.dtype == np.float32
    assert (np.abs(y - torch_conv(x, w, b, *arguments)) <= bound).all()


def test_conv2d_in_batches_equals_one_at_a_time():
    rng = np.random.default_rng(0)
    x = rng.integers(-9, 9, (300, 1, 200, 8)).astype(
        np.float32
    )  # whole numbers: every order of summing is exact
    w = rng.integers(-9, 9, (4, 1, 9, 8)).astype(np.float32)
    assert x.shape[0] * 192 * 72 > 2**21, "the batch must be cut for this test to mean anything"
    assert np.array_equal(ops.conv2d(x, w), np.concatenate([ops.conv2d(one[None], w) for one in x]))


@given(st.integers(1, 40), st.integers(1, 7), st.integers(1, 5), st.integers(1, 3))
def test_same_padding_gives_ceil_of_size_over_stride(size, kernel, stride, dilation):
    (_, _), (left, right) = resolve_padding("same", (1, size), (1, kernel), (1, stride), (1, dilation))
    outputs = (size + left + right - (kernel - 1) * dilation - 1) // stride + 1
    assert outputs == -(-size // stride)
    assert right - left in (0, 1)


@given(st.integers(1, 3), st.integers(1, 3), st.integers(0, 1), st.booleans(), st.integers(0, 2**32 - 1))
def test_pools_equal_torch(kernel, stride, side, average, seed):
    x = np.random.default_rng(seed).standard_normal((2, 7, 8, 3)).astype(np.float32)
    side = min(side, kernel // 2)
    padding = ((side, side), (side, side))
    if average:
        y = ops.avg_pool2d(x, kernel, stride, padding)
        expected = from_torch(F.avg_pool2d(to_torch(x), kernel, stride, side, count_include_pad=False))
        assert np.abs(y - expected).max() <= kernel * kernel * EPS * np.abs(x).max()
    else:
        y = ops.max_pool2d(x, kernel, stride, padding)
        assert np.array_equal(y, from_torch(F.max_pool2d(to_torch(x), kernel, stride, side)))
    assert y.dtype == np.float32


def test_average_pool_ignores_padding_on_both_sides():
    x = np.full((1, 3, 3, 1), 5, np.float32)
    assert (ops.avg_pool2d(x, 2, 2, "same") == 5).all()


def test_dense_batch_norm_and_softmax_equal_torch():
    rng = np.random.default_rng(1)
    x, w, b = (rng.standard_normal(shape).astype(np.float32) for shape in ((5, 30), (7, 30), (7,)))
    bound = 2 * 31 * EPS * (np.abs(x) @ np.abs(w).T + np.abs(b))
    assert (np.abs(ops.dense(x, w, b) - F.linear(*map(torch.from_numpy, (x, w, b))).numpy()) <= bound).all()
    gamma, beta, mean = (rng.standard_normal(30).astype(np.float32) for _ in range(3))
    variance = rng.uniform(0.1, 2, 30).astype(np.float32)
    expected = F.batch_norm(*map(torch.from_numpy, (x, mean, variance, gamma, beta)), eps=1e-3).numpy()
    scale = np.abs(gamma) / np.sqrt(variance) * (np.abs(x) + np.abs(mean)) + np.abs(beta)
    assert (np.abs(ops.batch_norm(x, gamma, beta, mean, variance, 1e-3) - expected) <= 8 * EPS * scale).all()
    expected = torch.softmax(torch.from_numpy(x), 1).numpy()
    assert np.abs(ops.softmax(x) - expected).max() <= 40 * EPS


def test_softmax_of_huge_values_is_finite():
    assert ops.softmax(np.array([1e30, 0.0, -1e30], np.float32)).tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ops.conv2d(np.ones((4, 4, 1)), np.ones((1, 3, 3, 1))), r"conv2d: x must be \(N, H, W, C\)"),
        (lambda: ops.conv2d(np.ones((1, 4, 4, 3)), np.ones((1, 3, 3, 1))), "3 channels in 1 groups"),
        (
            lambda: ops.conv2d(np.ones((1, 4, 4, 3)), np.ones((2, 3, 3, 1)), groups=3),
            "O a multiple of groups",
        ),
        (
            lambda: ops.conv2d(np.ones((1, 4, 4, 1)), np.ones((2, 3, 3, 1)), np.ones(3)),
            "bias must have one value",
        ),
        (lambda: ops.conv2d(np.ones((1, 2, 4, 1)), np.ones((2, 3, 3, 1))), "does not fit in the padded 2x4"),
        (lambda: ops.conv2d(np.ones((1, 4, 4, 1)), np.ones((2, 3, 3, 1)), stride=0), "must be >= 1"),
        (
            lambda: ops.conv2d(np.ones((1, 4, 4, 1)), np.ones((1, 1, 1, 1)), padding="full"),
            "padding must be 'same'",
        ),
        (
            lambda: ops.conv2d(np.ones((1, 4, 4, 1)), np.ones((1, 1, 1, 1)), padding=((0, -1), (0, 0))),
            "must be >= 0",
        ),
        (lambda: ops.dense(np.ones((2, 3)), np.ones((4, 2))), r"dense: x must be \(..., C\)"),
        (lambda: ops.avg_pool2d(np.ones((4, 4, 1)), 2), "avg_pool2d: x must be"),
        (
            lambda: ops.max_pool2d(np.ones((1, 4, 4, 1)), 2, 2, ((2, 0), (0, 0))),
            "must be smaller than the kernel",
        ),
        (lambda: ops.add(np.ones(2), np.ones(3)), "add: both inputs must have one shape"),
    ],
)
def test_errors_name_the_call_and_the_remedy(call, message):
    with pytest.raises(ValueError, match=message):
        call()
