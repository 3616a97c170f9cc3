"""Reading and writing .tflite: what edgekit cannot hold is refused by name."""
import numpy as np
import pytest

from edgekit.core.affine import QParams
from edgekit.deploy import litert, litert_run
from edgekit.deploy.litert_read_ops import table_of
from edgekit.deploy.litert_writer import FileOperator, FileTensor, write_model
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import run

pytest.importorskip("ai_edge_litert", reason="LiteRT has no wheel for this platform")

NONE = {"fused_activation_function": "NONE"}
CONV = {"padding": "SAME", "stride_h": 1, "stride_w": 1, **NONE}
POOL = {"padding": "VALID", "stride_h": 2, "stride_w": 2, "filter_height": 2, "filter_width": 2, **NONE}


def codes(name, *shape, scale=0.5, zero_point=0, dtype="int8"):
    return FileTensor(name, shape, dtype, None, scale, zero_point)


def constant(name, array, scale=None, zero_point=0, axis=0):
    array = np.asarray(array)
    return FileTensor(name, array.shape, str(array.dtype), array, scale, zero_point, axis)


X = codes("x", 1, 4, 4, 2)
W = constant("w", np.ones((3, 3, 3, 2), np.int8), 0.1)
B = constant("b", np.arange(3, dtype=np.int32))
Y = codes("y", 1, 4, 4, 3)


def model(operators, *tensors, inputs=("x",), outputs=("y",)):
    """A file of `operators`, each (code, names of inputs, options), that ends in y."""
    written = [FileOperator(code, tuple(names), ("y",), options) for code, names, options in operators]
    return write_model(tensors, written, inputs, outputs)


def conv(w=W, options=CONV, y=Y, x=X, code="CONV_2D"):
    return model([(code, ("x", "w", "b"), options)], x, w, B, y)


