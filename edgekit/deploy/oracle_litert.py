"""One operator at a time in LiteRT beside ours.

    CASES[op, num_bits](rng, ties) -> (theirs, ours)

theirs(preset) runs LiteRT's kernels of that preset, ours(profile, preset) our operator, on the same data.
"""

import numpy as np

from edgekit.core.integer import conv, dense, elementwise, layout, lut, mean, pool, softmax
from edgekit.core.integer.fixed_point import multiplier_for
from edgekit.deploy import oracle_data as data
from edgekit.deploy.litert_run import run
from edgekit.deploy.litert_writer import FileOperator, FileTensor, write_model

#: how much finer the grids of int16 are
FINE = 256
#: of scale_y to scale_x where codes only change their grid
RATIOS = 0.5, 8.0


def model(code, inputs, grids, shape, grid, options=None, constants=()):
    """Return a file of one operator: `inputs` arrays with (scale, zero point) `grids`, `constants` are `FileTensor`."""
    names = [f"x{i}" for i in range(len(inputs))]
    kind = str(inputs[0].dtype)
    tensors = [FileTensor(n, q.shape, kind, None, *g) for n, q, g in zip(names, inputs, grids, strict=True)]
    tensors += [*constants, FileTensor("y", shape, kind, None, *grid)]
    operator = FileOperator(code, (*names, *(tensor.name for tensor in constants)), ("y",), options or {})
    return write_model(tensors, [operator], names, ["y"])


def runner(file, *inputs):
    """Return the function that runs `file` with the kernels of a preset."""
    return lambda preset: run(file, list(inputs), preset)


def layer_constants(weights, bias, scales, axis=0):
    """Weights and bias as tensors of the file."""
    return [FileTensor("w", weights.shape, "int8", weights, scales[1], 0, axis),
            FileTensor("b", bias.shape, str(bias.dtype), bias, scales[0] * scales[1])]


def convolution(rng, ties, op="conv2d", num_bits=8):
    """CONV_2D and DEPTHWISE_CONV_2D with one scale per channel; int16 activations have zero points 0, int64 biases."""
    q_x, q_w, geometry = data.draw_convolution(rng, op, num_bits=num_bits)
    depthwise = op == "depthwise_conv2d"
    scales, zeros, bias = data.draw_layer(rng, q_w, ties, 1 if num_bits == 8 else FINE)
    zeros, bias = (zeros, bias.astype(np.int32)) if num_bits == 8 else ([0, 0], bias)
    stride, dilation = geometry["stride"], geometry["dilation"]
    acc = conv.accumulate_conv2d(q_x, q_w, bias, zeros[0], **geometry)
    options = {"padding": geometry["padding"].upper(), "stride_h": stride[0], "stride_w": stride[1],
               "dilation_h_factor": dilation[0], "dilation_w_factor": dilation[1]}
    if depthwise:
        options["depth_multiplier"] = len(q_w) // q_x.shape[3]
    weights = np.ascontiguousarray(q_w.transpose(3, 1, 2, 0)) if depthwise else q_w
    code = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
    constants = layer_constants(weights, bias, scales, 3 if depthwise else 0)
    file = model(code, [q_x], [(scales[0], zeros[0])], acc.shape, (scales[2], zeros[1]), options, constants)
    ends = np.iinfo(q_x.dtype)

    def ours(profile, preset):
        multiplier = multiplier_for(preset, op, *scales)
        return conv.rescale_codes(acc, multiplier, zeros[1], ends.min, ends.max, profile, q_x.dtype)

    return runner(file, q_x), ours


