"""Small graphs that the tests of this floor share."""

import numpy as np
import pytest

from edgekit.graph.ir import Graph, Node, Tensor


def constant(name, data):
    return Tensor(name, data.shape, str(data.dtype), data)


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def every_operator():
    """A float graph with every operator that flows forward, a gate, a joint, a recurrent layer, and three outputs."""
    rng, tensors, nodes = np.random.default_rng(7), {}, []

    def weights(name, *shape):
        tensors[name] = constant(name, (rng.normal(size=shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32))

    def node(op, inputs, output, dims, /, **attrs):
        tensors[output] = Tensor(output, dims)
        nodes.append(Node(op, inputs.split(), output, attrs, f"module.{output}"))

    still = {"padding": ((0, 0), (0, 0)), "dilation": (1, 1)}
    tensors["x"] = Tensor("x", (6, 6, 4))
    weights("w5", 18, 24), weights("w6", 18, 6), weights("b5", 18), weights("b6", 18)
    weights("w1", 8, 3, 3, 4), weights("b1", 8), weights("w2", 8, 8), weights("w3", 24, 3, 3, 1), weights("w4", 5, 24)
    node("conv2d", "x w1 b1", "a", (6, 6, 8), stride=(1, 1), padding=((1, 1), (1, 1)), dilation=(1, 1), groups=1,
         activation="relu6")
    node("hard_swish", "a", "b", (6, 6, 8))
    node("mean", "b", "m", (1, 1, 8), axes=(-3, -2), keepdims=True)
    node("dense", "m w2", "d", (1, 1, 8))
    node("hard_sigmoid", "d", "g", (1, 1, 8))
    node("mul", "b g", "s", (6, 6, 8))
    node("add", "s a", "t", (6, 6, 8))
    node("pad", "t", "p", (8, 8, 8), padding=((1, 1), (1, 1)))
    node("max_pool2d", "p", "q", (4, 4, 8), kernel=(2, 2), stride=(2, 2), padding=((0, 0), (0, 0)))
    node("resize_nearest", "q", "r", (8, 8, 8), size=(8, 8))
    node("sigmoid", "p", "e", (8, 8, 8))
    node("concat", "p r e", "c", (8, 8, 24), axis=-1)
    node("conv2d", "c w3", "h", (3, 3, 24), stride=(2, 2), groups=24, **still)
    node("relu", "h", "i", (3, 3, 24))
    node("tanh", "i", "j", (3, 3, 24))
    node("avg_pool2d", "j", "k", (1, 1, 24), kernel=(3, 3), stride=(3, 3), padding=((0, 0), (0, 0)))
    node("reshape", "k", "l", (24,), shape=(24,))
    node("dense", "l w4", "n", (5,))
    node("softmax", "n", "y", (5,))
    node("reshape", "j", "o", (1, 9, 24), shape=(1, 9, 24))
    node("gru", "o w5 w6 b5 b6", "z", (6,), return_sequence=False)
    return Graph("every", tensors, nodes, ("x",), ("y", "c", "z"), {"task": "none"})
