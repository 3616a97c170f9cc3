"""Structures take away what they say, and the same weights whether as masks, zeros or a smaller graph."""

import numpy as np
import pytest

from edgekit.core import masks as core
from edgekit.course import sparsity
from edgekit.graph.run import run
from edgekit.nn import zoo
from edgekit.nn.prune import MaskedNet


@pytest.fixture(scope="module")
def graph():
    return zoo.load("ppg-cnn")


@pytest.mark.parametrize(("structure", "share"), [("all", 0.8), ("all", 0.37), ("layer", 0.5), ("2:4", 0.8),
                                                  ("1:4", 0.1)])
def test_the_share_is_what_was_asked_for_or_what_the_pattern_has(graph, structure, share):
    masks = sparsity.kept(graph, structure, share)
    expected = sparsity.FIXED.get(structure, share)
    within = 1e-4 if structure == "all" else 0.01  # rows that end in a shorter run, layers that round
    assert core.sparsity(masks) == pytest.approx(expected, abs=within)
    assert {name: mask.shape for name, mask in masks.items()} == {
        name: w.shape for name, w in sparsity.weights(graph).items()}


@pytest.mark.parametrize("structure", ["all", "layer"])
def test_free_masks_are_those_of_the_net_that_prunes_itself(graph, structure):
    net = MaskedNet(graph).prune(0.7, structure)
    for name, mask in sparsity.kept(graph, structure, 0.7).items():
        np.testing.assert_array_equal(mask, net.masks[name])


def test_with_zeros_changes_nothing_else(graph):
    masks = sparsity.kept(graph, "all", 0.6)
    thin = sparsity.pruned(graph, "all", 0.6)
    for name, tensor in graph.tensors.items():
        if name in masks:
            np.testing.assert_array_equal(thin.tensors[name].data, tensor.data * masks[name])
            assert thin.tensors[name].data.dtype == tensor.data.dtype
        else:
            assert thin.tensors[name] is tensor


def test_channels_leave_about_the_share_and_the_smaller_graph_computes_what_the_masked_one_does(graph):
    masks = sparsity.kept(graph, "channels", 0.75)
    assert core.sparsity(masks) == pytest.approx(0.75, abs=0.03)
    smaller = sparsity.pruned(graph, "channels", 0.75)
    for name, w in sparsity.weights(smaller).items():
        assert w.size == masks[name].sum()
    x = np.random.default_rng(0).standard_normal((3, 1, 1000, 1)).astype(np.float32)
    coupling, kept = sparsity.channels(graph, 0.75)
    np.testing.assert_allclose(run(smaller, x), run(sparsity.masked(coupling, kept), x), atol=1e-4)


def test_an_unknown_structure_is_named(graph):
    with pytest.raises(ValueError, match="structure must be one of all, layer, 2:4, 1:4, channels, got 'rows'"):
        sparsity.kept(graph, "rows", 0.5)
