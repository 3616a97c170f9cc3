"""Every output of LiteRT's three sets of kernels, on random data and on data made of ties: no mismatch.

EDGEKIT_ORACLE_OUTPUTS sets how many outputs each cell compares, 1,000,000 by default. A cell also checks that its data
can tell the profiles apart, or the comparison would prove nothing.
"""
import os
from functools import cache

import numpy as np
import pytest

from edgekit.core.integer import conv, dense, elementwise, pool
from edgekit.core.integer.fixed_point import make_multiplier, multiplier_for, profile_of
from edgekit.core.windows import resolve_padding
from edgekit.deploy.litert_run import RESOLVERS, run
from edgekit.deploy.litert_writer import FileOperator, FileTensor, write_model

pytest.importorskip("ai_edge_litert", reason="LiteRT has no wheel for this platform")

OUTPUTS = int(os.environ.get("EDGEKIT_ORACLE_OUTPUTS", "1_000_000"))
ZERO_POINTS = (-128, -5, 0, 3, 127)
ALL = "ABCDE"
#: profiles that round the ties of an operator alike: sums of powers of two leave one rounding to differ in
SAME_TIES = {"add": (("A", "DA", "E"), ("B", "C", "D"))}


def draw_scales(rng, ties, outputs, spread):
    """Scales that put outputs of standard deviation `spread` (in accumulator units) on the grid, some saturated."""
    wanted = spread / rng.uniform(15, 90)
    if ties:
        real = 2.0 ** np.minimum(-np.floor(np.log2(wanted)) + rng.integers(0, 2, outputs), -1)
        scale_x, scale_y = (np.float32(2.0 ** -rng.integers(2, 6)) for _ in "xy")
    else:
        real = rng.uniform(0.5, 1.5, outputs) / wanted
        scale_x, scale_y = (np.float32(rng.uniform(0.005, 0.1)) for _ in "xy")
    return scale_x, (real * scale_y / scale_x).astype(np.float32), scale_y


def draw_conv(rng, ties, depthwise):
    """Odd shapes, strides or dilation, both paddings, zero points at the ends of the range."""
    channels = int(rng.choice([1, 2, 3, 5, 8, 16]))
    per_channel = int(rng.integers(1, 4))
    outputs = channels * per_channel if depthwise else int(rng.integers(1, 24))
    kernel = tuple(int(n) for n in rng.integers(1, 6, 2))
    reach = int(rng.choice([1, 3, 127]))
    q_x = rng.integers(-128, 128, (6, *rng.integers(12, 25, 2), channels), np.int8)
    q_w = rng.integers(-reach, reach + 1, (outputs, *kernel, 1 if depthwise else channels), np.int8)
    spread = 74 * np.sqrt((q_w.astype(float) ** 2).sum(axis=(1, 2, 3)).mean() + 1)
    scale_x, scale_w, scale_y = draw_scales(rng, ties, outputs, spread)
    strided = rng.random() < 0.5
    return {
        "q_x": q_x, "q_w": q_w, "bias": rng.integers(-int(spread), int(spread) + 1, outputs, np.int32),
        "scales": (scale_x, scale_w, scale_y),
        "zero_points": tuple(int(z) for z in rng.choice(ZERO_POINTS, 2)),
        "stride": tuple(int(n) for n in rng.integers(1, 4, 2)) if strided else (1, 1),
        "dilation": (1, 1) if strided else tuple(int(n) for n in rng.integers(1, 3, 2)),
        "padding": str(rng.choice(["same", "valid"])), "groups": channels if depthwise else 1,
    }


def conv_model(case, depthwise):
    q_x, q_w, bias, (scale_x, scale_w, scale_y) = case["q_x"], case["q_w"], case["bias"], case["scales"]
    size, kernel, stride, dilation = q_x.shape[1:3], q_w.shape[1:3], case["stride"], case["dilation"]
    padding = resolve_padding(case["padding"], size, kernel, stride, dilation)
    out = [(n + sum(p) - (k - 1) * d - 1) // s + 1
           for n, p, k, d, s in zip(size, padding, kernel, dilation, stride, strict=True)]
    weights = np.ascontiguousarray(q_w.transpose(3, 1, 2, 0)) if depthwise else q_w
    axis = 3 if depthwise else 0
    tensors = [
        FileTensor("x", q_x.shape, "int8", None, scale_x, case["zero_points"][0]),
        FileTensor("w", weights.shape, "int8", weights, scale_w, 0, axis),
        FileTensor("b", bias.shape, "int32", bias, scale_x * scale_w),
        FileTensor("y", (len(q_x), *out, len(q_w)), "int8", None, scale_y, case["zero_points"][1]),
    ]
    options = {"padding": case["padding"].upper(), "stride_h": stride[0], "stride_w": stride[1],
               "dilation_h_factor": dilation[0], "dilation_w_factor": dilation[1]}
    if depthwise:
        options["depth_multiplier"] = len(q_w) // q_x.shape[3]
    code = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
    return write_model(tensors, [FileOperator(code, ("x", "w", "b"), ("y",), options)], ["x"], ["y"])


