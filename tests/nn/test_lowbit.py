"""Ternary and binary networks: codes as core defines them, gradients that pass, integer graphs that are the net."""

import numpy as np
import pytest
import torch

from edgekit.core.lowbit import binarize
from edgekit.graph import cost
from edgekit.nn.lowbit import Binary, LowBitNet, Ternary, layer_names
from edgekit.nn.models import PulseNet
from edgekit.nn.qat import key_of
from edgekit.nn.train import Recipe, train
from tests.nn.test_qat import calibrated, difference


@pytest.fixture(scope="module")
def weights():
    return np.random.default_rng(0).standard_normal((6, 1, 5, 4)).astype(np.float32)


def test_binary_starts_as_core_defines_it(weights):
    codes, scale = Binary(weights)(torch.tensor(weights))
    expected = binarize(weights)
    np.testing.assert_array_equal(codes.detach().numpy(), expected[0])
    np.testing.assert_allclose(scale.detach().numpy(), expected[1], rtol=1e-6)


def test_ternary_is_zero_below_delta_and_a_sign_above(weights):
    part = Ternary(weights)
    codes = part.codes(torch.tensor(weights)).detach().numpy()
    delta = part.delta().detach().numpy().reshape(-1, 1, 1, 1)
    np.testing.assert_array_equal(codes, np.sign(weights) * (np.abs(weights) > delta))
    assert 0.2 < np.mean(codes == 0) < 0.6


@pytest.mark.parametrize("kind", [Ternary, Binary])
def test_gradients_reach_weights_scale_and_threshold(kind, weights):
    part, w = kind(weights), torch.tensor(weights, requires_grad=True)
    codes, scale = part(w)
    share = torch.linspace(0.5, 1.5, weights.size).reshape(weights.shape)
    (codes * scale.reshape(-1, 1, 1, 1) * share).square().sum().backward()
    assert w.grad.abs().max() > 0
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in part.parameters())


@pytest.mark.parametrize(("kind", "values"), [("ternary", {-1, 0, 1}), ("binary", {-1, 1})])
def test_a_trained_net_is_the_integer_graph_it_becomes(kind, values):
    graph, integer, x = calibrated(PulseNet, (1, 200), 8)
    net = LowBitNet(graph, integer, kind)
    train(net, x, np.arange(12) % 6, Recipe(epochs=3, batch_size=4, learning_rate=1e-3))
    learned = net.eval().to_integer()
    assert (difference(net, x) > 1.01).mean() <= 0.001
    weight_of = {node.output: learned.tensors[node.inputs[1]] for node in learned.nodes if len(node.inputs) > 1}
    for name in layer_names(integer)[1:-1]:
        assert set(np.unique(weight_of[name].data).tolist()) <= values
    for name in layer_names(integer)[:: len(layer_names(integer)) - 1]:
        assert weight_of[name].qparams.num_bits == 8
    assert cost.weight_bytes(learned) < 0.5 * cost.weight_bytes(integer)


def test_grids_that_stay_stay_and_the_scales_of_few_values_learn():
    graph, integer, x = calibrated(PulseNet, (1, 200), 8)
    net = LowBitNet(graph, integer, "ternary", learn_steps=False)
    train(net, x, np.arange(12) % 6, Recipe(epochs=1, batch_size=4, learning_rate=1e-3))
    learned, inner = net.to_integer(), layer_names(integer)[1:-1]
    few = {node.inputs[1]: net.weight_grids[key_of(node.output)] for node in integer.nodes if node.output in inner}
    for tensor in learned.tensors.values():
        if tensor.qparams is not None and tensor.name not in few:
            np.testing.assert_array_equal(tensor.qparams.scale, integer.tensors[tensor.name].qparams.scale)
    assert all((grid.size.change != 0).any() and (grid.delta.change != 0).any() for grid in few.values())


def test_unknown_kinds_and_layers_are_refused():
    graph, integer, _ = calibrated(PulseNet, (1, 200), 8)
    with pytest.raises(ValueError, match=r"kind must be one of ternary, binary.*got 'quaternary'"):
        LowBitNet(graph, integer, "quaternary")
    with pytest.raises(ValueError, match=r"got 'binary' and \['nowhere'\]"):
        LowBitNet(graph, integer, "binary", ["nowhere"])
