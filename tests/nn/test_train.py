from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import nn

from edgekit.nn.train import Recipe, _approach, outputs, seeded, train


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


def test_what_varies_a_batch_sees_it_as_it_is_stored_and_every_example_once_an_epoch():
    x, y = np.arange(10, dtype=np.uint8), np.arange(10) % 2
    seen = []

    def vary(codes, labels, draw):
        seen.append(codes)
        return torch.zeros(len(codes), 1, 32) + codes[:, None, None] / 255.0, labels

    train(seeded(build, 0), x, y, Recipe(epochs=2, batch_size=4), vary=vary)
    assert {batch.dtype for batch in seen} == {torch.uint8}
    for epoch in (seen[:3], seen[3:]):
        assert sorted(torch.cat(epoch).tolist()) == list(range(10))


def test_the_weights_kept_are_the_running_mean_over_the_steps():
    """Against the recursion by hand: one batch is one epoch, so that progress sees the weights after every step."""
    x, y = toy(16)
    recipe, steps = Recipe(epochs=6, batch_size=16, learning_rate=0.05, average=0.5), []
    model = seeded(build, 0)
    mean = model[1].weight.detach().clone()
    train(model, x, y, recipe, progress=lambda *_: steps.append(model[1].weight.detach().clone()))
    for done, weight in enumerate(steps, 1):
        mean += (1 - min(0.5, done / (done + 10))) * (weight - mean)
    torch.testing.assert_close(model[1].weight, mean)
    assert not torch.allclose(mean, steps[-1])


def test_shared_parts_are_averaged_once():
    shared = nn.Linear(2, 2)
    both = nn.ModuleList([nn.Sequential(shared), nn.Sequential(shared)])
    mean = deepcopy(both)
    with torch.no_grad():
        shared.weight.add_(1)
    _approach(mean, both, 0.75)
    torch.testing.assert_close(mean[0][0].weight, shared.weight - 0.75)
