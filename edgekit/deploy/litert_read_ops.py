"""How each operator of a `.tflite` file becomes nodes of the graph: one function per operator, in `READERS`."""

import math
from dataclasses import replace

import numpy as np

from edgekit.core.windows import resolve_padding
from edgekit.deploy.litert_parse import LSTM
from edgekit.deploy.litert_patterns import TABLE
from edgekit.deploy.litert_read_lstm import lstm
from edgekit.deploy.litert_read_weights import activation, conv2d, depthwise_conv2d, fully_connected, pair_of
from edgekit.graph.ir import Graph, Node, Tensor
from edgekit.graph.operators import TABLES
from edgekit.graph.run import run

#: what the inputs and the output of an operator may be
KINDS = {"int8"}, {"int16"}, {"float32"}


def pool(op):
    """AVERAGE_POOL_2D and MAX_POOL_2D, whose input and output share a grid."""

    def reader(builder, operator):
        x = _one_grid(builder, operator)
        if len(x.shape) != 3:
            raise ValueError(f"input must have height, width and channels, got {x.shape}")
        kernel = operator.options["filter_height"], operator.options["filter_width"]
        stride = pair_of(operator, "stride")
        padding = operator.options["padding"]  # numbers, where `litert_patterns` found them
        word = padding.lower() if isinstance(padding, str) else padding
        padding = resolve_padding(word, x.shape[:2], kernel, stride)
        builder.work(math.prod(builder.activation(operator.outputs[0]).shape) * math.prod(kernel))
        builder.emit_fused(op, (x.name,), operator.outputs[0], activation(operator).get("activation"),
                           kernel=kernel, stride=stride, padding=padding)

    return reader


def elementwise(op):
    """ADD and MUL, of activations and constants."""

    def reader(builder, operator):
        a, b = (builder.operand(name) for name in operator.inputs)
        if a.is_constant and b.is_constant:
            raise ValueError("both inputs are constants")
        _same_kind(builder, operator)
        if operator.options.get("pot_scale_int16") and a.dtype == "int16" and _powers_of_two(builder, a, b, operator):
            raise ValueError("int16 and pot_scale_int16 ask for the addition of scales that are powers of two; "
                             "edgekit reads the general one")
        if op == "add":  # the graph adds equal shapes alone
            a, b = _stretched(builder, a, b.shape), _stretched(builder, b, a.shape)
        builder.emit(op, (a.name, b.name), operator.outputs[0], **activation(operator))

    return reader


def _powers_of_two(builder, a, b, operator):
    """Whether LiteRT takes all three scales for powers of two."""
    scales = [tensor.qparams.scale for tensor in (a, b, builder.activation(operator.outputs[0]))]
    powers = np.log2(np.float32(scales))
    return bool((np.abs(powers - np.rint(powers)) < 1e-3).all())


def _stretched(builder, tensor, shape):
    """A constant repeated to `shape`; anything else as it is."""
    if not tensor.is_constant or tensor.shape == shape or np.broadcast_shapes(tensor.shape, shape) != shape:
        return tensor
    data = np.array(np.broadcast_to(tensor.data, shape))
    return builder.add(replace(tensor, name=f"{tensor.name}#", shape=shape, data=data))


def concatenation(builder, operator):
    """CONCATENATION along any axis but the batch."""
    xs = [_one_grid(builder, operator, name) for name in operator.inputs]
    rank, axis = len(xs[0].shape) + 1, operator.options["axis"]
    if not -rank < axis < rank or axis % rank == 0:
        raise ValueError(f"axis {axis} of {rank} axes must not be that of the batch")
    builder.emit_fused("concat", operator.inputs, operator.outputs[0], activation(operator).get("activation"),
                       axis=axis % rank - rank)


def mean(builder, operator):
    """MEAN over any axes but the batch."""
    x = builder.activation(operator.inputs[0])
    rank, axes = len(x.shape) + 1, builder.constant(operator.inputs[1]).data.reshape(-1).tolist()
    if any(not -rank <= axis < rank or axis % rank == 0 for axis in axes):
        raise ValueError(f"axes {axes} must lie in 1..{rank - 1}: the batch stays")
    axes = tuple(sorted({axis % rank - rank for axis in axes}))
    _same_kind(builder, operator, operator.inputs[:1])
    builder.emit("mean", (x.name,), operator.outputs[0], axes=axes, keepdims=operator.options["keep_dims"])


def pad(builder, operator):
    """PAD, and PADV2 with the code of zero: rows and columns of real zeros."""
    x, amounts = _one_grid(builder, operator), builder.constant(operator.inputs[1]).data
    zero = 0 if x.qparams is None else int(x.qparams.zero_point)
    if len(operator.inputs) > 2 and builder.constant(operator.inputs[2]).data.reshape(-1).tolist() != [zero]:
        raise ValueError("it pads with a value other than zero")
    if len(x.shape) != 3 or amounts.shape != (4, 2) or amounts[[0, 3]].any() or amounts.min() < 0:
        raise ValueError(f"paddings {amounts.tolist()} of input {x.shape} must extend height and width alone")
    padding = tuple(tuple(int(n) for n in side) for side in amounts[1:3])
    builder.emit("pad", (x.name,), operator.outputs[0], padding=padding)


def resize_nearest(builder, operator):
    """RESIZE_NEAREST_NEIGHBOR to a constant size."""
    x, size = _one_grid(builder, operator), builder.constant(operator.inputs[1]).data.reshape(-1).tolist()
    attrs = {"half_pixel": operator.options["half_pixel_centers"], "align_corners": operator.options["align_corners"]}
    builder.emit("resize_nearest", (x.name,), operator.outputs[0], size=tuple(size),
                 **{name: True for name, value in attrs.items() if value})


