import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from edgekit.core.lowbit import (
    binarize,
    binary_dense,
    pack,
    pack_binary,
    pack_ternary,
    ternarize,
    unpack,
    unpack_binary,
    unpack_ternary,
)


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

def test_ternary_by_hand():
    codes, scale = ternarize(np.array([[4.0, -4.0, 1.0, -1.0], [0.0, 0.0, 0.0, 0.0]]))
    assert codes.tolist() == [[1, -1, 0, 0], [0, 0, 0, 0]]
    assert scale.tolist() == [4.0, 1.0]


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 12)), elements=st.floats(-5, 5)))
def test_scales_are_the_best_for_their_codes(w):
    for call in (ternarize, binarize):
        codes, scale = call(w)
        for row, code, s in zip(w, codes, scale, strict=True):
            if np.any(code) and (row * code).sum() > 0:
                best = np.square(row - s * code).sum()
                assert all(np.square(row - factor * s * code).sum() >= best - 1e-9 for factor in (0.9, 1.1))


@given(st.integers(1, 40), st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_counting_bits_is_the_sum_of_products(channels, examples, outputs, seed):
    rng = np.random.default_rng(seed)
    x, w = (rng.choice([-1, 1], (rows, channels)) for rows in (examples, outputs))
    np.testing.assert_array_equal(binary_dense(x, w), x @ w.T)


@given(hnp.arrays(np.int8, hnp.array_shapes(max_dims=3, max_side=9), elements=st.integers(-1, 1)))
def test_ternary_codes_come_back_from_five_to_a_byte(q):
    packed = pack_ternary(q)
    assert len(packed) == -(-q.size // 5)
    np.testing.assert_array_equal(unpack_ternary(packed, q.shape), q)


@given(hnp.arrays(np.int8, hnp.array_shapes(max_dims=3, max_side=9), elements=st.sampled_from([-1, 1])))
def test_signs_come_back_from_eight_to_a_byte(q):
    packed = pack_binary(q)
    assert len(packed) == -(-q.size // 8)
    np.testing.assert_array_equal(unpack_binary(packed, q.shape), q)


@pytest.mark.parametrize(("call", "words"), [
    (lambda: ternarize([[np.nan]]), "ternarize: weights must be finite"),
    (lambda: ternarize([[1.0]], np.nan), "ternarize: threshold must be a finite share .* got nan; 0.7 is usual"),
    (lambda: ternarize([[1.0]], -1), "ternarize: threshold must be a finite share .* got -1"),
    (lambda: unpack_ternary([1, 2], (5,)), "unpack_ternary: 5 codes take 1 bytes, got 2; check shape"),
    (lambda: unpack_binary([1], (9,)), "unpack_binary: 9 codes take 2 bytes, got 1; check shape"),
    (lambda: binarize(3.0), "binarize: weights must be finite numbers"),
    (lambda: pack_ternary(np.array([2])), "pack_ternary: codes must be -1, 0 or 1, got 2..2; ternarize first"),
    (lambda: pack_binary(np.array([0, 1])), "pack_signs: expected .* with values -1 and 1"),
    (lambda: binary_dense(np.ones((1, 3)), np.ones((1, 4))), "need one C, got"),
])
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
