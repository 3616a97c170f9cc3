"""Trainings of single networks: they learn, they are repeatable, and what they see has the network's shape."""

import numpy as np
import pytest
import torch

from edgekit.search.families import FAMILIES, family
from edgekit.search.trainings import TRAININGS, scored, seen
from edgekit.tasks import get


def test_every_family_can_be_trained():
    assert set(TRAININGS) == set(FAMILIES)


@pytest.mark.parametrize("task", ["ppg", "acoustic-fault", "acoustic-anomaly"])
def test_the_same_seed_gives_the_same_weights_and_another_one_others(task):
    how, plan = TRAININGS[task], family(task).plan(family(task).space.code())
    data = how.data(3, 3)
    one, again, other = (torch.cat([w.flatten() for w in how.train(plan, data, 1, seed).parameters()])
                         for seed in (0, 0, 1))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_an_autoencoder_learns_to_tell_healthy_machines_from_others():
    how, plan = TRAININGS["acoustic-anomaly"], family("acoustic-anomaly").plan()
    x, y = get("acoustic-anomaly").inputs("val")
    untrained = scored("acoustic-anomaly", plan, plan.build().eval(), x, y)
    assert scored("acoustic-anomaly", plan, how.train(plan, how.data(3, 3), 40, 0), x, y) > max(0.6, untrained)


def test_pictures_are_resized_and_nothing_else_is():
    x = np.random.default_rng(0).normal(size=(2, 96, 96, 3)).astype(np.float32)
    assert np.array_equal(seen((3, 96, 96), x), np.moveaxis(x, -1, 1))
    assert seen((3, 64, 64), x).shape == (2, 3, 64, 64)
    assert np.allclose(seen((3, 48, 48), np.ones((1, 96, 96, 3), np.float32)), 1.0)
    signal = np.zeros((2, 1, 1000, 1), np.float32)
    assert seen((1, 1000), signal).shape == (2, 1, 1000)
