"""LSTM nodes as files: LiteRT gives the interpreter's codes in each resolver, and the float states but for rounding."""

from dataclasses import replace

import numpy as np
import pytest

from edgekit.core.integer import recurrent as core
from edgekit.core.integer.fixed_point import make_multiplier
from edgekit.deploy import litert, litert_run, litert_write_lstm
from edgekit.deploy.litert_parse import LSTM, parse
from edgekit.deploy.litert_writer import FileOperator, write_model
from edgekit.graph import ptq
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import run

pytest.importorskip("ai_edge_litert", reason="LiteRT has no wheel for this platform")
STEPS, CHANNELS, SIZE = 30, 5, 12


def recurrent(op="lstm", return_sequence=True, seed=0):
    """A float graph of one recurrent layer."""
    rng, rows = np.random.default_rng(seed), {"lstm": 4, "gru": 3}[op] * SIZE
    shapes = {"wi": (rows, CHANNELS), "wh": (rows, SIZE), "bi": (rows,), "bh": (rows,)}
    tensors = {name: Tensor(name, shape, "float32", (rng.standard_normal(shape) * 0.6).astype(np.float32))
               for name, shape in shapes.items()}
    tensors |= {"x": Tensor("x", (1, STEPS, CHANNELS)),
                "y": Tensor("y", (1, STEPS, SIZE) if return_sequence else (SIZE,))}
    node = Node(op, ("x", *shapes), "y", {"return_sequence": return_sequence}, "ear.memory")
    return Graph("memory", tensors, [node], ("x",), ("y",))


def one_by_one(data, x, resolver):
    """The outputs of a file whose variables start anew with each example."""
    return np.concatenate([litert_run.run(data, x[i : i + 1], resolver) for i in range(len(x))])


def integer(graph, ties=False):
    x = np.random.default_rng(1).standard_normal((16, 1, STEPS, CHANNELS)).astype(np.float32)
    graph = ptq.post_training_quantize(graph, [x])
    if not ties:
        return graph
    near = {t.name: 2.0 ** np.round(np.log2(t.qparams.scale)) for t in graph.tensors.values() if t.qparams is not None}
    return graph.with_tensors(**{
        name: replace(graph.tensors[name], qparams=replace(graph.tensors[name].qparams, scale=scale))
        for name, scale in near.items()
    })


@pytest.mark.parametrize("resolver", litert_run.RESOLVERS)
@pytest.mark.parametrize("return_sequence", [True, False])
@pytest.mark.parametrize("ties", [False, True])
def test_the_codes_are_the_interpreters(resolver, return_sequence, ties):
    graph = integer(recurrent(return_sequence=return_sequence), ties)
    codes = np.random.default_rng(2).integers(-128, 128, (60, 1, STEPS, CHANNELS), np.int8)
    theirs = one_by_one(litert.write(graph), codes, resolver)
    assert theirs.shape == (60, *graph.tensors["y"].shape)
    assert len(np.unique(theirs)) > 100
    assert np.count_nonzero(theirs != run(graph, codes, resolver)) == 0


def with_their_multipliers(graph, codes, cell_bits=4):
    """The states by the definition, but with factors out of scales that are multiplied in float32, as LiteRT does."""
    node = graph.nodes[0]
    x, w_input, w_hidden = (graph.tensors[name].qparams for name in node.inputs[:3])
    y, constants = graph.tensors[node.output].qparams, [graph.tensors[name].data for name in node.inputs[1:]]
    product = [np.float32(end.scale) * w.scale.astype(np.float32) for end, w in ((x, w_input), (y, w_hidden))]
    return core.lstm(codes, *constants, multiplier_input=make_multiplier(product[0], 1.0, core.GATE_SCALE),
                     multiplier_hidden=make_multiplier(product[1], 1.0, core.GATE_SCALE),
                     multiplier_output=make_multiplier(core.OUTPUT_SCALES["lstm"], 1.0, y.scale),
                     zero_point_x=x.zero_point, zero_point_y=y.zero_point, cell_bits=cell_bits)


@pytest.mark.parametrize("resolver", litert_run.RESOLVERS)
@pytest.mark.parametrize("cell_bits", range(7))
@pytest.mark.parametrize("ties", [False, True])
def test_the_definition_holds_for_every_scale_of_the_cell(monkeypatch, resolver, cell_bits, ties):
    """A cell that reaches +-2^cell_bits has the scale 2^(cell_bits - 15); the graph has 2^-11 alone."""
    monkeypatch.setattr(litert_write_lstm, "CELL_SCALE", 2.0 ** (cell_bits - 15))
    graph = integer(recurrent(seed=cell_bits), ties)
    codes = np.random.default_rng(2).integers(-128, 128, (12, 1, STEPS, CHANNELS), np.int8)
    theirs = one_by_one(litert.write(graph), codes, resolver)
    np.testing.assert_array_equal(theirs, with_their_multipliers(graph, codes, cell_bits))
    assert (cell_bits == 4) == (np.count_nonzero(theirs != run(graph, codes, resolver)) < 10)


