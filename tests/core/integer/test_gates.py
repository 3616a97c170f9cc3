"""The 16-bit sigmoid and tanh: all 65,536 codes against the real functions, and by hand."""

import numpy as np
import pytest

from edgekit.core.integer import gates

CODES = np.arange(-(2**15), 2**15)


@pytest.mark.parametrize("bits", range(7))
def test_within_the_stated_error_of_the_real_function(bits):
    x = CODES / 2 ** (15 - bits)
    assert np.abs(gates.sigmoid(CODES, bits) / 2**15 - 1 / (1 + np.exp(-x))).max() < 2.1e-4
    assert np.abs(gates.tanh(CODES, bits) / 2**15 - np.tanh(x)).max() < 3.7e-4


@pytest.mark.parametrize("bits", range(7))
def test_symmetric_and_in_range(bits):
    """tanh is odd; sigmoid(-x) = 1 - sigmoid(x) where 1 is the largest code, but for the half at 0."""
    positive = np.arange(1, 2**15)
    assert np.array_equal(gates.tanh(-positive, bits), -gates.tanh(positive, bits))
    assert np.array_equal(gates.sigmoid(-positive, bits), 32767 - gates.sigmoid(positive, bits))
    assert gates.sigmoid(np.array([0]), bits).tolist() == [16384]
    for found in (gates.sigmoid(CODES, bits), gates.tanh(CODES, bits)):
        assert found.min() >= -32767
        assert found.max() <= 32767


def test_rounding_is_half_away_from_zero():
    assert gates.shift_right(np.array([2, -2, 1, -1, 6, -6, 7]), 2).tolist() == [1, -1, 0, 0, 2, -2, 2]
    assert gates.multiply(np.array([16384, -16384, 16383]), 1).tolist() == [1, -1, 0]
    assert gates.multiply(np.array([3]), 5, 0).tolist() == [15]
    assert gates.saturate(np.array([-(2**40), 5, 2**40])).tolist() == [-32768, 5, 32767]


def test_the_constants_are_those_of_the_source():
    """Upper halves, rounded, of gemmlowp's 32-bit constants: exp(-2^k), exp(-1/8), 1/3, 48/17, -32/17."""
    published = {-2: 1672461947, -1: 1302514674, 0: 790015084, 1: 290630308, 2: 39332535, 3: 720401, 4: 242}
    half = lambda value: (value + (1 << 15)) >> 16  # noqa: E731
    assert {power: half(value) for power, value in published.items()} == gates.POWERS
    assert [gates._constant(v, bits) for v, bits in ((np.exp(-1 / 8), 15), (1 / 3, 15), (48 / 17, 13), (-32 / 17, 13))
            ] == [half(v) for v in (1895147668, 715827883, 1515870810, -1010580540)]


@pytest.mark.parametrize("function", [gates.sigmoid, gates.tanh])
@pytest.mark.parametrize(("codes", "bits", "words"), [([40000], 3, "must fit in int16"), ([1], 7, "integer_bits")])
def test_what_does_not_fit_is_refused(function, codes, bits, words):
    with pytest.raises(ValueError, match=words):
        function(np.array(codes), bits)
