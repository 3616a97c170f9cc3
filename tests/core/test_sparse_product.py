"""The sparse product is the dense one, and scipy's."""

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core.sparse import csr
from edgekit.core.sparse_product import csr_matvec


def test_by_hand():
    w = np.array([[0, 5, 0], [0, 0, 0], [6, 0, 7]])
    assert csr_matvec(csr(w), np.array([1, 2, 3])).tolist() == [10, 0, 27]
    assert csr_matvec(csr(np.zeros((2, 3))), np.ones(3)).tolist() == [0, 0]


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 3), st.integers(0, 99), st.floats(0, 1))
def test_it_is_the_dense_product(rows, columns, batch, seed, sparsity):
    rng = np.random.default_rng(seed)
    w = rng.integers(-128, 128, (rows, columns)) * (rng.random((rows, columns)) >= sparsity)
    x = rng.integers(-128, 128, (columns, batch) if batch else columns)
    np.testing.assert_array_equal(csr_matvec(csr(w), x), w @ x)


@pytest.mark.parametrize("sparsity", [0.0, 0.8, 1.0])
def test_it_is_that_of_scipy_in_floats(sparsity):
    rng = np.random.default_rng(1)
    w, x = rng.normal(size=(40, 300)) * (rng.random((40, 300)) >= sparsity), rng.normal(size=300)
    bound = 300 * 2.0**-52 * (np.abs(w) @ np.abs(x)).max()  # K roundings of at most the sum of sizes
    np.testing.assert_allclose(csr_matvec(csr(w), x), scipy.sparse.csr_array(w) @ x, rtol=0, atol=bound)
