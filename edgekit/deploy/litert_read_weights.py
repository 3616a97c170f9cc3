"""How the operators with weights of a `.tflite` file become nodes of the graph, and what options mean."""

import math

import numpy as np

from edgekit.core.windows import resolve_padding
from edgekit.deploy.litert_read import qparams_of
from edgekit.graph.ir import Node, Tensor

#: type of the input -> types of the weights and the bias
WEIGHT_AND_BIAS = {"int8": ("int8", "int32"), "int16": ("int8", "int64"), "float32": ("float32", "float32")}

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
    stride, dilation = pair_of(operator, "stride"), pair_of(operator, "dilation", "_factor")
    padding = resolve_padding(operator.options["padding"].lower(), x.shape[:2], weights.shape[1:3], stride, dilation)
    places = math.prod(builder.activation(y).shape[:2])
    builder.work(places * weights.size, places * weights.shape[1] * weights.shape[2] * x.shape[2])
    inputs = (x.name, *_parameters(builder, operator, entry, weights, axis))
    builder.emit("conv2d", inputs, y, stride=stride, padding=padding, dilation=dilation,
                 groups=x.shape[2] // weights.shape[3], **activation(operator))


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
    builder.emit("dense", inputs, operator.outputs[0], **activation(operator))


def _reshaped(builder, x, shape, before):
    flat = builder.add(Tensor(f"{before}#input", shape, x.dtype, None, x.qparams))
    builder.nodes.append(Node("reshape", (x.name,), flat.name, {"shape": shape}, before))
    return flat


def _parameters(builder, operator, entry, weights, axis):
    """The names of weights and bias; a bias that is left out becomes zeros."""
    x, y = (builder.activation(name) for name in (operator.inputs[0], operator.outputs[0]))
    wanted = WEIGHT_AND_BIAS.get(x.dtype)
    if wanted is None or entry.dtype != wanted[0] or y.dtype != x.dtype:
        raise ValueError(f"input is {x.dtype}, weights {entry.dtype}, output {y.dtype}; edgekit reads int8 throughout, "
                         "int16 with weights of int8, or float32 throughout")
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


def activation(operator):
    """{"activation": name} of a fused activation, {} without one."""
    fused = operator.options["fused_activation_function"]
    if fused not in ACTIVATIONS:
        raise ValueError(f"its fused activation {fused} is not supported; edgekit reads {', '.join(ACTIVATIONS)}")
    return {} if fused == "NONE" else {"activation": ACTIVATIONS[fused]}


def pair_of(operator, name, suffix=""):
    """(vertical, horizontal) of an option."""
    return operator.options[f"{name}_h{suffix}"], operator.options[f"{name}_w{suffix}"]
