"""Moving codes, changing grids, means, softmax and tables: literal values, definitions, and what is refused."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edgekit.core import activations, ops, shape_ops
from edgekit.core.affine import QParams, dequantize, quantize
from edgekit.core.integer import exponential, layout, lut, mean, pool, softmax

SCALES = st.floats(2.0**-8, 0.25, width=32)
ZEROS = st.sampled_from([-128, -5, 0, 3, 127])
CODES = np.arange(-128, 128, dtype=np.int8)
GRID = {"scale_x": 0.05, "zero_point_x": 3, "scale_y": 1 / 128, "zero_point_y": 0}


@pytest.mark.parametrize(("profile", "steps"), [("A", 0.75), ("B", 0.75), ("blocks", 0.75), ("D", 0.5), ("even", 0.5)])
@given(SCALES, ZEROS, SCALES, ZEROS)
@example(0.0625, -128, 0.25, -128)
def test_rescaled_codes_are_near_their_real_values(profile, steps, scale_x, zero_x, scale_y, zero_y):
    """Double rounding costs up to 3/4 of a step: a code has no bits to spare, so 0.25 becomes 1 / 2, and that 1."""
    grid = {"scale_x": scale_x, "zero_point_x": zero_x, "scale_y": scale_y, "zero_point_y": zero_y}
    y = layout.rescale(CODES, **grid, profile=profile)
    wanted = dequantize(CODES, QParams(scale_x, zero_x)).astype(np.float64)
    clipped = np.clip(wanted, *(scale_y * (end - zero_y) for end in (-128, 127)))
    assert np.abs(dequantize(y, QParams(scale_y, zero_y)) - clipped).max() <= scale_y * (steps + 1e-3)
    assert y.dtype == np.int8


def test_the_coarse_multiplier_of_eight_bits():
    """0.3 becomes 77 / 256: 100 * 77 + 128 >> 8 = 30; 127 * 77 + 128 >> 8 = 38."""
    y = layout.rescale(np.array([100, 127], np.int8), scale_x=0.3, zero_point_x=0, scale_y=1.0, zero_point_y=0,
                       profile="coarse")
    assert y.tolist() == [30, 38]


def test_concat_copies_what_lies_on_the_grid_of_the_output_and_moves_the_rest():
    q_a, q_b = CODES.reshape(1, 2, 2, 64), CODES.reshape(1, 2, 2, 64)
    y = layout.concat([q_a, q_b], scales=[0.1, 0.2], zero_points=[3, -1], scale_y=0.1, zero_point_y=3, axis=-2)
    moved = layout.rescale(q_b, scale_x=0.2, zero_point_x=-1, scale_y=0.1, zero_point_y=3)
    assert np.array_equal(y, np.concatenate([q_a, moved], axis=2))


@given(st.integers(1, 6), st.integers(1, 6), SCALES, ZEROS, SCALES, ZEROS, st.integers(0, 2**32 - 1))
def test_the_mean_is_within_a_step_of_the_exact_one(height, width, scale_x, zero_x, scale_y, zero_y, seed):
    q_x = np.random.default_rng(seed).integers(-128, 128, (2, height, width, 20), np.int8)
    grid = {"scale_x": scale_x, "zero_point_x": zero_x, "scale_y": scale_y, "zero_point_y": zero_y}
    n = height * width
    ratio = Fraction(scale_x) / Fraction(scale_y) / n
    exact = [[(int(total) - n * zero_x) * ratio + zero_y for total in row] for row in q_x.sum(axis=(1, 2), dtype=int)]
    wanted = np.clip([[floor(value + Fraction(1, 2)) for value in row] for row in exact], -128, 127)
    for profile in ("A", "B", "C", "D", "F", "rows"):
        y = mean.mean(q_x, keepdims=True, **grid, profile=profile)[:, 0, 0]
        # "rows" rounds both zero points together and the mean by itself: two roundings
        assert np.abs(y.astype(int) - wanted).max() <= 1


def test_a_pool_through_floats_equals_the_float_pool():
    q_x = np.random.default_rng(0).integers(-128, 128, (2, 6, 7, 3), np.int8)
    grid = {"scale_x": 0.1, "zero_point_x": 5, "scale_y": 0.07, "zero_point_y": -3}
    y = pool.avg_pool2d(q_x, (2, 3), (1, 2), profile="F", **grid)
    real = ops.avg_pool2d(dequantize(q_x, QParams(0.1, 5)), (2, 3), (1, 2))
    assert np.abs(y.astype(int) - quantize(real, QParams(0.07, -3))).max() <= 1


@pytest.mark.parametrize("profile", ["fixed", "table", "even"])
def test_softmax_is_within_a_step_of_the_real_one(profile):
    q_x = np.random.default_rng(1).integers(-128, 128, (500, 12), np.int8)
    y = softmax.softmax(q_x, scale_x=0.1, profile=profile)
    real = ops.softmax(0.1 * q_x.astype(np.float64))
    assert np.abs((y + 128.0) / 256 - np.minimum(real, 255 / 256)).max() <= 0.501 / 256
    assert np.array_equal(y.argmax(axis=1)[np.sort(q_x)[:, -1] > np.sort(q_x)[:, -2]],
                          q_x.argmax(axis=1)[np.sort(q_x)[:, -1] > np.sort(q_x)[:, -2]])


def test_fixed_point_exponential_is_close_to_the_real_one():
    """Bounds measured over the whole interval; the polynomial's own error is below 2^-21."""
    a = np.linspace(-(2**31), 0, 20_001).astype(np.int64)
    for bits in (4, 5):
        assert np.abs(exponential.exp_negative(a, bits) / 2**31 - np.exp(a / 2.0 ** (31 - bits))).max() < 2.0**-20
    wide = np.linspace(-(2**31) + 1, 2**31 - 1, 20_001).astype(np.int64)
    real = wide / 2.0**27
    assert np.abs(exponential.logistic(wide) / 2**31 - activations.sigmoid(real)).max() < 2.0**-20
    assert np.abs(exponential.tanh(wide) / 2**31 - np.tanh(real)).max() < 2.0**-19


