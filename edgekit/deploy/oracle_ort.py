"""One operator at a time in ONNX Runtime beside ours.

    CASES[op, 8](rng, ties) -> (theirs, ours)        as in `oracle_litert`; the only preset is "ort"

On x86 without VNNI, ONNX Runtime adds pairs of products in saturating 16 bits; there the weights keep to 7 bits, as its
own documentation advises.
"""

from functools import cache

import numpy as np

from edgekit.core.integer import conv, dense, elementwise, layout, lut, mean, pool, softmax
from edgekit.core.integer.fixed_point import make_multiplier
from edgekit.deploy import oracle_data as data

MICROSOFT = "com.microsoft"


def run_nodes(nodes, inputs, constants):
    """Run a chain of (operator, names of inputs, attributes, domain); each hands its output "t" on, the last is "y"."""
    import onnx
    import onnxruntime

    made = [
        onnx.helper.make_node(op, names, ["y" if i == len(nodes) - 1 else f"t{i}"], domain=domain, **attributes)
        for i, (op, names, attributes, domain) in enumerate(nodes)
    ]
    ins = [onnx.helper.make_tensor_value_info(k, onnx.TensorProto.INT8, v.shape) for k, v in inputs.items()]
    out = [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.INT8, None)]
    known = [onnx.numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()]
    graph = onnx.helper.make_graph(made, "one", ins, out, known)
    opsets = [onnx.helper.make_opsetid("", 18), onnx.helper.make_opsetid(MICROSOFT, 1)]
    file = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    return onnxruntime.InferenceSession(file.SerializeToString(), options).run(None, inputs)[0]


def run_node(op, inputs, constants, order, domain="", **attributes):
    """Run one operator; `order` names its inputs in the order of the specification."""
    return run_nodes([(op, order, attributes, domain)], inputs, constants)


@cache
def greatest_weight():
    """Return 127 where the host multiplies exactly, else 63."""
    q_x, q_w = np.full((1, 64), 127, np.int8), np.full((64, 1), 127, np.int8)
    one = {"sx": np.float32(1), "zx": np.int8(-128), "sy": np.float32(64 * 255), "zy": np.int8(0), "w": q_w}
    y = run_node("QLinearMatMul", {"x": q_x}, {**one, "sw": np.float32(1), "zw": np.int8(0)},
                 ["x", "sx", "zx", "w", "sw", "zw", "sy", "zy"])
    return 127 if y.item() == 127 else 63


def ends_of(scale_x, zero_x, scale_y, zero_y):
    """Scales and zero points as constants of the graph."""
    return {"sx": np.float32(scale_x), "zx": np.int8(zero_x), "sy": np.float32(scale_y), "zy": np.int8(zero_y)}


def channels_first(q_x):
    """NHWC to NCHW."""
    return np.ascontiguousarray(q_x.transpose(0, 3, 1, 2))


def draw_layer(rng, ties, q_w):
    """Constants of the graph, and the keyword arguments of our operator."""
    scales, zeros, bias = data.draw_layer(rng, q_w, ties)
    constants = {**ends_of(scales[0], zeros[0], scales[2], zeros[1]), "sw": scales[1],
                 "zw": np.zeros(len(q_w), np.int8), "b": bias.astype(np.int32)}
    return constants, {"zero_point_x": zeros[0], "zero_point_y": zeros[1], "multiplier": make_multiplier(*scales)}


