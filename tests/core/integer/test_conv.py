"""Integer convolution against its definition: plain loops over Python integers."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.integer.conv import accumulate_conv2d, conv2d, exact_dtype
from edgekit.core.integer.dense import accumulate_dense, dense


def loop_definition(q_x, q_w, bias, zero_point_x, stride, padding, dilation, groups):
    """acc = sum((q_x - zero_point_x) * q_w) + bias; outside the image nothing is added."""
    (top, bottom), (left, right) = padding
    n, height, width, _ = q_x.shape
    outputs, kh, kw, per_group = q_w.shape
    rows = (height + top + bottom - (kh - 1) * dilation[0] - 1) // stride[0] + 1
    columns = (width + left + right - (kw - 1) * dilation[1] - 1) // stride[1] + 1
    acc = np.zeros((n, rows, columns, outputs), np.int64)
    for b, i, j, o in np.ndindex(acc.shape):
        first = o // (outputs // groups) * per_group
        total = int(bias[o])
        for u, v, c in itertools.product(range(kh), range(kw), range(per_group)):
            y, x = i * stride[0] + u * dilation[0] - top, j * stride[1] + v * dilation[1] - left
            if 0 <= y < height and 0 <= x < width:
                total += (int(q_x[b, y, x, first + c]) - zero_point_x) * int(q_w[o, u, v, c])
        acc[b, i, j, o] = total
    return acc


PAIRS = st.tuples(st.integers(1, 2), st.integers(1, 3))
CASES = st.fixed_dictionaries(
    {
        "size": st.tuples(st.integers(1, 4), st.integers(4, 6)),
        "kernel": PAIRS,
        "stride": PAIRS,
        "dilation": PAIRS,
        "padding": st.tuples(
            st.tuples(st.integers(1, 2), st.integers(1, 2)), st.tuples(st.integers(1, 2), st.integers(1, 3))
        ),
        "groups": st.sampled_from([1, 2, 4]),
        "per_group": st.integers(1, 3),
        "outputs": st.integers(1, 2),
        "zero_point": st.sampled_from([-128, -1, 0, 7, 127]),
        "seed": st.integers(0, 2**32 - 1),
    }
)


@given(CASES)
def test_accumulator_equals_the_loops(case):
    rng = np.random.default_rng(case["seed"])
    groups, per_group = case["groups"], case["per_group"]
    q_x = rng.integers(-128, 128, (2, *case["size"], groups * per_group), np.int8)
    q_w = rng.integers(-128, 128, (groups * case["outputs"], *case["kernel"], per_group), np.int8)
    bias = rng.integers(-(2**20), 2**20, q_w.shape[0], np.int32)
    arguments = case["stride"], case["padding"], case["dilation"], groups
    acc = accumulate_conv2d(q_x, q_w, bias, case["zero_point"], *arguments)
    assert acc.dtype == np.int32
    assert np.array_equal(acc, loop_definition(q_x, q_w, bias, case["zero_point"], *arguments))


@pytest.mark.parametrize("terms", [1032, 1033, 70_000])
def test_extreme_codes_are_exact_in_float32_in_float64_and_when_int32_wraps(terms):
    q_x = np.full((1, terms), -128, np.int8)
    q_w = np.full((2, terms), -127, np.int8)
    q_w[1] = 127
    q_w[1, 0] = 126  # an odd sum, which a rounding float32 would lose
    expected = np.array([128 * 127 * terms, -128 * (127 * terms - 1)]).astype(np.int32)
    assert accumulate_dense(q_x, q_w)[0].tolist() == expected.tolist()
    as_pixels = accumulate_conv2d(q_x[:, None, :, None], q_w[:, None, :, None])
    assert as_pixels[0, 0, 0].tolist() == expected.tolist()


def test_float32_stops_exactly_where_it_stops_being_exact():
    assert exact_dtype(np.int8, np.full((1, 2**17), 1, np.int8)) is np.float64  # 128 * 2^17 = 2^24
    assert exact_dtype(np.int8, np.full((1, 2**17 - 1), 1, np.int8)) is np.float32
    assert exact_dtype(np.int16, np.full((1, 2), 2**37, np.int64)) is np.int64
    assert exact_dtype(np.uint8, np.full((1, 1), 2**16, np.int64)) is np.float32


def test_a_product_that_float64_cannot_hold_falls_back_to_int64():
    q_w = np.array([[2**52 + 1, 1]], np.int64)
    acc = accumulate_dense(np.array([[3, 0]], np.int8), q_w)
    assert acc.item() == np.array(3 * (2**52 + 1)).astype(np.int32)


def test_zero_point_in_the_padding_adds_nothing():
    q_x = np.full((1, 3, 3, 1), 127, np.int8)
    acc = accumulate_conv2d(q_x, np.full((1, 3, 3, 1), 5, np.int8), None, 127, padding="same")
    assert not acc.any()


def test_relu_only_moves_the_clip():
    q_x, q_w = np.array([[-50], [50]], np.int8), np.array([[1]], np.int8)
    assert dense(q_x, q_w, None, multiplier=1.0, zero_point_y=-5, qmin=-5).ravel().tolist() == [-5, 45]
    pixels = q_x.reshape(1, 1, 2, 1)
    y = conv2d(pixels, q_w.reshape(1, 1, 1, 1), None, multiplier=1.0, zero_point_y=-5, qmin=-5)
    assert y.ravel().tolist() == [-5, 45]


def test_saturation_at_both_ends_for_every_profile():
    q_x, q_w = np.array([[-128], [127]], np.int8), np.array([[127]], np.int8)
    for profile in "ABCDE":
        y = dense(q_x, q_w, np.array([2**31 - 20_000]), multiplier=2.0**20, zero_point_y=127, profile=profile)
        assert y.ravel().tolist() == [127, 127]
        y = dense(
            q_x, q_w, np.array([-(2**31) + 20_000]), multiplier=2.0**20, zero_point_y=127, profile=profile
        )
        assert y.ravel().tolist() == [-128, -128]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: conv2d(np.ones((1, 2, 2, 1)), np.ones((1, 1, 1, 1), np.int8), None, multiplier=1.0),
            "conv2d: expected integer codes, got float64; quantize",
        ),
        (
            lambda: dense(np.ones((1, 2), np.int8), np.ones((1, 2), np.float32), None, multiplier=1.0),
            "dense: expected integer codes, got float32",
        ),
        (
            lambda: dense(np.ones((1, 2), np.int8), np.ones((1, 3), np.int8), None, multiplier=1.0),
            "dense: x must be",
        ),
        (
            lambda: conv2d(
                np.ones((1, 2, 2, 3), np.int8), np.ones((1, 1, 1, 1), np.int8), None, multiplier=1.0
            ),
            "conv2d: 3 channels",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
