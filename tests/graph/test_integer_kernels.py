"""Integer graphs of every operator: near the float graph, each node what `core.integer` defines, on every preset."""

import numpy as np
import pytest

from edgekit.core.affine import QParams, dequantize, quantize
from edgekit.core.integer.fixed_point import PRESETS
from edgekit.core.metrics import sqnr_db
from edgekit.graph import cost, ptq
from edgekit.graph.check import check_graph
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.kernels import FLOAT, arrays_of
from edgekit.graph.operators import OPERATORS, RECURRENT, TABLES
from edgekit.graph.run import predict, run


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(3).normal(size=(64, 6, 6, 4)).astype(np.float32)


@pytest.fixture(scope="module")
def integer(every_operator, x):
    return ptq.post_training_quantize(every_operator, [x])


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_all_outputs_stay_near_the_float_graph(every_operator, integer, x, preset):
    check_graph(integer)
    real = run(every_operator, x, all_outputs=True)
    found = predict(integer, x, preset, all_outputs=True)
    assert [sqnr_db(y, z) > 20 for y, z in zip(real, found, strict=True)] == [True, True, True]


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_every_node_is_its_real_operator_on_the_codes_it_gets(integer, x, preset):
    """Fed with the codes of the integer graph, the real operator, quantized, differs by a step or two of rounding."""
    q = quantize(x, integer.tensors["x"].qparams)
    values = run(integer, q, preset, all_tensors=True)
    real = {name: dequantize(codes, integer.tensors[name].qparams) for name, codes in values.items()}
    for node in integer.nodes:
        if node.op in RECURRENT:
            continue  # a step reads the rounded state of the step before: test_recurrent bounds that
        y = integer.tensors[node.output].qparams
        flowing = OPERATORS[node.op].data
        weights = [_real_weight(integer, node, place) for place in range(flowing, len(node.inputs))]
        arrays = arrays_of(integer, node, real)[:flowing] + weights
        expected = quantize(FLOAT[node.op](integer, node, arrays, preset), y).astype(int)
        assert np.abs(values[node.output] - expected).max() <= 1, node.op


def _real_weight(graph, node, place):
    tensor = graph.tensors[node.inputs[place]]
    if tensor.qparams is not None:
        return dequantize(tensor.data, tensor.qparams)
    x, w = graph.inputs_of(node)[:2]
    return (tensor.data * (x.qparams.scale * w.qparams.scale)).astype(np.float32)


def test_tables_and_multipliers_are_part_of_the_weight_bytes(integer):
    constants = cost.constants(integer)
    grid, multiplier = 4 + 4, 4 + 1
    expected = {"b": 256, "g": 256, "e": 256, "j": 256, "m": multiplier, "s": multiplier, "t": 3 * multiplier,
                "c": multiplier, "p": 0, "q": 0, "r": 0, "y": 0}
    assert {name: len(constants[name]) - grid for name in expected} == expected
    tables = [node.output for node in integer.nodes if node.op in TABLES]
    assert sorted(tables) == ["b", "e", "g", "j"]


def one_node(op, grid_x, grid_y, **attrs):
    tensors = {"x": Tensor("x", (2, 2, 3), str(grid_x.dtype), None, grid_x),
               "y": Tensor("y", (2, 2, 3), str(grid_y.dtype), None, grid_y)}
    return Graph("g", tensors, [Node(op, ("x",), "y", attrs)], ("x",), ("y",))


def test_quantize_from_unsigned_codes_moves_the_zero_point():
    graph = one_node("quantize", QParams(0.5, 130, signed=False), QParams(0.5, 2))
    q = np.arange(12, dtype=np.uint8).reshape(1, 2, 2, 3) * 20
    assert run(graph, q).ravel().tolist() == [n - 128 for n in range(0, 240, 20)]


def test_softmax_on_another_grid_than_litert_fixes():
    graph = one_node("softmax", QParams(0.1, 0), QParams(1 / 200, -100))
    q = np.random.default_rng(0).integers(-128, 128, (50, 2, 2, 3)).astype(np.int8)
    real = FLOAT["softmax"](graph, graph.nodes[0], [dequantize(q, graph.tensors["x"].qparams)], "cmsis")
    assert np.abs(run(graph, q).astype(int) - quantize(real, graph.tensors["y"].qparams)).max() <= 1


@pytest.mark.parametrize("ratio", [100, 126, 127.999, 128, 200, 1000])
def test_hard_swish_on_an_output_too_fine_for_fixed_point(ratio):
    graph = one_node("hard_swish", QParams(0.05, 0), QParams(0.05 / ratio, -20))
    q = np.arange(-120, 120, dtype=np.int8).reshape(20, 2, 2, 3)
    real = FLOAT["hard_swish"](graph, graph.nodes[0], [dequantize(q, graph.tensors["x"].qparams)], "cmsis")
    expected = quantize(real, graph.tensors["y"].qparams).astype(int)
    assert np.abs(run(graph, q) - expected).max() <= 2


def test_a_mixed_graph_takes_and_gives_real_numbers():
    grid = QParams(0.25, 3)
    tensors = {"x": Tensor("x", (4,)), "q": Tensor("q", (4,), "int8", None, grid), "y": Tensor("y", (4,))}
    graph = Graph("g", tensors, [Node("quantize", ("x",), "q"), Node("dequantize", ("q",), "y")], ("x",), ("y",))
    check_graph(graph)
    x = np.array([[0.1, -0.3, 5.0, 100.0]], np.float32)
    assert run(graph, x).tolist() == [[0.0, -0.25, 5.0, 31.0]]
    assert np.array_equal(predict(graph, x), run(graph, x))
