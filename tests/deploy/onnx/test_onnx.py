"""ONNX written and read: ONNX Runtime computes the interpreter's exact outputs, and files of others are understood."""

import numpy as np
import pytest

from edgekit.core.affine import QParams
from edgekit.deploy.onnx import from_onnx, read_onnx, to_onnx
from edgekit.deploy.onnx.qlinear import QLINEAR
from edgekit.graph import ptq
from edgekit.graph.fold import fold
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.run import run
from edgekit.nn import zoo
from tests.fuzzing import mutate, survey

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
WHOLE = ((0, 0), (0, 0))


def session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    options.add_session_config_entry("session.qdqisint8allowed", "1")  # else x86 computes QDQ of int8 in float32
    return onnxruntime.InferenceSession(model, options)


def theirs(model, x):
    """What ONNX Runtime makes of a batch in the graph's layout, in that layout."""
    running = session(model)
    y = running.run(None, {running.get_inputs()[0].name: np.moveaxis(x, -1, 1) if x.ndim == 4 else x})[0]
    return np.moveaxis(y, 1, -1) if y.ndim == 4 else y


def small_net(rng):
    """A float graph with a branch, a sum, a product, pools, padding, resizing and a dense end."""
    channels = int(rng.integers(2, 7))
    constants, nodes = {}, []

    def constant(name, *shape):
        constants[name] = Tensor(name, shape, "float32", (rng.standard_normal(shape) * 0.5).astype(np.float32))
        return name

    def node(op, inputs, output, **attrs):
        nodes.append(Node(op, inputs, output, attrs))

    same = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1)}
    node("conv2d", ["x", constant("w0", channels, 3, 3, 3), constant("b0", channels)], "a", groups=1, activation="relu",
         stride=(1, 2), padding=((1, 1), (0, 1)), dilation=(1, 1))
    node("conv2d", ["a", constant("w1", channels, 3, 3, 1), constant("b1", channels)], "d", groups=channels, **same)
    node("add", ["a", "d"], "s")
    node("avg_pool2d", ["s"], "g", kernel=(8, 4), stride=(8, 4), padding=WHOLE)
    node("sigmoid", ["g"], "gate")
    node("mul", ["s", "gate"], "m")
    node("pad", ["m"], "p", padding=((1, 0), (0, 1)))
    node("max_pool2d", ["p"], "q", kernel=(2, 2), stride=(2, 2), padding=WHOLE)
    node("resize_nearest", ["q"], "r", size=(8, 4))
    node("concat", ["r", "m"], "c", axis=-1)
    node("reshape", ["c"], "f", shape=(8 * 4 * 2 * channels,))
    node("dense", ["f", constant("w2", 5, 64 * channels), constant("b2", 5)], "y")
    shapes = {"x": (8, 8, 3), **dict.fromkeys("adsm", (8, 4, channels)), "g": (1, 1, channels),
              "gate": (1, 1, channels), "p": (9, 5, channels), "q": (4, 2, channels),
              "r": (8, 4, channels), "c": (8, 4, 2 * channels), "f": (64 * channels,), "y": (5,)}
    tensors = {**{name: Tensor(name, shape) for name, shape in shapes.items()}, **constants}
    return Graph("small", tensors, nodes, ["x"], ["y"])


