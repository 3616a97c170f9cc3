"""Small graphs that the tests of this floor share."""

import numpy as np
import pytest

from edgekit.graph.ir import Graph, Node, Tensor


def constant(name, data):
    return Tensor(name, data.shape, str(data.dtype), data)


@pytest.fixture
def small_graph():
    """conv (1, 8, 2) -> batch norm -> relu -> global average -> flatten -> dense, with random weights."""
    rng = np.random.default_rng(0)

    def draw(*shape):
        return rng.normal(size=shape).astype(np.float32)

    constants = [
        constant("conv.weight", draw(4, 1, 3, 2)),
        constant("norm.weight", draw(4)),
        constant("norm.bias", draw(4)),
        constant("norm.mean", draw(4)),
        constant("norm.variance", np.abs(draw(4)) + 0.5),
        constant("head.weight", draw(3, 4)),
        constant("head.bias", draw(3)),
    ]
    activations = [
        Tensor("x", (1, 8, 2)),
        Tensor("conv", (1, 8, 4)),
        Tensor("norm", (1, 8, 4)),
        Tensor("relu", (1, 8, 4)),
        Tensor("pool", (1, 1, 4)),
        Tensor("flat", (4,)),
        Tensor("y", (3,)),
    ]
    geometry = {"stride": (1, 1), "padding": ((0, 0), (1, 1)), "dilation": (1, 1), "groups": 1}
    nodes = [
        Node("conv2d", ("x", "conv.weight"), "conv", geometry, "features.conv"),
        Node(
            "batch_norm",
            ("conv", "norm.weight", "norm.bias", "norm.mean", "norm.variance"),
            "norm",
            {"eps": 1e-5},
        ),
        Node("relu", ("norm",), "relu"),
        Node("avg_pool2d", ("relu",), "pool", {"kernel": (1, 8), "stride": (1, 8), "padding": ((0, 0), (0, 0))}),
        Node("reshape", ("pool",), "flat", {"shape": (4,)}),
        Node("dense", ("flat", "head.weight", "head.bias"), "y", {}, "head"),
    ]
    tensors = {tensor.name: tensor for tensor in constants + activations}
    return Graph("small", tensors, nodes, ("x",), ("y",), {"task": "none"})


@pytest.fixture
def batch():
    return np.random.default_rng(1).normal(size=(16, 1, 8, 2)).astype(np.float32)
