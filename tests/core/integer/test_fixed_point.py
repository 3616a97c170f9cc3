"""Multiplier, shift and profiles, each against its definition in Python's unbounded integers and fractions."""
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edgekit.core.integer import fixed_point
from edgekit.core.integer.fixed_point import (
    PRESETS,
    PROFILES,
    Multiplier,
    make_multiplier,
    multiplier_for,
    profile_of,
    quantize_multiplier,
    requantize,
)
from edgekit.core.integer.presets import VARIANTS

INT32 = st.integers(-(2**31), 2**31 - 1)
#: the second kind stays below 2^21, where float64 takes over
SMALL = st.integers(1 - 2**21, 2**21 - 1)
ACCUMULATORS = st.lists(INT32, min_size=1, max_size=30) | st.lists(SMALL, min_size=1, max_size=30)
REALS = st.floats(2.0**-33, 2.0**8)


@pytest.mark.parametrize(("real", "multiplier", "shift"), [
    (0.0, 0, 0), (1.0, 2**30, 1), (0.5, 2**30, 0), (0.25, 2**30, -1), (0.1, 1717986918, -3), (3.0, 1610612736, 2),
    (1 - 2.0**-40, 2**30, 1),  # f * 2^31 rounds up to 2^31, which 31 bits cannot hold
    (2.0**-32, 2**30, -31), (np.nextafter(2.0**-32, 0), 2**30, -31),  # the carry comes first, then the test below
    (2.0**-33, 0, 0), (2.0**29, 2**30, 30),
])
def test_multiplier_and_shift(real, multiplier, shift):
    assert tuple(int(n) for n in quantize_multiplier(real)) == (multiplier, shift)


@given(REALS)
def test_multiplier_is_the_nearest_of_31_bits(real):
    multiplier, shift = (int(n) for n in quantize_multiplier(real))
    if multiplier == 0:
        assert real < 2.0**-32
        return
    assert 2**30 <= multiplier < 2**31
    step = Fraction(2) ** (shift - 31)
    assert abs(multiplier * step - Fraction(real)) <= step / 2


def rounded(value, how):
    """Round an exact fraction to an integer; ties go up, away from zero, or to even."""
    if how == "even":
        return round(value)
    return floor(value + Fraction(1, 2)) if how == "up" or value >= 0 else -floor(-value + Fraction(1, 2))


def definition(acc, real, single, profile):
    """What each profile means, in exact arithmetic."""
    if profile == "C":
        product = np.float32(acc) * np.float32(single)  # one float32 product is what the profile says
        return rounded(Fraction(float(product)), "even")
    if profile == "E":
        return rounded(Fraction(float(acc) * float(real)), "away")
    multiplier, shift = (int(n) for n in quantize_multiplier(real))
    if profile == "D":
        return rounded(acc * multiplier * Fraction(2) ** (shift - 31), "up")
    raised = max(-(2**31), min(2**31 - 1, acc << max(shift, 0)))
    high = rounded(Fraction(raised * multiplier, 2**31), "up")
    return rounded(Fraction(high, 2 ** max(-shift, 0)), "away" if profile == "A" else "up")


@settings(max_examples=400)
@given(ACCUMULATORS, REALS, st.sampled_from("ABCDE"))
@example([2**31 - 1, -(2**31)], 2.0**-32, "A")
@example([2**31 - 1, -(2**31)], 255.0, "B")
@example([2**21 - 1, 1 - 2**21], 1 - 2.0**-31, "A")
@example([2**21, -(2**21)], 1 - 2.0**-31, "B")
@example([1, -1, 3, -3, 5, -5], 0.5, "E")
@example([2**24 + 1, 2**24 + 3], 0.5, "C")
def test_requantize_equals_its_definition(accs, real, profile):
    expected = [definition(acc, real, real, profile) for acc in accs]
    expected = np.clip(expected, -(2**31), 2**31 - 1)
    result = requantize(np.array(accs, np.int32), real, profile)
    assert result.dtype == np.int32
    assert np.abs(result - expected).max() <= (127 if profile == "C" and np.abs(expected).max() > 2**31 - 129 else 0)


@given(st.integers(-1000, 1000), st.integers(2, 6), st.sampled_from("ABCDE"))
def test_ties_go_where_the_profile_says(half, bits, profile):
    """acc * 2^-bits = half + 0.5: A and E away from zero, B and D up, C to even."""
    acc = np.array([(2 * half + 1) << (bits - 1)], np.int32)
    away = half + 1 if half >= 0 else half
    expected = {"A": away, "B": half + 1, "C": half + half % 2, "D": half + 1, "E": away}[profile]
    assert requantize(acc, 2.0**-bits, profile).item() == expected