def int8_net(rng):
    """The small net on integer grids whose weights keep to 7 bits, which every x86 multiplies exactly."""
    floating = small_net(rng)
    batch = rng.standard_normal((16, 8, 8, 3)).astype(np.float32)
    integer = ptq.post_training_quantize(floating, [batch])
    return integer.with_tensors(**{
        t.name: Tensor(t.name, t.shape, "int8", (t.data // 2).astype(np.int8), t.qparams)
        for t in integer.constants if t.data.dtype == np.int8
    })


def test_a_float_graph_gives_the_same_numbers():
    rng = np.random.default_rng(0)
    graph, x = small_net(rng), rng.standard_normal((4, 8, 8, 3)).astype(np.float32)
    ours = run(graph, x)
    np.testing.assert_allclose(theirs(to_onnx(graph), x), ours, atol=1e-5 * np.abs(ours).max())


@pytest.mark.parametrize("form", ["qdq", "qlinear"])
@pytest.mark.parametrize("seed", range(6))
def test_an_integer_graph_gives_the_same_codes(form, seed):
    rng = np.random.default_rng(seed)
    graph = int8_net(rng)
    x = rng.integers(-128, 128, (64, 8, 8, 3), np.int8)
    model = to_onnx(graph, form)
    onnx.checker.check_model(onnx.load_from_string(model))
    np.testing.assert_array_equal(theirs(model, x), run(graph, x, "ort"))


@pytest.mark.parametrize("form", ["qdq", "qlinear"])
def test_read_back_it_is_the_graph_that_was_written(form):
    graph = int8_net(np.random.default_rng(9))
    back = read_onnx(to_onnx(graph, form))
    assert [node.op for node in back.nodes] == [node.op for node in graph.nodes]
    x = np.random.default_rng(1).integers(-128, 128, (32, 8, 8, 3), np.int8)
    for preset in ("cmsis", "ort", "reference"):
        np.testing.assert_array_equal(run(back, x, preset), run(graph, x, preset))


@pytest.mark.parametrize("name", zoo.names())
def test_every_model_of_the_zoo_comes_back(name):
    graph = zoo.load(name)
    if graph.is_integer and any(node.op in ("gru", "lstm") for node in graph.nodes):
        with pytest.raises(ValueError, match="GRU and LSTM of ONNX are float, and none has the integers of edgekit"):
            to_onnx(graph)
        return
    rng = np.random.default_rng(2)
    shape = (2, *graph.tensors[graph.inputs[0]].shape)
    x = rng.integers(-128, 128, shape, np.int8) if graph.is_integer else rng.standard_normal(shape).astype(np.float32)
    forms = ("qdq", "qlinear") if graph.is_integer else ("qdq",)
    if graph.is_integer and any(node.op not in QLINEAR for node in graph.nodes):  # as hard swish, in ONNX Runtime too
        with pytest.raises(ValueError, match=r"operator 'hard_\w+' .* has no qlinear form"):
            to_onnx(graph, "qlinear")
        forms = ("qdq",)
    for form in forms:
        back = read_onnx(to_onnx(graph, form))
        np.testing.assert_allclose(run(back, x), run(graph, x), atol=0 if graph.is_integer else 1e-5)
        assert back.metadata["class_names"] == list(graph.metadata["class_names"])


class Batches:
    """What `quantize_static` asks for its calibration data."""

    def __init__(self, x):
        self.left = iter([{"x": part} for part in np.split(x, 4)])

    def get_next(self):
        return next(self.left, None)


@pytest.mark.parametrize("form", ["QDQ", "QOperator"])
def test_files_of_the_runtimes_own_quantizer_give_its_exact_outputs(form, tmp_path):
    quantization = pytest.importorskip("onnxruntime.quantization")
    (tmp_path / "float.onnx").write_bytes(to_onnx(zoo_float("acoustic-student")))
    x = np.random.default_rng(8).standard_normal((32, 1, 32, 40)).astype(np.float32)
    int8 = quantization.QuantType.QInt8
    quantization.quantize_static(tmp_path / "float.onnx", tmp_path / "int8.onnx", Batches(x), per_channel=True,
                                 quant_format=quantization.QuantFormat[form], activation_type=int8, weight_type=int8)
    model = (tmp_path / "int8.onnx").read_bytes()
    graph = from_onnx(model)
    assert {graph.nodes[0].op, graph.nodes[-1].op} == {"quantize", "dequantize"}
    real = np.ascontiguousarray(np.moveaxis(x, 1, -1))
    np.testing.assert_array_equal(run(graph, real, "ort"), theirs(model, real))


def zoo_float(name):
    """A shipped float model whose only input is called x."""
    return replace_input(fold(zoo.load(name)), "x")


def replace_input(graph, name):
    old = graph.inputs[0]
    tensors = {name if key == old else key: tensor for key, tensor in graph.tensors.items()}
    tensors[name] = Tensor(name, graph.tensors[old].shape)
    nodes = [Node(n.op, [name if i == old else i for i in n.inputs], n.output, n.attrs, n.source) for n in graph.nodes]
    return Graph(graph.name, tensors, nodes, [name], graph.outputs, graph.metadata)


def model_of(nodes, constants=(), shape=("n", 3, 6, 6), out=None, element=1, opset=18):
    helper = onnx.helper
    known = [onnx.numpy_helper.from_array(np.asarray(array), key) for key, array in dict(constants).items()]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", element, shape)],
                              [helper.make_tensor_value_info("y", element, out)], known)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9).SerializeToString()


def node(op, inputs, output, **attributes):
    return onnx.helper.make_node(op, inputs, [output], **attributes)


