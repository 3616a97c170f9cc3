"""Scores: what the removal of a weight, or of a whole channel, is thought to cost. `core.masks` keeps the highest.

    |w|            magnitude: the change of the weights                       Han et al. 2015, arXiv:1506.02626
    |w g|          first-order Taylor: the change of the loss, g = dL/dw      Molchanov et al. 2019, arXiv:1906.10771
    random         the control: a score that knows nothing

Channels: L1 norm (Li et al. 2017, arXiv:1608.08710), L2 norm (He et al. 2018, arXiv:1808.06866), batch norm's |gamma|
(Liu et al. 2017, arXiv:1708.06519), mean size of the activation (Molchanov et al. 2017, arXiv:1611.06440).
"""

import numpy as np


def magnitude(w):
    """Return |w| in float64.

    >>> magnitude(np.array([-2, 1])).tolist()
    [2.0, 1.0]
    """
    return np.abs(np.asarray(w, np.float64))


def taylor(w, gradient):
    """Return |w g|, how far the loss moves, to first order, when w becomes 0; g is the gradient of the mean loss.

    >>> taylor(np.array([-2.0, 1.0]), np.array([0.5, 3.0])).tolist()
    [1.0, 3.0]
    """
    w, gradient = np.asarray(w, np.float64), np.asarray(gradient, np.float64)
    if w.shape != gradient.shape:
        raise ValueError(f"taylor: one gradient for each weight, got {gradient.shape} for weights {w.shape}")
    return np.abs(w * gradient)


def random(w, rng):
    """Return uniform numbers of the shape of w, drawn from `rng`, an np.random.Generator."""
    return rng.random(np.shape(w))


def channel_norm(w, order=1, axis=0):
    """Return the L1 (order 1) or L2 (order 2) norm of every slice of w along `axis`: (length of that axis,).

    >>> channel_norm(np.array([[3.0, -4.0], [1.0, 0.0]]), 2).tolist()
    [5.0, 1.0]
    """
    if order not in (1, 2):
        raise ValueError(f"channel_norm: order must be 1 or 2, got {order!r}")
    rows = np.moveaxis(np.asarray(w, np.float64), axis, 0)
    return np.linalg.norm(rows.reshape(len(rows), -1), ord=order, axis=1)


def channel_activation(x):
    """Return the mean of |x| over examples and positions of activations (N, ..., C): (C,).

    >>> channel_activation(np.array([[[1.0, -4.0], [3.0, 0.0]]])).tolist()
    [2.0, 2.0]
    """
    x = np.abs(np.asarray(x, np.float64))
    return x.reshape(-1, x.shape[-1]).mean(axis=0)