def test_a_sigmoid_near_a_tie_rounds_as_litert_does():
    """256 sigmoid(2^-7) = 128.5 - 2.5e-6: one rounding to float32 makes it a tie, float32 at every step does not."""
    table = lut.make_table("sigmoid", scale_x=2.0**-7, zero_point_x=0, scale_y=1 / 256, zero_point_y=-128)
    assert table[127:130].tolist() == [0, 0, 0]
    assert lut.make_table("sigmoid", scale_x=1.0, zero_point_x=127, scale_y=1 / 256, zero_point_y=-128)[0] == -128


@pytest.mark.parametrize("name", lut.FUNCTIONS)
@pytest.mark.parametrize("profile", ["table", "even"])
@given(SCALES, ZEROS, SCALES, ZEROS)
def test_a_table_holds_the_nearest_code(name, profile, scale_x, zero_x, scale_y, zero_y):
    grid = {"scale_x": scale_x, "zero_point_x": zero_x, "scale_y": scale_y, "zero_point_y": zero_y}
    y = lut.activation(name, CODES, **grid, profile=profile)
    real = lut.FUNCTIONS[name](scale_x * (CODES.astype(np.float64) - zero_x))
    exact = np.clip(real / scale_y + zero_y, -128, 127)
    assert np.abs(y - exact).max() <= 0.5 + 1e-4
    assert np.array_equal(y, lut.look_up(CODES, lut.make_table(name, **grid, profile=profile)))


def test_int16_has_a_table_of_its_own():
    q_x = np.array([-32768, 0, 32767], np.int16)
    y = lut.activation("sigmoid", q_x, scale_x=2.0**-12, zero_point_x=0, scale_y=2.0**-15, zero_point_y=0,
                       qmin=-32768, qmax=32767)
    assert y.dtype == np.int16
    assert np.abs(y / 2.0**15 - activations.sigmoid(q_x / 2.0**12)).max() <= 2.0**-16 * 1.01


def test_codes_move_as_real_numbers_do():
    q_x = np.random.default_rng(2).integers(-128, 128, (2, 5, 6, 3), np.int8)
    assert np.array_equal(layout.pad(q_x, ((1, 0), (2, 3)), -7), shape_ops.pad(q_x, ((1, 0), (2, 3)), -7))
    assert np.array_equal(layout.resize_nearest(q_x, (9, 4), True), shape_ops.resize_nearest(q_x, (9, 4), True))


def test_dividing_and_multiplying_find_other_places_now_and_then():
    assert shape_ops.nearest_indices(14, 4).tolist() == [0, 3, 7, 10]
    differ = [(m, n) for m in range(1, 40) for n in range(1, 40)
              if (shape_ops.nearest_indices(m, n) != shape_ops.nearest_indices(m, n, divide=True)).any()]
    assert 0 < len(differ) < 100


@pytest.mark.parametrize(("call", "message"), [
    (lambda: layout.rescale(np.ones(2), **GRID), "quantize: expected integer codes, got float64"),
    (lambda: layout.rescale(CODES, **{**GRID, "scale_y": 100.0}, profile="coarse"), "XNNPACK takes ratios of scales"),
    (lambda: layout.concat([CODES], scales=[1, 2], zero_points=[0], scale_y=1, zero_point_y=0), "concat: every tensor"),
    (lambda: layout.pad(np.ones((1, 2, 2, 1)), ((0, 0), (0, 0)), 0), "pad: expected integer codes"),
    (lambda: mean.mean(CODES[None], (0,), **GRID), "mean: axes must be different, from -1 to -1"),
    (lambda: softmax.softmax(CODES, scale_x=0.1, scale_y=0.5), "softmax: fixed point gives scale 1/256"),
    (lambda: softmax.softmax(CODES, scale_x=0.1, profile="A"), "softmax: profile must be fixed, lines, table or even"),
    (lambda: lut.make_table("gelu", **GRID), "make_table: name must be one of sigmoid, .*, got 'gelu'"),
    (lambda: lut.make_table("tanh", **GRID, profile="fixed"), "make_table: profile must be table or even"),
    (lambda: lut.activation("tanh", np.ones(3), **GRID), "make_table: codes must be int8 or int16, got float64"),
    (lambda: lut.make_table("hard_swish", **{**GRID, "scale_y": 1e-5}, profile="fixed"), "hard_swish: fixed point"),
    (lambda: pool.avg_pool2d(CODES.reshape(1, 16, 16, 1), 2, profile="A"), "avg_pool2d: profile must be 'away' or 'F'"),
])
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
