"""Scores by hand, and Taylor's first order against the loss itself."""

import numpy as np
import pytest
import torch
from torch.nn.utils import prune

from edgekit.core import saliency


def test_taylor_is_the_change_of_the_loss_for_small_weights():
    """For a linear model and a weight eps, |L(w) - L(w without it)| -> |w g| with an error of order eps^2."""
    rng = np.random.default_rng(0)
    x, y, w = rng.normal(size=(50, 4)), rng.normal(size=50), np.array([1e-4, -2e-4, 3e-4, 1e-5])
    loss = lambda v: ((x @ v - y) ** 2).mean()  # noqa: E731
    gradient = 2 * x.T @ (x @ w - y) / 50
    change = [abs(loss(w) - loss(np.where(np.arange(4) == i, 0, w))) for i in range(4)]
    np.testing.assert_allclose(saliency.taylor(w, gradient), change, atol=3 * (3e-4) ** 2)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("axis", [0, 3])
def test_channel_norms_rank_as_torch_does(order, axis):
    w = np.random.default_rng(order).normal(size=(6, 3, 2, 8))
    norms = saliency.channel_norm(w, order, axis)
    tensor = torch.tensor(w)
    theirs = prune.LnStructured(3, order, axis).compute_mask(tensor, torch.ones_like(tensor))
    kept = theirs.bool().numpy().any(axis=tuple(i for i in range(4) if i != axis))
    assert set(np.argsort(norms)[:3]) == set(np.flatnonzero(~kept))


def test_activation_and_random():
    x = np.random.default_rng(0).normal(size=(5, 4, 3))
    np.testing.assert_allclose(saliency.channel_activation(x), [np.abs(x[..., c]).mean() for c in range(3)])
    one, two = (saliency.random(np.zeros((3, 4)), np.random.default_rng(7)) for _ in range(2))
    assert one.shape == (3, 4)
    np.testing.assert_array_equal(one, two)


def test_what_cannot_be_says_why():
    with pytest.raises(ValueError, match="one gradient for each weight"):
        saliency.taylor(np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match="order must be 1 or 2, got 3"):
        saliency.channel_norm(np.zeros((2, 2)), 3)
