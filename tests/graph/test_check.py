"""What a stranger's graph must satisfy: each rule is broken once, in a graph that is otherwise sound."""

from dataclasses import replace

import numpy as np
import pytest

from edgekit.core.affine import QParams
from edgekit.graph import check, ptq
from edgekit.graph.ir import Graph, Node, Tensor

POINT = {"stride": (1, 1), "dilation": (1, 1), "groups": 1}


@pytest.fixture
def integer_graph(small_graph, batch):
    return ptq.post_training_quantize(small_graph, [batch])


def test_sound_graphs_pass(small_graph, integer_graph, every_operator):
    for graph in (small_graph, integer_graph, every_operator):
        check.check_graph(graph)


def changed(graph, name, **fields):
    return graph.with_tensors(**{name: replace(graph.tensors[name], **fields)})


RULES = {
    "activation without qparams": ("pool", {"qparams": None, "dtype": "float32"}, "mixes tensors with and without"),
    "codes without qparams": ("pool", {"qparams": None}, "'pool' is int8 without qparams"),
    "another type": ("pool", {"dtype": "int16"}, "'pool' is int16, but its qparams of 8 bits, signed=True, need int8"),
    "16 bits off zero": ("pool", {"dtype": "int16", "qparams": QParams(0.1, 3, 16)}, "is int16 with zero point 3, and"),
    "unsigned": ("pool", {"qparams": QParams(0.1, 3, signed=False)}, "signed=False, need uint8"),
    "per channel": ("pool", {"qparams": QParams([0.1] * 4, [0] * 4, axis=2)}, "activations have one"),
    "another grid": ("pool", {"qparams": QParams(0.1, 3)}, r"node 'pool' \(avg_pool2d\).*must lie on one grid"),
    "too few scales": ("head.weight", {"qparams": QParams([0.1] * 4, [0] * 4, axis=0)}, "has 4 scales along axis 0"),
    "no such axis": ("head.weight", {"qparams": QParams([0.1] * 3, [0] * 3, axis=2)}, "along axis 2 of its shape"),
    "inputs' channels": ("head.weight", {"qparams": QParams([0.1] * 4, [0] * 4, axis=1)}, "per channel of axis 0"),
    "weights off zero": ("head.weight", {"qparams": QParams(0.1, 3)}, "zero point 0"),
    "codes off grid": ("head.weight", {"qparams": QParams(0.1, 0, num_bits=4)}, r"beyond its grid -8\.\.7"),
    "float bias": ("head.bias", {"dtype": "float32", "data": np.zeros(3, np.float32)}, "must be integers"),
    "wide bias": ("head.bias", {"dtype": "int64", "data": np.zeros(3, np.int64)}, "a bias must be int32"),
    "tiny output scale": ("y", {"qparams": QParams(1e-30, 0)}, r"node 'y' \(dense\).*must be below 2\^30"),
    "scale beyond float32": ("y", {"qparams": QParams(1e-60, 0)}, "finite and positive in float32"),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_names_the_offender(integer_graph, rule):
    name, fields, message = RULES[rule]
    with pytest.raises(ValueError, match=message):
        check.check_graph(changed(integer_graph, name, **fields))


def test_codes_without_a_sign_are_for_the_ends_of_a_model():
    grid = QParams(0.1, 3, signed=False)
    tensors = {name: Tensor(name, (4,), "uint8", None, grid) for name in ("x", "y")}
    with pytest.raises(ValueError, match=r"node 'y' \(relu\): uint8 is for the ends"):
        check.check_graph(Graph("g", tensors, [Node("relu", ("x",), "y")], ("x",), ("y",)))
    check.check_graph(Graph("g", tensors, [Node("quantize", ("x",), "y")], ("x",), ("y",)))


def test_a_float_node_with_integer_weights(small_graph):
    wrong = changed(small_graph, "head.bias", dtype="int32", data=np.zeros(3, np.int32))
    with pytest.raises(ValueError, match=r"node 'y' \(dense\): weights .* of a float node must be float32"):
        check.check_graph(wrong)


def test_weights_that_are_computed_and_activations_that_are_not():
    tensors = {"x": Tensor("x", (4,)), "w": Tensor("w", (2, 4)), "y": Tensor("y", (2,))}
    with pytest.raises(ValueError, match=r"node 'y'.*weights that are constants"):
        check.check_graph(Graph("g", tensors, [Node("dense", ("x", "w"), "y")], ("x", "w"), ("y",)))
    tensors["lost"] = Tensor("lost", (4,))
    with pytest.raises(ValueError, match="'lost' is neither given nor computed"):
        check.check_graph(Graph("g", tensors, [Node("dense", ("x", "w"), "y")], ("x", "w"), ("y",)))


def one_node(op, shape, output, weights=(), **attrs):
    tensors = {"x": Tensor("x", shape), "y": Tensor("y", output)}
    for i, size in enumerate(weights):
        tensors[f"w{i}"] = Tensor(f"w{i}", size, "float32", np.zeros(size, np.float32))
    inputs = ("x", *(f"w{i}" for i in range(len(weights))))
    return Graph("g", tensors, [Node(op, inputs, "y", attrs)], ("x",), ("y",))


BOUNDS = {
    "padding": (one_node("pad", (1, 1, 1), (20_001, 20_001, 1), padding=((10_000, 10_000), (10_000, 10_000))),
                "elements of activations are more"),
    "size": (one_node("resize_nearest", (1, 1, 1), (2**31 - 1, 2**31 - 1, 1), size=(2**31 - 1, 2**31 - 1)),
             "elements of activations are more"),
    "padding that a stride hides": (
        one_node("max_pool2d", (1, 1, 1), (1, 1, 1), kernel=(20_000, 20_000), stride=(30_000, 30_000),
                 padding=((19_999, 0), (19_999, 0))), "windows of 400000000 elements"),
    "windows": (one_node("conv2d", (600, 600, 8), (300, 300, 1), [(1, 301, 301, 8)], padding=((0, 0), (0, 0)), **POINT),
                "windows of"),
    "work": (one_node("dense", (2**22, 1), (2**22, 20), [(20, 1)]), None),
    "long work": (one_node("conv2d", (700, 700, 9), (700, 700, 200), [(200, 7, 7, 9)], padding=((3, 3), (3, 3)),
                           **POINT), "multiply-accumulates"),
    "steps": (one_node("gru", (1, 70_000, 1), (1, 70_000, 1), [(3, 1), (3, 1), (3,), (3,)], return_sequence=True),
              "70000 steps"),
}


@pytest.mark.parametrize("bound", BOUNDS)
def test_memory_and_time_are_bounded(bound, monkeypatch):
    graph, message = BOUNDS[bound]
    if bound == "long work":
        monkeypatch.setattr(check, "MAX_MACS", 10**9)
    if message is None:
        check.check_graph(graph)
    else:
        with pytest.raises(ValueError, match=message):
            check.check_graph(graph)
