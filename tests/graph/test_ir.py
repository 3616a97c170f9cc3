import dataclasses

import numpy as np
import pytest

from edgekit.graph.ir import Graph, Node, Tensor

GEOMETRY = {"kernel": (1, 2), "stride": (1, 2), "padding": ((0, 0), (0, 0))}


def test_tensor_refuses_data_that_differs_from_its_declaration():
    with pytest.raises(ValueError, match=r"'w'.*float64 \(2, 3\).*float32 \(2, 3\)"):
        Tensor("w", (2, 3), "float32", np.zeros((2, 3)))
    with pytest.raises(ValueError, match="length of at least 1"):
        Tensor("w", (0, 3))


def test_num_bytes_counts_the_type():
    assert Tensor("a", (3, 5), "float32").num_bytes == 60
    assert Tensor("a", (3, 5), "int8").num_bytes == 15


def test_node_refuses_unknown_operators_and_missing_attributes():
    with pytest.raises(ValueError, match="unknown operator 'swish'"):
        Node("swish", ("x",), "y")
    with pytest.raises(ValueError, match="lacks the attribute 'stride'"):
        Node("avg_pool2d", ("x",), "y", {"kernel": (1, 2)})
    with pytest.raises(ValueError, match="takes 2 to 2 inputs, got 1"):
        Node("add", ("x",), "y")


def test_graph_and_node_are_frozen(small_graph):
    with pytest.raises(dataclasses.FrozenInstanceError):
        small_graph.name = "other"
    with pytest.raises(TypeError):
        small_graph.tensors["x"] = None
    with pytest.raises(TypeError):
        small_graph.nodes[0].attrs["groups"] = 2


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([("relu", "ghost", "y")], "names tensor 'ghost', which is not there"),
        ([("relu", "a", "y"), ("relu", "x", "a")], "reads 'a' before it is computed"),
        ([("relu", "x", "y"), ("relu", "x", "y")], "'y' is written twice"),
        ([("relu", "x", "a")], "must exist and be computed"),
    ],
)
def test_graph_refuses_what_cannot_run(nodes, message):
    tensors = {name: Tensor(name, (2,)) for name in ("x", "a", "y")}
    with pytest.raises(ValueError, match=message):
        Graph("g", tensors, [Node(op, (source,), target) for op, source, target in nodes], ("x",), ("y",))


def test_with_tensors_replaces_and_leaves_the_original(small_graph):
    bigger = Tensor("head.bias", (3,), "float32", np.ones(3, np.float32))
    changed = small_graph.with_tensors(**{"head.bias": bigger})
    assert changed.tensors["head.bias"].data.tolist() == [1, 1, 1]
    assert small_graph.tensors["head.bias"].data.tolist() != [1, 1, 1]
