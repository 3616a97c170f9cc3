import numpy as np
import pytest

from edgekit.core.affine import choose_qparams
from edgekit.graph import ptq
from edgekit.graph.grids import as_stored, choose_grids
from edgekit.graph.ir import Graph, Node, Tensor

UNIT, SIGNED_UNIT = (1 / 256, -128), (1 / 128, 0)


def graph_of(*nodes, inputs=("x",)):
    """A graph of nodes (op, inputs, output, attributes), all of whose activations are (2, 2, 4)."""
    nodes = [Node(op, sources.split(), output, attrs) for op, sources, output, attrs in nodes]
    names = {*inputs, *(node.output for node in nodes)}
    tensors = {name: Tensor(name, (2, 2, 4)) for name in names}
    return Graph("g", tensors, nodes, inputs, (nodes[-1].output,))


def expected(low, high):
    grid = as_stored(choose_qparams(low, high))
    return float(grid.scale), int(grid.zero_point)


def grids_of(graph, ranges):
    return {name: (float(q.scale), int(q.zero_point)) for name, q in choose_grids(graph, ranges).items()}


RANGES = {"x": (-1.0, 1.0), "a": (-3.0, 2.0), "b": (-1.0, 7.0), "y": (-9.0, 9.0), "z": (-8.0, 8.0)}


@pytest.mark.parametrize(("op", "attrs"), [
    ("relu", {}),
    ("relu6", {}),
    ("pad", {"padding": ((1, 1), (1, 1))}),
    ("resize_nearest", {"size": (4, 4)}),
    ("avg_pool2d", {"kernel": (1, 1), "stride": (1, 1), "padding": ((0, 0), (0, 0))}),
    ("max_pool2d", {"kernel": (1, 1), "stride": (1, 1), "padding": ((0, 0), (0, 0))}),
    ("reshape", {"shape": (16,)}),
])
def test_operators_that_move_codes_keep_the_grid(op, attrs):
    grids = grids_of(graph_of((op, "x", "y", attrs)), RANGES)
    assert grids["y"] == grids["x"] == expected(-1.0, 1.0)


@pytest.mark.parametrize(("op", "grid"), [
    ("sigmoid", UNIT), ("hard_sigmoid", UNIT), ("softmax", UNIT), ("tanh", SIGNED_UNIT),
])
def test_fixed_grids_do_not_depend_on_the_range(op, grid):
    after = ("max_pool2d", "a", "y", {"kernel": (1, 1), "stride": (1, 1), "padding": ((0, 0), (0, 0))})
    grids = grids_of(graph_of((op, "x", "a", {}), after), RANGES)
    assert grids["a"] == grids["y"] == grid


@pytest.mark.parametrize(("op", "attrs"), [
    ("add", {}), ("mul", {}), ("mean", {"axes": (-1,), "keepdims": True}), ("hard_swish", {}),
])
def test_operators_that_compute_have_grids_of_their_own(op, attrs):
    sources = "x x" if op in ("add", "mul") else "x"
    grids = grids_of(graph_of((op, sources, "y", attrs)), RANGES)
    assert grids == {"x": expected(-1.0, 1.0), "y": expected(-9.0, 9.0)}


def test_concat_joins_the_ranges_of_its_inputs():
    graph = graph_of(("hard_swish", "x", "a", {}), ("mul", "x x", "b", {}), ("concat", "a b", "y", {"axis": -1}),
                     ("hard_swish", "y", "z", {}))
    grids = grids_of(graph, RANGES)
    assert grids["a"] == grids["b"] == grids["y"] == expected(-3.0, 7.0)
    assert grids["z"] == expected(-8.0, 8.0)


def test_concats_that_share_an_input_share_one_grid():
    graph = graph_of(("mul", "x x", "a", {}), ("concat", "x a", "b", {"axis": -1}), ("relu", "b", "y", {}),
                     ("concat", "y x", "z", {"axis": -1}))
    assert set(grids_of(graph, RANGES).values()) == {expected(-3.0, 2.0)}


def test_concat_leaves_a_fixed_grid_alone_but_covers_its_range():
    graph = graph_of(("sigmoid", "x", "a", {}), ("concat", "a x", "y", {"axis": -1}))
    ranges = {**RANGES, "a": (0.0, 2.0)}
    assert grids_of(graph, ranges) == {"x": expected(-1.0, 2.0), "a": UNIT, "y": expected(-1.0, 2.0)}


def test_concat_of_one_fixed_grid_stays_on_it():
    graph = graph_of(("sigmoid", "x", "a", {}), ("softmax", "x", "b", {}), ("concat", "a b", "y", {"axis": -1}))
    grids = grids_of(graph, RANGES)
    assert grids["a"] == grids["b"] == grids["y"] == UNIT


def test_concat_of_two_fixed_grids_gets_its_own():
    graph = graph_of(("sigmoid", "x", "a", {}), ("tanh", "x", "b", {}), ("concat", "a b", "y", {"axis": -1}))
    grids = grids_of(graph, {**RANGES, "a": (0.0, 1.0), "b": (-1.0, 1.0)})
    assert (grids["a"], grids["b"], grids["y"]) == (UNIT, SIGNED_UNIT, expected(-1.0, 1.0))


def test_a_constant_factor_gets_a_grid_of_its_own():
    data = np.linspace(-2, 2, 4, dtype=np.float32)
    tensors = {"x": Tensor("x", (2, 2, 4)), "w": Tensor("w", (4,), "float32", data), "y": Tensor("y", (2, 2, 4))}
    graph = Graph("g", tensors, [Node("mul", ("x", "w"), "y")], ("x",), ("y",))
    factor = ptq.quantize_graph(graph, RANGES).tensors["w"]
    assert factor.data.dtype == np.int8
    assert (float(factor.qparams.scale), int(factor.qparams.zero_point)) == expected(-2.0, 2.0)


def test_a_layer_used_on_two_grids_gets_two_biases():
    w, b = np.eye(4, dtype=np.float32), np.ones(4, np.float32)
    tensors = {"w": Tensor("w", (4, 4), "float32", w), "b": Tensor("b", (4,), "float32", b)}
    tensors |= {name: Tensor(name, (2, 2, 4)) for name in ("x", "a", "y")}
    nodes = [Node("dense", ("x", "w", "b"), "a"), Node("dense", ("a", "w", "b"), "y")]
    graph = ptq.quantize_graph(Graph("g", tensors, nodes, ("x",), ("y",)), RANGES)
    for node in graph.nodes:
        x, weight, bias = graph.inputs_of(node)
        scale = x.qparams.scale * weight.qparams.scale
        assert np.abs(bias.data * scale - 1).max() <= scale.max() / 2
