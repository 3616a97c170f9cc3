"""Integer kernels: what `core.integer` needs to know of a node, taken from the qparams of its tensors."""

import numpy as np

from edgekit.core.integer import conv, dense, fixed_point, pool, recurrent
from edgekit.core.integer.elementwise import add, mul, relu


def _reshape(graph, node, arrays, preset):
    return arrays[0].reshape(len(arrays[0]), *node.attrs["shape"])


def _with_bias(arrays):
    """Data, weight and bias, None where there is none."""
    return (*arrays, None)[:3]


def _conv2d(graph, node, arrays, preset):
    attrs, channels = node.attrs, arrays[0].shape[-1]
    depthwise = 1 < attrs["groups"] == channels
    return conv.conv2d(
        *_with_bias(arrays),
        **_requantization(graph, node, preset, "depthwise_conv2d" if depthwise else "conv2d"),
        stride=attrs["stride"],
        padding=attrs["padding"],
        dilation=attrs["dilation"],
        groups=attrs["groups"],
    )


def _dense(graph, node, arrays, preset):
    return dense.dense(*_with_bias(arrays), **_requantization(graph, node, preset, "dense"))


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


def _binary(op, function):
    """Sum or product of two grids, on a third."""

    def kernel(graph, node, arrays, preset):
        a, b, y = (graph.tensors[name].qparams for name in (*node.inputs, node.output))
        return function(
            *arrays,
            scale_a=a.scale,
            zero_point_a=a.zero_point,
            scale_b=b.scale,
            zero_point_b=b.zero_point,
            scale_y=y.scale,
            profile=fixed_point.profile_of(preset, op),
            **_output_grid(node, y),
        )

    return kernel


def _relu(six):
    """ReLU that stands alone keeps the grid of its input; `six` is the real value where it ends, or None."""

    def kernel(graph, node, arrays, preset):
        q = graph.tensors[node.output].qparams
        end = None if six is None else int(q.zero_point) + int(np.rint(six / q.scale))
        return relu(arrays[0], q.zero_point, q.qmin, q.qmax, end)

    return kernel


def _recurrent(op, function):
    """Hidden states lie on the grid of the output."""

    def kernel(graph, node, arrays, preset):
        x, w_input, w_hidden = (graph.tensors[name].qparams for name in node.inputs[:3])
        y = graph.tensors[node.output].qparams
        return function(
            *arrays,
            multiplier_input=fixed_point.make_multiplier(x.scale, w_input.scale, recurrent.GATE_SCALE),
            multiplier_hidden=fixed_point.make_multiplier(y.scale, w_hidden.scale, recurrent.GATE_SCALE),
            multiplier_output=fixed_point.make_multiplier(recurrent.OUTPUT_SCALES[op], 1.0, y.scale),
            zero_point_x=x.zero_point,
            profile=fixed_point.profile_of(preset, "recurrent"),
            return_sequence=node.attrs["return_sequence"],
            **_output_grid(node, y),
        )

    return kernel


def _pool(function):
    def kernel(graph, node, arrays, preset):
        return function(arrays[0], node.attrs["kernel"], node.attrs["stride"], node.attrs["padding"])

    return kernel


INTEGER = {
    "gru": _recurrent("gru", recurrent.gru),
    "lstm": _recurrent("lstm", recurrent.lstm),
    "conv2d": _conv2d,
    "dense": _dense,
    "add": _binary("add", add),
    "mul": _binary("mul", mul),
    "relu": _relu(None),
    "relu6": _relu(6.0),
    "reshape": _reshape,
    "avg_pool2d": _pool(pool.avg_pool2d),
    "max_pool2d": _pool(pool.max_pool2d),
}