def fully_connected(rng, ties, num_bits=8):
    """FULLY_CONNECTED, weights per channel or per tensor, with and without bias; int16 per tensor with bias."""
    wide = num_bits > 8
    inputs, outputs = int(rng.integers(1, 300)), int(rng.integers(1, 40))
    q_x, q_w = data.draw_codes(rng, (600, inputs), num_bits), data.draw_weights(rng, (outputs, inputs))
    scales, zeros, bias = data.draw_layer(rng, q_w, ties, FINE if wide else 1, wide or bool(rng.random() < 0.5))
    zeros, bias = ([0, 0], bias) if wide else (zeros, bias.astype(np.int32) if rng.random() < 0.8 else None)
    weights = FileTensor("w", q_w.shape, "int8", q_w, scales[1])
    constants = [weights] if bias is None else layer_constants(q_w, bias, scales)
    grids = (scales[0], zeros[0]), (scales[2], zeros[1])
    file = model("FULLY_CONNECTED", [q_x], grids[:1], (600, outputs), grids[1], {}, constants)
    ends, acc = np.iinfo(q_x.dtype), dense.accumulate_dense(q_x, q_w, bias, zeros[0])

    def ours(profile, preset):
        multiplier = multiplier_for(preset, "dense", *scales, num_bits)
        return conv.rescale_codes(acc, multiplier, zeros[1], ends.min, ends.max, profile, q_x.dtype)

    return runner(file, q_x), ours


def pairwise(rng, ties, code, num_bits=8):
    """ADD and MUL, each tensor on its own grid; MUL also with one value per image and channel, as in squeeze-excite."""
    shapes = [(64, 5, 5, 21)] * 2
    if code == "MUL" and rng.random() < 0.3:
        shapes[1] = (64, 1, 1, 21)
    narrow = code == "MUL" and ties  # products of few bits, of which many are ties
    q_a, q_b = (data.draw_codes(rng, shape, num_bits) >> (num_bits - 8 if narrow else 0) for shape in shapes)
    zeros = data.zero_points(rng, 3, num_bits)
    scales = [np.float32(s) for s in (2.0 ** rng.integers(-4, 2, 3) if ties else rng.uniform(0.01, 0.1, 3))]
    if code == "MUL":
        ratio = 2.0 ** rng.integers(4, 9) if ties else rng.uniform(20, 200) * (1 if num_bits == 8 else FINE)
        scales[2] = np.float32(scales[0] * scales[1] * ratio)
    pairs = list(zip(scales, zeros, strict=True))
    options = {"pot_scale_int16": False} if code == "ADD" else {}
    file = model(code, [q_a, q_b], pairs[:2], q_a.shape, pairs[2], options)
    grids = {f"{word}_{name}": value for word, values in (("scale", scales), ("zero_point", zeros))
             for name, value in zip("aby", values, strict=True)}
    operator, ends = elementwise.add if code == "ADD" else elementwise.mul, data.ends(num_bits)
    return runner(file, q_a, q_b), lambda profile, preset: operator(q_a, q_b, **grids, **ends, profile=profile)


def requantizing(rng, ties, num_bits=8):
    """QUANTIZE from codes to codes."""
    grids, q_x = data.pair_of_grids(rng, ties, *RATIOS, num_bits), data.every_code(rng, num_bits)
    file = model("QUANTIZE", [q_x], [grids[:2]], q_x.shape, grids[2:])
    given = {**data.named_grids(*grids), **data.ends(num_bits)}
    return runner(file, q_x), lambda profile, preset: layout.rescale(q_x, **given, profile=profile)


def concatenation(rng, ties, num_bits=8):
    """CONCATENATION of two tensors; one is on another grid, and a QUANTIZE before it moves it, as in real files."""
    grids = data.pair_of_grids(rng, ties, *RATIOS, num_bits)
    shape = [4, *(int(n) for n in rng.integers(3, 15, 3))]
    axis = int(rng.integers(-3, 0))
    q_a, q_b = data.draw_codes(rng, shape, num_bits), data.draw_codes(rng, shape, num_bits)
    joined = list(shape)
    joined[axis] *= 2
    tensors = [FileTensor(name, size, str(q_a.dtype), None, *grid) for name, size, grid in (
        ("a", shape, grids[:2]), ("b", shape, grids[2:]), ("moved", shape, grids[2:]), ("y", joined, grids[2:]))]
    operators = [FileOperator("QUANTIZE", ("a",), ("moved",)),
                 FileOperator("CONCATENATION", ("moved", "b"), ("y",), {"axis": axis})]
    file = write_model(tensors, operators, ["a", "b"], ["y"])

    def ours(profile, preset):
        return layout.concat([q_a, q_b], scales=[grids[0], grids[2]], zero_points=[grids[1], grids[3]],
                             scale_y=grids[2], zero_point_y=grids[3], axis=axis, **data.ends(num_bits),
                             profile=profile)

    return runner(file, q_a, q_b), ours


