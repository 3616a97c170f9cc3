"""What is derived is what the bytes say."""

import numpy as np
import pytest

from edgekit.core import huffman, sparse
from edgekit.core.break_even import bits_per_weight, break_even, entropy_bits

SHAPE = (64, 4096)
DTYPES = {"int8": 8, "float32": 32}


def layer(sparsity, dtype, seed=0):
    """Weights none of which is 0 but by chance of `sparsity`."""
    rng = np.random.default_rng(seed)
    values = rng.integers(1, 100, SHAPE).astype(dtype)
    return values * (rng.random(SHAPE) >= sparsity)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("form", ["bitmap", "csr", "run"])
@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.8, 0.97])
def test_bits_per_weight_are_those_of_real_bytes(form, dtype, sparsity):
    measured = 8 * len(sparse.encode(layer(sparsity, dtype), form)) / np.prod(SHAPE)
    expected = bits_per_weight(form, sparsity, DTYPES[dtype])
    spread = 5 * (sparsity * (1 - sparsity) / np.prod(SHAPE)) ** 0.5 * (DTYPES[dtype] + 16)  # of the number of zeros
    assert measured == pytest.approx(expected, abs=spread + 8 * (15 + 4 * 64) / np.prod(SHAPE))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("form", ["bitmap", "csr", "run"])
def test_real_bytes_cross_where_derived(form, dtype):
    where = break_even(form, DTYPES[dtype])
    below, above = (len(sparse.encode(layer(where + step, dtype), form)) for step in (-0.02, 0.02))
    assert above < len(sparse.encode(layer(where, dtype), "dense")) < below


@pytest.mark.parametrize(("form", "bits", "index", "sparsity"), [
    ("bitmap", 8, 16, 1 / 8), ("bitmap", 32, 16, 1 / 32), ("csr", 8, 16, 2 / 3), ("csr", 32, 8, 0.2),
])
def test_by_hand(form, bits, index, sparsity):
    assert break_even(form, bits, index) == pytest.approx(sparsity)
    assert bits_per_weight(form, sparsity, bits, index) == pytest.approx(bits)


@pytest.mark.parametrize("sparsity", [0.3, 0.8])
def test_huffman_lies_between_entropy_and_one_bit_more(sparsity):
    w = layer(sparsity, "int8")
    counts = np.unique(w, return_counts=True)[1]
    bound = entropy_bits(float((w == 0).mean()), huffman.entropy(np.unique(w[w != 0], return_counts=True)[1]))
    assert bound == pytest.approx(huffman.entropy(counts))
    measured = 8 * len(sparse.encode(w, "huffman")) / w.size
    assert bound <= measured < bound + 1 + 8 * (15 + 4 + 2 * 100) / w.size


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="form must be bitmap, csr or run, got 'coo'"):
        break_even("coo", 8)
