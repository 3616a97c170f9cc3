"""Every output of ONNX Runtime's integer operators, on random data and on ties: no mismatch.

EDGEKIT_ORACLE_OUTPUTS sets how many outputs each cell compares, 1,000,000 by default. On x86 without VNNI, ONNX Runtime
adds pairs of products in saturating 16 bits; there the weights keep to 7 bits, as its own documentation advises.
"""
import os
from functools import cache

import numpy as np
import pytest

from edgekit.core.integer import conv, dense, elementwise
from edgekit.core.integer.fixed_point import make_multiplier, profile_of

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

OUTPUTS = int(os.environ.get("EDGEKIT_ORACLE_OUTPUTS", "1_000_000"))
ZERO_POINTS = (-128, -5, 0, 3, 127)
MICROSOFT = "com.microsoft"


def run_node(op, inputs, constants, order, domain="", **attributes):
    """Run one operator; `order` names its inputs in the order of the specification."""
    node = onnx.helper.make_node(op, order, ["y"], domain=domain, **attributes)
    ins = [onnx.helper.make_tensor_value_info(k, onnx.TensorProto.INT8, v.shape) for k, v in inputs.items()]
    out = [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.INT8, None)]
    known = [onnx.numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()]
    graph = onnx.helper.make_graph([node], "one", ins, out, known)
    opsets = [onnx.helper.make_opsetid("", 18), onnx.helper.make_opsetid(MICROSOFT, 1)]
    model = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options).run(None, inputs)[0]


@cache
def greatest_weight():
    """127 where the host multiplies exactly, else 63."""
    q_x, q_w = np.full((1, 64), 127, np.int8), np.full((64, 1), 127, np.int8)
    one = {"sx": np.float32(1), "zx": np.int8(-128), "sy": np.float32(64 * 255), "zy": np.int8(0), "w": q_w}
    y = run_node("QLinearMatMul", {"x": q_x}, {**one, "sw": np.float32(1), "zw": np.int8(0)},
                 ["x", "sx", "zx", "w", "sw", "zw", "sy", "zy"])
    return 127 if y.item() == 127 else 63


def draw_layer(rng, ties, q_w, groups=1):
    """Scales, zero points and bias that put most outputs on the grid."""
    outputs = len(q_w)
    spread = 74 * np.sqrt((q_w.astype(float) ** 2).reshape(outputs, -1).sum(axis=1).mean() + 1)
    wanted = spread / rng.uniform(15, 90)
    if ties:
        real = 2.0 ** np.minimum(-np.floor(np.log2(wanted)) + rng.integers(0, 2, outputs), -1)
        scale_x, scale_y = (np.float32(2.0 ** -rng.integers(2, 6)) for _ in "xy")
    else:
        real = rng.uniform(0.5, 1.5, outputs) / wanted
        scale_x, scale_y = (np.float32(s) for s in rng.uniform(0.005, 0.1, 2))
    zero_x, zero_y = (np.int8(z) for z in rng.choice(ZERO_POINTS, 2))
    constants = {"sx": scale_x, "zx": zero_x, "sy": scale_y, "zy": zero_y, "zw": np.zeros(outputs, np.int8),
                 "sw": (real * scale_y / scale_x).astype(np.float32),
                 "b": rng.integers(-int(spread), int(spread) + 1, outputs, np.int32)}
    grid = {"zero_point_x": int(zero_x), "zero_point_y": int(zero_y),
            "multiplier": make_multiplier(scale_x, constants["sw"], scale_y)}
    return constants, grid


def reach_of(rng):
    return int(rng.choice([1, 3, greatest_weight()]))


def conv_case(rng, ties, depthwise=False):
    channels, reach = int(rng.choice([1, 2, 3, 5, 8, 16])), reach_of(rng)
    outputs = channels * int(rng.integers(1, 3)) if depthwise else int(rng.integers(1, 24))
    kernel, stride = (tuple(int(n) for n in rng.integers(1, high, 2)) for high in (6, 4))
    dilation = tuple(int(n) for n in rng.integers(1, 3, 2))
    q_x = rng.integers(-128, 128, (6, *rng.integers(13, 25, 2), channels), np.int8)
    q_w = rng.integers(-reach, reach + 1, (outputs, *kernel, 1 if depthwise else channels), np.int8)
    (top, bottom), (left, right) = padding = tuple(tuple(int(n) for n in rng.integers(0, 3, 2)) for _ in "hw")
    constants, grid = draw_layer(rng, ties, q_w)
    groups = channels if depthwise else 1
    theirs = run_node("QLinearConv", {"x": np.ascontiguousarray(q_x.transpose(0, 3, 1, 2))},
                      {**constants, "w": np.ascontiguousarray(q_w.transpose(0, 3, 1, 2))},
                      ["x", "sx", "zx", "w", "sw", "zw", "sy", "zy", "b"], group=groups, strides=stride,
                      dilations=dilation, pads=[top, left, bottom, right]).transpose(0, 2, 3, 1)
    geometry = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return theirs, lambda profile: conv.conv2d(q_x, q_w, constants["b"], **grid, **geometry, profile=profile)