def convolution(rng, ties, op="conv2d"):
    """QLinearConv, with numbers for the padding."""
    q_x, q_w, geometry = data.draw_convolution(rng, op, greatest_weight())
    sides = tuple(tuple(int(n) for n in rng.integers(0, 3, 2)) for _ in "hw")
    geometry = {**geometry, "padding": sides}
    constants, grid = draw_layer(rng, ties, q_w)
    theirs = run_node("QLinearConv", {"x": channels_first(q_x)}, {**constants, "w": channels_first(q_w)},
                      ["x", "sx", "zx", "w", "sw", "zw", "sy", "zy", "b"], group=geometry["groups"],
                      strides=geometry["stride"], dilations=geometry["dilation"],
                      pads=[sides[0][0], sides[1][0], sides[0][1], sides[1][1]]).transpose(0, 2, 3, 1)
    return lambda preset: theirs, lambda profile, preset: conv.conv2d(
        q_x, q_w, constants["b"], **grid, **geometry, profile=profile)


def fully_connected(rng, ties):
    """QGemm with a bias, QLinearMatMul without."""
    inputs, outputs = int(rng.integers(1, 300)), int(rng.integers(1, 40))
    q_x, q_w = data.draw_codes(rng, (600, inputs)), data.draw_weights(rng, (outputs, inputs), greatest_weight())
    constants, grid = draw_layer(rng, ties, q_w)
    bias = constants.pop("b") if rng.random() < 0.5 else None
    weights = {**constants, "w": np.ascontiguousarray(q_w.T)}
    weights.pop("b", None)
    order = ["x", "sx", "zx", "w", "sw", "zw", "sy", "zy"]
    if bias is None:
        theirs = run_node("QLinearMatMul", {"x": q_x}, weights, order)
    else:
        theirs = run_node("QGemm", {"x": q_x}, {**weights, "b": bias}, [*order[:6], "b", *order[6:]], MICROSOFT)
    return lambda preset: theirs, lambda profile, preset: dense.dense(q_x, q_w, bias, **grid, profile=profile)


def pairwise(rng, ties, operator, op):
    """QLinearAdd and QLinearMul."""
    q_a, q_b = (data.draw_codes(rng, (64, 501)) for _ in "ab")
    zeros = data.zero_points(rng, 3)
    scales = [np.float32(s) for s in (2.0 ** rng.integers(-4, 2, 3) if ties else rng.uniform(0.01, 0.1, 3))]
    if op == "QLinearMul":
        scales[2] = np.float32(scales[0] * scales[1] * (2.0 ** rng.integers(4, 9) if ties else rng.uniform(20, 200)))
    constants = {f"{kind}{name}": value for kind, values in (("s", scales), ("z", map(np.int8, zeros)))
                 for name, value in zip("aby", values, strict=True)}
    theirs = run_node(op, {"a": q_a, "b": q_b}, constants, ["a", "sa", "za", "b", "sb", "zb", "sy", "zy"], MICROSOFT)
    grids = {f"{word}_{name}": value for word, values in (("scale", scales), ("zero_point", zeros))
             for name, value in zip("aby", values, strict=True)}
    return lambda preset: theirs, lambda profile, preset: operator(q_a, q_b, **grids, profile=profile)


def through_floats(rng, ties, op=None, name=None, **attributes):
    """DequantizeLinear, a float operator or none, QuantizeLinear."""
    ratios = (0.5, 8.0) if name is None else (0.3, 2.0)
    grids, q_x = list(data.pair_of_grids(rng, ties, *ratios)), data.every_code(rng)
    if name not in (None, "hard_swish"):
        grids[2] = np.float32(2.0 ** -rng.integers(5, 8) if ties else rng.uniform(0.004, 0.02))
    chain = [("DequantizeLinear", ["x", "sx", "zx"], {}, "")] + ([(op, ["t0"], attributes, "")] if op else [])
    chain.append(("QuantizeLinear", [f"t{len(chain) - 1}", "sy", "zy"], {}, ""))
    theirs, named = run_nodes(chain, {"x": q_x}, ends_of(*grids)), data.named_grids(*grids)
    if name is None:
        return lambda preset: theirs, lambda profile, preset: layout.rescale(q_x, **named, profile=profile)
    return lambda preset: theirs, lambda profile, preset: lut.activation(
        name, q_x, **named, profile=profile)