def mean_over_axes(rng, ties, num_bits=8):
    """MEAN over any axes, kept or not, the grid changed or not."""
    axes = [(-3, -2), (-3, -2), (-2,), (-1,), (-3,), (-2, -1)][int(rng.integers(6))]
    keepdims, grids = bool(rng.random() < 0.5), data.pair_of_grids(rng, ties, 0.13, 1.5, num_bits)
    grids = grids[:2] * 2 if rng.random() < 0.3 else grids
    sizes = 2 ** rng.integers(0, 4, 2) if ties else rng.integers(1, 12, 2)
    q_x = data.draw_codes(rng, (64, *(int(n) for n in sizes), int(rng.integers(1, 60))), num_bits)

    def ours(profile, preset):
        return mean.mean(q_x, axes, keepdims, **data.named_grids(*grids), **data.ends(num_bits), profile=profile)

    reduced = FileTensor("axes", (len(axes),), "int32", np.array([axis + 4 for axis in axes], np.int32))
    shape = ours("A", "reference").shape
    file = model("MEAN", [q_x], [grids[:2]], shape, grids[2:], {"keep_dims": keepdims}, [reduced])
    return runner(file, q_x), ours


def pooling(rng, ties, code, num_bits=8):
    """AVERAGE_POOL_2D and MAX_POOL_2D; an even window of whole numbers makes the ties."""
    q_x, padding = data.draw_image(rng, num_bits=num_bits), str(rng.choice(["same", "valid"]))
    kernel = (2, int(rng.integers(1, 5))) if ties else tuple(int(n) for n in rng.integers(1, 9, 2))
    stride = tuple(int(n) for n in rng.integers(1, 4, 2))
    operator, ends, zero = pool.avg_pool2d, data.ends(num_bits), 3 if num_bits == 8 else 0
    y = (operator if code == "AVERAGE_POOL_2D" else pool.max_pool2d)(q_x, kernel, stride, padding, **ends)
    options = {"padding": padding.upper(), "stride_h": stride[0], "stride_w": stride[1],
               "filter_height": kernel[0], "filter_width": kernel[1]}
    file = model(code, [q_x], [(0.1, zero)], y.shape, (0.1, zero), options)
    same = {**data.named_grids(np.float32(0.1), zero, np.float32(0.1), zero), **ends}
    return runner(file, q_x), lambda profile, preset: (
        y if profile in ("away", "copy") else operator(q_x, kernel, stride, padding, **same, profile=profile))


def padding(rng, ties, num_bits=8):
    """PAD of rows and columns."""
    q_x = data.draw_image(rng, num_bits=num_bits)
    sides = tuple(tuple(int(n) for n in rng.integers(0, 4, 2)) for _ in "hw")
    zero = data.zero_points(rng, 1, num_bits)[0]
    y = layout.pad(q_x, sides, zero)
    every = np.array([(0, 0), *sides, (0, 0)], np.int32)
    constants = [FileTensor("sides", every.shape, "int32", every)]
    file = model("PAD", [q_x], [(0.1, zero)], y.shape, (0.1, zero), {}, constants)
    return runner(file, q_x), lambda profile, preset: y


