"""GRU and LSTM written as ONNX's and read back: ONNX Runtime's states but for rounding, and the graph's own again."""

import json
from dataclasses import replace

import numpy as np
import pytest

from edgekit.deploy.onnx import complete, read_onnx, to_onnx, write
from edgekit.deploy.onnx.gates import from_onnx_gates, to_onnx_gates
from edgekit.graph import ptq
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import run
from tests.deploy.onnx.test_onnx import alone, small_net, theirs
from tests.fuzzing import mutate, survey

onnx = pytest.importorskip("onnx")
GATES = {"gru": 3, "lstm": 4}


def memory(layers, steps=11, channels=3, seed=0):
    """A float graph of recurrent layers: (operator, units, all states?) each."""
    rng, size, source = np.random.default_rng(seed), channels, "x"
    tensors, nodes = {"x": Tensor("x", (1, steps, channels))}, []
    for place, (op, units, sequence) in enumerate(layers):
        rows = GATES[op] * units
        shapes = {f"{part}{place}": shape for part, shape in zip(
            ("wi", "wh", "bi", "bh"), ((rows, size), (rows, units), (rows,), (rows,)), strict=True)}
        tensors |= {name: Tensor(name, shape, "float32", rng.uniform(-1, 1, shape).astype(np.float32))
                    for name, shape in shapes.items()}
        output = f"y{place}"
        tensors[output] = Tensor(output, (1, steps, units) if sequence else (units,))
        nodes.append(Node(op, (source, *shapes), output, {"return_sequence": sequence}, f"layer{place}"))
        source, size = output, units
    return Graph("memory", tensors, nodes, ["x"], [source])


def rounding(graph):
    """Each step adds roundings of float32 of the sums over inputs and states below 1, which the gates damp."""
    sums = sum(graph.tensors[name].shape[1] for node in graph.nodes for name in node.inputs[1:3])
    return graph.tensors["x"].shape[1] * sums * np.finfo(np.float32).eps


@pytest.mark.parametrize("op", GATES)
@pytest.mark.parametrize("sequence", [True, False])
@pytest.mark.parametrize(("steps", "channels", "units"), [
    (11, 3, 5), (1, 3, 5), (7, 1, 4), (7, 4, 1), (1, 1, 1), (40, 8, 16)])
def test_the_runtime_gives_the_same_states_and_the_graph_comes_back(op, sequence, steps, channels, units):
    graph = memory([(op, units, sequence)], steps, channels, seed=steps)
    x = np.random.default_rng(1).standard_normal((6, 1, steps, channels)).astype(np.float32)
    expected, model = run(graph, x), to_onnx(graph)
    onnx.checker.check_model(onnx.load_from_string(model), full_check=True)
    found = theirs(model, x)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=rounding(graph))
    assert np.abs(expected).max() > 1000 * rounding(graph)
    back = read_onnx(model)
    assert [(node.op, node.attrs) for node in back.nodes] == [(node.op, node.attrs) for node in graph.nodes]
    np.testing.assert_array_equal(run(back, x), expected)


@pytest.mark.parametrize("layers", [
    [("gru", 6, True), ("gru", 4, False)],
    [("lstm", 6, True), ("gru", 5, True), ("lstm", 4, True)],
])
def test_layers_one_after_the_other(layers):
    graph = memory(layers)
    x = np.random.default_rng(2).standard_normal((4, 1, 11, 3)).astype(np.float32)
    model = to_onnx(graph)
    np.testing.assert_allclose(theirs(model, x), run(graph, x), rtol=0, atol=rounding(graph))
    np.testing.assert_array_equal(run(read_onnx(model), x), run(graph, x))


