"""The torch twin of a graph computes what the interpreter computes, and has its gradients."""

import numpy as np
import pytest
import torch

from edgekit.graph.fold import fold
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import run
from edgekit.nn.acoustic import Autoencoder, student
from edgekit.nn.camera import build
from edgekit.nn.graph_net import GraphNet
from edgekit.nn.models import PulseGru, PulseNet
from edgekit.nn.trace import trace

MODELS = {
    "pulse": (PulseNet, (1, 1000)),
    "pulse gru": (PulseGru, (1, 1000)),
    "student": (student, (1, 32, 40)),
    "autoencoder": (Autoencoder, (1, 32, 40)),
    "presence v3": (lambda: build("camera-presence", "v3"), (3, 96, 96)),
    "detect v1": (lambda: build("camera-detect", "v1"), (3, 96, 96)),
}


def batch(graph, count=2, seed=0):
    shape = graph.tensors[graph.inputs[0]].shape
    return np.random.default_rng(seed).standard_normal((count, *shape)).astype(np.float32)


@pytest.mark.parametrize("name", MODELS)
def test_twin_and_interpreter_agree(name):
    build_model, shape = MODELS[name]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        graph = trace(build_model().eval(), torch.zeros(2, *shape))
    x = batch(graph)
    for version in (graph, fold(graph)):
        ours, net = run(version, x), GraphNet(version)
        with torch.no_grad():
            np.testing.assert_allclose(net(torch.tensor(x)).numpy(), ours, atol=2e-5 * max(1.0, np.abs(ours).max()))


@pytest.mark.parametrize(("op", "attrs"), [
    ("avg_pool2d", {"kernel": (3, 2), "stride": (2, 1), "padding": ((1, 0), (0, 1))}),
    ("max_pool2d", {"kernel": (3, 2), "stride": (2, 1), "padding": ((1, 0), (0, 1))}),
    ("mean", {"axes": (-3, -2), "keepdims": False}),
    ("mean", {"axes": (-1,), "keepdims": True}),
    ("reshape", {"shape": (2, 10, 3)}),
    ("pad", {"padding": ((1, 0), (2, 3))}),
    ("resize_nearest", {"size": (7, 8)}),
    ("resize_nearest", {"size": (8, 8), "half_pixel": True}),
    ("softmax", {}), ("tanh", {}), ("hard_sigmoid", {}), ("relu6", {}),
])
def test_every_operator_has_its_twin(op, attrs):
    from edgekit.graph.shapes import infer

    x = Tensor("x", (4, 5, 3))
    y = Tensor("y", infer(op, [x.shape], attrs))
    graph = Graph("one", {"x": x, "y": y}, [Node(op, ["x"], "y", attrs)], ["x"], ["y"])
    values = batch(graph)
    with torch.no_grad():
        np.testing.assert_allclose(GraphNet(graph)(torch.tensor(values)).numpy(), run(graph, values), atol=1e-6)


@pytest.mark.parametrize(("op", "gates"), [("gru", 3), ("lstm", 4)])
@pytest.mark.parametrize("whole", [True, False])
def test_recurrent_operators_have_their_twins(op, gates, whole):
    draw = np.random.default_rng(0).standard_normal
    shapes = {"wi": (gates * 5, 3), "wh": (gates * 5, 5), "bi": (gates * 5,), "bh": (gates * 5,)}
    tensors = {name: Tensor(name, shape, "float32", draw(shape).astype(np.float32)) for name, shape in shapes.items()}
    tensors |= {"x": Tensor("x", (1, 9, 3)), "y": Tensor("y", (1, 9, 5) if whole else (5,))}
    graph = Graph("one", tensors, [Node(op, ["x", *shapes], "y", {"return_sequence": whole})], ["x"], ["y"])
    values = batch(graph)
    with torch.no_grad():
        np.testing.assert_allclose(GraphNet(graph)(torch.tensor(values)).numpy(), run(graph, values), atol=1e-5)


def test_gradients_reach_every_weight():
    net = GraphNet(fold(trace(student().eval(), torch.zeros(2, 1, 32, 40))))
    net(torch.tensor(batch(net.graph))).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in net.parameters())


def test_an_integer_graph_is_refused():
    from edgekit.nn import zoo

    with pytest.raises(ValueError, match="is integer already; give the float one"):
        GraphNet(zoo.load("ppg-cnn-int8"))


def test_a_constant_may_take_part_in_a_sum_or_product():
    factor = np.arange(1, 4, dtype=np.float32).reshape(1, 1, 3)
    tensors = {"x": Tensor("x", (4, 5, 3)), "y": Tensor("y", (4, 5, 3)), "k": Tensor("k", (1, 1, 3), "float32", factor)}
    graph = Graph("one", tensors, [Node("mul", ["x", "k"], "y")], ["x"], ["y"])
    values = batch(graph)
    with torch.no_grad():
        np.testing.assert_allclose(GraphNet(graph)(torch.tensor(values)).numpy(), run(graph, values), rtol=1e-6)
