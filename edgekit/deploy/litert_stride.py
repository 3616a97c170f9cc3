"""Long strides for an NPU: a convolution with stride s becomes one with stride 1 over s times the channels.

    x (H, W, C) -> (H, W / s, s C),    w (O, KH, K, C) -> (O, KH, ceil(K / s), s C), filled up with zeros

Ethos-U takes strides up to 3 where there is padding. The sums are the same, zeros aside: every output stays equal, in
integers and to rounding in floats. Source: the constraints of CONV_2D in Vela 5.2, `--supported-ops-report`.
"""

from dataclasses import replace

import numpy as np

from edgekit.core.windows import pair, resolve_padding
from edgekit.graph.ir import Graph, Node, Tensor

#: the longest stride that Ethos-U takes with padding
LONGEST_STRIDE = 3


def fold_strides(graph):
    """Return `graph` with every horizontal stride above 3 folded into channels, where the width is a multiple of it.

    Grouped and dilated convolutions stay as they are.
    """
    if not any(_folds(graph, node) for node in graph.nodes):
        return graph
    tensors, nodes = dict(graph.tensors), []
    for node in graph.nodes:
        nodes += _folded(graph, node, tensors) if _folds(graph, node) else [node]
    return Graph(graph.name, tensors, nodes, graph.inputs, graph.outputs, graph.metadata)


def _folds(graph, node):
    if node.op != "conv2d" or node.attrs["groups"] != 1 or pair(node.attrs["dilation"])[1] != 1:
        return False
    stride, x = pair(node.attrs["stride"])[1], graph.tensors[node.inputs[0]]
    return stride > LONGEST_STRIDE and x.shape[1] % stride == 0


def _folded(graph, node, tensors):
    """The two nodes that take the place of `node`; their tensors are added to `tensors`."""
    x, w, y = (graph.tensors[name] for name in (*node.inputs[:2], node.output))
    (down, stride), (height, width, channels) = pair(node.attrs["stride"]), x.shape
    vertical, (left, _) = resolve_padding(node.attrs["padding"], x.shape[:2], w.shape[1:3], (down, stride))
    data = _in_groups(w.data, stride, -left % stride)
    left, columns = -(-left // stride), width // stride
    right = y.shape[1] - 1 + data.shape[2] - columns - left
    narrow = Tensor(f"{y.name}#narrow", (height, columns, stride * channels), x.dtype, None, x.qparams)
    weight = Tensor(f"{w.name}#{stride}", data.shape, w.dtype, data, w.qparams)
    tensors.update({narrow.name: narrow, weight.name: weight})
    attrs = {**node.attrs, "stride": (down, 1), "padding": (vertical, (left, right))}
    inputs = (narrow.name, weight.name, *node.inputs[2:])
    return [Node("reshape", (x.name,), narrow.name, {"shape": narrow.shape}, node.source),
            replace(node, inputs=inputs, attrs=attrs)]


def _in_groups(w, stride, front):
    """Weights (O, KH, K, C) with `front` zeros before their taps and more behind, as (O, KH, groups, stride * C)."""
    outputs, height, taps, channels = w.shape
    groups = -(-(front + taps) // stride)
    filled = np.zeros((outputs, height, groups * stride, channels), w.dtype)
    filled[:, :, front:front + taps] = w
    return filled.reshape(outputs, height, groups, stride * channels)
