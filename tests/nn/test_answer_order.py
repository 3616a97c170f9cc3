"""Channels go in the order of what their loss does to the answer of the network, counted in nats."""

import numpy as np
import pytest
import torch

from edgekit.graph.channels import couple
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import run
from edgekit.nn import zoo
from edgekit.nn.answer_order import answer_order, class_draws, curvature
from edgekit.nn.channel_order import drop_order
from edgekit.nn.refit import refit

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 3)).astype(np.float32)


def dense_layers(*weights):
    """x (3) -> dense, relu, dense, ... -> logits."""
    tensors, nodes, last = {"x": Tensor("x", (3,))}, [], "x"
    for i, weight in enumerate(weights):
        weight = np.asarray(weight, np.float32)
        tensors[f"w{i}"] = Tensor(f"w{i}", weight.shape, "float32", weight)
        tensors[f"h{i}"] = Tensor(f"h{i}", weight.shape[:1])
        nodes.append(Node("dense", (last, f"w{i}"), f"h{i}", {}))
        last = f"h{i}"
        if i + 1 < len(weights):
            tensors[f"r{i}"] = Tensor(f"r{i}", weight.shape[:1])
            nodes.append(Node("relu", (last,), f"r{i}", {}))
            last = f"r{i}"
    return Graph("dense", tensors, nodes, ("x",), (last,))


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def test_the_last_layer_has_the_curvature_of_cross_entropy():
    """F of the logits themselves: the mean of diag(p) - p p^T, whatever the share that counts places apart."""
    graph = dense_layers(RNG.normal(size=(4, 3)))
    p = softmax(run(graph, X)).astype(np.float64)
    wanted = np.diag(p.mean(0)) - p.T @ p / len(p)
    for apart in (0.0, 1.0):
        found = curvature(graph, X, apart=apart)["h0"].numpy()
        np.testing.assert_allclose(found, wanted, atol=0.02)


def test_a_draw_points_from_the_class_to_the_chances():
    v = class_draws(torch.log(torch.tensor([[0.25, 0.75]])).repeat(4000, 1), torch.Generator().manual_seed(0))
    kinds = sorted({tuple(round(float(n), 4) for n in row) for row in v})
    assert kinds == [(-0.75, 0.75), (0.25, -0.25)]
    assert float(v.mean(0).abs().max()) < 0.03


def test_what_moves_all_logits_alike_goes_first():
    """Channel 0 is the largest, and softmax does not see it: a share of the layer keeps it, the answer lets it go."""
    graph = dense_layers(np.eye(3), [[9, 1, 0], [9, 0, 1], [9, 0, 0]])
    coupling = couple(graph)
    assert drop_order(coupling, X)[0]["h0"].argmax() == 0
    scores, errors = answer_order(coupling, X, curvature(graph, X))
    assert scores["h0"].argmin() == 0
    assert errors["h0"][1] < 0.05 * errors["h0"][2]
    assert (np.diff(errors["h0"]) >= 0).all()


def test_errors_are_of_the_size_by_which_the_loss_really_grows():
    """Oracle: the mean KL of the answers after k channels of the last hidden layer went, and a new fit."""
    graph = dense_layers(RNG.normal(size=(8, 3)), 0.5 * RNG.normal(size=(6, 8)), 0.2 * RNG.normal(size=(4, 6)))
    coupling = couple(graph)
    scores, errors = answer_order(coupling, X, curvature(graph, X))
    p = softmax(run(graph, X).astype(np.float64))
    for gone in (2, 3, 4):
        q = softmax(run(refit(coupling, {"h1": scores["h1"] > gone}, X), X).astype(np.float64))
        grown = np.mean(np.sum(p * np.log(p / q), axis=1))
        assert grown / 2 < errors["h1"][gone] < 2 * grown


def test_a_state_is_read_by_no_layer_that_can_be_fitted():
    graph = zoo.load("ppg-gru")
    x = RNG.normal(size=(4, *graph.tensors[graph.inputs[0]].shape)).astype(np.float32)
    with pytest.raises(ValueError, match=r"answer_order: group .* is read by no dense layer and no convolution in one"):
        answer_order(couple(graph), x, curvature(graph, x))
