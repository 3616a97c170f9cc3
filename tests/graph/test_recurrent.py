"""GRU and LSTM nodes in the graph: quantized, run, counted, placed."""

import numpy as np
import pytest

from edgekit.core import recurrent
from edgekit.core.integer import recurrent as integer
from edgekit.core.integer.fixed_point import make_multiplier, quantize_multiplier
from edgekit.graph import cost, file
from edgekit.graph.check import check_graph
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.memory import lifetimes
from edgekit.graph.ptq import calibrate, post_training_quantize, quantize_graph
from edgekit.graph.run import predict, run

GATES = {"gru": 3, "lstm": 4}
T, C, H = 10, 3, 5
NAMES = ("w_input", "w_hidden", "b_input", "b_hidden")


def network(op, return_sequence=True, seed=0):
    """One recurrent node."""
    rng, rows = np.random.default_rng(seed), GATES[op] * H
    shapes = (rows, C), (rows, H), (rows,), (rows,)
    arrays = [(rng.standard_normal(shape) * 0.6).astype(np.float32) for shape in shapes]
    tensors = {name: Tensor(name, array.shape, "float32", array) for name, array in zip(NAMES, arrays, strict=True)}
    shape = (1, T, H) if return_sequence else (H,)
    tensors |= {"x": Tensor("x", (1, T, C)), "y": Tensor("y", shape)}
    node = Node(op, ("x", *NAMES), "y", {"return_sequence": return_sequence}, "recur")
    return Graph(op, tensors, [node], ["x"], ["y"])


@pytest.fixture
def x():
    return np.random.default_rng(1).standard_normal((200, 1, T, C)).astype(np.float32)


@pytest.mark.parametrize("op", GATES)
@pytest.mark.parametrize("return_sequence", [True, False])
def test_float_graph_computes_the_operator(op, return_sequence, x):
    graph = network(op, return_sequence)
    arrays = [graph.tensors[name].data for name in NAMES]
    assert np.array_equal(run(graph, x), getattr(recurrent, op)(x, *arrays, return_sequence=return_sequence))


@pytest.mark.parametrize("op", GATES)
@pytest.mark.parametrize("return_sequence", [True, False])
@pytest.mark.parametrize("preset", ["cmsis", "reference", "single"])
def test_integer_graph_is_the_integer_operator_and_near_the_float_one(op, return_sequence, preset, x):
    graph = network(op, return_sequence)
    quantized = post_training_quantize(graph, [x])
    codes = run(quantized, codes_of(x, quantized.tensors["x"].qparams), preset)
    assert codes.dtype == np.int8
    error = predict(quantized, x, preset) - run(graph, x)
    assert np.sqrt((error ** 2).mean()) < 2 * quantized.tensors["y"].qparams.scale
    node = quantized.nodes[0]
    w_input, w_hidden, b_input, b_hidden = (quantized.tensors[name] for name in node.inputs[1:])
    q_x, q_y = quantized.tensors["x"].qparams, quantized.tensors["y"].qparams
    wanted = getattr(integer, op)(
        codes_of(x, q_x), *(t.data for t in (w_input, w_hidden, b_input, b_hidden)),
        multiplier_input=make_multiplier(q_x.scale, w_input.qparams.scale, 2.0**-12),
        multiplier_hidden=make_multiplier(q_y.scale, w_hidden.qparams.scale, 2.0**-12),
        multiplier_output=make_multiplier(2.0**-15 if op == "gru" else 2.0**-30, 1.0, q_y.scale),
        zero_point_x=q_x.zero_point, zero_point_y=q_y.zero_point, profile="D" if preset == "single" else "A",
        return_sequence=return_sequence)
    assert np.array_equal(codes, wanted)
    real = graph.tensors["b_hidden"].data if op == "gru" else np.zeros(b_hidden.shape)  # an LSTM adds it to the other
    assert np.array_equal(b_hidden.data, np.rint(real / (q_y.scale * w_hidden.qparams.scale)))


