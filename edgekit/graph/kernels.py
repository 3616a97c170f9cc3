"""Which function of `core` computes which operator: one table for floats, one for integers.

Every kernel takes (graph, node, input arrays, preset) and returns the output array.
"""

import numpy as np

from edgekit.core import ops
from edgekit.core.integer import conv, dense, fixed_point, pool
from edgekit.core.integer.elementwise import add, relu

ACTIVATIONS = {"relu": ops.relu, "relu6": ops.relu6}


def _float(function):
    """A float kernel: call `function(*arrays, **attributes)`, then the fused activation."""

    def kernel(graph, node, arrays, preset):
        attrs = dict(node.attrs)
        activation = attrs.pop("activation", None)
        y = function(*arrays, **attrs)
        return ACTIVATIONS[activation](y) if activation else y

    return kernel


def _reshape(graph, node, arrays, preset):
    return arrays[0].reshape(len(arrays[0]), *node.attrs["shape"])


def _conv2d(graph, node, arrays, preset):
    attrs, channels = node.attrs, arrays[0].shape[-1]
    depthwise = 1 < attrs["groups"] == channels
    return conv.conv2d(
        *arrays,
        **_requantization(graph, node, preset, "depthwise_conv2d" if depthwise else "conv2d"),
        stride=attrs["stride"],
        padding=attrs["padding"],
        dilation=attrs["dilation"],
        groups=attrs["groups"],
    )


def _dense(graph, node, arrays, preset):
    return dense.dense(*arrays, **_requantization(graph, node, preset, "dense"))


def _requantization(graph, node, preset, op):
    """The keyword arguments that turn an accumulator into codes."""
    x, w, y = (graph.tensors[name].qparams for name in (*node.inputs[:2], node.output))
    return {
        "multiplier": fixed_point.multiplier_for(preset, op, x.scale, w.scale, y.scale),
        "zero_point_x": x.zero_point,
        "profile": fixed_point.profile_of(preset, op),
        **_output_grid(node, y),
    }


def _output_grid(node, qparams):
    """Zero point and ends of the output grid; a fused activation only moves the ends."""
    zero_point, low, high = int(qparams.zero_point), qparams.qmin, qparams.qmax
    activation = node.attrs.get("activation")
    if activation:
        low = max(low, zero_point)
    if activation == "relu6":
        high = min(high, zero_point + int(np.rint(6.0 / qparams.scale)))
    return {"zero_point_y": zero_point, "qmin": low, "qmax": high}


def _add(graph, node, arrays, preset):
    a, b, y = (graph.tensors[name].qparams for name in (*node.inputs, node.output))
    return add(
        *arrays,
        scale_a=a.scale,
        zero_point_a=a.zero_point,
        scale_b=b.scale,
        zero_point_b=b.zero_point,
        scale_y=y.scale,
        profile=fixed_point.profile_of(preset, "add"),
        **_output_grid(node, y),
    )


def _relu(six):
    """ReLU that stands alone keeps the grid of its input; `six` is the real value where it ends, or None."""

    def kernel(graph, node, arrays, preset):
        q = graph.tensors[node.output].qparams
        end = None if six is None else int(q.zero_point) + int(np.rint(six / q.scale))
        return relu(arrays[0], q.zero_point, q.qmin, q.qmax, end)

    return kernel


def _pool(function):
    def kernel(graph, node, arrays, preset):
        return function(arrays[0], node.attrs["kernel"], node.attrs["stride"], node.attrs["padding"])

    return kernel


FLOAT = {
    "conv2d": _float(ops.conv2d),
    "dense": _float(ops.dense),
    "batch_norm": _float(ops.batch_norm),
    "add": _float(ops.add),
    "relu": _float(ops.relu),
    "relu6": _float(ops.relu6),
    "avg_pool2d": _float(ops.avg_pool2d),
    "max_pool2d": _float(ops.max_pool2d),
    "softmax": _float(ops.softmax),
    "reshape": _reshape,
}
INTEGER = {
    "conv2d": _conv2d,
    "dense": _dense,
    "add": _add,
    "relu": _relu(None),
    "relu6": _relu(6.0),
    "reshape": _reshape,
    "avg_pool2d": _pool(pool.avg_pool2d),
    "max_pool2d": _pool(pool.max_pool2d),
}