def conv_case(rng, ties, depthwise=False):
    """Return (model, inputs, ours by profile)."""
    case = draw_conv(rng, ties, depthwise)
    acc = conv.accumulate_conv2d(case["q_x"], case["q_w"], case["bias"], case["zero_points"][0], case["stride"],
                                 case["padding"], case["dilation"], case["groups"])
    multiplier = make_multiplier(*case["scales"])

    def ours(profile):
        return conv.rescale_codes(acc, multiplier, case["zero_points"][1], -128, 127, profile, np.int8)

    return conv_model(case, depthwise), case["q_x"], ours


def depthwise_case(rng, ties):
    return conv_case(rng, ties, depthwise=True)


def dense_case(rng, ties):
    """Weights per channel or per tensor, with and without bias."""
    inputs, outputs, reach = int(rng.integers(1, 300)), int(rng.integers(1, 40)), int(rng.choice([1, 3, 127]))
    q_x = rng.integers(-128, 128, (600, inputs), np.int8)
    q_w = rng.integers(-reach, reach + 1, (outputs, inputs), np.int8)
    spread = 74 * np.sqrt((q_w.astype(float) ** 2).sum(axis=1).mean() + 1)
    scale_x, scale_w, scale_y = draw_scales(rng, ties, outputs if rng.random() < 0.5 else 1, spread)
    zero_x, zero_y = (int(z) for z in rng.choice(ZERO_POINTS, 2))
    bias = rng.integers(-int(spread), int(spread) + 1, outputs, np.int32) if rng.random() < 0.8 else None
    tensors = [FileTensor("x", q_x.shape, "int8", None, scale_x, zero_x),
               FileTensor("w", q_w.shape, "int8", q_w, scale_w),
               FileTensor("y", (len(q_x), outputs), "int8", None, scale_y, zero_y)]
    if bias is not None:
        tensors.append(FileTensor("b", bias.shape, "int32", bias, scale_x * scale_w))
    operator = FileOperator("FULLY_CONNECTED", ("x", "w", None if bias is None else "b"), ("y",))
    def ours(profile):
        preset = "builtin" if profile == "B" else "reference"
        multiplier = multiplier_for(preset, "dense", scale_x, scale_w, scale_y)
        return dense.dense(q_x, q_w, bias, multiplier=multiplier, zero_point_x=zero_x, zero_point_y=zero_y,
                           profile=profile)

    return write_model(tensors, [operator], ["x"], ["y"]), q_x, ours


def pairwise_case(rng, ties, code):
    """ADD and MUL of two tensors, each on its own grid."""
    q_a, q_b = (rng.integers(-128, 128, (64, 500), np.int8) for _ in "ab")
    zeros = [int(z) for z in rng.choice(ZERO_POINTS, 3)]
    if ties:
        scales = [np.float32(2.0**n) for n in rng.integers(-4, 2, 3)]
        product = np.float32(scales[0] * scales[1] * 2.0 ** rng.integers(4, 9))
    else:
        scales = [np.float32(s) for s in rng.uniform(0.01, 0.1, 3)]
        product = np.float32(scales[0] * scales[1] * rng.uniform(20, 200))
    if code == "MUL":
        scales[2] = product
    names = ("a", "b", "y")
    tensors = [FileTensor(name, q_a.shape, "int8", None, scale, zero)
               for name, scale, zero in zip(names, scales, zeros, strict=True)]
    model = write_model(tensors, [FileOperator(code, ("a", "b"), ("y",))], ["a", "b"], ["y"])
    grids = {f"{word}_{name}": value for word, values in (("scale", scales), ("zero_point", zeros))
             for name, value in zip(names, values, strict=True)}
    operator = elementwise.add if code == "ADD" else elementwise.mul
    return model, [q_a, q_b], lambda profile: operator(q_a, q_b, **grids, profile=profile)


CASES = {
    "conv2d": conv_case,
    "depthwise_conv2d": depthwise_case,
    "dense": dense_case,
    "add": lambda rng, ties: pairwise_case(rng, ties, "ADD"),
    "mul": lambda rng, ties: pairwise_case(rng, ties, "MUL"),
}


