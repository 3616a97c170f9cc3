"""Straight lines between table entries: by hand, by a loop, within the bound that the tables give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.integer import lines
from edgekit.core.integer.fixed_point import requantize
from edgekit.core.integer.lut import make_table
from edgekit.core.integer.softmax import softmax

CODES = np.arange(-(2**15), 2**15)
UNIT = 2.0**-15
REAL = {"sigmoid": lambda x: 1 / (1 + np.exp(-x)), "tanh": np.tanh}
FUNCTION = {"sigmoid": lines.sigmoid, "tanh": lines.tanh}


def test_entries_by_hand():
    """sigmoid(1 / 24) = 33450.57 / 65536 rises by .04; at i = 29 the chord misses 1.36, and 50462.98 rises by half of
    it. The first of exp is 1.49: its chord of whole numbers misses 1, half of that is rounded up.
    """
    table = lines._sigmoid_table()
    assert table[[0, 1, 2, 3, 29, 254, 255]].tolist() == [32768, 33451, 34133, 34813, 50464, 65534, 65535]
    exponential, inverse = lines._softmax_tables()
    assert (exponential[0], exponential[-1], inverse[0], inverse[-1]) == (2, 32767, 32767, 16384)


def loop(name, q, scale_x):
    """One code: 24 (tanh: 48) entries a unit, straight in between, the negative side by symmetry."""
    table, shift = lines._sigmoid_table(), lines.shift_to_q3_12(name, scale_x)
    bits = 9 if name == "sigmoid" else 8
    if shift is not None:
        place = q * (3 << shift)
    else:
        factor, right = float(np.float32(scale_x)) * 3 * 4096, 0
        while factor <= 32767 / 2 and right <= 30:
            factor, right = factor * 2, right + 1
        place = (q * int(factor) + ((1 << (right - 1)) if right else 0)) >> right
    i, rest = abs(place) >> bits, abs(place) % (1 << bits)
    if i >= 255:
        value = (32767 << 10) if name == "sigmoid" else (65535 << 8)
    else:
        value = (int(table[i]) << bits) + rest * (int(table[i + 1]) - int(table[i]))
    if name == "sigmoid":
        return (value + 512 if place >= 0 else (1 << 25) - value + 511) >> 10
    return (value - (1 << 23) + 128 if place >= 0 else -value + (1 << 23) + 127) >> 8


@pytest.mark.parametrize("name", FUNCTION)
@pytest.mark.parametrize("scale_x", [2.0**-12, 2.0**-11, 2.0**-13, 0.0003, 0.002, 2.0**-12 * 1.0004])
def test_the_fast_one_equals_the_loop(name, scale_x):
    some = CODES[::37]
    assert FUNCTION[name](some, scale_x).tolist() == [loop(name, int(q), scale_x) for q in some]


@given(st.sampled_from(sorted(FUNCTION)), st.floats(2.0**-16, 2.0**-9))
def test_it_rises_and_keeps_its_bound(name, scale_x):
    """A chord of step 1/24 misses max|f''| / (8 * 24^2) = 2.1e-5 of sigmoid at most, half of that after the entries
    moved; beyond the last entry at 10.6 a sigmoid misses 2.5e-5. The multiplier is cut to 14 bits, which moves x by
    2^-14 of itself, and the place is whole. tanh doubles all but the last."""
    y, x = FUNCTION[name](CODES, scale_x), np.float32(scale_x) * CODES.astype(np.float64)
    assert (np.diff(y) >= 0).all()
    moved = 2.0**-14 * np.minimum(np.abs(x), 22) + 2.0**-14  # in x; slopes: 1/4 of sigmoid, 1 of tanh
    slope = 1 / 4 if name == "sigmoid" else 1
    missed = (2.5e-5 + 2 * UNIT) * (1 if name == "sigmoid" else 2)
    assert (np.abs(y * UNIT - REAL[name](x)) <= missed + slope * moved).all()


def softmax_loop(row, scale_x):
    exponential, inverse = lines._softmax_tables()

    def look(table, code):
        code = min(max(code, -32768), 32767)
        i = 256 + (code >> 7)
        return int(table[i]) + (((int(table[i + 1]) - int(table[i])) * (code & 127) + 64) >> 7)

    multiplier = float(np.float32(scale_x)) / (10 / 65535)
    powers = [look(exponential, int(requantize(np.array([q - max(row)]), multiplier, "A")[0]) + 32767) for q in row]
    total, zeros = sum(powers), 32 - sum(powers).bit_length()
    part = ((total << (zeros - 1)) + (1 << 13)) >> 14
    factor = look(inverse, part - (1 << 15) - (1 << 16))
    return [min((power * factor + (1 << (30 - zeros))) >> (31 - zeros), 32767) for power in powers]


@given(st.lists(st.integers(-(2**15), 2**15 - 1), min_size=1, max_size=40), st.floats(2.0**-16, 2.0**-9))
def test_softmax_equals_its_loop_and_sums_to_one(row, scale_x):
    y = lines.softmax(np.array(row), scale_x)
    assert y.tolist() == softmax_loop([int(q) for q in row], scale_x)
    real = np.exp(np.maximum(scale_x * (np.array(row) - max(row)), -10.0))
    np.testing.assert_allclose(y * UNIT, real / real.sum(), atol=len(row) * 1.5 * UNIT + 4 * UNIT)


@pytest.mark.parametrize("bad", [{"scale_y": 1 / 256}, {"zero_point_y": 3}])
def test_one_output_grid_only(bad):
    grid = {"scale_y": UNIT, "zero_point_y": 0, **bad}
    with pytest.raises(ValueError, match="lines give scale 1/32768"):
        softmax(np.zeros((1, 2), np.int16), scale_x=0.001, profile="lines", **grid)
    with pytest.raises(ValueError, match="sigmoid and tanh from int16 to scale 1/32768"):
        make_table("sigmoid", scale_x=0.001, zero_point_x=0, profile="lines", dtype=np.int16, **grid)


def test_gates_take_over_where_the_input_shifts():
    grid = {"zero_point_x": 0, "scale_y": UNIT, "zero_point_y": 0, "qmin": -(2**15), "qmax": 2**15 - 1}
    tables = {(scale, profile): make_table("tanh", scale_x=scale, profile=profile, dtype=np.int16, **grid)
              for scale in (2.0**-11, 2.0**-13) for profile in ("lines", "gates")}
    assert not np.array_equal(tables[2.0**-11, "lines"], tables[2.0**-11, "gates"])
    assert np.array_equal(tables[2.0**-13, "lines"], tables[2.0**-13, "gates"])


def test_what_the_tables_cannot_hold_is_refused():
    with pytest.raises(ValueError, match="tanh: int16 codes need a scale below 174763, got 1e"):
        lines.tanh(CODES, 1e30)
    with pytest.raises(ValueError, match="at most 65536 classes, got 65537"):
        lines.softmax(np.zeros((1, 65537), np.int16), 0.001)
