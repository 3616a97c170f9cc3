"""A layer made ready gives what the general one gives: on ties, in every profile, beside every bound."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.integer import conv, dense, ready
from edgekit.core.integer.fixed_point import make_multiplier
from edgekit.core.windows import resolve_padding
from edgekit.deploy.oracle_data import draw_convolution, draw_layer

PROFILES = ("A", "B", "C", "D", "E", "BA")


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("kind", ["conv2d", "grouped_conv2d", "depthwise_conv2d"])
def test_convolutions_equal_the_general_ones(kind, ties):
    rng = np.random.default_rng([ties, *map(ord, kind)])
    for _ in range(12):
        q_x, q_w, geometry = draw_convolution(rng, kind)
        scales, (zero_x, zero_y), bias = draw_layer(rng, q_w, ties)
        sizes = q_x.shape[1:3], q_w.shape[1:3], geometry["stride"], geometry["dilation"]
        geometry["padding"] = resolve_padding(geometry["padding"], *sizes)
        how = {**geometry, "multiplier": make_multiplier(*scales), "zero_point_x": zero_x, "zero_point_y": zero_y,
               "qmin": zero_y if rng.random() < 0.5 else -128}
        for profile in PROFILES:
            wanted = conv.conv2d(q_x, q_w, bias.astype(np.int32), **how, profile=profile)
            layer = ready.conv2d(q_w, bias.astype(np.int32), **how, profile=profile)
            assert np.array_equal(layer(q_x), wanted), profile
            assert np.array_equal(layer(q_x[:1, 1:]), conv.conv2d(q_x[:1, 1:], q_w, bias.astype(np.int32), **how,
                                                                  profile=profile)), "another size"


@given(st.integers(1, 1400), st.sampled_from(PROFILES), st.floats(-9, 1), st.booleans(), st.integers(0, 2**32))
def test_dense_equals_the_general_one_beside_the_bounds(inputs, profile, power, extreme, seed):
    """1032 products of the largest codes leave float32, 258 leave the 22 bits that are exact by promise."""
    rng = np.random.default_rng(seed)
    q_w = rng.integers(-127, 128, (5, inputs), np.int8)
    q_w = np.where(q_w > 0, 127, -127).astype(np.int8) if extreme else q_w
    q_x = np.where(q_w > 0, 127, -128).astype(np.int8) if extreme else rng.integers(-128, 128, (7, inputs), np.int8)
    bias = rng.integers(-(2**22), 2**22, 5).astype(np.int32)
    how = {"multiplier": 2.0**power * rng.uniform(0.5, 1, 5) / inputs, "zero_point_x": int(rng.integers(-128, 128)),
           "zero_point_y": int(rng.integers(-128, 128)), "profile": profile}
    wanted = dense.dense(q_x, q_w, bias, **how)
    assert np.array_equal(ready.dense(q_w, bias, **how)(q_x), wanted)
    assert ready.dense(q_w, None, **how)(q_x[0]).tolist() == dense.dense(q_x[0], q_w, None, **how).tolist()


@pytest.mark.parametrize("profile", ["A", "B", "D"])
@pytest.mark.parametrize("shift", [0, 1, 8, 20, 22, 23, 24, 30])
def test_every_tie_up_to_the_bound(profile, shift):
    """Accumulators at the ends of the 22 bits and around each half, times a power of two that makes halves of them."""
    ends = [2**22 - 200, -(2**22) + 200]
    halves = [sign * ((1 << max(shift, 1)) >> 1) + d for sign in (1, -1) for d in (-1, 0, 1)]
    acc = [value for value in ends + halves + [0, 1, -1] if abs(value) < 2**22 - 128]
    q_w, q_x = np.ones((len(acc), 1), np.int8), np.zeros((1, 1), np.int8)
    how = {"multiplier": 0.999999999 * 2.0**-shift if shift % 2 else 2.0**-shift, "profile": profile}
    bias = np.array(acc, np.int32)
    assert np.array_equal(ready.dense(q_w, bias, **how)(q_x), dense.dense(q_x, q_w, bias, **how))


@pytest.mark.parametrize(("acc", "m", "right", "code"), [(17432803, 1461238581, 17, 90),
                                                         (15733917, 1484844619, 18, 41)])
def test_beyond_the_bound_float64_would_round_up_a_code(acc, m, right, code):
    """acc m is 2^30 - 1 short of a half that is a half again after the right shift; 53 bits cannot tell."""
    how = {"multiplier": m * 2.0 ** (-31 - right)}
    assert np.floor(acc * (m * 2.0**-31) + 0.5) * 2.0**-right + 0.5 == code + 1
    layer = ready.dense(np.ones((1, 1), np.int8), np.array([acc], np.int32), **how)
    assert layer(np.zeros((1, 1), np.int8)).item() == code