@pytest.mark.parametrize("seed", [4, 9])
def test_scales_multiplied_in_float64_differ_by_one_step_now_and_then(seed):
    """Two of 60 such layers, 2 of 2,160,000 outputs, were found so: these."""
    graph = integer(recurrent(seed=seed))
    codes = np.random.default_rng(2).integers(-128, 128, (100, 1, STEPS, CHANNELS), np.int8)
    theirs = one_by_one(litert.write(graph), codes, "reference")
    np.testing.assert_array_equal(theirs, with_their_multipliers(graph, codes))
    apart = np.abs(theirs.astype(int) - run(graph, codes, "reference"))
    assert (apart.sum(), apart.max()) == (1, 1)


@pytest.mark.parametrize("return_sequence", [True, False])
def test_a_float_layer_gives_the_same_states(return_sequence):
    """Each step adds roundings of float32 to states below 1, which the gates damp."""
    graph = recurrent(return_sequence=return_sequence)
    x = np.random.default_rng(3).standard_normal((4, 1, STEPS, CHANNELS)).astype(np.float32)
    theirs = one_by_one(litert.write(graph), x, "reference")
    np.testing.assert_allclose(theirs, run(graph, x), atol=STEPS * (CHANNELS + SIZE) * np.finfo(np.float32).eps)


def test_quantization_joins_both_biases():
    """They are added to the same sums; the real LSTM is met as before."""
    floating, graph = recurrent(), integer(recurrent())
    node, x = graph.nodes[0], graph.tensors["x"].qparams
    b_input, b_hidden = (graph.tensors[name].data for name in node.inputs[3:])
    total = floating.tensors["bi"].data.astype(np.float64) + floating.tensors["bh"].data
    scale = float(x.scale) * graph.tensors[node.inputs[1]].qparams.scale
    assert not b_hidden.any()
    assert (np.abs(b_input * scale - total) <= scale / 2 * (1 + 1e-6)).all()


def test_what_litert_cannot_hold_is_named():
    graph = integer(recurrent())
    name = graph.nodes[0].inputs[1]
    rows = replace(graph.tensors[name].qparams, scale=np.geomspace(0.01, 0.02, 4 * SIZE))
    with pytest.raises(ValueError, match=r"node 'ear.memory' \(lstm\): LiteRT has one scale .* 'wi' has one for each"):
        litert.write(graph.with_tensors(**{name: replace(graph.tensors[name], qparams=rows)}))
    name = graph.nodes[0].inputs[4]
    second = replace(graph.tensors[name], data=graph.tensors[name].data + 1)
    with pytest.raises(ValueError, match="LiteRT has one bias for each gate"):
        litert.write(graph.with_tensors(**{name: second}))
    with pytest.raises(ValueError, match=r"operator 'gru' of node 'ear.memory' has no counterpart in LiteRT; .*lstm"):
        litert.write(integer(recurrent("gru")))


def test_a_gate_has_one_scale_and_the_rows_of_a_gru_one_each():
    scales = {op: integer(recurrent(op)).tensors["wi"].qparams.scale for op in ("lstm", "gru")}
    assert len(scales["lstm"]) == 4 * SIZE
    assert len(np.unique(scales["lstm"])) == 4
    assert len(np.unique(scales["gru"])) == 3 * SIZE
    reach = np.abs(recurrent().tensors["wi"].data).reshape(4, -1).max(axis=1)
    np.testing.assert_allclose(scales["lstm"][::SIZE] * 127, reach, rtol=1e-6)


