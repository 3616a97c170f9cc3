"""Float operators of ONNX; in an integer graph each stands between DequantizeLinear and QuantizeLinear (QDQ)."""

import numpy as np

from edgekit.deploy.onnx import names
from edgekit.deploy.onnx.moves import MOVES, clip, concat
from edgekit.graph.integer_kernels import output_grid


def _conv(writer, node):
    weight = writer.graph.tensors[node.inputs[1]]
    inputs = [_real(writer, node, 0), _weight(writer, node, names.to_oihw(weight.data)), *_bias(writer, node)]
    _finish(writer, node, "Conv", inputs, **names.window_attributes(node, weight.shape[1:3]))


def _dense(writer, node):
    check_dense(writer, node)
    weight = writer.graph.tensors[node.inputs[1]]
    if len(writer.graph.tensors[node.inputs[0]].shape) == 3:  # along the channels of every place
        inputs = [_real(writer, node, 0), _weight(writer, node, weight.data[:, :, None, None]), *_bias(writer, node)]
        return _finish(writer, node, "Conv", inputs, kernel_shape=[1, 1])
    inputs = [_real(writer, node, 0), _weight(writer, node, weight.data), *_bias(writer, node)]
    return _finish(writer, node, "Gemm", inputs, transB=1)


def check_dense(writer, node):
    """Raise ValueError for a dense layer along a sequence (T, C), for which ONNX has no one operator."""
    if len(writer.graph.tensors[node.inputs[0]].shape) == 2:
        raise ValueError(f"to_onnx: dense {node.output!r} along a sequence is not supported; give it (1, T, C) or (F,)")


def _batch_norm(writer, node):
    constants = [writer.constant(name, writer.graph.tensors[name].data) for name in node.inputs[1:]]
    writer.node("BatchNormalization", [node.inputs[0], *constants], node.output, epsilon=float(node.attrs["eps"]))


def _plain(op, **attributes):
    """An operator whose inputs are all activations and whose attributes are fixed."""

    def handler(writer, node):
        same_rank(writer, node)
        _finish(writer, node, op, [_real(writer, node, i) for i in range(len(node.inputs))], **attributes)

    return handler


def same_rank(writer, node):
    """Raise ValueError unless the inputs of `node` have one number of axes: NHWC and NCHW broadcast differently."""
    ranks = {len(tensor.shape) for tensor in writer.graph.inputs_of(node) if not tensor.is_constant}
    if len(ranks) > 1:
        raise ValueError(f"to_onnx: the inputs of {node.op} {node.output!r} have {sorted(ranks)} axes; reshape one")


def _softmax(writer, node):
    rank = len(writer.graph.tensors[node.inputs[0]].shape)
    _finish(writer, node, "Softmax", [_real(writer, node, 0)], axis=names.onnx_axis(-1, rank))


def _avg_pool(writer, node):
    if names.is_global(writer.graph, node):
        return _finish(writer, node, "GlobalAveragePool", [_real(writer, node, 0)])
    attributes = names.window_attributes(node, node.attrs["kernel"])
    return _finish(writer, node, "AveragePool", [_real(writer, node, 0)], **attributes)


def _mean(writer, node):
    if names.is_global(writer.graph, node) and node.attrs["keepdims"]:
        return _finish(writer, node, "GlobalAveragePool", [_real(writer, node, 0)])
    rank = len(writer.graph.tensors[node.inputs[0]].shape)
    if rank == 3 and not node.attrs["keepdims"] and not {-3, -2} <= set(node.attrs["axes"]):
        raise ValueError(f"to_onnx: mean {node.output!r} over part of the axes in space must keep its dimensions")
    axes = np.array(sorted(names.onnx_axis(axis, rank) for axis in node.attrs["axes"]), np.int64)
    inputs = [_real(writer, node, 0), writer.constant(f"{node.output}/axes", axes)]
    return _finish(writer, node, "ReduceMean", inputs, keepdims=int(node.attrs["keepdims"]))


def _concat(writer, node):
    if same_grid(writer, node):
        return concat(writer, node)
    rank = len(writer.graph.tensors[node.inputs[0]].shape)
    inputs = [_real(writer, node, i) for i in range(len(node.inputs))]
    return _finish(writer, node, "Concat", inputs, axis=names.onnx_axis(node.attrs["axis"], rank))


