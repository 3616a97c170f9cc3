"""Which function of `core` computes which operator: one table for real numbers, one for integers.

Every kernel takes (graph, node, input arrays, preset) and returns the output array.
"""

import numpy as np

from edgekit.core import activations, ops, recurrent, shape_ops
from edgekit.core.affine import dequantize, quantize
from edgekit.graph.integer_kernels import INTEGER
from edgekit.graph.operators import OPERATORS

FUSED = {"relu": ops.relu, "relu6": ops.relu6}


def kernel_of(graph, node):
    """Return the kernel of `node`: an integer one where it gives codes. Raises ValueError when there is none."""
    if node.op == "quantize" and graph.tensors[node.inputs[0]].qparams is None:
        return _quantize
    integer = graph.tensors[node.output].qparams is not None
    table = INTEGER if integer else FLOAT
    if node.op not in table:
        raise ValueError(
            f"run: operator {node.op!r} of node {node.source or node.output!r} has no "
            f"{'integer' if integer else 'float'} kernel; there are {', '.join(sorted(table))}"
        )
    return table[node.op]


def arrays_of(graph, node, values):
    """The input arrays of `node`: activations out of `values`, weights, and other constants once per example."""
    flowing, batch = OPERATORS[node.op].data, len(next(iter(values.values())))
    return [
        values[tensor.name]
        if not tensor.is_constant
        else _for_each(tensor.data, batch, graph.tensors[node.output])
        if place < flowing
        else tensor.data
        for place, tensor in enumerate(graph.inputs_of(node))
    ]


def gatherer_of(graph, node):
    """Return what gives the arrays of `node` out of all values: `arrays_of`, or faster where constants are weights."""
    flowing = [tensor.is_constant for tensor in graph.inputs_of(node)[: OPERATORS[node.op].data]]
    if any(flowing):
        return arrays_of
    pairs = [(tensor.name, tensor.data) for tensor in graph.inputs_of(node)]
    return lambda graph, node, values: [values[name] if data is None else data for name, data in pairs]


def _for_each(data, batch, output):
    """`data` for every example of a batch, nothing copied; with a batch of one where it has fewer axes than the
    output, and is stretched anyway.
    """
    return np.broadcast_to(data, (batch, *data.shape)) if data.ndim == len(output.shape) else data[None]


def _float(function):
    """A float kernel: call `function(*arrays, **attributes)`, then the fused activation."""

    def kernel(graph, node, arrays, preset):
        attrs = dict(node.attrs)
        activation = attrs.pop("activation", None)
        y = function(*arrays, **attrs)
        return FUSED[activation](y) if activation else y

    return kernel


def _reshape(graph, node, arrays, preset):
    return arrays[0].reshape(len(arrays[0]), *node.attrs["shape"])


def _quantize(graph, node, arrays, preset):
    return quantize(arrays[0], graph.tensors[node.output].qparams)


def _dequantize(graph, node, arrays, preset):
    return dequantize(arrays[0], graph.tensors[node.inputs[0]].qparams)


FLOAT = {
    "conv2d": _float(ops.conv2d),
    "dense": _float(ops.dense),
    "batch_norm": _float(ops.batch_norm),
    "add": _float(ops.add),
    "mul": _float(ops.mul),
    "relu": _float(ops.relu),
    "relu6": _float(ops.relu6),
    "avg_pool2d": _float(ops.avg_pool2d),
    "max_pool2d": _float(ops.max_pool2d),
    "mean": _float(shape_ops.mean),
    "softmax": _float(ops.softmax),
    "reshape": _reshape,
    "concat": _float(shape_ops.concat),
    "pad": _float(shape_ops.pad),
    "resize_nearest": _float(shape_ops.resize_nearest),
    "sigmoid": _float(activations.sigmoid),
    "tanh": _float(activations.tanh),
    "hard_sigmoid": _float(activations.hard_sigmoid),
    "hard_swish": _float(activations.hard_swish),
    "gru": _float(recurrent.gru),
    "lstm": _float(recurrent.lstm),
    "dequantize": _dequantize,
}