@cache
def mismatches(op, ties):
    """Return (outputs, {resolver: {profile: mismatches}}), every resolver on the same data."""
    rng, compared = np.random.default_rng([ties, *map(ord, op)]), 0
    counts = {resolver: dict.fromkeys({*ALL, profile_of(resolver, op)}, 0) for resolver in RESOLVERS}
    while compared < OUTPUTS:
        model, inputs, ours = CASES[op](rng, ties)
        answers = {profile: ours(profile) for profile in {p for row in counts.values() for p in row}}
        for resolver, row in counts.items():
            y = run(model, inputs, resolver)
            for profile in row:
                row[profile] += int(np.count_nonzero(answers[profile] != y))
        compared += y.size
    return compared, counts


@pytest.mark.parametrize("ties", [False, True], ids=["random", "ties"])
@pytest.mark.parametrize("resolver", RESOLVERS)
@pytest.mark.parametrize("op", CASES)
def test_no_output_differs(op, resolver, ties):
    compared, counts = mismatches(op, ties)
    mine = profile_of(resolver, op)
    assert compared >= OUTPUTS
    assert counts[resolver][mine] == 0, f"{op} {resolver}: {counts[resolver]} of {compared} differ"


@pytest.mark.parametrize("resolver", RESOLVERS)
@pytest.mark.parametrize("op", CASES)
def test_the_ties_tell_the_profiles_apart(op, resolver):
    compared, counts = mismatches(op, True)
    mine = profile_of(resolver, op)
    alike = next((group for group in SAME_TIES.get(op, ()) if mine in group), (mine,))
    others = {profile: n for profile, n in counts[resolver].items() if profile not in alike}
    assert min(others.values()) > compared / 1000, others


@pytest.mark.parametrize("resolver", RESOLVERS)
@pytest.mark.parametrize("code", ["AVERAGE_POOL_2D", "MAX_POOL_2D"])
def test_pools(code, resolver):
    rng, compared = np.random.default_rng(7), 0
    operator = pool.avg_pool2d if code == "AVERAGE_POOL_2D" else pool.max_pool2d
    while compared < OUTPUTS:
        q_x = rng.integers(-128, 128, (8, *rng.integers(9, 31, 2), int(rng.integers(1, 40))), np.int8)
        kernel, stride = (tuple(int(n) for n in rng.integers(1, high, 2)) for high in (9, 4))
        padding = str(rng.choice(["same", "valid"]))
        ours = operator(q_x, kernel, stride, padding)
        tensors = [FileTensor(name, shape, "int8", None, 0.1, 3)
                   for name, shape in (("x", q_x.shape), ("y", ours.shape))]
        options = {"padding": padding.upper(), "stride_h": stride[0], "stride_w": stride[1],
                   "filter_height": kernel[0], "filter_width": kernel[1]}
        model = write_model(tensors, [FileOperator(code, ("x",), ("y",), options)], ["x"], ["y"])
        theirs = run(model, q_x, resolver)
        assert np.array_equal(ours, theirs), (kernel, stride, padding, np.count_nonzero(ours != theirs), ours.size)
        compared += ours.size


@pytest.mark.parametrize("activation", ["RELU", "RELU6"])
@pytest.mark.parametrize("resolver", RESOLVERS)
def test_a_fused_activation_only_moves_the_clip(resolver, activation):
    rng = np.random.default_rng(11)
    q_x, q_w = rng.integers(-128, 128, (500, 40), np.int8), rng.integers(-127, 128, (30, 40), np.int8)
    scale_x, scale_w, scale_y, zero_x, zero_y = np.float32(0.02), np.float32(0.01), np.float32(0.04), 7, -50
    tensors = [FileTensor("x", q_x.shape, "int8", None, scale_x, zero_x),
               FileTensor("w", q_w.shape, "int8", q_w, scale_w),
               FileTensor("y", (500, 30), "int8", None, scale_y, zero_y)]
    options = {"fused_activation_function": activation}
    model = write_model(tensors, [FileOperator("FULLY_CONNECTED", ("x", "w", None), ("y",), options)], ["x"], ["y"])
    six = zero_y + round(6 / float(scale_y)) if activation == "RELU6" else 127
    multiplier = make_multiplier(scale_x, scale_w, scale_y)
    ours = dense.dense(q_x, q_w, None, multiplier=multiplier, zero_point_x=zero_x, zero_point_y=zero_y, qmin=zero_y,
                       qmax=six, profile=profile_of(resolver, "dense"))
    assert np.array_equal(ours, run(model, q_x, resolver))
    assert {ours.min(), ours.max()} == {zero_y, six}
