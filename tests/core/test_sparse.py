"""Every format gives back the weights bit for bit, its size is the length of its bytes, and CSR is scipy's."""

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from edgekit.core import sparse

TYPES = st.sampled_from(["float32", "int8", "int16"])


@st.composite
def weights(draw):
    """Arrays, most of whose elements are 0."""
    dtype, shape = draw(TYPES), draw(array_shapes(max_dims=4, max_side=7))
    elements = st.floats(-4, 4, width=32) if dtype == "float32" else st.integers(-128, 127)
    w = draw(arrays(dtype, shape, elements=elements))
    return np.where(draw(arrays(bool, shape)) & draw(arrays(bool, shape)), w, np.array(0, dtype))


@pytest.mark.parametrize("form", sparse.FORMATS)
@given(weights())
def test_round_trip(form, w):
    data = sparse.encode(w, form)
    back = sparse.decode(data)
    assert isinstance(data, bytes)
    assert back.dtype == w.dtype
    np.testing.assert_array_equal(back, w)


W = np.zeros((3, 40), np.int8)
W[0, 2], W[0, 39], W[2, 1] = 5, -1, 9
HEAD = sparse.HEADER + 2 * 4


@pytest.mark.parametrize(("form", "size"), [
    ("dense", 120),
    ("bitmap", 120 // 8 + 3),
    ("run", 4 + 4 + 7),                 # gaps 2, 15 15 4, 15 15 9: a filling zero stands for 16 places
    ("csr", 4 + 3 * 1 + 3 * 1 + 3),     # how many, ends, columns, values
    ("huffman", 4 + 4 + 4 + 16),        # how many, symbols, lengths 1 2 3 3, 117 + 2 + 3 + 3 = 125 bits
])
def test_bytes_by_hand(form, size):
    assert len(sparse.encode(W, form)) == HEAD + size


def test_a_word_of_runs_by_hand():
    data = sparse.encode(W, "run")[HEAD:]
    gaps, values = [2, 15, 15, 4, 15, 15, 9], [5, 0, 0, -1, 0, 0, 9]
    assert data[:4] == (7).to_bytes(4, "little")
    assert data[4:8] == bytes([2 | 15 << 4, 15 | 4 << 4, 15 | 15 << 4, 9])
    assert np.frombuffer(data[8:], np.int8).tolist() == values
    assert sum(gaps) + len(gaps) == 2 * 40 + 2


@given(weights())
def test_csr_is_that_of_scipy(w):
    w = w.reshape(len(w), -1)
    ends, columns, values = sparse.csr(w)
    theirs = scipy.sparse.csr_array(w)
    np.testing.assert_array_equal(ends, theirs.indptr[1:])
    np.testing.assert_array_equal(columns, theirs.indices)
    np.testing.assert_array_equal(values, theirs.data)


@pytest.mark.parametrize("form", sparse.FORMATS)
def test_truncated_and_longer_bytes_are_refused(form):
    data = sparse.encode(W, form)
    for cut in range(len(data)):
        with pytest.raises(ValueError, match=r"truncated|no code"):
            sparse.decode(data[:cut])
    with pytest.raises(ValueError, match=r"too many|left over"):
        sparse.decode(data + b"\0")


@pytest.mark.parametrize("form", sparse.FORMATS)
def test_altered_bytes_give_an_array_or_a_clear_error(form):
    """No byte, whatever it becomes, leads to another error."""
    data = sparse.encode(W, form)
    rng, messages = np.random.default_rng(0), []
    for place in range(len(data)):
        spoiled = bytearray(data)
        spoiled[place] ^= int(rng.integers(1, 256))
        try:
            messages.append(f"decode: {sparse.decode(bytes(spoiled)).shape}")
        except ValueError as error:
            messages.append(str(error))
    assert len(messages) == len(data)
    assert all("decode: " in message for message in messages)


@pytest.mark.parametrize(("w", "form"), [
    (W, "coo"), (W.astype(np.float64), "csr"), (np.zeros((2, 0), np.int8), "csr"),
])
def test_what_cannot_be_stored_is_refused(w, form):
    with pytest.raises(ValueError, match=r"encode: needs one of dense, bitmap"):
        sparse.encode(w, form)


@pytest.mark.parametrize("form", sparse.FORMATS)
@pytest.mark.parametrize("kind", [">i2", ">f4", ">i4"])
def test_numbers_with_their_highest_byte_first_mean_the_same(form, kind):
    w = np.array([[1, 0, 2], [0, -300, 0]], kind)
    np.testing.assert_array_equal(sparse.decode(sparse.encode(w, form)), w)
