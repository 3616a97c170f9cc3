import numpy as np
import pytest

from edgekit.graph.fold import fold, fold_batch_norm
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import run


def test_folding_keeps_the_function(small_graph, batch):
    folded = fold(small_graph)
    assert [node.op for node in folded.nodes] == ["conv2d", "avg_pool2d", "reshape", "dense"]
    assert folded.nodes[0].attrs["activation"] == "relu"
    before, after = run(small_graph, batch), run(folded, batch)
    terms = 6 + 2  # sums of a window and of the pool, each rounded in float32
    np.testing.assert_allclose(after, before, rtol=0, atol=terms * 8 * np.finfo(np.float32).eps * np.abs(before).max())


def test_folded_constants_by_hand():
    data = {"w": [[2.0]], "gamma": [3.0], "beta": [1.0], "mean": [4.0], "variance": [9.0]}
    tensors = {name: Tensor(name, np.shape(v), "float32", np.array(v, np.float32)) for name, v in data.items()}
    tensors |= {name: Tensor(name, (1,)) for name in ("x", "d", "y")}
    nodes = [
        Node("dense", ("x", "w"), "d"),
        Node("batch_norm", ("d", "gamma", "beta", "mean", "variance"), "y", {"eps": 0.0}),
    ]
    folded = fold_batch_norm(Graph("g", tensors, nodes, ("x",), ("y",)))
    weight, bias = (folded.tensors[name].data for name in folded.nodes[0].inputs[1:])
    assert weight.tolist() == [[2.0]]  # gain 3 / sqrt(9) = 1
    assert bias.tolist() == [-3.0]  # 1 + 1 * (0 - 4)


def test_an_output_that_is_read_twice_is_not_folded():
    tensors = {name: Tensor(name, (2,)) for name in ("x", "d", "r", "s", "y")}
    tensors["w"] = Tensor("w", (2, 2), "float32", np.eye(2, dtype=np.float32))
    nodes = [Node("dense", ("x", "w"), "d"), Node("relu", ("d",), "r"), Node("add", ("d", "r"), "y")]
    graph = Graph("g", {k: t for k, t in tensors.items() if k != "s"}, nodes, ("x",), ("y",))
    assert [node.op for node in fold(graph).nodes] == ["dense", "relu", "add"]


@pytest.mark.parametrize("orphan", ["norm.weight", "norm.mean", "conv.weight", "conv"])
def test_what_nobody_reads_is_gone(small_graph, orphan):
    assert orphan not in fold(small_graph).tensors
