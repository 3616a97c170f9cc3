"""Integer kernels: what `core.integer` needs to know of a node, taken from the qparams of its tensors."""

from weakref import WeakKeyDictionary

import numpy as np

from edgekit.core.integer import conv, dense, fixed_point, layout, lut, pool, ready, recurrent
from edgekit.core.integer.elementwise import add, mul, relu
from edgekit.core.integer.mean import mean
from edgekit.core.integer.presets import profile_of
from edgekit.core.integer.softmax import softmax
from edgekit.graph.operators import TABLES

#: graph -> {(output of a layer, preset): the layer made ready}; it goes when the graph goes
READY = WeakKeyDictionary()

#: arithmetic that gives one (scale, zero point) only
ONE_GRID = {"fixed": (1 / 256, -128), "lines": (2.0**-15, 0), "gates": (2.0**-15, 0)}


def _reshape(graph, node, arrays, preset):
    return arrays[0].reshape(len(arrays[0]), *node.attrs["shape"])


def _with_bias(arrays):
    """Data, weight and bias, None where there is none."""
    return (*arrays, None)[:3]


def _weighted(options_of, general, prepare):
    """A kernel for layers with weights: int8 through a layer that is made ready once, int16 the general way.

    options_of(graph, node, preset) gives the keyword arguments that `general` and `prepare` share.
    """

    def kernel(graph, node, arrays, preset):
        x, *constants = _with_bias(arrays)
        if x.dtype != np.int8:
            return general(x, *constants, **options_of(graph, node, preset))
        layers = READY.setdefault(graph, {})
        if (node.output, preset) not in layers:
            layers[node.output, preset] = prepare(*constants, **options_of(graph, node, preset))
        return layers[node.output, preset](x)

    return kernel


def _conv2d(graph, node, preset):
    attrs, channels = node.attrs, graph.tensors[node.inputs[0]].shape[-1]
    kind = "" if attrs["groups"] == 1 else "depthwise_" if attrs["groups"] == channels else "grouped_"
    geometry = {key: attrs[key] for key in ("stride", "padding", "dilation", "groups")}
    return {**_requantization(graph, node, preset, f"{kind}conv2d"), **geometry}


def _dense(graph, node, preset):
    return _requantization(graph, node, preset, "dense")


def _requantization(graph, node, preset, op):
    """The keyword arguments that turn an accumulator into codes."""
    x, w, y = (graph.tensors[name].qparams for name in (*node.inputs[:2], node.output))
    return {
        "multiplier": fixed_point.multiplier_for(preset, op, x.scale, w.scale, y.scale, x.num_bits),
        "zero_point_x": x.zero_point,
        "profile": profile_of(preset, op, x.num_bits),
        **output_grid(node, y),
    }


def output_grid(node, qparams):
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
            profile=profile_of(preset, op, y.num_bits),
            **output_grid(node, y),
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
            **output_grid(node, y),
        )

    return kernel


def _avg_pool2d(graph, node, arrays, preset):
    attrs, grids = node.attrs, _two_grids(graph, node, preset)
    return pool.avg_pool2d(arrays[0], attrs["kernel"], attrs["stride"], attrs["padding"], **grids)


def _max_pool2d(graph, node, arrays, preset):
    return pool.max_pool2d(arrays[0], node.attrs["kernel"], node.attrs["stride"], node.attrs["padding"],
                           *_ends(graph, node))


def _two_grids(graph, node, preset):
    """The grids of input and output, and the profile."""
    x, y = graph.tensors[node.inputs[0]].qparams, graph.tensors[node.output].qparams
    return {
        "scale_x": x.scale,
        "zero_point_x": x.zero_point,
        "scale_y": y.scale,
        "profile": profile_of(preset, node.op, x.num_bits),
        **output_grid(node, y),
    }


def _ends(graph, node):
    qparams = graph.tensors[node.output].qparams
    return qparams.qmin, qparams.qmax


def _mean(graph, node, arrays, preset):
    return mean(arrays[0], node.attrs["axes"], node.attrs["keepdims"], **_two_grids(graph, node, preset))


def _rescale(graph, node, arrays, preset):
    """From codes to codes, also of another type: computed in int32, which holds both."""
    x, y = graph.tensors[node.inputs[0]].qparams, graph.tensors[node.output].qparams
    codes = arrays[0] if arrays[0].dtype == y.dtype else arrays[0].astype(np.int32)
    profile = profile_of(preset, node.op, max(x.num_bits, y.num_bits))
    return layout.rescale(codes, **{**_two_grids(graph, node, preset), "profile": profile}).astype(y.dtype)


def table_of(graph, node, preset):
    """Return the codes that a `sigmoid`, `tanh`, `hard_sigmoid` or `hard_swish` node gives, one for each input code."""
    grids = _two_grids(graph, node, preset)
    if grids["profile"] == "fixed" and 127.99 * grids["scale_y"] < grids["scale_x"]:
        grids["profile"] = "table"  # 16 bits of fixed point cannot reach so fine an output
    if node.op != "hard_swish":
        grids = _or_table(grids)
    return lut.make_table(node.op, dtype=graph.tensors[node.inputs[0]].qparams.dtype, **grids)


def _table(graph, node, arrays, preset):
    return lut.look_up(arrays[0], table_of(graph, node, preset))


def _softmax(graph, node, arrays, preset):
    """Fixed point and lines know one output grid each; on any other a table serves, as in LiteRT's optimised kernel."""
    grids = _two_grids(graph, node, preset)
    del grids["zero_point_x"]
    return softmax(arrays[0], **_or_table(grids))


def _or_table(grids):
    """`grids` with profile "table" where the output is not the one that the profile knows."""
    y = float(grids["scale_y"]), grids["zero_point_y"]
    return grids if ONE_GRID.get(grids["profile"], y) == y else {**grids, "profile": "table"}


def _pad(graph, node, arrays, preset):
    return layout.pad(arrays[0], node.attrs["padding"], graph.tensors[node.output].qparams.zero_point)


def _resize_nearest(graph, node, arrays, preset):
    profile = profile_of(preset, node.op, graph.tensors[node.output].qparams.num_bits)
    return layout.resize_nearest(arrays[0], **node.attrs, profile=profile)


def _concat(graph, node, arrays, preset):
    qparams, y = [tensor.qparams for tensor in graph.inputs_of(node)], graph.tensors[node.output].qparams
    return layout.concat(
        arrays,
        scales=[q.scale for q in qparams],
        zero_points=[q.zero_point for q in qparams],
        scale_y=y.scale,
        axis=node.attrs["axis"],
        profile=profile_of(preset, "concat", y.num_bits),
        **output_grid(node, y),
    )


INTEGER = {
    "gru": _recurrent("gru", recurrent.gru),
    "lstm": _recurrent("lstm", recurrent.lstm),
    "conv2d": _weighted(_conv2d, conv.conv2d, ready.conv2d),
    "dense": _weighted(_dense, dense.dense, ready.dense),
    "add": _binary("add", add),
    "mul": _binary("mul", mul),
    "relu": _relu(None),
    "relu6": _relu(6.0),
    "reshape": _reshape,
    "avg_pool2d": _avg_pool2d,
    "max_pool2d": _max_pool2d,
    "mean": _mean,
    "softmax": _softmax,
    "concat": _concat,
    "pad": _pad,
    "resize_nearest": _resize_nearest,
    "quantize": _rescale,
    **dict.fromkeys(TABLES, _table),
}
