"""Shared weights: exact where they can be, else k-means as scipy's; bytes as counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.cluster.vq import kmeans

from edgekit.core import sharing, sparse


def test_few_values_come_back_exactly():
    w = np.array([[0, -1.5, 2], [2, 0, 0.25]], np.float32)
    codes, codebook = sharing.share(w, 2)
    assert codebook.tolist() == [0, -1.5, 0.25, 2]
    np.testing.assert_array_equal(codebook[codes], w)


@given(arrays(np.float32, array_shapes(max_dims=2, max_side=9), elements=st.floats(-3, 3, width=32)), st.integers(1, 5))
def test_zeros_stay_and_every_weight_takes_its_nearest_value(w, num_bits):
    codes, codebook = sharing.share(w, num_bits)
    assert codebook[0] == 0
    assert len(codebook) <= 2**num_bits
    np.testing.assert_array_equal(codes == 0, w == 0)
    if (w != 0).any():
        nearest = np.abs(w[w != 0][:, None] - codebook[1:]).min(axis=1)
        np.testing.assert_allclose(np.abs(w - codebook[codes])[w != 0], nearest, atol=1e-6)


def test_the_error_is_that_of_scipy_from_the_same_start():
    w = np.random.default_rng(0).normal(size=2000).astype(np.float32)
    codes, codebook = sharing.share(w, 4, rounds=500)
    start = np.linspace(w.min(), w.max(), 15)
    theirs, _ = kmeans(w.astype(np.float64), start, thresh=1e-12)
    nearest = np.abs(w[:, None] - theirs).min(axis=1)
    assert ((w - codebook[codes]) ** 2).mean() == pytest.approx((nearest**2).mean(), rel=1e-3)


@pytest.mark.parametrize("form", ["packed", *sparse.FORMATS])
@given(arrays(np.uint8, array_shapes(max_dims=4, max_side=5), elements=st.integers(0, 20)))
def test_round_trip(form, codes):
    codebook = np.linspace(0, 1, 21, dtype=np.float32)
    data = sharing.encode(codes, codebook, form)
    back, values = sharing.decode(data)
    np.testing.assert_array_equal(back, codes)
    np.testing.assert_array_equal(values, codebook)
    for cut in range(0, len(data), 7):
        with pytest.raises(ValueError, match=r"truncated|no code"):
            sharing.decode(data[:cut])


def test_bytes_by_hand():
    codes, codebook = np.arange(15, dtype=np.uint8).reshape(3, 5), np.arange(15, dtype=np.float32)
    assert len(sharing.encode(codes, codebook, "packed")) == 1 + 15 * 4 + 1 + 2 * 4 + 8
    assert len(sharing.encode(codes, codebook, "dense")) == 1 + 15 * 4 + 1 + sparse.HEADER + 2 * 4 + 15


@pytest.mark.parametrize(("call", "message"), [
    (lambda: sharing.share(np.ones(3), 9), "num_bits 1..8"),
    (lambda: sharing.share(np.array([np.inf]), 4), "finite weights"),
    (lambda: sharing.encode(np.array([3], np.uint8), np.zeros(2), "packed"), "2 values do not serve codes up to 3"),
    (lambda: sharing.decode(sharing.encode(np.array([1], np.uint8), np.zeros(2), "dense")[:-1] + b"\x07"), "altered"),
])
def test_what_cannot_be_says_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_outlier_does_not_cost_the_others_their_values():
    w = np.random.default_rng(0).normal(size=5000).astype(np.float32)
    plain, stretched = (error(values) for values in (w, np.append(w, np.float32(60.0))))
    assert len(sharing.share(np.append(w, np.float32(60.0)), 4)[1]) == 16
    assert stretched < 1.5 * plain  # one of the fifteen centres is the outlier's


def error(w):
    codes, codebook = sharing.share(w, 4)
    return float(np.mean((codebook[codes] - w) ** 2))