def resizing(rng, ties, num_bits=8):
    """RESIZE_NEAREST_NEIGHBOR in its three ways."""
    q_x, size = data.draw_image(rng, num_bits=num_bits), tuple(int(n) for n in rng.integers(1, 40, 2))
    half_pixel, align_corners = [(False, False), (True, False), (False, True)][int(rng.integers(3))]
    y = layout.resize_nearest(q_x, size, half_pixel, align_corners)
    options = {"half_pixel_centers": half_pixel, "align_corners": align_corners}
    constants = [FileTensor("size", (2,), "int32", np.array(size, np.int32))]
    grid = 0.1, 3 if num_bits == 8 else 0
    file = model("RESIZE_NEAREST_NEIGHBOR", [q_x], [grid], y.shape, grid, options, constants)
    return runner(file, q_x), lambda profile, preset: y


def probabilities(rng, ties, num_bits=8):
    """SOFTMAX over 2 to 300 classes, codes spread over the whole grid or near each other."""
    classes = int(rng.choice([2, 3, 5, 10, 12, 35, 100, 300]))
    q_x = data.draw_codes(rng, (20_000 // classes, classes), num_bits)
    q_x = q_x // 8 if rng.random() < 0.3 else q_x
    scale = np.float32(2.0 ** -rng.integers(1, 8) if ties else rng.uniform(0.005, 0.3))
    zero_x, y = (3, (1 / 256, -128)) if num_bits == 8 else (0, (1 / 32768, 0))
    scale = scale if num_bits == 8 else scale / np.float32(FINE)
    file = model("SOFTMAX", [q_x], [(scale, zero_x)], q_x.shape, y, {"beta": 1.0})
    given = {"scale_x": scale, "scale_y": y[0], "zero_point_y": y[1], **data.ends(num_bits)}
    return runner(file, q_x), lambda profile, preset: softmax.softmax(q_x, **given, profile=profile)


def by_table(rng, ties, code, name, num_bits=8):
    """An activation of every code; sigmoid and tanh have the one output grid that LiteRT allows."""
    scale_x, zero_x, scale_y, zero_y = data.pair_of_grids(rng, ties, 0.3, 2.0, num_bits)
    if name != "hard_swish":
        scale_y, zero_y = (1 / 256, -128) if name == "sigmoid" else (1 / 128, 0)
    if num_bits > 8:
        scale_x, scale_y, zero_y = scale_x / np.float32(FINE), 1 / 32768, 0
    q_x, grids = data.every_code(rng, num_bits), data.named_grids(scale_x, zero_x, scale_y, zero_y)
    file = model(code, [q_x], [(scale_x, zero_x)], q_x.shape, (scale_y, zero_y))
    given = {**grids, **data.ends(num_bits)}
    return runner(file, q_x), lambda profile, preset: lut.activation(name, q_x, **given, profile=profile)


def _made(function, *arguments, num_bits):
    """A function of (rng, ties) out of one that takes more."""
    def case(rng, ties):
        return function(rng, ties, *arguments, num_bits=num_bits)
    return case


#: operator -> (function, its further arguments)
MAKERS = {
    "conv2d": (convolution, "conv2d"), "depthwise_conv2d": (convolution, "depthwise_conv2d"),
    "grouped_conv2d": (convolution, "grouped_conv2d"), "dense": (fully_connected,), "add": (pairwise, "ADD"),
    "mul": (pairwise, "MUL"), "quantize": (requantizing,), "concat": (concatenation,), "mean": (mean_over_axes,),
    "avg_pool2d": (pooling, "AVERAGE_POOL_2D"), "max_pool2d": (pooling, "MAX_POOL_2D"), "pad": (padding,),
    "resize_nearest": (resizing,), "softmax": (probabilities,), "sigmoid": (by_table, "LOGISTIC", "sigmoid"),
    "tanh": (by_table, "TANH", "tanh"), "hard_swish": (by_table, "HARD_SWISH", "hard_swish"),
}
CASES = {(op, num_bits): _made(*made, num_bits=num_bits) for op, made in MAKERS.items() for num_bits in (8, 16)
         if (op, num_bits) != ("hard_swish", 16)}
