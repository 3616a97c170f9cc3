"""Words by hand, bounds by entropy, and a plain tree as the other implementation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core import huffman


def best_total(counts):
    """Bits of an optimal code: the sum of all joint counts while the two smallest are joined, again and again."""
    pool, total = sorted(counts), 0
    while len(pool) > 1:
        joint = pool[0] + pool[1]
        total, pool = total + joint, sorted([joint, *pool[2:]])
    return total


@pytest.mark.parametrize(("counts", "lengths"), [([7], [1]), ([1, 1], [1, 1]), ([1, 2, 4, 8], [3, 3, 2, 1])])
def test_lengths_by_hand(counts, lengths):
    assert huffman.lengths(counts).tolist() == lengths


COUNTS = st.lists(st.integers(1, 1000), min_size=2, max_size=40)


@given(COUNTS)
def test_the_code_is_optimal_and_its_mean_lies_between_entropy_and_one_more(counts):
    lengths = huffman.lengths(counts)
    total = int(np.dot(lengths.astype(int), counts))
    assert total == best_total(counts)
    assert huffman.entropy(counts) - 1e-9 <= total / sum(counts) < huffman.entropy(counts) + 1
    assert sum(2.0 ** -int(n) for n in lengths) == 1


@given(COUNTS)
def test_no_word_begins_another(counts):
    lengths = huffman.lengths(counts)
    words = [f"{int(w):056b}"[: int(n)] for w, n in zip(huffman.words(lengths), lengths, strict=True)]
    assert not any(a != b and b.startswith(a) for a in words for b in words)
    assert len(set(words)) == len(words)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=300))
def test_symbols_come_back(symbols):
    present, places, counts = np.unique(symbols, return_inverse=True, return_counts=True)
    lengths = huffman.lengths(counts)
    data = huffman.encode(places, lengths)
    assert len(data) == -(-int(np.dot(lengths.astype(int), counts)) // 8)
    np.testing.assert_array_equal(present[huffman.decode(data, lengths, len(symbols))], symbols)


def test_long_words_come_back():
    """Fibonacci counts give the longest words there can be."""
    counts = [1, 1]
    while len(counts) < 26:
        counts.append(counts[-1] + counts[-2])
    lengths = huffman.lengths(counts)
    assert lengths.max() == 25
    symbols = np.random.default_rng(0).integers(0, 26, 200)
    np.testing.assert_array_equal(huffman.decode(huffman.encode(symbols, lengths), lengths, 200), symbols)


@pytest.mark.parametrize(("data", "lengths", "count", "message"), [
    (b"\x00", [1, 1], 9, "end before 9 symbols"),
    (b"\x00\x00", [1, 1], 3, "left over"),
    (b"\x00", [1, 2], 3, "no code has words of these lengths"),
    (b"\x00", [0, 0], 3, "no code has words of these lengths"),
    (b"\x00", [], 3, "no code has words of these lengths"),
])
def test_altered_bytes_are_refused(data, lengths, count, message):
    with pytest.raises(ValueError, match=message):
        huffman.decode(data, np.array(lengths, np.uint8), count)


def test_a_symbol_that_never_occurs_is_refused():
    with pytest.raises(ValueError, match="every symbol must occur"):
        huffman.lengths([1, 0])