def same_grid(writer, node):
    """True when the inputs and the output of `node` share scale and zero point, or are floats."""
    return len({_grid(writer.graph.tensors[name]) for name in (*node.inputs, node.output)}) == 1


def _grid(tensor):
    return tensor.qparams and (float(tensor.qparams.scale), int(tensor.qparams.zero_point))


def rectify(writer, node):
    """ReLU or ReLU6 on its own; codes are clipped as they are, after a pair of conversions that tells a reader their
    grid and changes none.
    """
    tensor, source = writer.graph.tensors[node.output], _real(writer, node, 0)
    if tensor.qparams is None:
        return _activate(writer, node.op, source, node.output)
    q, codes = tensor.qparams, f"{node.output}/codes"
    low = max(int(q.zero_point), q.qmin)
    high = q.qmax if node.op == "relu" else min(q.qmax, low + int(np.rint(6.0 / q.scale)))
    writer.node("QuantizeLinear", [source, *writer.qparams(tensor)], codes)
    return clip(writer, codes, node.output, low, high, tensor.dtype)


def _activate(writer, activation, source, output):
    if activation == "relu":
        return writer.node("Relu", [source], output)
    return clip(writer, source, output, 0, 6, "float32")


def _real(writer, node, place):
    """Name of input number `place` as real numbers, dequantized for this reader alone, as fusion asks."""
    tensor = writer.graph.tensors[node.inputs[place]]
    writer.operand(tensor, len(writer.graph.tensors[node.output].shape))
    if tensor.qparams is None:
        return tensor.name
    return writer.node("DequantizeLinear", [tensor.name, *writer.qparams(tensor)], f"{node.output}/input{place}")


def _weight(writer, node, data):
    tensor = writer.graph.tensors[node.inputs[1]]
    writer.constant(tensor.name, data)
    if tensor.qparams is None:
        return tensor.name
    axis = {} if tensor.qparams.axis is None else {"axis": 0}
    return writer.node("DequantizeLinear", [tensor.name, *writer.qparams(tensor)], f"{node.output}/weight", **axis)


def _bias(writer, node):
    """The bias, if there is one, at scale_x * scale_w."""
    if len(node.inputs) < 3:
        return []
    tensor = writer.graph.tensors[node.inputs[2]]
    writer.constant(tensor.name, tensor.data)
    x, w = (writer.graph.tensors[name].qparams for name in node.inputs[:2])
    if x is None:
        return [tensor.name]
    scale = np.broadcast_to(np.float32(x.scale) * w.scale.astype(np.float32), tensor.shape)
    names_of = [
        writer.constant(f"{tensor.name}.scale", scale),
        writer.constant(f"{tensor.name}.zero_point", np.zeros(tensor.shape, np.int32)),
    ]
    return [writer.node("DequantizeLinear", [tensor.name, *names_of], f"{node.output}/bias", axis=0)]


def _finish(writer, node, op, inputs, **attributes):
    """Emit the operator, then its activation, or the quantization in which an activation only moves the ends."""
    tensor, activation = writer.graph.tensors[node.output], node.attrs.get("activation")
    if tensor.qparams is None:
        last = f"{node.output}/sum" if activation else node.output
        writer.node(op, inputs, last, **attributes)
        return _activate(writer, activation, last, node.output) if activation else last
    real = writer.node(op, inputs, f"{node.output}/real", **attributes)
    grid = output_grid(node, tensor.qparams)
    free = (grid["qmin"], grid["qmax"]) == (tensor.qparams.qmin, tensor.qparams.qmax)
    codes = node.output if free else f"{node.output}/codes"
    writer.node("QuantizeLinear", [real, *writer.qparams(tensor)], codes)
    return codes if free else clip(writer, codes, node.output, grid["qmin"], grid["qmax"], tensor.dtype)


REAL = {
    **MOVES,
    "conv2d": _conv,
    "dense": _dense,
    "batch_norm": _batch_norm,
    "add": _plain("Add"),
    "mul": _plain("Mul"),
    "sigmoid": _plain("Sigmoid"),
    "tanh": _plain("Tanh"),
    "hard_sigmoid": _plain("HardSigmoid", alpha=1 / 6, beta=0.5),
    "hard_swish": _plain("HardSwish"),
    "softmax": _softmax,
    "avg_pool2d": _avg_pool,
    "mean": _mean,
    "concat": _concat,
    "relu": rectify,
    "relu6": rectify,
}
