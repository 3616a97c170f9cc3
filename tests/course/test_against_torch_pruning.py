"""torch-pruning thins the same network to a number of MACs, and a graph comes back."""

import numpy as np
import pytest
import torch

from edgekit.course import against_torch_pruning as against
from edgekit.course.against_torch_pruning import torch_pruned
from edgekit.graph.channels import couple
from edgekit.graph.cost import macs
from edgekit.nn import origins, zoo


def shipped(name):
    origin = origins.of(name)
    return origin.shipped()[name], origin.input_shape


@pytest.mark.parametrize("rank", against.RANKS)
@pytest.mark.parametrize("name", ["ppg-cnn", "acoustic-student"])
def test_the_largest_that_fits(name, rank):
    model, shape = shipped(name)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    limit = macs(zoo.load(name)) / 2.5
    thin = torch_pruned(model, shape, limit, rank)
    assert 0.8 * limit < macs(thin) <= limit
    assert thin.tensors[thin.outputs[0]].shape == zoo.load(name).tensors[zoo.load(name).outputs[0]].shape
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())
    whole = [group.width for group in couple(zoo.load(name)).prunable]
    left = [group.width for group in couple(thin).prunable]
    assert all(a <= b for a, b in zip(left, whole, strict=True))
    shares = np.array(left) / whole
    assert (np.ptp(shares) < 0.06) == (rank == "layer")


def test_the_channels_that_stay_are_those_of_the_shipped_network():
    model, shape = shipped("ppg-cnn")
    thin = torch_pruned(model, shape, macs(zoo.load("ppg-cnn")) / 2)
    rows = thin.tensors[thin.nodes[0].inputs[1]].data
    all_rows = zoo.load("ppg-cnn").tensors["features.0.0.weight"].data
    assert all(any(np.array_equal(row, other) for other in all_rows) for row in rows)


def test_widths_can_be_rounded():
    thin = torch_pruned(*shipped("ppg-cnn"), macs(zoo.load("ppg-cnn")) / 2.5, multiple=8)
    assert {group.width % 8 for group in couple(thin).prunable} == {0}


@pytest.mark.parametrize(("limit", "rank", "message"), [
    (1_000_000, "best", "rank must be one of together, layer, got 'best'"),
    (10, "layer", "no pruning ratio below 1 leaves at most 10 MACs"),
])
def test_what_cannot_be_says_why(limit, rank, message):
    with pytest.raises(ValueError, match=message):
        torch_pruned(*shipped("ppg-cnn"), limit, rank)
