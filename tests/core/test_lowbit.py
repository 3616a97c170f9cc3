import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.lowbit import pack, unpack


@pytest.mark.parametrize(
    ("codes", "num_bits", "expected"),
    [
        ([1, -1, 7], 4, [0xF1, 0x07]),  # low nibble first
        ([0, 1, -2, -1], 2, [0b11100100]),
        ([-128, 127], 8, [0x80, 0x7F]),
        ([-1, 1, 3], 3, [0b11001111, 0b0]),
    ],
)
def test_literal_bytes(codes, num_bits, expected):
    assert pack(np.array(codes), num_bits).tolist() == expected


@given(num_bits=st.integers(2, 16), count=st.integers(0, 40), seed=st.integers(0, 2**32 - 1))
def test_round_trip_and_length(num_bits, count, seed):
    low, high = -(1 << (num_bits - 1)), 1 << (num_bits - 1)
    codes = np.random.default_rng(seed).integers(low, high, count)
    packed = pack(codes, num_bits)
    assert len(packed) == -(-count * num_bits // 8)
    assert np.array_equal(unpack(packed, num_bits, (count,)), codes)


def test_codes_outside_the_grid_are_refused():
    with pytest.raises(ValueError, match=r"codes must be -8..7 for num_bits=4, got 0..8"):
        pack(np.array([0, 8]), 4)
    with pytest.raises(ValueError, match=r"3 codes of 4 bits take 2 bytes, got 1"):
        unpack(np.zeros(1, np.uint8), 4, (3,))
