"""A matrix that skips its zeros, times a vector: fewer products, but each must look up where it belongs.

    y[i] = sum over the stored (j, w) of row i of  w x[j]        products = weights that are not 0, not O K
"""

import numpy as np


def csr_matvec(matrix, x):
    """Return y (O,) or (O, N) = W x for `matrix` = (ends, columns, values) of `sparse.csr` and x (K,) or (K, N).

    >>> from edgekit.core.sparse import csr
    >>> csr_matvec(csr(np.array([[0, 5, 0], [0, 0, 0], [6, 0, 7]])), np.array([1, 2, 3])).tolist()
    [10, 0, 27]
    """
    ends, columns, values = matrix
    starts = np.concatenate([[0], ends[:-1]])
    terms = values.reshape(-1, *[1] * (x.ndim - 1)) * x[columns]
    y = np.zeros((len(ends), *x.shape[1:]), terms.dtype)
    filled = ends > starts
    if filled.any():
        y[filled] = np.add.reduceat(terms, starts[filled], axis=0)
    return y