def dense_case(rng, ties, with_bias):
    inputs, outputs, reach = int(rng.integers(1, 300)), int(rng.integers(1, 40)), reach_of(rng)
    q_x = rng.integers(-128, 128, (600, inputs), np.int8)
    q_w = rng.integers(-reach, reach + 1, (outputs, inputs), np.int8)
    constants, grid = draw_layer(rng, ties, q_w)
    bias = constants.pop("b")
    weights = {**constants, "w": np.ascontiguousarray(q_w.T)}
    if with_bias:
        theirs = run_node("QGemm", {"x": q_x}, {**weights, "b": bias},
                          ["x", "sx", "zx", "w", "sw", "zw", "b", "sy", "zy"], MICROSOFT)
    else:
        theirs = run_node("QLinearMatMul", {"x": q_x}, weights, ["x", "sx", "zx", "w", "sw", "zw", "sy", "zy"])
    return theirs, lambda profile: dense.dense(q_x, q_w, bias if with_bias else None, **grid, profile=profile)


def pairwise_case(rng, ties, operator, op):
    q_a, q_b = (rng.integers(-128, 128, (64, 501), np.int8) for _ in "ab")
    zeros = [int(z) for z in rng.choice(ZERO_POINTS, 3)]
    scales = [np.float32(s) for s in (2.0 ** rng.integers(-4, 2, 3) if ties else rng.uniform(0.01, 0.1, 3))]
    if op == "QLinearMul":
        scales[2] = np.float32(scales[0] * scales[1] * (2.0 ** rng.integers(4, 9) if ties else rng.uniform(20, 200)))
    constants = {f"{kind}{name}": value for kind, values in (("s", scales), ("z", map(np.int8, zeros)))
                 for name, value in zip("aby", values, strict=True)}
    theirs = run_node(op, {"a": q_a, "b": q_b}, constants, ["a", "sa", "za", "b", "sb", "zb", "sy", "zy"], MICROSOFT)
    grids = {f"{word}_{name}": value for word, values in (("scale", scales), ("zero_point", zeros))
             for name, value in zip("aby", values, strict=True)}
    return theirs, lambda profile: operator(q_a, q_b, **grids, profile=profile)


#: name of the cell -> (operator of the presets, case)
CELLS = {
    "QLinearConv": ("conv2d", conv_case),
    "QLinearConv depthwise": ("depthwise_conv2d", lambda rng, ties: conv_case(rng, ties, depthwise=True)),
    "QLinearMatMul": ("dense", lambda rng, ties: dense_case(rng, ties, with_bias=False)),
    "QGemm": ("dense", lambda rng, ties: dense_case(rng, ties, with_bias=True)),
    "QLinearAdd": ("add", lambda rng, ties: pairwise_case(rng, ties, elementwise.add, "QLinearAdd")),
    "QLinearMul": ("mul", lambda rng, ties: pairwise_case(rng, ties, elementwise.mul, "QLinearMul")),
}


@pytest.mark.parametrize("ties", [False, True], ids=["random", "ties"])
@pytest.mark.parametrize("cell", CELLS)
def test_no_output_differs(cell, ties):
    op, case = CELLS[cell]
    mine = profile_of("ort", op)
    rng, compared, wrong = np.random.default_rng([ties, *map(ord, cell)]), 0, dict.fromkeys({mine, "A", "B", "D"}, 0)
    while compared < OUTPUTS:
        theirs, ours = case(rng, ties)
        compared += theirs.size
        for profile in wrong:
            wrong[profile] += int(np.count_nonzero(ours(profile) != theirs))
    assert wrong.pop(mine) == 0
    assert not ties or min(wrong.values()) > compared / 1000, "these ties cannot tell the profiles apart"