def reshape(builder, operator):
    """RESHAPE, SQUEEZE and EXPAND_DIMS, to the shape that the file gives the output."""
    x, y = _one_grid(builder, operator), builder.activation(operator.outputs[0])
    builder.emit("reshape", (x.name,), y.name, shape=y.shape)


def softmax(builder, operator):
    """SOFTMAX over the last axis."""
    if operator.options["beta"] != 1.0:
        raise ValueError(f"beta must be 1, got {operator.options['beta']}")
    unary("softmax")(builder, operator)


def unary(op):
    """An operator with one input and no attributes."""

    def reader(builder, operator):
        builder.emit(op, (_same_kind(builder, operator)[0].name,), operator.outputs[0])

    return reader


def table(builder, operator):
    """A table of 256 codes, where it is that of an operator of the graph."""
    x, y = builder.activation(operator.inputs[0]), builder.activation(operator.outputs[0])
    entries = builder.constant(operator.inputs[1]).data
    for op in TABLES if x.dtype == y.dtype == "int8" else ():
        if np.array_equal(entries, table_of(op, x, y)):
            builder.emit(op, (x.name,), y.name)
            return
    raise ValueError(f"its table is none of {', '.join(TABLES)} on the grids of {x.name!r} and {y.name!r}")


def table_of(op, x, y):
    """The 256 codes that `op` gives for int8 codes in order, from the grid of tensor `x` to that of `y`."""
    tensors = {"x": Tensor("x", (256,), "int8", None, x.qparams), "y": Tensor("y", (256,), "int8", None, y.qparams)}
    graph = Graph("table", tensors, [Node(op, ("x",), "y")], ("x",), ("y",))
    return run(graph, np.arange(-128, 128, dtype=np.int8)[None])[0]


def rectify(op):
    """RELU and RELU6; where the output has another grid, the codes are brought to it first."""

    def reader(builder, operator):
        x, y = _same_kind(builder, operator)[0], builder.activation(operator.outputs[0])
        if _same_grid(x.qparams, y.qparams):
            builder.emit(op, (x.name,), y.name)
        else:
            builder.emit_fused("quantize", (x.name,), y.name, op)

    return reader


def quantize(builder, operator):
    """QUANTIZE from codes to codes; that of a real input is left out, and the graph takes its codes."""
    source, output = operator.inputs[0], operator.outputs[0]
    if builder.file[source].dtype == "float32":
        others = [o for o in builder.model.operators if o is not operator]
        if source not in builder.inputs or any(source in o.inputs for o in others):
            raise ValueError("only the input of the model can be quantized; edgekit reads no hybrid models")
        builder.inputs[builder.inputs.index(source)] = builder.activation(output).name
    else:
        unary("quantize")(builder, operator)


def dequantize(builder, operator):
    """DEQUANTIZE of an output is left out, and the graph gives its codes."""
    source, output = builder.activation(operator.inputs[0]), operator.outputs[0]
    read_again = any(output in o.inputs for o in builder.model.operators)
    if output not in builder.outputs or read_again or not source.qparams or builder.file[output].dtype != "float32":
        raise ValueError("only the output of the model can be dequantized; edgekit reads no hybrid models")
    builder.outputs[builder.outputs.index(output)] = source.name


READERS = {
    "ADD": elementwise("add"), "AVERAGE_POOL_2D": pool("avg_pool2d"), "CONCATENATION": concatenation,
    TABLE: table,
    "CONV_2D": conv2d, "DEPTHWISE_CONV_2D": depthwise_conv2d, "DEQUANTIZE": dequantize, "EXPAND_DIMS": reshape,
    "FULLY_CONNECTED": fully_connected, "HARD_SWISH": unary("hard_swish"), "LOGISTIC": unary("sigmoid"),
    "MAX_POOL_2D": pool("max_pool2d"), "MEAN": mean, "MUL": elementwise("mul"), "PAD": pad, "PADV2": pad,
    "QUANTIZE": quantize, "RELU": rectify("relu"), "RELU6": rectify("relu6"), "RESHAPE": reshape,
    "RESIZE_NEAREST_NEIGHBOR": resize_nearest, "SOFTMAX": softmax, "SQUEEZE": reshape, "TANH": unary("tanh"),
    LSTM: lstm,
}  # fmt: skip


def _same_kind(builder, operator, names=None):
    """The inputs (or those of `names`); raise ValueError unless all and the output are codes, or all are real."""
    xs = [builder.operand(name) for name in names or operator.inputs]
    y = builder.activation(operator.outputs[0])
    if len({x.qparams is None for x in (*xs, y)}) != 1:
        raise ValueError(f"types {[x.dtype for x in xs]} and {y.dtype} mix codes and real numbers")
    if operator.code != "QUANTIZE" and {x.dtype for x in (*xs, y)} not in KINDS:
        raise ValueError(f"types {[x.dtype for x in xs]} and {y.dtype}: edgekit reads int8, int16 or float32 "
                         "throughout")
    return xs


def _one_grid(builder, operator, name=None):
    """The first input (or `name`); raise ValueError unless the output has its type and grid."""
    x, y = (builder.activation(n) for n in (name or operator.inputs[0], operator.outputs[0]))
    if x.dtype != y.dtype or not _same_grid(x.qparams, y.qparams):
        raise ValueError(f"input {x.name!r} and output {y.name!r} must share type, scale and zero point")
    return x


def _same_grid(a, b):
    if a is None or b is None:
        return a is b
    return float(a.scale) == float(b.scale) and int(a.zero_point) == int(b.zero_point)