REFUSED = {
    "operator": (model([("DEQUANTIZE", ("x",), {})], X, Y), r"DEQUANTIZE \(node 0\): only the output"),
    "cast": (model([("CAST", ("x",), {})], X, codes("y", 1, 4, 4, 2)), r"operator CAST \(node 0\) is not supported; "
             "edgekit reads ADD, AVERAGE_POOL_2D, .*TANH"),
    "activation": (conv(options={**CONV, "fused_activation_function": "RELU_N1_TO_1"}),
                   r"CONV_2D \(node 0\): its fused activation RELU_N1_TO_1 is not supported; edgekit reads NONE, "),
    "shape": (conv(y=codes("y", 1, 4, 4, 4)), r"'y' has shape \(4, 4, 4\) in the file, its inputs give \(4, 4, 3\)"),
    "channels": (conv(x=codes("x", 1, 4, 4, 3)), r"input \(4, 4, 3\) and weights \(3, 3, 3, 2\) do not fit"),
    "stride": (conv(options={**CONV, "stride_h": 0}), r"stride \(0, 1\).*must be >= 1"),
    "int4": (conv(w=FileTensor("w", (3, 3, 3, 2), "float32", np.ones((3, 3, 3, 2), np.float32))),
             "input is int8, weights float32, output int8; edgekit reads int8 throughout"),
    "weight zero point": (conv(w=constant("w", W.data, 0.1, 3)), "'w' have a zero point other than 0"),
    "axis": (conv(w=constant("w", W.data, [0.1] * 3, 0, 2)), r"3 scales along axis 2, expected axis 0"),
    "no scale": (conv(x=FileTensor("x", X.shape, "int8")), "'x' has type int8 and no finite, positive scale"),
    "nan scale": (conv(x=codes("x", 1, 4, 4, 2, scale=np.nan)), "'x' has type int8 and no finite, positive scale"),
    "int16 off zero": (conv(x=codes("x", 1, 4, 4, 2, dtype="int16", zero_point=1)), "'x' is int16 and needs one scale"),
    "int16 to int8": (conv(x=codes("x", 1, 4, 4, 2, dtype="int16", zero_point=0)),
                      "input is int16, weights int8, output int8; edgekit reads int8 throughout, int16 with weights"),
    "addition of powers of two": (model([("ADD", ("x", "x"), {"pot_scale_int16": True})], codes(
        "x", 1, 4, dtype="int16", zero_point=0, scale=0.5), codes("y", 1, 4, dtype="int16", zero_point=0, scale=0.25)),
        "int16 and pot_scale_int16 ask for the addition of scales that are powers of two"),
    "batch": (conv(y=codes("y", 2, 4, 4, 3)), r"'y' has shape \(2, 4, 4, 3\): axis 0 must be the batch of 1"),
    "weights that are computed": (model([("CONV_2D", ("x", "x", "b"), CONV)], X, B, Y), "'x' must be a constant"),
    "pool grid": (model([("MAX_POOL_2D", ("x",), POOL)], X, codes("y", 1, 2, 2, 2, scale=0.25)),
                  "'x' and output 'y' must share type, scale and zero point"),
    "beta": (model([("SOFTMAX", ("x",), {"beta": 2.0})], X, codes("y", 1, 4, 4, 2)), "beta must be 1, got 2.0"),
    "mean of the batch": (model([("MEAN", ("x", "axes"), {"keep_dims": True})], X, constant("axes", np.int32([0, 1])),
                                codes("y", 1, 1, 4, 2)), r"axes \[0, 1\] must lie in 1..3"),
    "pad of channels": (model([("PAD", ("x", "p"), {})], X, constant("p", np.int32([[0, 0]] * 3 + [[1, 0]])),
                              codes("y", 1, 4, 4, 3)), "must extend height and width alone"),
    "pad with ones": (model([("PADV2", ("x", "p", "v"), {})], X, constant("p", np.int32([[0, 0]] * 4)),
                            constant("v", np.int8([5]), 0.5), codes("y", 1, 4, 4, 2)), "value other than zero"),
    "arity": (model([("ADD", ("x",), NONE)], X, codes("y", 1, 4, 4, 2)), r"expected 2 to 2 inputs and one output"),
    "no input": (model([("ADD", ("x", None), NONE)], X, codes("y", 1, 4, 4, 2)), r"inputs \('x', None\)"),
    "mixed": (model([("LOGISTIC", ("x",), {})], X, FileTensor("y", (1, 4, 4, 2))), "mix codes and real numbers"),
    "order": (write_model([X, codes("y", 1, 4, 4, 2), codes("z", 1, 4, 4, 2)], [
        FileOperator("RELU", ("z",), ("y",)), FileOperator("RELU", ("x",), ("z",))], ["x"], ["y"]),
        "reads 'z' before it is computed"),
    "huge": (model([("RELU", ("x",), {})], codes("x", 1, 1 << 15, 1 << 14), codes("y", 1, 1 << 15, 1 << 14)),
             "activations hold more than 268435456 elements"),
    "no inputs": (write_model([X], [], [], ["x"]), r"inputs \[\] and outputs \['x'\] must be tensors"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_graph_cannot_hold_is_refused(name):
    data, message = REFUSED[name]
    with pytest.raises(ValueError, match=message) as caught:
        litert.read(data)
    assert str(caught.value).startswith("litert.read bytes: ")


def test_a_path_that_is_none_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"litert.read .*none.tflite: no such file"):
        litert.read(tmp_path / "none.tflite")


def test_an_operator_that_is_unknown_to_edgekit_has_its_name():
    data = bytearray(model([("RELU", ("x",), {})], X, codes("y", 1, 4, 4, 2)))
    from ai_edge_litert import schema_py_generated as schema

    read = schema.ModelT.InitFromPackedBuf(data, 0)
    numbers = schema.BuiltinOperator
    for code, message in ((numbers.SPLIT_V, "SPLIT_V"), (numbers.CUSTOM, "CUSTOM 'mine'")):
        read.operatorCodes[0].builtinCode = code
        read.operatorCodes[0].deprecatedBuiltinCode = min(code, 127)
        read.operatorCodes[0].customCode = "mine"
        with pytest.raises(ValueError, match=rf"operator {message} \(node 0\) is not supported; edgekit reads ADD, "):
            litert.read(packed(read))


def packed(model):
    import flatbuffers

    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def test_real_ends_are_left_out():
    """float -> QUANTIZE -> RELU -> DEQUANTIZE -> float: the graph takes and gives the codes."""
    tensors = [FileTensor("a", (1, 4)), codes("x", 1, 4), codes("y", 1, 4), FileTensor("z", (1, 4))]
    operators = [FileOperator("QUANTIZE", ("a",), ("x",)), FileOperator("RELU", ("x",), ("y",)),
                 FileOperator("DEQUANTIZE", ("y",), ("z",))]
    graph = litert.read(write_model(tensors, operators, ["a"], ["z"]))
    assert (graph.inputs, graph.outputs, [node.op for node in graph.nodes]) == (("x",), ("y",), ["relu"])
    assert graph.is_integer
    assert set(graph.tensors) == {"x", "y"}


GRID = QParams(0.5, 0)


def test_a_constant_is_added_to_every_row():
    """LiteRT stretches constants, the graph holds them at full length."""
    c = constant("c", np.int8([[[[1, -7]]]]), 0.25, 3)
    data = model([("ADD", ("x", "c"), NONE)], X, c, codes("y", 1, 4, 4, 2))
    graph = litert.read(data)
    x = np.random.default_rng(0).integers(-128, 128, (3, 4, 4, 2), np.int8)
    assert graph.tensors[graph.nodes[0].inputs[1]].shape == (4, 4, 2)
    for resolver in litert_run.RESOLVERS:
        assert np.array_equal(run(graph, x, resolver), litert_run.run(data, x, resolver))


@pytest.mark.parametrize(("code", "before", "after", "x", "y"), [
    ("QUANTIZE", "uint8", "int8", (0.5, 128), (0.5, 0)),
    ("QUANTIZE", "uint8", "int8", (0.5, 100), (0.25, 3)),
    ("QUANTIZE", "int8", "uint8", (0.5, 0), (0.7, 100)),
    ("QUANTIZE", "int8", "int8", (0.5, 0), (1.0, 100)),
    ("RELU", "int8", "int8", (0.5, 0), (1.0, 10)),
    ("RELU6", "int8", "int8", (0.1, 0), (0.07, -10)),
])
def test_codes_move_to_another_grid_as_in_litert(code, before, after, x, y):
    """A width that is no multiple of a vector: what is left over rounds in a way of its own."""
    tensors = [FileTensor("x", (1, 301), before, None, *x), FileTensor("y", (1, 301), after, None, *y)]
    data = write_model(tensors, [FileOperator(code, ("x",), ("y",))], ["x"], ["y"])
    q_x = np.random.default_rng(0).integers(0, 256, (5, 301), np.uint8).view(before)
    for resolver in litert_run.RESOLVERS:
        ours = run(litert.read(data), q_x, resolver)
        assert ours.dtype == after
        assert np.array_equal(ours, litert_run.run(data, q_x, resolver)), resolver


@pytest.mark.parametrize("keep", [False, True])
def test_a_dense_layer_flattens_its_input(keep):
    w = constant("w", np.random.default_rng(1).integers(-127, 128, (3, 32), np.int8), 0.01)
    data = model([("FULLY_CONNECTED", ("x", "w", "b"), {**NONE, "weights_format": 0, "keep_num_dims": keep})],
                 codes("x", 1, 32) if keep else X, w, B, codes("y", 1, 3))
    graph = litert.read(data)
    assert [node.op for node in graph.nodes] == ["dense"] if keep else ["reshape", "dense"]
    q_x = np.random.default_rng(2).integers(-128, 128, (4, *graph.tensors["x"].shape), np.int8)
    for resolver in litert_run.RESOLVERS:
        assert np.array_equal(run(graph, q_x, resolver), litert_run.run(data, q_x, resolver))


def test_a_table_is_read_as_the_operator_whose_it_is():
    graph = small("hard_sigmoid")
    graph = graph.with_tensors(y=Tensor("y", (4, 4, 2), "int8", None, QParams(1 / 256, -128)))
    data = litert.write(graph)
    assert [node.op for node in litert.read(data).nodes] == ["hard_sigmoid"]
    entries = table_of("hard_sigmoid", graph.tensors["x"], graph.tensors["y"]).tobytes()
    altered = data.replace(entries, entries[::-1])
    assert altered != data
    with pytest.raises(ValueError, match=r"CAST \+ ADD \+ GATHER \(node 2\): its table is none of sigmoid, tanh, "):
        litert.read(altered)


def small(op="relu", attrs=None, shape=(4, 4, 2), q=GRID, dtype="int8"):
    tensors = {"x": Tensor("x", shape, dtype, None, q), "y": Tensor("y", shape, dtype, None, q)}
    return Graph("small", tensors, [Node(op, ("x",), "y", attrs or {}, "block.last")], ("x",), ("y",))


@pytest.mark.parametrize(("graph", "message"), [
    (small("dequantize"), "operator 'dequantize' of node 'block.last' has no counterpart in LiteRT; it takes add, "),
    (small("softmax"), r"node 'block.last' \(softmax\): LiteRT gives its int8 output the scale 0.00390625"),
    (small("avg_pool2d", {"kernel": (2, 2), "stride": (1, 1), "padding": ((1, 0), (1, 0))}), "neither SAME nor VALID"),
    (small(dtype="int16", q=QParams(0.5, 0, 16, narrow=True)), "activation 'x' is int16 from -32767 on, LiteRT's from"),
    (small("hard_swish", dtype="int16", q=QParams(0.5, 0, 16)), "LiteRT has no HARD_SWISH of int16"),
    (small("hard_sigmoid", dtype="int16", q=QParams(0.5, 0, 16)), "a table needs int8 codes, the input is int16"),
    (small("tanh", dtype="int16", q=QParams(0.5, 0, 16)), "gives its int16 output the scale 3.05"),
])
def test_what_litert_cannot_hold_is_refused(graph, message):
    with pytest.raises(ValueError, match=message):
        litert.write(graph)


def test_name_and_metadata_come_back(tmp_path):
    graph = small()
    graph = Graph("wrist", graph.tensors, graph.nodes, graph.inputs, graph.outputs, {"class_names": ["one", "twö"]})
    litert.save(graph, tmp_path / "wrist.tflite")
    back = litert.read(tmp_path / "wrist.tflite")
    assert (back.name, back.metadata) == ("wrist", {"class_names": ["one", "twö"]})
    assert litert.write(back) == litert.write(graph) == (tmp_path / "wrist.tflite").read_bytes()


@pytest.mark.parametrize("note", [b"", b"{", b"[1]", b'{"metadata": 3}', b"[" * 100_000, b"\xff"])
def test_metadata_of_others_is_left_alone(note):
    data = write_model([X, codes("y", 1, 4, 4, 2)], [FileOperator("RELU", ("x",), ("y",))], ["x"], ["y"],
                       metadata={"edgekit": note})
    assert litert.read(data).metadata == {}


@pytest.mark.parametrize(("dtype", "versions"), [("int8", {"ADD": 2, "LOGISTIC": 2}),
                                                 ("int16", {"ADD": 3, "LOGISTIC": 3})])
def test_the_file_says_which_version_of_an_operator_it_needs(dtype, versions):
    """As in the table of versions of LiteRT: readers refuse operators that are newer than they are."""
    schema = pytest.importorskip("ai_edge_litert.schema_py_generated")
    q, unit = QParams(0.01, 0, 8 if dtype == "int8" else 16), QParams(1 / 256, -128)
    unit = unit if dtype == "int8" else QParams(1 / 32768, 0, 16)
    tensors = {"x": Tensor("x", (4,), dtype, None, q), "s": Tensor("s", (4,), dtype, None, q),
               "y": Tensor("y", (4,), dtype, None, unit)}
    graph = Graph("versions", tensors, [Node("add", ("x", "x"), "s"), Node("sigmoid", ("s",), "y")], ("x",), ("y",))
    codes_of = schema.ModelT.InitFromObj(schema.Model.GetRootAs(litert.write(graph))).operatorCodes
    names = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
    assert {names[code.builtinCode]: code.version for code in codes_of} == versions
