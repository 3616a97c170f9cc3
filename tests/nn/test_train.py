import numpy as np
import pytest
import torch
from torch import nn

from edgekit.nn.train import Recipe, outputs, seeded, train


def toy(n=256, seed=0):
    """Two classes that differ in the sign of their mean."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    return (rng.normal(size=(n, 1, 32)) + 0.5 * (2 * y[:, None, None] - 1)).astype(np.float32), y


def build():
    return nn.Sequential(nn.Flatten(), nn.Linear(32, 2))


def test_training_learns_what_can_be_learnt():
    x, y = toy()
    model = seeded(build, 0)
    losses = train(model, x, y, Recipe(epochs=10, learning_rate=0.05))
    assert losses[-1] < losses[0]
    fresh_x, fresh_y = toy(seed=1)
    assert (outputs(model, fresh_x).argmax(1) == fresh_y).mean() > 0.95


def test_the_same_seed_gives_the_same_weights_and_another_seed_others():
    x, y = toy()
    weights = []
    for seed in (1, 1, 2):
        model = seeded(build, seed)
        train(model, x, y, Recipe(epochs=2), seed)
        weights.append(model[1].weight.detach().numpy())
    assert np.array_equal(weights[0], weights[1])
    assert not np.array_equal(weights[0], weights[2])


def test_seeded_leaves_the_global_generator_alone():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    seeded(build, 9)
    assert torch.equal(torch.rand(1), expected)


def test_progress_is_called_after_every_epoch():
    x, y = toy(64)
    seen = []
    train(seeded(build, 0), x, y, Recipe(epochs=3), progress=lambda *row: seen.append(row[:2]))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_a_loss_that_is_not_finite_stops_the_training():
    x, y = toy(64)
    x[0] = np.inf
    with pytest.raises(ValueError, match=r"the loss is (nan|inf) in epoch 1; lower learning_rate or check x"):
        train(seeded(build, 0), x, y, Recipe(epochs=2))