def test_an_image_flattened_channels_first_feeds_a_dense_layer():
    rng = np.random.default_rng(3)
    w, b = rng.standard_normal((108, 4)).astype(np.float32), rng.standard_normal(4).astype(np.float32)
    model = model_of([node("Relu", ["x"], "r"), node("Flatten", ["r"], "f"), node("MatMul", ["f", "w"], "m"),
                      node("Add", ["m", "b"], "y")], {"w": w, "b": b})
    graph = from_onnx(model)
    x = rng.standard_normal((5, 6, 6, 3)).astype(np.float32)
    np.testing.assert_allclose(run(graph, x), theirs(model, x), atol=1e-4)
    assert [n.op for n in graph.nodes] == ["relu", "reshape", "dense"]


def test_a_model_that_keeps_channels_last_stays_so():
    w = np.random.default_rng(4).standard_normal((4, 3, 3, 3)).astype(np.float32)
    model = model_of([node("Transpose", ["x"], "t", perm=[0, 3, 1, 2]), node("Conv", ["t", "w"], "c"),
                      node("Transpose", ["c"], "y", perm=[0, 2, 3, 1])], {"w": w}, ("n", 6, 7, 3))
    graph = from_onnx(model)
    x = np.random.default_rng(5).standard_normal((2, 6, 7, 3)).astype(np.float32)
    expected = session(model).run(None, {"x": x})[0]
    np.testing.assert_allclose(run(graph, x), expected, atol=1e-5)
    assert graph.metadata["layout"] == "NHWC"


@pytest.mark.parametrize(("nodes", "constants", "words"), [
    ([("Sin", ["x"], "y", {})], {}, r"operator Sin \(node 'y'\) is not supported; supported are Add, "),
    ([("Transpose", ["x"], "y", {"perm": [3, 2, 1, 0]})], {}, "turns axes"),
    ([("Clip", ["x", "a", "b"], "y", {})], {"a": np.float32(-1), "b": np.float32(1)}, "clips to -1.0 and 1.0"),
    ([("Add", ["x", "c"], "y", {})], {"c": np.ones(3, np.float32)}, "adds a constant"),
    ([("AveragePool", ["x"], "y", {"kernel_shape": [2, 2], "ceil_mode": 1})], {}, "ceil_mode"),
    ([("Conv", ["x", "w"], "y", {})], {"w": np.full((1, 3, 1, 1), np.nan, np.float32)}, "'w' holds NaN"),
    ([("Conv", ["x", "w"], "y", {})], {"w": np.ones((1, 2, 1, 1), np.float32)}, "do not fit"),
    ([("Relu", ["z"], "y", {})], {}, "reads 'z' before it is computed"),
])
def test_what_is_not_supported_is_named(nodes, constants, words):
    model = model_of([node(op, inputs, output, **attrs) for op, inputs, output, attrs in nodes], constants)
    with pytest.raises(ValueError, match=words) as caught:
        from_onnx(model, "odd.onnx")
    assert "odd.onnx" in str(caught.value)


def test_constants_outside_the_file_are_refused():
    model = onnx.load_from_string(model_of([node("Conv", ["x", "w"], "y")], {"w": np.ones((1, 3, 1, 1), np.float32)}))
    onnx.external_data_helper.set_external_data(model.graph.initializer[0], "../../../etc/passwd")
    model.graph.initializer[0].data_location = onnx.TensorProto.EXTERNAL
    with pytest.raises(ValueError, match="lies outside the file"):
        from_onnx(model.SerializeToString())


@pytest.mark.parametrize("data", [b"", b"x" * 50, b"\x08\x09\x12"], ids=["empty", "noise", "truncated"])
def test_what_is_no_model_is_refused(data):
    with pytest.raises(ValueError, match=r"from_onnx noise\.onnx"):
        from_onnx(data, "noise.onnx")


def test_a_form_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="form must be one of qdq, qlinear, got 'qop'"):
        to_onnx(small_net(np.random.default_rng(0)), "qop")


def test_mutants_are_refused_or_run():
    rng = np.random.default_rng(6)
    graph = int8_net(rng)
    sound = [to_onnx(graph), to_onnx(graph, "qlinear"), to_onnx(small_net(rng))]
    counts = survey(from_onnx, sound, [mutate], "mutant.onnx")
    assert counts["refused"] > 0.3 * sum(counts.values())
    assert counts["ran"] > 0


