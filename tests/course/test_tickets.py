"""The lottery experiment: its controls differ from the ticket in one thing each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.core import masks as core
from edgekit.course import tickets
from edgekit.nn import prune
from edgekit.nn.train import Recipe


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 99))
def test_shuffled_masks_have_as_many_ones_in_each_layer(rows, columns, seed):
    rng = np.random.default_rng(seed)
    masks = {"a": rng.random((rows, columns)) < 0.3, "b": rng.random(7) < 0.5}
    found = tickets.shuffled(masks, rng)
    assert {name: (mask.shape, mask.sum()) for name, mask in found.items()} == {
        name: (mask.shape, mask.sum()) for name, mask in masks.items()}


def test_digits_are_parted_and_each_is_there_once():
    x, y, x_test, y_test = tickets.digits(3)
    assert len(x) == len(y) == tickets.TRAIN
    assert len(x) + len(x_test) == len(y) + len(y_test) == 1797
    assert (x.min(), x.max()) == (0, 1)
    again = np.sort(np.concatenate([x, x_test]).sum(axis=1))
    np.testing.assert_array_equal(again, np.sort(np.concatenate(tickets.digits(4)[::2]).sum(axis=1)))
    assert not np.array_equal(y, tickets.digits(4)[1])


def test_each_control_differs_from_the_ticket_in_one_thing(monkeypatch):
    nets = {}
    monkeypatch.setattr("edgekit.nn.train.train", lambda net, *args: nets.setdefault(id(net), net))
    found = tickets.accuracies(0, 0.9, 2, Recipe(epochs=1))
    assert set(found) == {"dense", *tickets.WAYS}
    first, other = tickets.network(0), tickets.network(1000)
    kinds = {"dense": (0.0, first), "ticket": (0.9, first), "other": (0.9, other), "shuffled": (0.9, first)}
    seen = [(round(core.sparsity(net.masks), 2), net.graph.constants[0].data[0, 0]) for net in nets.values()]
    for share, graph in kinds.values():
        assert (share, graph.constants[0].data[0, 0]) in seen
    masks = [net.masks for net in nets.values() if core.sparsity(net.masks) > 0.85]
    same = [all(np.array_equal(one[name], masks[0][name]) for name in one) for one in masks]
    assert len(masks) - sum(same) == 1  # the shuffled one; nothing was trained, so all others find the same mask


def test_training_beats_chance_and_a_ticket_is_pruned():
    found = tickets.accuracies(0, 0.8, 1, Recipe(epochs=4, batch_size=64, learning_rate=3e-3))
    assert min(found.values()) > 15
    assert found["dense"] > 75


def test_lottery_keeps_the_budget():
    net = prune.lottery(tickets.network(0), lambda net: None, 0.95, 3)
    total = sum(mask.size for mask in net.masks.values())
    assert sum(int(mask.sum()) for mask in net.masks.values()) == core.kept_count(total, 0.95)
    assert core.sparsity(net.masks) == pytest.approx(0.95, abs=1e-4)
