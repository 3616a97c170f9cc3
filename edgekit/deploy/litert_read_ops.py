"""How each operator of a `.tflite` file becomes nodes of the graph: one function per operator, in `READERS`."""

import math

import numpy as np

from edgekit.core.windows import resolve_padding
from edgekit.deploy.litert_read import qparams_of
from edgekit.graph.ir import Node, Tensor

ACTIVATIONS = {"NONE": None, "RELU": "relu", "RELU6": "relu6"}


def conv2d(builder, operator):
    """CONV_2D; as many groups as its weights have fewer channels than the input."""
    w = builder.constant(operator.inputs[1])
    _convolution(builder, operator, w, w.data, 0)


def depthwise_conv2d(builder, operator):
    """DEPTHWISE_CONV_2D; weights (1, KH, KW, O) become (O, KH, KW, 1)."""
    w = builder.constant(operator.inputs[1])
    if w.data.ndim != 4 or len(w.data) != 1:
        raise ValueError(f"weights {w.name!r} have shape {w.shape}, expected (1, KH, KW, O)")
    _convolution(builder, operator, w, np.ascontiguousarray(w.data.transpose(3, 1, 2, 0)), 3)


def _convolution(builder, operator, entry, weights, axis):
    x, y = builder.activation(operator.inputs[0]), operator.outputs[0]
    if len(x.shape) != 3 or weights.ndim != 4 or x.shape[2] % weights.shape[3]:
        raise ValueError(f"input {x.shape} and weights {weights.shape} do not fit together")
    stride, dilation = _pair(operator, "stride"), _pair(operator, "dilation", "_factor")
    padding = resolve_padding(operator.options["padding"].lower(), x.shape[:2], weights.shape[1:3], stride, dilation)
    places = math.prod(builder.activation(y).shape[:2])
    builder.work(places * weights.size, places * weights.shape[1] * weights.shape[2] * x.shape[2])
    inputs = (x.name, *_parameters(builder, operator, entry, weights, axis))
    builder.emit("conv2d", inputs, y, stride=stride, padding=padding, dilation=dilation,
                 groups=x.shape[2] // weights.shape[3], **_activation(operator))


def fully_connected(builder, operator):
    """FULLY_CONNECTED; an input with more axes is flattened as far as the weights ask."""
    x, w = builder.activation(operator.inputs[0]), builder.constant(operator.inputs[1])
    if w.data.ndim != 2 or operator.options["weights_format"] != 0:
        raise ValueError(f"weights {w.name!r} of shape {w.shape} must be a plain matrix")
    outputs, length = w.data.shape
    if x.shape[-1:] != (length,) or (len(x.shape) > 1 and not operator.options["keep_num_dims"]):
        if math.prod(x.shape) != length:
            raise ValueError(f"input {x.shape} and weights {w.shape} do not fit together")
        if x.shape != (length,):
            x = _reshaped(builder, x, (length,), operator.outputs[0])
    builder.work(math.prod(x.shape) * outputs)
    inputs = (x.name, *_parameters(builder, operator, w, w.data, 0))
    builder.emit("dense", inputs, operator.outputs[0], **_activation(operator))


def _reshaped(builder, x, shape, before):
    flat = builder.add(Tensor(f"{before}#input", shape, x.dtype, None, x.qparams))
    builder.nodes.append(Node("reshape", (x.name,), flat.name, {"shape": shape}, before))
    return flat


def _parameters(builder, operator, entry, weights, axis):
    """The names of weights and bias; a bias that is left out becomes zeros."""
    x, y = (builder.activation(name) for name in (operator.inputs[0], operator.outputs[0]))
    wanted = ("int8", "int32") if x.qparams else ("float32", "float32")
    if entry.dtype != wanted[0] or y.dtype != x.dtype or x.dtype == "uint8":
        raise ValueError(f"input is {x.dtype}, weights {entry.dtype}, output {y.dtype}; edgekit reads int8 throughout, "
                         "or float32 throughout")
    qparams = qparams_of(entry, axis)
    if qparams is not None:
        if qparams.zero_point.any():
            raise ValueError(f"weights {entry.name!r} have a zero point other than 0")
        qparams = type(qparams)(qparams.scale, qparams.zero_point, axis=None if qparams.axis is None else 0)
    weight = builder.add(Tensor(entry.name, weights.shape, entry.dtype, weights, qparams))
    return weight.name, _bias(builder, operator, len(weights), wanted[1])


def _bias(builder, operator, length, dtype):
    if len(operator.inputs) > 2 and operator.inputs[2] is not None:
        entry = builder.constant(operator.inputs[2])
        data = entry.data.reshape(-1)
        if entry.dtype != dtype or data.shape != (length,):
            raise ValueError(f"bias {entry.name!r} is {entry.dtype} {entry.shape}, expected {dtype} ({length},)")
        return builder.add(Tensor(entry.name, data.shape, dtype, data)).name
    return builder.add(Tensor(f"{operator.outputs[0]}#bias", (length,), dtype, np.zeros(length, dtype))).name


def pool(op):
    """AVERAGE_POOL_2D and MAX_POOL_2D, whose input and output share a grid."""

    def reader(builder, operator):
        x = _one_grid(builder, operator)
        if len(x.shape) != 3:
            raise ValueError(f"input must have height, width and channels, got {x.shape}")
        kernel = operator.options["filter_height"], operator.options["filter_width"]
        stride = _pair(operator, "stride")
        padding = resolve_padding(operator.options["padding"].lower(), x.shape[:2], kernel, stride)
        builder.work(math.prod(builder.activation(operator.outputs[0]).shape) * math.prod(kernel))
        builder.emit_fused(op, (x.name,), operator.outputs[0], _activation(operator).get("activation"),
                           kernel=kernel, stride=stride, padding=padding)

    return reader


def elementwise(op):
    """ADD and MUL, of activations and constants."""

    def reader(builder, operator):
        a, b = (builder.operand(name) for name in operator.inputs)
        if a.is_constant and b.is_constant:
            raise ValueError("both inputs are constants")
        _same_kind(builder, operator)
        builder.emit(op, (a.name, b.name), operator.outputs[0], **_activation(operator))

    return reader


def concatenation(builder, operator):
    """CONCATENATION along any axis but the batch."""
    xs = [_one_grid(builder, operator, name) for name in operator.inputs]
    rank, axis = len(xs[0].shape) + 1, operator.options["axis"]
    if not -rank < axis < rank or axis % rank == 0:
        raise ValueError(f"axis {axis} of {rank} axes must not be that of the batch")
    builder.emit_fused("concat", operator.inputs, operator.outputs[0], _activation(operator).get("activation"),
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
    "CONV_2D": conv2d, "DEPTHWISE_CONV_2D": depthwise_conv2d, "DEQUANTIZE": dequantize, "EXPAND_DIMS": reshape,
    "FULLY_CONNECTED": fully_connected, "HARD_SWISH": unary("hard_swish"), "LOGISTIC": unary("sigmoid"),
    "MAX_POOL_2D": pool("max_pool2d"), "MEAN": mean, "MUL": elementwise("mul"), "PAD": pad, "PADV2": pad,
    "QUANTIZE": quantize, "RELU": rectify("relu"), "RELU6": rectify("relu6"), "RESHAPE": reshape,
    "RESIZE_NEAREST_NEIGHBOR": resize_nearest, "SOFTMAX": softmax, "SQUEEZE": reshape, "TANH": unary("tanh"),
}  # fmt: skip


def _activation(operator):
    """{"activation": name} of a fused activation, {} without one."""
    fused = operator.options["fused_activation_function"]
    if fused not in ACTIVATIONS:
        raise ValueError(f"its fused activation {fused} is not supported; edgekit reads {', '.join(ACTIVATIONS)}")
    return {} if fused == "NONE" else {"activation": ACTIVATIONS[fused]}


def _pair(operator, name, suffix=""):
    """(vertical, horizontal) of an option."""
    return operator.options[f"{name}_h{suffix}"], operator.options[f"{name}_w{suffix}"]


def _same_kind(builder, operator, names=None):
    """The inputs (or those of `names`); raise ValueError unless all and the output are codes, or all are real."""
    xs = [builder.operand(name) for name in names or operator.inputs]
    y = builder.activation(operator.outputs[0])
    if len({x.qparams is None for x in (*xs, y)}) != 1:
        raise ValueError(f"types {[x.dtype for x in xs]} and {y.dtype} mix codes and real numbers")
    if operator.code != "QUANTIZE" and {x.dtype for x in (*xs, y)} not in ({"int8"}, {"float32"}):
        raise ValueError(f"types {[x.dtype for x in xs]} and {y.dtype}: edgekit reads int8 or float32 throughout")
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