def test_a_grid_that_two_nodes_state_differently_is_refused():
    graph = int8_net(np.random.default_rng(7))
    tensors = {"a": Tensor("a", graph.tensors["a"].shape, "int8", None, QParams(0.123, 4))}
    one, other = (onnx.load_from_string(to_onnx(g, "qlinear")) for g in (graph, graph.with_tensors(**tensors)))
    one.graph.initializer.append(next(t for t in other.graph.initializer if t.name == "a.scale"))
    one.graph.initializer[-1].name = "other.scale"
    one.graph.node[1].input[1] = "other.scale"
    with pytest.raises(ValueError, match="another scale or zero point than its writer"):
        from_onnx(one.SerializeToString())


def resized(way, rounding, scales):
    return model_of([node("Resize", ["x", "", "s"], "y", mode="nearest", coordinate_transformation_mode=way,
                          nearest_mode=rounding)], {"s": np.array(scales, np.float32)})


@pytest.mark.parametrize(("way", "rounding", "scales"), [
    ("asymmetric", "floor", [1, 1, 3, 2]), ("half_pixel", "round_prefer_floor", [1, 1, 3, 2]),
    ("half_pixel", "round_prefer_ceil", [1, 1, 2, 4]), ("asymmetric", "round_prefer_floor", [1, 1, 2, 2]),
])
def test_a_resize_is_what_the_runtime_does(way, rounding, scales):
    model = resized(way, rounding, scales)
    x = np.random.default_rng(0).standard_normal((2, 6, 6, 3)).astype(np.float32)
    np.testing.assert_array_equal(run(from_onnx(model), x), theirs(model, x))


@pytest.mark.parametrize(("way", "rounding", "scales"), [
    ("half_pixel", "floor", [1, 1, 2, 2]), ("asymmetric", "ceil", [1, 1, 2, 2]),
    ("asymmetric", "round_prefer_floor", [1, 1, 3, 3]), ("asymmetric", "floor", [1, 1, 1.19, 1.19]),
    ("asymmetric", "floor", [1, 2, 2, 2]),
])
def test_a_resize_that_would_differ_is_refused(way, rounding, scales):
    with pytest.raises(ValueError, match="operator Resize"):
        from_onnx(resized(way, rounding, scales))


def test_a_signal_is_averaged_along_its_time():
    w = np.random.default_rng(0).standard_normal((3, 2)).astype(np.float32)
    model = model_of([node("ReduceMean", ["x", "axes"], "m", keepdims=0), node("MatMul", ["m", "w"], "y")],
                     {"axes": np.array([2]), "w": w}, ("n", 3, 7))
    x = np.random.default_rng(1).standard_normal((4, 3, 7)).astype(np.float32)
    expected = session(model).run(None, {"x": x})[0]
    np.testing.assert_allclose(run(from_onnx(model), np.moveaxis(x, 1, -1)[:, None].copy()), expected, atol=1e-5)


def test_parameters_of_a_norm_after_flattening_follow_the_order_of_the_graph():
    rng = np.random.default_rng(2)
    constants = {key: rng.uniform(0.5, 1.5, 108).astype(np.float32) for key in ("g", "b", "m", "v")}
    constants["w"] = rng.standard_normal((108, 4)).astype(np.float32)
    model = model_of([node("Flatten", ["x"], "f"), node("BatchNormalization", ["f", "g", "b", "m", "v"], "n"),
                      node("MatMul", ["n", "w"], "y")], constants)
    x = rng.standard_normal((5, 6, 6, 3)).astype(np.float32)
    np.testing.assert_allclose(run(from_onnx(model), x), theirs(model, x), atol=1e-3)


def test_a_bias_that_another_node_would_miss_is_refused():
    rng = np.random.default_rng(3)
    constants = {"w": rng.standard_normal((108, 4)).astype(np.float32), "c": rng.standard_normal(4).astype(np.float32)}
    model = model_of([node("Flatten", ["x"], "f"), node("MatMul", ["f", "w"], "m"), node("Add", ["m", "c"], "a"),
                      node("Add", ["m", "a"], "y")], constants)
    with pytest.raises(ValueError, match="something else reads too"):
        from_onnx(model)