def test_between_other_layers_and_with_both_kinds_of_states():
    """A convolution before, a mean over the states and the last of them behind, with the same weights."""
    rng, graph = np.random.default_rng(3), memory([("gru", 6, True)])
    shapes = {"k": (3, 1, 3, 2), "kb": (3,), "w": (4, 12), "wb": (4,)}
    tensors = dict(graph.tensors) | {
        name: Tensor(name, shape, "float32", rng.uniform(-1, 1, shape).astype(np.float32))
        for name, shape in shapes.items()}
    tensors |= {"a": Tensor("a", (1, 11, 2)), "last": Tensor("last", (6,)), "mean": Tensor("mean", (6,)),
                "both": Tensor("both", (12,)), "out": Tensor("out", (4,))}
    conv = {"stride": (1, 1), "padding": ((0, 0), (1, 1)), "dilation": (1, 1), "groups": 1, "activation": "relu"}
    gru = graph.nodes[0]
    nodes = [Node("conv2d", ["a", "k", "kb"], "x", conv), gru,
             replace(gru, output="last", attrs={"return_sequence": False}),
             Node("mean", ["y0"], "mean", {"axes": (-3, -2), "keepdims": False}),
             Node("concat", ["last", "mean"], "both", {"axis": -1}), Node("dense", ["both", "w", "wb"], "out")]
    whole = Graph("whole", tensors, nodes, ["a"], ["out"], {"class_names": ["p", "q", "r", "s"]})
    x = rng.standard_normal((5, 1, 11, 2)).astype(np.float32)
    expected, model = run(whole, x), to_onnx(whole)
    np.testing.assert_allclose(theirs(model, x), expected, rtol=0, atol=20 * rounding(graph))
    back = read_onnx(model)
    np.testing.assert_allclose(run(back, x), expected, rtol=0, atol=20 * rounding(graph))
    assert sorted(node.op for node in back.nodes) == sorted(node.op for node in nodes)
    assert back.metadata["class_names"] == ["p", "q", "r", "s"]
    assert back.metadata["layout"] == "NCHW"


def test_a_graph_over_steps_and_channels_alone_comes_back():
    """It takes and gives (N, T, C), as a file of another exporter that was read."""
    inner = memory([("lstm", 5, True)])
    tensors = dict(inner.tensors) | {"a": Tensor("a", (11, 3)), "b": Tensor("b", (11, 5))}
    nodes = [Node("reshape", ["a"], "x", {"shape": (1, 11, 3)}), *inner.nodes,
             Node("reshape", ["y0"], "b", {"shape": (11, 5)})]
    graph = Graph("steps", tensors, nodes, ["a"], ["b"])
    x = np.random.default_rng(4).standard_normal((3, 11, 3)).astype(np.float32)
    model = to_onnx(graph)
    np.testing.assert_allclose(theirs(model, x), run(graph, x), rtol=0, atol=rounding(inner))
    back = read_onnx(model)
    np.testing.assert_array_equal(run(back, x), run(graph, x))
    assert [node.op for node in back.nodes] == ["reshape", "lstm", "reshape"]


@pytest.mark.parametrize(("op", "remedy"), [("gru", "write .edge, or"), ("lstm", "write .tflite or .edge, or")])
@pytest.mark.parametrize("form", ["qdq", "qlinear"])
def test_integers_are_refused_with_the_formats_that_hold_them(op, remedy, form):
    x = np.random.default_rng(1).standard_normal((16, 1, 11, 3)).astype(np.float32)
    graph = ptq.post_training_quantize(memory([(op, 4, False)]), [x])
    words = f"operator {op!r} of node 'layer0' .*none has the integers of edgekit; {remedy}"
    with pytest.raises(ValueError, match=words):
        to_onnx(graph, form)


def test_a_form_or_operator_that_does_not_exist_is_refused():
    graph = memory([("gru", 4, True)])
    with pytest.raises(ValueError, match="form must be one of qdq, qlinear, got 'qop'"):
        to_onnx(graph, "qop")
    ends = {**graph.tensors, "z": Tensor("z", (1, 11, 4))}
    odd = Graph("odd", ends, [*graph.nodes, Node("quantize", ["y0"], "z")], ["x"], ["z"])
    with pytest.raises(ValueError, match="'quantize' of node 'z' has no ONNX form beside GRU and LSTM; there are add,"):
        to_onnx(odd)


def test_models_without_a_recurrent_layer_are_as_before():
    graph = small_net(np.random.default_rng(0))
    assert to_onnx(graph) == write.to_onnx(graph)
    assert read_onnx(to_onnx(graph)).nodes == complete.from_onnx(to_onnx(graph)).nodes
    assert json.loads(onnx.load_from_string(to_onnx(alone("relu", (4,), None))).metadata_props[0].value) == []


def test_gates_by_name():
    """The blocks of both orders, written out from the two definitions."""
    ours = {"gru": "rzn", "lstm": "ifgo"}
    theirs_ = {"gru": "zrn", "lstm": "iofg"}
    for op, gates in ours.items():
        assert "".join(to_onnx_gates(op, np.array(list(gates)))) == theirs_[op]
        assert "".join(from_onnx_gates(op, np.array(list(theirs_[op])))) == gates


def test_mutants_are_refused_or_run():
    sound = [to_onnx(memory([("gru", 4, True), ("lstm", 3, False)])), to_onnx(memory([("lstm", 4, True)], steps=3))]
    counts = survey(read_onnx, sound, [mutate], "mutant.onnx")
    assert counts["refused"] > 0.3 * sum(counts.values())
    assert counts["ran"] > 0