@pytest.mark.parametrize("return_sequence", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_what_was_written_is_read_as_one_node(return_sequence, seed):
    graph = integer(recurrent(return_sequence=return_sequence, seed=seed), ties=seed == 2)
    back = litert.read(litert.write(graph))
    assert [node.op for node in back.nodes] == ["lstm"]
    codes = np.random.default_rng(seed).integers(-128, 128, (60, 1, STEPS, CHANNELS), np.int8)
    assert np.array_equal(run(back, codes), run(graph, codes))
    floating = recurrent(return_sequence=return_sequence, seed=seed)
    x = np.random.default_rng(3).standard_normal((4, 1, STEPS, CHANNELS)).astype(np.float32)
    back = litert.read(litert.write(floating))
    rounding = STEPS * (CHANNELS + SIZE) * np.finfo(np.float32).eps
    np.testing.assert_allclose(run(back, x), run(floating, x), atol=rounding)


def without_rows(data, change=lambda memory, tensors: (memory, tensors)):
    """The file of one LSTM without the RESHAPE before and behind it; `change(LSTM, tensors by name)` alters more."""
    model = parse(data)
    memory = next(operator for operator in model.operators if operator.code == LSTM)
    memory, tensors = change(memory, {tensor.name: tensor for tensor in model.tensors})
    used = {name for name in (*memory.inputs, *memory.outputs, *memory.intermediates) if name is not None}
    return write_model([tensor for tensor in tensors.values() if tensor.name in used], [memory], memory.inputs[:1],
                       memory.outputs)


def test_a_memory_over_steps_and_channels_is_read_as_well():
    """So other converters write it: (N, T, C), with no row to hold a signal."""
    data = without_rows(litert.write(integer(recurrent())))
    back = litert.read(data)
    assert [node.op for node in back.nodes] == ["reshape", "lstm", "reshape"]
    codes = np.random.default_rng(4).integers(-128, 128, (60, STEPS, CHANNELS), np.int8)
    for resolver in litert_run.RESOLVERS:
        assert np.array_equal(one_by_one(data, codes, resolver), run(back, codes, resolver))
    again = litert.read(litert.write(back))
    assert np.array_equal(run(again, codes), run(back, codes))


def altered(place, **fields):
    """A change of the tensor at `place` of the inputs of an LSTM."""
    def change(memory, tensors):
        name = memory.inputs[place]
        return memory, {**tensors, name: replace(tensors[name], **fields)}

    return change


def optional(**options):
    """A change of the options of an LSTM."""
    return lambda memory, tensors: (replace(memory, options={**memory.options, **options}), tensors)


def left_out(place):
    """An LSTM without one of its inputs."""
    return lambda memory, tensors: (
        replace(memory, inputs=(*memory.inputs[:place], None, *memory.inputs[place + 1:])), tensors)


@pytest.mark.parametrize(("change", "message"), [
    (optional(time_major=True), "time_major must be False, got True"),
    (optional(cell_clip=1.5), "cell_clip must be 0.0, got 1.5"),
    (left_out(1), "expected .* of 20 or 24: edgekit reads an LSTM with four gates"),
    (altered(19, scale=2.0**-12), r"its cell have the scale 2\*\*-11"),
    (altered(18, zero_point=3), "its hidden state must lie on the grid of the output"),
    (altered(18, is_variable=False), "expected int8, int8, .*, the last two as variables"),
    (altered(18, shape=(1, SIZE + 1)), r"must have the shape \(1, 12\) and be its own; 1 operators read them"),
    (altered(3, zero_point=1), "must have the zero point 0, got 1"),
    (altered(6, scale=[0.1] * SIZE), "scales along axis"),
    (altered(13, data=np.zeros(SIZE + 1, np.int32), shape=(SIZE + 1,)), "those of its other gates must be alike"),
])
def test_an_lstm_of_another_kind_is_refused_by_name(change, message):
    data = without_rows(litert.write(integer(recurrent())), change)
    with pytest.raises(ValueError, match=rf"litert.read bytes: operator {LSTM} \(node 0\): .*{message}"):
        litert.read(data)


def test_a_variable_is_no_activation():
    model = parse(litert.write(integer(recurrent())))
    hidden = next(operator for operator in model.operators if operator.code == LSTM).inputs[18]
    y = replace(next(t for t in model.tensors if t.name == hidden), name="y", is_variable=False)
    tensors = [next(t for t in model.tensors if t.name == hidden), y]
    data = write_model(tensors, [FileOperator("RELU", (hidden,), ("y",))], [hidden], ["y"])
    with pytest.raises(ValueError, match=f"tensor {hidden!r} is a variable, an activation was expected"):
        litert.read(data)


def test_two_memories_do_not_share_a_state():
    """LiteRT would begin the second where the first ended, the graph begins at zero."""
    model = parse(without_rows(litert.write(integer(recurrent()))))
    memory = model.operators[0]
    x, y = memory.inputs[0], replace(next(t for t in model.tensors if t.name == memory.outputs[0]), name="second")
    data = write_model([*model.tensors, y], [memory, replace(memory, outputs=("second",))], [x], ["second"])
    with pytest.raises(ValueError, match="be its own; 2 operators read them"):
        litert.read(data)