@pytest.mark.parametrize("shape", [(1, 1, 4), (4, 4, 4)])
def test_a_constant_factor_is_written_channels_first(shape):
    rng = np.random.default_rng(4)
    factor = rng.standard_normal(shape).astype(np.float32)
    tensors = {"x": Tensor("x", (4, 4, 4)), "y": Tensor("y", (4, 4, 4)), "k": Tensor("k", shape, "float32", factor)}
    graph = Graph("factor", tensors, [Node("mul", ["x", "k"], "y")], ["x"], ["y"])
    x = rng.standard_normal((3, 4, 4, 4)).astype(np.float32)
    np.testing.assert_allclose(theirs(to_onnx(graph), x), run(graph, x), rtol=1e-6)
    integer = ptq.post_training_quantize(graph, [x])
    codes = rng.integers(-128, 128, (64, 4, 4, 4), np.int8)
    for form in ("qdq", "qlinear"):
        np.testing.assert_array_equal(theirs(to_onnx(integer, form), codes), run(integer, codes, "ort"))


def test_a_tensor_that_would_fill_the_memory_is_refused():
    model = model_of([node("Resize", ["x", "", "", "s"], "y", mode="nearest", nearest_mode="floor",
                           coordinate_transformation_mode="asymmetric")], {"s": np.array([1, 3, 2**30, 2**20])})
    with pytest.raises(ValueError, match=r"huge\.onnx"):
        from_onnx(model, "huge.onnx")


def alone(op, shape, grid, out=None):
    """One operator, with or without integer grids."""
    dtype = "float32" if grid is None else "int8"
    ends = {"x": Tensor("x", shape, dtype, None, grid), "y": Tensor("y", shape, dtype, None, out or grid)}
    return Graph("alone", ends, [Node(op, ["x"], "y")], ["x"], ["y"])


#: at the ends of the grid, steps of a power of two, and 6 half way between two codes in float32
GRIDS = [QParams(0.05, -20), QParams(0.03125, 127), QParams(4.0, -128),
         *(QParams(float(np.float32(6 / half)), -128) for half in (13.5, 99.5, 221.5))]


@pytest.mark.parametrize("form", ["qdq", "qlinear"])
@pytest.mark.parametrize("op", ["relu", "relu6"])
@pytest.mark.parametrize("shape", [(8,), (4, 1, 2)])
def test_a_rectifier_alone_comes_back_and_clips_the_same_codes(op, form, shape):
    x = np.arange(-128, 128).astype(np.int8).reshape(32, *shape)
    for grid in GRIDS:
        graph = alone(op, shape, grid)
        model = to_onnx(graph, form)
        back = from_onnx(model)
        assert back.tensors["y"].qparams.scale == np.float32(grid.scale)
        np.testing.assert_array_equal(run(back, x), run(graph, x))
        np.testing.assert_array_equal(theirs(model, x), run(graph, x, "ort"))
    floating = from_onnx(to_onnx(alone(op, shape, None)))
    assert [node.op for node in floating.nodes] == [op]
    np.testing.assert_array_equal(run(floating, x / np.float32(8)), run(alone(op, shape, None), x / np.float32(8)))


@pytest.mark.parametrize("form", ["float", "qdq", "qlinear"])
def test_softmax_on_a_map_comes_back(form):
    grids = () if form == "float" else (QParams(0.1, 5), QParams(1 / 256, -128))
    graph = alone("softmax", (4, 5, 3), *(grids or [None]))
    model = to_onnx(graph, "qdq" if form == "float" else form)
    x = np.random.default_rng(0).integers(-128, 128, (64, 4, 5, 3), np.int8)
    x = x / np.float32(10) if form == "float" else x
    np.testing.assert_array_equal(run(from_onnx(model), x), run(graph, x))
    tolerance = 4 * np.finfo(np.float32).eps if form == "float" else 0
    np.testing.assert_allclose(theirs(model, x), run(graph, x, "ort"), atol=tolerance, rtol=0)


def test_softmax_along_another_axis_is_refused():
    for axis in (2, 3, -1):
        with pytest.raises(ValueError, match="the one of the channels is supported"):
            from_onnx(model_of([node("Softmax", ["x"], "y", axis=axis)]))


@pytest.mark.parametrize("form", ["qdq", "qlinear"])
def test_int16_activations_are_refused_by_name(form):
    ends = {name: Tensor(name, (4,), "int16", None, QParams(0.5, 0, 16)) for name in "xy"}
    graph = Graph("wide", ends, [Node("relu", ["x"], "y")], ["x"], ["y"])
    with pytest.raises(ValueError, match=r"activation 'x' is int16, .* or write a \.tflite"):
        to_onnx(graph, form)