def test_one_multiplier_per_channel():
    acc = np.array([[100, 100, 100], [-7, -7, -7]], np.int32)
    reals = np.array([0.5, 0.1, 3.0])
    for profile in "ABCDE":
        columns = [requantize(acc[:, c], reals[c], profile) for c in range(3)]
        assert np.array_equal(requantize(acc, reals, profile), np.stack(columns, axis=1))


def test_profile_ba_takes_eight_channels_at_a_time():
    acc = np.full((2, 11), -6, np.int32)
    assert requantize(acc, 0.25, "BA").tolist() == [[-1] * 8 + [-2] * 3] * 2
    assert requantize(acc[:, :5], np.full(5, 0.25), "BA").tolist() == [[-2] * 5] * 2


def test_scales_are_float32_as_in_a_file():
    real, single = make_multiplier(0.1, 0.3, 0.7)
    x, w, y = (float(np.float32(s)) for s in (0.1, 0.3, 0.7))
    assert real == x * w / y
    assert single == np.float32(np.float32(x) * np.float32(w)) / np.float32(y)
    assert single.dtype == np.float32
    assert make_multiplier(0.1, np.ones(5), 0.7).real.shape == (5,)


def test_builtin_dense_multiplies_two_scales_in_float32():
    scales = 0.0211, 0.0137, 0.53
    product = float(np.float32(scales[0]) * np.float32(scales[1]))
    assert multiplier_for("builtin", "dense", *scales).real == product / float(np.float32(scales[2]))
    assert multiplier_for("builtin", "dense", *scales).real != make_multiplier(*scales).real
    others = ("builtin", "conv2d", 0.0137), ("cmsis", "dense", 0.0137), ("builtin", "dense", [0.0137] * 2)
    for preset, op, weights in others:
        exact = make_multiplier(scales[0], weights, scales[2]).real
        assert np.array_equal(multiplier_for(preset, op, scales[0], weights, scales[2]).real, exact)


def test_every_preset_names_known_profiles_for_the_same_operators():
    assert {frozenset(row) for row in PRESETS.values()} == {frozenset(PRESETS["cmsis"])}
    assert {p for row in PRESETS.values() for p in row.values()} <= {*PROFILES, *VARIANTS}
    assert [profile_of(preset, "conv2d") for preset in PRESETS] == ["A", "B", "C", "C", "A", "D"]
    assert profile_of("reference", "dense") == "E"


def test_float32_saturates_without_undefined_conversion():
    accs = np.array([2**31 - 1, -(2**31)], np.int32)
    assert requantize(accs, 1e6, "C").tolist() == [2**31 - 128, -(2**31)]
    assert requantize(accs, 1e6, "E").tolist() == [2**31 - 1, -(2**31)]


@pytest.mark.parametrize(("call", "message"), [
    (lambda: requantize(np.ones(1, np.int32), 0.5, "F"), "profile must be one of A, B, C, D, E, BA, R, got 'F'"),
    (lambda: quantize_multiplier(-0.5), "quantize_multiplier: real must be finite and >= 0, got -0.5"),
    (lambda: quantize_multiplier(np.nan), "real must be finite"),
    (lambda: quantize_multiplier(2.0**30), "must be below 2\\^30"),
    (lambda: make_multiplier(0.0, 1.0, 1.0), "make_multiplier: scale_x must be finite and positive"),
    (lambda: make_multiplier(1.0, [1.0, 1e-60], 1.0), "scale_w must be finite and positive in float32"),
    (lambda: make_multiplier(1.0, 1.0, np.inf), "scale_y must be finite"),
    (lambda: profile_of("tvm", "conv2d"), "profile_of: preset must be one of"),
    (lambda: profile_of("cmsis", "gelu"), "'gelu' has no profile"),
    (lambda: requantize(np.array([0.5]), 0.5), "requantize: expected integer accumulators, got float64"),
])
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_multiplier_passes_through():
    multiplier = Multiplier(np.float64(0.5), np.float32(0.25))
    assert fixed_point.as_multiplier(multiplier) is multiplier
    assert requantize(np.array([8], np.int32), multiplier, "C").item() == 2
    assert requantize(np.array([8], np.int32), multiplier, "A").item() == 4


@pytest.mark.parametrize("profile", ["A", "B", "C", "D", "E", "BA", "R"])
def test_clipping_inside_equals_clipping_after(profile):
    rng = np.random.default_rng(4)
    for reach in (2**10, 2**20, 2**28):
        acc, reals = rng.integers(-reach, reach, (700, 37), np.int32), rng.uniform(0.5, 2.0, 37) * 100 / reach
        whole = requantize(acc, reals, profile)
        assert np.array_equal(requantize(acc, reals, profile, -77, 60), np.clip(whole, -77, 60))
        assert np.array_equal(whole[:1], requantize(acc[:1], reals, profile))
