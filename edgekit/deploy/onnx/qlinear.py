"""Integer operators of ONNX and of ONNX Runtime's own domain (com.microsoft): the QLinear form."""

import numpy as np

from edgekit.deploy.onnx import names
from edgekit.deploy.onnx.moves import MOVES, clip, concat
from edgekit.deploy.onnx.real import check_dense, rectify, same_grid, same_rank
from edgekit.graph.integer_kernels import output_grid


def _conv(writer, node):
    weight = writer.graph.tensors[node.inputs[1]]
    attributes = names.window_attributes(node, weight.shape[1:3])
    _weighted(writer, node, "QLinearConv", names.to_oihw(weight.data), **attributes)


def _dense(writer, node):
    check_dense(writer, node)
    weight = writer.graph.tensors[node.inputs[1]].data
    if len(writer.graph.tensors[node.inputs[0]].shape) == 3:
        return _weighted(writer, node, "QLinearConv", weight[:, :, None, None], kernel_shape=[1, 1])
    x, y = (writer.graph.tensors[name] for name in (node.inputs[0], node.output))
    inputs = [x.name, *writer.qparams(x), *_weight(writer, node, weight), *_bias(writer, node), *writer.qparams(y)]
    return _finish(writer, node, "QGemm", inputs, names.MICROSOFT, transB=1)


def _weighted(writer, node, op, weight, **attributes):
    x, y = (writer.graph.tensors[name] for name in (node.inputs[0], node.output))
    inputs = [x.name, *writer.qparams(x), *_weight(writer, node, weight), *writer.qparams(y), *_bias(writer, node)]
    return _finish(writer, node, op, inputs, **attributes)


def _weight(writer, node, data):
    tensor = writer.graph.tensors[node.inputs[1]]
    return writer.constant(tensor.name, data), *writer.qparams(tensor)


def _bias(writer, node):
    return [writer.constant(name, writer.graph.tensors[name].data) for name in node.inputs[2:]]


def _pairwise(op):
    def handler(writer, node):
        same_rank(writer, node)
        a, b, y = (writer.graph.tensors[name] for name in (*node.inputs, node.output))
        for tensor in (a, b):
            writer.operand(tensor, len(y.shape))
        inputs = [a.name, *writer.qparams(a), b.name, *writer.qparams(b), *writer.qparams(y)]
        _finish(writer, node, op, inputs, names.MICROSOFT)

    return handler


def _avg_pool(writer, node):
    x, y = (writer.graph.tensors[name] for name in (node.inputs[0], node.output))
    inputs = [x.name, *writer.qparams(x), *writer.qparams(y)]
    if names.is_global(writer.graph, node):
        return _finish(writer, node, "QLinearGlobalAveragePool", inputs, names.MICROSOFT)
    attributes = names.window_attributes(node, node.attrs["kernel"])
    return _finish(writer, node, "QLinearAveragePool", inputs, names.MICROSOFT, **attributes)


def _mean(writer, node):
    x, y = (writer.graph.tensors[name] for name in (node.inputs[0], node.output))
    if not names.is_global(writer.graph, node):
        raise ValueError(f"to_onnx: mean {node.output!r} over axes {node.attrs['axes']} has no qlinear form; use qdq")
    whole = node.output if node.attrs["keepdims"] else f"{node.output}/places"
    writer.node("QLinearGlobalAveragePool", [x.name, *writer.qparams(x), *writer.qparams(y)], whole, names.MICROSOFT)
    if whole != node.output:
        writer.node("Flatten", [whole], node.output, axis=1)


def _unary(op, **attributes):
    def handler(writer, node):
        x, y = (writer.graph.tensors[name] for name in (node.inputs[0], node.output))
        inputs = [x.name, *writer.qparams(x), *writer.qparams(y)]
        _finish(writer, node, op, inputs, names.MICROSOFT, **attributes)

    return handler


def _softmax(writer, node):
    rank = len(writer.graph.tensors[node.inputs[0]].shape)
    _unary("QLinearSoftmax", axis=names.onnx_axis(-1, rank), opset=13)(writer, node)


def _concat(writer, node):
    if same_grid(writer, node):
        return concat(writer, node)
    y = writer.graph.tensors[node.output]
    sources = [part for name in node.inputs for part in (name, *writer.qparams(writer.graph.tensors[name]))]
    axis = names.onnx_axis(node.attrs["axis"], len(y.shape))
    return writer.node("QLinearConcat", [*writer.qparams(y), *sources], node.output, names.MICROSOFT, axis=axis)


def _finish(writer, node, op, inputs, domain="", **attributes):
    """Emit the operator; an activation that cuts into the grid becomes a Clip of the codes."""
    tensor = writer.graph.tensors[node.output]
    grid = output_grid(node, tensor.qparams)
    free = (grid["qmin"], grid["qmax"]) == (tensor.qparams.qmin, tensor.qparams.qmax)
    codes = writer.node(op, inputs, node.output if free else f"{node.output}/codes", domain, **attributes)
    return codes if free else clip(writer, codes, node.output, grid["qmin"], grid["qmax"], np.dtype(tensor.dtype))


QLINEAR = {
    **MOVES,
    "conv2d": _conv,
    "dense": _dense,
    "add": _pairwise("QLinearAdd"),
    "mul": _pairwise("QLinearMul"),
    "avg_pool2d": _avg_pool,
    "mean": _mean,
    "softmax": _softmax,
    "sigmoid": _unary("QLinearSigmoid"),
    "concat": _concat,
    "relu": rectify,
    "relu6": rectify,
}