def codes_of(x, qparams):
    return np.clip(np.rint(x / qparams.scale) + qparams.zero_point, -128, 127).astype(np.int8)


@pytest.mark.parametrize("op", GATES)
def test_the_grid_of_a_last_state_holds_every_state(op, x):
    """A state that was large in between was multiplied in between: both graphs get one range."""
    x[:, :, T // 2] *= 8
    ranges = [calibrate(network(op, whole), [x])["y"] for whole in (True, False)]
    assert ranges[0] == pytest.approx(ranges[1])
    last = run(network(op, False), x)
    assert ranges[1][0] < last.min() or ranges[1][1] > last.max()


def test_weights_of_four_bits_and_unknown_layers(x):
    graph = network("gru")
    ranges = calibrate(graph, [x])
    few = quantize_graph(graph, ranges, num_bits={"y": 4})
    assert np.abs(few.tensors["w_input"].data).max() == 7
    with pytest.raises(ValueError, match="there are y"):
        quantize_graph(graph, ranges, num_bits={"z": 4})


@pytest.mark.parametrize("op", GATES)
def test_file_there_and_back(op, x):
    quantized = post_training_quantize(network(op), [x])
    again = file.from_bytes(file.to_bytes(quantized))
    codes = codes_of(x, quantized.tensors["x"].qparams)
    assert np.array_equal(run(again, codes), run(quantized, codes))


@pytest.mark.parametrize(("change", "words"), [
    (lambda t: {"w_hidden": Tensor("w_hidden", t["w_hidden"].shape, "int32", t["w_hidden"].data.astype(np.int32))},
     "weights 'w_hidden' must be int8 with qparams"),
    (lambda t: {t["b"].name: Tensor(t["b"].name, t["b"].shape, "int64", t["b"].data.astype(np.int64))},
     "a bias must be int32"),
    (lambda t: {t["b"].name: Tensor(t["b"].name, (3,), "int32", t["b"].data[:3])}, "two biases"),
])
def test_an_altered_node_is_refused(change, words, x):
    quantized = post_training_quantize(network("gru"), [x])
    tensors = {**quantized.tensors, "b": quantized.tensors[quantized.nodes[0].inputs[4]]}
    with pytest.raises(ValueError, match=words):
        check_graph(quantized.with_tensors(**change(tensors)))


@pytest.mark.parametrize("op", GATES)
def test_cost_is_literal(op, x):
    """MACs: every weight at every step. Bytes: weights, biases, per row and matrix a scale, multiplier and shift."""
    quantized, rows = post_training_quantize(network(op), [x]), GATES[op] * H
    assert cost.macs(quantized) == T * rows * (C + H)
    per_row = 2 * (4 + 4 + 1)
    grids = 2 * (4 + 4) + 4 + 1  # scale and zero point of x and y, and the output's multiplier and shift
    assert cost.weight_bytes(quantized) == rows * (C + H) + 2 * 4 * rows + per_row * rows + grids
    scale_x, scale_w = quantized.tensors["x"].qparams.scale, quantized.tensors["w_input"].qparams.scale
    multiplier, _ = quantize_multiplier(make_multiplier(scale_x, scale_w, 2.0**-12).real)
    assert multiplier.astype(np.int32).tobytes() in cost.constants(quantized)["y"]


@pytest.mark.parametrize("op", GATES)
def test_gates_and_state_have_room_while_the_node_runs(op, x):
    """Integers: 6 bytes per row of the weights, 3 per unit; floats: 8 and 8."""
    graph = network(op)
    rows, quantized = GATES[op] * H, post_training_quantize(graph, [x])
    for version, size in ((graph, rows * 8 + H * 8), (quantized, rows * 6 + H * 3)):
        (block,) = (block for block in lifetimes(version) if block.name == "y.scratch")
        assert (block.size, block.first, block.last) == (size, 0, 0)
