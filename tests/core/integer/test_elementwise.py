"""Add, mul and clamps against exact arithmetic; against the runtimes see test_matrix."""
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.integer import elementwise

CODES = st.lists(st.tuples(st.integers(-128, 127), st.integers(-128, 127)), min_size=1, max_size=20)
SCALES = st.floats(1e-3, 1.0).map(lambda s: float(np.float32(s)))
ZERO = st.integers(-128, 127)


def grids(scales, zeros):
    return dict(zip(("scale_a", "scale_b", "scale_y", "zero_point_a", "zero_point_b", "zero_point_y"),
                    (*scales, *zeros), strict=True))


@given(CODES, st.tuples(SCALES, SCALES, SCALES), st.tuples(ZERO, ZERO, ZERO), st.sampled_from("ABDE"))
def test_add_is_the_rounded_sum_up_to_its_guard_bits(codes, scales, zeros, profile):
    """Each of three roundings moves the sum by at most one unit of 2^-20 T; only next to a tie can that show."""
    q_a, q_b = (np.array(column, np.int8) for column in zip(*codes, strict=True))
    q_y = elementwise.add(q_a, q_b, **grids(scales, zeros), profile=profile)
    s_a, s_b, s_y = map(Fraction, scales)
    slack = 4 * 2 * max(s_a, s_b) / s_y / 2**20 + Fraction(128, 2**29)
    for a, b, y in zip(q_a.tolist(), q_b.tolist(), q_y.tolist(), strict=True):
        exact = ((a - zeros[0]) * s_a + (b - zeros[1]) * s_b) / s_y + zeros[2]
        exact = min(max(exact, Fraction(-128)), Fraction(127))
        assert abs(y - exact) <= Fraction(1, 2) + slack


@given(CODES, st.tuples(SCALES, SCALES, SCALES), st.tuples(ZERO, ZERO, ZERO), st.sampled_from("BCDE"))
def test_mul_is_the_rounded_product(codes, scales, zeros, profile):
    q_a, q_b = (np.array(column, np.int8) for column in zip(*codes, strict=True))
    q_y = elementwise.mul(q_a, q_b, **grids(scales, zeros), profile=profile)
    s_a, s_b, s_y = map(Fraction, scales)
    for a, b, y in zip(q_a.tolist(), q_b.tolist(), q_y.tolist(), strict=True):
        exact = (a - zeros[0]) * (b - zeros[1]) * s_a * s_b / s_y
        slack = abs(exact) / 2**22 + Fraction(1, 2)  # float32 scales; B rounds twice
        exact = min(max(exact + zeros[2], Fraction(-128)), Fraction(127))
        assert abs(y - exact) <= Fraction(1, 2) + slack


def test_add_is_exact_where_no_rounding_is_needed():
    q_a, q_b = np.array([1, 2, 3, -4], np.int8), np.array([10, 20, -30, 40], np.int8)
    plain = grids((0.5, 0.25, 0.25), (0, 0, 0))
    for profile in ("A", "B", "C", "D", "E", "DA"):
        assert elementwise.add(q_a, q_b, **plain, profile=profile).tolist() == [12, 24, -24, 32]


def test_add_takes_sixteen_elements_at_a_time_under_da():
    rng = np.random.default_rng(0)
    a, b = (rng.integers(-200, 200, (3, 9)).astype(np.int32) for _ in "ab")
    ratios = 0.013 / 0.04, 0.02 / 0.04  # one output in ten million differs, but every fourth sum does
    once, twice = (elementwise._sum(a, b, ratios, profile).ravel() for profile in "DA")
    mixed = elementwise._sum_in_blocks(a, b, ratios)
    assert mixed.shape == a.shape
    assert np.array_equal(mixed.ravel(), np.append(once[:16], twice[16:]))
    assert (once != twice)[:16].any()
    assert (once != twice)[16:24].any()
    q_a, q_b = a.clip(-128, 127).astype(np.int8), b.clip(-128, 127).astype(np.int8)
    args = grids((0.013, 0.007, 0.02), (3, -5, 1))
    outputs = [elementwise.add(q_a, q_b, **args, profile=profile) for profile in ("DA", "A")]
    assert np.array_equal(*outputs)


def test_relu_is_a_clamp_at_the_code_of_zero():
    q_x = np.arange(-128, 128).astype(np.int8)
    assert np.array_equal(elementwise.relu(q_x, -10), np.maximum(q_x, -10))
    assert np.array_equal(elementwise.relu(q_x, -10, six=50), np.clip(q_x, -10, 50))
    assert elementwise.relu(q_x, -128, six=300).max() == 127


@pytest.mark.parametrize(("call", "message"), [
    (lambda: elementwise.add(np.ones(2, np.int8), np.ones(3, np.int8), **grids((1, 1, 1), (0, 0, 0))),
     r"add: both inputs must have one shape, got \(2,\) and \(3,\)"),
    (lambda: elementwise.mul(np.ones(2), np.ones(2, np.int8), **grids((1, 1, 1), (0, 0, 0))),
     "mul: expected integer codes, got float64"),
    (lambda: elementwise.add(*[np.ones(2, np.int8)] * 2, **grids((1, 1, 1e-3), (0, 0, 0)), profile="C"),
     "add: XNNPACK takes ratios of scales from 2\\^-10 to 2\\^8, got 999.9"),
    (lambda: elementwise.relu(np.ones(2), 0), "relu: expected integer codes"),
])
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(("operator", "codes", "scales", "expected"), [
    # guard bits: with T = max(scale_a, scale_b), not twice that, these come out one step higher
    (elementwise.add, (-55, -41), (0.05021316558122635, 0.04346691071987152, 0.0849321037530899), -54),
    (elementwise.add, (-4, -32), (0.08497852832078934, 0.01465065497905016, 0.23106719553470612), -4),
    # with the product of the scales in float64 these differ by one step
    (elementwise.mul, (-117, -127), (0.019316716119647026, 0.0971251055598259, 0.3186146318912506), 87),
    (elementwise.mul, (-42, -101), (0.041098300367593765, 0.07048054784536362, 0.3034537732601166), 40),
])
def test_rare_outputs_that_litert_gave(operator, codes, scales, expected):
    q_a, q_b = (np.array([code], np.int8) for code in codes)
    assert operator(q_a, q_b, **grids(scales, (0, 0, 0)), profile="A").item() == expected


@pytest.mark.parametrize("profile", ["A", "B", "C", "D", "E", "F", "DA"])
def test_adding_by_table_equals_adding(profile, monkeypatch):
    """Both orders of axes too: a table of pairs is read by position."""
    rng = np.random.default_rng(3)
    q_a, q_b = (rng.integers(-128, 128, (41, 67), np.int8) for _ in "ab")
    grids = {"scale_a": 0.03, "zero_point_a": 5, "scale_b": 0.07, "zero_point_b": -9, "scale_y": 0.09,
             "zero_point_y": 2, "qmin": -100, "qmax": 90, "profile": profile}
    by_table = elementwise.add(q_a, q_b, **grids), elementwise.add(q_a.T, q_b.T, **grids)
    monkeypatch.setattr(elementwise, "TABLE_ELEMENTS", 10**9)
    assert np.array_equal(by_table[0], elementwise.add(q_a, q_b, **grids))
    assert np.array_equal(by_table[1], elementwise.add(q_a.T, q_b.T, **grids))