def sigmoid(rng, ties):
    """QLinearSigmoid on any output grid."""
    grids, q_x = list(data.pair_of_grids(rng, ties)), data.every_code(rng)
    grids[2:] = np.float32(1 / 256 if ties else rng.uniform(0.003, 0.01)), int(rng.choice([-128, -100]))
    theirs = run_node("QLinearSigmoid", {"x": q_x}, ends_of(*grids), ["x", "sx", "zx", "sy", "zy"], MICROSOFT)
    named = data.named_grids(*grids)
    return lambda preset: theirs, lambda profile, preset: lut.activation("sigmoid", q_x, **named, profile=profile)


def concatenation(rng, ties):
    """QLinearConcat of two tensors on different grids."""
    grids, shape = data.pair_of_grids(rng, ties, 0.5, 8.0), (4, *(int(n) for n in rng.integers(3, 15, 3)))
    axis, q_a, q_b = int(rng.integers(-3, 0)), data.draw_codes(rng, shape), data.draw_codes(rng, shape)
    theirs = run_node("QLinearConcat", {"a": q_a, "b": q_b}, ends_of(*grids),
                      ["sy", "zy", "a", "sx", "zx", "b", "sy", "zy"], MICROSOFT, axis=axis)
    return lambda preset: theirs, lambda profile, preset: layout.concat(
        [q_a, q_b], scales=[grids[0], grids[2]], zero_points=[grids[1], grids[3]], scale_y=grids[2],
        zero_point_y=grids[3], axis=axis, profile=profile)


def global_average(rng, ties):
    """QLinearGlobalAveragePool, channels first or last."""
    grids, last = data.pair_of_grids(rng, ties, 0.13, 1.5), int(rng.integers(2))
    sizes = 2 ** rng.integers(0, 4, 2) if ties else rng.integers(1, 12, 2)
    q_x = data.draw_codes(rng, (64, *(int(n) for n in sizes), int(rng.integers(1, 60))))
    theirs = run_node("QLinearGlobalAveragePool", {"x": q_x if last else channels_first(q_x)}, ends_of(*grids),
                      ["x", "sx", "zx", "sy", "zy"], MICROSOFT, channels_last=last).reshape(64, -1)
    return lambda preset: theirs, lambda profile, preset: mean.mean(q_x, **data.named_grids(*grids), profile=profile)


def draw_pool(rng, ties):
    """An image, a window, a stride and a padding below the window."""
    kernel = (2, 2) if ties else tuple(int(n) for n in rng.integers(1, 5, 2))
    stride = tuple(int(n) for n in rng.integers(1, 3, 2))
    sides = tuple(tuple(int(n) for n in rng.integers(0, k, 2)) for k in kernel)
    pads = [sides[0][0], sides[1][0], sides[0][1], sides[1][1]]
    return data.draw_image(rng, 20), kernel, stride, sides, {"kernel_shape": kernel, "strides": stride, "pads": pads}


def average_pool(rng, ties):
    """QLinearAveragePool, whose padding does not count; the rounding "away" knows one grid alone."""
    grids = data.pair_of_grids(rng, ties)
    q_x, kernel, stride, sides, attributes = draw_pool(rng, ties)
    theirs = run_node("QLinearAveragePool", {"x": channels_first(q_x)}, ends_of(*grids),
                      ["x", "sx", "zx", "sy", "zy"], MICROSOFT, **attributes).transpose(0, 2, 3, 1)
    named = data.named_grids(*grids)
    return lambda preset: theirs, lambda profile, preset: pool.avg_pool2d(
        q_x, kernel, stride, sides, profile=profile, **named)


def max_pool(rng, ties):
    """MaxPool of codes."""
    q_x, kernel, stride, sides, attributes = draw_pool(rng, ties)
    theirs = run_node("MaxPool", {"x": channels_first(q_x)}, {}, ["x"], **attributes).transpose(0, 2, 3, 1)
    return lambda preset: theirs, lambda profile, preset: pool.max_pool2d(q_x, kernel, stride, sides)


def padding(rng, ties):
    """Pad with the code of zero."""
    q_x, sides = data.draw_image(rng), [tuple(int(n) for n in rng.integers(0, 4, 2)) for _ in "hw"]
    zero = data.zero_points(rng, 1)[0]
    pads = np.array([0, 0, sides[0][0], sides[1][0], 0, 0, sides[0][1], sides[1][1]], np.int64)
    constants = {"pads": pads, "zero": np.int8(zero)}
    theirs = run_node("Pad", {"x": channels_first(q_x)}, constants, ["x", "pads", "zero"]).transpose(0, 2, 3, 1)
    return lambda preset: theirs, lambda profile, preset: layout.pad(q_x, sides, zero)


def resizing(rng, ties):
    """Resize to a given size, asymmetric and floored, which is LiteRT's default too."""
    q_x, size = data.draw_image(rng), [int(n) for n in rng.integers(1, 40, 2)]
    sizes = np.array([len(q_x), q_x.shape[3], *size], np.int64)
    theirs = run_node("Resize", {"x": channels_first(q_x)}, {"sizes": sizes}, ["x", "", "", "sizes"], mode="nearest",
                      coordinate_transformation_mode="asymmetric", nearest_mode="floor").transpose(0, 2, 3, 1)
    return lambda preset: theirs, lambda profile, preset: layout.resize_nearest(q_x, size, profile=profile)


def probabilities(rng, ties):
    """QLinearSoftmax over 2 to 300 classes, on any output grid."""
    classes = int(rng.choice([2, 3, 5, 10, 12, 35, 100, 300]))
    q_x = data.draw_codes(rng, (20_000 // classes, classes))
    scale_x = np.float32(2.0 ** -rng.integers(1, 8) if ties else rng.uniform(0.005, 0.3))
    scale_y, zero_y = np.float32(1 / 256 if ties else rng.uniform(0.003, 0.01)), int(rng.choice([-128, -100]))
    theirs = run_node("QLinearSoftmax", {"x": q_x}, ends_of(scale_x, 3, scale_y, zero_y),
                      ["x", "sx", "zx", "sy", "zy"], MICROSOFT, axis=-1, opset=13)
    grid = {"scale_x": scale_x, "scale_y": scale_y, "zero_point_y": zero_y}
    return lambda preset: theirs, lambda profile, preset: softmax.softmax(q_x, **grid, profile=profile)


CASES = {
    ("conv2d", 8): convolution,
    ("depthwise_conv2d", 8): lambda rng, ties: convolution(rng, ties, "depthwise_conv2d"),
    ("grouped_conv2d", 8): lambda rng, ties: convolution(rng, ties, "grouped_conv2d"),
    ("dense", 8): fully_connected,
    ("add", 8): lambda rng, ties: pairwise(rng, ties, elementwise.add, "QLinearAdd"),
    ("mul", 8): lambda rng, ties: pairwise(rng, ties, elementwise.mul, "QLinearMul"),
    ("quantize", 8): through_floats,
    ("concat", 8): concatenation,
    ("mean", 8): global_average,
    ("avg_pool2d", 8): average_pool,
    ("max_pool2d", 8): max_pool,
    ("pad", 8): padding,
    ("resize_nearest", 8): resizing,
    ("softmax", 8): probabilities,
    ("sigmoid", 8): sigmoid,
    ("tanh", 8): lambda rng, ties: through_floats(rng, ties, "Tanh", "tanh"),
    ("hard_sigmoid", 8): lambda rng, ties: through_floats(
        rng, ties, "HardSigmoid", "hard_sigmoid", alpha=1 / 6, beta=0.5),
    ("hard_swish", 8): lambda rng, ties: through_floats(rng, ties, "HardSwish", "hard_swish"),
}
